"""The gate's arithmetic: a point is a point in every language, and a grave post missed is counted as a post."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.corrections import sort_out
from classifier.examples import Example, Split
from classifier.gate import Change, GateReport, HeldOut, ServedHeads, compare
from classifier.grave import find_lowered, leave_out
from classifier.heads import HEADS, HeadWeights, columns_of
from classifier.learning import say_why
from classifier.refit import Material
from domain.words import Language, Risk, Urgency
from storage.corrections import HumanLabel
from tests.cast import NOON, OURS

WIDTH = sum(len(head.classes) for head in HEADS)


def told(column: int, *, of: int = 8) -> ServedHeads:
    """A model that raises critical and safety where the embedding's ``column`` says so."""
    weights = np.zeros((of, WIDTH), dtype=np.float32)
    weights[column, columns_of("urgency").start + list(Urgency).index(Urgency.CRITICAL)] = 20
    weights[column, columns_of("risks").start + list(Risk).index(Risk.SAFETY)] = 20
    heads = HeadWeights(weights=weights, bias=np.full(WIDTH, -5, dtype=np.float32), temperatures={})
    return ServedHeads(heads=heads, recall_bounds={"urgency.critical": 0.6, "risks.safety": 0.6})


def posts(*, grave: int, missed: int, language: Language = Language.EN) -> Material:
    """120 posts of which ``grave`` are; the model on column 0 sees all of them, the one on column 1 all but ``missed``."""
    pooled = np.zeros((120, 8), dtype=np.float32)
    pooled[:grave, 0] = 1
    pooled[missed:grave, 1] = 1
    examples = [
        Example(
            text=str(at),
            language=language,
            labels={"urgency": "critical" if at < grave else "low"},
            risks=frozenset({"safety"} if at < grave else ()),
            family=str(at),
            split=Split.DEV,
        )
        for at in range(120)
    ]
    return Material(examples=examples, pooled=pooled)


def report(material: Material) -> GateReport:
    return compare(told(0), told(1), {HeldOut.CORPUS: material})


def test_one_grave_post_missed_is_chance_and_two_are_not() -> None:
    assert report(posts(grave=60, missed=1)).missed == []
    missed = report(posts(grave=60, missed=2)).missed
    assert {(one.kind, one.language, one.posts, one.before, one.after) for one in missed} == {
        (kind, language, 60, 60, 58) for kind in ("urgency.critical", "risks.safety") for language in ("all", "en")
    }


def test_a_missed_post_stops_a_model_that_gains_elsewhere() -> None:
    found = report(posts(grave=60, missed=2))
    gained = replace(found.comparisons[0], change=Change.GAINED)
    assert GateReport(comparisons=(gained,)).passed
    assert not GateReport(comparisons=(gained,), catches=found.catches).passed
    assert say_why(found).startswith("urgency.critical: catches 58 instead of 60 of 60 (corpus, all)")


@pytest.mark.parametrize("head", ["urgency", "risks", "urgency.critical"])
def test_more_than_a_point_lost_on_the_corpus_refuses_in_one_language_and_of_the_alarm_whatever_the_noise(
    head: str,
) -> None:
    found = {(one.language, one.head): one for one in report(posts(grave=40, missed=3)).comparisons}
    one = found["en", head]
    assert one.before - one.after > 0.01
    assert one.change is Change.LOST
    assert found["all", head].change is Change.LOST


def test_on_the_teams_own_few_posts_noise_is_let_pass() -> None:
    found = compare(told(0), told(1), {HeldOut.OWN: posts(grave=40, missed=3)})
    assert {one.change for one in found.comparisons if one.head == "urgency"} == {Change.SAME}
    assert found.missed


FIRE = "The charger caught fire and burned my hand, my son is in hospital."


def said(
    text: str, *, urgency: str, risks: list[str], before: str = "critical", had: tuple[str, ...] = ("safety",)
) -> HumanLabel:
    form: dict[str, object] = {"intent": "complaint", "sentiment": "negative", "constructive": True, "topic": "product"}
    return HumanLabel(
        classification_id=5,
        mention_id=5,
        conversation_id=31,
        user_id=7,
        said_at=NOON,
        text=text,
        language="en",
        channel="sandbox",
        labels={**form, "urgency": urgency, "risks": risks},
        before={**form, "urgency": before, "risks": list(had)},
        corrected_model="model-1",
        left_out=None,
    )


def test_a_correction_that_calls_harmless_what_a_rule_calls_grave_is_shown_and_teaches_neither_urgency_nor_risks() -> (
    None
):
    found = sort_out([said(FIRE, urgency="normal", risks=[])], workspace_id=OURS)
    (one,) = find_lowered(found.usable)
    assert (one.conversation_id, one.user_id, one.rule, one.taken) == (31, 7, "safety", ("critical", "safety"))
    assert {"urgency", "risks"} <= found.usable[0].taught
    (kept,) = leave_out(found, [one]).usable
    assert kept.taught == {"intent"}
    assert kept.example == found.usable[0].example


@pytest.mark.parametrize(
    "label",
    [
        said(FIRE, urgency="critical", risks=["safety"]),
        said(FIRE, urgency="normal", risks=[], before="normal", had=()),
        said("The seat was a killer, best night ever.", urgency="low", risks=[]),
    ],
    ids=["kept", "never raised", "no rule sees it"],
)
def test_other_corrections_are_not_in_doubt(label: HumanLabel) -> None:
    assert find_lowered(sort_out([label], workspace_id=OURS).usable) == ()
