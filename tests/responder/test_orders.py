"""What a post says of an order: a number that is not asked for again, and whose order it is."""

from dataclasses import replace

import pytest

from domain.words import DraftKind, Language, Topic, Visibility
from responder.orders import asks_number, gives_number, is_about_own
from tests.responder.composing import COMPLAINT, QUESTION, draft

NUMBERED = [
    (Language.JA, "注文番号は 12345678 です。まだ届きません", "12345678"),
    (Language.JA, "靴が届きません。注文番号:KB-20418", "KB-20418"),
    (Language.EN, "my coat never came, order no. 0098-441", "0098-441"),
    (Language.EN, "Order #RT5501 still isn't here", "RT5501"),
]


@pytest.mark.parametrize(("language", "text", "number"), NUMBERED)
@pytest.mark.parametrize("seed", range(6))
def test_a_number_that_was_given_is_neither_asked_for_nor_said(
    language: Language, text: str, number: str, seed: int
) -> None:
    assert gives_number(text)
    options = draft(text, replace(COMPLAINT, topic=Topic.DELIVERY), language=language, seed=seed)
    assert Visibility.DM in {option.visibility for option in options}
    for option in options:
        assert not asks_number(option.text), option.text
        assert number not in option.text


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_a_number_that_was_not_given_is_asked_for_in_private_only(language: Language) -> None:
    text = {Language.JA: "靴が届きません", Language.EN: "my coat never came"}[language]
    for seed in range(6):
        for option in draft(text, replace(COMPLAINT, topic=Topic.DELIVERY), language=language, seed=seed):
            if option.visibility is Visibility.DM:
                assert asks_number(option.text), option.text
            else:
                assert not asks_number(option.text), option.text


def test_prices_times_and_phone_lines_are_no_order_numbers() -> None:
    for text in (
        "3,980円でした",
        "19-21時指定",
        "8時に並んだ",
        "£34.99 for this",
        "24/7 support, 3 to 5 days",
        "COVID-19",
    ):
        assert not gives_number(text), text


def test_a_question_that_the_faq_answers_needs_no_message() -> None:
    asking = replace(QUESTION, topic=Topic.REFUND, needs_dm=True)
    for text, language in (
        ("返品の送料はどちらの負担ですか", Language.JA),
        ("How long do refunds take?", Language.EN),
    ):
        options = draft(text, asking, language=language)
        assert options[0].citations[0].kind in {"faq", "policy"}
        assert [option.kind for option in options] == [DraftKind.FULL, DraftKind.SHORT]
        assert not any("DM" in option.text or "message" in option.text for option in options)


def test_who_asks_about_their_own_order_is_offered_one() -> None:
    assert is_about_own("昨日注文した靴を返品したい", Language.JA)
    assert is_about_own("how do I return my shoes", Language.EN)
    assert not is_about_own("返品の送料はどちらの負担ですか", Language.JA)
    asking = replace(QUESTION, topic=Topic.REFUND, needs_dm=True)
    options = draft("昨日注文した靴の返品の送料はどちらの負担ですか", asking)
    assert DraftKind.DM_FIRST in {option.kind for option in options}
