"""One clock leads, another stands by and takes over; and it never carries a send."""

import ast
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

import kikite.clock
from config.home_writer import write_home
from domain.errors import StorageError
from domain.ids import ChannelAccountId
from domain.mentions import Page
from domain.ports import Channel
from kikite import steps
from kikite.clock import Clock
from kikite.product import Product, open_product
from storage.alerts import open_alerts
from storage.listening import find_account
from storage.models import AccountHour


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    write_home(tmp_path / "home", demo=True)
    with open_product(tmp_path / "home", log_level="error") as opened:
        yield opened


def test_of_two_clocks_one_leads_and_the_other_takes_over_when_it_stops(product: Product) -> None:
    first = Clock(product, on_new=lambda: None)
    second = Clock(product, on_new=lambda: None)
    first.start()
    second.start()
    assert (first.leads, second.leads) == (True, False)
    first.stop()
    second.renew()
    assert (first.leads, second.leads) == (False, True)
    second.stop()


def test_a_clock_that_cannot_reach_the_database_stands_by(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(product, on_new=lambda: None)
    clock.start()
    led = [clock.leads]

    def fail(*_arguments: object, **_named: object) -> bool:
        raise StorageError("The disk is full.", remedy="Free space.")

    with monkeypatch.context() as broken:
        broken.setattr(kikite.clock, "take_lease", fail)
        clock.renew()
        led.append(clock.leads)
    clock.renew()
    led.append(clock.leads)
    clock.stop()
    assert led == [True, False, True]


def test_no_job_waits_for_the_thread_of_another(product: Product) -> None:
    clock = Clock(product, on_new=lambda: None)
    clock.start()
    jobs = [job.id for job in clock._scheduler.get_jobs() if job.id != "lease"]
    clock.stop()
    assert len(jobs) == kikite.clock.JOBS, jobs


def test_the_clock_never_carries_a_send() -> None:
    source = Path(kikite.clock.__file__).read_text(encoding="utf-8")
    names = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    assert {"listen_on", "compose", "notice_deletions", "tidy"} <= names
    assert not names & {"send", "mail", "dispatch"}


class SlowChannel:
    """Stands in front of a channel and does not answer until it is let go."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.asked = threading.Event()
        self.answers = threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._channel, name)

    def poll(self, cursor: str | None) -> Page:
        self.asked.set()
        assert self.answers.wait(10)
        return self._channel.poll(cursor)


def test_the_clock_looks_for_silent_sources_and_the_step_runs_on_a_whole_product(product: Product) -> None:
    source = Path(kikite.clock.__file__).read_text(encoding="utf-8")
    assert "self._when_leading(steps.notice_silence), SILENCE_SECONDS" in source
    assert steps.notice_silence(product) == 0
    with product.database.transaction(product.workspace_id) as tx:
        account_id = product.accounts["sandbox"]
        account = find_account(tx, account_id)
        account.last_success_at = tx.now
        long_ago = (tx.now - timedelta(days=8)).replace(minute=0, second=0, microsecond=0)
        tx.session.add(AccountHour(channel_account_id=account_id, hour=long_ago, new_count=1))
    assert [steps.notice_silence(product), steps.notice_silence(product)] == [1, 0]
    with product.database.snapshot(product.workspace_id) as tx:
        assert [alert.kind for alert in open_alerts(tx)] == ["source_silent"]


def test_a_platform_that_does_not_answer_holds_up_neither_the_lease_nor_the_start(product: Product) -> None:
    slow = {account_id: SlowChannel(channel) for account_id, channel in product.channels.items()}
    clock = Clock(replace(product, channels=cast("Mapping[ChannelAccountId, Channel]", slow)), on_new=lambda: None)
    clock.start()
    sandbox = slow[product.accounts["sandbox"]]
    assert sandbox.asked.wait(10)
    clock.renew()
    assert clock.leads
    sandbox.answers.set()
    clock.stop()
    with product.database.snapshot(product.workspace_id) as tx:
        account = find_account(tx, product.accounts["sandbox"])
        assert (account.claim_token, account.last_error) == (None, "")
        assert account.last_success_at
