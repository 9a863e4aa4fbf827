"""The door for platforms, and those who only rattle at it: nothing of theirs breaks a page or fills a log."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.app import make_app
from desk.pages import webhook_receive
from domain.ids import ChannelAccountId
from domain.webhooks import Receipt, WebhookCall, WebhookRefusedError
from storage.database import Database
from storage.models import Alert, ChannelAccount
from tests.cast import OURS
from tests.desk.setting import QuietChannel, make_context


class SuspiciousChannel(QuietChannel):
    """A channel that takes no call for true."""

    def receive(self, call: WebhookCall) -> Receipt:
        """Refuse."""
        if call.method != "POST":
            raise WebhookRefusedError("We are called by POST.", code="wrong_method", status=405)
        raise WebhookRefusedError("Signed by nobody we know.", code="wrong_signature", status=401)


@dataclass
class Log:
    """What the page writes."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def debug(self, event: str, **_fields: object) -> None:
        self.lines.append(("debug", event))

    def warning(self, event: str, **_fields: object) -> None:
        self.lines.append(("warning", event))


@pytest.fixture
def client(any_database: Database, tmp_path: Path) -> Iterator[TestClient]:
    account = ChannelAccount(name="chat", kind="webhook", brand="default", active=True)
    with any_database.transaction(OURS) as tx:
        tx.session.add(account)
        tx.session.flush()
        account_id = ChannelAccountId(account.id)
    context = replace(make_context(any_database, OURS, tmp_path), channels={account_id: SuspiciousChannel()})
    with TestClient(make_app(context), raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize("account", ["chat%00", "%00", "chat%0A", "nobody", "%F0%9F%98%80", "x" * 5000])
def test_a_name_that_no_account_has_is_unknown_whatever_is_in_it(client: TestClient, account: str) -> None:
    answer = client.get(f"/hooks/{account}")
    assert (answer.status_code, answer.json()) == (404, {"error": "unknown_account"})


def test_a_flood_of_unsigned_calls_writes_one_line_and_one_alert(
    client: TestClient, any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    monkeypatch.setattr(webhook_receive, "log", log)
    answers = {client.post("/hooks/chat", json={}).status_code for _ in range(20)}
    assert answers == {401}
    assert log.lines == [("warning", "webhook_refused"), *[("debug", "webhook_refused")] * 19]
    with any_database.snapshot(OURS) as tx:
        assert [(row.kind, row.count) for row in tx.session.query(Alert)] == [("webhook_refused", 1)]


def test_a_browser_that_looks_at_the_address_alarms_nobody(client: TestClient, any_database: Database) -> None:
    assert client.get("/hooks/chat").status_code == 405
    with any_database.snapshot(OURS) as tx:
        assert tx.session.query(Alert).all() == []
