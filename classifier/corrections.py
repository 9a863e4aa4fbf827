"""What people corrected, as examples to learn from and to be measured on, each with its provenance.

What a person's row says of a head is worth two different things.

- **It teaches** a head only where the person stood up for it: intent always, for the form begins with it and is saved as a
  whole; any other head only where it differs from what the model had said. The rest of the row is copied, and whoever
  corrects a topic does not thereby vouch for the urgency.
- **It measures** with every head of the form. Would it measure with the changed ones only, the model in force would be
  wrong on each of them by the way they were chosen, and any other model would look like progress.

All posts of one conversation are one family, and a family is either learned from or held out, for ever the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from classifier.examples import Example, Split, split_of
from domain.ids import WorkspaceId
from domain.words import Language, Urgency
from storage.corrections import HumanLabel, LeftOut, list_human_labels
from storage.database import Transaction

OWN: Final = "own"
"""``source`` of these examples."""
UNSERVED: Final = "language"
"""Left out: a text in a language that no model of ours reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """One person's label of one post."""

    classification_id: int
    conversation_id: int
    user_id: int | None
    said_at: datetime
    corrected_model: str
    """Id of the model whose answer was before the person; empty when there was none."""
    example: Example
    """With every head of the form; ``split`` is TRAIN (learned from) or TEST (held out)."""
    taught: frozenset[str]
    """Heads that it teaches."""
    lowers: frozenset[str] = frozenset()
    """What the model had raised and the person took away: ``critical``, and risks."""

    @property
    def is_held_out(self) -> bool:
        """True when no model ever learns from it."""
        return self.example.split is Split.TEST

    @property
    def lesson(self) -> Example:
        """The example with nothing but what it teaches."""
        said = self.example
        return Example(
            text=said.text,
            language=said.language,
            labels={head: word for head, word in said.labels.items() if head in self.taught},
            risks=said.risks if "risks" in self.taught else None,
            family=said.family,
            split=said.split,
            channel=said.channel,
            source=said.source,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrections:
    """All that a team's labels are good for."""

    usable: Sequence[Correction]
    left_out: Mapping[str, int]
    """How many were left out, by ``LeftOut`` or ``UNSERVED``."""

    @property
    def learned_from(self) -> list[Correction]:
        """Those that teach."""
        return [correction for correction in self.usable if not correction.is_held_out]

    @property
    def held_out(self) -> list[Correction]:
        """Those that only measure."""
        return [correction for correction in self.usable if correction.is_held_out]


def read_corrections(tx: Transaction) -> Corrections:
    """Return what the people of a workspace said, of posts that are still there and may teach."""
    return sort_out(list_human_labels(tx), workspace_id=tx.workspace_id)


def sort_out(labels: Iterable[HumanLabel], *, workspace_id: WorkspaceId) -> Corrections:
    """Turn rows into corrections and count those that are left out."""
    usable, left_out = [], Counter[str]()
    for label in labels:
        why = _why_not(label)
        if why:
            left_out[why] += 1
        else:
            usable.append(_as_correction(label, family=f"own-{workspace_id}-{label.conversation_id}"))
    return Corrections(usable=usable, left_out=dict(left_out))


def _why_not(label: HumanLabel) -> LeftOut | str | None:
    if label.left_out is not None:
        return label.left_out
    return UNSERVED if label.language not in {Language.JA, Language.EN} else None


def _as_correction(label: HumanLabel, *, family: str) -> Correction:
    words = {head: _word(value) for head, value in label.labels.items() if head != "risks" and value is not None}
    return Correction(
        classification_id=label.classification_id,
        conversation_id=label.conversation_id,
        user_id=label.user_id,
        said_at=label.said_at,
        corrected_model=label.corrected_model,
        example=Example(
            text=label.text,
            language=Language(label.language),
            labels=words,
            risks=_risks(label.labels),
            family=family,
            split=Split.TEST if split_of(family) is Split.TEST else Split.TRAIN,
            channel=label.channel,
            source=OWN,
        ),
        taught=_taught(label),
        lowers=_lowers(label),
    )


def _taught(label: HumanLabel) -> frozenset[str]:
    before = label.before
    if before is None:  # no model ever spoke: the other fields may well be the form's own beginning
        return frozenset({"intent"})
    changed = {
        head
        for head, value in label.labels.items()
        if (_risks(before) != _risks(label.labels) if head == "risks" else before[head] != value)
    }
    return frozenset(changed | {"intent"})


def _lowers(label: HumanLabel) -> frozenset[str]:
    if label.before is None:
        return frozenset()
    gone = _risks(label.before) - _risks(label.labels)
    critical = Urgency.CRITICAL.value
    is_lower = label.before["urgency"] == critical != label.labels["urgency"]
    return gone | {critical} if is_lower else gone


def _risks(labels: Mapping[str, object]) -> frozenset[str]:
    said = labels["risks"]
    return frozenset(map(str, said)) if isinstance(said, list) else frozenset()


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
