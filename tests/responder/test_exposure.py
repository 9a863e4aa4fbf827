"""Who shows their own number or address in public is asked to take it down; the approver is told."""

from dataclasses import replace

import pytest

from domain.words import Language, Risk, Visibility
from responder.checks import blocks, check_text
from responder.exposure import ASKS, exposes_own, load_requests
from responder.notes import say_note
from tests.responder.composing import COMPLAINT, composer, demo_book, make_case, measure

NOTED = "question.exposed_own"
LATE = {
    Language.JA: ("注文番号 12345678 のコートがまだ届きません。", "コートがまだ届きません。"),
    Language.EN: ("My coat is late, order number 10234567.", "My coat is late."),
}


@pytest.mark.parametrize("language", LATE)
def test_a_public_reply_asks_to_take_the_number_down_and_a_private_one_does_not(language: Language) -> None:
    options, _ = composer().draft(make_case(LATE[language][0], language=language))
    asking = {option.visibility: ASKS.search(option.text) is not None for option in options}
    assert asking == {Visibility.PUBLIC: True, Visibility.DM: False}
    assert all("12345678" not in option.text and "10234567" not in option.text for option in options)
    assert all(NOTED in option.open_questions for option in options)
    assert say_note(NOTED, language.value) != NOTED


@pytest.mark.parametrize("language", LATE)
def test_nobody_is_asked_who_shows_nothing(language: Language) -> None:
    options, _ = composer().draft(make_case(LATE[language][1], language=language))
    assert not any(ASKS.search(option.text) for option in options)
    assert not any(NOTED in option.open_questions for option in options)


def test_a_private_message_may_carry_a_number() -> None:
    assert not exposes_own(make_case(LATE[Language.JA][0], visibilities=(Visibility.DM,)))


@pytest.mark.parametrize("text", ["0800 123 4567 rings out.", "I wrote to help@shop.example, no answer."])
def test_a_shops_own_number_is_not_theirs_unless_the_label_says_so(text: str) -> None:
    own = replace(COMPLAINT, risks=frozenset({Risk.PERSONAL_DATA}))
    assert not exposes_own(make_case(text, language=Language.EN))
    assert exposes_own(make_case(text, own, language=Language.EN))


def test_the_request_can_be_said_in_several_ways_in_both_languages() -> None:
    for wordings in load_requests().values():
        assert len({wording.text for wording in wordings}) >= 4
        assert all(ASKS.search(wording.text) for wording in wordings)


def test_no_request_is_stopped_by_our_own_checks() -> None:
    for language, wordings in load_requests().items():
        for said in (wording.text for wording in wordings):
            found = check_text(
                said,
                visibility=Visibility.PUBLIC,
                language=Language(language),
                measure=measure(said, Visibility.PUBLIC),
                voice=demo_book().voice,
            )
            assert blocks(found) == (), said
