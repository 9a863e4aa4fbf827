"""How the YouTube tests speak: which request is which call, how each goes wrong, and where the shop's channel stands."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from domain.mentions import IncomingMention
from domain.replies import SendRequest
from listener.channels.youtube import YouTubeChannel
from tests.listener.channel_contract import Break, read_all, request_for
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""Four in the morning in California: twenty hours of quota are left."""
REFRESH_TOKEN, CLIENT_SECRET, API_KEY = "1//refresh-of-the-shop", "secret-of-the-client", "AIza-key-of-the-shop"
THREADS, REPLIES, SEND = "GET /youtube/v3/commentThreads", "GET /youtube/v3/comments", "POST /youtube/v3/comments"
CALLS = {"poll": THREADS, "reply": SEND, "probe": "GET /youtube/v3/channels"}
JSON = {"content-type": "application/json"}


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same state."""

    def __call__(self, *, token: str = REFRESH_TOKEN, key: str = "", **options: object) -> YouTubeChannel: ...


def google_error(reason: str) -> bytes:
    """Return the body of a refusal."""
    return f'{{"error": {{"message": "no", "errors": [{{"reason": "{reason}"}}]}}}}'.encode()


def mention_of(channel: YouTubeChannel, comment_id: str) -> IncomingMention:
    """Return the mention with this id, as polled."""
    return next(one for one in read_all(channel)[0] if one.external_id == comment_id)


def answer(mention: IncomingMention, text: str, *, key: str = "k" * 32) -> SendRequest:
    """Return the request to answer ``mention`` with ``text``, approved when it was written."""
    return replace(request_for(mention, text, key=key), approved_at=mention.created_at)


def fault(how: Break) -> Answer | Cut:
    """Return what the proxy does for ``how``, as YouTube would."""
    if how is Break.PERMANENT:
        return Answer(403, google_error("authenticatedUserAccountSuspended"), JSON)
    if how is Break.EXPIRED:
        return Answer(401, google_error("authError"), JSON)
    if how is Break.RETRYABLE:
        return Answer(403, google_error("rateLimitExceeded"), {**JSON, "retry-after": "30"})
    return ON_THE_WIRE[how]
