"""Who is asked about which posts, and when: priorities, accounts side by side, money, and platforms that ask for a pause."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text, update

from config.settings import ChannelSettings, ClockSettings, Settings
from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.ids import ChannelAccountId
from domain.lifecycle import DeliveryState, MentionState
from domain.ports import DeletionReporter, Spender
from domain.replies import Capabilities
from listener.channels.sandbox import SandboxChannel, SandboxPlatform
from listener.deletions import LEASE, OPEN_AT_ONCE, OTHER_QUESTIONS, check_deletions
from storage.database import Database
from storage.deletion_checks import SECOND_LOOK
from storage.models import AccountHour, Alert, ChannelAccount, Conversation, Mention, User
from tests.cast import OURS, THEIRS
from tests.rows import make_account, make_conversation_with_mention, make_delivery, make_draft

LEAVING = timedelta(minutes=10)
WAITING = timedelta(minutes=30)
OTHERS = timedelta(hours=23)
PRICE = 0.005


class Platform(SandboxChannel):
    """A platform that writes down what it is asked about, charges for each answer, and may be told to refuse."""

    def __init__(self, platform: SandboxPlatform, clock: FixedClock, *, at_once: int = 25) -> None:
        super().__init__(platform, clock=clock)
        self.questions: list[list[str]] = []
        self.refusals: list[Exception] = []
        self.price = 0.0
        self.at_once = at_once
        self._spent = 0.0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(can_reply=True, can_direct_message=True, tells_deletions=True, asked_at_once=self.at_once)

    @property
    def asked(self) -> list[str]:
        return [post for question in self.questions for post in question]

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        self.questions.append(list(external_ids))
        self._spent += self.price * len(external_ids)
        if self.refusals:
            raise self.refusals.pop(0)
        return frozenset(one for one in external_ids if not one.startswith("gone"))

    def take_spent(self) -> float:
        spent, self._spent = self._spent, 0.0
        return spent


class Home:
    """Accounts and their posts."""

    def __init__(self, database: Database, clock: FixedClock, tmp_path: Path) -> None:
        self.database, self.clock = database, clock
        self._sandbox = SandboxPlatform(tmp_path / "platform.db", clock=clock)
        self.channels: dict[ChannelAccountId, Platform] = {}
        self.settings = Settings(home=tmp_path)

    def connect(self, name: str, *, budget: float = 1_000, at_once: int = 25) -> Platform:
        with self.database.transaction(OURS) as tx:
            account_id = ChannelAccountId(make_account(tx, name=name).id)
        own = ChannelSettings(name=name, kind="sandbox", daily_budget_usd=budget)
        self.settings = self.settings.model_copy(update={"channel": (*self.settings.channel, own)})
        self.channels[account_id] = Platform(self._sandbox, self.clock, at_once=at_once)
        return self.channels[account_id]

    def add(self, name: str, *posts: str, waiting: bool = False, reply: DeliveryState | None = None) -> None:
        """Add posts of one account, seen just now."""
        with self.database.transaction(OURS) as tx:
            account = tx.session.scalars(select(ChannelAccount).where(ChannelAccount.name == name)).one()
            for post in posts:
                case = make_conversation_with_mention(
                    tx, account=account, external_id=post, conversation={"waiting": waiting or reply is not None}
                )
                if reply is not None:
                    ben = tx.session.scalars(select(User)).first()
                    assert ben is not None
                    make_delivery(tx, draft=make_draft(tx, mention=case.mention), approved_by=ben, state=reply)

    def sweep(self, after: timedelta = timedelta(0), *, clock: ClockSettings | None = None) -> int:
        self.clock.advance(after)
        settings = self.settings.model_copy(update={"clock": clock}) if clock else self.settings
        return check_deletions(self.database, OURS, channels=self.channels, settings=settings)

    def account(self, name: str) -> tuple[str, float]:
        with self.database.snapshot(OURS) as tx:
            row = tx.session.scalars(select(ChannelAccount).where(ChannelAccount.name == name)).one()
            return row.budget_day, round(row.budget_spent_usd, 6)

    def cost_of_all_hours(self) -> float:
        with self.database.snapshot(OURS) as tx:
            return round(sum(tx.session.scalars(select(AccountHour.cost_usd))), 6)

    def alerts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Alert.kind).where(Alert.state == "open")))


@pytest.fixture
def home(database: Database, clock: FixedClock, tmp_path: Path) -> Home:
    return Home(database, clock, tmp_path)


def test_what_leaves_is_asked_about_first_then_what_waits_then_all_else(home: Home, ben: User) -> None:
    assert ben.id
    platform = home.connect("shop")
    home.add("shop", "closed")
    home.add("shop", "waiting", waiting=True)
    home.add("shop", "held", reply=DeliveryState.HELD)
    home.sweep(OTHERS + timedelta(minutes=1))
    assert platform.questions == [["held"], ["waiting"], ["closed"]]


@pytest.mark.parametrize(
    ("state", "is_asked"),
    [
        (DeliveryState.HELD, True),
        (DeliveryState.QUEUED, True),
        (DeliveryState.HANDED_OFF, True),
        (DeliveryState.SENDING, False),
        (DeliveryState.SENT, False),
        (DeliveryState.REFUSED, False),
        (DeliveryState.CANCELLED, False),
    ],
)
def test_leaving_is_what_has_a_reply_that_has_not_left(
    home: Home, ben: User, state: DeliveryState, *, is_asked: bool
) -> None:
    assert ben.id
    platform = home.connect("shop")
    home.add("shop", "post", reply=state)
    home.sweep(LEAVING + timedelta(minutes=1))
    assert platform.asked == (["post"] if is_asked else [])


def test_each_priority_has_its_own_rhythm(home: Home, ben: User) -> None:
    assert ben.id
    platform = home.connect("shop")
    home.add("shop", "closed")
    home.add("shop", "waiting", waiting=True)
    home.add("shop", "queued", reply=DeliveryState.QUEUED)
    asked_after: dict[int, list[str]] = {}
    for minutes in (9, 2, 20, 11, 23 * 60):
        home.sweep(timedelta(minutes=minutes))
        asked_after[minutes], platform.questions = platform.asked, []
    assert asked_after == {
        9: [],
        2: ["queued"],
        20: ["queued", "waiting"],
        11: ["queued"],
        23 * 60: ["queued", "waiting", "closed"],
    }


def test_closed_posts_may_be_left_alone(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "closed")
    home.sweep(timedelta(days=30), clock=ClockSettings(closed_check_hours=0))
    assert platform.asked == []


def test_a_deleted_post_of_a_closed_case_loses_its_text(home: Home) -> None:
    home.connect("shop")
    home.add("shop", "gone-1", "stays")
    assert home.sweep(OTHERS + timedelta(minutes=1)) == 1
    with home.database.snapshot(OURS) as tx:
        rows = tx.session.execute(select(Mention.external_id, Mention.text == "", Mention.state).order_by(Mention.id))
        assert [tuple(row) for row in rows] == [
            ("gone-1", True, MentionState.GONE),
            ("stays", False, MentionState.COLLECTED),
        ]


def test_what_is_gone_or_forgotten_is_never_asked_about_again(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "gone-1", "forgotten")
    with home.database.transaction(OURS) as tx:
        tx.session.execute(
            update(Mention).where(Mention.external_id == "forgotten").values(forgotten_at=tx.now, text="")
        )
    for _ in range(3):
        home.sweep(OTHERS + timedelta(minutes=1))
    assert platform.asked == ["gone-1"]


def test_an_account_with_very_many_posts_does_not_keep_another_waiting(home: Home) -> None:
    large, small = home.connect("large"), home.connect("small")
    home.add("large", *(f"l{number}" for number in range(130)))
    home.clock.advance(timedelta(minutes=1))
    home.add("small", "s")
    home.sweep(OTHERS + timedelta(minutes=1))
    assert small.asked == ["s"]
    assert len(large.asked) == OTHER_QUESTIONS * 25


def test_one_turn_asks_about_a_share_and_the_next_about_the_rest_the_longest_unseen_first(home: Home) -> None:
    platform = home.connect("shop")
    posts = [f"p{number}" for number in range(250)]
    home.add("shop", *posts[:125])
    home.clock.advance(timedelta(minutes=1))
    home.add("shop", *posts[125:])
    home.clock.advance(OTHERS)
    for turns in range(1, 4):
        home.sweep(timedelta(minutes=1))
        assert platform.asked == posts[: 100 * turns]


def test_a_platform_that_is_asked_one_by_one_is_asked_about_few(home: Home) -> None:
    platform = home.connect("shop", at_once=1)
    home.add("shop", *(f"p{number}" for number in range(30)))
    home.sweep(OTHERS + timedelta(minutes=1))
    assert len(platform.asked) == OTHER_QUESTIONS


def test_waiting_posts_of_one_account_are_asked_about_up_to_a_share(home: Home) -> None:
    platform = home.connect("shop", at_once=40)
    home.add("shop", *(f"p{number}" for number in range(OPEN_AT_ONCE + 20)), waiting=True)
    home.sweep(WAITING + timedelta(minutes=1))
    assert [len(question) for question in platform.questions] == [40, 40, 20]
    home.sweep()
    assert [len(question) for question in platform.questions] == [40, 40, 20, 20]


# -- answers that may be trouble -----------------------------------------------------------------------------------------


def test_where_nothing_of_a_question_is_there_it_is_asked_again_before_anything_is_blanked(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "gone-1", "gone-2", "gone-3", waiting=True)
    assert home.sweep(WAITING + timedelta(minutes=1)) == 0
    assert home.sweep(SECOND_LOOK - timedelta(minutes=1)) == 0
    assert len(platform.questions) == 1
    assert home.sweep(timedelta(minutes=1)) == 3
    assert platform.questions == [["gone-1", "gone-2", "gone-3"]] * 2


def test_a_moment_of_trouble_takes_nothing_away_and_leaves_no_doubt_behind(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = home.connect("shop")
    home.add("shop", "p1", "p2", "p3", waiting=True)
    with monkeypatch.context() as trouble:
        trouble.setattr(platform, "still_there", lambda _: frozenset())
        assert home.sweep(WAITING + timedelta(minutes=1)) == 0
    assert home.sweep(SECOND_LOOK) == 0
    assert platform.asked == ["p1", "p2", "p3"]
    with home.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Mention.missing_since)).all() == [None] * 3
    with monkeypatch.context() as trouble:
        trouble.setattr(platform, "still_there", lambda _: frozenset())
        assert home.sweep(WAITING + timedelta(minutes=1)) == 0


@pytest.mark.parametrize(
    ("posts", "gone"), [(["gone-1"], 1), (["gone-1", "gone-2"], 2), (["gone-1", "gone-2", "p"], 2)]
)
def test_a_few_and_a_mixed_answer_are_believed_at_once(home: Home, posts: list[str], gone: int) -> None:
    home.connect("shop")
    home.add("shop", *posts, waiting=True)
    assert home.sweep(WAITING + timedelta(minutes=1)) == gone


def test_posts_asked_about_one_by_one_are_doubted_together_too(home: Home) -> None:
    platform = home.connect("shop", at_once=1)
    home.add("shop", "gone-1", "gone-2", "gone-3", waiting=True)
    assert home.sweep(WAITING + timedelta(minutes=1)) == 0
    assert home.sweep(SECOND_LOOK) == 3
    assert platform.questions == [["gone-1"], ["gone-2"], ["gone-3"]] * 2


def test_a_new_post_among_doubted_ones_gets_its_own_second_look(home: Home) -> None:
    home.connect("shop")
    home.add("shop", "gone-1", "gone-2", "gone-3", waiting=True)
    home.clock.advance(SECOND_LOOK)
    home.add("shop", "gone-4", waiting=True)
    assert home.sweep(WAITING - SECOND_LOOK + timedelta(minutes=1)) == 0
    assert home.sweep(SECOND_LOOK) == 3
    assert home.sweep(SECOND_LOOK) == 1


# -- what was really asked ---------------------------------------------------------------------------------------------


def test_what_there_was_no_time_for_counts_as_not_asked_and_comes_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = home.connect("shop", at_once=1)
    posts = [f"p{number:02}" for number in range(25)]
    home.add("shop", *posts, waiting=True)
    # Each look at the watch is five seconds later: as if each answer took that long.
    watch = count(step=5)
    monkeypatch.setattr("listener.deletions.monotonic", lambda: next(watch))
    home.sweep(WAITING + timedelta(minutes=1))
    first = len(platform.asked)
    assert 1 < first < len(posts)
    home.sweep(timedelta(minutes=1))
    home.sweep(timedelta(minutes=1))
    assert platform.asked == posts


def test_answers_of_one_by_one_before_a_failure_stay(home: Home) -> None:
    platform = home.connect("shop", at_once=1)
    home.add("shop", "p1", "p2", waiting=True)
    ask = platform.still_there

    def fail_on_the_second(external_ids: Sequence[str]) -> frozenset[str]:
        if len(platform.questions) == 1:
            platform.refusals = [RetryableError("no answer", code="no_answer")]
        return ask(external_ids)

    platform.still_there = fail_on_the_second  # type: ignore[method-assign]
    home.sweep(WAITING + timedelta(minutes=1))
    home.sweep(timedelta(minutes=20))
    assert platform.asked == ["p1", "p2", "p2"]


# -- money -------------------------------------------------------------------------------------------------------------


def test_what_answers_cost_stands_on_the_accounts_day_beside_what_polls_cost(home: Home) -> None:
    platform = home.connect("shop")
    platform.price = PRICE
    home.add("shop", *(f"p{number}" for number in range(30)))
    home.clock.advance(OTHERS + timedelta(minutes=1))
    today = home.clock.now().date().isoformat()
    with home.database.transaction(OURS) as tx:
        tx.session.execute(update(ChannelAccount).values(budget_day=today, budget_spent_usd=1.0))
    home.sweep()
    assert home.account("shop") == (today, 1.0 + 30 * PRICE)
    home.sweep(timedelta(days=1))
    assert home.account("shop") == (home.clock.now().date().isoformat(), 30 * PRICE)
    assert home.cost_of_all_hours() == 60 * PRICE  # what the page of channels adds up


def test_what_a_refused_question_cost_counts_too(home: Home) -> None:
    platform = home.connect("shop")
    platform.price = PRICE
    platform.refusals = [RetryableError("no answer", code="no_answer")]
    home.add("shop", "p")
    home.sweep(OTHERS + timedelta(minutes=1))
    assert home.account("shop")[1] == PRICE


def test_once_the_days_money_is_spent_only_what_leaves_is_asked_about(home: Home, ben: User) -> None:
    assert ben.id
    platform = home.connect("shop", budget=30 * PRICE)
    platform.price = PRICE
    home.add("shop", "held", reply=DeliveryState.HELD)
    home.add("shop", *(f"p{number}" for number in range(60)))
    home.sweep(OTHERS + timedelta(minutes=1))
    assert len(platform.asked) == 1 + 25 + 25  # a question that was begun within the budget is asked whole
    home.add("shop", "waits", waiting=True)
    home.sweep(WAITING + timedelta(minutes=1))
    assert platform.asked[51:] == ["held"]
    home.sweep(timedelta(days=1) - WAITING)
    assert platform.asked[51:55] == ["held", "held", "waits", "p50"]


def test_where_answers_cost_money_and_no_sum_is_named_only_open_posts_are_asked_about(home: Home) -> None:
    platform = home.connect("shop", budget=0)
    home.add("shop", "closed")
    home.add("shop", "waits", waiting=True)
    home.sweep(OTHERS + timedelta(minutes=1))
    assert platform.asked == ["waits"]


def test_posts_left_unasked_for_want_of_money_are_told_and_the_alert_goes_with_its_cause(home: Home) -> None:
    platform = home.connect("shop", budget=PRICE)
    platform.price = PRICE
    home.add("shop", *(f"p{number}" for number in range(40)))
    home.sweep(OTHERS + timedelta(minutes=1))
    assert home.alerts() == []
    for _ in range(2):
        home.add("shop", *(f"q{home.clock.now().day}-{number}" for number in range(40)))
        home.sweep(timedelta(hours=24))
    assert home.alerts() == ["deletions_unasked"]
    raised = ChannelSettings(name="shop", kind="sandbox", daily_budget_usd=1_000)
    home.settings = home.settings.model_copy(update={"channel": (raised,)})
    for _ in range(3):
        home.sweep(timedelta(minutes=5))
    assert home.alerts() == []


# -- platforms that ask for a pause ------------------------------------------------------------------------------------


def test_a_pause_that_a_platform_asks_for_is_kept_and_hurts_no_other_account(home: Home, ben: User) -> None:
    assert ben.id
    busy, other = home.connect("busy"), home.connect("other")
    home.add("busy", "held", reply=DeliveryState.HELD)
    home.add("busy", *(f"b{number}" for number in range(30)))
    home.add("other", "o", waiting=True)
    busy.refusals = [RetryableError("wait", code="rate_limited", retry_after_seconds=3 * 3600)]
    home.sweep(OTHERS + timedelta(minutes=1))
    assert (busy.questions, other.asked) == ([["held"]], ["o"])
    for _ in range(3):
        home.sweep(timedelta(minutes=59))
    assert busy.questions == [["held"]]
    assert other.asked == ["o"] * 4
    home.sweep(timedelta(minutes=4))
    assert busy.questions[1:] == [["held"], [f"b{number}" for number in range(25)], [f"b{n}" for n in range(25, 30)]]


@pytest.mark.parametrize(
    "fault",
    [
        RetryableError("no answer", code="no_answer"),
        PermanentError("no right", code="no_right"),
        ZeroDivisionError("a fault of the channel's"),
    ],
    ids=["passing", "permanent", "broken"],
)
def test_a_platform_that_does_not_answer_is_not_hammered(home: Home, fault: Exception) -> None:
    platform = home.connect("shop")
    home.add("shop", "p", waiting=True)
    platform.refusals = [fault] * 1000
    home.clock.advance(WAITING)
    for _ in range(20):
        home.sweep(timedelta(minutes=6))
    assert 2 <= len(platform.questions) <= 8
    platform.refusals = []
    home.sweep(timedelta(hours=2))
    home.sweep(WAITING + timedelta(minutes=1))
    assert platform.questions[-2:] == [["p"], ["p"]]


def test_a_pause_of_years_ends_within_a_day(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "p", waiting=True)
    platform.refusals = [RetryableError("wait", code="rate_limited", retry_after_seconds=1e9)]
    home.sweep(WAITING + timedelta(minutes=1))
    home.sweep(timedelta(hours=25))
    assert platform.asked == ["p", "p"]


def test_a_pause_written_by_a_clock_that_was_ahead_does_not_last(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "p", waiting=True)
    with home.database.transaction(OURS) as tx:
        tx.session.execute(update(ChannelAccount).values(next_deletion_check_at=tx.now + timedelta(days=400)))
    home.sweep(WAITING + timedelta(minutes=1))
    assert platform.asked == ["p"]


def test_answers_before_a_failure_stay_and_are_not_asked_for_again(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", *(f"p{number}" for number in range(30)))
    with_second: list[ChannelError] = [RetryableError("no answer", code="no_answer")]
    ask = platform.still_there

    def fail_on_the_second(external_ids: Sequence[str]) -> frozenset[str]:
        if len(platform.questions) == 1 and with_second:
            raise with_second.pop()
        return ask(external_ids)

    platform.still_there = fail_on_the_second  # type: ignore[method-assign]
    home.sweep(OTHERS + timedelta(minutes=1))
    home.sweep(timedelta(hours=1))
    assert platform.questions == [[f"p{n}" for n in range(25)], [f"p{n}" for n in range(25, 30)]]


def test_a_process_that_dies_while_it_asks_does_not_make_the_next_hammer(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "p", waiting=True)
    platform.refusals = [KeyboardInterrupt()]  # type: ignore[list-item]  # ends the process, not the question
    with pytest.raises(KeyboardInterrupt):
        home.sweep(WAITING + timedelta(minutes=1))
    home.sweep(timedelta(minutes=2))
    assert platform.asked == ["p"]
    home.sweep(LEASE)
    assert platform.asked == ["p", "p"]


def test_an_account_that_somebody_asks_right_now_is_not_asked_by_another(home: Home) -> None:
    platform = home.connect("shop")
    home.add("shop", "p", waiting=True)
    ask = platform.still_there

    def meanwhile(external_ids: Sequence[str]) -> frozenset[str]:
        home.sweep()
        return ask(external_ids)

    platform.still_there = meanwhile  # type: ignore[method-assign]
    home.sweep(WAITING + timedelta(minutes=1))
    assert platform.asked == ["p"]


def test_nothing_of_chikas_workspace_is_asked_about(home: Home, chika: User) -> None:
    with home.database.transaction(THEIRS) as tx:
        case = make_conversation_with_mention(tx, external_id="theirs")
        make_delivery(tx, draft=make_draft(tx, mention=case.mention), approved_by=chika)
        theirs = ChannelAccountId(case.account.id)
    platform = home.connect("shop")
    home.channels[theirs] = platform
    home.sweep(timedelta(days=3))
    assert platform.asked == []


# -- the questions to the database -------------------------------------------------------------------------------------

STORED = 3_000


def test_no_question_walks_over_what_is_stored(
    any_database: Database, clock: FixedClock, tmp_path: Path, ben: User
) -> None:
    """What was asked about lately, what is gone and what is forgotten is not looked at, however much it is."""
    home = Home(any_database, clock, tmp_path)
    assert ben.id
    home.connect("shop")
    home.add("shop", "held", reply=DeliveryState.HELD)
    home.add("shop", "waiting", waiting=True)
    home.add("shop", "closed")
    home.clock.advance(OTHERS + timedelta(minutes=1))
    _store_many(home.database)
    plans = _plans(home)
    assert len(plans) >= 4
    for plan in plans:
        assert "SCAN mention" not in plan, plan
        assert "Seq Scan on mention" not in plan, plan
    assert sum("ix_mention_to_check" in plan for plan in plans) >= 2


def _store_many(database: Database) -> None:
    with database.transaction(OURS) as tx:
        case = tx.session.scalars(select(Mention).where(Mention.external_id == "closed")).one()
        conversation = tx.session.get_one(Conversation, case.conversation_id)
        rows = [
            {
                "channel_account_id": case.channel_account_id,
                "author_id": case.author_id,
                "thread_external_id": f"thread-{number}",
                "waiting": False,
                "created_at": conversation.created_at,
                "updated_at": tx.now,
            }
            for number in range(STORED)
        ]
        ids = tx.session.scalars(insert(Conversation).returning(Conversation.id), rows).all()
        posts = [
            {
                "channel_account_id": case.channel_account_id,
                "conversation_id": conversation_id,
                "author_id": case.author_id,
                "external_id": f"stored-{conversation_id}",
                "kind": case.kind,
                "engagement": case.engagement,
                "text": "words",
                "text_original": "words",
                "created_at": case.created_at,
                "collected_at": case.collected_at,
                "checked_at": tx.now,
                "gone_at": tx.now if conversation_id % 3 == 0 else None,
                "forgotten_at": tx.now if conversation_id % 3 == 1 else None,
            }
            for conversation_id in ids
        ]
        tx.session.execute(insert(Mention), posts)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def _plans(home: Home) -> list[str]:
    """Return how the database goes about each question of a sweep to ``mention``."""
    engine = home.database.engine
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cur: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT") and "FROM mention" in statement:
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        home.sweep()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        return [
            "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(explain + statement, parameters))  # type: ignore[arg-type]
            for statement, parameters in asked
        ]


def test_the_doubles_are_what_the_ports_say() -> None:
    assert issubclass(Platform, Spender)
    assert not issubclass(SandboxChannel, Spender | DeletionReporter)
