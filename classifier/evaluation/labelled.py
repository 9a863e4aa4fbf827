"""Labelled texts as an evaluation takes them: which heads were labelled, and where each text belongs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifier.examples import OWN_FILES, Example, Split, read_corpus
from classifier.heads import HEADS
from classifier.language import identify_language
from domain.errors import ImportFileError
from domain.text_lines import read_lines
from domain.words import Language, Risk

LANGUAGE: Final = "language"
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    LANGUAGE: tuple(language.value for language in Language),
    **{head.name: tuple(str(name) for name in head.classes) for head in HEADS},
}
"""Every head an evaluation knows, with its classes. ``language`` is not the model's own: the identifier's."""
SEVERAL: Final = frozenset(head.name for head in HEADS if head.several)
LONGEST_WORD: Final = 60
"""Characters of a slice's or channel's name that are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledText:
    """One text with the labels that somebody gave it."""

    text: str
    language: Language
    labels: Mapping[str, str]
    """Head to class, of those that were labelled; ``language`` where it was stated. Without risks."""
    risks: frozenset[str] | None = None
    """None: not labelled."""
    family: str = ""
    """Texts of one family are not independent of each other; empty: the text is a family of its own."""
    slices: tuple[str, ...] = ()
    channel: str = ""
    name: str = ""
    """Its id in the file, for people who look it up."""


def labelled_text(row: Mapping[str, object]) -> LabelledText:
    """Return a row ``{"text", labels…}``; labels stand beside the text or under ``"labels"``. Raises ``ValueError``.

    A label that is missing or null is not asked of the row; ``constructive`` is asked of complaints only.
    """
    nested = row.get("labels")
    said = {**row, **nested} if isinstance(nested, Mapping) else row
    text = str(row["text"])
    language = _language(said)
    labels = {name: _word(name, said[name]) for name in CLASSES if name not in SEVERAL and said.get(name) is not None}
    labels.pop(LANGUAGE, None)
    if labels.get("intent", "complaint") != "complaint":
        labels.pop("constructive", None)
    if language:
        labels[LANGUAGE] = language.value
    slices = row.get("slices")
    return LabelledText(
        text=text,
        language=language or identify_language(text),
        labels=labels,
        risks=_risks(said.get("risks")),
        family=_short(row.get("family")),
        slices=tuple(_short(name) for name in slices if name) if isinstance(slices, list) else (),
        channel=_short(row.get("channel")),
        name=_short(row.get("id")),
    )


def read_labelled(source: Path) -> tuple[list[LabelledText], tuple[tuple[int, str], ...]]:
    """Return the labelled lines of a JSONL file, and number and reason of each that is none. Raises ``ImportFileError``."""
    found: list[LabelledText] = []
    rejected: list[tuple[int, str]] = []
    try:
        with source.open("rb") as stream:
            for line in read_lines(stream):
                if line.problem:
                    rejected.append((line.number, line.problem))
                    continue
                try:
                    found.append(labelled_text(line.values))
                except ValueError as error:
                    rejected.append((line.number, str(error)))
    except OSError as error:
        raise ImportFileError(f"{source} cannot be read: {error.strerror}.", remedy="Check the path.") from error
    return found, tuple(rejected)


def read_test_split() -> list[LabelledText]:
    """Return the texts of the shipped corpus that no model was fitted on. Raises ``ImportFileError`` where it is not there."""
    try:
        examples = read_corpus(OWN_FILES)
    except OSError as error:
        raise ImportFileError(
            "The corpus is missing from this installation.", remedy="Name a file: --input."
        ) from error
    return [labelled_example(example) for example in examples if example.split is Split.TEST]


def labelled_example(example: Example) -> LabelledText:
    """Return an example in the shape of an evaluation."""
    asked = {
        name: label
        for name, label in example.labels.items()
        if name != "constructive" or example.labels.get("intent", "complaint") == "complaint"
    }
    return LabelledText(
        text=example.text,
        language=example.language,
        labels={**asked, LANGUAGE: example.language.value},
        risks=example.risks,
        family=example.family,
        slices=example.slices,
        channel=example.channel,
    )


def _language(said: Mapping[str, object]) -> Language | None:
    stated = said.get(LANGUAGE, said.get("lang"))
    return Language(stated) if isinstance(stated, str) and stated in set(Language) else None


def _word(head: str, value: object) -> str:
    if head == LANGUAGE:
        return str(value)
    word = str(value).strip().lower()
    if not isinstance(value, bool | str) or word not in CLASSES[head]:
        raise ValueError(f"{head} has no class {word[:LONGEST_WORD]!r}")
    return word


def _risks(given: object) -> frozenset[str] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not {str(risk) for risk in given} <= set(Risk):
        raise ValueError(f"risks is no list of {', '.join(Risk)}")
    return frozenset(str(risk) for risk in given)


def _short(value: object) -> str:
    return str(value)[:LONGEST_WORD] if isinstance(value, str | int) else ""
