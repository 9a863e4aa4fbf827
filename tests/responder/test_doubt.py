"""Praise or complaint? Where the label leaves it open, the reply fits both."""

from collections import Counter
from dataclasses import replace

import pytest

from domain.words import DraftKind, Intent, Language, Risk, Sentiment, Topic, Urgency, Visibility
from responder.doubt import is_doubtful, is_plain_praise
from tests.responder.composing import COMPLAINT, PRAISE, composer, demo_book, draft, findings, make_case, playbooks

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
GLAD = replace(VAGUE, sentiment=Sentiment.POSITIVE)
"""A complaint, says the model, and glad."""


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
@pytest.mark.parametrize("label", [GLAD, PRAISE])
@pytest.mark.parametrize("seed", range(8))
def test_a_doubtful_label_gives_neither_an_apology_nor_joy(label: object, language: Language, seed: int) -> None:
    unsure = replace(GLAD if label is GLAD else PRAISE, scores=UNSURE)
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
    assert not is_doubtful(replace(VAGUE, scores={}), "", "")
    assert not is_doubtful(replace(PRAISE, scores={}, sentiment=Sentiment.NEGATIVE), "", "")


def test_a_sentiment_against_the_intent_is_doubted() -> None:
    assert is_doubtful(replace(VAGUE, sentiment=Sentiment.POSITIVE, scores=SURE), "", "")
    assert is_doubtful(replace(PRAISE, sentiment=Sentiment.NEGATIVE, scores=SURE), "", "")


def test_nothing_grave_or_pressing_is_doubted() -> None:
    for grave in (
        replace(VAGUE, risks=frozenset({Risk.SAFETY})),
        replace(VAGUE, urgency=Urgency.CRITICAL),
        replace(VAGUE, urgency=Urgency.HIGH),
        replace(VAGUE, intent=Intent.QUESTION),
    ):
        assert not is_doubtful(replace(grave, scores=UNSURE), "", "")


def test_a_complaint_is_not_doubted_for_its_score() -> None:
    assert not is_doubtful(replace(VAGUE, scores=UNSURE), "", MIXED[Language.EN])


@pytest.mark.parametrize(
    "text",
    [
        "Love how the 'waterproof' coat lets the rain in",
        "He talked to his mate and never looked up. I have shopped with you for twenty years",
        "さすがですね、箱だけは立派",
    ],
)
def test_praise_that_mocks_is_doubted_however_sure_the_model_is(text: str) -> None:
    assert is_doubtful(replace(PRAISE, scores=SURE), "", text)
    assert not is_doubtful(replace(PRAISE, scores=SURE), "", "So soft, I love it")


def test_a_doubtful_post_gets_no_message_of_ours_that_nobody_asked_for() -> None:
    options = draft(MIXED[Language.EN], replace(GLAD, scores=UNSURE, needs_dm=True), language=Language.EN)
    assert [(option.kind, option.visibility) for option in options] == [
        (DraftKind.FULL, Visibility.PUBLIC),
        (DraftKind.SHORT, Visibility.PUBLIC),
    ]


def test_each_move_of_a_neutral_playbook_can_be_said_in_five_ways() -> None:
    neutral = [book for book in playbooks() if book.scenario == "doubtful"]
    assert Counter(book.language for book in neutral) == {"ja": 2, "en": 2}
    few = [f"{book.id}/{move.move}" for book in neutral for move in book.moves if len(move.wordings) < 5]
    assert {one.rsplit("/", 1)[1] for one in few} == {"sign"}


UNASKED = replace(PRAISE, needs_reply=False)
FAIRLY = {"intent": 0.7, "sentiment": 0.75}
SURELY = {"intent": 0.93, "sentiment": 0.95}


@pytest.mark.parametrize(
    ("text", "scores", "plain"),
    [
        ("The new beanies are so soft", FAIRLY, True),
        ("ngl the jacket goes SO hard. 10/10 no notes", FAIRLY, True),
        ("ここのカーディガン、毎週着てるのに毛玉ができない。すごいわ", SURELY, True),
        ("福袋なんまら良かった！", FAIRLY, True),
        ("It came on Tuesday", FAIRLY, False),
        ("It came on Tuesday", SURELY, True),
        ("So soft, but the seam broke", FAIRLY, False),
        ("Love how the 'waterproof' coat lets the rain in", SURELY, False),
        ("What a lovely parcel 🙃", SURELY, False),
        ("さすがですね、箱だけは立派", SURELY, False),
        ("最高の修行になりました", SURELY, False),
    ],
)
def test_praise_is_plain_where_it_is_warm_and_nothing_in_it_mocks(
    text: str, scores: dict[str, float], *, plain: bool
) -> None:
    assert is_plain_praise(replace(UNASKED, scores=scores), text) is plain


def test_what_is_no_praise_or_touches_safety_is_no_plain_praise() -> None:
    for said in (
        replace(UNASKED, intent=Intent.OTHER),
        replace(UNASKED, sentiment=Sentiment.NEGATIVE),
        replace(UNASKED, risks=frozenset({Risk.SAFETY})),
        replace(UNASKED, urgency=Urgency.CRITICAL),
    ):
        assert not is_plain_praise(said, "So soft, I love it")


@pytest.mark.parametrize(("text", "language"), [("So soft, I love it", Language.EN), ("着心地が最高です", Language.JA)])
def test_plain_praise_that_asks_for_no_answer_is_thanked_unless_the_brand_says_otherwise(
    text: str, language: Language
) -> None:
    said = replace(UNASKED, scores=SURELY)
    assert draft(text, said, language=language)
    book = demo_book()
    silent = book.model_copy(update={"voice": book.voice.model_copy(update={"thank_for_praise": False})})
    assert composer(silent).draft(make_case(text, said, language=language)) == ([], "no_reply_needed")


@pytest.mark.parametrize("rule", ["concrete_trouble", "wrong_item"])
def test_a_complaint_that_the_words_know_is_not_doubted(rule: str) -> None:
    unsure = replace(GLAD, scores=UNSURE)
    assert is_doubtful(unsure, "", "")
    assert not is_doubtful(replace(unsure, reasons=(f"rule: {rule}",)), "", "")
    assert is_doubtful(replace(PRAISE, scores=UNSURE, reasons=(f"rule: {rule}",)), "", "")


def test_praise_in_set_words_is_not_doubted() -> None:
    unsure = replace(PRAISE, scores=UNSURE)
    assert is_doubtful(unsure, "", "")
    assert not is_doubtful(replace(unsure, reasons=("rule: stock_praise",)), "", "")


def test_a_fact_of_trouble_is_answered_though_no_answer_seems_to_be_asked_for() -> None:
    said = replace(COMPLAINT, needs_reply=False, constructive=False)
    told = replace(said, reasons=("rule: concrete_trouble",))
    assert draft("値段は上がるのに生地は薄くなる魔法", told)
    assert composer().draft(make_case("値段が高い", said)) == ([], "no_reply_needed")


def test_whoever_tells_what_was_wrong_or_has_an_idea_is_answered() -> None:
    assert draft("試着室が埃だらけで、髪の毛も落ちていました", replace(COMPLAINT, needs_reply=False))
    hinting = replace(PRAISE, needs_reply=False, suggestion=True, scores=FAIRLY)
    text = "Adore the bird mugs. A curlew next, please"
    options = draft(text, hinting, language=Language.EN)
    assert options
    assert any("idea" in option.text for option in options)
