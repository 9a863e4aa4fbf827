"""What a refit must not unlearn: critical urgency, and the risks that call a person at once.

Two questions. How many grave posts of a held-out set does each of two models catch? And which corrections take from a post what
a rule beside the model sees in its words? Such a row is an honest false alarm, or the way to make the model deaf: until somebody
looked at it, it teaches neither urgency nor risks, and a set with many such rows is not used at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.backends.evidence import collect
from classifier.backends.rules import GROUPS, find_fired
from classifier.calibration import CRITICAL
from classifier.corrections import Correction, Corrections
from classifier.examples import Example
from domain.words import Language, Risk, Urgency

GRAVE_RISKS: Final = (Risk.SAFETY, Risk.LEGAL, Risk.SELF_HARM)
MOST_MISSED: Final = 1
"""Posts that a new model may catch less than the old one: below that chance decides."""
EVERY: Final = "all"
MOST_LOWERED: Final = 0.05
"""Share of a team's corrections that may call harmless what a rule calls grave; honest teams had 0 to 1 in a hundred."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catch:
    """How many posts of one grave kind each of two models catches."""

    held_out: str
    language: str
    """``all``, ``ja`` or ``en``."""
    kind: str
    """``urgency.critical`` or ``risks.`` and the risk."""
    posts: int
    """That are of this kind."""
    before: int
    """Caught by the old model."""
    after: int
    """Caught by the new one."""

    @property
    def is_lost(self) -> bool:
        """True when more is missed than the gate allows, whatever chance had in it."""
        return self.before - self.after > MOST_MISSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Lowered:
    """A correction that takes critical urgency or a grave risk from a post in whose words a rule sees it."""

    conversation_id: int
    classification_id: int
    user_id: int | None
    rule: str
    """Key of ``[rule]`` in ``config/locale/reasons.toml``."""
    taken: tuple[str, ...]
    """``critical`` and risks."""


def compare_catches(
    held_out: str, examples: Sequence[Example], answers: tuple[Mapping[str, Codes], Mapping[str, Codes]]
) -> list[Catch]:
    """Return what both models catch, per kind and language; kinds that do not occur are left out.

    ``answers``: of the old and the new model, per head 0/1 rows as ``classifier.gate`` has them.
    """
    languages = np.array([example.language.value for example in examples])
    found = []
    for kind, grave, caught in _kinds(examples, answers):
        for language in (EVERY, Language.JA.value, Language.EN.value):
            spoken = grave & ((languages == language) | (language == EVERY))
            if spoken.any():
                before, after = (int((said & spoken).sum()) for said in caught)
                posts = int(spoken.sum())
                found.append(
                    Catch(held_out=held_out, language=language, kind=kind, posts=posts, before=before, after=after)
                )
    return found


Flags = npt.NDArray[np.bool_]


def _kinds(
    examples: Sequence[Example], answers: tuple[Mapping[str, Codes], Mapping[str, Codes]]
) -> Iterator[tuple[str, Flags, list[Flags]]]:
    """Yield each kind, which posts are of it, and which of all posts each model raises as such."""
    critical = np.array([example.labels.get("urgency") == Urgency.CRITICAL for example in examples], dtype=bool)
    yield CRITICAL, critical, [said[CRITICAL][:, 0].astype(bool) for said in answers]
    for risk in GRAVE_RISKS:
        grave = np.array([risk in (example.risks or ()) for example in examples], dtype=bool)
        yield f"risks.{risk}", grave, [said["risks"][:, list(Risk).index(risk)].astype(bool) for said in answers]


def find_lowered(corrections: Sequence[Correction]) -> tuple[Lowered, ...]:
    """Return the corrections that call harmless what a rule calls grave, in their order."""
    return tuple(one for correction in corrections if (one := _find_lowered(correction)) is not None)


def leave_out(found: Corrections, lowered: Sequence[Lowered]) -> Corrections:
    """Return the corrections, those in ``lowered`` without what they would teach of urgency and risks."""
    in_doubt = {one.classification_id for one in lowered}
    kept = [
        replace(one, taught=one.taught - {"urgency", "risks"}) if one.classification_id in in_doubt else one
        for one in found.usable
    ]
    return replace(found, usable=kept)


def _find_lowered(correction: Correction) -> Lowered | None:
    if not correction.lowers:
        return None
    text = correction.example.text
    found = collect(text, language=correction.example.language, groups=GROUPS)
    for fired in find_fired(text, found):
        rule = fired.rule
        sees = {rule.risk.value, Urgency.CRITICAL.value} if rule.critical else set()
        if taken := sees & correction.lowers:
            return Lowered(
                conversation_id=correction.conversation_id,
                classification_id=correction.classification_id,
                user_id=correction.user_id,
                rule=rule.name,
                taken=tuple(sorted(taken)),
            )
    return None
