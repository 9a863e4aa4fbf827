"""X passes what every channel must pass: signed by OAuth 1.0a under the old names, and by OAuth 2.0 under the new ones."""

import json
from datetime import timedelta

import pytest

from listener.channels.x import XChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.wire_faults import ON_THE_WIRE
from tests.listener.x.stage import Stage
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.x_views import POSTS, Views

PATHS = {"poll": "/mentions", "reply": "/2/tweets", "probe": "/2/users/me"}
UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
NOT_ENROLLED = {"title": "Client Forbidden", "reason": "client-not-enrolled", "detail": "no access", "status": 403}


class XDriver:
    """Posts on the made-up X."""

    page_size = 5

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world
        self._busy_for = timedelta(0)

    @property
    def secrets(self) -> tuple[str, ...]:
        door = self._stage.server.door
        return (*door.keys.secrets(), *door.access_tokens, "refresh-0")

    def post(self, text: str, *, author: str = "aya") -> str:
        self._stage.clock.advance(self._busy_for)  # nobody may ask before the limit it told is over
        self._busy_for = timedelta(0)
        return self._world.post(text, author=author).id

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self._world.post(text, author=author, reply_to=to).id

    def post_as_us(self, text: str, *, to: str) -> None:
        self._world.post(text, author="shop", reply_to=to, mention=False)

    def edit(self, external_id: str, text: str) -> str:
        self._world.edit(external_id, text)
        return external_id  # the channel keeps the first

    def delete(self, external_id: str) -> None:
        self._world.delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        return [post.text.removeprefix("@aya ") for post in self._world.our_posts() if post.replied_to == to]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        with_them = self._world.conversations(self._world.person(author).id)
        return [one.text for one in with_them if one.sender == self._world.us.id]

    def break_next(self, call: str, how: Break) -> None:
        reset = str(int(self._stage.clock.now().timestamp()) + 30)
        limits = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset, "content-type": "application/json"}
        faults: dict[Break, Answer | Cut] = {
            Break.PERMANENT: Answer(403, json.dumps(NOT_ENROLLED).encode(), {"content-type": "application/json"}),
            Break.RETRYABLE: Answer(429, b'{"title":"Too Many Requests","status":429}', limits),
            Break.EXPIRED: Answer(401, json.dumps(UNAUTHORIZED).encode(), {"content-type": "application/json"}),
            **ON_THE_WIRE,
        }
        if how is Break.RETRYABLE:
            self._busy_for = timedelta(seconds=30)
        self._stage.proxy.fail_next(PATHS[call], faults[how])


class TestOldNames(ChannelContract):
    @pytest.fixture
    def platform(self, stage: Stage) -> XDriver:
        return XDriver(stage)

    @pytest.fixture
    def channel(self, stage: Stage, platform: XDriver) -> XChannel:
        return stage.open(page_size=platform.page_size)


class TestNewNames(ChannelContract):
    @pytest.fixture
    def platform(self, stage: Stage) -> XDriver:
        stage.server.names = POSTS
        stage.server.views = Views(stage.world, POSTS)
        return XDriver(stage)

    @pytest.fixture
    def channel(self, stage: Stage, platform: XDriver) -> XChannel:
        return stage.open(oauth2=True, page_size=platform.page_size, post_fields=True)
