"""Reddit's public feeds, for reading without credentials: Atom over plain HTTPS, fetched once, read with distrust."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import structlog

from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.reddit import wire
from listener.channels.reddit.client import user_agent
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.progress import fingerprint
from listener.channels.reddit.reading import (
    COMMENT,
    CONTEXT,
    NOBODY,
    POST,
    TOMBSTONES,
    WWW,
    known_id,
    mentions_account,
    name_as_id,
)
from listener.channels.reddit.refusals import FORBIDDEN, Refusal, explain_status
from listener.channels.reddit.sources import LISTING_CEILING, SEARCH_CEILING, Batch, Entry
from listener.html_text import read_html
from listener.trust import common_trust

log = structlog.get_logger(__name__)

SUCCESS = 200
BODY = re.compile(r"<!-- SC_OFF -->(.*?)<!-- SC_ON -->", re.DOTALL)
"""Reddit puts what people wrote between these; who submitted it and its links stand outside."""
HOW_TO_KNOCK = "Reddit may shut its feeds to this network. Ask for API access: docs/how-to/reddit.md."


class FeedReader:
    """Fetches feeds. Thread-safe."""

    def __init__(self, options: RedditOptions) -> None:
        import httpx2  # noqa: PLC0415 - loads in the worker, not at start

        self._url = options.site_url
        self._client = httpx2.Client(
            verify=common_trust(),
            headers={"User-Agent": user_agent(options.username)},
            timeout=options.timeout_seconds,
            limits=httpx2.Limits(max_keepalive_connections=0),  # minutes lie between two polls
        )

    def read(self, path: str, params: dict[str, str | int]) -> list[Any]:
        """Return a feed's entries as feedparser gives them. Raises ``PermanentError`` or ``RetryableError``."""
        import feedparser  # noqa: PLC0415 - as above
        import httpx2  # noqa: PLC0415 - as above

        from listener.whole_answer import request_whole  # noqa: PLC0415 - as above

        try:
            response = request_whole(self._client, "GET", f"{self._url}/{path}", params=params)
        except (httpx2.HTTPError, httpx2.StreamError, ValueError):
            raise RetryableError("Reddit gave no whole feed.", code="no_answer") from None
        if response.status_code != SUCCESS:
            raise _explain(response.status_code, {name.lower(): value for name, value in response.headers.items()})
        # Relative addresses and markup stay as they are: read_html runs nothing and loads nothing. A stream, never the
        # content itself: feedparser takes that for the name of a file if there is such a file.
        body = io.BytesIO(response.content)
        try:
            feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
        except Exception as error:
            # It means never to raise, yet its parser for broken markup has faults.
            log.exception("feedparser_failed", path=path)
            raise _no_feed() from error
        if not feed.get("version"):
            raise _no_feed()
        # As plain dictionaries: feedparser's own answer for a date that is not there with another one, and a warning.
        return [dict(entry) for entry in feed.entries if isinstance(entry, Mapping)]

    def close(self) -> None:
        """Give back connections."""
        self._client.close()


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One feed as a listing."""

    reader: FeedReader
    name: str
    path: str
    params: dict[str, str | int]
    page_size: int
    own_name: str
    ceiling: int = LISTING_CEILING

    def fetch(self, after: str, *, known: frozenset[str]) -> Batch:
        """Return one page. A feed names no next page: each is followed by what stands behind its last entry.

        One that is not full is no end: Reddit takes out what was removed after it has cut the page.
        """
        at: dict[str, str | int] = {"after": after} if after else {}
        found = self.reader.read(self.path, {**self.params, "limit": self.page_size, **at})
        entries = [read_entry(entry, own_name=self.own_name, known=known) for entry in found]
        names = [name for entry in found if (name := known_id(_text(entry, "id")))]
        return Batch(entries=tuple(entries), after=names[-1] if names else "")


def list_feeds(reader: FeedReader, options: RedditOptions) -> list[Feed]:
    """Return what ``options`` ask for."""
    feeds: list[Feed] = []

    def add(name: str, path: str, ceiling: int, **params: str | int) -> None:
        size, own_name = options.page_size, options.username
        feeds.append(
            Feed(reader=reader, name=name, path=path, params=params, page_size=size, own_name=own_name, ceiling=ceiling)
        )

    if options.subreddits:
        names = "+".join(options.subreddits)
        add(f"comments:{names}", f"r/{names}/comments/.rss", LISTING_CEILING)
        add(f"posts:{names}", f"r/{names}/new/.rss", LISTING_CEILING)
    within = "+".join(options.search_in)
    for term in options.search:
        path, narrow = (f"r/{within}/search.rss", {"restrict_sr": "on"}) if within else ("search.rss", {})
        add(f"search:{within}:{term}", path, SEARCH_CEILING, q=term, sort="new", type="link", t="all", **narrow)
    return feeds


def read_entry(entry: Any, *, own_name: str, known: frozenset[str]) -> Entry:  # noqa: ANN401 - feedparser has no types
    """Return a feed's entry. Its mention is None when it is known, ours, or nothing people wrote."""
    name, title, body = known_id(_text(entry, "id")), _text(entry, "title"), _body(entry)
    mark = fingerprint(name, f"{title}\n{body}")
    moment = _moment(entry)
    mention = None if mark in known else _read_mention(entry, name, body, own_name=own_name)
    return Entry(fingerprint=mark, moment=moment, mention=mention)


def _read_mention(entry: Any, name: str, body: str, *, own_name: str) -> IncomingMention | None:  # noqa: ANN401 - as above
    author_name = _text(entry, "author").removeprefix("/u/")
    ours = author_name.lower() == own_name.lower()
    if not name.startswith((COMMENT, POST)) or author_name in NOBODY or ours or body.lower() in TOMBSTONES:
        return None
    is_post = name.startswith(POST)
    url = _text(entry, "link")
    link = CONTEXT.search(url)
    title = " ".join(_text(entry, "title").split())
    return IncomingMention(
        external_id=name,
        kind=MentionKind.POST if is_post else MentionKind.COMMENT,
        text="\n\n".join(piece for piece in (title, body) if piece) if is_post else body,
        author=IncomingAuthor(external_id=name_as_id(author_name), handle=author_name, url=f"{WWW}/user/{author_name}"),
        created_at=_moment(entry) or wire.EPOCH,
        engagement=Engagement.MENTIONED if mentions_account(body, own_name) else Engagement.POSTED,
        thread_external_id=name if is_post else f"{POST}{link[1]}" if link else "",
        url=url if _has_host(url) else "",
    )


def _body(entry: Any) -> str:  # noqa: ANN401 - as above
    """Return what people wrote; a post that only links somewhere has none."""
    contents = entry.get("content") or []
    markup = str(contents[0].get("value", "")) if contents else _text(entry, "summary")
    written = BODY.search(markup)
    return read_html(written[1]) if written else ""


def _text(entry: Any, key: str) -> str:  # noqa: ANN401 - as above
    found = entry.get(key)
    return found if isinstance(found, str) else ""


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _moment(entry: Any) -> datetime | None:  # noqa: ANN401 - as above
    """Return when it was written: posts say so, comments give the time of their last change."""
    for key in ("published", "updated"):
        try:
            found = datetime.fromisoformat(_text(entry, key))
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _no_feed() -> RetryableError:
    return RetryableError("Reddit's answer is no feed.", code="no_answer")


def _explain(status: int, headers: dict[str, str]) -> ChannelError:
    if status == FORBIDDEN:
        return PermanentError("Reddit does not let us read its feeds.", code="forbidden", remedy=HOW_TO_KNOCK)
    error = explain_status(Refusal(status=status, headers=headers), sends=False)
    # Nothing is signed in here, so a refused token is a closed door as well.
    return (
        error
        if error.code != "session_refused"
        else PermanentError(error.message, code="forbidden", remedy=HOW_TO_KNOCK)
    )
