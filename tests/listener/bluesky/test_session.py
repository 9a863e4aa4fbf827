"""Signing in: what is stored, what is asked again, and what never gets out. The server is made up, in process."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError, RetryableError
from listener.channels.bluesky import make_channel
from listener.channels.bluesky.options import ENTRYWAY, BlueskyOptions, read_options
from listener.channels.bluesky.refusals import TokenRefusedError
from listener.channels.bluesky.session import REST_AFTER_REFUSAL, Account, SessionFile
from listener.channels.bluesky.xrpc import Call, Xrpc
from listener.registry import ChannelContext

PASSWORD = "abcd-efgh-ijkl-mnop"
STALE = TokenRefusedError("over", code="session_refused")


class Server(Xrpc):
    """Gives numbered tokens and takes the newest only."""

    def __init__(self, *, did_doc: object = None) -> None:
        self.calls: list[tuple[str, str]] = []
        self.number = 0
        self.fails: Callable[[Call], Exception | None] = lambda _call: None
        self._did_doc = did_doc

    def ask(self, call: Call) -> object:
        name = call.nsid.rsplit(".", 1)[1]
        self.calls.append((name, call.token))
        if error := self.fails(call):
            raise error
        if name in {"createSession", "refreshSession"}:
            self.number += 1
            tokens = {"accessJwt": f"access{self.number}", "refreshJwt": f"refresh{self.number}"}
            return {"did": "did:plc:shop", "handle": "shop.test", "didDoc": self._did_doc, **tokens}
        if call.token != f"access{self.number}":
            raise STALE
        return {"token": call.token, "host": call.host}

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def options(**given: str) -> BlueskyOptions:
    return BlueskyOptions.model_validate(
        {"handle": "shop.test", "app_password": PASSWORD, "service": "http://localhost:1", **given}
    )


def account(folder: Path, server: Server, clock: FixedClock, **given: str) -> Account:
    chosen = options(**given)
    file = SessionFile(folder / "s" / "x.json", service=chosen.service, identifier=chosen.handle)
    return Account(chosen, file=file, xrpc=server, clock=clock)


def test_a_stored_session_is_reused_without_signing_in_and_only_its_owner_reads_it(
    tmp_path: Path, clock: FixedClock
) -> None:
    server = Server()
    account(tmp_path, server, clock).query("a.b.c")
    account(tmp_path, server, clock).query("a.b.c")
    assert server.names() == ["createSession", "c", "c"]
    file = tmp_path / "s" / "x.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert PASSWORD not in file.read_text()


def test_an_expired_token_is_refreshed_once_and_the_new_one_is_stored(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    ours = account(tmp_path, server, clock)
    ours.query("a.b.c")
    server.number += 1  # the server forgets our access token
    server.calls.clear()
    ours.procedure("a.b.put", {})
    assert server.calls == [("put", "access1"), ("refreshSession", "refresh1"), ("put", "access3")]
    account(tmp_path, server, clock).query("a.b.c")
    assert server.calls[-1] == ("c", "access3")


def test_a_session_that_another_process_refreshed_is_taken_over(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    first, second = account(tmp_path, server, clock), account(tmp_path, server, clock)
    first.query("a.b.c")
    second.query("a.b.c")
    server.number += 1
    first.query("a.b.c")
    server.calls.clear()
    second.query("a.b.c")
    assert server.names() == ["c", "c"]


def test_a_revoked_session_signs_in_again(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    ours = account(tmp_path, server, clock)
    ours.query("a.b.c")
    server.number += 1
    server.fails = lambda call: STALE if call.nsid.endswith("refreshSession") else None
    server.calls.clear()
    ours.query("a.b.c")
    assert server.names() == ["c", "refreshSession", "createSession", "c"]


def test_a_server_that_is_away_during_the_refresh_keeps_the_session(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    ours = account(tmp_path, server, clock)
    ours.query("a.b.c")
    server.number += 1
    away = RetryableError("away", code="unreachable")
    server.fails = lambda call: away if call.nsid.endswith("refreshSession") else None
    with pytest.raises(RetryableError):
        ours.procedure("a.b.put", {})
    server.fails = lambda _call: None
    server.calls.clear()
    ours.query("a.b.c")
    assert "createSession" not in server.names()


def test_a_refused_password_is_not_tried_again_for_ten_minutes(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    server.fails = lambda _call: STALE
    ours = account(tmp_path, server, clock)
    for _ in range(3):
        with pytest.raises(PermanentError) as caught:
            ours.query("a.b.c")
        assert caught.value.code == "bad_credentials"
        assert "app password" in caught.value.remedy
        assert PASSWORD not in str(caught.value)
    assert server.names() == ["createSession"]
    clock.advance(REST_AFTER_REFUSAL + timedelta(seconds=1))
    server.fails = lambda _call: None
    ours.query("a.b.c")
    assert server.names() == ["createSession", "createSession", "c"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"origin":{"service":"http://localhost:1"}}'])
def test_a_torn_session_file_is_replaced(tmp_path: Path, clock: FixedClock, content: str) -> None:
    server = Server()
    account(tmp_path, server, clock).query("a.b.c")
    (tmp_path / "s" / "x.json").write_text(content)
    account(tmp_path, server, clock).query("a.b.c")
    assert server.names().count("createSession") == 2
    assert json.loads((tmp_path / "s" / "x.json").read_text())["session"]["did"] == "did:plc:shop"


def test_a_session_of_another_handle_or_server_is_not_used(tmp_path: Path, clock: FixedClock) -> None:
    server = Server()
    account(tmp_path, server, clock).query("a.b.c")
    account(tmp_path, server, clock, handle="other.test").query("a.b.c")
    assert server.names().count("createSession") == 2


def test_only_blueskys_own_door_may_name_the_server_of_an_account(tmp_path: Path, clock: FixedClock) -> None:
    for service, expected in ((ENTRYWAY, "https://pds.example"), ("https://our.example", "https://our.example")):
        place = {"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example/"}]}
        ours = account(tmp_path, Server(did_doc=place), clock, service=service)
        assert ours.query("a.b.c") == {"token": "access1", "host": expected}
    plain = {"service": [{"id": "#atproto_pds", "serviceEndpoint": "http://pds.example"}]}
    ours = account(tmp_path / "other", Server(did_doc=plain), clock, service=ENTRYWAY)
    assert ours.session.host == ENTRYWAY


def test_a_sign_in_answer_without_sense_is_told(tmp_path: Path, clock: FixedClock) -> None:
    class Odd(Server):
        def ask(self, call: Call) -> object:
            self.calls.append((call.nsid, ""))
            return b"<html>"

    with pytest.raises(PermanentError, match="makes no sense"):
        account(tmp_path, Odd(), clock).query("a.b.c")


# -- settings ----------------------------------------------------------------------------------------------------------


def settings(**given: str | float | bool | list[str]) -> ChannelSettings:
    return ChannelSettings(
        name="shop",
        kind="bluesky",
        options={"handle": "@shop.test", **given},
        secrets={"app_password": SecretStr(PASSWORD)},
    )


def test_settings_are_read_and_cleaned() -> None:
    found = read_options(settings(search=["coat ", "", "coat", "コート"], service="https://pds.example/"))
    assert (found.handle, found.search, found.service) == ("shop.test", ("coat", "コート"), "https://pds.example")
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"service": "http://pds.example"}, "service"),
        ({"service": "ftp://localhost"}, "service"),
        ({"first_poll_days": -1}, "first_poll_days"),
        ({"serch": ["coat"]}, "serch"),
        ({"handle": ""}, "handle"),
        ({"chat_did": "api.bsky.chat"}, "chat_did"),
    ],
)
def test_a_wrong_option_is_named_with_its_place(given: dict[str, str | int | list[str]], word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options(settings(**given))
    assert caught.value.place.field == f"channel.shop.options.{word}"
    assert PASSWORD not in str(caught.value)


def test_a_missing_app_password_is_named() -> None:
    bare = ChannelSettings(name="shop", kind="bluesky", options={"handle": "shop.test"})
    with pytest.raises(ConfigError, match="app_password"):
        read_options(bare)


def test_making_the_channel_neither_loads_the_sdk_nor_asks_anybody(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from pydantic import SecretStr
from config.settings import ChannelSettings
from domain.clock import SystemClock
from listener.registry import ChannelContext, make_channel
settings = ChannelSettings(name="b", kind="bluesky", options={{"handle": "shop.test", "service": "http://127.0.0.1:1"}},
                           secrets={{"app_password": SecretStr("x")}})
channel = make_channel(settings, ChannelContext(state_dir=Path({str(tmp_path)!r}), clock=SystemClock()))
assert channel.measure("緑のコート", "public").length == 5
assert channel.capabilities.can_reply
print([name for name in ("atproto_client", "httpx") if name in sys.modules])
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"


def test_a_server_that_nobody_runs_is_unreachable_and_may_be_asked_later(tmp_path: Path, clock: FixedClock) -> None:
    context = ChannelContext(state_dir=tmp_path, clock=clock)
    channel = make_channel(settings(service="http://127.0.0.1:1"), context)
    with pytest.raises(RetryableError) as caught:
        channel.probe()
    assert caught.value.code == "unreachable"
    assert PASSWORD not in repr(channel)
    channel.close()
    channel.close()
