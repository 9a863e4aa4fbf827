"""Answering: once, in the approved words, found again whatever became of it."""

import pytest
from starlette.responses import JSONResponse, Response

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.words import Visibility
from tests.listener.channel_contract import APPROVED_AT, REPLY_TEXT, request_for
from tests.listener.woocommerce.stage import OpenChannel, one_mention
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.woocommerce_site import PRODUCT, WooCommerceSite

COMMENT = "POST /wp-json/wp/v2/comments"


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
@pytest.mark.parametrize("attempt", range(5))
def test_a_connection_that_dies_after_wordpress_took_it_makes_exactly_one_comment(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy, cut: Cut, attempt: int
) -> None:
    number = site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel), f"{REPLY_TEXT} {attempt}")
    proxy.fail_next(COMMENT, cut)
    with pytest.raises(SendUncertainError):
        channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    again = channel.reply(request)
    assert found is not None
    assert again.external_id == found.external_id
    assert site.answers(to=number) == [request.text]


def test_a_repeat_of_the_same_request_finds_ours(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    number = site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    sent = [channel.reply(request) for _ in range(3)]
    assert len({one.external_id for one in sent}) == 1
    assert sent[0].url == f"https://shop.example/product/coat/#comment-{sent[0].external_id}"
    assert site.answers(to=number) == [REPLY_TEXT]


@pytest.mark.parametrize("status", ["hold", "spam", "trash"])
def test_an_answer_held_or_thrown_away_is_still_ours_and_is_not_sent_again(
    site: WooCommerceSite, open_channel: OpenChannel, status: str
) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    sent = channel.reply(request)
    site.comments[int(sent.external_id)].status = status
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id


def test_the_comment_stands_below_the_review_and_its_product(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    number = site.review("blue")
    site.products[78] = True
    site.comments[int(number)].product = 78  # merged into another product since
    channel = open_channel()
    sent = channel.reply(request_for(one_mention(channel)))
    comment = site.comments[int(sent.external_id)]
    assert (comment.parent, comment.product, comment.user) == (int(number), 78, site.me.id)


def test_an_answer_in_doubt_is_found_also_when_the_settings_name_another_user_since(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    number = site.review("blue")
    request = request_for(one_mention(open_channel()))
    sent = open_channel().reply(request)
    site.comments[int(sent.external_id)].user = 6
    site.review(REPLY_TEXT + " really?", parent=number)
    found = open_channel().find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id
    site.comments[int(sent.external_id)].content = "a colleague's own words"
    assert open_channel().find_reply(request, Visibility.PUBLIC) is None


def test_more_answers_than_are_read_prove_no_absence(
    site: WooCommerceSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    channel.reply(request)
    monkeypatch.setattr("listener.channels.woocommerce.sending.AT_ONCE", 2)
    for _ in range(2):
        site.review("me too", parent=number, age_seconds=-60)
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


def test_words_that_storing_changed_are_found_and_others_are_for_a_person(
    site: WooCommerceSite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    sent = channel.reply(request)
    comment = site.comments[int(sent.external_id)]
    comment.content = comment.content.replace("🙇", "&#x1f647;").replace(" ", "\n")
    assert channel.find_reply(request, Visibility.PUBLIC) is not None
    comment.content = comment.content.replace("&#x1f647;", "?")
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"
    comment.written = APPROVED_AT.replace(hour=1)
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    assert clock.now() == APPROVED_AT


def test_a_list_of_answers_that_is_not_whole_proves_no_absence(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    channel.reply(request)
    for lie in (JSONResponse([]), JSONResponse([], headers={"x-wp-total": "1"}), JSONResponse({})):
        site.once.append(lie)
        with pytest.raises(RetryableError):
            channel.find_reply(request, Visibility.PUBLIC)


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        (Answer(500, b"<p>critical error</p>"), SendUncertainError, "server_error"),
        (Answer(503, b"<html>maintenance</html>", {"retry-after": "600"}), SendUncertainError, "server_error"),
        (Answer(403, b"<html>firewall</html>"), SendUncertainError, "blocked"),
        (Answer(200, b"<html>cached page</html>"), SendUncertainError, "no_answer"),
        (Answer(201, b"{}"), SendUncertainError, "no_answer"),
        (Answer(404, b"<html>"), PermanentError, "unsupported"),
        (Answer(302, b"", {"location": "http://127.0.0.2/"}), PermanentError, "moved"),
        (Answer(400, b'{"code":"comment_flood"}'), RetryableError, "rate_limited"),
        (Answer(429, b'{"code":"comment_flood"}', {"retry-after": "20"}), RetryableError, "rate_limited"),
        (Answer(401, b'{"code":"incorrect_password"}'), PermanentError, "password_refused"),
        (Answer(401, b'{"code":"rest_not_logged_in"}'), PermanentError, "password_refused"),
        (Answer(403, b'{"code":"rest_cannot_read_post"}'), PermanentError, "product_gone"),
        (Answer(409, b'{"code":"comment_duplicate"}'), PermanentError, "duplicate"),
        (Answer(400, b'{"code":"comment_content_column_length"}'), PermanentError, "too_long"),
        (Cut.SILENT, SendUncertainError, "no_answer"),
    ],
)
def test_what_becomes_of_a_send(
    site: WooCommerceSite,
    open_channel: OpenChannel,
    proxy: FaultyProxy,
    fault: Answer | Cut,
    expected: type[ChannelError],
    code: str,
) -> None:
    site.review("blue")
    channel = open_channel(timeout_seconds=2 if fault is Cut.SILENT else 10)
    request = request_for(one_mention(channel))
    proxy.fail_next(COMMENT, fault)
    with pytest.raises(expected) as caught:
        channel.reply(request)
    assert caught.value.code == code
    assert proxy.count(COMMENT) == 1
    if isinstance(caught.value, RetryableError):
        assert caught.value.retry_after_seconds in {15, 20}


def test_php_warnings_before_the_answer_to_a_send_leave_no_doubt(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    number = site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    site.prefix = b"<br />\n<b>Deprecated</b>: x in <b>/srv/a.php</b> on line <b>3</b><br />\n"
    assert channel.reply(request).external_id
    assert site.answers(to=number) == [REPLY_TEXT]


def test_nothing_is_written_below_what_is_gone_or_not_published(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    number = site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    for status, code in (("trash", "gone"), ("spam", "gone"), ("hold", "not_published")):
        site.comments[int(number)].status = status
        with pytest.raises(PermanentError) as caught:
            channel.reply(request)
        assert caught.value.code == code
    assert channel.eligibility(request.target).replies_allowed is False
    assert proxy.count(COMMENT) == 0


def test_closed_and_vanished_products_take_no_answers(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    assert channel.eligibility(request.target).replies_allowed is True
    site.products[PRODUCT] = False
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "closed"
    del site.products[PRODUCT]
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "product_gone"


def test_a_key_that_may_not_read_products_leaves_it_open_whether_they_take_answers(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    proxy.fail_next(f"GET /wp-json/wc/v3/products/{PRODUCT}", Answer(403, b'{"code":"woocommerce_rest_cannot_view"}'))
    facts = channel.eligibility(request.target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, None, False)


def test_a_user_who_could_write_but_not_find_writes_nothing(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    site.review("blue")
    site.me.can_moderate = False
    channel = open_channel()
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(one_mention(channel)))
    assert caught.value.code == "missing_right"
    assert proxy.count(COMMENT) == 0
    assert "shop manager" in channel.probe()
    site.me.can_moderate = True
    assert channel.reply(request_for(one_mention(channel))).external_id


@pytest.mark.parametrize(
    ("text", "code"),
    [(" \n", "empty"), ("a\ud800", "broken_text"), ("a\x00", "broken_text"), ("あ" * 21_842, "too_long")],
)
def test_a_text_that_cannot_leave_is_refused_before_anything_is_asked(
    site: WooCommerceSite, open_channel: OpenChannel, text: str, code: str
) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel), text)
    site.asked.clear()
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == code
    assert site.asked == []


def test_length_is_counted_in_bytes_of_html(open_channel: OpenChannel) -> None:
    channel = open_channel()
    assert channel.measure("あ<&", Visibility.PUBLIC).length == len("あ&lt;&amp;".encode())
    assert channel.measure("あ" * 21_841, Visibility.PUBLIC).fits


def test_without_a_user_the_shop_is_only_read(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    site.review("blue")
    channel = open_channel(reads_only=True)
    request = request_for(one_mention(channel))
    assert channel.capabilities.can_reply is False
    assert " " in channel.own_author_id
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "read_only"
    with pytest.raises(RetryableError) as doubt:
        channel.find_reply(request, Visibility.PUBLIC)
    assert doubt.value.code == "cannot_tell"
    assert channel.eligibility(request.target).exists is True
    assert proxy.count("/wp/v2/") == 0


def test_a_reply_that_never_left_is_retryable(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.review("blue")
    channel = open_channel()
    request = request_for(one_mention(channel))
    site.once.append(Response(status_code=503, headers={"retry-after": "600"}))
    with pytest.raises(RetryableError) as caught:  # maintenance begins before a word is sent
        channel.reply(request)
    assert caught.value.retry_after_seconds == 600
