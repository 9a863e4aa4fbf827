"""How the webhook tests speak: the chat's calls reach the channel and its inbox as the desk's door brings them."""

from collections.abc import Mapping
from typing import Any, Protocol

from domain.webhooks import Receipt, WebhookCall
from listener.channels.webhook import WebhookChannel
from tests.listener.inbox import MemoryInbox
from tests.partners.webhook_chat import WebhookChat


class OpenChannel(Protocol):
    """Opens a channel to the chat. Secrets given as None are left out; so is an address."""

    def __call__(self, *, secrets: Mapping[str, str | None] | None = None, **options: object) -> WebhookChannel: ...


class Shop:
    """The chat on one side, a channel and its inbox on the other."""

    def __init__(self, chat: WebhookChat, channel: WebhookChannel, inbox: MemoryInbox) -> None:
        self.chat, self.channel, self.inbox = chat, channel, inbox

    def bring(self, *events: object) -> Receipt:
        """Let the chat call with ``events``; what the channel takes is kept."""
        receipt = receive(self.channel, *self.chat.call(list(events)))
        self.inbox.keep(receipt)
        return receipt

    def write(self, text: str, **fields: Any) -> str:  # noqa: ANN401 - any field of a message
        """Let somebody write; return the message's id."""
        message = self.chat.message(text, **fields)
        self.bring(self.chat.event("message.created", message))
        return str(message["id"])

    def delete(self, message_id: str) -> None:
        """Let somebody take a message away."""
        self.chat.deleted.add(message_id)
        self.bring(self.chat.event("message.deleted", {"id": message_id}))


def receive(channel: WebhookChannel, headers: Mapping[str, str], body: bytes, *, method: str = "POST") -> Receipt:
    """Give the channel a call as the desk does."""
    return channel.receive(WebhookCall(method=method, query={}, headers=headers, body=body))
