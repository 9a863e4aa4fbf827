"""Answering by a real SMTP conversation: once, findable, and never in doubt where the protocol leaves none."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import SendRequest
from domain.words import Visibility
from listener.channels.email import EmailChannel
from listener.channels.email.inbox import Inbox
from tests.listener.channel_contract import APPROVED_AT, REPLY_TEXT, read_all, request_for
from tests.listener.email.stage import Shop
from tests.partners.mail_post import LOST, NO_ANSWER, running_post_office
from tests.partners.mail_server import PASSWORD
from tests.partners.mail_wire import Cut, Say
from tests.partners.smtp import Certificate

pytestmark = pytest.mark.partner


@pytest.fixture
def mention(shop: Shop) -> IncomingMention:
    """A customer's mail, as polled."""
    shop.receive("The coat is blue.", Subject="Coat")
    return read_all(shop.channel())[0][0]


@pytest.fixture
def request_(mention: IncomingMention) -> SendRequest:
    return request_for(mention)


def test_a_sure_send_leaves_one_copy_among_the_sent_mails(shop: Shop, request_: SendRequest) -> None:
    sent = shop.channel().direct_message(request_)
    copies = shop.maildir.mails("Sent")
    assert [mail["Subject"] for mail in shop.post.parsed()] == ["Re: Coat"]
    assert [copy.count(f"<{sent.external_id}>".encode()) for copy in copies] == [1]
    found = shop.channel().find_reply(request_, Visibility.DM)
    assert found == sent


def test_the_same_request_again_sends_nothing(shop: Shop, request_: SendRequest) -> None:
    first = shop.channel().direct_message(request_)
    assert shop.channel().direct_message(request_) == first
    assert len(shop.post.letters) == 1


@pytest.mark.parametrize("fault", ["NO [OVERQUOTA] Mailbox is full", "* BYE going down"])
def test_a_copy_that_cannot_be_filed_changes_nothing_about_the_send(
    shop: Shop, request_: SendRequest, fault: str
) -> None:
    shop.wire.fail_next("APPEND", Say(fault))
    assert shop.channel().direct_message(request_).external_id
    assert len(shop.post.letters) == 1
    assert shop.maildir.mails("Sent") == []


def test_whatever_goes_wrong_with_the_copy_changes_nothing_about_the_send(
    shop: Shop, request_: SendRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        message = "a folder nobody can name"
        raise ValueError(message)

    monkeypatch.setattr(Inbox, "append_sent", fail)
    assert shop.channel().direct_message(request_).external_id
    assert len(shop.post.letters) == 1


@pytest.mark.parametrize("copies", ["server", "self"])
def test_a_connection_killed_after_the_mail_was_taken_never_makes_two(shop: Shop, copies: str) -> None:
    shop.post.file_sent = (lambda raw: shop.maildir.deliver(raw, into="Sent")) if copies == "server" else None
    shop.post.deliver[shop.address] = shop.maildir.deliver
    channel = shop.channel(sent_copies=copies)
    for number in range(12):
        shop.receive(f"number {number}")
    mentions, _, _ = read_all(channel)
    for number, one in enumerate(mentions):
        request = request_for(one, key=f"key-{number}")
        shop.post.faults["DATA"] = NO_ANSWER if number % 2 else LOST
        with pytest.raises(SendUncertainError):
            channel.direct_message(request)
        if channel.find_reply(request, Visibility.DM) is None:
            channel.direct_message(request)
        assert channel.find_reply(request, Visibility.DM) is not None
    answered = [str(mail["In-Reply-To"]).strip("<>") for mail in shop.post.parsed()]
    assert sorted(answered) == sorted(one.external_id for one in mentions)


def test_where_only_sure_sends_are_filed_a_doubt_stays_one(shop: Shop, request_: SendRequest) -> None:
    shop.post.faults["DATA"] = NO_ANSWER
    channel = shop.channel(sent_copies="append")
    with pytest.raises(SendUncertainError):
        channel.direct_message(request_)
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request_, Visibility.DM)
    assert caught.value.code == "cannot_tell"
    assert "Settle open doubts first, then change options.sent_copies" in caught.value.remedy


def test_while_our_blind_copy_may_be_on_its_way_its_absence_means_nothing(shop: Shop, request_: SendRequest) -> None:
    shop.clock = clock = FixedClock(APPROVED_AT + timedelta(minutes=59))
    channel = shop.channel(sent_copies="self")
    shop.post.faults["DATA"] = NO_ANSWER
    with pytest.raises(SendUncertainError):
        channel.direct_message(request_)
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request_, Visibility.DM)
    assert caught.value.code == "too_early"
    clock.advance(timedelta(minutes=1))
    assert channel.find_reply(request_, Visibility.DM) is None
    shop.maildir.deliver(shop.post.letters[0], into="Archive")  # a filter of the shop's files what comes from itself
    assert channel.find_reply(request_, Visibility.DM) is not None


def test_the_customers_next_mail_settles_a_doubt(shop: Shop, request_: SendRequest) -> None:
    shop.post.faults["DATA"] = NO_ANSWER
    channel = shop.channel(sent_copies="append")
    with pytest.raises(SendUncertainError):
        channel.direct_message(request_)
    ours = str(shop.post.parsed()[0]["Message-ID"])
    shop.receive("Thank you!", In_Reply_To=ours, References=f"<{request_.target.external_id}> {ours}")
    assert channel.find_reply(request_, Visibility.DM) is not None


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_connection_killed_before_the_mail_was_handed_over_is_no_doubt(
    shop: Shop, request_: SendRequest, command: str
) -> None:
    shop.post.faults[command] = LOST
    with pytest.raises(RetryableError) as caught:
        shop.channel().direct_message(request_)
    assert caught.value.code == "disconnected"
    assert shop.post.letters == []
    assert shop.channel().direct_message(request_).external_id


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("said", "kind", "wait"),
    [
        ("550 5.7.1 Not allowed", PermanentError, None),
        ("451 4.3.0 Local trouble", RetryableError, None),
        ("450 4.2.0 Greylisted for 300 seconds", RetryableError, 300),
        ("421 4.7.0 Try again in 2 minutes", RetryableError, 120),
    ],
)
def test_a_no_is_sure_whenever_it_comes(
    shop: Shop, request_: SendRequest, command: str, said: str, kind: type[Exception], wait: float | None
) -> None:
    shop.post.faults[command] = said
    with pytest.raises(kind) as caught:
        shop.channel().direct_message(request_)
    assert getattr(caught.value, "retry_after_seconds", None) == wait
    assert said[:3] in str(caught.value)
    assert shop.post.letters == []


def test_a_refused_sign_in_names_the_password_without_showing_it(shop: Shop, request_: SendRequest) -> None:
    shop.post.faults["LOGIN"] = f"535 5.7.8 {PASSWORD} is no password"
    with pytest.raises(PermanentError) as caught:
        shop.channel().direct_message(request_)
    assert caught.value.code == "credentials"
    assert PASSWORD not in str(caught.value)
    assert shop.post.faults == {}
    assert shop.post.sign_ins == 1


def test_a_server_that_repeats_the_refused_command_shows_no_password(shop: Shop, request_: SendRequest) -> None:
    sent = base64.b64encode(f"\0{shop.address}\0{PASSWORD}".encode()).decode()
    shop.post.faults["LOGIN"] = f"535 5.7.8 AUTH PLAIN {sent} refused"
    with pytest.raises(PermanentError) as caught:
        shop.channel().direct_message(request_)
    assert caught.value.code == "credentials"
    assert sent.rstrip("=") not in str(caught.value)


def test_a_server_that_wants_tokens_is_a_refusal_for_good(shop: Shop, request_: SendRequest) -> None:
    with running_post_office(password=PASSWORD, takes_passwords=False) as post:
        with pytest.raises(PermanentError) as caught:
            shop.channel(smtp_port=post.port).direct_message(request_)
        assert caught.value.code == "no_sign_in"
        assert post.sign_ins == 0


@pytest.mark.parametrize("option", ["username", "smtp_username"])
def test_a_name_that_cannot_be_written_is_a_refusal_for_good(shop: Shop, option: str) -> None:
    with pytest.raises(PermanentError) as caught:
        shop.channel(**{option: "窓口"}).probe()
    assert caught.value.code == "spelling"


def test_a_server_that_is_busy_at_the_sign_in_is_asked_later(shop: Shop, request_: SendRequest) -> None:
    shop.post.faults["LOGIN"] = "454 4.7.0 Temporary authentication failure"
    with pytest.raises(RetryableError):
        shop.channel().direct_message(request_)


def test_nothing_is_sent_while_the_mailbox_cannot_be_asked(shop: Shop, request_: SendRequest) -> None:
    shop.wire.fail_next("SEARCH", Cut.BEFORE)
    with pytest.raises(RetryableError):
        shop.channel().direct_message(request_)
    assert shop.post.letters == []


def test_a_mail_that_a_colleague_filed_is_answered_from_the_archive_and_refused_from_the_bin(shop: Shop) -> None:
    filed, thrown = shop.receive("filed"), shop.receive("thrown away")
    channel = shop.channel()
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    shop.maildir.move(filed, "Archive")
    shop.maildir.move(thrown, "Trash")
    channel.direct_message(request_for(by_id[filed]))
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(by_id[thrown], key="other"))
    assert caught.value.code == "gone"
    assert channel.eligibility(request_for(by_id[filed]).target).exists is True
    assert channel.eligibility(request_for(by_id[thrown]).target).exists is None  # it may be in any folder


def test_whoever_takes_no_answers_is_known_beforehand(shop: Shop) -> None:
    shop.receive("Automatic", author="no-reply@other.test")
    one = read_all(shop.channel())[0][0]
    assert shop.channel().eligibility(request_for(one).target).dm_allowed is False


def test_an_answer_goes_to_the_address_the_customer_named_and_to_nobody_else(shop: Shop) -> None:
    shop.receive("Write to my other one", Reply_To="home@customer.test")
    channel = shop.channel()
    channel.direct_message(request_for(read_all(channel)[0][0]))
    assert shop.post.recipients == ["home@customer.test"]


def test_a_blind_copy_for_ourselves_does_not_show(shop: Shop, request_: SendRequest) -> None:
    shop.post.deliver[shop.address] = shop.maildir.deliver
    channel: EmailChannel = shop.channel(sent_copies="self")
    channel.direct_message(request_)
    mail = shop.post.parsed()[0]
    assert (str(mail["To"]), mail["Cc"], mail["Bcc"]) == ("aya@customer.test", None, None)
    assert shop.post.recipients == ["aya@customer.test", shop.address]
    assert all(
        one.external_id == request_.target.external_id for one in read_all(channel)[0]
    )  # never read as a mention


def test_a_long_answer_with_dots_and_bare_ends_of_lines_arrives_character_by_character(
    shop: Shop, request_: SendRequest
) -> None:
    text = ".\n..\r\nFrom me\n" + "長い文👨‍👩‍👧 " * 3000 + REPLY_TEXT
    shop.channel().direct_message(replace(request_, text=text))
    assert shop.post.parsed()[0].get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_over_starttls_a_trusted_server_takes_the_mail_and_another_gets_no_password(
    shop: Shop, request_: SendRequest, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_post_office(password=PASSWORD, tls=certificate.server) as post:
        channel = shop.channel(smtp_security="starttls", smtp_port=post.port)
        with pytest.raises(PermanentError) as caught:
            channel.direct_message(request_)
        assert caught.value.code == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        channel.direct_message(request_)
        assert len(post.letters) == 1


def test_a_server_without_encryption_gets_no_password(shop: Shop, request_: SendRequest) -> None:
    with pytest.raises(PermanentError) as caught:
        shop.channel(smtp_security="starttls").direct_message(request_)
    assert caught.value.code == "insecure"
    with pytest.raises(RetryableError) as other:
        shop.channel(smtp_security="tls").direct_message(request_)
    assert other.value.code == "tls"
