"""The WooCommerce channel keeps the contract, against a site of ours over real HTTP: answering, and reading only."""

import pytest

from listener.channels.woocommerce import WooCommerceChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.wire_faults import ON_THE_WIRE
from tests.listener.woocommerce.stage import OpenChannel
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.woocommerce_site import APP_PASSWORD, KEY, SECRET, WooCommerceSite

CALLS = {"poll": "GET /wp-json/wc/v3/products/reviews", "reply": "POST /wp-json/wp/v2/comments"}
FAULTS: dict[Break, Answer | Cut] = {
    Break.PERMANENT: Answer(401, b'{"code":"woocommerce_rest_cannot_view","message":"no","data":{"status":401}}'),
    Break.RETRYABLE: Answer(429, b"<html>Too many requests</html>", {"retry-after": "30"}),
    Break.EXPIRED: Answer(
        401, b'{"code":"woocommerce_rest_authentication_error","message":"no","data":{"status":401}}'
    ),
    **ON_THE_WIRE,
}


class WooCommerceDriver:
    """Customers and colleagues on the site."""

    page_size = 3
    secrets = (KEY, SECRET, APP_PASSWORD)

    def __init__(self, site: WooCommerceSite, proxy: FaultyProxy) -> None:
        self.site = site
        self.proxy = proxy

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.site.review(text, name=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.site.review(text, name=author, parent=to)

    def post_as_us(self, text: str, *, to: str) -> None:
        self.site.answer_by_hand(text, to=to)

    def edit(self, external_id: str, text: str) -> str:
        self.site.comments[int(external_id)].content = text
        return external_id

    def delete(self, external_id: str) -> None:
        del self.site.comments[int(external_id)]

    def public_texts(self, *, to: str) -> list[str]:
        return self.site.answers(to=to)

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], FAULTS[how])


class TestWooCommerce(ChannelContract):
    @pytest.fixture
    def platform(self, site: WooCommerceSite, proxy: FaultyProxy) -> WooCommerceDriver:
        return WooCommerceDriver(site, proxy)

    @pytest.fixture
    def channel(self, platform: WooCommerceDriver, open_channel: OpenChannel) -> WooCommerceChannel:
        return open_channel(page_size=platform.page_size)
