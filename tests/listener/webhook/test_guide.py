"""The code of the guide, as it stands there, against the desk itself."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from config.settings import ChannelSettings
from desk.app import make_app
from domain.clock import SystemClock
from domain.ids import ChannelAccountId
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.accounts import sync_accounts
from listener.channels.webhook import WebhookChannel, make_channel
from listener.poller import poll_account
from listener.registry import ChannelContext
from storage.database import Database
from storage.models import Mention
from storage.parcels import StoredInbox
from tests.cast import OURS
from tests.desk.setting import make_context
from tests.listener.channel_contract import request_for
from tests.partners.loopback_app import serve
from tests.partners.webhook_chat import REPLY_SECRET, SECRET

GUIDES = [Path(__file__).parents[3] / "docs" / "how-to" / name for name in ("webhook.md", "webhook.ja.md")]
SETTINGS = ChannelSettings(
    name="chat",
    kind="webhook",
    options={"private_network": True},
    secrets={"secret": SecretStr(SECRET), "reply_secret": SecretStr(REPLY_SECRET)},
)


def code(language: str, beginning: str) -> str:
    """Return the block of the guide that begins so."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDES[0].read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if block.startswith(beginning)]
    return str(found)


@dataclass(frozen=True)
class Desk:
    address: str
    database: Database
    account_id: ChannelAccountId
    channel: WebhookChannel

    def run(self, *command: str, secret: str = SECRET) -> tuple[int, str]:
        environment = os.environ | {"KIKITE_HOOK": f"{self.address}/hooks/chat", "KIKITE_SECRET": secret}
        ran = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=30, check=False)
        assert not ran.stderr, ran.stderr
        return ran.returncode, ran.stdout.strip()

    def poll(self) -> None:
        outcome = poll_account(
            self.database,
            OURS,
            account_id=self.account_id,
            channel=self.channel,
            settings=SETTINGS,
            default_poll_seconds=60,
        )
        assert outcome.outcome == "done"

    def mentions(self) -> list[tuple[str, str, str]]:
        with self.database.snapshot(OURS) as tx:
            return [(row.external_id, row.state, row.text) for row in tx.session.scalars(select(Mention))]


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on loopback at the true time, by which the scripts sign."""
    database = Database(sqlite_url)
    with database.transaction(OURS) as tx:
        account_id = sync_accounts(tx, [SETTINGS])["chat"]
    inbox = StoredInbox(database, OURS, account_id)
    channel = make_channel(SETTINGS, ChannelContext(state_dir=tmp_path, clock=SystemClock(), inbox=inbox))
    context = replace(make_context(database, OURS, tmp_path), channels={account_id: channel})
    with serve(make_app(context)) as address:
        yield Desk(address=address, database=database, account_id=account_id, channel=channel)
    database.close()


def test_the_sender_brings_a_message_once_and_curl_takes_it_away(desk: Desk, tmp_path: Path) -> None:
    script = tmp_path / "send.py"
    script.write_text(code("python", "# send.py"), encoding="utf-8")
    said = [desk.run(sys.executable, str(script)) for _ in range(2)]
    assert said == [(0, '200 {"kept":1}'), (0, '200 {"kept":0}')]
    desk.poll()
    assert desk.mentions() == [("msg-77", "collected", "I ordered the green coat and got a blue one.")]
    assert desk.run("bash", "-c", code("bash", "BODY=")) == (0, '{"kept":1}')
    desk.poll()
    assert desk.mentions() == [("msg-77", "gone", "")]
    assert desk.run(sys.executable, str(script), secret=REPLY_SECRET) == (1, '401 {"error": "wrong_signature"}')


def test_the_secret_that_the_guide_makes_is_one(desk: Desk) -> None:
    code_, made = desk.run("bash", "-c", code("bash", "printf 'whsec_"))
    assert code_ == 0
    secrets = {"secret": SecretStr(made)}
    context = ChannelContext(state_dir=Path(), clock=SystemClock())
    assert make_channel(SETTINGS.model_copy(update={"secrets": secrets}), context)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[str]:
    """The guide's receiver, running; its address."""
    script = tmp_path / "receive.py"
    script.write_text(code("python", "# receive.py"), encoding="utf-8")
    environment = os.environ | {"KIKITE_REPLY_SECRET": REPLY_SECRET, "REPLIES": str(tmp_path / "replies.db")}
    command = [sys.executable, str(script), "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip().removeprefix("Waiting at ")
        finally:
            process.kill()


def test_the_receiver_takes_a_reply_once_and_tells_of_it(
    receiver: str, tmp_path: Path, mention: IncomingMention
) -> None:
    options = {"reply_address": f"{receiver}/replies", "status_address": f"{receiver}/status", "private_network": True}
    context = ChannelContext(state_dir=tmp_path, clock=SystemClock())
    channel = make_channel(SETTINGS.model_copy(update={"options": options}), context)
    request = request_for(mention)
    assert "took our ping" in channel.probe()
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    sent = channel.reply(request)
    assert sent.url.startswith("https://chat.example/replies/reply_")
    assert channel.reply(request).external_id == sent.external_id
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id


def test_both_guides_show_the_same_code() -> None:
    blocks = [re.findall(r"```.*?```", guide.read_text(encoding="utf-8"), re.DOTALL) for guide in GUIDES]
    assert blocks[0] == blocks[1]
    assert len(blocks[0]) == 5
