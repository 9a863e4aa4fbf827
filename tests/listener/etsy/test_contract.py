"""The Etsy channel keeps the contract, against a site of ours over real HTTP."""

import pytest
from starlette.responses import JSONResponse, Response

from domain.ports import Channel
from domain.words import Engagement, MentionKind
from listener.channels.etsy import EtsyChannel
from tests.listener.channel_contract import Break, ChannelContract, PlatformDriver, read_all
from tests.listener.etsy.stage import OpenChannel
from tests.partners.etsy_site import KEYSTRING, SHARED_SECRET, EtsySite

FAULTS: dict[Break, Response] = {
    Break.PERMANENT: JSONResponse({"error": "API key not found or not active."}, status_code=403),
    Break.EXPIRED: JSONResponse({"error": "invalid_token"}, status_code=401),
    Break.RETRYABLE: Response(status_code=429, headers={"retry-after": "30"}),
    Break.UNTOLD: Response(status_code=429),
    Break.BROKEN: Response("<h1>Bad Gateway</h1>", status_code=502),
    Break.TORN: Response('{"count": 1, "results": [', headers={"content-length": "5000"}),
}


class EtsyDriver:
    """Reviews on the site."""

    page_size = 3
    secrets = (KEYSTRING, SHARED_SECRET)

    def __init__(self, site: EtsySite) -> None:
        self.site = site

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.site.review(text, buyer=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        del text, to, author
        return ""  # nobody but the shop answers a review

    def post_as_us(self, text: str, *, to: str) -> None:
        """Nothing the interface shows."""

    def edit(self, external_id: str, text: str) -> str:
        self.site.edit(external_id, text)
        return external_id

    def delete(self, external_id: str) -> None:
        del self.site.reviews[int(external_id)]

    def public_texts(self, *, to: str) -> list[str]:
        del to
        return []

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        del call
        self.site.once.append(FAULTS[how])


class TestEtsy(ChannelContract):
    @pytest.fixture
    def platform(self, site: EtsySite) -> EtsyDriver:
        return EtsyDriver(site)

    @pytest.fixture
    def channel(self, platform: EtsyDriver, open_channel: OpenChannel) -> EtsyChannel:
        return open_channel(page_size=platform.page_size)

    def test_a_mention_arrives_whole(self, platform: PlatformDriver, channel: Channel) -> None:
        """Played as Etsy plays it: it names no buyers, they are numbers."""
        external_id = platform.post("The coat is blue.", author="aya")
        (mention,) = read_all(channel)[0]
        assert mention.external_id == external_id
        assert mention.text == "The coat is blue."
        assert (mention.kind, mention.engagement) == (MentionKind.REVIEW, Engagement.REVIEWED)
        assert mention.author.external_id == "55000"
        assert mention.author.handle == "buyer 55000"
        assert mention.author.external_id != channel.own_author_id
        assert mention.created_at.tzinfo is not None
        assert mention.url.startswith("https://")
