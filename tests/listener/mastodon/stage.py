"""How the Mastodon tests speak: which request is which call, how each goes wrong, what an address in front is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from domain.mentions import IncomingMention
from domain.replies import SendRequest
from listener.channels.mastodon import MastodonChannel
from tests.listener.channel_contract import Break, read_all, request_for
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Post, Someone

TOKEN = "token-of-the-shop"
SEND = "POST /api/v1/statuses"
CALLS = {
    "poll": "GET /api/v1/notifications",
    "reply": SEND,
    "probe": "GET /api/v1/accounts/verify_credentials",
}
JSON = {"content-type": "application/json"}


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same state."""

    def __call__(self, *, token: str = TOKEN, **options: object) -> MastodonChannel: ...


def mention_of(channel: MastodonChannel, status_id: str) -> IncomingMention:
    """Return the mention with this id, as polled."""
    return next(one for one in read_all(channel)[0] if one.external_id == status_id)


def answer(mention: IncomingMention, text: str, *, key: str = "k" * 32) -> SendRequest:
    """Return the request to answer ``mention`` with ``text``, approved when it was written."""
    return replace(request_for(mention, text, key=key), approved_at=mention.created_at)


def ours(fake: MastodonFake, shop: Someone) -> list[Post]:
    """Return what our account posted, oldest first."""
    return [post for post in fake.world.posts.values() if post.author is shop]


def fault(how: Break) -> Answer | Cut:
    """Return what the proxy does for ``how``, as Mastodon would."""
    if how in {Break.PERMANENT, Break.EXPIRED}:
        return Answer(401, b'{"error": "The access token was revoked"}', JSON)
    if how is Break.RETRYABLE:
        until = datetime.now(UTC) + timedelta(seconds=30)
        return Answer(429, b'{"error": "Too many requests"}', {**JSON, "x-ratelimit-reset": until.isoformat()})
    return ON_THE_WIRE[how]


def without_address(text: str, author: str) -> str:
    """Return a sent text without the name that must stand in front."""
    assert text.startswith(f"@{author} ")
    return text.removeprefix(f"@{author} ")
