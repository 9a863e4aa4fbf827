"""Posts and messages as Bluesky sends them, turned into mentions. Anything may be missing, wrong or hostile."""

from dataclasses import dataclass
from datetime import datetime

from domain.mentions import IncomingAuthor, IncomingMention, keep_quoted
from domain.words import Engagement, MentionKind
from listener.channels.bluesky import wire
from listener.channels.bluesky.facets import expand_links, mentions_account

POST = "app.bsky.feed.post"
MESSAGE = "chat.bsky.convo.defs#messageView"
CHAT_PREFIX = "chat:"
"""Begins the external id of a direct message: ``chat:CONVERSATION/MESSAGE``. Posts are ``at://`` addresses."""
LONGEST_ID = 400
"""Longer addresses are valid in theory and seen only in attacks."""
REASONS = {"mention": Engagement.MENTIONED, "reply": Engagement.REPLIED, "quote": Engagement.QUOTED}


@dataclass(frozen=True, kw_only=True)
class AtUri:
    """``at://authority/collection/key``."""

    authority: str
    collection: str
    key: str


def parse_uri(uri: str) -> AtUri | None:
    """Return the parts of the address of a record; None when it is none."""
    parts = uri.removeprefix("at://").split("/")
    if not uri.startswith("at://did:") or len(parts) != 3 or not all(parts) or len(uri) > LONGEST_ID:  # noqa: PLR2004 - the three parts
        return None
    return AtUri(authority=parts[0], collection=parts[1], key=parts[2])


def post_url(uri: str) -> str:
    """Return where people read a post. The DID stays valid when the handle changes."""
    at = parse_uri(uri)
    return f"https://bsky.app/profile/{at.authority}/post/{at.key}" if at else ""


def read_post(post: object, *, own_did: str) -> IncomingMention | None:
    """Return the mention that a notification or a post view carries; None for our own posts and for anything else."""
    uri = wire.text(post, "uri")
    at = parse_uri(uri)
    author = read_author(wire.part(post, "author"))
    if at is None or at.collection != POST or author is None or author.external_id == own_did:
        return None
    record = wire.part(post, "record")
    parent = _address(wire.text(record, "reply", "parent", "uri"))
    quoted = read_quoted(record)
    return IncomingMention(
        external_id=uri,
        kind=MentionKind.COMMENT if parent else MentionKind.POST,
        text=expand_links(wire.text(record, "text"), wire.items(record, "facets")),
        author=author,
        created_at=_creation(record, post),
        engagement=_engagement(record, own_did=own_did, reason=wire.text(post, "reason")),
        thread_external_id=_thread(uri, record, own_did=own_did, author_did=author.external_id),
        parent_external_id=parent,
        quoted_external_id="" if _is_ours(quoted, own_did) else quoted,
        url=post_url(uri),
        language_hint=_language(record),
        platform_data={"cid": wire.text(post, "cid")} | ({} if _is_ours(quoted, own_did) else _quoted_words(post)),
    )


def read_quoted(record: object) -> str:
    """Return the address of the post that a post quotes, with or without pictures beside it; empty if none."""
    # What is embedded may as well be a list or a feed.
    named = [wire.text(record, "embed", "record", "uri"), wire.text(record, "embed", "record", "record", "uri")]
    posts = (uri for uri in named if (at := parse_uri(uri)) and at.collection == POST)
    return next(posts, "")


def _quoted_words(post: object) -> dict[str, str]:
    """Return what a view shows of the quoted post: a notification shows nothing, nor does a view of one gone or blocked."""
    for view in (wire.part(post, "embed", "record"), wire.part(post, "embed", "record", "record")):
        author = read_author(wire.part(view, "author"))
        if author is not None and wire.text(view, "value", "text"):
            text = expand_links(wire.text(view, "value", "text"), wire.items(view, "value", "facets"))
            return keep_quoted(text, author.display_name or author.handle)
    return {}


def read_message(message: object, *, convo_id: str, authors: dict[str, IncomingAuthor]) -> IncomingMention | None:
    """Return the mention that a direct message is; None for deleted ones, events, and people not in ``authors``."""
    message_id = wire.text(message, "id")
    author = authors.get(wire.text(message, "sender", "did"))
    sent_at = wire.moment(message, "sentAt")
    kind = wire.text(message, "$type") or MESSAGE
    if not message_id or author is None or sent_at is None or kind != MESSAGE:
        return None
    return IncomingMention(
        external_id=f"{CHAT_PREFIX}{convo_id}/{message_id}",
        kind=MentionKind.MESSAGE,
        text=expand_links(wire.text(message, "text"), wire.items(message, "facets")),
        author=author,
        created_at=sent_at,
        engagement=Engagement.WROTE_DM,
        thread_external_id=f"{CHAT_PREFIX}{convo_id}",
        url=f"https://bsky.app/messages/{convo_id}",
        platform_data={"convo_id": convo_id},
    )


def read_author(profile: object) -> IncomingAuthor | None:
    """Return the author of a profile view; None without a DID."""
    did = wire.text(profile, "did")
    if not did.startswith("did:") or len(did) > LONGEST_ID // 2:
        return None
    return IncomingAuthor(
        external_id=did,
        handle=wire.text(profile, "handle") or did,
        display_name=wire.text(profile, "displayName"),
        url=f"https://bsky.app/profile/{did}",
    )


def read_moment(post: object) -> datetime | None:
    """Return the time by which Bluesky sorts a post or notification."""
    return wire.moment(post, "indexedAt")


def _creation(record: object, post: object) -> datetime:
    """Return when it was written; a client may claim a time yet to come, so the server's is the latest possible."""
    moments = [found for found in (wire.moment(record, "createdAt"), read_moment(post)) if found is not None]
    return min(moments, default=wire.EPOCH)


def _language(record: object) -> str:
    languages = [tag for tag in wire.items(record, "langs") if isinstance(tag, str)]
    return languages[0][:16] if languages else ""


def _address(uri: str) -> str:
    return uri if parse_uri(uri) else ""


def _is_ours(uri: str, own_did: str) -> bool:
    return uri.startswith(f"at://{own_did}/")


def _engagement(record: object, *, own_did: str, reason: str) -> Engagement:
    """Return how the author engaged with us: by the post itself, so that search and notifications always agree."""
    if _is_ours(wire.text(record, "reply", "parent", "uri"), own_did):
        return Engagement.REPLIED
    if mentions_account(wire.items(record, "facets"), own_did):
        return Engagement.MENTIONED
    if _is_ours(read_quoted(record), own_did):
        return Engagement.QUOTED
    return REASONS.get(reason, Engagement.POSTED)


def _thread(uri: str, record: object, *, own_did: str, author_did: str) -> str:
    """Return the thread's id: its root. Under a post of our own every person has a thread: each is a case of its own."""
    root = _address(wire.text(record, "reply", "root", "uri"))
    if not root:
        return uri
    return f"{root}#{author_did}" if _is_ours(root, own_did) else root
