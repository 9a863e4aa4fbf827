"""Sending stored digests: once, and never again blindly."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from digest.compose import compose_digests
from digest.mail import LEASE, MOST_TRIES, ConsoleNotifier, SmtpNotifier, send_due_digests
from domain.clock import FixedClock
from domain.errors import IllegalTransitionError, NotFoundError, PermanentError, RetryableError, SendUncertainError
from domain.lifecycle import DigestState
from domain.words import Period
from storage.alerts import open_alerts
from storage.database import Database
from storage.digests import list_digests, settle_digest
from storage.models import Digest, User
from tests.cast import OURS, THEIRS
from tests.digest.news import AOI, BEN, make_settings
from tests.partners.smtp import Mailbox

REFUSED = PermanentError("no such user", code="recipient")
BUSY = RetryableError("later", code="content")
UNKNOWN = SendUncertainError("hung up", code="no_answer")


class KilledError(BaseException):
    """The process ends here."""


class ScriptedNotifier:
    """Fails as told, then takes every mail."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.taken: list[tuple[str, str]] = []

    def send(self, *, message_id: str, to: str, subject: str, text: str, html: str) -> None:
        assert subject
        assert text
        assert html
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append((to, message_id))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, AOI)


@pytest.fixture
def composed(any_database: Database, clock: FixedClock, home: Settings) -> Database:
    """A database with Aoi's digest of today, to be sent."""
    clock.advance(timedelta(hours=6))
    compose_digests(any_database, OURS, settings=home, period=Period.DAILY, books={})
    return any_database


def send(database: Database, home: Settings, notifier: ScriptedNotifier) -> int:
    return send_due_digests(database, OURS, settings=home, notifier=notifier)


def digest_of(database: Database) -> Digest:
    with database.snapshot(OURS) as tx:
        (row,) = list_digests(tx)
        tx.session.expunge(row)
    return row


def alerts(database: Database) -> list[str]:
    with database.snapshot(OURS) as tx:
        return [alert.kind for alert in open_alerts(tx)]


def test_a_digest_is_mailed_once(composed: Database, home: Settings, clock: FixedClock) -> None:
    notifier = ScriptedNotifier()
    assert [send(composed, home, notifier), send(composed, home, notifier)] == [1, 0]
    row = digest_of(composed)
    assert (row.state, row.sent_at) == ("sent", clock.now())
    assert notifier.taken == [("aoi@example.com", row.message_id)]


def test_nothing_is_mailed_from_another_workspace(composed: Database, home: Settings) -> None:
    assert send_due_digests(composed, THEIRS, settings=home, notifier=ScriptedNotifier()) == 0
    assert digest_of(composed).state == "composed"


def test_a_busy_server_is_asked_again_later(composed: Database, home: Settings, clock: FixedClock) -> None:
    notifier = ScriptedNotifier(BUSY)
    assert send(composed, home, notifier) == 0
    row = digest_of(composed)
    assert (row.state, row.problem) == ("composed", "content: later")
    assert send(composed, home, notifier) == 0
    clock.advance(timedelta(minutes=1))
    assert send(composed, home, notifier) == 1
    assert alerts(composed) == []


def test_a_server_that_never_has_time_is_given_up(composed: Database, home: Settings, clock: FixedClock) -> None:
    notifier = ScriptedNotifier(*[BUSY] * 20)
    for _ in range(MOST_TRIES):
        assert digest_of(composed).state == "composed"
        send(composed, home, notifier)
        clock.advance(timedelta(hours=1))
    assert digest_of(composed).state == "refused"
    assert alerts(composed) == ["digest_refused"]


def test_a_refused_reader_raises_an_alert_and_is_not_tried_again(composed: Database, home: Settings) -> None:
    notifier = ScriptedNotifier(REFUSED)
    assert [send(composed, home, notifier), send(composed, home, notifier)] == [0, 0]
    assert (digest_of(composed).state, notifier.taken) == ("refused", [])
    assert alerts(composed) == ["digest_refused"]


@pytest.mark.parametrize("failure", [UNKNOWN, ZeroDivisionError()])
def test_a_doubtful_mail_is_not_sent_again(
    composed: Database, home: Settings, clock: FixedClock, failure: Exception
) -> None:
    notifier = ScriptedNotifier(failure)
    assert send(composed, home, notifier) == 0
    clock.advance(timedelta(hours=5))
    assert send(composed, home, notifier) == 0
    assert (digest_of(composed).state, notifier.taken) == ("uncertain", [])
    assert alerts(composed) == ["digest_uncertain"]


def test_a_worker_killed_while_mailing_leaves_a_doubt(composed: Database, home: Settings, clock: FixedClock) -> None:
    notifier = ScriptedNotifier(KilledError())
    with pytest.raises(KilledError):
        send(composed, home, notifier)
    assert digest_of(composed).state == "sending"
    assert send(composed, home, notifier) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert send(composed, home, notifier) == 0
    row = digest_of(composed)
    assert (row.state, row.problem, notifier.taken) == ("uncertain", "stopped_midway", [])
    assert alerts(composed) == ["digest_uncertain"]


def test_a_worker_that_outlives_its_lease_changes_nothing(
    composed: Database, home: Settings, clock: FixedClock
) -> None:
    class Slow(ScriptedNotifier):
        def send(self, **mail: str) -> None:
            clock.advance(LEASE + timedelta(seconds=1))
            assert send_due_digests(composed, OURS, settings=home, notifier=ScriptedNotifier()) == 0
            super().send(**mail)

    assert send(composed, home, Slow()) == 0
    assert digest_of(composed).state == "uncertain"


def test_a_person_settles_a_doubtful_mail(composed: Database, home: Settings, ben: User) -> None:
    send(composed, home, ScriptedNotifier(UNKNOWN))
    row = digest_of(composed)
    with composed.transaction(OURS) as tx:
        settle_digest(tx, row.id, outcome=DigestState.COMPOSED, user_id=ben.id, actor="Ben")
    assert alerts(composed) == []
    notifier = ScriptedNotifier()
    assert send(composed, home, notifier) == 1
    assert notifier.taken == [("aoi@example.com", row.message_id)]
    with pytest.raises(IllegalTransitionError), composed.transaction(OURS) as tx:
        settle_digest(tx, row.id, outcome=DigestState.SENT, user_id=ben.id, actor="Ben")


def test_a_person_may_say_that_a_doubtful_mail_arrived(composed: Database, home: Settings, ben: User) -> None:
    send(composed, home, ScriptedNotifier(UNKNOWN))
    with composed.transaction(OURS) as tx:
        settle_digest(tx, digest_of(composed).id, outcome=DigestState.SENT, user_id=ben.id, actor="Ben")
    assert digest_of(composed).state == "sent"


def test_a_doubtful_mail_has_two_ways_out(composed: Database, home: Settings, ben: User, chika: User) -> None:
    send(composed, home, ScriptedNotifier(UNKNOWN))
    row = digest_of(composed)
    with pytest.raises(IllegalTransitionError), composed.transaction(OURS) as tx:
        settle_digest(tx, row.id, outcome=DigestState.REFUSED, user_id=ben.id, actor="Ben")
    with pytest.raises(NotFoundError), composed.transaction(THEIRS) as tx:
        settle_digest(tx, row.id, outcome=DigestState.SENT, user_id=chika.id, actor="Chika")


def test_a_mail_that_went_out_closes_the_alert_about_its_reader(
    composed: Database, home: Settings, clock: FixedClock
) -> None:
    send(composed, home, ScriptedNotifier(REFUSED))
    clock.advance(timedelta(days=1))
    compose_digests(composed, OURS, settings=home, period=Period.DAILY, books={})
    assert send(composed, home, ScriptedNotifier()) == 1
    assert alerts(composed) == []


def test_mail_that_was_off_for_a_week_does_not_flood_its_readers(
    composed: Database, home: Settings, clock: FixedClock
) -> None:
    for _ in range(6):
        clock.advance(timedelta(days=1))
        compose_digests(composed, OURS, settings=home, period=Period.DAILY, books={})
    notifier = ScriptedNotifier()
    assert send(composed, home, notifier) == 2  # today's and yesterday's


def test_the_console_shows_what_would_be_mailed(composed: Database, home: Settings) -> None:
    stream = io.StringIO()
    assert send_due_digests(composed, OURS, settings=home, notifier=ConsoleNotifier(stream)) == 1
    shown = stream.getvalue()
    assert shown.startswith("To: aoi@example.com\nSubject: 【青い山の洋品店】")
    assert digest_of(composed).text in shown


@pytest.mark.partner
def test_both_readers_get_both_parts_from_a_real_server(
    any_database: Database, clock: FixedClock, tmp_path: Path, mailbox: Mailbox
) -> None:
    home = make_settings(tmp_path, AOI, BEN, host="127.0.0.1", port=mailbox.port, security="none")
    clock.advance(timedelta(hours=6))
    compose_digests(any_database, OURS, settings=home, period=Period.DAILY, books={})
    assert send_due_digests(any_database, OURS, settings=home, notifier=SmtpNotifier(home.mail, clock=clock)) == 2
    with any_database.snapshot(OURS) as tx:
        stored = {row.reader_address: (row.subject, row.text, row.html) for row in list_digests(tx)}
    assert len(mailbox.letters) == 2
    for letter in mailbox.letters:
        subject, text, html = stored[letter["To"]]
        parts = [part.get_content().replace("\r\n", "\n") for part in letter.iter_parts()]
        assert letter["Subject"] == subject
        assert parts == [text, html]
    assert {letter["Subject"][:2] for letter in mailbox.letters} == {"【青", "青い"}


@pytest.mark.partner
def test_a_connection_cut_after_the_mail_was_taken_is_not_mailed_again(
    any_database: Database, clock: FixedClock, tmp_path: Path, mailbox: Mailbox
) -> None:
    home = make_settings(tmp_path, AOI, host="127.0.0.1", port=mailbox.port, security="none")
    clock.advance(timedelta(hours=6))
    compose_digests(any_database, OURS, settings=home, period=Period.DAILY, books={})
    mailbox.cut = "after"
    for _ in range(3):
        assert send_due_digests(any_database, OURS, settings=home, notifier=SmtpNotifier(home.mail)) == 0
        clock.advance(timedelta(hours=1))
    assert len(mailbox.letters) == 1
    assert digest_of(any_database).state == "uncertain"
