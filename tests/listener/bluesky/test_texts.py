"""Rich text, record keys, lengths and strangers' JSON: everything about Bluesky that needs no network."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.words import Engagement, MentionKind, Visibility
from listener.channels.bluesky import wire
from listener.channels.bluesky.facets import expand_links, make_facets
from listener.channels.bluesky.reading import read_message, read_post
from listener.channels.bluesky.refusals import Refusal, TokenRefusedError, explain_refusal
from listener.channels.bluesky.sending import measure_text, record_key
from tests.cast import NOON
from tests.listener.bluesky.fakes import MINA, SHOP, at, post_view

KNOWN = {"shop.test": SHOP, "mina.test": MINA}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "uri", "author", "did", "record", "text", "facets", "index", "byteStart", "byteEnd", "features", "$type",
        "reply", "root", "parent", "langs", "createdAt", "indexedAt", "embed", "id", "sender", "sentAt",
    ]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


def marked(text: str) -> list[tuple[str, str]]:
    """Return (marked stretch, value) of the facets made for ``text``, by cutting the bytes as readers do."""
    raw = text.encode()
    found = []
    for facet in make_facets(text, lambda handle: KNOWN.get(handle, "")):
        stretch = raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        feature = {key: value for key, value in facet["features"][0].items() if key != "$type"}
        found.append((stretch, next(iter(feature.values()))))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("詳しくはhttps://shop.example/返品をご覧ください", [("https://shop.example/", "https://shop.example/")]),
        (
            "🧥👨‍👩‍👧‍👦 https://a.example/x?y=1&z=(2).",
            [("https://a.example/x?y=1&z=(2)", "https://a.example/x?y=1&z=(2)")],
        ),
        ("(see https://a.example/b) ok", [("https://a.example/b", "https://a.example/b")]),
        ("「https://a.example/b」、", [("https://a.example/b", "https://a.example/b")]),
        ("こちらは@shop.test です🙇", [("@shop.test", SHOP)]),
        ("@Mina.test さん", [("@Mina.test", MINA)]),
        ("mail info@shop.test please", []),
        ("@nobody.test", []),
        ("https://a.example/@shop.test", [("https://a.example/@shop.test", "https://a.example/@shop.test")]),
        ("#緑のコート #1 ＃coat_2 a#b", [("#緑のコート", "緑のコート"), ("＃coat_2", "coat_2")]),
        ("https:// と #", []),
    ],
)
def test_links_mentions_and_tags_are_marked_by_exact_bytes(text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text) == expected


@given(st.text(alphabet="a緑🧥#＃@./:hтps （）\u200d\ud83e shop.tehttps://", max_size=60))
def test_facets_of_any_text_lie_on_character_borders_in_order_and_apart(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    position = 0
    for facet in make_facets(text, lambda _handle: SHOP):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert position <= start < end <= len(raw)
        raw[start:end].decode("utf-8", "surrogatepass")
        position = end


def link(start: object, end: object, uri: object = "https://shop.example/a/very/long/path") -> dict[str, object]:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def test_a_shortened_link_is_written_out_between_japanese_and_emoji() -> None:
    text = "緑🧥 shop.example/a/ve... です"
    start = len("緑🧥 ".encode())
    shown = "緑🧥 https://shop.example/a/very/long/path です"
    assert expand_links(text, [link(start, start + len("shop.example/a/ve..."))]) == shown


@pytest.mark.parametrize(
    "facet",
    [
        link(-1, 3),
        link(0, 999),
        link(3, 3),
        link(1, 3),
        link(0, 4),
        link("0", "3"),
        link(0.0, 3.0),
        link(True, 3),
        link(0, 3, "javascript:alert(1)"),
        link(0, 3, None),
        {"index": 7, "features": "x"},
        None,
        [],
    ],
)
def test_a_facet_that_does_not_fit_leaves_the_text_alone(facet: object) -> None:
    assert expand_links("緑のコート", [facet]) == "緑のコート"


def test_overlapping_links_are_written_out_once() -> None:
    assert expand_links("abcdef", [link(0, 4, "https://one.example"), link(2, 6, "https://two.example")]) == (
        "https://one.exampleef"
    )


@given(JUNK)
def test_whatever_json_comes_it_is_a_mention_or_nothing(junk: object) -> None:
    read_post(junk, own_did=SHOP)
    read_post({**post_view("k"), "record": junk}, own_did=SHOP)
    read_message(junk, convo_id="c", authors={})
    expand_links("緑のコート", [junk])


def test_a_post_is_read_whole() -> None:
    mention = read_post(post_view("k", langs=["ja", "en"]), own_did=SHOP)
    assert mention is not None
    assert (mention.kind, mention.engagement, mention.language_hint) == (MentionKind.POST, Engagement.POSTED, "ja")
    assert mention.url == "https://bsky.app/profile/did:plc:mina/post/k"
    assert mention.created_at == NOON
    assert mention.thread_external_id == mention.external_id == "at://did:plc:mina/app.bsky.feed.post/k"


def test_engagement_is_read_from_the_post_so_that_search_and_notifications_agree() -> None:
    ours = f"at://{SHOP}/app.bsky.feed.post/ours"
    mention = {"index": {}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": SHOP}]}
    cases: dict[Engagement, dict[str, object]] = {
        Engagement.MENTIONED: {"facets": [mention]},
        Engagement.REPLIED: {"reply": {"root": {"uri": ours}, "parent": {"uri": ours}}},
        Engagement.QUOTED: {"embed": {"record": {"uri": ours}}},
        Engagement.POSTED: {},
    }
    for engagement, record in cases.items():
        found = read_post({**post_view("k"), "record": record}, own_did=SHOP)
        assert found is not None
        assert found.engagement is engagement


@pytest.mark.parametrize("with_pictures", [False, True])
def test_a_quote_names_the_quoted_post_and_a_view_of_it_brings_its_words(*, with_pictures: bool) -> None:
    theirs = f"at://{MINA}/app.bsky.feed.post/theirs"
    value = {"text": "青が届いた shop.example/a/ve...", "facets": [link(16, 36)]}
    shown: dict[str, object] = {
        "uri": theirs,
        "author": {"did": MINA, "handle": "mina.test", "displayName": "みな"},
        "value": value,
    }
    embed: dict[str, object] = {"record": {"uri": theirs}}
    view: dict[str, object] = {"record": shown}
    if with_pictures:
        embed, view = {"record": embed}, {"record": view}
    found = read_post({**post_view("k", embed=embed), "embed": view}, own_did=SHOP)
    assert found is not None
    assert (found.quoted_external_id, found.engagement) == (theirs, Engagement.POSTED)
    assert found.thread_external_id == found.external_id
    assert found.platform_data["quoted_text"] == "青が届いた https://shop.example/a/very/long/path"
    assert found.platform_data["quoted_author"] == "みな"
    bare = read_post(post_view("k", embed=embed), own_did=SHOP)
    assert bare is not None
    assert (bare.quoted_external_id, "quoted_text" in bare.platform_data) == (theirs, False)


def test_a_quote_of_ours_and_an_embedded_feed_name_nothing() -> None:
    ours = {
        "uri": f"at://{SHOP}/app.bsky.feed.post/ours",
        "author": {"did": SHOP, "handle": "s"},
        "value": {"text": "x"},
    }
    feed = {"uri": f"at://{MINA}/app.bsky.feed.generator/coats"}
    for record in (ours, feed):
        found = read_post({**post_view("k", embed={"record": record}), "embed": {"record": record}}, own_did=SHOP)
        assert found is not None
        assert (found.quoted_external_id, set(found.platform_data)) == ("", {"cid"})


def test_quoted_words_are_kept_to_five_hundred_characters() -> None:
    theirs = {
        "uri": f"at://{MINA}/app.bsky.feed.post/t",
        "author": {"did": MINA, "handle": "m"},
        "value": {"text": "長" * 3000},
    }
    found = read_post({**post_view("k", embed={"record": theirs}), "embed": {"record": theirs}}, own_did=SHOP)
    assert found is not None
    assert found.platform_data["quoted_text"] == "長" * 500


def test_a_repost_is_no_mention() -> None:
    repost = {**post_view("k"), "uri": f"at://{MINA}/app.bsky.feed.repost/k", "reason": "repost"}
    assert read_post(repost, own_did=SHOP) is None


def test_people_who_answer_the_same_post_of_ours_have_a_thread_each() -> None:
    ours = f"at://{SHOP}/app.bsky.feed.post/sale"
    place = {"root": {"uri": ours}, "parent": {"uri": ours}}
    threads = set()
    for author in (MINA, "did:plc:ken"):
        found = read_post(post_view("k", author=author, reply=place), own_did=SHOP)
        assert found is not None
        assert found.parent_external_id == ours
        threads.add(found.thread_external_id)
    assert len(threads) == 2


def test_a_claimed_time_yet_to_come_is_not_believed() -> None:
    found = read_post(post_view("k", createdAt="9999-12-31T23:59:59Z"), own_did=SHOP)
    assert found is not None
    assert found.created_at == NOON
    assert wire.moment({"t": "0001-01-01T00:00:00+14:00"}, "t") is None


def test_our_own_posts_and_strange_addresses_are_no_mentions() -> None:
    assert read_post(post_view("k", author=SHOP), own_did=SHOP) is None
    for uri in ("", "https://x", "at://mina.test/app.bsky.feed.post/k", f"at://{MINA}/app.bsky.feed.like/k", "at://"):
        assert read_post({**post_view("k"), "uri": uri}, own_did=SHOP) is None


# -- keys and lengths --------------------------------------------------------------------------------------------------


def test_a_record_key_is_a_valid_timestamp_identifier_and_belongs_to_the_request() -> None:
    key = record_key(NOON, "k" * 32)
    assert key == record_key(NOON, "k" * 32)
    assert len(key) == 13
    assert key[0] in "234567abcdefghij"
    assert set(key) <= set("234567abcdefghijklmnopqrstuvwxyz")
    number = 0
    for letter in key:
        number = number * 32 + "234567abcdefghijklmnopqrstuvwxyz".index(letter)
    assert number // 1024 // 1_000_000 == int(NOON.timestamp())


def test_replies_approved_in_the_same_moment_have_different_keys() -> None:
    assert len({record_key(NOON, f"reply {number}") for number in range(5_000)}) == 5_000


def test_a_later_approval_sorts_behind() -> None:
    assert record_key(NOON, "a") < record_key(NOON + timedelta(seconds=1), "b")


@pytest.mark.parametrize(
    ("text", "length"),
    [("緑のコート", 5), ("e\u0301", 1), ("🇯🇵🇯🇵", 2), ("か\u3099", 1), ("👨‍👩‍👧‍👦", 3), ("a" * 300, 300), ("", 0)],
)
def test_length_counts_what_people_see_and_long_emoji_by_their_bytes(text: str, length: int) -> None:
    assert measure_text(text, Visibility.PUBLIC).length == length


def test_a_text_within_300_graphemes_but_beyond_3000_bytes_does_not_fit() -> None:
    assert measure_text("👨‍👩‍👧‍👦" * 120, Visibility.PUBLIC).fits
    assert not measure_text("👨‍👩‍👧‍👦" * 121, Visibility.PUBLIC).fits
    assert not measure_text("緑" * 301, Visibility.PUBLIC).fits
    assert measure_text("緑" * 1000, Visibility.DM).fits


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        (Refusal(status=429), RetryableError, "rate_limited"),
        (Refusal(status=500), SendUncertainError, "server_error"),
        (Refusal(status=502, name="UpstreamFailure"), SendUncertainError, "server_error"),
        (Refusal(status=501, name="MethodNotImplemented"), PermanentError, "unsupported"),
        (Refusal(status=404), PermanentError, "unsupported"),
        (Refusal(status=400, name="ExpiredToken"), TokenRefusedError, "session_refused"),
        (Refusal(status=400, name="InvalidToken", message="Bad token method"), PermanentError, "no_dm_right"),
        (Refusal(status=400, name="AccountTakedown"), PermanentError, "account_taken_down"),
        (Refusal(status=400, name="MessagesDisabled"), PermanentError, "dm_closed"),
        (Refusal(status=400, name="BlockedActor"), PermanentError, "blocked"),
        (Refusal(status=400, message="text must not be longer than 300 graphemes"), PermanentError, "too_long"),
        (Refusal(status=400, name="InvalidRequest", message="no\n such\tthing"), PermanentError, "refused"),
        (Refusal(status=403), PermanentError, "refused"),
    ],
)
def test_every_refusal_of_a_send_has_its_kind_and_code(refusal: Refusal, kind: type[Exception], code: str) -> None:
    error = explain_refusal(refusal, sends=True, now=NOON)
    assert type(error) is kind
    assert error.code == code
    assert "\n" not in str(error)


def test_a_failed_read_may_always_be_tried_again() -> None:
    for status in (408, 500, 502, 503):
        assert type(explain_refusal(Refusal(status=status), sends=False, now=NOON)) is RetryableError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"ratelimit-reset": str(int(at(2).timestamp()))}, 120),
        ({"ratelimit-reset": str(int(at(-2).timestamp()))}, 1),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, 86_400),
        ({}, None),
    ],
)
def test_the_servers_delay_is_read_from_either_header(headers: dict[str, str], seconds: float | None) -> None:
    error = explain_refusal(Refusal(status=429, headers=headers), sends=True, now=NOON)
    assert isinstance(error, RetryableError)
    assert error.retry_after_seconds == seconds
