"""YouTube passes what every channel must pass: signed in, and with an API key that only reads."""

import pytest

from domain.ports import Channel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.youtube.stage import API_KEY, CALLS, CLIENT_SECRET, REFRESH_TOKEN, OpenChannel, fault
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Comment, Video


class FakeDriver:
    """Customers write under our video; our account's calls go through a proxy that can fail."""

    page_size = 3
    secrets = (REFRESH_TOKEN, CLIENT_SECRET, API_KEY, "ya29.")

    def __init__(self, fake: YouTubeFake, proxy: FaultyProxy, video: Video) -> None:
        self.world = fake.world
        self.proxy = proxy
        self.video = video

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.world.add(self.world.person(author), text, video=self.video).id

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        parent = self.world.comments[to]
        return self.world.add(self.world.person(author), text, video=self.video, parent=parent).id

    def post_as_us(self, text: str, *, to: str) -> None:
        self.world.add(self.video.owner, text, video=self.video, parent=self.world.comments[to])

    def edit(self, external_id: str, text: str) -> str:
        self.world.edit(self.world.comments[external_id], text)
        return external_id

    def delete(self, external_id: str) -> None:
        self.world.delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        def answers(comment: Comment) -> bool:
            return comment.parent is not None and comment.parent.id == to and comment.author is self.video.owner

        return [comment.text for comment in self.world.comments.values() if answers(comment)]

    def private_texts(self, *, author: str = "aya") -> list[str]:  # noqa: ARG002 - there are none
        return []

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


class TestSignedIn(ChannelContract):
    @pytest.fixture
    def platform(self, fake: YouTubeFake, proxy: FaultyProxy, video: Video) -> FakeDriver:
        return FakeDriver(fake, proxy, video)

    @pytest.fixture
    def channel(self, platform: FakeDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)


class TestWithAKey(TestSignedIn):
    @pytest.fixture
    def channel(self, platform: FakeDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(key=API_KEY, page_size=platform.page_size)
