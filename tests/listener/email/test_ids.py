"""Message-IDs that strangers make up: each mail is found again by the id it was read under, and none stops a poll."""

import pytest

from tests.listener.channel_contract import read_all, request_for
from tests.listener.email.stage import Shop, plain_mail
from tests.listener.email.test_mailbox import ids

pytestmark = pytest.mark.partner

HARD_IDS = ("a(b)@x.test", "abc)@x.test", "abc{10}", '"a\\b"@x.test', "(", "{10}", "a%*[]@x.test")


def test_an_id_that_is_part_of_another_is_not_taken_for_it(shop: Shop) -> None:
    shop.maildir.deliver(plain_mail("x", message_id="11@a.test"))
    asked = ["1@a.test", "11@a.test", 'x"y@a.test', "日本@a.test", "", "11@a.test\r\n"]
    assert shop.channel().still_there(asked) == {"11@a.test"}


@pytest.mark.parametrize("message_id", HARD_IDS)
def test_an_id_with_marks_of_imaps_own_stops_no_poll_and_is_found(shop: Shop, message_id: str) -> None:
    shop.maildir.deliver(plain_mail("odd", message_id=message_id), into="Sent")
    shop.maildir.deliver(plain_mail("odd", message_id=message_id))
    answer = shop.receive("behind it", In_Reply_To=f"<{message_id}>")
    channel = shop.channel(page_size=1)
    found, _, _ = read_all(channel)
    assert ids(found) == [message_id, answer]
    assert {mention.thread_external_id for mention in found} == {message_id}
    assert channel.still_there([message_id]) == {message_id}
    assert channel.direct_message(request_for(found[0])).external_id


@pytest.mark.parametrize("written", ["77@a.test", "< 77@a.test >", "<77@a.test", "\r\n <77@a.test>"])
def test_a_mail_is_found_by_its_id_however_that_is_written(shop: Shop, written: str) -> None:
    more = "Content-Type: text/plain;\r\n charset=utf-8\r\n"
    shop.maildir.deliver(f"From: aya@customer.test\r\nMessage-ID: {written}\r\n{more}\r\nBlue".encode())
    found, _, _ = read_all(shop.channel())
    assert ids(found) == ["77@a.test"]
    assert shop.channel().still_there(["77@a.test"]) == {"77@a.test"}
    assert shop.channel().direct_message(request_for(found[0])).external_id


def test_a_mail_whose_id_no_search_can_ask_for_can_be_answered(shop: Shop) -> None:
    shop.maildir.deliver("From: aya@customer.test\r\nMessage-ID: <日本@a.test>\r\n\r\nBlue".encode())
    found, _, _ = read_all(shop.channel())
    assert found[0].external_id.startswith("made:")
    assert shop.channel().direct_message(request_for(found[0])).external_id
