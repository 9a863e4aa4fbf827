"""Statuses as a server sends them, turned into mentions. Anything may be missing, wrong or hostile."""

import re
from dataclasses import dataclass

from domain.mentions import IncomingAuthor, IncomingMention, keep_quoted
from domain.words import Engagement, MentionKind
from listener.channels.mastodon import wire
from listener.html_text import read_html

DIRECT = "direct"


@dataclass(frozen=True, kw_only=True)
class Root:
    """Where a thread began."""

    status_id: str
    author_id: str


def is_ours_or_noise(status: object, *, own_id: str) -> bool:
    """Tell whether a status is none of our business: our own, a boost, or nothing that can be read."""
    author_id = wire.text(status, "account", "id")
    is_boost = wire.part(status, "reblog") is not None
    return is_boost or not wire.text(status, "id") or author_id in {"", own_id}


def read_status(status: object, *, own_id: str, own_handle: str, root: Root, quotes_us: bool) -> IncomingMention:
    """Return the mention that ``status`` is. Call ``is_ours_or_noise`` first."""
    parent = wire.text(status, "in_reply_to_id")
    engagement = _engagement(status, own_id=own_id, quotes_us=quotes_us)
    kind = MentionKind.COMMENT if parent else MentionKind.POST
    quoted = _read_quoted(status, own_id=own_id)
    return IncomingMention(
        external_id=wire.text(status, "id"),
        kind=MentionKind.MESSAGE if engagement is Engagement.WROTE_DM else kind,
        text=read_text(status, own_id=own_id, own_handle=own_handle),
        author=read_author(wire.part(status, "account")),
        created_at=wire.moment(status, "created_at") or wire.EPOCH,
        engagement=engagement,
        thread_external_id=root.status_id,
        parent_external_id=parent,
        quoted_external_id=wire.text(quoted, "id"),
        url=wire.address(status, "url") or wire.address(status, "uri"),
        language_hint=wire.text(status, "language")[:16],
        platform_data={"root_author": root.author_id} | _quoted_words(quoted),
    )


def _read_quoted(status: object, *, own_id: str) -> object:
    """Return the status that this one quotes, where its author agreed and it can be seen; None for one of ours."""
    quoted = wire.part(status, "quote", "quoted_status")
    agreed = wire.text(status, "quote", "state") in {"", "accepted"}
    return quoted if agreed and wire.text(quoted, "account", "id") != own_id else None


def _quoted_words(quoted: object) -> dict[str, str]:
    author = read_author(wire.part(quoted, "account"))
    return keep_quoted(read_text(quoted), author.display_name or author.handle)


def read_author(account: object) -> IncomingAuthor:
    """Return the author of a status. The id is our server's; the handle has a server where it is not ours."""
    handle = wire.text(account, "acct") or wire.text(account, "username")
    return IncomingAuthor(
        external_id=wire.text(account, "id"),
        handle=handle,
        display_name=wire.text(account, "display_name"),
        url=wire.address(account, "url") or wire.address(account, "uri"),
    )


def read_text(status: object, *, own_id: str = "", own_handle: str = "") -> str:
    """Return what people read: the content warning as the first line, then the text.

    Our own name in front is an address on the envelope, not what was said, so it is left out; anywhere else it stays.
    """
    said = read_content(wire.text(status, "content"))
    if own_handle and any(wire.text(one, "id") == own_id for one in wire.items(status, "mentions")):
        said = re.sub(rf"\A@{re.escape(own_handle)}(?:@[\w.:-]+)?\s+(?=\S)", "", said, flags=re.IGNORECASE)
    warning = wire.text(status, "spoiler_text").strip()
    return f"{warning}\n{said}".rstrip() if warning else said


def read_content(markup: str) -> str:
    """Return the text of a status' HTML. Mastodon shows it with its white space kept, like preformatted text."""
    return read_html(f"<pre>{markup}</pre>")


def _engagement(status: object, *, own_id: str, quotes_us: bool) -> Engagement:
    """Return how the author engaged with us: by the status itself, so that every source says the same of it."""
    mentioned = any(wire.text(one, "id") == own_id for one in wire.items(status, "mentions"))
    if wire.text(status, "visibility") == DIRECT:
        return Engagement.WROTE_DM
    if wire.text(status, "in_reply_to_account_id") == own_id:
        return Engagement.REPLIED
    if mentioned:
        return Engagement.MENTIONED
    if quotes_us or wire.text(status, "quote", "quoted_status", "account", "id") == own_id:
        return Engagement.QUOTED
    return Engagement.POSTED
