"""What people wrote is read as they meant it, whatever their mail program made of it."""

import pytest

from listener.channels.email.charsets import decode_bytes
from listener.channels.email.headers import decode_words, read_header, read_ids, read_mailbox
from listener.channels.email.parts import unflow
from listener.channels.email.quoting import cut_text, is_answer
from tests.listener.email.mails import HIS, body_of, message_of, read

JIS_WITH_MICROSOFT_SIGNS = b"\x1b$B-!\x1b(B 1st \x1b$B-j;3ED\x1b(B"
"""① and ㈱ are in no standard table, yet Outlook sends them as ISO-2022-JP."""


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("10時〜12時".encode("iso2022_jp"), "ISO-2022-JP", "10時〜12時"),
        ("10時〜12時".encode("shift_jis"), "Shift_JIS", "10時〜12時"),
        ("10時～12時".encode("cp932"), "Windows-31J", "10時〜12時"),
        ("①㈱髙島".encode("cp932"), "shift_jis", "①㈱髙島"),
        (JIS_WITH_MICROSOFT_SIGNS, "iso-2022-jp", "① 1st ㈱山田"),
        (b"\xad\xa1 \xbb\xb3\xc5\xc4", "euc-jp", "① 山田"),
        (b"\x1b(I16:\x1b(B!", "iso-2022-jp", "ｱｶｺ!"),
        ("コートが青い".encode(), "us-ascii", "コートが青い"),
        ("コートが青い".encode(), "x-no-such-charset", "コートが青い"),
        ("コートが青い".encode("cp932"), "", "コートが青い"),
        ("コートが青い".encode("iso2022_jp"), "utf-8", "コートが青い"),
        ("“curly”".encode("cp1252"), "iso-8859-1", "“curly”"),
        (b"plain", "hex", "plain"),
        (b"plain", "utf-7", "plain"),
        (b"", "", ""),
    ],
)
def test_bytes_are_read_in_the_charset_they_are_in(raw: bytes, charset: str, text: str) -> None:
    assert decode_bytes(raw, charset) == text


@pytest.mark.parametrize("charset", ["", "utf-8", "iso-2022-jp", "euc-jp", "shift_jis", "undefined", "\x00", "x" * 999])
def test_no_bytes_break_the_reading(charset: str) -> None:
    for raw in (bytes(range(256)), b"\x1b$B", b"\x1b$B!", b"\x1b$B\xff\xfe\n!!", b"\x1b(I\xff", b"\x8e", b"\xff" * 99):
        assert isinstance(decode_bytes(raw, charset), str)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("=?ISO-2022-JP?B?GyRCOjRGIxsoQg==?=", "佐藤"),
        ("=?utf-8?B?5YaZ?= =?utf-8?B?55yf?=", "写真"),
        ("=?utf-8?B?5YaZ55w=?= =?utf-8?B?nw==?=", "写真"),  # a character torn between two words
        ("=?utf-8?Q?caf=C3=A9?= au lait", "café au lait"),
        ("=?utf-8?B?5YaZ?==?utf-8?B?55yf?=", "写真"),
        ("=?utf-8?B?!!!?= x", "x"),
        ("=?no-such?Q?abc?=", "abc"),
        ("plain\u202e reversed", "plain reversed"),
    ],
)
def test_encoded_words_are_decoded(written: str, read_as: str) -> None:
    assert decode_words(written).endswith(read_as)


def test_a_subject_in_bare_bytes_is_read() -> None:
    assert read_header(message_of(b"Subject: \x83R\x81[\x83g\r\n\r\n"), "Subject") == "コート"
    assert read_header(message_of(b"Subject: \x1b$B:4F#\x1b(B\r\n\r\n"), "Subject") == "佐藤"


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("aya@customer.test", "aya@customer.test", ""),
        ('"Sato, Aya" <Aya@Customer.test>', "aya@customer.test", "Sato, Aya"),
        ('"shop <care@shop.test>" <evil@other.test>', "evil@other.test", "shop <care@shop.test>"),
        ("First <one@a.test>, Second <two@b.test>", "one@a.test", "First"),
        ("aya..chan.@docomo.ne.jp", "aya..chan.@docomo.ne.jp", ""),
        ('<"aya..chan"@docomo.ne.jp>', "aya..chan@docomo.ne.jp", ""),
        ("undisclosed-recipients:;", "", ""),
        ("", "", ""),
        (f"<{'x' * 300}@a.test>", "", ""),
    ],
)
def test_addresses_are_found_and_names_are_never_taken_for_them(written: str, address: str, name: str) -> None:
    found = read_mailbox(message_of(f"From: {written}\r\n\r\n".encode()), "From")
    assert (found.address, found.name) == (address, name)


def test_message_ids_are_read_from_floods_and_folded_lines() -> None:
    flood = "\r\n ".join(f"<{number}@a.test>" for number in range(20_000))
    ids = read_ids(message_of(f"References: {flood}\r\n\r\n".encode()), "References")
    assert ids[:2] == ("0@a.test", "1@a.test")
    assert len(ids) < 2000


def test_flowed_text_becomes_paragraphs() -> None:
    flowed = "The coat \nis blue.\n\n> You \n> wrote\n>> this\n stuffed\n-- \nAya"
    assert unflow(flowed, joins_without_space=False) == ("The coat is blue.\n\n> You wrote\n>> this\nstuffed\n-- \nAya")
    assert unflow("コートが \n青い", joins_without_space=True) == "コートが青い"


@pytest.mark.parametrize(
    "history",
    [
        "On Fri, Nov 20, 2026 at 9:00 AM Shop <care@shop.test> wrote:\n> Hello\n>\n> Your coat",
        "On Fri, Nov 20, 2026 at 9:00 AM Mizunara Coats and More Shop\n<care@shop.test> wrote:\n\n> Hello",
        "2026年11月20日(金) 9:00 コートの店 <care@shop.test>:\n\n> こんにちは\n> コートを",
        "2026/11/20 9:00、コートの店 <care@shop.test>のメール:\n\n> こんにちは",
        "2026年11月20日 9:00、コートの店さんは書きました:\n> こんにちは",
        "-----Original Message-----\nFrom: Shop\nSent: Friday\nHello",
        "________________________________\n差出人: コートの店 <care@shop.test>\n送信日時: 2026年11月20日\n宛先: aya\n件名: Re: コート\n\nこんにちは",
        "From: Shop <care@shop.test>\nSent: Friday, November 20\nTo: Aya\nSubject: RE: coat\n\nHello, your coat",
        "> Hello\n> Your coat",
    ],
)
def test_the_mail_that_is_answered_is_cut(history: str) -> None:
    assert cut_text(f"It is still blue.\n\n{history}", answers=True).rstrip() == "It is still blue."


def test_words_below_the_quote_are_kept() -> None:
    text = "On Fri, 20 Nov 2026, Shop wrote:\n> Is it green?\n> Regards\n\nNo, blue."
    assert cut_text(text, answers=True).strip() == "No, blue."


@pytest.mark.parametrize(
    "text",
    [
        "On Fri, 20 Nov 2026, Shop wrote:\n> Is it green?\nNo.\n> Is it late?\nYes.",  # answers between the quotes
        "> Only what we wrote",
        "On Fri, 20 Nov 2026, Shop wrote:\n> Only what we wrote",
        "Your site says:\n> 30 days\nbut I got 10.",
        "My friend wrote: it is fine",
        "2026年11月20日に届いたコートについて:\n青でした",
        "From: Tokyo\nI ordered a coat.",
        "-- \nOnly a signature",
    ],
)
def test_what_is_not_surely_history_is_kept_whole(text: str) -> None:
    assert cut_text(text, answers=True) == text


def test_history_is_only_cut_from_answers_and_never_from_what_is_passed_on() -> None:
    text = "See below.\n\nFrom: Seller <a@b.test>\nSubject: coat\n\nYour coat is blue"
    assert cut_text(text, answers=is_answer("Fwd: coat", has_parent=True)) == text
    assert cut_text(text, answers=is_answer("Re: 転送: コート", has_parent=False)) == text
    assert cut_text(text, answers=is_answer("coat", has_parent=False)) == text
    assert cut_text(text, answers=is_answer("Re: coat", has_parent=False)) == "See below."


@pytest.mark.parametrize(
    "signature",
    ["-- \nAya Sato\n090-0000-0000", "Sent from my iPhone", "iPhoneから送信", "Get Outlook for iOS<https://aka.ms/o>"],
)
def test_signatures_are_cut(signature: str) -> None:
    assert cut_text(f"The coat is blue.\n\n{signature}\n", answers=False) == "The coat is blue."


def test_a_long_text_below_two_dashes_is_no_signature() -> None:
    text = "Hello\n-- \n" + "\n".join(f"line {number}" for number in range(40))
    assert cut_text(text, answers=False) == text


def test_html_is_read_when_there_is_no_plain_text() -> None:
    html = "<p>The coat is <b>blue</b> &amp; late.</p><div class='gmail_quote'>On Friday Shop wrote:<blockquote>Hello</blockquote></div>"
    assert body_of(html, "html", answers=True) == "The coat is blue & late."
    assert "Hello" in body_of(html, "html", answers=False)


def test_html_from_outlook_loses_the_older_mail_below_its_heading() -> None:
    html = "<p>Still blue.</p><div id='divRplyFwdMsg'><b>From:</b> Shop</div><div>Hello Aya</div>"
    assert body_of(html, "html", answers=True) == "Still blue."


def test_html_that_is_nothing_but_history_is_kept() -> None:
    assert body_of("<blockquote type='cite'>Hello</blockquote>", "html", answers=True) == "Hello"


def test_answers_between_html_quotes_keep_them() -> None:
    html = "<blockquote type='cite'>Green?</blockquote><p>No.</p><blockquote type='cite'>Late?</blockquote><p>Yes.</p>"
    text = body_of(html, "html", answers=True)
    assert "Green?" in text
    assert "Yes." in text


def test_the_subject_stands_first_in_a_new_mail_and_not_in_an_answer() -> None:
    assert read(HIS, "Subject: Order 12\r\n", "Where is it?") == "Order 12\n\nWhere is it?"
    assert read(HIS, "Subject: Re: Order 12\r\n", "Where is it?") == "Where is it?"
    assert read(HIS, "Subject: Re: Order 12\r\n", "") == "Re: Order 12"
    assert read(HIS, "Subject: Where is it?\r\n", "Where is it? I wait.") == "Where is it? I wait."
