"""How the LINE tests speak."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from config.settings import ChannelSettings
from domain.mentions import IncomingMention
from listener.channels.line import LineChannel
from listener.channels.line.calls import receive_call
from tests.listener.channel_contract import read_all
from tests.listener.inbox import MemoryInbox
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.line_api import SECRET, TOKEN, LineApi, make_call, user_id

PUSH = "POST /v2/bot/message/push"
ENDPOINT = "GET /v2/bot/channel/webhook/endpoint"
INFO = "GET /v2/bot/info"
PROFILE = "GET /v2/bot/profile/"
QUOTA = "GET /v2/bot/message/quota"
CALLS = {"poll": ENDPOINT, "reply": PUSH, "probe": INFO}
SECRETS = (SECRET, TOKEN)


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same state."""

    def __call__(self, **options: Any) -> LineChannel: ...  # noqa: ANN401 - options of any shape, wrong ones too


@dataclass
class Stage:
    """LINE, the desk's inbox, and the way between them."""

    api: LineApi
    proxy: FaultyProxy
    inbox: MemoryInbox = field(default_factory=MemoryInbox)

    def bring(self, *events: dict[str, Any]) -> int:
        """Let LINE call with ``events``; return how many were new."""
        return self.inbox.keep(receive_call(make_call(list(events)), secret=SECRET))

    def say(self, content: dict[str, Any] | str, *, author: str = "aya", chat: str = "") -> str:
        """Let somebody write; return the message's id."""
        event = self.api.message(content, author=author, chat=chat)
        self.bring(event)
        message_id: str = event["message"]["id"]
        return message_id


def settings_of(options: dict[str, object], secrets: dict[str, Any]) -> ChannelSettings:
    """Return the block of the shop's account."""
    return ChannelSettings(name="shop", kind="line", options=options, secrets=secrets)


def mention_of(channel: LineChannel, message_id: str) -> IncomingMention:
    """Return the mention with this id, as polled."""
    return next(one for one in read_all(channel)[0] if one.external_id == message_id)


def named(text: str, *, is_self: bool = True) -> dict[str, Any]:
    """Return a text in which our account, or somebody else, is named."""
    mentionees = [{"type": "user", "index": 0, "length": 5, "userId": user_id("shop"), "isSelf": is_self}]
    return {"type": "text", "text": text, "mention": {"mentionees": mentionees}}
