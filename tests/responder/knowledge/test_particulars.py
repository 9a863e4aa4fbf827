"""What a question is particular about, whether an entry speaks of it, and what follows: cited, cited with something left open, or not."""

import re

import pytest

from config.brand_book import Bilingual, BrandBook, FaqEntry
from domain.words import Language, Topic
from responder.knowledge import THRESHOLD, Hit, Retriever, questions_apart
from responder.knowledge.particulars import find_particulars
from responder.knowledge.strangeness import RAREST, find_telling, weigh_missing
from responder.knowledge.terms import plain_text
from responder.wordlists import read_words
from tests.responder.composing import demo_book
from tests.responder.knowledge.question_sets import demo_for_tuning

JA, EN = Language.JA, Language.EN
FINDERS = {language: Retriever(demo_book(), language) for language in (JA, EN)}


def find(text: str, language: Language, entry: str) -> Hit:
    return next(hit for hit in FINDERS[language].search(text) if hit.entry.id == entry)


@pytest.mark.parametrize(
    ("text", "language", "entry", "uncovered"),
    [
        ("Can I return something from the sale?", EN, "returns", ("sale items",)),
        ("Can I return it in a shop?", EN, "returns", ("our shops",)),
        ("are you open on bank holidays?", EN, "store-hours", ("public holidays",)),
        ("Do you ship to Ireland and do I pay customs?", EN, "overseas", ("customs",)),
        ("セールで買ったワンピースも返品できますか", JA, "returns", ("セール品",)),
        ("ギフト包装はできますか。のしもつけていただけると助かります", JA, "gift-wrap", ("のし",)),
        ("お店の営業時間は祝日も同じですか", JA, "store-hours", ("祝日や連休",)),
        ("can i pay with clearpay online", EN, "payment-methods", ("the payment service you name",)),
        ("d払いは使えますか", JA, "payment-methods", ("お尋ねのお支払い方法",)),
        ("Can I return a jumper?", EN, "returns", ()),
        ("クーポンはセール品にも使えますか", JA, "coupon", ()),
        ("Are your shops open over New Year?", EN, "store-hours", ()),
    ],
)
def test_what_a_useful_entry_leaves_open_is_named_in_words_of_ours(
    text: str, language: Language, entry: str, uncovered: tuple[str, ...]
) -> None:
    hit = find(text, language, entry)

    assert hit.uncovered == uncovered
    assert hit.missed == ()


@pytest.mark.parametrize(
    ("text", "language", "entry", "missed"),
    [
        ("can i pay w apple pay in store", EN, "payment-methods", "wallet_in_shop"),
        ("how do I pay with two cards?", EN, "payment-methods", "two_cards"),
        ("do the tops come in sizes above XL?", EN, "size-guide", "size_range"),
        ("Can I wash the down gilet at home?", EN, "wool-care", "other_fibre"),
        ("ダウンは家で洗えますか", JA, "wool-care", "other_fibre"),
        ("お店でApple Payは使えますか", JA, "payment-methods", "wallet_in_shop"),
        ("do your jumpers come up big?", EN, "coat-fit", "not_coat"),
        ("ニットは大きめの作りですか", JA, "coat-fit", "not_coat"),
        ("サイズはXLより大きいものもありますか", JA, "size-guide", "size_range"),
    ],
)
def test_an_entry_that_does_not_speak_of_the_very_thing_asked_is_not_cited(
    text: str, language: Language, entry: str, missed: str
) -> None:
    hit = find(text, language, entry)

    assert missed in hit.missed
    assert hit.score < THRESHOLD


def test_the_entry_about_the_particular_goes_before_the_general_one() -> None:
    def entry(name: str, question: str) -> FaqEntry:
        said = Bilingual(ja=question, en=question)
        return FaqEntry(id=name, topic=Topic.REFUND, question=said, answer=said)

    returns, sale = entry("returns", "Can I return something?"), entry("sale", "Can I send back sale items?")
    others = demo_book().faq[:5]
    with_it, without = (
        Retriever(BrandBook(voice=demo_book().voice, faq=(returns, *more, *others)), EN).search(
            "Can I return a dress from the sale?"
        )[0]
        for more in ((sale,), ())
    )

    assert (with_it.entry.id, with_it.uncovered) == ("sale", ())
    assert (without.entry.id, without.uncovered) == ("returns", ("sale items",))


def test_what_stands_in_the_story_is_not_what_is_asked() -> None:
    text = plain_text("I had a lovely bank holiday in your Bath shop. Can I return a jumper?")

    assert {"holiday", "in_shop"}.isdisjoint(one.name for one in find_particulars(text, EN))


@pytest.mark.parametrize("language", [JA, EN])
def test_hardly_any_question_that_an_entry_answers_is_found_particular(language: Language) -> None:
    answered = [one for one in demo_for_tuning(language) if one.right]
    first = [(one, next(h for h in FINDERS[language].search(one.text) if h.entry.id in one.right)) for one in answered]

    assert [one.text for one, hit in first if hit.missed or hit.uncovered] == []


def test_words_that_an_entry_lacks_weigh_more_the_rarer_they_are_and_goods_nothing() -> None:
    (entry,) = (one for one in demo_book().faq if one.id == "store-hours")

    common, rare, goods = (
        weigh_missing(find_telling(plain_text(text), EN), entry, EN)
        for text in ("when do you open tomorrow?", "when do you open the xylophone?", "when do you open the red coat?")
    )

    assert rare - common == pytest.approx(RAREST)
    assert goods == common


def test_every_concept_that_the_list_of_particulars_names_is_one() -> None:
    rows = read_words("particulars")["particular"]
    named = {name for row in rows for key in ("open_with", "only_with") for name in row.get(key, ())}

    assert named <= read_words("retrieval")["concepts"].keys() | {"wrongitem", "faulty"}
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row.get("say") for row in rows if row["open_with"])
    assert all(not re.search(r"[!?！？{}]", said) for row in rows for said in row.get("say", {}).values())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Can you hem trousers? And what does it cost?", ["Can you hem trousers?"]),
        ("do you ship to ireland and if so how long does it take", ["do you ship to ireland"]),
        ("Do you hem trousers? How long does delivery take?", ["Do you hem trousers?", "How long does delivery take?"]),
    ],
)
def test_a_question_that_leans_on_the_one_before_is_not_asked_by_itself(text: str, asked: list[str]) -> None:
    assert questions_apart(text, Language.EN) == asked
