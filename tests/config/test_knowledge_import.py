"""What a shop already wrote becomes FAQ entries for a person to read; nothing is overwritten, and hostile files are text."""

from contextlib import suppress
from pathlib import Path

import pytest

from config.knowledge_import import ImportSummary, write_entries
from config.knowledge_sources import read_pairs
from config.prose import load_books
from domain.errors import ImportFileError
from tests.config.conftest import DraftHome

BRAND = """
[name]
ja = "店"
en = "Shop"
[sign_off]
ja = "係"
en = "Team"
[contact_dm]
ja = "DMを"
en = "DM us"
"""


@pytest.fixture
def shop(home: DraftHome) -> DraftHome:
    home.write("brands/shop/brand.toml", BRAND)
    return home


def take(shop: DraftHome, name: str, content: str | bytes, **columns: str) -> ImportSummary:
    file = shop.write(name, content)
    return write_entries(read_pairs(file, columns), shop.path / "brands/shop/faq", load_books(shop.path)["shop"])


def entries(shop: DraftHome) -> dict[str, tuple[str, str]]:
    """Question and answer of every entry as loaded, in the language it came in."""
    faq = load_books(shop.path)["shop"].faq
    assert all(entry.review for entry in faq)
    return {entry.id: (entry.question.en, entry.answer.en) for entry in faq}


def test_markdown_gives_a_file_per_heading_with_text(shop: DraftHome) -> None:
    summary = take(
        shop, "faq.md", "# Help\n\n## How long does it take?\n\nTwo **days**.\n\n## 送料は?\n\n無料です。\n\n## Empty\n"
    )

    assert summary.written[0] == "how-long-does-it-take.md"
    assert summary.written[1].startswith("faq-")
    assert entries(shop)["how-long-does-it-take"] == ("How long does it take?", "Two days.")
    assert ("送料は?", "無料です。") in entries(shop).values()
    assert summary.lacking == {"ja": (summary.written[0],), "en": (summary.written[1],)}


def test_csv_takes_mapped_columns_in_both_languages_and_other_encodings(shop: DraftHome) -> None:
    rows = "質問,答え,english,reply,topic\n送料は?,無料です。,How much?,It is free.,delivery\n返品は?,,,,refund\n色は?,青,,,colour\n"
    summary = take(
        shop,
        "faq.csv",
        rows.encode("cp932"),
        question_ja="質問",
        answer_ja="答え",
        question_en="english",
        answer_en="reply",
        topic="topic",
    )

    (entry,) = load_books(shop.path)["shop"].faq
    assert (entry.id, entry.topic, entry.answer.ja, entry.answer.en) == (
        "how-much",
        "delivery",
        "無料です。",
        "It is free.",
    )
    assert [(one.place, one.reason.split(" ")[0:2]) for one in summary.skipped] == [
        ("line 3", ["no", "answer"]),
        ("line 4", ["the", "topic"]),
    ]
    assert summary.lacking == {}


@pytest.mark.parametrize(
    "page",
    [
        "<details><summary>Q. Free?</summary><p>Yes.</p></details>",
        "<dl><dt>Free?<dd>A: Yes.<dt></dl>",
        "<button aria-controls=p>Free?</button><div id=p>Yes.</div>",
        "<h2>Free?</h2><p>Yes.</p><h1>End</h1><p>x</p>",
        '<script type="application/ld+json">{"@type":"FAQPage","mainEntity":[{"name":"Free?","acceptedAnswer":{"text":"<b>Yes.</b>"}}]}</script>',
        "<nav><h2>Menu</h2>no</nav><section><h3>Free?</h3>text <p>Yes.</section>",
    ],
    ids=["details", "dl", "accordion", "headings", "schema.org", "broken"],
)
def test_a_saved_page_gives_its_questions(shop: DraftHome, page: str) -> None:
    take(shop, "page.html", page)

    assert entries(shop) == {"free": ("Free?", "Yes.")}


def test_nothing_is_overwritten_and_what_is_known_is_skipped(shop: DraftHome) -> None:
    kept = shop.write("brands/shop/faq/free.md", "mine")
    kept.unlink()
    first = take(shop, "a.md", "## Free?\n\nYes.\n")
    again = take(shop, "a.md", "## free\n\nNo.\n")
    other = take(shop, "b.md", "## FREE? really\n\nYes.\n## Free? (really)\n\nNo.\n")

    assert first.written == ("free.md",)
    assert again.written == ()
    assert again.skipped[0].reason == "the question is there already"
    assert other.written == ("free-really.md",)
    assert entries(shop)["free"] == ("Free?", "Yes.")


def test_a_name_that_is_taken_gets_a_number(shop: DraftHome) -> None:
    shop.write(
        "brands/shop/faq/free.md", "+++\ntopic='other'\nquestion.ja='あ'\nquestion.en='b'\n+++\n# ja\nあ\n# en\nb\n"
    )
    before = (shop.path / "brands/shop/faq/free.md").read_bytes()

    assert take(shop, "a.md", "## Free?\n\nYes.\n").written == ("free-2.md",)
    assert (shop.path / "brands/shop/faq/free.md").read_bytes() == before


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ('Quote " \\ and \\u0000', "+++\n# en\n# ja\nx"),
        ("''' \"\"\" # [x]", "<!-- hidden --> --> # ja"),
        ("a\x00\x07b\u2028c", "+++\nreview = false\n+++"),
        ("../../etc/passwd", "<script>alert(1)</script>"),
        ("\u202eevil", "y\x85z"),
    ],
)
def test_hostile_text_stays_text(shop: DraftHome, question: str, answer: str) -> None:
    page = f"<dl><dt>{question}</dt><dd>x {answer}</dd></dl>"
    take(shop, "page.html", page.encode("utf-8", "replace"))

    assert len(entries(shop)) == 1
    assert [file.parent.name for file in (shop.path / "brands/shop").rglob("*.md")] == ["faq"]


@pytest.mark.parametrize(
    "page",
    ["<div>" * 19_000, "<details>" * 6_000 + "x", "<" * 30_000, "<dl>" + "<dt>q" * 9_000, "", "<!--", "<![CDATA["],
    ids=["deep", "deep details", "tags", "terms", "empty", "remark", "cdata"],
)
def test_a_hostile_page_is_refused_or_gives_nothing(shop: DraftHome, page: str) -> None:
    with suppress(ImportFileError):
        assert take(shop, "page.html", page).written == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", b"x", "no kind of file"),
        ("a.csv", b"a,b\n1,2\n", "No column holds the questions"),
        ("a.md", b"\xff\xfe\x00\x81", "neither UTF-8"),
        ("a.md", b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(shop: DraftHome, name: str, content: bytes, said: str) -> None:
    file = shop.write(name, content)
    with pytest.raises(ImportFileError, match=said):
        read_pairs(file, {})


def test_a_missing_file_and_a_missing_column_are_told(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        read_pairs(tmp_path / "none.md", {})
    file = tmp_path / "a.csv"
    file.write_text("question,answer\nx,y\n")
    with pytest.raises(ImportFileError, match="no column 'q'"):
        read_pairs(file, {"question": "q"})
    with pytest.raises(ImportFileError, match="no field 'what'"):
        read_pairs(file, {"what": "question"})
