"""The demo shop says what a good desk may say, natively in both languages."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.brand_book import Bilingual, BrandBook
from config.home_writer import write_home
from config.prose import load_books
from domain.words import Topic, Visibility

PUBLIC_LIMIT = 300
"""Graphemes of the strictest channel; an answer leaves room for thanks and the sign-off."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> BrandBook:
    home: Path = tmp_path_factory.mktemp("demo")
    write_home(home, demo=True)
    return load_books(home)["default"]


def sayings(book: BrandBook) -> Iterator[tuple[str, Bilingual]]:
    for entry in book.faq:
        yield entry.id, entry.answer
    for policy in book.policies:
        yield policy.id, policy.statement
    for issue in book.known_issues:
        yield issue.id, issue.statement
        if issue.fixed:
            yield issue.id, issue.fixed
    yield "contact_dm", book.voice.contact_dm


def test_the_shop_answers_what_is_asked_most(book: BrandBook) -> None:
    assert {
        "delivery-time",
        "delivery-delay",
        "exchange",
        "refund-time",
        "size-guide",
        "cancel-order",
        "change-address",
        "receipt",
        "coupon",
        "app-login",
        "store-hours",
        "gift-wrap",
        "christmas-cut-off",
    } <= {entry.id for entry in book.faq}
    assert all(entry.keywords_ja and entry.keywords_en for entry in book.faq)


def test_policies_cover_the_cut_off_returns_and_our_own_mistakes(book: BrandBook) -> None:
    policies = {policy.id: policy for policy in book.policies}
    assert {"delivery-cut-off", "returns-30-days", "wrong-item"} <= set(policies)
    assert "30日" in policies["returns-30-days"].statement.ja
    assert "すべて当店が負担" in policies["wrong-item"].statement.ja
    assert "bear every cost" in policies["wrong-item"].statement.en


def test_the_coupon_is_an_offer_and_only_for_dm(book: BrandBook) -> None:
    (offer,) = [policy for policy in book.policies if policy.offer]
    assert offer.visibilities == (Visibility.DM,)


def test_the_known_issue_has_a_statement_for_both_languages(book: BrandBook) -> None:
    issue, mended = book.known_issues
    assert issue.topic is Topic.APP
    assert "3.2" in issue.statement.ja
    assert "3.2" in issue.statement.en
    assert issue.is_open(date(2026, 11, 20))
    assert not mended.is_open(date(2026, 11, 20))
    assert mended.fixed is not None


def test_the_offer_is_limited_and_what_holds_for_a_time_says_so(book: BrandBook) -> None:
    policies = {policy.id: policy for policy in book.policies}
    assert policies["goodwill-coupon"].limit_per_person_days == 180
    assert policies["goodwill-coupon"].max_value
    assert policies["new-year-dispatch"].is_valid(date(2026, 12, 28))
    assert not policies["new-year-dispatch"].is_valid(date(2027, 1, 6))


def test_products_have_names_and_nicknames(book: BrandBook) -> None:
    assert len(book.products) >= 5
    assert all(product.aliases and product.category for product in book.products)


def test_the_brand_can_be_told_from_the_tree(book: BrandBook) -> None:
    assert "ミズナラ" in book.voice.words
    assert "mizunara" in book.voice.words
    assert {"ウイスキー", "whisky"} <= set(book.voice.anti_words)


def test_every_answer_leaves_room_for_a_greeting(book: BrandBook) -> None:
    too_long = {
        f"{name}.{language}": len(said)
        for name, pair in sayings(book)
        for language, said in (("ja", pair.ja), ("en", pair.en))
        if len(said) > PUBLIC_LIMIT * (0.5 if language == "ja" else 0.75)
    }
    assert too_long == {}


def test_japanese_is_clean_and_polite(book: BrandBook) -> None:
    twice_polite = re.compile(
        "おっしゃられ|ご覧になられ|拝見させていただ|させていただ.*させていただ|お伺いいたしますでしょう"
    )
    for name, pair in sayings(book):
        said = pair.ja
        assert "！" not in said, name
        assert not re.search(r"[｡-ﾟ０-９Ａ-Ｚａ-ｚ]|[,.](?!\d)", said), f"{name}: {said}"
        assert not twice_polite.search(said), name
        assert not re.search(r"了解しました|ご苦労様|なるほどですね|遺憾|誤解を招いた", said), name
        sentences = [sentence for sentence in re.split("。", said) if sentence.strip()]
        assert all(re.search("(ます|ません|です|ください|でしょうか|幸いです)$", sentence) for sentence in sentences), (
            name
        )


def test_english_is_plain_and_kind(book: BrandBook) -> None:
    harsh = re.compile(r"unfortunately|our policy|calm down|sorry you feel|you failed|must not|\bbut\b", re.IGNORECASE)
    for name, pair in sayings(book):
        assert not harsh.search(pair.en), name
        words = re.findall(r"[A-Za-z']+", pair.en)
        sentences = [sentence for sentence in re.split(r"[.?!:] ?", pair.en) if sentence.strip()]
        assert len(words) / len(sentences) <= 18, name


def test_no_answer_uses_a_word_that_the_brand_forbids(book: BrandBook) -> None:
    for name, pair in sayings(book):
        for word in book.voice.forbidden_words:
            folded = unicodedata.normalize("NFKC", f"{pair.ja} {pair.en}").casefold()
            assert word.casefold() not in folded, f"{name}: {word}"
