"""From a foreign model's label scores to our heads, by the map that the settings give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifier.artefact import ModelError
from config.label_map import IGNORE, YES_OR_NO, Meaning, read_meaning
from domain.words import Language

SETTING: Final = "classifier.label_map"
HALF: Final = 0.5
NO, YES = YES_OR_NO[1], YES_OR_NO[0]
RISKS: Final = "risks"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the model says of one text."""

    labels: Mapping[str, tuple[str, float]]
    """Chosen class and its probability, per head that the model gives."""
    risks: Mapping[str, float]
    """Risks that are more likely than not."""


def read_label_map(written: Mapping[str, str]) -> dict[str, Meaning | None]:
    """Return what each label means. Raises ``ModelError`` when there is none or one cannot be read."""
    if not any(value != IGNORE for value in written.values()):
        raise ModelError(
            f"{SETTING} is empty: nothing says what this model's labels mean.",
            remedy=f'Add a line per label to [{SETTING}], e.g. "NEGATIVE" = "sentiment:negative".',
        )
    try:
        return {label: read_meaning(value) for label, value in written.items()}
    except ValueError as error:
        raise ModelError(f"{SETTING}: {error}.", remedy="Correct the value.") from None


def check_labels(meanings: Mapping[str, Meaning | None], labels: Sequence[str]) -> None:
    """Raise ``ModelError`` unless the map names exactly the model's labels."""
    for label in labels:
        if label not in meanings:
            raise ModelError(
                f"The model has a label '{label}' that {SETTING} does not name.",
                remedy=f'Add "{label}" = "head:class" to [{SETTING}], or "{label}" = "{IGNORE}".',
            )
    for label, meaning in meanings.items():
        if label not in labels:
            raise ModelError(
                f"{SETTING} names '{label}', and the model has no such label.",
                remedy=f"Its labels are: {', '.join(labels)}.",
            )
        if meaning and meaning.language:
            raise ModelError(
                f"{SETTING}: '{label}' is limited to a language, and this model is not zero-shot.",
                remedy="Leave out what stands after '@'.",
            )


def read_scores(scores: Mapping[str, float], meanings: Mapping[str, Meaning | None], *, apart: bool) -> Found:
    """Return the heads of one text. ``apart``: each label was decided on its own; else all of them share 1.

    Labels of one meaning add up where they share, the likeliest counts where they do not. Where labels of several heads share,
    each head's are taken as a whole.
    """
    heads: dict[str, dict[str, float]] = {}
    for label, score in scores.items():
        meaning = meanings.get(label)
        if meaning is None:
            continue
        classes = heads.setdefault(meaning.head, {})
        known = classes.get(meaning.value, 0.0)
        classes[meaning.value] = max(known, score) if apart else known + score
    if not apart and len(heads) > 1:
        heads = {head: _share(classes) for head, classes in heads.items()}
    risks = {risk: chance for risk, chance in heads.pop(RISKS, {}).items() if chance >= HALF}
    return Found(labels={head: _choose(classes) for head, classes in heads.items()}, risks=risks)


def heads_of(meanings: Mapping[str, Meaning | None], language: Language) -> dict[str, dict[str, Meaning]]:
    """Return the zero-shot candidates asked of a text in ``language``, per head."""
    heads: dict[str, dict[str, Meaning]] = {}
    for label, meaning in meanings.items():
        if meaning and meaning.language in {None, language}:
            heads.setdefault(meaning.head, {})[label] = meaning
    return heads


def _share(classes: Mapping[str, float]) -> dict[str, float]:
    total = sum(classes.values())
    return {value: score / total if total else 1 / len(classes) for value, score in classes.items()}


def _choose(classes: Mapping[str, float]) -> tuple[str, float]:
    """Return the likeliest class; a head of which only "yes" or "no" has a label is the other one below a half."""
    if len(classes) == 1:
        (value, chance) = next(iter(classes.items()))
        if value in YES_OR_NO and chance < HALF:
            return (NO if value == YES else YES), min(1.0, 1 - chance)
        return value, min(1.0, chance)
    value = max(classes, key=lambda name: classes[name])
    return value, min(1.0, classes[value])
