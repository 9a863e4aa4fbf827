"""Public labelled sets, as far as their labels can be defended as ours. None of them comes from X.

A folder holds one folder per set with ``train.jsonl.gz`` (or ``unlabelled.jsonl.gz``): lines of ``text``, ``lang`` and ``mapped``, the labels
that could be mapped; heads that are missing there are masked in the loss.
"""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from classifier.examples import Example, Split
from domain.errors import ImportFileError
from domain.words import Language

MOST_OF_ONE_SET: Final = 1_500
"""Texts taken of each set, by a fixed seed: the sets are hundred times larger than a shop's daily life is varied."""
SEED: Final = 20261122
FILES: Final = ("train.jsonl.gz", "unlabelled.jsonl.gz")
REFUSED_SOURCES: Final = ("twitter", "x.com")
"""Nothing is trained on text that came from X (its developer terms forbid training models on its content; read 2026-11)."""


def read_public_sets(folder: Path) -> list[Example]:
    """Return up to ``MOST_OF_ONE_SET`` texts of each set under ``folder``, source ``public:NAME``. Raises ``ImportFileError``."""
    sets = sorted(file for name in FILES for file in folder.glob(f"*/{name}"))
    if not sets:
        raise ImportFileError(
            f"There is no public set under {folder}.", remedy="A set is a folder with train.jsonl.gz."
        )
    return [example for file in sets for example in _sample(list(_read(file)))]


def _sample(examples: list[Example]) -> list[Example]:
    # Short chatter says little: what has a label comes first, then by chance.
    chance = random.Random(SEED)  # noqa: S311 - a fixed choice
    chance.shuffle(examples)
    return sorted(examples, key=lambda example: not example.labels)[:MOST_OF_ONE_SET]


def _read(file: Path) -> Iterator[Example]:
    source = f"public:{file.parent.name}"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if any(word in str(record.get("source", "")).lower().split() for word in REFUSED_SOURCES):
                continue
            mapped = record.get("mapped") or {}
            labels = {head: str(mapped[head]) for head in ("intent", "sentiment", "topic") if head in mapped}
            yield Example(
                text=record["text"],
                language=Language(record["lang"]),
                labels=labels,
                risks=None,
                family=str(record["id"]),
                split=Split.TRAIN,
                source=source,
            )
