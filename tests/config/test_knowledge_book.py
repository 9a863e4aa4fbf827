"""Dates, states, limits and products in a brand's files: what holds when, and every mistake with its file and line."""

from datetime import date

import pytest

from config.prose import load_books
from domain.errors import ConfigError
from domain.words import Language
from tests.config.conftest import DraftHome
from tests.config.test_knowledge_import import BRAND

ENTRY = """
+++
topic = "delivery"
{more}
{said}.ja = "いつ"
{said}.en = "When"
+++

# ja

すぐ

# en

Soon
"""
PRODUCTS = """
[[product]]
id = "tote"
name.ja = "トート"
name.en = "Tote"
aliases = ["かばん"]
category.ja = "バッグ"
category.en = "bag"
"""


@pytest.fixture
def shop(home: DraftHome) -> DraftHome:
    home.write("brands/shop/brand.toml", BRAND)
    return home


def complaint(shop: DraftHome) -> str:
    with pytest.raises(ConfigError) as caught:
        load_books(shop.path)
    return str(caught.value).replace(f"{shop.path}/brands/", "")


@pytest.mark.parametrize(
    ("on", "valid", "outdated"),
    [
        (date(2026, 12, 9), False, False),
        (date(2026, 12, 10), True, False),
        (date(2026, 12, 20), True, False),
        (date(2026, 12, 21), False, True),
    ],
)
def test_an_entry_holds_from_its_first_to_its_last_day(
    shop: DraftHome, on: date, *, valid: bool, outdated: bool
) -> None:
    dates = "valid_from = 2026-12-10\nvalid_until = 2026-12-20"
    shop.write("brands/shop/faq/when.md", ENTRY.format(more=dates, said="question"))
    (entry,) = load_books(shop.path)["shop"].faq

    assert (entry.is_valid(on), entry.is_outdated(on)) == (valid, outdated)


@pytest.mark.parametrize(("on", "needed"), [(date(2026, 11, 20), False), (date(2026, 11, 21), True)])
def test_after_a_year_somebody_should_look_again(shop: DraftHome, on: date, *, needed: bool) -> None:
    shop.write("brands/shop/faq/when.md", ENTRY.format(more="checked_on = 2025-11-20", said="question"))
    (entry,) = load_books(shop.path)["shop"].faq

    assert entry.needs_check(on) is needed


def test_a_fixed_issue_is_not_open_and_says_what_people_hear(shop: DraftHome) -> None:
    more = 'since = 2026-11-01\nstate = "fixed"\nfixed.ja = "直りました"\nfixed.en = "It is mended"'
    shop.write("brands/shop/issues/app.md", ENTRY.format(more=more, said="title"))
    (issue,) = load_books(shop.path)["shop"].known_issues

    assert not issue.is_open(date(2026, 11, 2))
    assert issue.fixed is not None
    assert issue.fixed.say(Language.EN) == "It is mended"


def test_products_are_read_and_a_brand_may_have_none(shop: DraftHome) -> None:
    assert load_books(shop.path)["shop"].products == ()
    shop.write("brands/shop/products.toml", PRODUCTS)
    (product,) = load_books(shop.path)["shop"].products

    assert (product.name.ja, product.aliases, product.category and product.category.en) == (
        "トート",
        ("かばん",),
        "bag",
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "faq/when.md",
            ENTRY.format(more="valid_from = 2026-12-10\nvalid_until = 2026-12-09", said="question"),
            "shop/faq/when.md:1: 'valid_until' lies before 'valid_from'.",
        ),
        (
            "faq/when.md",
            ENTRY.format(more='checked_on = "soon"', said="question"),
            "shop/faq/when.md:3 (checked_on): must be a date such as 2026-11-20.",
        ),
        (
            "policies/when.md",
            ENTRY.format(more="limit_per_person_days = 30", said="title"),
            "shop/policies/when.md:1: 'limit_per_person_days' and 'max_value' need offer = true.",
        ),
        (
            "policies/when.md",
            ENTRY.format(more="offer = true\nlimit_per_person_days = -1", said="title"),
            "shop/policies/when.md:4 (limit_per_person_days): must be at least 0.",
        ),
        (
            "issues/when.md",
            ENTRY.format(more='since = 2026-11-01\nstate = "gone"', said="title"),
            "shop/issues/when.md:4 (state): must be one of 'open' or 'fixed'.",
        ),
        ("products.toml", PRODUCTS + PRODUCTS, "shop/products.toml:1: the id 'tote' is given to two products."),
        (
            "products.toml",
            PRODUCTS.replace("name.en", "name.xx"),
            "shop/products.toml:3 (product.0.name.en): 'en' is missing.",
        ),
        ("products.toml", "[[product]", "shop/products.toml:1: not valid TOML"),
    ],
)
def test_a_mistake_names_its_file_and_line(shop: DraftHome, name: str, text: str, said: str) -> None:
    shop.write(f"brands/shop/{name}", text)

    assert complaint(shop).startswith(said)


def test_an_unread_import_may_lack_a_language(shop: DraftHome) -> None:
    one = (
        ENTRY.format(more="review = true", said="question")
        .replace('question.en = "When"\n', "")
        .replace("# en\n\nSoon\n", "")
    )
    shop.write("brands/shop/faq/when.md", one)
    (entry,) = load_books(shop.path)["shop"].faq

    assert entry.question.en == "いつ"
    shop.write("brands/shop/faq/when.md", one.replace("review = true", ""))
    assert "'en' is missing" in complaint(shop)
