"""Length as X counts it, and what its refusals mean."""

import pytest

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.words import Visibility
from listener.channels.x.measuring import has_link, measure_text
from listener.channels.x.reading import Ourselves, check_fields, read_engagement, read_message, read_post, read_text
from listener.channels.x.refusals import Refusal, TokenRefusedError, explain_refusal
from listener.channels.x.snowflakes import id_at, moment_of
from tests.cast import NOON

US = Ourselves(id="7000", username="Shop")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("こんにちは", 10),
        ("ｶﾀｶﾅ", 8),
        ("“smart” quotes—and … dots", 26),
        ("caf\u00e9", 4),
        ("cafe\u0301", 4),
        ("が", 2),
        ("か\u3099", 2),
        ("😢", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇯🇵", 2),
        ("👍🏽", 2),
        ("1️⃣", 2),
        ("https://example.com/a/very/long/path?with=query&and=more#too", 23),
        ("詳しくはhttps://example.comをご覧ください", 8 + 23 + 14),
        ("(https://example.com/a).", 26),
        ("see example.com now", 31),
        ("aya@example.com", 15),
        ("3.14 and e.g. this", 18),
        ("a\nb", 3),
    ],
)
def test_length_is_weighted(text: str, length: int) -> None:
    assert measure_text(text, Visibility.PUBLIC).length == length


def test_one_hundred_and_forty_kana_are_the_limit() -> None:
    assert measure_text("あ" * 140, Visibility.PUBLIC).fits
    assert not measure_text("あ" * 140 + "a", Visibility.PUBLIC).fits
    assert measure_text("あ" * 10_000, Visibility.DM).fits
    assert not measure_text("あ" * 10_001, Visibility.DM).fits


def test_an_address_is_seen_where_it_costs_money() -> None:
    assert has_link("ここ：https://shop.example.com")
    assert has_link("shop.example.jp を見てください")
    assert not has_link("aya@example.com へ。1.5倍です。")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"errors": [{"message": "Invalid since_id"}]}, "refused"),
        (401, {"title": "Unauthorized"}, "bad_credentials"),
        (402, {"title": "CreditsDepleted"}, "no_credits"),
        (403, {"title": "Forbidden", "detail": "credits depleted"}, "no_credits"),
        (403, {"reason": "client-not-enrolled"}, "no_access"),
        (403, {"detail": "You are not allowed to create a Tweet with duplicate content."}, "duplicate"),
        (403, {"detail": "You have not been mentioned or otherwise engaged by the author"}, "not_summoned"),
        (403, {"detail": "reply to a Tweet that is deleted or not visible to you."}, "gone"),
        (403, {"detail": "The original Tweet author restricted who can reply"}, "replies_not_allowed"),
        (403, {"detail": "You do not have permission to DM one or more participants."}, "dm_closed"),
        (403, {"type": "https://api.twitter.com/2/problems/oauth1-permissions"}, "no_right"),
        (403, {"errors": [{"code": 326, "message": "this account is temporarily locked"}]}, "account_locked"),
        (403, {"detail": "something new\n" + "x" * 900}, "refused"),
        (403, None, "refused"),
        (403, ["a", "list"], "refused"),
        (404, {}, "not_found"),
        (429, {"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap"}, "usage_capped"),
    ],
)
def test_what_can_never_work_is_permanent(status: int, body: object, code: str) -> None:
    for sends in (True, False):
        error = explain_refusal(Refusal(status=status, body=body), sends=sends, now=NOON)
        assert isinstance(error, PermanentError)
        assert error.code == code
        assert error.remedy
        assert len(str(error)) < 400
        assert "\n" not in str(error)


def test_only_a_refused_key_asks_for_another() -> None:
    assert isinstance(explain_refusal(Refusal(status=401), sends=True, now=NOON), TokenRefusedError)
    assert not isinstance(explain_refusal(Refusal(status=403), sends=True, now=NOON), TokenRefusedError)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-rate-limit-reset": "soon"}, None),
        ({"x-rate-limit-reset": "-5"}, None),
        ({"x-rate-limit-reset": str(int(NOON.timestamp()) + 90)}, 90),
        ({"x-rate-limit-reset": str(int(NOON.timestamp()) - 90)}, 1),
        ({"x-rate-limit-reset": "9" * 15}, 86_400),
        ({"retry-after": "17"}, 17),
        ({"x-rate-limit-remaining": "3", "x-rate-limit-reset": str(int(NOON.timestamp()) + 90)}, None),
        ({"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(int(NOON.timestamp()) + 5000)}, 5000),
    ],
)
def test_the_wait_is_the_platforms(headers: dict[str, str], seconds: float | None) -> None:
    error = explain_refusal(Refusal(status=429, headers=headers), sends=True, now=NOON)

    assert isinstance(error, RetryableError)
    assert error.retry_after_seconds == seconds


def test_trouble_on_the_other_side_is_a_doubt_for_sends_only() -> None:
    def told(*, sends: bool) -> ChannelError:
        return explain_refusal(Refusal(status=503), sends=sends, now=NOON)

    assert isinstance(told(sends=True), SendUncertainError)
    assert isinstance(told(sends=False), RetryableError)


@pytest.mark.parametrize(
    "post", [None, 3, [], {}, {"id": 5}, {"id": "1", "author_id": "2"}, {"id": "1", "created_at": "x"}]
)
def test_a_post_without_what_matters_is_refused(post: object) -> None:
    with pytest.raises(PermanentError) as caught:
        check_fields(post)
    assert caught.value.code == "fields_missing"


@pytest.mark.parametrize(
    "more",
    [
        {"entities": 3},
        {"entities": {"urls": [None, {"url": 1}], "mentions": ["x", {"start": "0"}]}},
        {"note_tweet": []},
        {"referenced_tweets": [None, {"type": "quoted"}]},
        {"edit_history_tweet_ids": [1, None, "x"]},
        {"text": None, "lang": 5, "conversation_id": []},
        {"created_at": "2026-13-40T00:00:00Z"},
    ],
)
def test_hostile_posts_do_not_raise(more: dict[str, object]) -> None:
    post = {"id": "1", "author_id": "2", "created_at": "2026-11-20T03:00:00.000Z", "text": "hi"} | more

    found = read_post(post, {"2": "no profile"}, US)

    assert found is None or found.external_id == "1"
    assert read_message(more, {}, US) is None


def test_a_reply_that_names_us_beyond_its_beginning_is_a_mention() -> None:
    mentions = [{"username": "shop", "start": 0, "end": 5}, {"username": "shop", "start": 25, "end": 30}]
    post = {
        "text": "@shop @aya what about me, @shop",
        "in_reply_to_user_id": "7000",
        "entities": {"mentions": mentions},
    }
    assert read_engagement(post, US) == "mentioned"
    post["entities"] = {"mentions": mentions[:1]}
    assert read_engagement(post, US) == "replied"


def test_only_short_links_of_x_are_replaced() -> None:
    urls = [{"url": "hi", "expanded_url": "https://evil.example"}, {"url": "https://t.co/a", "expanded_url": ""}]

    assert read_text({"text": "hi https://t.co/a", "entities": {"urls": urls}}) == "hi https://t.co/a"


def test_an_id_and_its_moment_belong_together() -> None:
    assert moment_of(id_at(NOON)) == NOON
    assert moment_of(1_460_323_737_035_677_698).isoformat(timespec="seconds") == "2021-11-15T19:08:05+00:00"
    assert id_at(NOON.replace(year=2000)) == 0
