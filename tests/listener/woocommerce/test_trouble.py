"""Sites lie and break: PHP's warnings, pages of HTML, torn answers, maintenance, guards before the shop, redirects."""

import pytest
from starlette.responses import JSONResponse, Response

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.channels.woocommerce.answers import read_body
from listener.channels.woocommerce.reading import Reader
from tests.listener.review_stage import texts
from tests.listener.woocommerce.stage import OpenChannel
from tests.partners.faulty_proxy import Cut, FaultyProxy
from tests.partners.woocommerce_site import KEY, SECRET, WooCommerceSite

WARNING = b"<br />\n<b>Warning</b>:  Undefined array key [0] in <b>/srv/plugin.php</b> on line <b>3</b><br />\n"


@pytest.mark.parametrize("prefix", [WARNING, b"\xef\xbb\xbf", b"\n\n", WARNING * 3, b"Notice: x in /srv/a.php\n"])
def test_what_php_prints_before_the_json_is_passed_over(
    site: WooCommerceSite, open_channel: OpenChannel, prefix: bytes
) -> None:
    site.review("blue [0] {1}")
    site.prefix = prefix
    assert texts(open_channel()) == ["blue [0] {1}"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Briefly unavailable for scheduled maintenance.</html>",
        b"null",
        b"{}",
        b'{"id": 1}',
        b'[{"id": 8, "_links": {"reviewer": []',
        b'[{"id": 8, "x": []}, {"id": []',
        WARNING + b'[{"id": 8, "x": "<p>[]',
        b'<p>[{"id": 8},\n[]',
        b"\xff",
        b"[" * 50_000,
    ],
)
def test_an_answer_that_makes_no_sense_or_is_torn_is_asked_for_again(
    site: WooCommerceSite, open_channel: OpenChannel, body: bytes
) -> None:
    site.once.append(Response(body))
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize("filler", [b"\n", b"\r\n", b" ", b">", b"\n ", b"[", b"\n["])
def test_a_page_of_next_to_nothing_is_read_in_no_time(filler: bytes) -> None:
    """Half a megabyte: what takes the square of its length would take hours."""
    assert read_body(b"<html>" + filler * (500_000 // len(filler)) + b"x") is None


def test_an_endless_name_is_read_in_no_time() -> None:
    entry = {"id": 8, "product_id": 7, "date_created_gmt": "2026-11-20T02:00:00", "reviewer": "a@" * 250_000}
    read = Reader(key="k").read_one(entry)
    assert read is not None
    assert len(read.name) == 500_000


@pytest.mark.parametrize("cut", list(Cut))
def test_a_broken_answer_is_read_again_and_nothing_is_lost(
    site: WooCommerceSite, open_channel: OpenChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    site.review("blue")
    channel = open_channel(timeout_seconds=2 if cut is Cut.SILENT else 10)
    proxy.fail_next("/products/reviews", cut)
    with pytest.raises(RetryableError):
        channel.poll(None)
    assert proxy.count("/products/reviews") == 1
    assert texts(channel) == ["blue"]


def test_a_site_that_is_away_is_told(open_channel: OpenChannel) -> None:
    with pytest.raises(RetryableError) as caught:
        open_channel(site="http://127.0.0.1:9").poll(None)
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected", "code", "wait"),
    [
        (429, {"retry-after": "90"}, b"", RetryableError, "rate_limited", 90),
        (429, {}, b"<html>", RetryableError, "rate_limited", None),
        (503, {"retry-after": "600"}, b"<html>maintenance</html>", RetryableError, "server_error", 600),
        (503, {"retry-after": "Fri, 20 Nov 2026 03:02:00 GMT"}, b"", RetryableError, "server_error", 120),
        (500, {}, b"<p>There has been a critical error</p>", RetryableError, "server_error", None),
        (403, {}, b"<html>Blocked by the firewall</html>", PermanentError, "blocked", None),
        (406, {}, b"", PermanentError, "blocked", None),
        (404, {}, b"<html>Not found</html>", PermanentError, "unsupported", None),
        (404, {}, b'{"code":"rest_no_route"}', PermanentError, "unsupported", None),
        (401, {}, b'{"code":"woocommerce_rest_cannot_view"}', PermanentError, "key_refused", None),
        (401, {}, b'{"code":"woocommerce_rest_authentication_error"}', PermanentError, "key_refused", None),
        (403, {}, b'{"code":"itsec_something"}', PermanentError, "refused", None),
    ],
)
def test_a_refusal_says_what_it_means(
    site: WooCommerceSite,
    open_channel: OpenChannel,
    status: int,
    headers: dict[str, str],
    body: bytes,
    expected: type[ChannelError],
    code: str,
    wait: float | None,
) -> None:
    site.once.append(Response(body, status_code=status, headers=headers))
    with pytest.raises(expected) as caught:
        open_channel().poll(None)
    assert (caught.value.code, getattr(caught.value, "retry_after_seconds", None)) == (code, wait)
    assert len(site.asked) == 1
    assert not [secret for secret in (KEY, SECRET) if secret in str(caught.value)]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_keys_never_follow_a_redirect(site: WooCommerceSite, open_channel: OpenChannel, status: int) -> None:
    site.once.append(Response(status_code=status, headers={"location": f"{site.address}/elsewhere"}))
    with pytest.raises(PermanentError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "moved"
    assert "options.site" in caught.value.remedy
    assert len(site.asked) == 1


def test_an_empty_list_that_is_not_counted_blanks_nothing(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    number = site.review("blue")
    site.once.append(JSONResponse([]))
    channel = open_channel()
    with pytest.raises(RetryableError):
        channel.still_there([number])
    assert channel.still_there([number, "999", "not-a-number"]) == {number}


@pytest.mark.parametrize(("status", "stands"), [("approve", True), ("hold", True), ("spam", False), ("trash", False)])
def test_what_was_thrown_away_is_no_longer_there(
    site: WooCommerceSite, open_channel: OpenChannel, status: str, stands: object
) -> None:
    number = site.review("blue", status=status)
    assert (number in open_channel().still_there([number])) is stands
