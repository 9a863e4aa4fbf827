"""What a person's row is worth: what it teaches, what it measures, and that a conversation is never in two sets."""

from collections.abc import Mapping
from datetime import timedelta

from classifier.corrections import Correction, sort_out
from classifier.examples import Split
from storage.corrections import HumanLabel, LeftOut
from tests.cast import NOON, OURS

MODEL: Mapping[str, object] = {
    "intent": "complaint", "sentiment": "negative", "constructive": True, "topic": "product", "urgency": "normal", "risks": ["press"],
}  # fmt: skip


def label(
    number: int = 1,
    *,
    before: Mapping[str, object] | None = MODEL,
    left_out: LeftOut | None = None,
    language: str = "en",
    conversation: int = 0,
    **changed: object,
) -> HumanLabel:
    return HumanLabel(
        classification_id=number,
        mention_id=number,
        conversation_id=conversation or number,
        user_id=7,
        said_at=NOON + timedelta(minutes=number),
        text=f"post {number}",
        language=language,
        channel="sandbox",
        labels={**MODEL, **changed},
        before=before,
        corrected_model="model-1" if before else "",
        left_out=left_out,
    )


def only(*labels: HumanLabel) -> Correction:
    (found,) = sort_out(labels, workspace_id=OURS).usable
    return found


def test_a_row_teaches_its_intent_and_what_differs_from_the_model() -> None:
    found = only(label(topic="refund"))
    assert found.taught == {"intent", "topic"}
    assert found.lesson.labels == {"intent": "complaint", "topic": "refund"}
    assert found.lesson.risks is None


def test_a_row_measures_with_every_field_of_the_form() -> None:
    found = only(label(topic="refund"))
    assert found.example.labels == {
        "intent": "complaint", "sentiment": "negative", "constructive": "true", "topic": "refund", "urgency": "normal",
    }  # fmt: skip
    assert found.example.risks == frozenset({"press"})


def test_risks_teach_when_they_changed_also_when_they_were_cleared() -> None:
    assert only(label(risks=[])).lesson.risks == frozenset()
    assert only(label(risks=["press"])).lesson.risks is None


def test_an_intent_that_is_no_complaint_says_nothing_of_constructive() -> None:
    found = only(label(intent="praise", constructive=None, sentiment="positive"))
    assert found.lesson.labels == {"intent": "praise", "sentiment": "positive"}


def test_where_no_model_had_spoken_only_the_intent_teaches() -> None:
    assert only(label(before=None, topic="refund")).taught == {"intent"}


def test_provenance_stays_with_it() -> None:
    found = only(label(3))
    assert (found.classification_id, found.user_id, found.corrected_model) == (3, 7, "model-1")
    assert (found.example.source, found.example.channel) == ("own", "sandbox")


def test_what_is_left_out_is_counted_by_reason() -> None:
    found = sort_out(
        [
            label(1),
            label(2, left_out=LeftOut.ORIGIN),
            label(3, left_out=LeftOut.ORIGIN),
            label(4, left_out=LeftOut.GONE),
            label(5, language="other"),
        ],
        workspace_id=OURS,
    )
    assert [correction.classification_id for correction in found.usable] == [1]
    assert found.left_out == {"origin": 2, "gone": 1, "language": 1}


def test_a_conversation_is_learned_from_or_held_out_never_both() -> None:
    found = sort_out([label(n, conversation=1 + n // 3) for n in range(300)], workspace_id=OURS)
    learned = {correction.example.family for correction in found.learned_from}
    held_out = {correction.example.family for correction in found.held_out}
    assert learned.isdisjoint(held_out)
    assert len(found.learned_from) + len(found.held_out) == 300
    assert 45 <= len(found.held_out) <= 105  # a quarter
    assert {correction.example.split for correction in found.usable} == {Split.TRAIN, Split.TEST}
