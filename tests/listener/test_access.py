"""Our way in: its end is told a week before, and a refusal names the settings and the guide of the very platform."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select

from config.locale import LANGUAGES, text
from config.setup import setup_of
from domain.clock import FixedClock
from domain.errors import ACCESS_CODES, PermanentError
from domain.ids import ChannelAccountId
from domain.lifecycle import AlertState
from listener.access import notice_ending_access
from listener.channels.sandbox import SandboxChannel, SandboxPlatform
from listener.registry import known_kinds, options_of
from storage.access_alerts import (
    settle_refusal,
    settle_send_refusal,
    tell_refusal,
    tell_send_refusal,
)
from storage.alerts import acknowledge_alert
from storage.database import Database, Transaction
from storage.models import Alert, ChannelAccount, User
from tests.cast import NOON, OURS
from tests.rows import make_account

DAY = timedelta(days=1)
SHIPPED = [
    kind for kind in known_kinds() if find_spec(f"listener.channels.{kind}") and kind not in {"sandbox", "import"}
]
GUIDES = Path(__file__).parents[2] / "docs" / "how-to"


class Ending(SandboxChannel):
    """A channel whose platform says when the token ends."""

    ends_at: datetime | None = None
    told_at: datetime | None = None
    asked = 0
    error: Exception | None = None

    def probe(self) -> str:
        self.asked += 1
        if self.error:
            raise self.error
        self.told_at = self.ends_at
        return "fine"

    @property
    def access_expires_at(self) -> datetime | None:
        return self.told_at


class Stage:
    """One account on such a channel."""

    def __init__(self, database: Database, clock: FixedClock, tmp_path: Path) -> None:
        self.database = database
        self.clock = clock
        self.channel = Ending(SandboxPlatform(tmp_path / "platform.db", clock=clock), clock=clock)
        with database.transaction(OURS) as tx:
            self.account_id = ChannelAccountId(make_account(tx, name="page", kind="facebook").id)

    def notice(self) -> int:
        return notice_ending_access(
            self.database, OURS, channels={self.account_id: self.channel}, time_zone="Asia/Tokyo"
        )

    def alerts(self, *states: AlertState) -> list[Alert]:
        with self.database.snapshot(OURS) as tx:
            found = [one for one in tx.session.scalars(select(Alert).order_by(Alert.id)) if one.state in states]
            tx.session.expunge_all()
            return found


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(any_database, clock, tmp_path)
    yield made
    made.channel.close()


@pytest.mark.parametrize(("days", "told"), [(8, 0), (7, 1), (1, 1), (-1, 1)])
def test_the_end_of_our_way_in_is_told_a_week_before(stage: Stage, days: int, told: int) -> None:
    stage.channel.ends_at = NOON + days * DAY
    assert stage.notice() == told


def test_the_alert_says_when_it_ends_which_secret_to_replace_and_where_it_is_told_how(stage: Stage) -> None:
    stage.channel.ends_at = NOON + 3 * DAY
    stage.notice()
    (alert,) = stage.alerts(AlertState.OPEN)
    for language, guide in (("ja", "facebook.ja.md"), ("en", "facebook.md")):
        assert "2026-11-23" in text("alerts.access_ending.title", language, **alert.values)
        said = text("alerts.access_ending.remedy", language, **alert.values)
        assert "secrets.access_token" in said
        assert f"docs/how-to/{guide}" in said


def test_a_token_without_end_is_nothing_to_tell(stage: Stage) -> None:
    assert stage.notice() == 0
    assert stage.channel.asked == 1


def test_the_platform_is_asked_once_a_day(stage: Stage) -> None:
    for _ in range(4):
        stage.notice()
    assert stage.channel.asked == 1
    stage.clock.advance(DAY)
    stage.notice()
    assert stage.channel.asked == 2


def test_one_end_is_told_once_and_another_anew(stage: Stage, ben: User) -> None:
    stage.channel.ends_at = NOON + 6 * DAY
    stage.notice()
    (alert,) = stage.alerts(AlertState.OPEN)
    with stage.database.transaction(OURS) as tx:
        acknowledge_alert(tx, alert.id, user_id=ben.id, actor="ben")
    stage.clock.advance(2 * DAY)
    assert stage.notice() == 0
    stage.channel.ends_at = NOON + 60 * DAY
    stage.clock.advance(DAY)
    assert stage.notice() == 0
    stage.clock.advance(55 * DAY)
    assert stage.notice() == 1


def test_a_new_token_takes_it_back(stage: Stage) -> None:
    stage.channel.ends_at = NOON + 6 * DAY
    stage.notice()
    stage.channel.ends_at = NOON + 66 * DAY
    stage.clock.advance(DAY)
    stage.notice()
    assert stage.alerts(AlertState.OPEN) == []


@pytest.mark.parametrize("error", [PermanentError("no", code="token_refused"), RuntimeError("a fault of its own")])
def test_a_platform_that_does_not_answer_leaves_what_was_known(stage: Stage, error: Exception) -> None:
    stage.channel.ends_at = NOON + 10 * DAY
    stage.notice()
    stage.channel.error = error
    stage.clock.advance(4 * DAY)
    assert stage.notice() == 1
    with stage.database.snapshot(OURS) as tx:
        assert tx.session.get_one(ChannelAccount, stage.account_id).access_expires_at == NOON + 10 * DAY


@pytest.mark.parametrize("kind", SHIPPED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_settings_that_exist_and_a_guide_that_is_there(
    database: Database, kind: str, language: str
) -> None:
    model = options_of(kind)
    assert model is not None
    named = setup_of(kind, language).access
    assert named
    assert [one for one in named if one.partition(".")[2] not in model.model_fields] == []
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name="shop", kind=kind).id)
        tell_refusal(tx, account_id, name="shop", kind=kind, detail="401")
        alert = tx.session.scalars(select(Alert)).one()
        said = text("alerts.channel_refused.remedy", language, **alert.values)
    assert [one for one in named if one not in said] == []
    guide = f"{kind}.ja.md" if language == "ja" else f"{kind}.md"
    assert f"docs/how-to/{guide}" in said
    assert (GUIDES / guide).is_file()


def test_a_channel_of_a_third_party_is_told_of_too(database: Database) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name="shop", kind="odd").id)
        tell_refusal(tx, account_id, name="shop", kind="odd", detail="401")
        alert = tx.session.scalars(select(Alert)).one()
    said = text("alerts.channel_refused.remedy", "en", **alert.values)
    assert "Check secrets of the account 'shop'" in said
    assert "docs/how-to/channels.md" in said


def open_keys(tx: Transaction) -> list[str]:
    return [one.dedupe_key for one in tx.session.scalars(select(Alert).where(Alert.state == AlertState.OPEN))]


def test_a_refused_send_is_settled_by_a_send_and_not_by_a_poll(database: Database) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name="shop", kind="x").id)
        tell_send_refusal(tx, account_id, name="shop", kind="x", detail="403")
        settle_refusal(tx, account_id)
        assert len(open_keys(tx)) == 1
        settle_send_refusal(tx, account_id)
        assert open_keys(tx) == []


def test_polls_and_sends_refused_alike_are_one_alert(database: Database) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name="shop", kind="x").id)
        tell_refusal(tx, account_id, name="shop", kind="x", detail="401")
        tell_send_refusal(tx, account_id, name="shop", kind="x", detail="401")
        assert len(open_keys(tx)) == 1


def test_every_code_that_ends_our_access_is_one_that_a_channel_gives() -> None:
    folder = Path(__file__).parents[2] / "listener"
    said = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    assert [code for code in sorted(ACCESS_CODES) if f'"{code}"' not in said] == []


def test_only_what_no_other_text_or_post_would_change_ends_our_access() -> None:
    assert PermanentError("no", code="token_refused").ends_access
    for code in ("gone", "too_long", "refused", "duplicate", "replies_not_allowed", "no_right", "forbidden"):
        assert code not in ACCESS_CODES
        assert not PermanentError("no", code=code).ends_access
