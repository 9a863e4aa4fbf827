"""Answering in public: one record in our own repository, written under a key that belongs to the approval.

``putRecord`` with the same key and the same record changes nothing, so a repeated request cannot post twice; and whether it
is there can be asked of our own server, which surely knows.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

import regex

from domain.errors import PermanentError, SendUncertainError
from domain.replies import Measure, SendRequest, SentPost
from domain.words import Language, Visibility
from listener.channels.bluesky import wire
from listener.channels.bluesky.facets import make_facets
from listener.channels.bluesky.reading import POST, post_url
from listener.channels.bluesky.session import Account

KEY_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
KEY_LENGTH = 13
MICROSECONDS = 1_000_000
CLOCK_IDS = 1024
LIMITS = {Visibility.PUBLIC: 300, Visibility.DM: 1000}
"""Graphemes (lexicons app.bsky.feed.post and chat.bsky.convo.defs#messageInput); bytes may be ten times as many."""
BYTES_PER_GRAPHEME = 10


def measure_text(text: str, visibility: Visibility) -> Measure:
    """Count graphemes; a text of very long graphemes (families of emoji) is counted by its bytes, a tenth of them."""
    graphemes = len(regex.findall(r"\X", text))
    by_bytes = -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_GRAPHEME)
    return Measure(length=max(graphemes, by_bytes), limit=LIMITS[visibility])


def record_key(approved_at: datetime, idempotency_key: str) -> str:
    """Return the record key of a reply: a timestamp identifier (TID) in the second of its approval.

    What is finer than the second comes from ``idempotency_key``: thirty bits keep apart replies approved at once.
    """
    noise = int.from_bytes(hashlib.sha256(idempotency_key.encode()).digest()[:8])
    microseconds = int(approved_at.timestamp()) * MICROSECONDS + noise % MICROSECONDS
    number = microseconds * CLOCK_IDS + noise // MICROSECONDS % CLOCK_IDS
    letters = [KEY_LETTERS[number >> 5 * place & 31] for place in reversed(range(KEY_LENGTH))]
    return "".join(letters)


def send_reply(account: Account, request: SendRequest) -> SentPost:
    """Answer ``request.target`` in public. Raises as ``Channel.reply``."""
    check_length(request, Visibility.PUBLIC)
    parent = find_post(account, request.target.external_id)
    if parent is None:
        raise PermanentError("The post is not there any more.", code="gone")
    if wire.part(parent, "viewer", "replyDisabled") is True:
        raise PermanentError("The author lets nobody like us reply.", code="replies_not_allowed")
    if is_blocked(wire.part(parent, "author")):
        raise PermanentError("Between the author and our account there is a block.", code="blocked")
    body = {
        "repo": account.session.did,
        "collection": POST,
        "rkey": record_key(request.approved_at, request.idempotency_key),
        "record": compose_record(account, request, parent),
    }
    answer = account.procedure("com.atproto.repo.putRecord", body)
    return _sent(answer)


def find_own_reply(account: Account, request: SendRequest) -> SentPost | None:
    """Ask our own server for the record of ``request``; None only when it says that there is none."""
    key = record_key(request.approved_at, request.idempotency_key)
    did = account.session.did
    try:
        answer = account.query("com.atproto.repo.getRecord", repo=did, collection=POST, rkey=key)
    except PermanentError as error:
        if error.code == "no_record":  # nothing else says so for sure
            return None
        raise
    if wire.text(answer, "value", "text") != request.text:
        raise PermanentError("Another post of ours stands under this reply's key.", code="key_taken")
    uri = f"at://{did}/{POST}/{key}"
    return SentPost(external_id=uri, url=post_url(uri))


def compose_record(account: Account, request: SendRequest, parent: object) -> dict[str, Any]:
    """Return the post. The same request gives the same record at any time."""
    own = {"uri": wire.text(parent, "uri"), "cid": wire.text(parent, "cid")}
    root = wire.part(parent, "record", "reply", "root")
    root_reference = {"uri": wire.text(root, "uri"), "cid": wire.text(root, "cid")}
    record: dict[str, Any] = {
        "$type": POST,
        "text": request.text,
        "createdAt": request.approved_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reply": {"root": root_reference if all(root_reference.values()) else own, "parent": own},
    }
    if request.language is not Language.OTHER:
        record["langs"] = [str(request.language)]
    if facets := make_facets(request.text, lambda handle: resolve_handle(account, handle)):
        record["facets"] = facets
    return record


def check_length(request: SendRequest, visibility: Visibility) -> None:
    """Raise ``PermanentError`` for a text that Bluesky would not take."""
    measure = measure_text(request.text, visibility)
    if not request.text.strip() or not measure.fits:
        message = f"The text has {measure.length} of {measure.limit} characters."
        raise PermanentError(message, code="too_long" if measure.length else "empty", remedy="Change the text.")


def find_post(account: Account, uri: str) -> object | None:
    """Return the view of one post as it stands now; None when it cannot be read."""
    try:
        answer = account.query("app.bsky.feed.getPosts", uris=[uri])
    except PermanentError as error:
        if error.code == "gone":
            return None
        raise
    return next((post for post in wire.items(answer, "posts") if wire.text(post, "uri") == uri), None)


def is_blocked(profile: object) -> bool:
    """Tell whether either side blocks the other."""
    viewer = wire.part(profile, "viewer")
    return wire.part(viewer, "blockedBy") is True or bool(
        wire.text(viewer, "blocking") or wire.part(viewer, "blockingByList")
    )


def resolve_handle(account: Account, handle: str) -> str:
    """Return the DID of ``handle``; empty when there is no such account."""
    try:
        return wire.text(account.query("com.atproto.identity.resolveHandle", handle=handle), "did")
    except PermanentError:
        return ""


def _sent(answer: object) -> SentPost:
    uri = wire.text(answer, "uri")
    if not uri:
        raise SendUncertainError("The server's answer to a send names no post.", code="no_answer")
    return SentPost(external_id=uri, url=post_url(uri))
