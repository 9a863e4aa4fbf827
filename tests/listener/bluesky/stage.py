"""How the tests on the network speak: opening the shop's channel, finding a mention, asking for an answer."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from domain.mentions import IncomingMention
from domain.replies import SendRequest
from listener.channels.bluesky import BlueskyChannel
from tests.listener.channel_contract import read_all, request_for


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same stored session."""

    def __call__(
        self, *, app_password: str = "", folder: str = "sessions", **options: str | list[str]
    ) -> BlueskyChannel: ...


def answer(mention: IncomingMention, text: str, *, key: str = "k" * 32) -> SendRequest:
    """Return the request to answer ``mention`` with ``text``, approved now."""
    return replace(request_for(mention, text, key=key), approved_at=datetime.now(UTC))


def mention_of(channel: BlueskyChannel, uri: str) -> IncomingMention:
    return next(mention for mention in read_all(channel)[0] if mention.external_id == uri)
