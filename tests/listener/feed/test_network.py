"""What a feed's server may do to us: redirect, stall, tear, flood, refuse, and lead us into our own network."""

import gzip
import select
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from config.settings import ChannelSettings
from domain.cleaning import ID_LIMIT, clean_id
from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError
from listener.channels.feed import make_channel
from listener.channels.feed.fetching import Fetcher
from listener.channels.feed.options import Feed
from listener.guard import find_addresses, is_public
from listener.registry import ChannelContext
from tests.listener.channel_contract import read_all
from tests.listener.feed.stage import OpenChannel, says, texts
from tests.partners.faulty_proxy import Cut, FaultyProxy
from tests.partners.feed_site import FeedSite, write_atom
from tests.partners.smtp import Certificate

EMPTY = write_atom([])
ANY = "0.0.0.0"  # noqa: S104 - an address to refuse


def redirect(to: str, status: int = 302) -> Callable[[Request], Response]:
    return lambda _: Response(status_code=status, headers={"location": to})


# -- redirects and our own network -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(site: FeedSite, open_channel: OpenChannel, status: int) -> None:
    site.add("moved here", feed="new")
    site.answers["/blog"] = redirect("/new", status)
    channel = open_channel()
    found, cursor, _ = read_all(channel)
    assert [one.text for one in found] == ["moved here"]
    assert channel.poll(cursor).mentions == ()


def test_redirects_without_end_are_an_error(site: FeedSite, open_channel: OpenChannel) -> None:
    site.answers["/blog"] = redirect("/blog")
    with pytest.raises(PermanentError, match="more than 5 times"):
        open_channel().poll(None)
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "gopher://127.0.0.1:70/", "http://", "http://[", "data:,x"]
)
def test_a_redirect_leads_to_web_pages_only(site: FeedSite, open_channel: OpenChannel, target: str) -> None:
    site.answers["/blog"] = redirect(target)
    with pytest.raises(PermanentError):
        open_channel().poll(None)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "localhost", "[::1]", ANY, "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]"],
)
def test_a_redirect_into_our_own_network_is_refused(site: FeedSite, open_channel: OpenChannel, host: str) -> None:
    port = site.address.rpartition(":")[2]
    site.feeds["secret"] = []
    site.answers["/blog"] = redirect(f"http://{host}:{port}/secret")
    with pytest.raises((PermanentError, RetryableError)) as caught:
        open_channel().poll(None)
    assert caught.value.code in {"private_address", "unreachable"}
    assert [one.url.path for one in site.asked] == ["/blog"]


def test_an_address_in_our_own_network_is_refused_unless_the_option_allows_it(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    site.add("inside")
    with pytest.raises(PermanentError) as caught:
        open_channel(private_hosts=[]).poll(None)
    assert caught.value.code == "private_address"
    assert "private_hosts" in caught.value.remedy
    assert site.asked == []
    assert texts(open_channel(private_hosts=["127.0.0.1"])) == ["inside"]


def test_a_feed_outside_is_not_led_to_a_private_host_that_others_may_read(
    site: FeedSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.1 stands for a public address here."""
    monkeypatch.setattr("listener.guard.is_public", lambda address: address == "127.0.0.1")
    site.answers["/blog"] = redirect("http://127.0.0.2/inside")
    channel = open_channel(private_hosts=["127.0.0.2"])
    feed = channel._feeds[0]
    for ask in (lambda: channel._fetcher.fetch(feed), lambda: channel._fetcher.page_status(feed.address, feed)):
        with pytest.raises(PermanentError) as caught:
            ask()
        assert caught.value.code == "private_address"


def test_a_feed_on_a_private_host_leads_to_another(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("inside", feed="inside")
    site.answers["/blog"] = redirect(site.address.replace("127.0.0.1", "localhost") + "/inside")
    assert texts(open_channel(private_hosts=["127.0.0.1", "localhost"])) == ["inside"]


def test_a_japanese_host_is_named_in_ascii(
    site: FeedSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.guard.socket.getaddrinfo", resolve_here)
    site.add("made in Japan")
    port = site.address.rpartition(":")[2]
    assert texts(open_channel(f"http://日本語.example:{port}/blog", private_hosts=["日本語.example"])) == [
        "made in Japan"
    ]
    assert site.asked[-1].headers["host"] == f"xn--wgv71a119e.example:{port}"


def resolve_here(_host: str, port: int, *_kinds: object, **_options: object) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        (ANY, False),
        ("::1", False),
        ("::", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("nonsense", False),
    ],
)
def test_only_the_open_internet_is_public(address: str, public: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_public(address) is public


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently each time gets one chance."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr("listener.guard.socket.getaddrinfo", resolve)
    assert find_addresses("https://rebinding.example/feed", private_hosts=()) == ["93.184.216.34"]
    with pytest.raises(PermanentError):
        find_addresses("https://rebinding.example/feed", private_hosts=())


def test_a_host_with_a_public_and_a_private_address_is_asked_at_the_public_one(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("127.0.0.1", "93.184.216.34")]
    monkeypatch.setattr("listener.guard.socket.getaddrinfo", lambda *_, **__: both)
    assert find_addresses("http://both.example/feed", private_hosts=()) == ["93.184.216.34"]


def test_a_name_that_does_not_resolve_may_do_so_later(open_channel: OpenChannel) -> None:
    with pytest.raises(RetryableError) as caught:
        open_channel("http://nobody.invalid/feed").poll(None)
    assert "nobody.invalid" in str(caught.value)


def test_the_server_is_told_its_name_and_no_cookie_travels(site: FeedSite, open_channel: OpenChannel) -> None:
    site.answers["/blog"] = says(EMPTY, set_cookie="session=1; Path=/")
    channel = open_channel(site.address.replace("127.0.0.1", "localhost") + "/blog", private_hosts=["LOCALHOST"])
    _, cursor, _ = read_all(channel)
    channel.poll(cursor)
    assert {one.headers["host"].partition(":")[0] for one in site.asked} == {"localhost"}
    assert not [one for one in site.asked if "cookie" in one.headers]


# -- size and time -----------------------------------------------------------------------------------------------------


def test_a_packed_feed_is_read(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("packed")
    document = write_atom(site.feeds["blog"])
    site.answers["/blog"] = says(gzip.compress(document.encode()), content_encoding="gzip")
    assert texts(open_channel()) == ["packed"]


@pytest.mark.parametrize("packed", [True, False])
def test_a_feed_larger_than_allowed_is_cut_off(site: FeedSite, open_channel: OpenChannel, *, packed: bool) -> None:
    bomb = b"<rss>" + b" " * 60_000_000
    body = gzip.compress(bomb, compresslevel=1) if packed else bomb[:3_000_000]
    site.answers["/blog"] = says(body, content_encoding="gzip" if packed else "identity")
    with pytest.raises(PermanentError, match="larger than 2 MB") as caught:
        open_channel(max_megabytes=2).poll(None)
    assert "/blog" in caught.value.message


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(EMPTY.encode())[:-20], "gzip"),
        (b"not packed at all", "gzip"),
        (zlib.compress(EMPTY.encode()), "br"),
        (gzip.compress(gzip.compress(EMPTY.encode())), "gzip, gzip"),
    ],
)
def test_a_body_packed_wrongly_is_an_error_that_names_the_feed(
    site: FeedSite, open_channel: OpenChannel, body: bytes, coding: str
) -> None:
    site.answers["/blog"] = says(body, content_encoding=coding)
    with pytest.raises((PermanentError, RetryableError), match="/blog"):
        open_channel().poll(None)


@pytest.fixture
def endless() -> Iterator[str]:
    """A server that never stops sending."""
    listening = socket.create_server(("127.0.0.1", 0))

    def send() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n<rss>")
            try:
                while True:
                    connection.sendall(b"<item/>" * 10_000)
            except OSError:
                return

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/endless"
    thread.join(5)
    assert not thread.is_alive()
    listening.close()


def test_a_body_without_end_is_cut_off(endless: str, open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError, match="larger than"):
        open_channel(endless, max_megabytes=1).poll(None)


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n<rss>"])
def test_an_answer_that_trickles_is_given_up_in_its_head_and_in_its_body(
    open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr("listener.channels.feed.fetching.FETCH_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening, begin), daemon=True)
        thread.start()
        with pytest.raises(RetryableError, match="/slow"):
            open_channel(f"http://127.0.0.1:{listening.getsockname()[1]}/slow").poll(None)
        thread.join(5)
        assert not thread.is_alive()


def trickle(listening: socket.socket, begin: bytes) -> None:
    """Send a byte now and then until the other side hangs up."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(begin)
        try:
            for _ in range(1000):
                connection.sendall(b"a")
                select.select([], [], [], 0.02)
        except OSError:
            return


def test_redirects_share_the_time_of_one_answer(
    site: FeedSite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channels.feed.fetching.FETCH_SECONDS", 0)
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "timeout"
    assert site.asked == []


# -- broken connections and refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF, Cut.SILENT])
def test_a_broken_answer_is_read_again_and_nothing_is_lost(site: FeedSite, open_channel: OpenChannel, cut: Cut) -> None:
    site.add("one")
    with FaultyProxy(site.address) as proxy:
        channel = open_channel(f"{proxy.url}/blog", timeout_seconds=0.4)
        proxy.fail_next("/blog", cut)
        with pytest.raises(RetryableError, match="/blog"):
            channel.poll(None)
        assert texts(channel) == ["one"]
        assert proxy.count("/blog") == 2
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "headers", "expected", "code", "wait"),
    [
        (429, {"retry_after": "90"}, RetryableError, "rate_limited", 90),
        (429, {}, RetryableError, "rate_limited", None),
        (503, {"retry_after": "Fri, 20 Nov 2026 03:02:00 GMT"}, RetryableError, "server_error", 120),
        (503, {"retry_after": "soon"}, RetryableError, "server_error", None),
        (503, {"retry_after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, RetryableError, "server_error", None),
        (503, {"retry_after": "nan"}, RetryableError, "server_error", None),
        (503, {"retry_after": "99999999"}, RetryableError, "server_error", 86_400),
        (500, {}, RetryableError, "server_error", None),
        (408, {}, RetryableError, "server_error", None),
        (401, {}, PermanentError, "forbidden", None),
        (403, {}, PermanentError, "forbidden", None),
        (404, {}, PermanentError, "gone", None),
        (410, {}, PermanentError, "gone", None),
        (418, {}, PermanentError, "refused", None),
        (304, {}, PermanentError, "refused", None),
    ],
)
def test_a_refusal_says_what_it_means(
    site: FeedSite,
    open_channel: OpenChannel,
    status: int,
    headers: dict[str, str],
    expected: type[ChannelError],
    code: str,
    wait: float | None,
) -> None:
    site.answers["/blog"] = says("", status=status, **headers)
    with pytest.raises(expected, match="/blog") as caught:
        open_channel().poll(None)
    assert caught.value.code == code
    assert getattr(caught.value, "retry_after_seconds", None) == wait


# -- tokens and options ------------------------------------------------------------------------------------------------


def test_a_secret_address_is_read_and_never_shown(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("for us only", feed="private/t0ken-in-path")
    secret = f"{site.address}/private/t0ken-in-path?key=t0ken-in-query"
    channel = open_channel("blog", secret=secret)
    found, cursor, _ = read_all(channel)
    assert [one.text for one in found] == ["for us only"]
    said = [repr(channel), channel.probe(), str(cursor), *(str(one.platform_data) for one in found)]
    for status in (403, 500):
        site.answers["/private/t0ken-in-path"] = site.answers["/blog"] = says("", status=status)
        with pytest.raises(ChannelError) as caught:
            channel.poll(None)
        said += [str(caught.value), repr(caught.value), repr(caught.value.__context__)]
        said.append(repr(channel._feeds))
    assert not [line for line in said if "t0ken" in line]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "options"),
        ({"addresses": []}, "options"),
        ({"addresses": ["blog.example/feed"]}, "addresses"),
        ({"addresses": ["ftp://blog.example/feed"]}, "addresses"),
        ({"addresses": ["https://aya:passw0rd@blog.example/feed"]}, "addresses"),
        ({"addresses": ["https://blog.example:99999/feed"]}, "addresses"),
        ({"addresses": ["https://["]}, "addresses"),
        ({"addresses": "https://blog.example/feed", "page_size": 0}, "page_size"),
        ({"addresses": "https://blog.example/feed", "timeout_seconds": 0}, "timeout_seconds"),
        ({"addresses": "https://blog.example/feed", "max_megabytes": 500}, "max_megabytes"),
        ({"addresses": "https://blog.example/feed", "keyword": "x"}, "keyword"),
    ],
)
def test_wrong_options_are_named(
    options: dict[str, str | list[str]], field: str, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ChannelSettings(name="blogs", kind="feed", options=options)
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert field in str(caught.value.place)
    assert "passw0rd" not in str(caught.value)


def test_a_wrong_secret_address_is_named_without_its_value(tmp_path: Path, clock: FixedClock) -> None:
    settings = ChannelSettings(name="blogs", kind="feed", secrets={"secret_address": SecretStr("t0ken")})
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert "secrets.secret_address" in str(caught.value)
    assert "t0ken" not in str(caught.value)


def test_the_probe_says_what_each_feed_holds_and_which_are_not_read(site: FeedSite, open_channel: OpenChannel) -> None:
    site.add("one")
    said = open_channel("blog", "gone").probe()
    assert f"{site.address}/blog: 1 entries" in said
    assert f"There is no feed at {site.address}/gone" in said
    with pytest.raises(PermanentError):
        open_channel("gone").probe()


# -- deletions ---------------------------------------------------------------------------------------------------------


def test_an_entry_that_fell_out_of_its_feed_is_there_until_its_page_says_otherwise(
    site: FeedSite, open_channel: OpenChannel
) -> None:
    elsewhere = site.add("guid on another site", guid="https://elsewhere.example/1")
    fallen, taken_down, listed = site.add("fallen out"), site.add("taken down"), site.add("listed")
    channel = open_channel()
    ids = {one.text: one.external_id for one in read_all(channel)[0]}
    site.take_down(taken_down)
    site.feeds["blog"] = [item for item in site.feeds["blog"] if item.guid not in {fallen, elsewhere}]
    site.gone.add(listed.removeprefix(site.address))
    site.asked.clear()
    unknown = "feedkey1:https://left.example/settings"
    assert channel.still_there([*ids.values(), unknown]) == {*ids.values(), unknown} - {ids["taken down"]}
    assert len(site.asked) == 3


@pytest.mark.parametrize("tail", ["a" * 600, "a" * 600 + "/b", "\ufffd"])
def test_a_listed_entry_with_a_long_id_is_there_and_a_cut_id_is_no_page(
    site: FeedSite, open_channel: OpenChannel, tail: str
) -> None:
    guid = site.add("long", guid=f"{site.address}/missing/{tail}")
    channel = open_channel()
    stored = clean_id(read_all(channel)[0][0].external_id, ID_LIMIT)
    assert channel.still_there([stored]) == {stored}
    site.take_down(guid)
    site.asked.clear()
    assert channel.still_there([stored]) == {stored}
    assert len(site.asked) == 1


def test_a_feed_that_does_not_answer_tells_no_deletions(site: FeedSite, open_channel: OpenChannel) -> None:
    guid = site.add("one")
    channel = open_channel()
    mention = read_all(channel)[0][0]
    site.take_down(guid)
    site.answers["/blog"] = says("", status=500)
    assert channel.still_there([mention.external_id]) == {mention.external_id}


# -- TLS ---------------------------------------------------------------------------------------------------------------


def test_a_certificate_is_checked_against_the_name_though_the_connection_goes_to_its_address(
    certificate: Certificate, clock: FixedClock
) -> None:
    """The certificate is for 127.0.0.1, which is where localhost is too; but that is not its name."""
    hosts = ["localhost", "127.0.0.1"]
    fetcher = Fetcher(clock=clock, timeout_seconds=5, max_bytes=100_000, private_hosts=hosts, tls=certificate.trusting)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=answer_over_tls, args=(listening, certificate.server), daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(RetryableError):
            fetcher.fetch(Feed(address=f"https://localhost:{port}/", shown="wrong name"))
        assert fetcher.fetch(Feed(address=f"https://127.0.0.1:{port}/", shown="right name")).body == b"<rss/>"
        thread.join(5)


def answer_over_tls(listening: socket.socket, served: ssl.SSLContext) -> None:
    """Answer until one request was understood."""
    while True:
        connection, _ = listening.accept()
        try:
            with served.wrap_socket(connection, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
                return
        except OSError:
            continue
