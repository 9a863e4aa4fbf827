"""Direct messages, through the proxy of our PDS to the chat service. They carry no key of ours: doubts are settled by
looking for our own text since the approval.
"""

from datetime import timedelta

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest, SentPost
from domain.words import Visibility
from listener.channels.bluesky import wire
from listener.channels.bluesky.facets import make_facets
from listener.channels.bluesky.reading import CHAT_PREFIX
from listener.channels.bluesky.sending import check_length, resolve_handle
from listener.channels.bluesky.session import Account

CLOCK_SKEW = timedelta(minutes=2)
"""How far the server's clock may be behind ours."""
PAGES = 10


def chat_proxy(chat_did: str) -> str:
    """Return what the PDS is told to carry chat calls to."""
    return f"{chat_did}#bsky_chat"


def send_message(account: Account, request: SendRequest, *, proxy: str) -> SentPost:
    """Write to the author of the target. Raises as ``Channel.direct_message``; ``dm_closed`` when they take none."""
    check_length(request, Visibility.DM)
    convo_id = open_convo(account, request.target.author_external_id, proxy=proxy)
    message: dict[str, object] = {"text": request.text}
    if facets := make_facets(request.text, lambda handle: resolve_handle(account, handle)):
        message["facets"] = facets
    body = {"convoId": convo_id, "message": message}
    answer = account.procedure("chat.bsky.convo.sendMessage", body, proxy=proxy)
    message_id = wire.text(answer, "id")
    if not message_id:
        raise SendUncertainError("The chat service's answer names no message.", code="no_answer")
    return _sent(convo_id, message_id)


def find_message(account: Account, request: SendRequest, *, proxy: str) -> SentPost | None:
    """Look for our own message with this text since its approval; None when every message since then is another."""
    try:
        convo_id = open_convo(account, request.target.author_external_id, proxy=proxy)
    except PermanentError as error:
        if error.code in {"dm_closed", "blocked", "gone"}:
            return None
        raise
    since = request.approved_at - CLOCK_SKEW
    own_did = account.session.did
    position = ""
    for _ in range(PAGES):
        at = {"cursor": position} if position else {}
        answer = account.query("chat.bsky.convo.getMessages", proxy=proxy, convoId=convo_id, limit=100, **at)
        for message in wire.items(answer, "messages"):
            sent_at = wire.moment(message, "sentAt")
            if sent_at is not None and sent_at < since:
                return None
            is_ours = wire.text(message, "sender", "did") == own_did
            if is_ours and wire.text(message, "text") == request.text:
                return _sent(convo_id, wire.text(message, "id"))
        position = wire.text(answer, "cursor")
        if not position:
            return None
    raise RetryableError(
        "The conversation is too long to search through.", code="not_found_yet", remedy="Look by hand."
    )


def open_convo(account: Account, did: str, *, proxy: str) -> str:
    """Return the id of our conversation with ``did``; it is made if it is not there. Nothing becomes visible by that."""
    answer = account.query("chat.bsky.convo.getConvoForMembers", proxy=proxy, members=[did])
    convo_id = wire.text(answer, "convo", "id")
    if not convo_id:
        raise RetryableError("The chat service's answer makes no sense.", code="no_answer")
    return convo_id


def _sent(convo_id: str, message_id: str) -> SentPost:
    return SentPost(external_id=f"{CHAT_PREFIX}{convo_id}/{message_id}", url=f"https://bsky.app/messages/{convo_id}")
