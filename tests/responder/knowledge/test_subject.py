"""What an entry cannot be about: things that the brand never names, and what an entry says it is not about. And the text before the search."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from config.brand_book import Bilingual, BrandBook, FaqEntry, Product
from domain.words import Language, Topic
from responder.knowledge import THRESHOLD, Retriever
from responder.knowledge.calibration import STRANGE_SHARE
from responder.knowledge.question import Spelling, asking_part, questions_apart, without_goods
from tests.responder.composing import demo_book

JA, EN = Language.JA, Language.EN


class Same:
    """To whom all texts mean the same."""

    space = "same"

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.ones((len(texts), 1), dtype=np.float32)


def book(*products: Product, **more: object) -> BrandBook:
    said = {"question": Bilingual(ja="洗濯できますか。", en="Can I wash it at home?")}
    answer = {"answer": Bilingual(ja="手洗いしてください。", en="Wash it by hand.")}
    wash = FaqEntry.model_validate({"id": "wash", "topic": Topic.PRODUCT} | said | answer | more)
    return BrandBook(voice=demo_book().voice, faq=(wash, *demo_book().faq[:5]), products=products)


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("ベビーカーは家で洗濯できますか", JA, "ベビーカー"),
        ("犬のブランケットも洗濯できますか", JA, "犬"),
        ("can I wash my umbrella at home", EN, "umbrella"),
        ("can I wash my curtains at home?", EN, "curtains"),
    ],
)
def test_a_thing_that_nothing_in_the_book_names_is_not_answered_by_what_else_they_share(
    text: str, language: Language, word: str
) -> None:
    hit = Retriever(book(), language).search(text)[0]

    assert hit.entry.id == "wash"
    assert hit.against == (word,)
    assert hit.score < THRESHOLD


def test_it_is_answered_where_the_brand_sells_it() -> None:
    umbrella = Product(id="umbrella", name=Bilingual(ja="傘", en="Umbrella"))
    question = "can I wash my umbrella at home"

    with_it, without = (Retriever(one, EN).search(question)[0] for one in (book(umbrella), book()))

    assert with_it.against == ()
    assert with_it.score > without.score


@pytest.mark.parametrize(
    ("text", "language", "entry"),
    [
        ("I just can't decide what I'd rather do.", EN, "app-login"),
        ("I can't make up my mind, help?", EN, "app-login"),
        ("これはどうすればいいのでしょうか。", JA, "app-login"),
    ],
)
def test_what_shares_no_subject_with_an_entry_is_not_answered_by_it_however_near(
    text: str, language: Language, entry: str
) -> None:
    scores = {hit.entry.id: hit.score for hit in Retriever(demo_book(), language, embedder=Same()).search(text)}

    assert scores[entry] <= STRANGE_SHARE


def test_what_shares_its_subject_is_answered_in_other_words() -> None:
    hit = Retriever(demo_book(), EN).search("I put the wrong flat number in. Can you change it before it ships?")[0]

    assert (hit.entry.id, hit.score >= THRESHOLD) == ("change-address", True)


def test_a_size_and_a_cut_are_no_question_of_sizes_or_of_wrapping() -> None:
    assert without_goods("is the wrap dress back in a size 6?") == "is the dress back  ?"
    assert without_goods("do you wrap dresses as gifts?") == "do you wrap dresses as gifts?"


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("Does it come up big? I'm between two sizes and can't decide.", ["Does it come up big?"]),
        ("Do you gift-wrap and can I add a card?", ["Do you gift-wrap", "can I add a card?"]),
    ],
)
def test_whoever_cannot_decide_asks_nothing_with_that(text: str, apart: list[str]) -> None:
    assert questions_apart(text, EN) == apart


def test_a_strange_thing_in_the_story_does_not_count() -> None:
    text = "昨日は犬と遊んで泥だらけになりました。このニットは家で洗濯できますか?"

    assert Retriever(book(), JA).search(text)[0].against == ()


@pytest.mark.parametrize(
    ("text", "language", "against"),
    [
        ("can I wash the leather one at home?", EN, ("leather",)),
        ("can I wash it at home?", EN, ()),
        ("革のも洗濯できますか", JA, ("革",)),
    ],
)
def test_an_entry_says_what_it_is_not_about(text: str, language: Language, against: tuple[str, ...]) -> None:
    hit = Retriever(book(not_about_ja=("革",), not_about_en=("leather",)), language).search(text)[0]

    assert hit.entry.id == "wash"
    assert hit.against == against
    assert (hit.score < THRESHOLD) is bool(against)


def test_what_asks_is_told_from_the_story_around_it() -> None:
    assert asking_part("hello! my dog ate it. can I return it?", EN).strip() == "can I return it?"
    assert asking_part("犬が大好きです。返品できますか。よろしく。", JA) == "返品できますか。"
    assert asking_part("no question here", EN) == "no question here"
    assert asking_part("", JA) == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cancle my order", "cancel my order"),
        ("where is my trakcing number", "where is my tracking number"),
        ("delivrey", "delivery"),
        ("orders", "orders"),
        ("wsah", "wsah"),
        ("", ""),
    ],
    ids=["swapped", "swapped inside", "swapped late", "a form of a word", "too short to be sure", "nothing"],
)
def test_a_slip_of_the_fingers_is_put_right(typed: str, meant: str) -> None:
    assert Spelling(["cancel my order", "tracking", "delivery"]).mend(typed) == meant


def test_a_mistyped_question_finds_its_entry() -> None:
    hit = Retriever(demo_book(), EN).search("can i cancle it?")[0]

    assert hit.entry.id == "cancel-order"
    assert hit.score >= THRESHOLD
