"""What becomes of a feed's document: ids, dates, texts, encodings, and documents made to hurt."""

import contextlib
import random
import time
from datetime import UTC, datetime

import pytest

from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingMention
from domain.words import MentionKind
from listener.channels.feed.decoding import decode_document
from listener.channels.feed.fetching import Fetched
from listener.channels.feed.options import Feed
from listener.channels.feed.reading import read_document, read_mention
from tests.cast import NOON
from tests.partners.feed_site import Item, write_atom

FEED = Feed(address="https://blog.example/feed.xml", shown="https://blog.example/feed.xml")
PREFIX = f"{FEED.key}:"
HARD = "ミズナラの緑のコート、青が届いた😢👨‍👩‍👧 か\u3099 é"


def read(
    document: str | bytes, *, content_type: str = "application/xml", url: str = FEED.address
) -> list[IncomingMention]:
    body = document.encode() if isinstance(document, str) else document
    found = read_document(Fetched(body=body, content_type=content_type, url=url), FEED)
    return [read_mention(entry, found, FEED, now=NOON) for entry in found.entries]


def rss(*items: str, head: str = "", declaration: str = "") -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    joined = "".join(f"<item>{item}</item>" for item in items)
    return f'{declaration}<rss version="2.0" {spaces}><channel><title>Blog</title>{head}{joined}</channel></rss>'


def only(document: str | bytes, **given: str) -> IncomingMention:
    mentions = read(document, **given)
    assert len(mentions) == 1
    return mentions[0]


# -- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ('<guid isPermaLink="false">42</guid><link>https://blog.example/a</link>', "42"),
        ("<guid>42</guid>", "42"),
        ("<link>https://blog.example/a</link>", "https://blog.example/a"),
    ],
)
def test_an_entry_is_known_by_its_guid_else_by_its_link(item: str, expected: str) -> None:
    assert only(rss(item)).external_id == PREFIX + expected


def test_an_entry_with_neither_guid_nor_link_is_known_by_what_it_says() -> None:
    one, other = read(rss("<title>a</title>", "<title>b</title>"))
    assert one.external_id != other.external_id
    assert only(rss("<title>a</title>")).external_id == one.external_id


def test_a_guid_that_all_entries_share_identifies_none_of_them() -> None:
    items = [f"<guid>same</guid><link>https://blog.example/{number}</link>" for number in range(3)]
    assert {one.external_id for one in read(rss(*items))} == {
        f"{PREFIX}https://blog.example/{number}" for number in range(3)
    }


def test_an_entry_that_stands_twice_comes_once() -> None:
    item = "<guid>1</guid><link>https://blog.example/1</link><title>a</title>"
    assert len(read(rss(item, item))) == 1


def test_the_same_guid_in_two_feeds_is_two_entries() -> None:
    other = Feed(address="https://other.example/feed", shown="")
    assert other.key != FEED.key


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<pubDate>Fri, 20 Nov 2026 09:00:00 +0900</pubDate>", datetime(2026, 11, 20, tzinfo=UTC)),
        ("<dc:date>2026-11-20T09:00:00+09:00</dc:date>", datetime(2026, 11, 20, tzinfo=UTC)),
        ("<pubDate>きのう</pubDate>", NOON),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", NOON),
        ("", NOON),
    ],
)
def test_an_entry_without_a_readable_date_has_that_of_its_discovery(written: str, expected: datetime) -> None:
    assert only(rss(f"<guid>1</guid>{written}")).created_at == expected


def test_entries_are_newest_first_however_they_are_listed_but_undated_ones_keep_their_order() -> None:
    dated = [f"<guid>{number}</guid><pubDate>{number:02} Nov 2026 00:00:00 GMT</pubDate>" for number in range(10, 13)]
    assert [one.external_id for one in read(rss(*dated))] == [PREFIX + guid for guid in ("12", "11", "10")]
    assert [one.external_id for one in read(rss(*dated, "<guid>x</guid>"))][-1] == f"{PREFIX}x"


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<title>The coat</title><description>is blue</description>", "The coat\n\nis blue"),
        ("<title>The coat</title>", "The coat"),
        ("<title>AT&amp;T</title>", "AT&T"),
        (
            "<description>&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two &amp;amp; three&lt;/p&gt;</description>",
            "one\n\ntwo & three",
        ),
        ("<description>short</description><content:encoded><![CDATA[<b>whole</b>]]></content:encoded>", "whole"),
        ("<title>The coat is…</title><description>The coat is blue.</description>", "The coat is blue."),
        ("<title>&lt;i&gt;The&lt;/i&gt; coat</title>", "The coat"),
        ('<title>song</title><enclosure url="https://blog.example/song.mp3" length="1" type="audio/mpeg"/>', "song"),
    ],
)
def test_the_text_is_title_and_whole_content_as_people_read_them(item: str, expected: str) -> None:
    assert only(rss(item)).text == expected


@pytest.mark.parametrize("kind", ["text", "html"])
def test_japanese_and_emoji_arrive_character_by_character(kind: str) -> None:
    assert only(write_atom([Item(guid="1", text=HARD, kind=kind)])).text == HARD


def test_a_very_long_entry_arrives_whole() -> None:
    assert only(write_atom([Item(guid="1", text="長い" * 30_000)])).text == "長い" * 30_000


def test_relative_links_lead_to_the_site_and_only_to_web_pages() -> None:
    assert only(rss("<link>../a?b=1</link>"), url="https://blog.example/x/feed").url == "https://blog.example/a?b=1"
    assert only(rss("<guid>1</guid><link>javascript:alert(1)</link>")).url == ""
    based = write_atom([Item(guid="1", text="a", link="b")]).replace(
        "<feed ", '<feed xml:base="https://base.example/" '
    )
    assert only(based).url == "https://base.example/b"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("aya@mail.example (Aya)", "Aya"),
        ("Aya (aya@mail.example)", "Aya"),
        ("Aya &lt;aya@mail.example&gt;", "Aya"),
        ("aya@mail.example", "aya"),
        ("山田 花子", "山田 花子"),
    ],
)
def test_authors_are_named_without_their_mail_address(written: str, name: str) -> None:
    author = only(rss(f"<author>{written}</author><guid>1</guid>")).author
    assert (author.handle, author.external_id) == (name, f"blog.example:{name}")


@pytest.mark.parametrize("name", ["author", "dc:creator", "managingEditor", "webMaster", "dc:publisher"])
@pytest.mark.parametrize(
    "hidden", ["{}", "<![CDATA[{}]]>", "<?x > <author>{}", "x<enclosure/><name/>{}", "<name>{}</name>"]
)
def test_a_signature_without_end_is_cut_and_costs_no_time(name: str, hidden: str) -> None:
    began = time.process_time()
    signed = f"<{name}>{hidden.format('a' * 60_000)}</{name}>"
    found = read(rss(f"<guid>1</guid><title>one</title>{signed}", "<guid>2</guid><title>two</title>"))
    assert time.process_time() - began < 2
    assert [one.text for one in found] == ["one", "two"]
    assert max(len(one.author.display_name) for one in found) <= 300


def test_a_signature_around_an_entry_is_refused() -> None:
    with pytest.raises(PermanentError) as caught:
        read(rss(f"<author>{'a' * 600}<item></item>{'a' * 600}</author>"))
    assert caught.value.code == "too_big"


def test_an_unsigned_entry_is_the_sites() -> None:
    unsigned = only(rss("<guid>1</guid>")).author
    assert (unsigned.handle, unsigned.display_name) == ("blog.example", "Blog")
    assert unsigned.external_id == f"feed:{FEED.key}"


def test_an_answer_to_an_answer_belongs_to_the_thread_of_the_first() -> None:
    items = [Item(guid="3", text="c", answers="2"), Item(guid="2", text="b", answers="1"), Item(guid="1", text="a")]
    by_id = {one.external_id: one for one in read(write_atom(items))}
    assert by_id[f"{PREFIX}3"].thread_external_id == f"{PREFIX}1"
    assert by_id[f"{PREFIX}3"].kind is MentionKind.COMMENT
    alone = only(write_atom([Item(guid="9", text="c", answers="8")]))
    assert (alone.thread_external_id, alone.parent_external_id) == ("", f"{PREFIX}8")


def test_two_entries_that_answer_each_other_end() -> None:
    items = [Item(guid="1", text="a", answers="2"), Item(guid="2", text="b", answers="1")]
    assert {one.thread_external_id for one in read(write_atom(items))} == {""}


def test_the_languages_hint_is_the_contents_or_the_feeds() -> None:
    assert only(write_atom([Item(guid="1", text="a")])).language_hint == "ja"
    assert only(rss("<guid>1</guid>", head="<language>en-GB</language>")).language_hint == "en-GB"


# -- encodings ---------------------------------------------------------------------------------------------------------

JAPANESE = "ミズナラのコートが届かない。①番の注文です～"


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("name", "codec"), [("Shift_JIS", "cp932"), ("EUC-JP", "euc_jis_2004"), ("ISO-2022-JP", "iso2022_jp")]
)
def test_japanese_encodings_are_read_declared_or_not(name: str, codec: str, *, declared: bool) -> None:
    said = JAPANESE if codec == "cp932" else JAPANESE.replace("～", "〜")
    said = said.replace("①", "1") if codec == "iso2022_jp" else said
    declaration = f'<?xml version="1.0" encoding="{name}"?>' if declared else '<?xml version="1.0"?>'
    body = rss(f"<title>{said}</title>", declaration=declaration).encode(codec)
    assert only(body).text == said


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("é".encode(), "text/xml; charset=iso-8859-1", "é"),
        ("é".encode("latin-1"), "text/xml; charset=iso-8859-1", "é"),
        ("é".encode("latin-1"), 'text/xml; charset="windows-1252"', "é"),
        ("日本語".encode("cp932"), "text/xml; charset=Shift_JIS", "日本語"),
        ("日本語です".encode("cp932"), "text/xml; charset=utf-8", "日本語です"),
        ("日本語".encode("utf-16"), "", "日本語"),
        ("<a>日本語".encode("utf-16-le"), "", "<a>日本語"),
        ("\ufeff日本語".encode(), "text/xml; charset=shift_jis", "日本語"),
        (b"abc", "text/xml; charset=zlib", "abc"),
        (b"abc", "text/xml; charset=utf-99", "abc"),
        ("café crème".encode("latin-1"), "", "café crème"),
        (b"a\xff\xffb", "text/xml; charset=utf-8", "a\ufffd\ufffdb"),
    ],
)
def test_a_declared_encoding_is_believed_when_it_fits(body: bytes, content_type: str, expected: str) -> None:
    assert decode_document(body, content_type) == expected


# -- documents that are none, or made to hurt --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        "",
        "   ",
        "<html><body>Not found</body></html>",
        '{"items": []}',
        "/etc/passwd",
        "file:///etc/passwd",
        "<a/>",
        "\0" * 99,
    ],
)
def test_a_page_that_is_no_feed_is_an_error_that_names_its_address(document: str) -> None:
    with pytest.raises(PermanentError, match=FEED.shown) as caught:
        read(document)
    assert caught.value.code == "not_a_feed"
    assert caught.value.remedy


def test_a_feed_that_breaks_off_is_read_another_time() -> None:
    document = write_atom([Item(guid="1", text="The coat is blue")])
    with pytest.raises(RetryableError, match="breaks off"):
        read(document[: len(document) // 2])


def test_a_feed_with_a_slip_is_read_all_the_same() -> None:
    assert only(rss("<title>Coats & Shoes &nbsp; <b>now</title>")).text.startswith("Coats & Shoes")


def test_entities_that_unfold_without_end_or_name_files_are_harmless() -> None:
    nested = "".join(f'<!ENTITY l{one} "{f"&l{one - 1};" * 10}">' for one in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{nested}]>' + rss("<title>a&l9;b</title>")
    long = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>' + rss(f"<description>{'&a;' * 10_000}</description>")
    file = '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + rss("<title>x&f;y</title>")
    tricky = "<!DOCTYPE rss [<!-- ]> ' --><!ENTITY f '\">]<rss>'>]>" + rss("<title>x&f;y</title>")
    behind_comments = f"\ufeff\n<?x ?><!-- <b> -->{laughs[21:]}"
    named_in_comment = f"<!-- <!DOCTYPE x> -->{laughs[21:]}"
    began = time.process_time()
    documents = (laughs, long, file, tricky, behind_comments, named_in_comment)
    read_texts = [only(document).text for document in documents]
    assert "lol" not in "".join(read_texts)
    assert time.process_time() - began < 2
    assert max(len(text) for text in read_texts) < 50_000
    assert "root:" not in "".join(read_texts)


@pytest.mark.parametrize("body", ["<a>" * 300_000, "<item><title>a & b</title></item>" * 100_000, "<entry/>" * 300_000])
def test_shapes_that_would_keep_the_parser_busy_are_refused_at_once(body: str) -> None:
    began = time.process_time()
    with pytest.raises(PermanentError) as caught:
        read(f'<rss version="2.0"><channel>{body}</channel></rss>')
    assert caught.value.code == "too_big"
    assert time.process_time() - began < 2


def test_a_section_that_never_ends_hides_what_follows_and_nothing_more() -> None:
    began = time.process_time()
    assert read(rss("<title>a</title>", "<![CDATA[" * 300_000)) != []
    assert time.process_time() - began < 2


def test_a_number_beyond_all_characters_in_one_entry_hides_no_other() -> None:
    found = read(
        rss("<guid>1</guid><title>a&#99999999999;b&#x110000;</title>", "<guid>2</guid><title>&#x1F600; &</title>")
    )
    assert [one.text for one in found] == ["a\ufffdb\ufffd", "😀 &"]


def test_a_fault_in_the_parser_is_that_feeds_error_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("feedparser.parse", fail)
    with pytest.raises(PermanentError, match=FEED.shown):
        read(rss("<title>a</title>"))


def test_documents_broken_at_random_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(7)
    whole = rss(
        "<guid>1</guid><title>A &amp; b</title><content:encoded><![CDATA[<p>x</p>]]></content:encoded>"
        "<pubDate>Fri, 20 Nov 2026 09:00:00 +0900</pubDate><author>a@b.example (Aya)</author>",
        "<link>../b?x=1</link><dc:date>2026-11-20</dc:date><description>&lt;b&gt;ミズナラ</description>",
        declaration='<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY a "b">]>',
    )
    scraps = ["<", ">", "]]>", "<![", "&", "&#x0;", "\0", '"', "<!--", "</item>", "<item>", "\ud83d", "[", "http://["]
    for _ in range(150):
        broken = whole
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(broken))
            broken = broken[:at] + chance.choice(scraps) + broken[at + chance.randint(0, 8) :]
        with contextlib.suppress(PermanentError, RetryableError):
            read(broken.encode("utf-8", "surrogatepass"))
