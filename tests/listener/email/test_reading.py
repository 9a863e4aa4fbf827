"""One mail becomes one mention, whole, or is told apart from what no person wrote. No server is needed."""

import time
from email.message import EmailMessage

import pytest

from domain.words import Engagement, MentionKind
from listener.channels.email.structure import read_structure
from tests.listener.email.mails import HIS, RECEIVED, mention_of
from tests.listener.email.stage import plain_mail, written

PHOTO = b"\xff\xd8" * 600_000


def photo_mail(*names: str, size: int = 3000) -> bytes:
    """Return a mail with photos."""
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "aya@customer.test", "<1@customer.test>"
    mail.set_content("The coat is blue.")
    for name in names:
        mail.add_attachment(PHOTO[:size], maintype="image", subtype="jpeg", filename=name)
    return written(mail)


def test_a_mail_is_a_direct_message_of_its_sender() -> None:
    mention = mention_of(plain_mail("コートが青い😢", message_id="1@customer.test"))
    assert mention is not None
    assert (mention.external_id, mention.text) == ("1@customer.test", "コートが青い😢")
    assert (mention.kind, mention.engagement) == (MentionKind.MESSAGE, Engagement.WROTE_DM)
    assert (mention.author.external_id, mention.author.display_name) == ("aya@customer.test", "Aya")
    assert mention.created_at == RECEIVED  # the server's clock, not the sender's
    assert mention.thread_external_id == mention.external_id
    assert mention.url == ""


def test_the_thread_is_the_first_mail_and_the_parent_the_one_answered() -> None:
    raw = plain_mail("Yes", message_id="3@a.test", References="<1@a.test>\r\n\t<2@a.test>", In_Reply_To="<2@a.test>")
    mention = mention_of(raw)
    assert mention is not None
    assert (mention.thread_external_id, mention.parent_external_id) == ("1@a.test", "2@a.test")
    assert mention.platform_data["references"] == "1@a.test 2@a.test"


def test_a_program_that_names_only_the_parent_still_makes_a_thread() -> None:
    mention = mention_of(plain_mail("Yes", message_id="3@a.test", In_Reply_To="<2@a.test>"))
    assert mention is not None
    assert (mention.thread_external_id, mention.parent_external_id) == ("2@a.test", "2@a.test")


def test_a_flood_of_references_keeps_the_root_and_the_last() -> None:
    many = " ".join(f"<{number}@a.test>" for number in range(100))
    mention = mention_of(plain_mail("Yes", message_id="x@a.test", References=many))
    assert mention is not None
    kept = mention.platform_data["references"].split()
    assert (kept[0], kept[-1], len(kept)) == ("0@a.test", "99@a.test", 12)


@pytest.mark.parametrize("written_id", ["", "Message-ID: \r\n", "Message-ID: <>\r\n", "Message-ID: <two words>\r\n"])
def test_a_mail_without_an_id_gets_the_same_made_up_one_every_time(written_id: str) -> None:
    head = f"From: aya@customer.test\r\nDate: today\r\n{written_id}\r\n"
    ids = {found.external_id for _ in range(2) if (found := mention_of(f"{head}Blue".encode()))}
    other = mention_of(f"{head}Green".encode())
    assert len(ids) == 1
    assert ids.pop().startswith("made:")
    assert other is not None
    assert other.external_id not in ids


def test_an_id_without_brackets_is_taken() -> None:
    mention = mention_of(b"From: aya@customer.test\r\nMessage-ID: 77@a.test\r\n\r\nBlue")
    assert mention is not None
    assert mention.external_id == "77@a.test"


def test_answers_go_where_the_sender_wants_them_but_never_to_ourselves() -> None:
    wanted = mention_of(plain_mail("x", message_id="1@a.test", Reply_To="home@customer.test"))
    ours = mention_of(plain_mail("x", message_id="1@a.test", Reply_To="care@shop.test"))
    assert wanted is not None
    assert wanted.platform_data["reply_to"] == "home@customer.test"
    assert wanted.author.external_id == "aya@customer.test"
    assert ours is not None
    assert "reply_to" not in ours.platform_data


def test_a_mail_without_a_sender_is_shown_and_not_answerable() -> None:
    mention = mention_of(b"Message-ID: <1@a.test>\r\n\r\nThe coat is blue")
    assert mention is not None
    assert mention.author.external_id == "unknown"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"List_Id": "News <news.other.test>"},
        {"List_Unsubscribe": "<https://other.test/u>"},
    ],
)
def test_what_machines_send_is_left_out(headers: dict[str, str]) -> None:
    assert mention_of(plain_mail("x", message_id="1@a.test", **headers)) is None


@pytest.mark.parametrize(
    "sender", ["care@shop.test", "CARE@shop.test", "info@shop.test", "mailer-daemon@x.test", "postmaster@x.test"]
)
def test_our_own_mails_and_postmasters_are_left_out(sender: str) -> None:
    assert mention_of(plain_mail("x", message_id="1@a.test", author=sender), aliases=["info@shop.test"]) is None


def test_delivery_reports_are_left_out() -> None:
    raw = b"From: x@y.test\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b--"
    assert mention_of(raw) is None


def test_what_people_send_is_kept() -> None:
    for headers in ({"Auto_Submitted": "no"}, {"Precedence": "normal"}, {"Return_Path": "<aya@customer.test>"}):
        assert mention_of(plain_mail("x", message_id="1@a.test", **headers)) is not None


def test_a_group_address_that_customers_write_to_can_be_let_in() -> None:
    raw = plain_mail("x", message_id="1@a.test", List_Id="<care.groups.shop.test>", Precedence="list")
    assert mention_of(raw) is None
    assert mention_of(raw, accept_lists=["care.groups.shop.test"]) is not None


def test_attachments_are_listed_by_name_and_size_in_a_last_line() -> None:
    mention = mention_of(photo_mail("coat.jpg", "写真.jpg"))
    assert mention is not None
    assert mention.text == "The coat is blue.\n\n📎 coat.jpg (3 KB), 写真.jpg (3 KB)"


def test_many_attachments_are_counted() -> None:
    mention = mention_of(photo_mail(*(f"{number}.jpg" for number in range(14)), size=10))
    assert mention is not None
    assert mention.text.endswith("9.jpg (10 B) + 4")


def test_of_a_mail_read_in_part_the_server_lists_what_is_attached() -> None:
    raw = photo_mail("a.jpg", "b.jpg", size=1_200_000)
    part = (b"IMAGE", b"JPEG", (b"NAME", b"a.jpg"), None, None, b"BASE64", 1_642_106, None)
    other = (
        b"image",
        b"jpeg",
        None,
        None,
        None,
        b"base64",
        1_642_106,
        None,
        (b"attachment", (b"filename*", b"utf-8''%E5%86%99.jpg")),
    )
    text = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"7bit", 19, 1)
    mention = mention_of(raw, structure=([text, part, other], b"mixed"))
    assert mention is not None
    assert mention.text == "The coat is blue.\n\n📎 a.jpg (1.2 MB), 写.jpg (1.2 MB)"


def test_without_that_list_the_one_that_was_cut_has_no_size() -> None:
    mention = mention_of(photo_mail("a.jpg", "b.jpg", size=1_200_000))
    assert mention is not None
    assert mention.text == "The coat is blue.\n\n📎 a.jpg"


@pytest.mark.parametrize(
    "structure",
    [None, (), (None,), ([],), ((b"image",),), ([([([],)],)], 1), (b"a",) * 7, (1, 2, 3, 4, 5, 6, 7, (8, 9))],
)
def test_a_structure_that_makes_no_sense_lists_nothing(structure: object) -> None:
    assert all(one.name for one in read_structure(structure))


def test_a_structure_nested_without_end_is_given_up() -> None:
    structure: object = (b"image", b"jpeg", (b"name", b"a.jpg"), None, None, b"7bit", 1)
    for _ in range(5000):
        structure = ([structure], b"mixed")
    assert read_structure(structure) == []


def test_names_of_files_are_shown_in_one_harmless_line() -> None:
    raw = HIS + (
        'Content-Type: application/zip; name="../../etc/\u202egpj.exe\\\\x.zip"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nAAAA"
    )
    mention = mention_of(raw.encode())
    assert mention is not None
    assert mention.text == "📎 x.zip (3 B)"


def test_a_zip_bomb_is_only_listed() -> None:
    raw = HIS.encode() + b'Content-Type: application/zip; name="bomb.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    mention = mention_of(raw + b"UEsDBBQAAAAI" * 10_000)
    assert mention is not None
    assert mention.text == "📎 bomb.zip (90 KB)"


def test_pictures_that_decorate_and_signatures_of_programs_are_not_listed() -> None:
    raw = HIS.encode() + (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBlue.\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\n\r\nx\r\n"
        b"--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--\r\n"
    )
    mention = mention_of(raw)
    assert mention is not None
    assert mention.text == "Blue."


def test_a_mail_passed_on_as_a_file_is_listed_and_not_read_as_theirs() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("Not theirs")
    outer["From"] = "aya@customer.test"
    outer.set_content("See this.")
    outer.add_attachment(inner)
    mention = mention_of(written(outer))
    assert mention is not None
    assert mention.text.startswith("See this.\n\n📎 message/rfc822")
    assert "Not theirs" not in mention.text


def test_parts_nested_without_end_still_show_that_something_came() -> None:
    raw = HIS.encode() + b"Subject: deep\r\n"
    for number in range(3000):
        raw += f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
    mention = mention_of(raw + b"\r\nblue")
    assert mention is not None
    assert mention.author.external_id == "aya@customer.test"
    assert "deep" in mention.text


@pytest.mark.parametrize(
    "more",
    [
        b"X: y\r\n" * 40_000,
        b"Subject: " + b"=?utf-8?Q?a?= " * 30_000 + b"\r\n",
        b"Content-Type: text/plain; charset=\xff\xfe\r\n",
        b"Content-Type: multipart/mixed\r\n",
        b'Content-Type: multipart/mixed; boundary=""\r\n',
        b"Content-Type: ////;;;==\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Disposition: attachment; filename*0*=bogus'; filename*1=x\r\n",
        b"Subject: \x00\x00\r\nContent-Type: text/html\r\n",
        b"Reply-To: " + b"<" * 10_000 + b"\r\n",
        b"no colon here\r\n",
    ],
)
def test_hostile_headers_do_not_stop_the_reading(more: bytes) -> None:
    mention = mention_of(HIS.encode() + more + b"\r\n\xff\x00 <p>blue")
    assert mention is not None
    assert mention.author.external_id == "aya@customer.test"


def test_an_empty_mail_is_read() -> None:
    mention = mention_of(b"")
    assert mention is not None
    assert mention.text == ""


@pytest.mark.parametrize(
    ("before", "flood"),
    [
        (b'Content-Type: text/plain; a="', b";"),
        (b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/x; a="', b";"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment", b"; a*0*=x"),
        (b"In-Reply-To: <1@a.test>\r\nContent-Type: text/html\r\n\r\n", b"<div class=gmail_quote>x</div>"),
        (b"In-Reply-To: <1@a.test>\r\nContent-Type: text/html\r\n\r\n", b"<blockquote type=cite>x"),
        (b"In-Reply-To: <1@a.test>\r\n\r\n2026/1/1 <", b"a@"),
    ],
)
def test_a_flood_is_read_in_no_time(before: bytes, flood: bytes) -> None:
    began = time.process_time()
    assert mention_of(HIS.encode() + before + flood * (200_000 // len(flood))) is not None
    assert time.process_time() - began < 10  # unbounded, these take minutes
