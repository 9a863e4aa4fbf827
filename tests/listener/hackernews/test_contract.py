"""Hacker News passes what every channel must pass; it is only read."""

import html

import pytest
from starlette.responses import Response

from listener.channels.hackernews import HackerNewsChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.hackernews.stage import OpenChannel
from tests.partners.hackernews_site import HackerNewsSite

OURS = "mizunara_shop"


FAULTS = {
    Break.PERMANENT: Response(status_code=403),
    Break.RETRYABLE: Response(status_code=429, headers={"Retry-After": "30"}),
    Break.UNTOLD: Response(status_code=429),
    Break.BROKEN: Response("<h1>Bad Gateway</h1>", status_code=502),
    Break.TORN: Response('{"hits": [', headers={"content-length": "5000"}),
}


class HackerNewsDriver:
    """Posts on the site."""

    page_size = 3
    secrets = ()

    def __init__(self, site: HackerNewsSite) -> None:
        self.site = site

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.site.story(text, by=author, url="https://mizunara.example/coat")

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.site.comment(html.escape(text), to=to, by=author)

    def post_as_us(self, text: str, *, to: str) -> None:
        self.site.comment(text, to=to, by=OURS)

    def edit(self, external_id: str, text: str) -> str:
        self.site.posts[int(external_id)].title = html.escape(text)
        return external_id

    def delete(self, external_id: str) -> None:
        self.site.posts[int(external_id)].deleted = True

    def public_texts(self, *, to: str) -> list[str]:
        return [post.text for post in self.site.posts.values() if post.by == OURS and post.parent == int(to)]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        del call
        self.site.once.append(FAULTS[how])


class TestHackerNews(ChannelContract):
    @pytest.fixture
    def platform(self, site: HackerNewsSite) -> HackerNewsDriver:
        site.users.add(OURS)
        return HackerNewsDriver(site)

    @pytest.fixture
    def channel(self, platform: HackerNewsDriver, open_channel: OpenChannel) -> HackerNewsChannel:
        return open_channel(account=OURS, whole_threads=True, page_size=platform.page_size)
