"""What people wrote arrives as they meant it, and nothing arrives that is none of our business."""

from datetime import timedelta

from domain.mentions import IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.mastodon import MastodonChannel
from listener.channels.mastodon.reading import Root, read_status
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import OpenChannel, mention_of
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


def only(channel: MastodonChannel) -> IncomingMention:
    found, _, _ = read_all(channel)
    assert len(found) == 1
    return found[0]


def test_a_mention_from_another_server_carries_whole_handle_and_stable_id(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    post = fake.world.add(mina, "@shop@mastodon.example 緑を頼んだのに青が届きました😢")
    mention = only(channel)
    assert mention.text == "緑を頼んだのに青が届きました😢"
    assert (mention.author.external_id, mention.author.handle) == (mina.id, "mina@far.example")
    assert mention.author.url == "https://far.example/@mina"
    assert mention.url == f"https://far.example/@mina/{post.id}"
    assert mention.created_at == post.created_at.replace(microsecond=post.created_at.microsecond // 1000 * 1000)
    assert mention.language_hint == "ja"
    assert mention.platform_data == {"root_author": mina.id}


def test_our_name_is_left_out_in_front_only_and_where_something_else_was_said(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    said = ["@shop", "I love @shop coats", "@shopping @shop hello", "@SHOP\n\nhello", "@other @shop hello"]
    ids = [fake.world.add(mina, text).id for text in said]
    by_id = {one.external_id: one.text for one in read_all(channel)[0]}
    assert [by_id.get(one) for one in ids] == [
        "@shop",
        "I love @shop coats",
        "@shopping @shop hello",
        "hello",
        "@other @shop hello",
    ]


def test_long_addresses_that_the_server_hides_partly_are_read_whole(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    address = "https://www.shop.example/orders/2026-11-20/green-winter-coat?size=m&colour=green#photos"
    fake.world.add(mina, f"@shop {address} です")
    assert only(channel).text == f"{address} です"


def test_paragraphs_lines_and_white_space_stay_as_people_see_them(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    text = "届きません。\n注文は\t昨日です。\n\n二段目   です #コート"
    fake.world.add(mina, f"@shop {text}")
    assert only(channel).text == text


def test_markup_of_other_software_becomes_text_and_nothing_of_it_runs(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    markup = "<p>Hello <b>dear</b> shop</p>\n<ul><li>one</li><li>two</li></ul><script>alert(1)</script><p>&lt;b&gt;</p>"
    fake.world.add(mina, "@shop x", markup=markup)
    assert only(channel).text == "Hello dear shop\n\none\ntwo\n\n<b>"


def test_a_content_warning_is_the_first_line(channel: MastodonChannel, fake: MastodonFake, mina: Someone) -> None:
    fake.world.add(mina, "@shop 箱の中に虫がいました", warning="虫の話です")
    assert only(channel).text == "虫の話です\n箱の中に虫がいました"


def test_a_very_long_post_arrives_whole(channel: MastodonChannel, fake: MastodonFake, mina: Someone) -> None:
    text = "長い話です。👨‍👩‍👧‍👦" * 4_000
    fake.world.add(mina, f"@shop {text}")
    assert only(channel).text == text


def test_boosts_and_our_own_posts_are_left_out(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, shop: Someone
) -> None:
    post = fake.world.add(mina, "緑がいい #coat")
    fake.world.add(fake.world.person("ken"), "#coat", boosted=post)
    fake.world.add(shop, "New in: #coat")
    found, _, _ = read_all(open_channel(hashtags=["coat"]))
    assert [one.external_id for one in found] == [post.id]


def test_hashtags_and_searches_are_collected_and_say_that_nobody_turned_to_us(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    tagged = fake.world.add(mina, "緑であたたかい #コート")
    found_by_word = fake.world.add(mina, "ミズナラのコートが欲しい")
    both = fake.world.add(mina, "@shop ミズナラ #コート")
    channel = open_channel(hashtags=["#コート"], search=["ミズナラ"])
    found, cursor, _ = read_all(channel)
    by_id = {one.external_id: one.engagement for one in found}
    assert by_id[tagged.id] == by_id[found_by_word.id] == Engagement.POSTED
    assert by_id[both.id] is Engagement.MENTIONED
    later = fake.world.add(mina, "ミズナラ again")
    assert [one.external_id for one in read_all(channel, cursor)[0]] == [later.id]


def test_a_stranger_s_private_mention_is_read_though_the_server_sorts_it_away(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    fake.world.add(mina, "@shop 住所はこちらです", visibility="direct")
    assert fake.world.notices[0].is_filtered
    mention = only(channel)
    assert (mention.kind, mention.engagement) == (MentionKind.MESSAGE, Engagement.WROTE_DM)
    assert mention.text == "住所はこちらです"


def test_people_whom_moderators_limited_are_customers_too(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    mina.is_limited = True
    fake.world.add(mina, "@shop late again")
    assert only(channel).text == "late again"


def test_private_mentions_stay_unread_when_switched_off(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    fake.world.add(mina, "@shop secret", visibility="direct")
    channel = open_channel(direct_messages=False)
    assert read_all(channel)[0] == []
    assert not channel.capabilities.can_direct_message


def test_a_quote_of_our_post_comes_as_a_quote(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, shop: Someone
) -> None:
    ours = fake.world.add(shop, "New coats")
    fake.world.add(mina, "高すぎる", quoted=ours)
    assert only(channel).engagement is Engagement.QUOTED


def test_a_quote_of_somebody_elses_post_brings_it_along(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    theirs = fake.world.add(fake.world.person("ken"), "青が届きました", warning="コート")
    quoting = fake.world.add(mina, "@shop 私もです", quoted=theirs)
    mention = only(channel)
    assert (mention.external_id, mention.thread_external_id) == (quoting.id, quoting.id)
    assert (mention.quoted_external_id, mention.engagement) == (theirs.id, Engagement.MENTIONED)
    assert mention.platform_data["quoted_text"].startswith("コート")
    assert mention.platform_data["quoted_author"]


def test_a_quote_of_ours_or_one_not_agreed_to_brings_nothing() -> None:
    def read(quote: object) -> IncomingMention:
        status = {"id": "9", "account": {"id": "5", "acct": "mina"}, "content": "<p>hi</p>", "quote": quote}
        root = Root(status_id="9", author_id="5")
        return read_status(status, own_id="1", own_handle="shop", root=root, quotes_us=False)

    theirs = {"id": "7", "account": {"id": "6", "acct": "ken"}, "content": "<p>blue</p>"}
    ours = {"id": "7", "account": {"id": "1", "acct": "shop"}, "content": "<p>sale</p>"}
    assert read({"state": "accepted", "quoted_status": theirs}).quoted_external_id == "7"
    hidden: tuple[object, ...] = (
        None,
        "7",
        {"state": "accepted", "quoted_status": ours},
        {"state": "accepted", "quoted_status": None},
        *({"state": state, "quoted_status": theirs} for state in ("pending", "rejected", "revoked", "blocked_account")),
    )
    for quote in hidden:
        mention = read(quote)
        assert (mention.quoted_external_id, set(mention.platform_data)) == ("", {"root_author"})


def test_an_answer_deep_in_a_thread_names_the_root_and_who_wrote_it(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, shop: Someone, proxy: FaultyProxy
) -> None:
    ours = fake.world.add(shop, "New coats")
    ken = fake.world.add(fake.world.person("ken"), "Nice", parent=ours)
    answers = [fake.world.add(mina, f"@shop where? {number}", parent=ken) for number in range(3)]
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    for post in answers:
        assert by_id[post.id].parent_external_id == ken.id
        assert by_id[post.id].thread_external_id == ours.id
        assert by_id[post.id].platform_data["root_author"] == shop.id
        assert by_id[post.id].kind is MentionKind.COMMENT
    assert proxy.count("/context") == 1


def test_an_answer_to_what_we_may_not_see_keeps_its_parent_as_its_thread(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    hidden = fake.world.add(fake.world.person("ken"), "for followers", visibility="private")
    mention = mention_of(channel, fake.world.add(mina, "@shop where?", parent=hidden).id)
    assert mention.thread_external_id == hidden.id
    assert mention.platform_data["root_author"] == hidden.author.id


def test_an_answer_to_what_we_deleted_is_still_an_answer_to_us(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, shop: Someone
) -> None:
    ours = fake.world.add(shop, "New coats")
    post = fake.world.add(mina, "@shop where?", parent=ours)
    fake.world.delete(ours.id)
    mention = mention_of(channel, post.id)
    assert mention.thread_external_id == post.id
    assert mention.engagement is Engagement.REPLIED


def test_the_first_poll_goes_back_as_far_as_the_settings_say(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    fake.clock.advance(timedelta(days=-10))
    fake.world.add(mina, "@shop old")
    fake.clock.advance(timedelta(days=10))
    recent = fake.world.add(mina, "@shop recent")
    assert [one.external_id for one in read_all(open_channel(first_poll_days=3))[0]] == [recent.id]
