"""Reading a real mailbox: page by page, once, without a trace in it, and through everything that can go wrong."""

import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from domain.clock import SystemClock
from domain.errors import ChannelError, PermanentError, RetryableError
from listener.channels.email import EmailChannel
from tests.listener.channel_contract import read_all
from tests.listener.email.stage import Shop, options, plain_mail
from tests.listener.email.test_reading import photo_mail
from tests.partners.mail_server import PASSWORD, MailServer
from tests.partners.mail_wire import Cut, Say
from tests.partners.smtp import Certificate

pytestmark = pytest.mark.partner

DAY = 86_400.0


def ids(mentions: object) -> list[str]:
    """Return the ids of mentions, in order."""
    assert isinstance(mentions, list | tuple)
    return [mention.external_id for mention in mentions]


def test_many_mails_come_in_pages_in_order_each_once(shop: Shop) -> None:
    sent = [shop.receive(f"number {number}") for number in range(60)]
    found, cursor, pages = read_all(shop.channel(page_size=7))
    assert ids(found) == sent
    assert pages == 9
    again, _, _ = read_all(shop.channel(page_size=7), cursor)
    assert again == []


def test_reading_leaves_no_trace_in_the_mailbox(shop: Shop) -> None:
    shop.receive("unseen")
    read_all(shop.channel())
    assert [flags for flags in shop.maildir.flags() if "S" in flags] == []
    assert shop.wire.count("EXAMINE") >= 1  # read-only
    assert shop.wire.count("SELECT") == 0
    assert shop.wire.count("STORE") == 0


def test_the_first_poll_reads_some_days_back_and_older_mails_never_come(shop: Shop) -> None:
    shop.receive("ancient", received=time.time() - 30 * DAY)
    old = shop.receive("last week", received=time.time() - 5 * DAY)
    found, cursor, _ = read_all(shop.channel(first_poll_days=7))
    assert ids(found) == [old]
    shop.receive("moved in from an old mailbox", received=time.time() - 400 * DAY)
    new = shop.receive("today")
    later, _, _ = read_all(shop.channel(first_poll_days=7), cursor)
    assert ids(later) == [new]


def test_a_first_poll_of_too_many_mails_reads_the_newest_and_says_so(shop: Shop) -> None:
    sent = [shop.receive(f"number {number}") for number in range(9)]
    channel = shop.channel(page_size=2, max_pages=2)
    assert "9 mails" in channel.poll(None).gap
    found, _, _ = read_all(channel)
    assert ids(found) == sent[-4:]


def test_after_that_no_storm_is_too_long(shop: Shop) -> None:
    channel = shop.channel(page_size=2, max_pages=2)
    _, cursor, _ = read_all(channel)
    sent = [shop.receive(f"storm {number}") for number in range(11)]
    page = channel.poll(cursor)
    assert page.gap == ""
    rest, _, _ = read_all(channel, page.cursor)
    assert [*ids(page.mentions), *ids(rest)] == sent


def test_a_cursor_nobody_can_read_begins_anew_and_says_so(shop: Shop) -> None:
    sent = shop.receive("here")
    page = shop.channel().poll("torn")
    assert ids(page.mentions) == [sent]
    assert "cursor" in page.gap
    assert shop.channel().poll(page.cursor).gap == ""


def test_a_mailbox_numbered_anew_is_a_gap_and_is_read_again_under_the_same_ids(shop: Shop) -> None:
    channel = shop.channel()
    before = [shop.receive(f"number {number}") for number in range(3)]
    shop.maildir.deliver(b"From: aya@customer.test\r\n\r\nwithout an id")
    first, cursor, _ = read_all(channel)
    shop.maildir.number_anew()
    after = shop.receive("after the move")
    page = channel.poll(cursor)
    assert "UIDVALIDITY" in page.gap
    assert set(ids(page.mentions)) == {*ids(first), after}
    assert set(before) < set(ids(first))
    assert channel.poll(page.cursor).gap == ""
    assert channel.poll(page.cursor).mentions == ()


def test_a_mailbox_numbered_anew_is_not_read_from_its_beginning(shop: Shop) -> None:
    channel = shop.channel(first_poll_days=365)
    for age in (300, 200, 100):
        shop.receive(f"{age} days old", received=time.time() - age * DAY)
    new = shop.receive("today")
    _, cursor, _ = read_all(channel)
    shop.maildir.number_anew()
    assert ids(channel.poll(cursor).mentions) == [new]


def test_a_mail_from_the_future_hides_none_when_the_mailbox_is_numbered_anew(shop: Shop) -> None:
    channel = shop.channel()
    shop.receive("from a clock that was ahead", received=time.time() + 300 * DAY)
    _, cursor, _ = read_all(channel)
    shop.maildir.number_anew()
    new = shop.receive("today")
    assert new in ids(channel.poll(cursor).mentions)


def test_a_mail_that_vanishes_is_no_trouble(shop: Shop) -> None:
    channel = shop.channel(page_size=2)
    sent = [shop.receive(f"number {number}") for number in range(5)]
    first = channel.poll(None)
    shop.maildir.remove(sent[2])
    rest, _, _ = read_all(channel, first.cursor)
    assert [*ids(first.mentions), *ids(rest)] == [*sent[:2], *sent[3:]]


def test_two_people_with_one_id_are_two_mails(shop: Shop) -> None:
    shop.maildir.deliver(plain_mail("mine", message_id="same@x.test"))
    shop.maildir.deliver(plain_mail("not yours", message_id="same@x.test", author="eve@other.test"))
    shop.maildir.deliver(plain_mail("mine", message_id="same@x.test"))  # delivered twice
    found, _, _ = read_all(shop.channel())
    assert sorted(mention.text for mention in found) == ["mine", "not yours"]
    assert len(set(ids(found))) == 2


def test_a_huge_mail_is_read_in_part_and_its_attachments_are_all_listed(shop: Shop) -> None:
    shop.maildir.deliver(photo_mail("a.jpg", "写真.jpg", size=900_000))
    found, _, _ = read_all(shop.channel())
    assert found[0].text.startswith("The coat is blue.\n\n📎 a.jpg (")
    assert "写真.jpg (" in found[0].text
    assert shop.wire.count("BODYSTRUCTURE") == 1


def test_a_structure_too_deep_for_the_server_or_us_costs_the_list_only(shop: Shop) -> None:
    raw = b"From: aya@customer.test\r\nMessage-ID: <deep@customer.test>\r\nSubject: deep\r\n"
    for number in range(90):
        raw += f"Content-Type: multipart/mixed; boundary=b{number}x\r\n\r\n--b{number}x\r\n".encode()
    shop.maildir.deliver(raw + b"\r\nblue\r\n" + b"x" * 600_000)
    sent = shop.receive("behind it")
    assert ids(read_all(shop.channel())[0]) == ["deep@customer.test", sent]


def test_an_answer_to_our_answer_joins_the_customers_thread_even_without_references(shop: Shop) -> None:
    root = shop.receive("The coat is blue.")
    ours = plain_mail(
        "Sorry!", author=shop.address, message_id="ours@shop.test", In_Reply_To=f"<{root}>", References=f"<{root}>"
    )
    shop.maildir.deliver(ours, into="Sent")
    shop.receive("Thank you", In_Reply_To="<ours@shop.test>")
    found, _, _ = read_all(shop.channel())
    assert {mention.thread_external_id for mention in found} == {root}
    assert all("root_author" not in mention.platform_data for mention in found)


def test_below_a_mail_that_we_began_everybody_has_a_thread_of_their_own(shop: Shop) -> None:
    shop.maildir.deliver(plain_mail("Your order", author=shop.address, message_id="order@shop.test"), into="Sent")
    shop.receive("Where is it?", References="<order@shop.test>", In_Reply_To="<order@shop.test>")
    found, _, _ = read_all(shop.channel())
    assert found[0].thread_external_id == "order@shop.test"
    assert found[0].platform_data["root_author"] == shop.address == shop.channel().own_author_id


def test_a_wrong_password_is_a_refusal_for_good_that_names_the_app_password(shop: Shop) -> None:
    shop.wire.fail_next("LOGIN", Say(f"NO [AUTHENTICATIONFAILED] {PASSWORD} is wrong"))
    with pytest.raises(PermanentError) as caught:
        shop.channel().poll(None)
    assert caught.value.code == "credentials"
    assert "app password" in caught.value.remedy
    assert PASSWORD not in str(caught.value)


def test_a_server_that_offers_no_encryption_gets_no_password(shop: Shop) -> None:
    shop.wire.hide("STARTTLS")
    with pytest.raises(PermanentError) as caught:
        shop.channel(imap_security="starttls").poll(None)
    assert caught.value.code == "insecure"
    assert shop.wire.count("LOGIN") == 0


def test_a_missing_folder_is_named(shop: Shop) -> None:
    with pytest.raises(PermanentError, match="Kunden") as caught:
        shop.channel(inbox="Kunden").poll(None)
    assert caught.value.code == "no_folder"


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE", "SEARCH", "FETCH"])
@pytest.mark.parametrize(
    "fault", [Cut.BEFORE, Cut.HALF, Say("* BYE Server is going down"), Say("NO [SERVERBUG] Internal error")]
)
def test_a_server_that_fails_midway_is_asked_again_and_nothing_is_lost(
    shop: Shop, command: str, fault: Cut | Say
) -> None:
    sent = shop.receive("still here")
    channel = shop.channel()
    shop.wire.fail_next(command, fault)
    with pytest.raises(ChannelError) as caught:
        channel.poll(None)
    if isinstance(caught.value, PermanentError):  # a NO to opening a folder, or to signing in, is one
        assert command in {"LOGIN", "EXAMINE"}
    assert ids(channel.poll(None).mentions) == [sent]


def test_a_silent_server_is_given_up(shop: Shop) -> None:
    shop.wire.fail_next("SEARCH", Cut.SILENT)
    began = time.monotonic()
    with pytest.raises(RetryableError):
        shop.channel(timeout_seconds=0.5).poll(None)
    assert time.monotonic() - began < 10


def test_a_server_that_is_not_there_is_retryable(shop: Shop) -> None:
    with pytest.raises(RetryableError) as caught:
        shop.channel(imap_port=1).poll(None)
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(("security", "port"), [("tls", "tls_port"), ("starttls", "port")])
def test_over_tls_a_certificate_nobody_signed_is_refused_and_a_trusted_one_taken(
    shop: Shop,
    mail_server: MailServer,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
    port: str,
) -> None:
    sent = shop.receive("over tls")
    given = options(address=shop.address, imap_security=security, imap_port=getattr(mail_server, port))
    channel = EmailChannel(given, clock=SystemClock())
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "certificate"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    assert ids(channel.poll(None).mentions) == [sent]


def test_a_mail_filed_into_the_archive_is_still_there_one_in_the_bin_is_not(shop: Shop) -> None:
    filed, thrown, kept = shop.receive("filed"), shop.receive("thrown away"), shop.receive("kept")
    channel = shop.channel()
    shop.maildir.move(filed, "Archive")
    shop.maildir.move(thrown, "Trash")
    assert channel.still_there([filed, thrown, kept, "made:abc"]) == {filed, kept, "made:abc"}


def test_the_probe_says_whose_mailbox_it_is_and_what_it_found(shop: Shop) -> None:
    shop.receive("one")
    assert shop.channel().probe() == f"{shop.address}: 1 mails in INBOX; sends by 127.0.0.1; copies in Sent"
    assert shop.channel(smtp_host="").probe().endswith("read only")


def test_time_of_a_mail_is_the_servers(shop: Shop) -> None:
    shop.receive("hello", received=time.time() - DAY, Date="Mon, 1 Jan 1990 00:00:00 +0000")
    found, _, _ = read_all(shop.channel())
    assert timedelta(hours=23) < SystemClock().now() - found[0].created_at < timedelta(hours=25)


def test_no_call_leaves_a_connection_open(shop: Shop) -> None:
    channel = shop.channel()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        channel.poll(None)
        shop.wire.fail_next("SEARCH", Cut.BEFORE)
        with pytest.raises(RetryableError):
            channel.poll(None)
    shop.wire.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_uids_are_walked_upwards(shop: Shop) -> None:
    channel = shop.channel(page_size=1)
    for number in range(4):
        shop.receive(f"number {number}")
    cursors: list[str | None] = [None]
    for _ in range(4):
        cursors.append(channel.poll(cursors[-1]).cursor)
    assert all(earlier != later for earlier, later in pairwise(cursors))
