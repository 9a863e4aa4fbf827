"""What a question finds in a brand's book: by words, by meaning, by both; and what it must never find."""

import time
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.brand_book import Bilingual, BrandBook, FaqEntry, Policy
from domain.errors import KikiteError
from domain.words import Language, Topic, Visibility
from responder.knowledge import THRESHOLD, Retriever, Shelf
from responder.knowledge.terms import find_terms
from tests.responder.composing import demo_book
from tests.responder.knowledge.question_sets import full_book, held_out

TODAY = date(2026, 11, 20)
LANGUAGES = (Language.JA, Language.EN)
DEMO = Shelf()


class Meaning:
    """A double that knows only which of its subjects a text is about."""

    def __init__(self, *subjects: str) -> None:
        self.space = "double"
        self.subjects = subjects
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        rows = np.array([[0.1, *(float(subject in text) for subject in self.subjects)] for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class Broken:
    """An embedder whose files are gone."""

    space = "broken"

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise KikiteError(f"{len(texts)} texts and no model")


def entry(name: str, ja: str, en: str, **more: object) -> FaqEntry:
    said = Bilingual(ja=ja, en=en)
    return FaqEntry.model_validate({"id": name, "topic": Topic.OTHER, "question": said, "answer": said} | more)


def book_of(*entries: FaqEntry | Policy) -> BrandBook:
    return BrandBook(
        voice=demo_book().voice,
        faq=tuple(one for one in entries if isinstance(one, FaqEntry)),
        policies=tuple(one for one in entries if isinstance(one, Policy)),
    )


def found(book: BrandBook, text: str, language: Language = Language.JA) -> list[str]:
    return [hit.entry.id for hit in Retriever(book, language).search(text)]


@pytest.mark.parametrize(("language", "least_found"), [(Language.JA, 0.9), (Language.EN, 0.85)], ids=["ja", "en"])
def test_words_alone_find_most_and_cite_hardly_ever_where_the_book_has_no_answer(
    language: Language, least_found: float
) -> None:
    """Of questions that nobody tuned for, by strangers to the entries' own words; measured when written: 97, 95 and 4, 4 %."""
    retriever, asked = Retriever(full_book(), language), held_out(language)
    answerable = [(one.right, retriever.search(one.text)) for one in asked if one.right]
    unanswerable = [retriever.search(one.text) for one in asked if not one.right]

    found_3 = [any(hit.entry.id in right for hit in hits[:3]) for right, hits in answerable]
    claimed = [bool(hits) and hits[0].score >= THRESHOLD for hits in unanswerable]

    assert len(asked) >= 110
    assert len(unanswerable) >= 25
    assert sum(found_3) / len(found_3) >= least_found
    assert sum(claimed) / len(claimed) <= 0.08


@pytest.mark.parametrize(
    ("word", "wanted"), [("解約", "subscription-cancel"), ("退会", "account-delete"), ("返金", "refund-time")]
)
def test_a_word_of_two_kanji_finds_its_entry(word: str, wanted: str) -> None:
    hits = Retriever(full_book(), Language.JA).search(f"{word}したい")

    assert wanted in [hit.entry.id for hit in hits[:3]]
    assert word in hits[0].words


def test_what_shares_no_word_is_found_by_meaning() -> None:
    book = book_of(
        entry("dogs", "犬を連れて入れますか。", "Are dogs welcome?"), entry("hours", "何時までですか。", "How late?")
    )

    by_words = Retriever(book, Language.EN).search("can my poodle, one of those dogs of mine, visit")
    by_both = Retriever(book, Language.EN, embedder=Meaning("dog")).search("my dogx?")

    assert by_words[0].nearness is None
    assert by_both[0].entry.id == "dogs"
    assert by_both[0].nearness is not None
    assert by_both[0].nearness > by_both[1].nearness  # type: ignore[operator]


def test_a_question_is_embedded_once_and_the_book_once() -> None:
    meaning = Meaning("dog")
    retriever = Retriever(book_of(entry("dogs", "犬", "dogs")), Language.EN, embedder=meaning)

    for _ in range(3):
        retriever.search("any dogs?")

    assert meaning.asked.count("any dogs?") == 1
    assert meaning.asked.count("犬") == 1


def test_without_its_model_a_search_goes_by_words() -> None:
    hits = Retriever(demo_book(), Language.EN, embedder=Broken()).search("how do I return a jumper?")

    assert hits[0].entry.id == "returns"
    assert hits[0].nearness is None


def test_scores_are_shares_and_come_best_first() -> None:
    hits = Retriever(demo_book(), Language.JA).search("クリスマスプレゼントに間に合いますか")

    assert hits[0].entry.id == "christmas-cut-off"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_the_topic_settles_a_close_call() -> None:
    said = "変更はできますか。"
    book = book_of(
        entry("plan", said, "Can I change it?", topic=Topic.PRICE),
        entry("parcel", said, "Can I change it?", topic=Topic.DELIVERY),
    )

    assert Retriever(book, Language.JA).search("変更できる?", topic=Topic.DELIVERY)[0].entry.id == "parcel"


def test_offers_and_unread_imports_are_never_found_and_private_policies_only_in_private() -> None:
    def policy(name: str, **more: object) -> Policy:
        said = Bilingual(ja="特別なご案内", en="Special care")
        return Policy.model_validate({"id": name, "topic": Topic.OTHER, "title": said, "statement": said} | more)

    book = book_of(
        policy("gift", offer=True),
        policy("quiet", visibilities=(Visibility.DM,)),
        policy("open"),
        entry("unread", "特別なご案内", "Special care", review=True),
    )
    retriever = Retriever(book, Language.EN)

    assert {hit.entry.id for hit in retriever.search("special care")} == {"open"}
    assert {hit.entry.id for hit in retriever.search("special care", visibility=Visibility.DM)} == {"open", "quiet"}


@pytest.mark.parametrize(
    ("day", "found_then"), [(19, False), (20, True), (24, True), (25, False)], ids=["before", "first", "last", "after"]
)
def test_an_entry_is_cited_only_while_it_holds(day: int, *, found_then: bool) -> None:
    held = entry("sale", "冬のセール", "Winter sale", valid_from=date(2026, 12, 20), valid_until=date(2026, 12, 24))

    hits = Retriever(book_of(held), Language.EN).search("winter sale", on=date(2026, 12, day))

    assert bool(hits) is found_then


def test_a_policy_is_looked_up_by_at_least_half_of_its_title() -> None:
    retriever = Retriever(demo_book(), Language.EN)

    wrong = retriever.find_policy("the wrong item arrives", visibility=Visibility.DM, on=TODAY)
    assert wrong is not None
    assert wrong.id == "wrong-item"
    assert retriever.find_policy("the weather", visibility=Visibility.DM, on=TODAY) is None


def test_texts_are_compared_by_pairs_of_signs_or_stems() -> None:
    assert find_terms("返品したい", Language.JA) == ["返品", "品し", "=return"]
    assert find_terms("Lサイズ", Language.JA) == ["l", "サイ", "イズ", "=size"]
    assert find_terms("ＲＥＴＵＲＮＳ returned", Language.EN) == ["return", "return", "=return"]
    assert find_terms("", Language.EN) == []


def test_an_empty_book_answers_nothing() -> None:
    assert found(book_of(), "返品") == []
    assert Retriever(book_of(), Language.JA, embedder=Meaning("返品")).search("返品") == []


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_may_be_asked(text: str) -> None:
    for language in LANGUAGES:
        for hit in DEMO.retriever(demo_book(), language).search(text):
            assert 0 <= hit.score <= 1


def test_a_book_of_five_hundred_is_searched_in_no_time() -> None:
    many = [one.model_copy(update={"id": f"{one.id}-{copy}"[-40:]}) for copy in range(8) for one in full_book().faq]
    retriever = Retriever(book_of(*many[:500]), Language.JA)
    asked = [one.text for one in held_out(Language.JA)][:50]

    taken = []
    for text in asked:
        begun = time.perf_counter()
        retriever.search(text)
        taken.append(time.perf_counter() - begun)

    assert sorted(taken)[len(taken) // 10] < 0.01, (
        "2 ms when measured alone; the quick ones, for the machine may be busy"
    )


def test_an_index_is_kept_while_the_book_does_not_change() -> None:
    shelf, book = Shelf(), demo_book()
    first = shelf.retriever(book, Language.JA)

    assert shelf.retriever(book, Language.JA) is first
    assert shelf.retriever(book.model_copy(), Language.JA) is first
    assert shelf.retriever(book, Language.EN) is not first
    assert shelf.retriever(book.model_copy(update={"faq": ()}), Language.JA) is not first
