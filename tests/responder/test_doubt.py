"""Praise or complaint? Where the label leaves it open, the reply fits both."""

from collections import Counter
from dataclasses import replace

import pytest

from domain.words import DraftKind, Intent, Language, Risk, Sentiment, Topic, Urgency, Visibility
from responder.doubt import is_doubtful
from tests.responder.composing import COMPLAINT, PRAISE, draft, findings, playbooks

UNSURE = {"intent": 0.55, "sentiment": 0.6}
SURE = {"intent": 0.97, "sentiment": 0.97}
MIXED = {Language.JA: "届いた。なんというか、さすがです", Language.EN: "well. that arrived. classic."}
SORRY_OR_GLAD = (
    "申し訳",
    "お詫び",
    "嬉し",
    "うれし",
    "光栄",
    "何より",
    "sorry",
    "apolog",
    "glad",
    "delighted",
    "happy",
    "lovely",
)
MARK = "question.confirm_label"
VAGUE = replace(COMPLAINT, topic=Topic.OTHER, needs_dm=False)


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
@pytest.mark.parametrize("label", [VAGUE, PRAISE])
@pytest.mark.parametrize("seed", range(8))
def test_a_doubtful_label_gives_neither_an_apology_nor_joy(label: object, language: Language, seed: int) -> None:
    unsure = replace(VAGUE if label is VAGUE else PRAISE, scores=UNSURE)
    for option in draft(MIXED[language], unsure, language=language, seed=seed):
        assert not [word for word in SORRY_OR_GLAD if word in option.text.casefold()], option.text
        assert MARK in option.open_questions
        assert not findings(option)


def test_a_sure_label_is_answered_as_it_says() -> None:
    for language, text in MIXED.items():
        for label in (VAGUE, PRAISE):
            for option in draft(text, replace(label, scores=SURE), language=language):
                assert MARK not in option.open_questions


def test_what_a_person_labelled_is_never_doubted() -> None:
    assert not is_doubtful(replace(VAGUE, scores={}), "")
    assert not is_doubtful(replace(PRAISE, scores={}, sentiment=Sentiment.NEGATIVE), "")


def test_a_sentiment_against_the_intent_is_doubted() -> None:
    assert is_doubtful(replace(VAGUE, sentiment=Sentiment.POSITIVE, scores=SURE), "")
    assert is_doubtful(replace(PRAISE, sentiment=Sentiment.NEGATIVE, scores=SURE), "")


def test_nothing_grave_or_pressing_is_doubted() -> None:
    for grave in (
        replace(VAGUE, risks=frozenset({Risk.SAFETY})),
        replace(VAGUE, urgency=Urgency.CRITICAL),
        replace(VAGUE, urgency=Urgency.HIGH),
        replace(VAGUE, intent=Intent.QUESTION),
    ):
        assert not is_doubtful(replace(grave, scores=UNSURE), "")


def test_a_named_trouble_is_doubted_less_easily_than_none() -> None:
    scores = {"intent": 0.8, "sentiment": 0.8}
    assert is_doubtful(replace(VAGUE, scores=scores), "")
    assert not is_doubtful(replace(VAGUE, scores=scores), "late")


def test_a_doubtful_post_gets_no_message_of_ours_that_nobody_asked_for() -> None:
    options = draft(MIXED[Language.EN], replace(VAGUE, scores=UNSURE, needs_dm=True), language=Language.EN)
    assert [(option.kind, option.visibility) for option in options] == [
        (DraftKind.FULL, Visibility.PUBLIC),
        (DraftKind.SHORT, Visibility.PUBLIC),
    ]


def test_each_move_of_a_neutral_playbook_can_be_said_in_five_ways() -> None:
    neutral = [book for book in playbooks() if book.scenario == "doubtful"]
    assert Counter(book.language for book in neutral) == {"ja": 2, "en": 2}
    few = [f"{book.id}/{move.move}" for book in neutral for move in book.moves if len(move.wordings) < 5]
    assert {one.rsplit("/", 1)[1] for one in few} == {"sign"}
