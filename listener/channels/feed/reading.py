"""A feed's document as entries, and an entry as a mention. feedparser never raises: what it made of the document is checked."""

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import structlog

from domain.cleaning import ID_LIMIT, clean_id
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.feed.decoding import SIGNED_LENGTH, decode_document, disarm, not_a_feed
from listener.channels.feed.fetching import Fetched
from listener.channels.feed.options import Feed, fingerprint
from listener.html_text import read_html

log = structlog.get_logger(__name__)

MARKUP = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
MAIL = re.compile(r"[(<]?\s{0,9}([^\s<>()@]{1,64})@[^\s<>()@]{1,255}\s{0,9}[)>]?")
"""feedparser's own reading cuts addresses with a long last part in the middle."""
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before there were feeds; such dates are made up."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry, as the feed holds it."""

    entry_id: str
    """Its guid, else its link, else a digest of what it says."""
    moment: datetime | None
    """When it was published, else changed; None if it does not say."""
    state: str
    """Digest of title and body: another one means that the entry was edited."""
    raw: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A feed, newest entry first."""

    entries: tuple[Entry, ...]
    title: str
    language: str
    url: str

    @cached_property
    def by_id(self) -> dict[str, Entry]:
        """Return the entries by their ids."""
        return {entry.entry_id: entry for entry in self.entries}


def read_document(fetched: Fetched, feed: Feed) -> Document:
    """Return what ``fetched`` holds. Raises ``PermanentError`` for a page that is no feed, ``RetryableError`` for a torn one."""
    import feedparser  # noqa: PLC0415 - loads in the worker, not at start

    text = disarm(decode_document(fetched.body or b"", fetched.content_type), feed.shown)
    # A stream, never the text itself: feedparser opens a text that looks like a file's name or an address. It is told no
    # address of the document either, so that ids which are no addresses stay as written.
    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        # It means never to raise, yet its parser for broken markup has faults; one such feed must not stop the others.
        log.exception("feedparser_failed", feed=feed.shown)
        raise not_a_feed(feed.shown) from error
    if not parsed.get("version"):
        raise not_a_feed(feed.shown)
    # As plain dictionaries: feedparser's own answer for a date that is not there with another one, and a warning.
    raw = [dict(entry) for entry in parsed.entries if isinstance(entry, Mapping)]
    entries = [_read_entry(entry, entry_id) for entry, entry_id in zip(raw, _ids(raw), strict=True)]
    if all(entry.moment for entry in entries):
        entries.sort(key=lambda entry: entry.moment or EARLIEST, reverse=True)
    return Document(
        entries=tuple({entry.entry_id: entry for entry in reversed(entries)}.values())[::-1],
        title=_plain(parsed.feed, "title"),
        language=_word(parsed.feed, "language"),
        url=fetched.url,
    )


def external_id(feed: Feed, entry_id: str) -> str:
    """Return the id of an entry among all feeds of the account, as it is stored: a guid counts in its own feed only."""
    return clean_id(f"{feed.key}:{entry_id}", ID_LIMIT)


def read_mention(entry: Entry, document: Document, feed: Feed, *, now: datetime) -> IncomingMention:
    """Return ``entry`` as a mention. Without a date of its own it has that of its discovery, ``now``."""
    parent, root = _parent(entry), _root(entry, document)
    return IncomingMention(
        external_id=external_id(feed, entry.entry_id),
        kind=MentionKind.COMMENT if parent else MentionKind.POST,
        text=_text(entry.raw),
        author=_author(entry.raw, document, feed),
        created_at=entry.moment or now,
        engagement=Engagement.POSTED,
        thread_external_id=external_id(feed, root) if root else "",
        parent_external_id=external_id(feed, parent) if parent else "",
        url=_web_address(document.url, _word(entry.raw, "link")),
        language_hint=_language(entry.raw) or document.language,
        platform_data={"feed": feed.shown},
    )


def entry_author(entry: Entry) -> str:
    """Return the name an entry is signed with; empty if none."""
    signed = _word(entry.raw, "author")[:SIGNED_LENGTH]
    mail = MAIL.search(signed)
    name = MAIL.sub(" ", signed).strip(" ()") or (mail.group(1) if mail else "")
    return " ".join(name.split())


def _read_entry(raw: Mapping[str, Any], entry_id: str) -> Entry:
    kind, body = _body(raw)
    return Entry(
        entry_id=entry_id,
        moment=_moment(raw.get("published_parsed")) or _moment(raw.get("updated_parsed")),
        state="\n".join((_word(raw, "title"), kind, body)),
        raw=raw,
    )


def _ids(raw: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one id for each entry. A guid or link that several entries share identifies none of them."""
    given = [(_word(entry, "id"), _word(entry, "link")) for entry in raw]
    distinct = Counter(dict.fromkeys(given))
    guids = Counter(guid for guid, _ in distinct)
    links = Counter(link for _, link in distinct)
    ids = []
    for entry, (guid, link) in zip(raw, given, strict=True):
        if guid and guids[guid] == 1:
            ids.append(guid)
        elif link and links[link] == 1:
            ids.append(link)
        else:
            said = "\n".join((guid, link, _word(entry, "title"), _word(entry, "published"), _body(entry)[1]))
            ids.append(f"digest-{fingerprint(said, 24)}")
    return ids


def _parent(entry: Entry) -> str:
    """Return the guid that an entry answers (RFC 4685); empty if none."""
    return _word(entry.raw, "thr_in-reply-to", "ref") or _word(entry.raw, "thr_in-reply-to", "href")


def _root(entry: Entry, document: Document) -> str:
    """Return the guid of the thread's root if the document reaches up to it; intake knows what came before."""
    met: set[str] = set()
    while (parent := _parent(entry)) and parent in document.by_id and parent not in met:
        met.add(parent)
        entry = document.by_id[parent]
    return entry.entry_id if met and not _parent(entry) else ""


def _text(raw: Mapping[str, Any]) -> str:
    """Return title and body; the title alone when the body only repeats its beginning, as short posts' feeds do."""
    title = _plain(raw, "title")
    kind, markup = _body(raw)
    body = read_html(markup) if kind in MARKUP else markup
    opening = " ".join(title.rstrip("….").split())
    repeated = opening and " ".join(body.split()).startswith(opening)
    return body if not title or repeated else f"{title}\n\n{body}".rstrip("\n")


def _body(raw: Mapping[str, Any]) -> tuple[str, str]:
    """Return type and text of the whole content where there is one, else of the summary."""
    contents = raw.get("content")
    for content in contents if isinstance(contents, list) else []:
        if value := _word(content, "value"):
            return _word(content, "type"), value
    return _word(raw, "summary_detail", "type") or "text/html", _word(raw, "summary")


def _plain(raw: object, name: str) -> str:
    value = _word(raw, name)
    return read_html(value) if _word(raw, f"{name}_detail", "type") in MARKUP else value


def _author(raw: Mapping[str, Any], document: Document, feed: Feed) -> IncomingAuthor:
    """Return who signed the entry; the feed itself where nobody did."""
    host = urlsplit(feed.address).hostname or ""
    name = entry_author(Entry(entry_id="", moment=None, state="", raw=raw))
    page = _web_address(document.url, _word(raw, "author_detail", "href"))
    if not name:
        return IncomingAuthor(external_id=f"feed:{feed.key}", handle=host, display_name=document.title)
    return IncomingAuthor(external_id=page or f"{host}:{name}", handle=name, display_name=name, url=page)


def _language(raw: Mapping[str, Any]) -> str:
    contents = raw.get("content")
    for content in contents if isinstance(contents, list) else []:
        if language := _word(content, "language"):
            return language
    return _word(raw, "summary_detail", "language")


def _web_address(base: str, link: str) -> str:
    try:
        address = urljoin(base, link) if link else ""
        return address if urlsplit(address).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _moment(parsed: object) -> datetime | None:
    """Return feedparser's nine numbers, which are in UTC, as a time; None for what is none."""
    if not isinstance(parsed, tuple):
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        found = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found >= EARLIEST else None


def _word(value: object, *path: str) -> str:
    """Return the string under ``path``; empty when there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value.strip() if isinstance(value, str) else ""
