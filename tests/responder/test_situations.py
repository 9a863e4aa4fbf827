"""What the words of rules and the model's situations make of a case together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from domain.understanding import Prediction
from domain.words import Intent, Language, Risk, Sentiment
from responder.composer import Composer
from responder.knowledge.shelf import Shelf
from responder.situations import is_affirmed, is_contradicted, settle_intent, settle_scenario
from responder.wordlists import read_words
from tests.responder.composing import COMPLAINT, PRAISE, QUESTION, TODAY, demo_book, make_case, playbooks

JA, EN = Language.JA, Language.EN
TOLD = {"intent": 0.8}


@pytest.mark.parametrize(
    ("by_words", "likely", "scenario"),
    [
        ("late", {}, "late"),
        ("", {"complaint.wash": 0.7, "complaint.defect": 0.2}, "wash"),
        ("", {"complaint.wash": 0.35, "complaint.defect": 0.3}, "goods_trouble"),
        ("", {"complaint.late": 0.33, "complaint.courier": 0.3, "praise.delivery": 0.36}, "parcel"),
        ("", {"complaint.wash": 0.3, "complaint.late": 0.3}, ""),
        ("defect", {"complaint.wash": 0.3, "complaint.defect": 0.3}, "defect"),
        ("late", {"complaint.refund_late": 0.95}, "refund"),
        ("late", {"complaint.wash": 0.4, "complaint.size": 0.3}, "goods_trouble"),
        ("breach", {"complaint.late": 0.99}, "breach"),
        ("doubtful", {"complaint.late": 0.9}, "late"),
        ("doubtful", {"praise.product": 0.9}, "doubtful"),
        ("late", {"idea.shop": 0.95}, "suggestion"),
        ("late", {"complaint.vague": 0.95}, ""),
        ("late", {"praise.staff": 0.9, "complaint.late": 0.05}, "late"),
        ("safety_food", {"complaint.food": 0.9, "grave.safety": 0.02}, "taste"),
        ("safety", {"complaint.defect": 0.7, "grave.safety": 0.2}, "safety"),
        ("discrimination", {"complaint.staff_rude": 0.9}, "discrimination"),
    ],
)
def test_words_and_situation_are_weighed_together(by_words: str, likely: dict[str, float], scenario: str) -> None:
    assert settle_scenario(by_words, likely, replace(COMPLAINT, scores=TOLD), EN) == scenario


def test_a_wrong_that_only_the_model_raised_gives_way_where_it_surely_is_something_else() -> None:
    raised = replace(COMPLAINT, scores=TOLD | {"risk.discrimination": 0.8})
    assert settle_scenario("discrimination", {"complaint.staff_rude": 0.9}, raised, EN) == "staff"
    assert settle_scenario("discrimination", {"complaint.staff_rude": 0.3}, raised, EN) == "discrimination"
    assert (
        settle_scenario("discrimination", {"complaint.staff_rude": 0.8, "grave.discrimination": 0.1}, raised, EN)
        == "discrimination"
    )


def test_a_situation_of_another_intent_gives_no_wording() -> None:
    assert not settle_scenario("", {"complaint.wash": 0.9}, QUESTION, EN)
    assert not settle_scenario("", {"praise.long": 0.9}, COMPLAINT, EN)
    assert settle_scenario("", {"praise.long": 0.9}, PRAISE, EN) == "praise_loyal"
    assert settle_scenario("", {"idea.site": 0.9}, QUESTION, JA) == "suggestion"


def test_a_question_that_tells_of_trouble_is_answered_as_a_complaint_unless_a_person_labelled_it() -> None:
    likely = {"complaint.refund_late": 0.5, "grave.legal": 0.2}
    assert settle_intent(replace(QUESTION, scores=TOLD), likely, "").intent is Intent.COMPLAINT
    assert settle_intent(replace(QUESTION, scores={}), likely, "").intent is Intent.QUESTION
    assert settle_intent(replace(QUESTION, scores=TOLD), {"complaint.late": 0.4}, "").intent is Intent.QUESTION
    asked = replace(QUESTION, scores=TOLD, risks=frozenset({Risk.PHISHING}))
    assert settle_intent(asked, likely, "").intent is Intent.QUESTION
    assert settle_intent(replace(PRAISE, scores=TOLD), likely, "").intent is Intent.PRAISE
    remark = replace(QUESTION, intent=Intent.OTHER, scores=TOLD, needs_reply=False)
    assert settle_intent(remark, likely, "").needs_reply
    assert settle_intent(remark, {"complaint.hold": 0.6}, "") == remark


def test_praise_that_the_situation_denies_is_in_doubt_and_a_complaint_where_it_was_doubtful_anyway() -> None:
    likely, firm = {"complaint.staff_rude": 0.75}, {"complaint.staff_rude": 0.6, "complaint.queue": 0.25}
    sure, low = replace(PRAISE, scores=TOLD), replace(PRAISE, scores={"intent": 0.5})
    assert is_contradicted(sure, likely)
    assert not is_contradicted(replace(PRAISE, scores={}), likely)
    assert settle_intent(sure, likely, "Lovely.").intent is Intent.PRAISE
    assert settle_intent(sure, firm, "Lovely.").intent is Intent.COMPLAINT
    assert settle_intent(replace(PRAISE, scores={}), firm, "Lovely.").intent is Intent.PRAISE
    assert settle_intent(low, likely, "Lovely.").intent is Intent.COMPLAINT
    assert settle_intent(low, {"praise.staff": 0.8}, "Lovely.") == low


@pytest.mark.parametrize("text", ["ふざけんなよ！いい加減にしろ！", "An absolute joke of a shop"])
def test_nobody_is_thanked_for_outrage(text: str) -> None:
    settled = settle_intent(replace(PRAISE, scores=TOLD), {"praise.product": 0.9}, text)
    assert (settled.intent, settled.sentiment, settled.constructive) == (Intent.COMPLAINT, Sentiment.NEGATIVE, False)


def test_a_complaint_is_not_doubted_where_its_situation_is_one() -> None:
    assert is_affirmed(COMPLAINT, {"complaint.quality": 0.5, "grave.safety": 0.2})
    assert not is_affirmed(COMPLAINT, {"complaint.quality": 0.4})
    assert not is_affirmed(PRAISE, {"complaint.quality": 0.9})


def test_every_scenario_of_a_situation_has_wordings() -> None:
    written = {(book.language, book.scenario) for book in playbooks()}
    for name, found in read_words("situations")["situation"].items():
        for language in ("ja", "en"):
            for scenario in found[language]:
                assert (language, scenario) in written, (name, language, scenario)


def test_every_kind_has_wordings_and_only_situations_that_there_are() -> None:
    written = {(book.language, book.scenario) for book in playbooks()}
    known = read_words("situations")["situation"]
    of_kinds = [name for names in read_words("situations")["kind"].values() for name in names]
    assert set(of_kinds) <= set(known)
    assert len(of_kinds) == len(set(of_kinds))
    for kind in read_words("situations")["kind"]:
        assert {("ja", kind), ("en", kind)} <= written, kind


class Reading:
    """Stands for the model: whatever the post says, it tells of one thing."""

    space = "none"

    def __init__(self, likely: dict[str, float]) -> None:
        self._likely = likely

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.ones((len(texts), 1), np.float32)

    def find_situations(self, text: str) -> dict[str, float]:
        assert text
        return self._likely


@pytest.mark.parametrize(("label", "is_told"), [(QUESTION, True), (COMPLAINT, False)])
def test_who_approves_is_told_that_the_label_was_overruled(label: Prediction, *, is_told: bool) -> None:
    case = make_case("And where is my refund?", replace(label, scores=TOLD), language=EN)
    shelf = Shelf(lambda: Reading({"complaint.refund_late": 0.9}))
    options, reason = Composer(book=demo_book(), playbooks=playbooks(), today=TODAY, shelf=shelf).draft(case)
    assert not reason
    for option in options:
        assert ("question.confirm_complaint" in option.open_questions) is is_told
