"""``/settings/channels``: how far each account was read, told to everybody at the desk, honestly and from few rows."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from starlette.testclient import TestClient

from config.locale import LANGUAGES, catalogue, text
from config.settings import ChannelSettings
from desk.app import make_app
from desk.channels_view import PAGE as CARDS
from desk.context import DeskContext
from desk.rendering import HERE
from domain.ids import ChannelAccountId
from domain.replies import Capabilities
from storage.alerts import acknowledge_alert
from storage.channel_standing import AccountState
from storage.database import Database
from storage.models import Alert, ChannelAccount, User
from storage.people import change_preferences
from tests.cast import NOON, OURS, THEIRS
from tests.desk.channel_states import DAY, HOSTILE, MINUTE, add_poll, add_weeks, set_channels, well
from tests.desk.conftest import SAME_ORIGIN, OpenDesk
from tests.desk.setting import QuietChannel, make_context, sign_in
from tests.rows import make_account

PAGE = "/settings/channels"
LARGEST_PAGE_BYTES = 150_000


@pytest.fixture
def accounts(database: Database) -> dict[AccountState, ChannelAccount]:
    with database.transaction(OURS) as tx:
        return set_channels(tx, now=NOON)


def card(page: str, name: str) -> str:
    """The words of one account's card."""
    found = next(one for one in page.split("<article")[1:] if f"<bdi>{name}</bdi>" in one)
    return " ".join(re.sub(r"<[^>]+>", " ", found.split("</article>")[0]).split())


def open_with(context: DeskContext, database: Database, user: User) -> TestClient:
    """A desk with settings of its own."""
    client = TestClient(make_app(context), headers=SAME_ORIGIN, follow_redirects=False)
    client.cookies.set("kikite_session", sign_in(database, user))
    return client


@pytest.mark.usefixtures("accounts")
def test_everybody_at_the_desk_reads_it_and_finds_it_in_the_menu(open_desk: OpenDesk, dana: User, aoi: User) -> None:
    for user in (dana, aoi):
        desk = open_desk(user)
        assert desk.get(PAGE).status_code == 200
        assert f'href="{PAGE}"' in desk.get("/inbox").text
    assert open_desk(None).get(PAGE).headers["location"].startswith("/sign-in")


@pytest.mark.usefixtures("accounts")
def test_another_workspace_sees_none_of_it(open_desk: OpenDesk, chika: User) -> None:
    shown = open_desk(chika).get(PAGE).text
    assert "the-well" not in shown
    assert "No account yet" in shown


@pytest.mark.usefixtures("accounts")
def test_those_in_trouble_come_first_and_every_state_says_what_is_so(open_desk: OpenDesk, dana: User) -> None:
    page = open_desk(dana).get(PAGE).text
    named = re.findall(r"<bdi>(the-[a-z-]+)</bdi>", page)
    order = ["refused", "failing", "limited", "budget", "overdue", "behind", "never", "well", "retired"]
    assert named == [f"the-{state}" for state in order]
    says = {
        "refused": ("Refused since Nov 20, 2026, 10:00", "save it as access_token", "What came later was not read"),
        "failing": ("Failing since Nov 20, 2026, 10:00", "trouble (503)", "not read to its end yet"),
        "limited": ("asked us to wait until Nov 20, 2026, 12:01", "Limited"),
        "budget": ("Today&#39;s money is spent. It goes on at Nov 20, 2026, 21:00", "Budget spent"),
        "overdue": ("due at Nov 20, 2026, 11:00", "kikite run"),
        "behind": ("Not read to the end at once", "pages are left"),
        "never": ("No time yet of which nothing is missing", "Never polled"),
        "well": ("Complete from Oct 31, 2026, 12:00 to Nov 20, 2026, 11:59",),
        "retired": ("kikite.toml no longer names it",),
    }
    for state, words in says.items():
        for said in words:
            assert said in card(page, f"the-{state}"), state
    assert "was not read" not in card(page, "the-well")


@pytest.mark.usefixtures("accounts")
def test_what_a_platform_said_is_text_and_nothing_else(open_desk: OpenDesk, dana: User) -> None:
    page = open_desk(dana).get(PAGE).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 2


def test_a_secret_that_a_platform_repeats_is_hidden(database: Database, dana: User, tmp_path: Path) -> None:
    with database.transaction(OURS) as tx:
        error = "https://x.test/hunter2-hunter2 cannot be reached."
        made = make_account(tx, name="shop", kind="sandbox", **well(NOON), last_error=error, failing_since=NOON)
        add_poll(tx, made, at=NOON, gap="asked hunter2-hunter2")
    context = make_context(database, OURS, tmp_path)
    channel = ChannelSettings.model_validate(
        {"name": "shop", "kind": "sandbox", "secrets": {"token": "hunter2-hunter2"}, "daily_budget_usd": 2}
    )
    settings = context.settings.model_copy(update={"channel": (channel,)})
    page = open_with(replace(context, settings=settings), database, dana).get(PAGE).text
    assert "hunter2" not in page
    assert "x.test/•••" in page


@pytest.mark.usefixtures("accounts")
def test_gaps_are_told_with_their_time_their_reason_and_whether_they_were_filled(
    open_desk: OpenDesk, dana: User
) -> None:
    page = open_desk(dana).get(PAGE).text
    filled, still_open = card(page, "the-well"), card(page, "the-behind")
    assert "Nov 17, 2026, 07:00 to Nov 17, 2026, 12:00" in filled
    assert "Posts may still be missing" in filled
    assert "Read another way: 800 more were read by search" in filled
    assert "the cursor was lost" in still_open
    assert "Posts may still be missing" in still_open


def test_gaps_older_than_a_month_are_not_told(open_desk: OpenDesk, database: Database, dana: User) -> None:
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="shop", kind="sandbox", **well(NOON))
        add_poll(tx, account, at=NOON - 31 * DAY, gap="long ago")
        for back in range(7):
            add_poll(tx, account, at=NOON - back * DAY, gap=f"reason {back}")
    shown = card(open_desk(dana).get(PAGE).text, "shop")
    assert "long ago" not in shown
    assert ("reason 2" in shown, "reason 3" in shown, "4 more" in shown) == (True, False, True)


def test_cost_and_posts_a_day_are_those_of_the_last_weeks(open_desk: OpenDesk, database: Database, dana: User) -> None:
    with database.transaction(OURS) as tx:
        account = make_account(
            tx, name="shop", kind="sandbox", budget_day="2026-11-20", budget_spent_usd=1.5, **well(NOON)
        )
        add_weeks(tx, account, now=NOON, cost_usd=0.5)
        add_poll(tx, account, at=NOON)
    page = open_desk(dana).get(PAGE).text
    shown = card(page, "shop")
    assert "USD 1.50 today · 15.00 in 30 days" in shown
    assert "pages 2 · new 3 · known 7 · requests 4 · USD 0.015" in shown
    assert f"{sum(range(1, 15))} in all, most on Nov 7 (14)" in page
    assert re.search(r'<path d="M0 32v-32h9v32zM12 32v-30h9v30z', page)


def test_days_begin_at_midnight_where_the_reader_is(open_desk: OpenDesk, database: Database, dana: User) -> None:
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="shop", kind="sandbox", **well(NOON))
        add_weeks(tx, account, now=NOON - timedelta(hours=12), days=1)
    assert "most on Nov 20 (1)" in open_desk(dana).get(PAGE).text  # 15:00 UTC is midnight in Tokyo


def test_money_has_its_cap_beside_it_and_a_quiet_account_says_so(
    database: Database, dana: User, tmp_path: Path
) -> None:
    with database.transaction(OURS) as tx:
        make_account(
            tx, name="shop", kind="sandbox", quiet_polls=3, budget_day="2026-11-20", budget_spent_usd=1.5, **well(NOON)
        )
        tx.session.get_one(User, dana.id).language = "en"
    context = make_context(database, OURS, tmp_path)
    shop = ChannelSettings(name="shop", kind="sandbox", daily_budget_usd=2, quiet_poll_seconds=900)
    settings = context.settings.model_copy(update={"channel": (shop,)})
    shown = card(open_with(replace(context, settings=settings), database, dana).get(PAGE).text, "shop")
    assert "USD 1.50 of 2.00" in shown
    assert "polled less often" in shown


def test_what_is_not_polled_is_called_so(database: Database, dana: User, tmp_path: Path) -> None:
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="import", kind="import")
        tx.session.get_one(User, dana.id).language = "en"
    files = QuietChannel(
        kind="import", capabilities=Capabilities(can_reply=False, can_direct_message=False, reads_by_poll=False)
    )
    context = replace(make_context(database, OURS, tmp_path), channels={ChannelAccountId(account.id): files})
    shown = card(open_with(context, database, dana).get(PAGE).text, "import")
    assert "Holds what was imported by file" in shown
    assert "Last poll" not in shown


@pytest.mark.usefixtures("accounts")
def test_what_only_arrives_by_webhook_says_how_far_complete_goes(open_desk: OpenDesk, dana: User) -> None:
    page = open_desk(dana).get(PAGE).text
    assert "as far as LINE delivered" in card(page, "the-behind")
    assert "as far as" not in card(page, "the-well")


def test_two_hundred_accounts_stay_light_and_each_is_on_one_page(
    open_desk: OpenDesk, database: Database, dana: User
) -> None:
    with database.transaction(OURS) as tx:
        for number in range(200):
            account = make_account(tx, name=f"shop-{number:03}", kind="x", **well(NOON))
            add_weeks(tx, account, now=NOON, days=3)
            add_poll(tx, account, at=NOON, gap="800 posts were not enough")
    desk = open_desk(dana)
    seen: list[str] = []
    for page in range(1, 200 // CARDS + 1):
        answer = desk.get(f"{PAGE}?page={page}")
        assert len(answer.content) < LARGEST_PAGE_BYTES / 2
        seen += re.findall(r"<bdi>(shop-\d+)</bdi>", answer.text)
    assert seen == [f"shop-{number:03}" for number in range(200)]
    assert desk.get(f"{PAGE}?page=99").text.count("<article") == CARDS
    assert desk.get(f"{PAGE}?page=0").status_code == 422


def test_no_statement_walks_over_all_polls(open_desk: OpenDesk, database: Database, dana: User) -> None:
    with database.transaction(OURS) as tx:
        set_channels(tx, now=NOON)
    desk = open_desk(dana)
    asked: dict[str, object] = {}

    def note(_connection: object, _cursor: object, sql: str, values: object, *_more: object) -> None:
        if "poll_record" in sql or "account_hour" in sql:
            asked[sql] = values

    event.listen(database.engine, "before_cursor_execute", note)
    assert desk.get(PAGE).status_code == 200
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(asked) == 4
    with database.engine.connect() as connection:
        plans = {
            sql: [str(step[3]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]  # type: ignore[arg-type]
            for sql, values in asked.items()
        }
    for sql, plan in plans.items():
        assert not [step for step in plan if step.startswith(("SCAN poll", "SCAN account_hour"))], sql
        assert not [step for step in plan if "(workspace_id=?)" in step], plan
    gaps = next(plan for sql, plan in plans.items() if "gap <> ''" in sql)
    assert "ix_poll_record_gap" in gaps[0]


def test_the_inbox_tells_when_something_is_missing(open_desk: OpenDesk, database: Database, ben: User) -> None:
    desk = open_desk(ben)
    notice = "Some channels are not read completely"
    assert notice not in desk.get("/inbox").text
    with database.transaction(OURS) as tx:
        made = set_channels(tx, now=NOON)
        for account in made.values():
            account.failing_since = None
    for path in ("/inbox", "/inbox?split=mine"):
        assert desk.get(path).text.count(notice) == 2, "in the header, and where the queue is empty"
    with database.transaction(OURS) as tx:
        alert = tx.session.scalars(select(Alert)).one()
        acknowledge_alert(tx, alert.id, user_id=ben.id, actor="ben")
    assert notice not in desk.get("/inbox").text


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"failing_since": NOON - 31 * MINUTE, "last_outcome": "retryable"}, True),
        ({"failing_since": NOON - 29 * MINUTE, "last_outcome": "retryable"}, False),
        ({"failing_since": NOON - MINUTE, "last_outcome": "permanent"}, True),
        ({"failing_since": NOON - 31 * MINUTE, "last_outcome": "retryable", "active": False}, False),
    ],
    ids=["for long", "just now", "refused", "retired"],
)
def test_a_short_trouble_is_not_told_and_a_refusal_is_at_once(
    open_desk: OpenDesk, database: Database, ben: User, columns: dict[str, object], *, told: bool
) -> None:
    with database.transaction(OURS) as tx:
        make_account(tx, name="shop", kind="sandbox", **well(NOON) | columns)
    assert ("Some channels are not read completely" in open_desk(ben).get("/inbox").text) is told


def test_trouble_in_another_workspace_is_not_ours(open_desk: OpenDesk, database: Database, ben: User) -> None:
    with database.transaction(THEIRS) as tx:
        set_channels(tx, now=NOON)
    assert "Some channels are not read completely" not in open_desk(ben).get("/inbox").text


def test_every_word_the_page_asks_for_exists() -> None:
    known = catalogue("channel_page")
    asked = set()
    for template in (HERE / "templates").rglob("*.html"):
        asked |= set(re.findall(r'say\("channel_page\.([a-z_.]+[a-z])"', template.read_text(encoding="utf-8")))
    assert len(asked) > 30
    assert [key for key in sorted(asked) if key not in known] == []
    assert [state for state in AccountState if f"state.{state}" not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("accounts")
def test_no_code_shows_through_in_either_language(
    open_desk: OpenDesk, database: Database, dana: User, language: str
) -> None:
    desk = open_desk(dana)
    with database.transaction(OURS) as tx:
        change_preferences(tx, user_id=dana.id, language=language, theme="auto", single_keys=True)
    main = desk.get(PAGE).text.split("<main")[1].partition(">")[2]
    shown = re.sub(r"<[^>]+>", " ", re.sub(r"<(bdi)[^>]*>.*?</\1>", " ", main, flags=re.DOTALL))
    assert re.findall(r"\b[a-z]+_[a-z_]+", shown) == []
    assert text("channel_page.state.well", language) in shown
    assert HOSTILE not in main
