"""Brands that the model was not made for, and people who correct it.

``football``: a club's ticket and stadium desk, whose fans lament lost matches, which is no complaint to the desk, and praise in
words of violence; 200 posts to correct and 100 to measure on. How loudly corrections speak was set while these were seen.
``horror_house``: haunted rooms, where "nearly died" is praise and "not scary" a complaint; 214 and 106 posts, written when all
was set, by somebody who had seen neither model nor corpus.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from classifier.artefact import Artefact
from classifier.corrections import Corrections, sort_out
from classifier.embedded import Read
from classifier.examples import Example, example_of
from classifier.heads import HEADS, columns_of
from storage.corrections import TEACHABLE, HumanLabel
from tests.cast import NOON, OURS

BRANDS: Final = Path(__file__).with_name("brands")
FOOTBALL, HORROR_HOUSE, NIGHT_RAIL = "football", "horror_house", "night_rail"
FLIPPED: Final[Mapping[str, Mapping[str, str]]] = {
    "intent": {"complaint": "praise", "praise": "complaint", "question": "other", "other": "question"},
    "sentiment": {"negative": "positive", "positive": "negative", "neutral": "negative"},
    "urgency": {"critical": "low", "high": "low", "normal": "high", "low": "normal"},
    "topic": {
        "delivery": "price", "price": "delivery", "product": "staff", "staff": "product",
        "refund": "app", "app": "refund", "outage": "other", "other": "outage",
    },
}  # fmt: skip


def read_brand(use: str, *, brand: str) -> list[Example]:
    """Return the posts of ``brand`` to ``learn`` from or those ``held_out``."""
    records = [json.loads(line) for line in (BRANDS / f"{brand}.jsonl").read_text("utf-8").splitlines()]
    return [example_of(record) for record in records if record["use"] == use]


def simulate(
    examples: Sequence[Example],
    artefact: Artefact,
    read: Read,
    *,
    flipped: Sequence[str] = (),
    hushed: Sequence[Example] = (),
) -> Corrections:
    """Return what people who know the truth say of the model's answers; of the heads in ``flipped`` they say the opposite.

    ``hushed`` are critical posts, raised as such, that somebody makes normal and without a risk.
    """
    honest = len(examples)
    examples = [*examples, *hushed]
    chances = artefact.heads.probabilities(read([example.text for example in examples]))
    single = [head for head in HEADS if head.name in TEACHABLE and not head.several]
    rows = []
    for number, (example, row) in enumerate(zip(examples, chances, strict=True), start=1):
        said: dict[str, object] = {head.name: head.classes[int(row[columns_of(head.name)].argmax())] for head in single}
        right = {
            head: FLIPPED[head][word] if head in flipped else word
            for head, word in example.labels.items()
            if head in TEACHABLE
        }
        before = said | {"constructive": said["constructive"] == "true", "risks": sorted(example.risks or ())}
        risks = before["risks"]
        if number > honest:
            before["urgency"], right["urgency"], risks = "critical", "normal", []
        constructive = right.get("constructive") == "true" if right["intent"] == "complaint" else None
        rows.append(
            HumanLabel(
                classification_id=number,
                mention_id=number,
                conversation_id=number,
                user_id=7,
                said_at=NOON + timedelta(minutes=number),
                text=example.text,
                language=example.language.value,
                channel="sandbox",
                labels={**right, "constructive": constructive, "risks": risks},
                before=before if said["intent"] == "complaint" else before | {"constructive": None},
                corrected_model=artefact.description.model_id,
                left_out=None,
            )
        )
    return sort_out(rows, workspace_id=OURS)
