"""What marketers write is loaded, or refused with file, line and a remedy."""

from pathlib import Path

import pytest

from config.prose import brand_book_for, load_books
from domain.errors import ConfigError
from domain.words import Language, Topic, Visibility
from tests.config.conftest import DraftHome

BRAND = """
words = ["コモレビ"]
forbidden_words = ["激安"]

[name]
ja = "コモレビ洋品店"
en = "Komorebi Clothing"

[sign_off]
ja = "コモレビ洋品店 お客様係"
en = "The Komorebi care desk"

[contact_dm]
ja = "DMでご連絡いただけますでしょうか。"
en = "Could you send us a DM?"
"""
FAQ = """
+++
topic = "delivery"
keywords_ja = ["届く"]
question.ja = "いつ届きますか。"
question.en = "When will it arrive?"
+++

<!-- 春に
見直す -->
# ja

二、三日でお届けします。

* 離島は五日ほど

# en

Two or three days.
"""


@pytest.fixture
def shop(home: DraftHome) -> DraftHome:
    """A home with one brand that says nothing but its name."""
    home.write("brands/shop/brand.toml", BRAND)
    return home


def complaints(home: DraftHome) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_books(home.path)
    return str(caught.value).replace(f"{home.path}/brands/", "").split("\n")


def test_a_brand_is_its_folder(shop: DraftHome) -> None:
    shop.write("brands/shop/faq/delivery-time.md", FAQ)
    shop.write("brands/shop/faq/README.md", "How we write.")
    book = load_books(shop.path)["shop"]
    assert book.voice.id == "shop"
    assert book.voice.words == ("コモレビ",)
    (entry,) = book.faq
    assert entry.id == "delivery-time"
    assert entry.topic is Topic.DELIVERY
    assert entry.question.say(Language.EN) == "When will it arrive?"
    assert entry.answer.ja == "二、三日でお届けします。\n\n* 離島は五日ほど"
    assert entry.answer.en == "Two or three days."


def test_policies_and_known_issues_are_read_with_their_own_fields(shop: DraftHome) -> None:
    shop.write(
        "brands/shop/policies/goodwill.md",
        '+++\ntopic = "product"\noffer = true\nvisibilities = ["dm"]\ntitle = {ja = "題", en = "T"}\n+++\n# en\nOne.\n# ja\n壱。\n',
    )
    shop.write(
        "brands/shop/issues/app.md",
        '+++\ntopic = "app"\nsince = 2026-11-01\ntitle = {ja = "題", en = "T"}\n+++\n# ja\n壱。\n# en\nOne.\n',
    )
    book = load_books(shop.path)["shop"]
    assert book.policies[0].offer
    assert book.policies[0].visibilities == (Visibility.DM,)
    assert book.policies[0].statement.ja == "壱。"
    assert book.known_issues[0].until is None


def test_windows_files_are_read_alike(shop: DraftHome) -> None:
    shop.write("brands/shop/faq/when.md", b"\xef\xbb\xbf" + FAQ.lstrip("\n").replace("\n", "\r\n").encode())
    assert load_books(shop.path)["shop"].faq[0].answer.ja.startswith("二、三日でお届けします。\n")


def test_a_brand_of_one_language_writes_that_one_only(home: DraftHome) -> None:
    brand = "\n".join(line for line in BRAND.splitlines() if not line.startswith("en"))
    home.write("brands/shop/brand.toml", 'languages = ["ja"]\n' + brand)
    home.write("brands/shop/faq/when.md", '+++\ntopic = "delivery"\nquestion.ja = "いつ？"\n+++\n# ja\n二日。\n')
    book = load_books(home.path)["shop"]
    assert book.voice.languages == ("ja",)
    assert book.faq[0].answer.say(Language.JA) == "二日。"


def test_a_home_without_brands_has_no_books(home: DraftHome) -> None:
    assert load_books(home.path) == {}


def test_hidden_folders_and_loose_files_are_no_brands(shop: DraftHome) -> None:
    shop.write("brands/.git/x", "")
    shop.write("brands/notes.txt", "")
    assert list(load_books(shop.path)) == ["shop"]


def test_an_unknown_brand_names_those_that_are_there(shop: DraftHome) -> None:
    books = load_books(shop.path)
    assert brand_book_for(books, "shop").voice.name.en == "Komorebi Clothing"
    with pytest.raises(ConfigError) as caught:
        brand_book_for(books, "shopp")
    assert caught.value.place.field == "channel.brand"
    assert caught.value.message == "kikite.toml (channel.brand): there is no brand 'shopp'."
    assert caught.value.remedy == "Make the folder brands/shopp, or name one of: shop. Did you mean 'shop'?"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "shop/brand.toml: there is no such file. Write it: how shop speaks."),
        ("name =", "shop/brand.toml:1: not valid TOML: Invalid value."),
        (
            BRAND.replace("sign_off", "sign_of"),
            "shop/brand.toml:8 (sign_of): unknown key 'sign_of'. Did you mean 'sign_off'?",
        ),
        (
            BRAND.replace('\nen = "The Komorebi care desk"', ""),
            "shop/brand.toml:8 (sign_off.en): 'en' is missing. Add it.",
        ),
        (
            BRAND.replace("コモレビ洋品店 お客様係", ""),
            "shop/brand.toml:9 (sign_off.ja): must not be empty. Correct the value.",
        ),
        ("id = 'x'\n" + BRAND, "shop/brand.toml:1 (id): 'id' cannot be set here. The folder's name is the id."),
        (
            "languages = ['fr']\n" + BRAND,
            "shop/brand.toml:1 (languages.0): must be one of 'ja' or 'en'. Correct the value.",
        ),
        ("words = 'コモレビ'", "shop/brand.toml:1 (words): must be a list: [ … ]. Correct the value."),
    ],
)
def test_a_mistake_in_a_voice_names_the_line(home: DraftHome, text: str | None, complaint: str) -> None:
    (home.path / "brands/shop").mkdir(parents=True)
    if text is not None:
        home.write("brands/shop/brand.toml", text)
    assert any(line.startswith(complaint) for line in complaints(home)), complaints(home)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "# ja\nいつ",
            (
                "shop/faq/when.md:1: there is no front matter. Begin the file with a line +++, the front matter, and another"
                " line +++."
            ),
        ),
        ("+++\ntopic = 1\n", "shop/faq/when.md:1: the front matter does not end. Close it with a line +++."),
        (
            FAQ.replace('"delivery"', "delivery"),
            (
                "shop/faq/when.md:2: not valid TOML: Invalid value. Texts stand in double quotes, dates and times as"
                " 2026-11-20 and 18:00:00."
            ),
        ),
        (
            FAQ.replace("delivery", "deliveries"),
            (
                "shop/faq/when.md:2 (topic): must be one of 'delivery', 'product', 'refund', 'price', 'app', 'staff', 'outage'"
                " or 'other'. Correct the value."
            ),
        ),
        (
            FAQ.replace("keywords_ja", "keyword_ja"),
            "shop/faq/when.md:3 (keyword_ja): unknown key 'keyword_ja'. Did you mean 'keywords_ja'?",
        ),
        (FAQ.replace("# en", "# EN\n\n# en"), "shop/faq/when.md:18: there is a second '# en'. Keep one."),
        (FAQ.replace("# en", "## en"), "shop/faq/when.md:7 (answer.en): 'en' is missing. Add it."),
        (
            FAQ.replace("Two or three days.", ""),
            "shop/faq/when.md:16 (answer.en): must not be empty. Correct the value.",
        ),
        (
            FAQ.replace("# ja", "二日\n# ja"),
            "shop/faq/when.md:10: there is text before a language. Write # ja or # en above it.",
        ),
        (
            FAQ.replace('topic = "delivery"', 'topic = "delivery"\nanswer = "x"'),
            "shop/faq/when.md:3 (answer): 'answer' does not belong into the front matter. Write it below, under # ja and # en.",
        ),
        (
            FAQ.replace('question.en = "When will it arrive?"\n', ""),
            "shop/faq/when.md:4 (question.en): 'en' is missing. Add it.",
        ),
        ("", "shop/faq/when.md:1: there is no front matter."),
    ],
)
def test_a_mistake_in_an_entry_names_the_line(shop: DraftHome, text: str, complaint: str) -> None:
    shop.write("brands/shop/faq/when.md", text)
    (line,) = complaints(shop)
    assert line.startswith(complaint)


def test_a_file_in_another_encoding_is_refused(shop: DraftHome) -> None:
    shop.write("brands/shop/faq/when.md", FAQ.lstrip().encode("shift_jis"))
    assert complaints(shop) == ["shop/faq/when.md:3: is not UTF-8 here. Save the file as UTF-8."]


def test_names_that_cannot_be_ids_are_refused(shop: DraftHome) -> None:
    shop.write("brands/shop/faq/配送.md", FAQ)
    shop.write("brands/My Shop/brand.toml", BRAND)
    said = "the name is its id: small letters, digits, - and _, beginning with a letter, at most 40. Rename it."
    assert complaints(shop) == [f"My Shop: {said}", f"shop/faq/配送.md: {said}"]


def test_every_mistake_of_every_file_is_told_at_once(shop: DraftHome) -> None:
    shop.write("brands/shop/faq/one.md", FAQ.replace("topic", "topik"))
    shop.write("brands/shop/policies/two.md", "no")
    shop.write("brands/other/brand.toml", "x = 1")
    told = complaints(shop)
    assert [line.split(" ")[0].rstrip(":") for line in told] == [
        "other/brand.toml:1",
        "other/brand.toml:1",
        "other/brand.toml:1",
        "other/brand.toml:1",
        "shop/faq/one.md:1",
        "shop/faq/one.md:2",
        "shop/policies/two.md:1",
    ]


def test_a_file_without_rights_is_told(shop: DraftHome) -> None:
    (shop.path / "brands/shop/faq/when.md").mkdir(parents=True)
    assert complaints(shop) == ["shop/faq/when.md: cannot be read (Is a directory). Check its owner and rights."]


def test_the_place_of_an_error_is_the_whole_path(shop: DraftHome) -> None:
    file = shop.write("brands/shop/faq/when.md", "no")
    with pytest.raises(ConfigError) as caught:
        load_books(shop.path)
    assert Path(caught.value.place.file) == file
