"""Comments, posts and messages as Reddit sends them, turned into mentions. Anything may be missing, wrong or hostile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.reddit import wire
from listener.channels.reddit.client import OwnAccount
from listener.channels.reddit.markdown import read_markdown
from listener.intake import ROOT_AUTHOR

COMMENT, POST, MESSAGE = "t1_", "t3_", "t4_"
"""What an id begins with."""
WWW = "https://www.reddit.com"
ID = re.compile(r"t[1-6]_[a-z0-9]{1,13}")
CONTEXT = re.compile(r"/comments/([a-z0-9]{1,13})/")
TOMBSTONES = frozenset({"[deleted]", "[removed]", "[ removed by reddit ]"})
NOBODY = frozenset({"", "[deleted]", "[removed]"})


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is needed beside a thing to read it."""

    own: OwnAccount
    things: Mapping[str, object] = field(default_factory=dict)
    """Posts, parents and fuller forms by fullname."""


def read_thing(kind: str, data: object, around: Surroundings) -> IncomingMention | None:
    """Return the mention that a listing's entry is; None for our own, for deleted ones and for anything else."""
    readers = {"t1": read_comment, "t3": read_post, "t4": read_message}
    return readers[kind](data, around) if kind in readers else None


def read_comment(data: object, around: Surroundings) -> IncomingMention | None:
    """Return the mention that a comment is, from a subreddit's listing or from the inbox."""
    name = fullname(data, COMMENT)
    fuller = around.things.get(name)
    author = read_author(data, fuller)
    if not name or author is None or is_ours(author, around.own) or is_gone(data) or (fuller and is_gone(fuller)):
        return None
    link_id = link_of(data) or link_of(fuller)
    body = wire.text(data, "body")
    return IncomingMention(
        external_id=name,
        kind=MentionKind.COMMENT,
        text=read_markdown(body),
        author=author,
        created_at=wire.moment(data, "created_utc") or wire.EPOCH,
        engagement=_engagement(data, body, around),
        thread_external_id=link_id,
        parent_external_id=known_id(wire.text(data, "parent_id")),
        url=comment_url(data, fuller),
        platform_data=_platform_data(data, fuller, around.things.get(link_id), link_id=link_id),
    )


def read_post(data: object, around: Surroundings) -> IncomingMention | None:
    """Return the mention that a post is: its title, then its text or the address it points to."""
    name = fullname(data, POST)
    author = read_author(data)
    if not name or author is None or is_ours(author, around.own) or is_gone(data):
        return None
    return IncomingMention(
        external_id=name,
        kind=MentionKind.POST,
        text=post_text(data),
        author=author,
        created_at=wire.moment(data, "created_utc") or wire.EPOCH,
        engagement=_engagement(data, wire.text(data, "selftext"), around),
        thread_external_id=name,
        url=permalink(data),
        platform_data=_platform_data(data, None, data, link_id=name),
    )


def read_message(data: object, around: Surroundings) -> IncomingMention | None:
    """Return the mention that a private message is. Reddit's own notices, which nobody wrote, are none."""
    name = fullname(data, MESSAGE)
    author = read_author(data)
    if not name or author is None or is_ours(author, around.own):
        return None
    subject, body = wire.text(data, "subject"), read_markdown(wire.text(data, "body"))
    is_first = wire.part(data, "first_message_name") is None
    return IncomingMention(
        external_id=name,
        kind=MentionKind.MESSAGE,
        text=f"{subject}\n\n{body}".strip() if is_first else body,
        author=author,
        created_at=wire.moment(data, "created_utc") or wire.EPOCH,
        engagement=Engagement.WROTE_DM,
        thread_external_id=known_id(wire.text(data, "first_message_name")) or name,
        parent_external_id=known_id(wire.text(data, "parent_id")),
        url=f"{WWW}/message/messages/{name.removeprefix(MESSAGE)}",
        platform_data={"subject": subject[:300]},
    )


def read_author(data: object, fuller: object = None) -> IncomingAuthor | None:
    """Return who wrote it; None when the account is gone.

    The id is Reddit's (``t2_…``). Where an answer leaves it out, the name stands in, which on Reddit never changes.
    """
    name = wire.text(data, "author")
    if name in NOBODY:
        return None
    given = wire.text(data, "author_fullname") or wire.text(fuller, "author_fullname")
    return IncomingAuthor(external_id=known_id(given) or name_as_id(name), handle=name, url=f"{WWW}/user/{name}")


def name_as_id(name: str) -> str:
    """Return what stands for an author's id where only the name is told."""
    return f"u/{name.lower()}"


def is_ours(author: IncomingAuthor, own: OwnAccount) -> bool:
    """Tell whether our account wrote it."""
    return author.external_id == own.external_id or author.handle.lower() == own.name.lower()


def is_gone(data: object) -> bool:
    """Tell whether a post or comment was deleted or removed, or its author's account was."""
    body = wire.text(data, "body") or wire.text(data, "selftext")
    removed = wire.part(data, "removed_by_category") is not None
    return removed or body.strip().lower() in TOMBSTONES or wire.text(data, "author") in NOBODY


def fullname(data: object, kind: str) -> str:
    """Return a thing's id, such as ``t1_abc``; empty unless it is one of ``kind``."""
    name = known_id(wire.text(data, "name"))
    return name if name.startswith(kind) else ""


def known_id(name: str) -> str:
    """Return ``name`` when it has the form of an id."""
    return name if ID.fullmatch(name) else ""


def link_of(data: object) -> str:
    """Return the id of the post that a comment stands under; in the inbox only its address tells."""
    if given := known_id(wire.text(data, "link_id")):
        return given
    found = CONTEXT.search(wire.text(data, "context") or wire.text(data, "permalink"))
    return f"{POST}{found[1]}" if found else ""


def post_text(data: object) -> str:
    """Return a post's title and what stands under it."""
    title = " ".join(wire.text(data, "title").split())
    below = read_markdown(wire.text(data, "selftext"))
    address = "" if wire.part(data, "is_self") is True or below else wire.text(data, "url")
    return "\n\n".join(piece for piece in (title, below or address) if piece)


def permalink(data: object) -> str:
    """Return where people read it."""
    path = wire.text(data, "permalink")
    return f"{WWW}{path}" if path.startswith("/") else ""


def comment_url(data: object, fuller: object = None) -> str:
    """Return where people read a comment."""
    path = wire.text(data, "context").split("?")[0]
    return permalink(data) or permalink(fuller) or (f"{WWW}{path}" if path.startswith("/") else "")


def mentions_account(body: str, name: str) -> bool:
    """Tell whether ``body`` names ``u/name``."""
    return bool(name) and re.search(rf"(?<![\w/])/?u/{re.escape(name)}(?![\w-])", body, re.IGNORECASE) is not None


def _engagement(data: object, body: str, around: Surroundings) -> Engagement:
    """Return how the author engaged with us: by the thing itself, so that inbox, subreddit and search always agree."""
    parent = around.things.get(wire.text(data, "parent_id"))
    kind = wire.text(data, "type")
    if kind in {"comment_reply", "post_reply"} or wire.text(parent, "author_fullname") == around.own.external_id:
        return Engagement.REPLIED
    if kind == "username_mention" or mentions_account(body, around.own.name):
        return Engagement.MENTIONED
    return Engagement.POSTED


def _platform_data(data: object, fuller: object, link: object, *, link_id: str) -> dict[str, str]:
    found = {
        "link_id": link_id,
        "subreddit": wire.text(data, "subreddit") or wire.text(fuller, "subreddit"),
        "subreddit_id": known_id(wire.text(data, "subreddit_id") or wire.text(fuller, "subreddit_id")),
        ROOT_AUTHOR: known_id(wire.text(link, "author_fullname")),
    }
    return {key: value for key, value in found.items() if value}
