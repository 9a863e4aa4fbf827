"""Options that are wrong are named; letters are the same every time, and nothing of a stranger's becomes a header. No server."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError, RetryableError
from domain.replies import SendRequest, SendTarget
from domain.words import Language, Visibility
from listener.channels.email.letter import own_id, write_letter
from listener.channels.email.progress import Progress, read_progress
from listener.channels.email.refusals import explain_login, quote_words, read_wait
from listener.registry import ChannelContext, make_channel
from tests.cast import NOON
from tests.listener.email.stage import OPTIONS, Option, options, settings
from tests.partners.mail_server import PASSWORD

REQUEST = SendRequest(
    idempotency_key="k1",
    approved_at=NOON,
    text="青いコートの件、承知しました🙇\n.\nSorry",
    language=Language.JA,
    target=SendTarget(
        external_id="2@customer.test",
        author_external_id="aya@customer.test",
        author_handle="aya@customer.test",
        thread_external_id="1@customer.test",
        platform_data={"subject": "コートの色", "references": "1@customer.test"},
    ),
)


def about(**data: str) -> SendRequest:
    """Return the request with other facts about the mail."""
    target = replace(REQUEST.target, platform_data={**REQUEST.target.platform_data, **data})
    return replace(REQUEST, target=target)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "no address"}, r"options\.address"),
        ({"address": "a@b.test\r\nBcc: x@y.test"}, r"options\.address"),
        ({"imap_host": ""}, r"options\.imap_host"),
        ({"imap_host": "imap..example.com", "imap_security": "tls"}, r"options\.imap_host"),
        ({"imap_host": f"{'a' * 64}.example.com", "imap_security": "tls"}, r"options\.imap_host"),
        ({"imap_host": ".example.com", "imap_security": "tls"}, r"options\.imap_host"),
        ({"smtp_host": "smtp.example.com:25", "smtp_security": "tls"}, r"options\.smtp_host"),
        ({"imap_port": 0}, r"options\.imap_port"),
        ({"imap_host": "mail.shop.test"}, "imap_security"),  # without TLS, not on this machine
        ({"smtp_host": "mail.shop.test"}, "smtp_security"),
        ({"smtp_security": "ssl"}, r"options\.smtp_security"),
        ({"name": "Shop\r\nBcc: x@y.test"}, r"options\.name"),
        ({"inbox": "IN\nBOX"}, r"options\.inbox"),
        ({"sent_copies": "maybe"}, r"options\.sent_copies"),
        ({"webmail_url": "http://mail.test/{id}"}, r"options\.webmail_url"),
        ({"webmail_url": "https://mail.test/"}, r"options\.webmail_url"),
        ({"first_poll_days": -1}, r"options\.first_poll_days"),
        ({"page_size": 0}, r"options\.page_size"),
        ({"pagesize": 3}, r"options\.pagesize"),
    ],
)
def test_a_wrong_option_is_named(wrong: dict[str, Option], field: str) -> None:
    with pytest.raises(ConfigError, match=field) as caught:
        options(**wrong)
    assert caught.value.remedy


@pytest.mark.parametrize("host", ["imap.example.com", "mail-1", "192.0.2.1", "::1", "2001:db8::25", "::ffff:192.0.2.1"])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert options(imap_host=host, imap_security="tls").imap_host == host


def test_a_password_that_the_protocols_do_not_carry_is_refused_without_being_shown() -> None:
    wrong = ChannelSettings(
        name="care", kind="email", options=OPTIONS, secrets={"password": SecretStr("geheim\r\nA1 DELETE")}
    )
    with pytest.raises(ConfigError, match=r"secrets\.password") as caught:
        make_channel(wrong, ChannelContext(state_dir=Path(), clock=FixedClock(NOON)))
    assert "geheim" not in str(caught.value)


def test_the_registry_makes_it_without_a_connection() -> None:
    channel = make_channel(settings(), ChannelContext(state_dir=Path(), clock=FixedClock(NOON)))
    assert (channel.kind, channel.own_author_id) == ("email", "care@shop.test")
    assert channel.capabilities.can_direct_message
    assert PASSWORD not in repr(channel)


def test_without_an_smtp_server_the_mailbox_is_only_read() -> None:
    channel = make_channel(settings(smtp_host=""), ChannelContext(state_dir=Path(), clock=FixedClock(NOON)))
    assert not channel.capabilities.can_direct_message
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(REQUEST)
    assert caught.value.code == "read_only"
    assert channel.find_reply(REQUEST, Visibility.PUBLIC) is None


def test_a_letter_is_the_answer_in_the_mails_own_thread() -> None:
    letter = write_letter(REQUEST, options(name="コートの店 Mizunara"))
    mail = message_from_bytes(letter.raw, policy=default)
    assert str(mail["From"]) == "コートの店 Mizunara <care@shop.test>"
    assert str(mail["To"]) == "aya@customer.test"
    assert str(mail["Subject"]) == "Re: コートの色"
    assert mail["Message-ID"].strip("<>") == letter.message_id == own_id(REQUEST, options())
    assert mail["In-Reply-To"] == "<2@customer.test>"
    assert mail["References"] == "<1@customer.test> <2@customer.test>"
    assert mail["Auto-Submitted"] is None  # a person approved it
    assert mail["Date"].datetime == NOON
    assert mail.get_payload(decode=True) == REQUEST.text.replace("\n", "\r\n").encode()


def test_the_same_request_is_the_same_letter_to_the_byte_and_another_is_another() -> None:
    assert write_letter(REQUEST, options()) == write_letter(REQUEST, options())
    other = replace(REQUEST, idempotency_key="k2")
    assert write_letter(other, options()).message_id != write_letter(REQUEST, options()).message_id


def test_lines_are_short_and_plain_whatever_is_in_the_letter() -> None:
    ids = " ".join(f"{number}{'x' * 300}@a.test" for number in range(12))
    raw = write_letter(about(subject="長い件名" * 60, references=ids), options(name="店" * 40)).raw
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 400
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "bad",
    [
        "x\r\nBcc: victim@v.test",
        "x\nBcc: victim@v.test",
        "x\x00\x0bBcc: v",
        "x\u2028Bcc: v",
        "=?utf-8?B?DQpCY2M6IHY=?=",
    ],
)
def test_no_header_can_be_smuggled_in(bad: str) -> None:
    smuggled = about(subject=bad, references=f"{bad} <1@a.test>", reply_to="")
    smuggled = replace(smuggled, target=replace(smuggled.target, external_id=bad))
    mail = message_from_bytes(write_letter(smuggled, options()).raw)
    assert mail["Bcc"] is None
    assert [name for name in mail if name not in {
        "Message-ID", "Date", "From", "To", "Subject", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"
    }] in ([], ["In-Reply-To"])  # fmt: skip
    assert "\n" not in str(mail["Subject"])


@pytest.mark.parametrize(
    "address",
    [
        "unknown",
        "",
        "a@b",
        "no-reply@shop.test",
        "noreply@x.test",
        "x@y.test>\r\nDATA",
        "a b@c.test",
        "x@y.test,z@w.test",
        "x@y.test\n",
    ],
)
def test_nobody_is_written_to_without_an_address_that_answers(address: str) -> None:
    request = replace(REQUEST, target=replace(REQUEST.target, author_external_id=address))
    if address == "a@b":
        assert write_letter(request, options()).to == address  # a name in the shop's own network
        return
    with pytest.raises(PermanentError) as caught:
        write_letter(request, options())
    assert caught.value.code == "no_address"


def test_a_carriers_address_that_breaks_the_grammar_is_quoted() -> None:
    assert write_letter(about(reply_to="aya..chan.@docomo.ne.jp"), options()).to == '"aya..chan."@docomo.ne.jp'


def test_a_mail_without_id_or_subject_can_still_be_answered() -> None:
    request = about(subject="", references="")
    request = replace(request, target=replace(request.target, external_id="made:abc"))
    mail = message_from_bytes(write_letter(request, options()).raw, policy=default)
    assert str(mail["Subject"]) == "Re: (件名なし)"
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize("subject", ["Re: coat", "RE: coat", "返信: コート", "AW: Mantel"])
def test_an_answer_to_an_answer_keeps_its_subject(subject: str) -> None:
    assert (
        str(message_from_bytes(write_letter(about(subject=subject), options()).raw, policy=default)["Subject"])
        == subject
    )


@pytest.mark.parametrize(("text", "code"), [("  \n ", "empty"), ("half \ud83d", "text")])
def test_a_text_that_cannot_be_sent_is_refused(text: str, code: str) -> None:
    with pytest.raises(PermanentError) as caught:
        write_letter(replace(REQUEST, text=text), options())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        '{"v":2}',
        '{"v":1,"validity":-1,"uid":1}',
        '{"v":1,"validity":1,"uid":"1"}',
        "9" * 9999,
        "[" * 9999,
    ],
)
def test_a_cursor_that_is_none_of_ours_is_told_apart(cursor: str) -> None:
    assert read_progress(cursor) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    progress = Progress(validity=7, uid=12, floor=NOON, newest=datetime(2026, 11, 21, tzinfo=UTC))
    assert read_progress(progress.write()) == progress


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Request is throttled. Suggested Backoff Time: 299961 milliseconds", 299.961),
        ("450 4.2.0 Greylisted for 300 seconds", 300),
        ("Try again in 5 minutes", 300),
        ("please retry after 0 seconds", 1),
        ("try again in 999999999 seconds", 86_400),
        ("Too many simultaneous connections", None),
    ],
)
def test_a_servers_wish_to_wait_is_read_from_its_words(words: str, seconds: float | None) -> None:
    assert read_wait(words) == seconds


def test_a_refused_sign_in_is_for_good_unless_the_server_speaks_of_now() -> None:
    assert isinstance(explain_login("[AUTHENTICATIONFAILED] Invalid credentials (Failure)"), PermanentError)
    assert isinstance(explain_login("[ALERT] Too many simultaneous connections."), RetryableError)
    assert isinstance(explain_login("[UNAVAILABLE] Temporary authentication failure"), RetryableError)


def test_a_servers_words_are_repeated_in_one_short_line_without_the_password() -> None:
    said = quote_words(b"NO login aya " + PASSWORD.encode() + b"\r\n" + b"x" * 999, login=("aya", PASSWORD))
    assert PASSWORD not in said
    assert len(said) <= 200
    assert "\n" not in said


@pytest.mark.parametrize("sent", [PASSWORD, "aya", f"\0aya\0{PASSWORD}"])
def test_what_a_sign_in_sends_in_base64_is_not_repeated(sent: str) -> None:
    written = base64.b64encode(sent.encode()).decode()
    said = quote_words(f"501 AUTH {written} is wrong", login=("aya", PASSWORD))
    assert written.rstrip("=") not in said
    assert said.endswith("is wrong")
