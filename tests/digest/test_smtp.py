"""Mails handed to a real SMTP server: what arrives, and what each kind of failure is called."""

import ssl
from email.message import EmailMessage, Message

import pytest

from config.settings import MailSettings
from digest.smtp import SmtpNotifier
from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from tests.partners.smtp import PASSWORD, USER, Certificate, Mailbox, free_port, running_mailbox

pytestmark = pytest.mark.partner

MAIL = {
    "message_id": "<digest.1@example.com>",
    "to": "aoi@example.com",
    "subject": "【青い山】新着3件・返信待ち1件・期限超過0件",
    "text": "こんにちは。\n.一行目の点\n",
    "html": "<p lang='ja'>こんにちは。</p>\n",
}


def notifier(
    port: int, *, tls: ssl.SSLContext | None = None, clock: FixedClock | None = None, **mail: str
) -> SmtpNotifier:
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": "聞き手 <desk@example.com>",
        "timeout_seconds": 5,
    } | mail
    return SmtpNotifier(MailSettings(**settings), tls=tls, clock=clock, desk_url="https://desk.example.com")


def content(part: Message) -> str:
    """A part's text; mails carry CRLF."""
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_arrives_whole_in_both_parts(mailbox: Mailbox, clock: FixedClock) -> None:
    notifier(mailbox.port, clock=clock).send(**MAIL)
    (letter,) = mailbox.letters
    assert letter["Subject"] == MAIL["subject"]
    assert letter["From"].addresses[0].display_name == "聞き手"
    assert (letter["To"], letter["Message-ID"]) == ("aoi@example.com", "<digest.1@example.com>")
    assert letter["Date"].datetime == clock.now()
    assert letter["Auto-Submitted"] == "auto-generated"
    assert (
        letter["List-Unsubscribe"].strip()
        == "<mailto:desk@example.com?subject=unsubscribe>, <https://desk.example.com>"
    )
    assert letter.get_content_type() == "multipart/alternative"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert content(text) == MAIL["text"]
    assert content(html) == MAIL["html"]
    assert mailbox.recipients == ["aoi@example.com"]


def test_a_line_that_is_a_single_dot_does_not_end_the_mail(mailbox: Mailbox) -> None:
    body = "before\n.\n..\nafter\n"
    notifier(mailbox.port).send(**(MAIL | {"text": body, "html": body}))
    text, html = mailbox.letters[0].iter_parts()
    assert content(text) == content(html) == body


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_nobody_can_add_a_header_through_a_subject(mailbox: Mailbox, sign: str) -> None:
    notifier(mailbox.port).send(**(MAIL | {"subject": f"Hello{sign}Bcc: chika@example.com"}))
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hello Bcc: chika@example.com"
    assert mailbox.recipients == ["aoi@example.com"]


@pytest.mark.parametrize(
    "address", ["aoi@example.com\r\nBcc: chika@example.com", "aoi", "", "a b@example.com", "aoi@example.com\x00"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(mailbox: Mailbox, address: str) -> None:
    with pytest.raises(PermanentError) as caught:
        notifier(mailbox.port).send(**(MAIL | {"to": address}))
    assert caught.value.code == "address"
    assert mailbox.letters == []


def test_a_home_without_a_sender_is_told_so(mailbox: Mailbox) -> None:
    with pytest.raises(PermanentError):
        notifier(mailbox.port, from_address="").send(**MAIL)


def test_a_reader_with_letters_beyond_ascii_is_served_where_the_server_can(mailbox: Mailbox) -> None:
    notifier(mailbox.port).send(**(MAIL | {"to": "葵@example.com"}))
    assert mailbox.recipients == ["葵@example.com"]


def test_the_server_gets_the_right_password_over_tls(certificate: Certificate) -> None:
    with running_mailbox(tls=certificate.server, sign_in=True) as box:
        ours = notifier(box.port, tls=certificate.trusting, security="starttls", username=USER, password=PASSWORD)
        ours.send(**MAIL)
        assert len(box.letters) == 1


def test_a_certificate_nobody_trusts_is_a_permanent_failure(certificate: Certificate) -> None:
    with running_mailbox(tls=certificate.server) as box, pytest.raises(PermanentError) as caught:
        notifier(box.port, security="starttls").send(**MAIL)
    assert caught.value.code == "certificate"


def test_a_server_without_encryption_is_not_talked_to_when_it_is_wanted(mailbox: Mailbox) -> None:
    with pytest.raises(PermanentError) as caught:
        notifier(mailbox.port, security="starttls").send(**MAIL)
    assert caught.value.code == "unsupported"
    assert mailbox.letters == []


def test_tls_from_the_first_byte_to_a_server_that_speaks_none_can_be_tried_later(mailbox: Mailbox) -> None:
    with pytest.raises(RetryableError):
        notifier(mailbox.port, security="tls").send(**MAIL)


def test_mail_without_encryption_stays_on_this_machine() -> None:
    with pytest.raises(PermanentError) as caught:
        notifier(25, host="mail.example.com").send(**MAIL)
    assert caught.value.code == "insecure"


def test_a_wrong_password_is_a_permanent_failure(certificate: Certificate) -> None:
    with running_mailbox(tls=certificate.server, sign_in=True) as box:
        ours = notifier(box.port, tls=certificate.trusting, security="starttls", username=USER, password="wrong")
        with pytest.raises(PermanentError) as caught:
            ours.send(**MAIL)
    assert caught.value.code == "credentials"
    assert "wrong" not in str(caught.value)


def test_a_dead_server_can_be_tried_later() -> None:
    with pytest.raises(RetryableError) as caught:
        notifier(free_port()).send(**MAIL)
    assert caught.value.code == "unreachable"


def test_a_name_that_does_not_resolve_can_be_tried_later() -> None:
    with pytest.raises(RetryableError):
        notifier(25, host="mail.invalid", security="starttls").send(**MAIL)


@pytest.mark.parametrize("step", ["mail_answers", "rcpt_answers", "data_answers"])
def test_not_now_means_later_and_then_it_goes_through(mailbox: Mailbox, step: str) -> None:
    setattr(mailbox, step, ["451 4.3.0 try again later"])
    with pytest.raises(RetryableError):
        notifier(mailbox.port).send(**MAIL)
    assert mailbox.letters == []
    notifier(mailbox.port).send(**MAIL)
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    ("step", "code"), [("mail_answers", "sender"), ("rcpt_answers", "recipient"), ("data_answers", "content")]
)
def test_no_means_no(mailbox: Mailbox, step: str, code: str) -> None:
    setattr(mailbox, step, ["550 5.1.1 no such user"])
    with pytest.raises(PermanentError) as caught:
        notifier(mailbox.port).send(**MAIL)
    assert caught.value.code == code
    assert mailbox.letters == []


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_connection_cut_after_the_mail_was_given_is_a_doubt(mailbox: Mailbox, cut: str) -> None:
    mailbox.cut = cut
    with pytest.raises(SendUncertainError):
        notifier(mailbox.port).send(**MAIL)


def test_an_answer_nobody_understands_is_a_doubt(mailbox: Mailbox) -> None:
    mailbox.data_answers = ["what? no number"]
    with pytest.raises(SendUncertainError):
        notifier(mailbox.port).send(**MAIL)


def test_a_connection_cut_before_the_mail_was_given_can_be_tried_later(mailbox: Mailbox) -> None:
    mailbox.cut = "mail"
    with pytest.raises(RetryableError):
        notifier(mailbox.port).send(**MAIL)
    mailbox.cut = ""
    notifier(mailbox.port).send(**MAIL)
    assert len(mailbox.letters) == 1
