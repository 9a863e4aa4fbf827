"""What the contract does not ask for, against a server of somebody else's making."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import SystemClock
from domain.errors import PermanentError, SendUncertainError
from domain.words import Engagement, MentionKind, Visibility
from listener.channels.mastodon import MastodonChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import answer, mention_of
from tests.partners.faulty_proxy import Cut, FaultyProxy
from tests.partners.mastodon_server import DOMAIN, MastodonServer, Person

pytestmark = pytest.mark.partner


@pytest.fixture(scope="module")
def coat_shop(mastodon_server: MastodonServer) -> Iterator[Person]:
    person = mastodon_server.sign_up("coatshop")
    yield person
    person.close()


@pytest.fixture(scope="module")
def kei(mastodon_server: MastodonServer) -> Iterator[Person]:
    person = mastodon_server.sign_up("kei")
    yield person
    person.close()


@pytest.fixture(scope="module")
def line(mastodon_server: MastodonServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(mastodon_server.url) as running:
        yield running


@pytest.fixture
def channel(coat_shop: Person, line: FaultyProxy, tmp_path: Path) -> MastodonChannel:
    settings = ChannelSettings(
        name="shop",
        kind="mastodon",
        options={"instance": line.url, "hashtags": ["greencoat"], "search": ["ミズナラ"]},
        secrets={"access_token": SecretStr(coat_shop.token)},
    )
    return make_channel(settings, ChannelContext(state_dir=tmp_path, clock=SystemClock()))


def test_the_probe_names_the_account_and_the_server(channel: MastodonChannel, coat_shop: Person) -> None:
    assert channel.probe().startswith(f"@coatshop@{DOMAIN} ({coat_shop.id}) on ")


def test_hashtags_searches_boosts_and_edits(channel: MastodonChannel, kei: Person, coat_shop: Person) -> None:
    tagged = kei.post("so warm #greencoat")
    found = kei.post("ミズナラのコート")
    kei.boost(tagged)
    coat_shop.post("ours #greencoat")
    mentions, cursor, _ = read_all(channel)
    posted = {one.external_id: one.engagement for one in mentions if one.author.external_id == kei.id}
    assert posted == {tagged: Engagement.POSTED, found: Engagement.POSTED}
    kei.edit(tagged, "not so warm #greencoat")
    mentions, _, _ = read_all(channel, cursor)
    assert [(one.external_id, one.text) for one in mentions] == [(tagged, "not so warm #greencoat")]


def test_private_mentions_go_both_ways_and_stay_private(
    channel: MastodonChannel, kei: Person, coat_shop: Person, mastodon_server: MastodonServer
) -> None:
    mention = mention_of(channel, kei.post("@coatshop 注文番号は1234です", visibility="direct"))
    assert (mention.kind, mention.text) == (MentionKind.MESSAGE, "注文番号は1234です")
    with pytest.raises(PermanentError):
        channel.reply(answer(mention, "hello"))
    sent = channel.direct_message(answer(mention, "承知しました"))
    assert coat_shop.own_sources(id=sent.external_id, visibility="direct") == ["@kei 承知しました"]
    stranger = mastodon_server.sign_up("ren")
    seen = stranger.get(f"/api/v1/accounts/{coat_shop.id}/statuses")
    assert sent.external_id not in {one["id"] for one in seen}
    stranger.close()


def test_a_reply_whose_answer_was_lost_and_which_is_sent_again_stands_once(
    channel: MastodonChannel, kei: Person, coat_shop: Person, line: FaultyProxy
) -> None:
    mention = mention_of(channel, kei.post("@coatshop 青が届きました"))
    request = replace(answer(mention, "緑をお送りします", key="another-reply"), approved_at=datetime.now(UTC))
    for cut in (Cut.AFTER, Cut.HALF, Cut.BEFORE):
        line.fail_next("POST /api/v1/statuses", cut)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert channel.reply(request) == found
    assert coat_shop.own_sources(in_reply_to_id=mention.external_id) == ["@kei 緑をお送りします"]
