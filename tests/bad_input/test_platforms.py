"""Platforms and mail servers that refuse, are silent or hang up half-way."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from listener.channels.sandbox import FaultKind, SandboxCall
from storage.database import Database
from storage.models import User
from storage.outbox import cancel_delivery
from tests.bad_input.homes import Home
from tests.bad_input.table import row
from tests.cast import OURS
from tests.partners.faulty_proxy import Answer, FaultyProxy
from tests.partners.smtp import PASSWORD, USER, Certificate, Mailbox, free_port, running_mailbox
from tests.responder.outbox_stage import HOLD, Stage, set_stage

SKY = """
[[channel]]
name = "sky"
kind = "bluesky"
[channel.options]
handle = "shop.test"
service = "{url}"
timeout_seconds = 2
[channel.secrets]
app_password_file = "secrets/sky"
"""
WRONG_PASSWORD = Answer(
    401,
    b'{"error":"AuthenticationRequired","message":"Invalid identifier or password"}',
    {"content-type": "application/json"},
)


def connect(home: Home, url: str) -> None:
    home.add(SKY.format(url=url))
    (home.folder / "secrets" / "sky").write_text("hunter2-hunter2", encoding="utf-8")


@row("bluesky-wrong-password")
def test_a_wrong_bluesky_password_is_told_and_alerted_and_others_go_on(home: Home) -> None:
    home.post("@our_shop Wrong coat!")
    with FaultyProxy("http://127.0.0.1:1") as server:
        server.fail_next("createSession", WRONG_PASSWORD, times=9)
        connect(home, server.url)
        ran = home.run("listen", "--once")
        looked = home.run("channels", "check", "sky")
    assert (ran.code, looked.code) == (1, 1)
    ran.tells("Bluesky does not let @shop.test in: wrong handle or app password.", "kikite channels check sky")
    looked.prints("BAD   channel sky", "Make a new app password")
    assert home.texts() == ["@our_shop Wrong coat!"]
    assert home.rows("SELECT kind, state FROM alert") == [("channel_refused", "open")]
    assert "hunter2" not in ran.out + ran.err + looked.out + looked.err


@row("platform-away")
def test_a_platform_that_is_away_is_tried_again_by_itself(home: Home) -> None:
    connect(home, f"http://127.0.0.1:{free_port()}")
    home.post("@our_shop Wrong coat!")
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("cannot be reached.", "Check the network.")
    assert home.texts() == ["@our_shop Wrong coat!"]
    query = "SELECT last_error != '', next_poll_at IS NOT NULL FROM channel_account WHERE name = 'sky'"
    assert home.rows(query) == [(1, 1)]
    assert home.rows("SELECT kind FROM alert") == []


@row("platform-nonsense")
def test_an_answer_that_is_no_answer_stores_nothing(home: Home) -> None:
    with FaultyProxy("http://127.0.0.1:1") as server:
        server.fail_next("", Answer(200, b"<html>We will be back soon</html>", {"content-type": "text/html"}), times=9)
        connect(home, server.url)
        ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("gave no whole answer.")
    assert home.texts() == []


def write_to(home: Home, port: int, *lines: str, security: str = "none") -> None:
    """Set the mail server and one reader; the workspace is years old, so that a digest is due."""
    server = ('host = "127.0.0.1"', f"port = {port}", f'security = "{security}"', 'from_address = "d@example.com"')
    home.set("mail", "\n".join([*server, *lines]))
    home.set("digest", 'readers = [{ address = "lead@example.com", language = "en" }]')
    with closing(sqlite3.connect(home.folder / "kikite.db")) as other:
        other.execute("UPDATE workspace SET created_at = '2020-01-01 00:00:00.000000'")
        other.commit()


def digests(home: Home) -> list[tuple[object, ...]]:
    return home.rows("SELECT state, attempts FROM digest")


@row("mail-away")
def test_a_dead_mail_server_keeps_the_digest_for_later(home: Home) -> None:
    write_to(home, free_port())
    ran = home.run("digest")
    assert ran.code == 1
    ran.tells("Digest 1 for lead@example.com is not mailed yet and will be tried again", "kikite digest --again NUMBER")
    assert digests(home) == [("composed", 1)]
    looked = home.run("doctor")
    assert looked.code == 1
    looked.prints("BAD   mail", "does not take mail (ConnectionRefusedError).")


@row("mail-wrong-password")
def test_a_wrong_mail_password_is_refused_and_alerted(
    home: Home, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = max(tmp_path_factory.getbasetemp().glob("tls*/server.pem"))
    home.patch.setenv("SSL_CERT_FILE", str(authority))
    with running_mailbox(tls=certificate.server, sign_in=True) as box:
        write_to(home, box.port, f'username = "{USER}"', 'password = "hunter2"', security="starttls")
        ran = home.run("digest")
        looked = home.run("doctor")
        assert (ran.code, looked.code) == (1, 1)
        ran.tells("Digest 1 for lead@example.com is refused (credentials:")
        looked.prints("The mail server refuses the user or password.")
        assert digests(home) == [("refused", 1)]
        assert home.rows("SELECT kind, state FROM alert") == [("digest_refused", "open")]
        settings = home.folder / "kikite.toml"
        settings.write_text(settings.read_text("utf-8").replace("hunter2", PASSWORD), encoding="utf-8")
        assert home.run("digest", "--again", "1").code == 0
        assert [letter["To"] for letter in box.letters] == ["lead@example.com"]
    assert digests(home)[0][0] == "sent"
    assert "hunter2" not in ran.out + ran.err + looked.out + looked.err


@row("mail-certificate")
def test_a_certificate_that_nobody_signed_is_refused(home: Home, certificate: Certificate) -> None:
    with running_mailbox(tls=certificate.server) as box:
        write_to(home, box.port, security="starttls")
        ran = home.run("digest")
        assert box.letters == []
    assert ran.code == 1
    ran.tells("The mail server's certificate is not trusted")
    assert digests(home) == [("refused", 1)]


@row("mail-hangs-up")
def test_a_mail_server_that_hangs_up_after_taking_the_mail_gets_it_once(home: Home, mailbox: Mailbox) -> None:
    mailbox.cut = "after"
    write_to(home, mailbox.port)
    for _ in range(2):
        ran = home.run("digest")
        assert ran.code == 1
        ran.tells("perhaps mailed, perhaps not: it is not sent twice")
    assert len(mailbox.letters) == 1
    assert digests(home) == [("uncertain", 1)]
    assert home.rows("SELECT kind, state FROM alert") == [("digest_uncertain", "open")]


@row("mail-recipient")
def test_a_reader_whom_the_server_does_not_know_is_alerted(home: Home, mailbox: Mailbox) -> None:
    mailbox.rcpt_answers = ["550 no such user"]
    write_to(home, mailbox.port)
    ran = home.run("digest")
    assert ran.code == 1
    ran.tells("Digest 1 for lead@example.com is refused", "550 no such user")
    assert digests(home) == [("refused", 1)]
    assert home.rows("SELECT kind, state FROM alert") == [("digest_refused", "open")]


@pytest.fixture
def stage(database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(database, clock, tmp_path, ben)


@row("send-refused")
def test_a_refused_reply_brings_the_case_back_with_an_alert(stage: Stage) -> None:
    delivery = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.PERMANENT)
    assert stage.dispatch().refused == 1
    assert stage.state(delivery) == "refused"
    assert stage.alerts() == [("delivery_refused", 1)]
    assert stage.conversation().waiting
    assert stage.on_platform() == 0


@row("send-no-answer")
def test_a_send_without_an_answer_is_asked_after_and_never_repeated_blindly(stage: Stage) -> None:
    delivery = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.AMBIGUOUS)
    assert stage.dispatch().uncertain == 1
    assert stage.alerts() == [("delivery_uncertain", 1)]
    assert stage.dispatch().sent == 0
    stage.clock.advance(timedelta(minutes=2))
    assert stage.reconcile() == 1
    assert (stage.state(delivery), stage.on_platform()) == ("sent", 1)


@row("post-deleted")
def test_a_post_deleted_before_the_reply_leaves_is_not_answered(stage: Stage) -> None:
    delivery = stage.approve_due()
    stage.platform.delete_post("post-1")
    assert stage.dispatch().cancelled == 1
    assert stage.state(delivery) == "cancelled"
    assert stage.alerts() == [("delivery_cancelled", 1)]
    assert (stage.draft().state, stage.on_platform()) == ("voided", 0)


@row("clock-back")
def test_a_clock_that_jumps_back_a_day_never_shortens_a_hold_and_the_reply_leaves_once(stage: Stage) -> None:
    delivery, other = stage.approve(), stage.approve(number=2)
    stage.clock.advance(timedelta(days=-1))
    assert stage.dispatch().moved == 0
    assert stage.state(delivery) == "held"
    with stage.database.transaction(OURS) as tx:
        cancel_delivery(tx, other, user_id=stage.approver.id, actor="Ben")
    stage.clock.advance(timedelta(days=1) + HOLD)
    assert stage.dispatch().sent == 1
    assert (stage.state(delivery), stage.state(other), stage.on_platform()) == ("sent", "cancelled", 1)


@row("clock-forward")
def test_a_clock_that_jumps_a_day_ahead_sends_once(stage: Stage) -> None:
    delivery = stage.approve()
    stage.clock.advance(timedelta(days=1))
    assert stage.dispatch().sent == 1
    stage.clock.advance(timedelta(days=-1))
    assert stage.dispatch().moved == 0
    assert (stage.state(delivery), stage.on_platform()) == ("sent", 1)
