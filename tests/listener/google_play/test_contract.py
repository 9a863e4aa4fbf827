"""Google Play passes what every channel of reviews must pass."""

import pytest

from domain.ports import Channel
from listener.reviews import INVISIBLE, TURN, review_id_of
from tests.listener.channel_contract import Break
from tests.listener.google_play.stage import CALLS, PEM, OpenChannel, key_file
from tests.listener.review_contract import ReviewContract
from tests.listener.review_stage import fault
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.google_play_api import GooglePlayApi


class PlayDriver:
    """Customers write reviews; colleagues answer in Play Console."""

    page_size = 3

    def __init__(self, play: GooglePlayApi, proxy: FaultyProxy) -> None:
        self.play = play
        self.proxy = proxy
        self.secrets = (key_file(play.address), PEM, *PEM.splitlines()[1:-1], "ya29.c.secret")

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.play.write(text, author=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        del author
        replied = self.play.reviews[to].replied
        assert replied is not None
        self.play.change(to, text)
        return f"{to}{TURN}{int(replied.timestamp() * 1000)}"

    def post_as_us(self, text: str, *, to: str) -> None:
        self.play.answer_by_hand(to, text)

    def edit(self, external_id: str, text: str) -> str:
        self.play.change(external_id, text)
        return external_id

    def delete(self, external_id: str) -> None:
        del self.play.reviews[external_id]

    def public_texts(self, *, to: str) -> list[str]:
        review = self.play.reviews.get(review_id_of(to))
        return [review.reply.replace(INVISIBLE, "")] if review and review.reply else []

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


class TestGooglePlay(ReviewContract):
    @pytest.fixture
    def platform(self, play: GooglePlayApi, proxy: FaultyProxy) -> PlayDriver:
        return PlayDriver(play, proxy)

    @pytest.fixture
    def channel(self, platform: PlayDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)
