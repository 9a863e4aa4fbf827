"""The sandbox platform itself: one SQLite file that any number of processes may read and write, and that survives kills.

Loaders and tests write posts here; ``SandboxChannel`` sees only what a real platform would show. Times come from the clock
given, so that a test or a demo can post into the future.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.clock import Clock, SystemClock
from domain.errors import PermanentError, RetryableError, require_aware
from domain.replies import SendRequest, SentPost
from domain.words import Engagement, MentionKind, Visibility
from listener.channels.sandbox import faults
from listener.channels.sandbox.faults import Fault, FaultKind, SandboxCall
from listener.channels.sandbox.posts import OWN_ACCOUNT, SandboxAuthor, SandboxPost, SandboxSent

BUSY_TIMEOUT_SECONDS = 10
RATE_WINDOW = timedelta(minutes=1)

# Texts are kept as JSON: a platform may hand over lone surrogates and null bytes, which SQLite's text does not take.
# ``feed`` numbers posts in the order in which they came into view (and again when edited): what the cursor counts.
SCHEMA = """
CREATE TABLE IF NOT EXISTS author (external_id TEXT PRIMARY KEY, profile TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS post (
    id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, author_id TEXT NOT NULL, thread_id TEXT NOT NULL,
    visible_from TEXT NOT NULL, body TEXT NOT NULL, in_feed INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,
    sent_visibility TEXT NOT NULL DEFAULT '', sent_key TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS post_coming ON post (in_feed, visible_from);
CREATE TABLE IF NOT EXISTS feed (number INTEGER PRIMARY KEY AUTOINCREMENT, post_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS request (at TEXT NOT NULL);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPage:
    """Posts in the order in which they came into view."""

    posts: tuple[SandboxPost, ...]
    position: int
    more: bool


class SandboxPlatform:
    """A platform on disk. Every method is one transaction of its file."""

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self.path = path
        self.clock: Clock = clock or SystemClock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as connection:
            for statement in (SCHEMA + faults.SCHEMA).split(";\n"):
                connection.execute(statement)

    # -- for loaders and tests -------------------------------------------------------------------------------------

    def add_post(self, post: SandboxPost) -> str:
        """Post once; return its external id."""
        return self.add_posts([post])[0]

    def add_posts(self, posts: Sequence[SandboxPost]) -> list[str]:
        """Post all in one transaction; return their external ids in order. An id already there is left as it is."""
        with self._transaction() as connection:
            return [self._insert(connection, post) for post in posts]

    def edit_post(self, external_id: str, text: str) -> None:
        """Change a post's text; pollers see the post again."""
        with self._transaction() as connection:
            number, body = connection.execute(
                "SELECT id, body FROM post WHERE external_id = ?", (external_id,)
            ).fetchone()
            changed = json.dumps({**json.loads(body), "text": text})
            connection.execute("UPDATE post SET body = ? WHERE id = ?", (changed, number))
            connection.execute("INSERT INTO feed (post_id) SELECT id FROM post WHERE id = ? AND in_feed", (number,))

    def delete_post(self, external_id: str) -> None:
        """Take a post away; nobody can read or answer it any more."""
        with self._transaction() as connection:
            connection.execute("UPDATE post SET deleted = 1 WHERE external_id = ?", (external_id,))

    def set_fault(self, call: SandboxCall, fault: Fault | FaultKind) -> None:
        """Make coming calls fail; a bare kind strikes once."""
        armed = fault if isinstance(fault, Fault) else Fault(kind=fault)
        with self._transaction() as connection:
            faults.arm_fault(connection, call, armed)

    def clear_faults(self) -> None:
        """Behave again."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM fault")

    def sent_posts(self, visibility: Visibility | None = None) -> list[SandboxSent]:
        """Return what our account sent through the channel, oldest first, deleted ones left out."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT external_id, sent_visibility, body, sent_key, visible_from FROM post"
                " WHERE sent_visibility != '' AND NOT deleted ORDER BY id"
            ).fetchall()
        sent = [
            SandboxSent(
                external_id=external_id,
                visibility=Visibility(shown),
                text=json.loads(body)["text"],
                target_external_id=json.loads(body)["parent"],
                idempotency_key=key,
                created_at=datetime.fromisoformat(at),
            )
            for external_id, shown, body, key, at in rows
        ]
        return [one for one in sent if visibility in (None, one.visibility)]

    # -- for the channel -------------------------------------------------------------------------------------------

    def begin_call(self, call: SandboxCall, *, requests_per_minute: int = 0) -> Fault | None:
        """Count a request and return the fault that strikes it. Raises ``RetryableError`` when the limit is reached."""
        now = self.clock.now()
        with self._transaction() as connection:
            if requests_per_minute:
                connection.execute(
                    "DELETE FROM request WHERE at <= ? OR at > ?", (_stamp(now - RATE_WINDOW), _stamp(now))
                )
                count, oldest = connection.execute("SELECT count(*), min(at) FROM request").fetchone()
                if count >= requests_per_minute:
                    wait = (datetime.fromisoformat(oldest) + RATE_WINDOW - now).total_seconds()
                    raise RetryableError(
                        "The sandbox's rate limit is reached.", code="rate_limited", retry_after_seconds=wait
                    )
                connection.execute("INSERT INTO request VALUES (?)", (_stamp(now),))
            return faults.draw_fault(connection, call)

    def read_feed(self, position: int, limit: int) -> FeedPage:
        """Return the posts that came into view after ``position``, at most ``limit``."""
        with self._transaction() as connection:
            coming = connection.execute(
                "SELECT id FROM post WHERE NOT in_feed AND visible_from <= ? ORDER BY visible_from, id",
                (_stamp(self.clock.now()),),
            ).fetchall()
            connection.executemany("INSERT INTO feed (post_id) VALUES (?)", coming)
            connection.executemany("UPDATE post SET in_feed = 1 WHERE id = ?", coming)
            rows = connection.execute(
                "SELECT number, post.external_id, post.body, post.visible_from, post.thread_id, profile,"
                " root.author_id, post.deleted FROM feed JOIN post ON post.id = post_id"
                " JOIN author ON author.external_id = post.author_id"
                " LEFT JOIN post AS root ON root.external_id = post.thread_id"
                " WHERE number > ? ORDER BY number LIMIT ?",
                (position, limit + 1),
            ).fetchall()
        shown = rows[:limit]
        return FeedPage(
            posts=tuple(_to_post(*row[1:7]) for row in shown if not row[7]),
            position=shown[-1][0] if shown else position,
            more=len(rows) > limit,
        )

    def find_post(self, external_id: str) -> SandboxPost | None:
        """Return a post in view, or None when it is not there (any more)."""
        return self.find_posts([external_id]).get(external_id)

    def find_posts(self, external_ids: Sequence[str]) -> dict[str, SandboxPost]:
        """Return those of ``external_ids`` that are in view."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT post.external_id, body, visible_from, thread_id, profile FROM post"
                " JOIN author ON author.external_id = author_id"
                " WHERE post.external_id IN (SELECT value FROM json_each(?)) AND NOT deleted AND visible_from <= ?",
                (json.dumps(list(external_ids)), _stamp(self.clock.now())),
            ).fetchall()
        return {row[0]: _to_post(*row) for row in rows}

    def find_sent(self, key: str, visibility: Visibility) -> SentPost | None:
        """Return what our account sent with this key, or None."""
        matching = [sent for sent in self.sent_posts(visibility) if sent.idempotency_key == key]
        return SentPost(external_id=matching[0].external_id, url=_url(matching[0].external_id)) if matching else None

    def accept(self, request: SendRequest, visibility: Visibility) -> SentPost:
        """Put our post on the platform. A repeat makes a second post: it is for the sender not to repeat."""
        with self._transaction() as connection:
            target = connection.execute(
                "SELECT thread_id, deleted FROM post WHERE external_id = ?", (request.target.external_id,)
            ).fetchone()
            if target is None or target[1]:
                raise PermanentError("The post is not there any more.", code="gone")
            private = visibility is Visibility.DM
            post = SandboxPost(
                text=request.text,
                author=OWN_ACCOUNT,
                kind=MentionKind.MESSAGE if private else MentionKind.COMMENT,
                engagement=Engagement.POSTED,
                parent_external_id=request.target.external_id,
                thread_external_id=f"dm-{request.target.author_external_id}" if private else target[0],
                language=request.language.value,
            )
            external_id = self._insert(connection, post)
            connection.execute(
                "UPDATE post SET sent_visibility = ?, sent_key = ? WHERE external_id = ?",
                (visibility.value, request.idempotency_key, external_id),
            )
        return SentPost(external_id=external_id, url=_url(external_id))

    # -- the file --------------------------------------------------------------------------------------------------

    def _insert(self, connection: sqlite3.Connection, post: SandboxPost) -> str:
        (count,) = connection.execute("SELECT coalesce(max(id), 0) FROM post").fetchone()
        external_id = post.external_id or f"sandbox:{count + 1}"  # a colon: no loader names its posts so
        parent = connection.execute(
            "SELECT thread_id FROM post WHERE external_id = ?", (post.parent_external_id,)
        ).fetchone()
        own_thread = f"dm-{post.author.external_id}" if post.kind is MentionKind.MESSAGE else external_id
        profile = json.dumps([post.author.external_id, post.author.handle, post.author.display_name])
        connection.execute("INSERT OR REPLACE INTO author VALUES (?, ?)", (post.author.external_id, profile))
        connection.execute(
            "INSERT OR IGNORE INTO post (external_id, author_id, thread_id, visible_from, body) VALUES (?, ?, ?, ?, ?)",
            (
                external_id,
                post.author.external_id,
                post.thread_external_id or (parent[0] if parent else own_thread),
                _stamp(require_aware(post.created_at or self.clock.now())),
                _to_body(post),
            ),
        )
        return external_id

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        try:
            # The journal alone survives killed processes; only a power cut could tear it, and this is no customer's data.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise RetryableError(f"The sandbox's file does not answer: {error}", code="unreachable") from error
        finally:
            connection.close()


def _stamp(moment: datetime) -> str:
    """Return a moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _url(external_id: str) -> str:
    return f"https://sandbox.example/post/{external_id}"


def _to_body(post: SandboxPost) -> str:
    return json.dumps(
        {
            "text": post.text,
            "kind": post.kind,
            "engagement": post.engagement,
            "parent": post.parent_external_id,
            "language": post.language,
            "rating": post.rating,
            "replies_allowed": post.replies_allowed,
            "dm_allowed": post.dm_allowed,
        }
    )


def _to_post(
    external_id: str, body: str, visible_from: str, thread_id: str, profile: str, root_author_id: str | None = None
) -> SandboxPost:
    fields: dict[str, Any] = json.loads(body)
    author_id, handle, display_name = json.loads(profile)
    return SandboxPost(
        text=fields["text"],
        author=SandboxAuthor(external_id=author_id, handle=handle, display_name=display_name),
        kind=MentionKind(fields["kind"]),
        engagement=Engagement(fields["engagement"]),
        created_at=datetime.fromisoformat(visible_from),
        external_id=external_id,
        parent_external_id=fields["parent"],
        thread_external_id=thread_id,
        language=fields["language"],
        rating=fields["rating"],
        replies_allowed=fields["replies_allowed"],
        dm_allowed=fields["dm_allowed"],
        root_author_id=root_author_id or "",
    )
