"""Sources of a poll and answers of Bluesky, made up: for tests of the channel that need no network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.mentions import IncomingMention
from listener.channels.bluesky.progress import fingerprint
from listener.channels.bluesky.reading import read_moment, read_post
from listener.channels.bluesky.sources import Batch, Entry
from tests.cast import NOON

SHOP = "did:plc:shop"
MINA = "did:plc:mina"


def at(minutes: float) -> datetime:
    """Return noon moved by ``minutes``."""
    return NOON + timedelta(minutes=minutes)


def iso(moment: datetime) -> str:
    """Return ``moment`` as Bluesky writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def post_view(key: str, *, minutes: float = 0, author: str = MINA, **record: object) -> dict[str, Any]:
    """Return a post as AppViews show it."""
    return {
        "uri": f"at://{author}/app.bsky.feed.post/{key}",
        "cid": f"cid-{key}",
        "author": {"did": author, "handle": "mina.test", "displayName": "Mina"},
        "record": {"text": f"post {key}", "createdAt": iso(at(minutes)), **record},
        "indexedAt": iso(at(minutes)),
    }


@dataclass
class Timeline:
    """A source over a list of posts, newest first, in pages of ``page_size``."""

    name: str = "notifications"
    page_size: int = 3
    posts: list[dict[str, Any]] = field(default_factory=list)
    fails_with: Callable[[str], Exception | None] = lambda _position: None
    fetched: int = 0

    def add(self, key: str, *, minutes: float) -> None:
        self.posts.append(post_view(key, minutes=minutes))

    def fetch(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:
        del horizon, known
        self.fetched += 1
        if error := self.fails_with(position):
            raise error
        ordered = sorted(self.posts, key=lambda post: str(post["indexedAt"]), reverse=True)
        # The position is a moment, as with Bluesky: what arrives meanwhile does not shift the pages.
        rest = [post for post in ordered if not position or str(post["indexedAt"]) < position]
        page = rest[: self.page_size]
        entries = tuple(
            Entry(
                fingerprint=fingerprint(str(post["uri"])),
                moment=read_moment(post),
                mention=read_post(post, own_did=SHOP),
            )
            for post in page
        )
        more = len(rest) > len(page)
        return Batch(entries=entries, position=str(page[-1]["indexedAt"]) if more else "")


def keys(mentions: list[IncomingMention] | tuple[IncomingMention, ...]) -> list[str]:
    """Return the record keys of ``mentions``."""
    return [mention.external_id.rsplit("/", 1)[1] for mention in mentions]
