"""X asked in bulk what must go: through the jobs it runs for the app, and through the sweep that comes back with the ticket."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import ChannelSettings, Settings
from domain.errors import ConfigError, PermanentError, RetryableError
from domain.ids import ChannelAccountId
from domain.lifecycle import MentionState
from listener.channels.x import XChannel
from listener.channels.x.compliance import LOOK_AGAIN_SECONDS
from listener.deletions import check_deletions
from listener.intake import store_mentions
from storage.database import Database
from storage.models import Alert, ChannelAccount, Conversation, Mention
from tests.cast import OURS
from tests.listener.x.stage import Stage, read_mentions
from tests.partners.faulty_proxy import Answer, Cut
from tests.rows import make_account

DAY = timedelta(hours=23)
WORKED = timedelta(minutes=20)


def open_app(stage: Stage, **options: bool) -> XChannel:
    token = {"bearer_token": stage.server.door.keys.bearer_token}
    return stage.open(secrets=token, compliance_jobs=True, **options)


class Sweep:
    """A home with the posts of our X, all of them answered."""

    def __init__(self, stage: Stage, database: Database) -> None:
        self.stage, self.database = stage, database
        self.channel = open_app(stage)
        self.settings = Settings(home=Path(stage.home), channel=(ChannelSettings(name="shop", kind="x"),))
        with database.transaction(OURS) as tx:
            self.account_id = ChannelAccountId(make_account(tx, name="shop", kind="x").id)

    def take_in(self, *texts: str) -> list[str]:
        """Let people post, read it all, and close every case."""
        posts = [self.stage.world.post(text, author=f"person{number}") for number, text in enumerate(texts)]
        mentions = read_mentions(self.channel)
        with self.database.transaction(OURS) as tx:
            store_mentions(tx, account_id=self.account_id, own_external_id="us", mentions=mentions)
            for case in tx.session.scalars(select(Conversation)):
                case.waiting = False
        return [post.id for post in posts]

    def go(self, after: timedelta = timedelta(0)) -> int:
        self.stage.clock.advance(after)
        return check_deletions(self.database, OURS, channels={self.account_id: self.channel}, settings=self.settings)

    def gone(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            wanted = select(Mention.external_id).where(Mention.state == MentionState.GONE).order_by(Mention.id)
            return list(tx.session.scalars(wanted))

    def ticket(self) -> str:
        with self.database.snapshot(OURS) as tx:
            return tx.session.get_one(ChannelAccount, self.account_id).deletion_ticket

    def alerts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Alert.kind).where(Alert.state == "open")))

    @property
    def jobs(self) -> int:
        return len(self.stage.server.compliance.jobs)


@pytest.fixture
def sweep(stage: Stage, database: Database) -> Sweep:
    return Sweep(stage, database)


# -- the jobs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("oauth2", [False, True])
def test_what_x_names_is_gone_and_nothing_of_ours_goes_to_the_store(stage: Stage, *, oauth2: bool) -> None:
    kept, deleted = stage.world.post("stays").id, stage.world.post("goes").id
    hidden = stage.world.post("hides", author="emi").id
    channel = open_app(stage, oauth2=oauth2)
    ticket = channel.ask_deletions([kept, deleted, hidden, "dm:7"])
    assert channel.read_deletions(ticket) is None
    stage.world.delete(deleted)
    stage.world.people[stage.world.posts[hidden].author].protected = True
    stage.clock.advance(WORKED)
    assert channel.read_deletions(ticket) == frozenset({deleted, hidden})
    assert channel.read_deletions(ticket) == frozenset({deleted, hidden})
    (job,) = stage.server.compliance.jobs
    assert job.listed == [kept, deleted, hidden]
    assert stage.server.compliance.credentials_seen == []


def test_without_a_post_among_the_ids_x_is_not_asked(stage: Stage) -> None:
    assert open_app(stage).ask_deletions(["dm:7"]) == ""
    assert stage.server.exchanges == []


def test_the_option_needs_the_apps_own_token(stage: Stage) -> None:
    with pytest.raises(ConfigError, match="bearer_token"):
        stage.open(compliance_jobs=True)
    assert stage.open().capabilities.reports_deletions is False
    assert open_app(stage).capabilities.reports_deletions is True


def test_one_job_at_a_time_and_one_that_never_got_its_list_is_waited_out(stage: Stage) -> None:
    channel = open_app(stage)
    post = stage.world.post("here").id
    stage.proxy.fail_next("PUT /store", Cut.BEFORE)
    with pytest.raises(RetryableError):
        channel.ask_deletions([post])
    with pytest.raises(RetryableError) as running:
        channel.ask_deletions([post])
    assert (running.value.code, running.value.retry_after_seconds) == ("job_running", LOOK_AGAIN_SECONDS)
    stage.clock.advance(timedelta(minutes=16))
    assert channel.ask_deletions([post]) == stage.server.compliance.jobs[-1].id


@pytest.mark.parametrize("ended", ["failed", "expired"])
def test_a_job_that_ended_without_a_result_is_worth_nothing(stage: Stage, ended: str) -> None:
    channel = open_app(stage)
    ticket = channel.ask_deletions([stage.world.post("here").id])
    stage.server.compliance.jobs[0].ended = ended
    with pytest.raises(PermanentError, match=ended):
        channel.read_deletions(ticket)


def test_a_ticket_that_x_does_not_know_is_worth_nothing(stage: Stage) -> None:
    with pytest.raises(PermanentError):
        open_app(stage).read_deletions("1")


@pytest.mark.parametrize("fault", [Cut.HALF, Cut.BEFORE, Answer(503, b"")])
def test_a_result_that_does_not_arrive_whole_is_fetched_again(stage: Stage, fault: Cut | Answer) -> None:
    channel = open_app(stage)
    gone = [stage.world.post(f"post {number}").id for number in range(9)]
    ticket = channel.ask_deletions(gone)
    for one in gone:
        stage.world.delete(one)
    stage.clock.advance(WORKED)
    stage.proxy.fail_next("GET /store", fault)
    with pytest.raises(RetryableError):
        channel.read_deletions(ticket)
    assert channel.read_deletions(ticket) == frozenset(gone)


def test_a_result_whose_last_line_breaks_off_is_not_taken_for_whole(stage: Stage) -> None:
    channel = open_app(stage)
    ticket = channel.ask_deletions([stage.world.post("here").id])
    stage.clock.advance(WORKED)
    stage.server.compliance.extra_lines = '{"id":"1","action":"delete","reason":"deleted"}\n{"id":"2","act'
    with pytest.raises(RetryableError, match="breaks off"):
        channel.read_deletions(ticket)


def test_hostile_lines_are_passed_over(stage: Stage) -> None:
    channel = open_app(stage)
    deleted = stage.world.post("goes").id
    ticket = channel.ask_deletions([deleted])
    stage.world.delete(deleted)
    stage.clock.advance(WORKED)
    stage.server.compliance.extra_lines = "\n".join(
        (
            "not json \x00",
            "[" * 100_000,
            "[]",
            "null",
            '"text"',
            "9" * 5000,
            '{"id":12,"action":"delete"}',
            '{"id":"","action":"delete"}',
            '{"id":"../1","action":"delete"}',
            '{"id":"5","action":{"delete":1}}',
            '{"id":"6","action":"keep"}',
            '{"id":"7","action":"delete","reason":"scrub_geo"}',
            '{"id":"8","action":"delete","reason":"a reason of tomorrow"}',
            "",
            "",
        )
    )
    assert channel.read_deletions(ticket) == frozenset({deleted, "8"})


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("http://storage.example/list", "bad_address"),
        ("ftp://storage.example/list", "bad_address"),
        ("https://127.0.0.1/list", "private_address"),
        ("https://[::1]:8080/list", "private_address"),
        ("https://169.254.169.254/latest", "private_address"),
        ("https://10.0.0.1/list", "private_address"),
        ("http://[", "bad_address"),
        ("https://[", "bad_address"),
    ],
)
def test_an_address_that_x_would_not_give_is_not_asked(stage: Stage, link: str, code: str) -> None:
    stage.server.compliance.link = lambda _: link
    with pytest.raises(PermanentError) as refused:
        open_app(stage).ask_deletions([stage.world.post("here").id])
    assert refused.value.code == code


@pytest.mark.parametrize("status", [301, 307, 403, 404])
def test_a_store_that_sends_us_on_or_away_is_not_followed(stage: Stage, status: int) -> None:
    elsewhere = Answer(status, b"", {"location": f"{stage.proxy.url}/2/users/me"})
    stage.proxy.fail_next("PUT /store", elsewhere)
    with pytest.raises(PermanentError) as refused:
        open_app(stage).ask_deletions([stage.world.post("here").id])
    assert refused.value.code == "link_refused"
    assert stage.proxy.count("/2/users/me") == 0
    assert "s3cret" not in f"{refused.value!r} {refused.value.remedy}"


# -- the sweep ---------------------------------------------------------------------------------------------------------


def test_closed_posts_are_asked_about_in_one_job_and_no_post_is_looked_up(sweep: Sweep) -> None:
    kept, deleted = sweep.take_in("kept", "goes")
    assert sweep.go() == 0
    assert sweep.jobs == 0
    assert sweep.go(DAY) == 0
    assert (sweep.jobs, sweep.ticket()) == (1, sweep.stage.server.compliance.jobs[0].id)
    sweep.stage.world.delete(deleted)
    assert sweep.go(timedelta(minutes=5)) == 0
    assert sweep.go(WORKED) == 1
    assert sweep.gone() == [deleted]
    assert sweep.ticket() == ""
    assert sweep.go(timedelta(hours=1)) == 0
    assert sweep.jobs == 1
    assert sweep.stage.server.seen("GET", "/2/tweets") == []
    assert sweep.alerts() == []
    with sweep.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Mention.checked_at).where(Mention.external_id == kept)).one() is not None


def test_every_post_is_asked_about_within_a_day_however_they_come(sweep: Sweep) -> None:
    sweep.take_in("first")
    for hour in range(72):
        if hour % 7 == 3:
            sweep.take_in(f"post {hour}")
        sweep.go(timedelta(hours=1))
        sweep.go(WORKED)
        with sweep.database.snapshot(OURS) as tx:
            sights = [one.checked_at or one.collected_at for one in tx.session.scalars(select(Mention))]
            assert min(sights) > tx.now - timedelta(hours=25)
    assert sweep.jobs <= 4 * 4


def test_a_result_naming_what_we_never_had_changes_nothing_else(sweep: Sweep) -> None:
    sweep.take_in("kept")
    sweep.stage.server.compliance.extra_lines = '{"id":"123","action":"delete","reason":"deleted"}\n'
    sweep.go(DAY)
    assert sweep.go(WORKED) == 0
    assert sweep.gone() == []


def test_a_ticket_lost_before_it_was_stored_is_asked_for_again(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    (post,) = sweep.take_in("goes")
    with monkeypatch.context() as patch:
        patch.setattr("listener.deletion_reports.keep_ticket", _die)
        with pytest.raises(KeyboardInterrupt):
            sweep.go(DAY)
    assert (sweep.jobs, sweep.ticket()) == (1, "")
    sweep.stage.world.delete(post)
    assert sweep.go(timedelta(minutes=6)) == 0  # X still runs the lost one
    assert sweep.go(WORKED) == 0
    assert sweep.jobs == 2
    assert sweep.go(WORKED) == 1


@pytest.mark.parametrize("point", ["mark_gone", "note_checked", "drop_ticket"])
def test_a_result_read_twice_because_of_a_kill_changes_nothing_twice(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    _, deleted = sweep.take_in("kept", "goes")
    sweep.go(DAY)
    sweep.stage.world.delete(deleted)
    with monkeypatch.context() as patch:
        patch.setattr(f"listener.deletion_reports.{point}", _die)
        with pytest.raises(KeyboardInterrupt):
            sweep.go(WORKED)
    assert sweep.ticket() != ""
    sweep.go(timedelta(minutes=6))
    assert sweep.gone() == [deleted]
    assert (sweep.jobs, sweep.ticket()) == (1, "")


def test_a_job_that_x_never_ends_is_given_up_after_a_day_and_said_so(sweep: Sweep) -> None:
    (post,) = sweep.take_in("goes")
    sweep.stage.server.compliance.works_for = timedelta(days=5)
    sweep.go(DAY)
    sweep.go(DAY)
    assert (sweep.jobs, sweep.alerts()) == (1, [])
    sweep.go(timedelta(hours=1))
    assert sweep.ticket() == ""
    assert sweep.alerts() == ["deletion_report_failed"]
    sweep.stage.server.compliance.jobs[0].ended = "failed"
    sweep.stage.server.compliance.works_for = WORKED
    sweep.stage.world.delete(post)
    sweep.go(timedelta(minutes=1))
    assert sweep.go(WORKED) == 1
    assert (sweep.jobs, sweep.alerts()) == (2, [])


def test_a_job_that_failed_is_said_so_and_asked_again_in_its_time(sweep: Sweep) -> None:
    sweep.take_in("kept")
    sweep.go(DAY)
    sweep.stage.server.compliance.jobs[0].ended = "failed"
    sweep.go(WORKED)
    assert (sweep.alerts(), sweep.ticket()) == (["deletion_report_failed"], "")
    for _ in range(10):
        sweep.go(timedelta(minutes=3))
    assert sweep.jobs == 1
    sweep.go(timedelta(hours=6))
    assert sweep.jobs == 2


def test_an_app_without_the_right_is_said_so_and_does_not_stop_the_other_questions(sweep: Sweep) -> None:
    (post,) = sweep.take_in("waits")
    sweep.stage.server.door.keys.bearer_token = "another"
    with sweep.database.transaction(OURS) as tx:
        tx.session.scalars(select(Conversation)).one().waiting = True
    sweep.go(DAY)
    assert sweep.alerts() == []  # the waiting post was just asked about by its id
    with sweep.database.transaction(OURS) as tx:
        tx.session.scalars(select(Conversation)).one().waiting = False
    sweep.go(DAY)
    assert sweep.alerts() == ["deletion_report_failed"]
    sweep.stage.world.delete(post)
    with sweep.database.transaction(OURS) as tx:
        tx.session.scalars(select(Conversation)).one().waiting = True
    assert sweep.go(timedelta(minutes=31)) == 1


def _die(*_: object, **__: object) -> Callable[..., None]:
    raise KeyboardInterrupt
