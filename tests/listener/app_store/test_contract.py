"""The App Store passes what every channel of reviews must pass."""

import pytest

from domain.ports import Channel
from listener.reviews import TURN, review_id_of
from tests.listener.app_store.stage import CALLS, PEM, OpenChannel
from tests.listener.channel_contract import Break
from tests.listener.review_contract import ReviewContract
from tests.listener.review_stage import fault
from tests.partners.app_store_connect import AppStoreConnect
from tests.partners.faulty_proxy import FaultyProxy


class StoreDriver:
    """Customers write reviews; colleagues answer in App Store Connect's own pages."""

    page_size = 3
    secrets = (PEM, *PEM.splitlines()[1:-1])

    def __init__(self, store: AppStoreConnect, proxy: FaultyProxy) -> None:
        self.store = store
        self.proxy = proxy

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.store.write(text, nickname=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        del author
        response = self.store.reviews[to].response
        assert response is not None
        self.store.change(to, text)
        return f"{to}{TURN}{int(response.modified.timestamp() * 1000)}"

    def post_as_us(self, text: str, *, to: str) -> None:
        self.store.answer_by_hand(to, text)

    def edit(self, external_id: str, text: str) -> str:
        self.store.change(external_id, text)
        return external_id

    def delete(self, external_id: str) -> None:
        del self.store.reviews[external_id]

    def public_texts(self, *, to: str) -> list[str]:
        review = self.store.reviews.get(review_id_of(to))
        return [review.response.text] if review and review.response else []

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


class TestAppStore(ReviewContract):
    @pytest.fixture
    def platform(self, store: AppStoreConnect, proxy: FaultyProxy) -> StoreDriver:
        return StoreDriver(store, proxy)

    @pytest.fixture
    def channel(self, platform: StoreDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)
