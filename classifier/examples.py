"""Labelled texts: the corpus that ships, public sets in the same shape, and what people corrected."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Final

from classifier.heads import HEADS
from domain.errors import ImportFileError
from domain.words import Language

OWN_FILES: Final = ("ja.jsonl", "en.jsonl")
"""What was written for the corpus: figures are told on its test split."""
CORPUS_FILES: Final = (*OWN_FILES, "reviews_ja.jsonl")
"""All that models learn from; real reviews too."""


class Split(StrEnum):
    """What a text is used for. A family of texts is never in two."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One labelled text."""

    text: str
    language: Language
    labels: Mapping[str, str]
    """Head name to class; a head that is missing was not labelled. Without risks."""
    risks: frozenset[str] | None
    """None: not labelled."""
    family: str
    split: Split
    slices: tuple[str, ...] = ()
    channel: str = ""
    source: str = "corpus"


def split_of(family: str) -> Split:
    """Return the split of a family: 60 % train, 15 % dev, 25 % test, for ever the same."""
    place = int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big") % 100
    if place < 60:  # noqa: PLR2004 - the shares that the docstring tells
        return Split.TRAIN
    return Split.DEV if place < 75 else Split.TEST  # noqa: PLR2004 - the same


def read_corpus(names: Sequence[str] = CORPUS_FILES) -> list[Example]:
    """Return the corpus that ships."""
    folder = files("classifier") / "corpus"
    return [
        example_of(json.loads(line))
        for name in names
        for line in (folder / name).read_text("utf-8").splitlines()
        if line.strip()
    ]


def read_examples(file: Path) -> list[Example]:
    """Return labelled lines of a JSONL file (``.gz`` too). Raises ``ImportFileError`` naming the line."""
    return [example for _, example in _numbered(file)]


def _numbered(file: Path) -> Iterator[tuple[int, Example]]:
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    try:
                        yield number, example_of(json.loads(line))
                    except (KeyError, ValueError, TypeError) as error:
                        raise ImportFileError(
                            f"{file}, line {number}: not a labelled text ({error}).",
                            remedy='A line is {"text", "language", "labels": {"intent": ...}}.',
                        ) from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ImportFileError(f"{file} cannot be read: {error}.", remedy="Check the path.") from error


def example_of(record: Mapping[str, object]) -> Example:
    """Return a corpus line as an example. Raises ``KeyError`` or ``ValueError`` on what is not one."""
    said = record["labels"]
    if not isinstance(said, Mapping):
        raise TypeError("labels is no object")
    risks = said.get("risks")
    family = str(record.get("family") or record.get("id") or record["text"])
    slices = record.get("slices")
    split = record.get("split")
    return Example(
        text=str(record["text"]),
        language=Language(str(record.get("language") or record["lang"])),
        labels=_labels(said),
        risks=frozenset(str(risk) for risk in risks) if isinstance(risks, list) else None,
        family=family,
        split=Split(str(split)) if split else split_of(family),
        slices=tuple(str(name) for name in slices) if isinstance(slices, list) else (),
        channel=str(record.get("channel") or ""),
        source=str(record.get("source") or "corpus"),
    )


def _labels(said: Mapping[str, object]) -> dict[str, str]:
    labels = {}
    for head in HEADS:
        value = said.get(head.name)
        if head.several or value is None:
            continue
        word = str(value).lower() if isinstance(value, bool) else str(value)
        if word not in head.classes:
            raise ValueError(f"{head.name} has no class {word}")
        labels[head.name] = word
    return labels
