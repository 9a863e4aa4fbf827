"""The other side of the wire: a fake Reddit behind a proxy that can fail, and our account there."""

import json
from datetime import timedelta
from typing import Protocol

from domain.clock import FixedClock
from listener.channels.reddit import RedditChannel, RedditFeedChannel
from tests.listener.channel_contract import Break
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.reddit_app import CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, RedditApp
from tests.partners.reddit_state import OURS, RedditState, Thing, as_read, as_typed

PATHS = {"poll": "/message/mentions", "reply": "/api/comment", "probe": "/api/v1/me"}
FORBIDDEN = Answer(403, json.dumps({"message": "Forbidden", "error": 403}).encode())
EXPIRED = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}
BUSY = Answer(429, b"{}", {"retry-after": "30"})
FAULTS: dict[Break, Answer | Cut] = {
    Break.PERMANENT: FORBIDDEN,
    Break.RETRYABLE: BUSY,
    Break.EXPIRED: Answer(401, json.dumps({"message": "Unauthorized", "error": 401}).encode(), EXPIRED),
    **ON_THE_WIRE,
}


class OpenChannel(Protocol):
    """Makes a channel of our account on the fake Reddit."""

    def __call__(
        self, *, secrets: dict[str, str] | None = None, **options: str | float | bool | list[str]
    ) -> RedditChannel: ...


class OpenFeeds(Protocol):
    """Makes a channel without an account."""

    def __call__(self, **options: str | float | bool | list[str]) -> RedditFeedChannel: ...


class RedditStage:
    """Posts on the fake Reddit, as the contract's driver and for our own tests."""

    page_size = 3
    secrets = (CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, "access-token")

    def __init__(self, app: RedditApp, proxy: FaultyProxy) -> None:
        self.app = app
        self.proxy = proxy
        self._busy_for = timedelta(0)

    @property
    def state(self) -> RedditState:
        return self.app.state

    def post(self, text: str, *, author: str = "aya") -> str:
        assert isinstance(self.state.clock, FixedClock)
        self.state.clock.advance(self._busy_for)  # nobody may ask before the limit it told is over
        self._busy_for = timedelta(0)
        thread = self.state.add_post(author="somebody")
        return self.mention(as_typed(text), to=thread.name, author=author).name

    def mention(self, body: str, *, to: str, author: str = "aya") -> Thing:
        """Post markdown that names us."""
        return self.state.add_comment(body, to=to, author=author, inbox="username_mention")

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.mention(as_typed(text), to=to, author=author).name

    def post_as_us(self, text: str, *, to: str) -> None:
        self.state.add_comment(as_typed(text), to=to, author=OURS)

    def edit(self, external_id: str, text: str) -> str:
        self.state.things[external_id].body = as_typed(text)
        return external_id

    def delete(self, external_id: str) -> None:
        self.state.things[external_id].deleted = True

    def public_bodies(self, *, to: str) -> list[str]:
        """Return our answers as they are stored."""
        return [one.body for one in self.state.things.values() if one.parent == to and one.author == OURS]

    def public_texts(self, *, to: str) -> list[str]:
        return [as_read(body) for body in self.public_bodies(to=to)]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        messages = [one for one in self.state.things.values() if one.kind == "t4" and one.author == OURS]
        return [as_read(one.body) for one in messages if one.to == author]

    def break_next(self, call: str, how: Break) -> None:
        if how is Break.RETRYABLE:
            self._busy_for = timedelta(seconds=30)
        self.proxy.fail_next(PATHS[call], FAULTS[how])
