"""What the "why" pane says: a stored reason in the reader's words."""

import re
from typing import Final

from config.locale import catalogue, text

_MODEL: Final = re.compile(r"([a-z_]+\.[a-z_]+) ([01]\.\d\d)")

_SECOND: Final = {"second_agreed": "agreed", "second_changed": "changed"}


def say_reason(reason: str, language: str) -> str:
    """Return a reason of a classification as people read it: ``shortfall: 届きません`` becomes ``困りごと「届きません」``.

    What the catalogue does not know (another model's reasons) is returned as it is. Plain text: escape it where it is shown.
    """
    kind, _, word = reason.partition(": ")
    if kind == "rule":
        return _known("reasons", f"rule.{word}", language) or reason
    if kind == "model":
        return _say_model(word, language) or reason
    if kind in _SECOND:
        return text(f"reasons.second.{_SECOND[kind]}", language, model=word)
    if kind == "was":
        label = _known("labels", word, language)
        return text("reasons.second.was", language, label=label) if label else reason
    name = _name(kind, language)
    if not name or not word:
        return name or reason
    return f"{name}「{word}」" if language == "ja" else f"{name}: “{word}”"


def _say_model(said: str, language: str) -> str:
    """Return ``intent.complaint 0.97`` in words, nothing when it is not of that form."""
    found = _MODEL.fullmatch(said)
    label = _known("labels", found[1], language) if found else ""
    return (
        text("reasons.model.said", language, label=label, percent=round(float(found[2]) * 100))
        if found and label
        else ""
    )


def _name(kind: str, language: str) -> str:
    if kind.startswith("not "):
        return _known("reasons", "group.denied", language)
    if kind.startswith(("topic.", "risk.")):
        return _known("labels", kind, language)
    return _known("reasons", f"group.{kind}", language)


def _known(area: str, key: str, language: str) -> str:
    return text(f"{area}.{key}", language) if key in catalogue(area) else ""
