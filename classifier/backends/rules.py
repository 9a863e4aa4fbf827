"""Rules beside the model: what must never be missed is raised by a word, or by two that stand together, and the rule is named.

They read a few groups of the word lists in ``lexicon/`` (``GROUPS``): whoever extends ``[harm]``, ``[threat]``, ``[data_exposed]``,
``[takeover]`` or ``[risk.*]`` there extends the rules. What counts only beside another word goes under ``.hint`` and ``.near``
(``pairs.py``), figures of speech under ``.never``. Weak words yield to a model that is firm (``Rule.yields_to``); a ``grave`` one never does.
"""

from dataclasses import dataclass
from typing import Final

from classifier.backends.bait import BAIT, is_bait
from classifier.backends.evidence import Evidence
from classifier.backends.lexicon import GRAVE
from classifier.backends.own_details import find_own_details
from classifier.backends.pairs import HINTS, NEAR, SILENCED
from domain.words import Intent, Risk

ADVERTISED: Final = "spam"
"""A number in an advertisement is nobody's own detail."""
DECISIVE: Final = 3.0
"""Weight of one strong cue."""
SAFETY: Final = "safety"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One reason to call a person."""

    name: str
    """Key of ``[rule]`` in ``config/locale/reasons.toml``."""
    group: str
    """Group of the word lists."""
    risk: Risk
    critical: bool
    """True: the case is critical too."""
    yields_to: frozenset[Intent] = frozenset()
    """Where the model is firm that it is one of these, weak words were a figure of speech or somebody else's story."""


_TOLD: Final = frozenset({Intent.PRAISE, Intent.OTHER})
_ASKED: Final = _TOLD | {Intent.QUESTION}
"""Whether something is safe, asked beforehand, is no emergency; once it hurts, the question is a complaint."""

PHISHING: Final = Rule(name="phishing", group="risk.phishing", risk=Risk.PHISHING, critical=False)
RULES: Final = (
    Rule(name="self_harm", group="risk.self_harm", risk=Risk.SELF_HARM, critical=True),
    Rule(name="threat", group="threat", risk=Risk.SAFETY, critical=True),
    Rule(name=SAFETY, group="harm", risk=Risk.SAFETY, critical=True, yields_to=_ASKED),
    Rule(name="takeover", group="takeover", risk=Risk.PERSONAL_DATA, critical=True, yields_to=_TOLD),
    Rule(name="personal_data", group="data_exposed", risk=Risk.PERSONAL_DATA, critical=True, yields_to=_TOLD),
    Rule(name="legal", group="risk.legal", risk=Risk.LEGAL, critical=True, yields_to=_TOLD),
    PHISHING,
    Rule(name="press", group="risk.press", risk=Risk.PRESS, critical=False, yields_to=frozenset({Intent.PRAISE})),
    Rule(
        name="discrimination",
        group="risk.discrimination",
        risk=Risk.DISCRIMINATION,
        critical=False,
        yields_to=frozenset({Intent.PRAISE}),
    ),
)
"""The gravest first: the first critical one names the urgency."""
GROUPS: Final = frozenset({rule.group for rule in RULES} | {ADVERTISED} | HINTS.keys() | NEAR.keys() | SILENCED.keys())
OWN_DETAILS: Final = Rule(name="own_details", group="risk.personal_data", risk=Risk.PERSONAL_DATA, critical=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fired:
    """A rule and the words that set it off."""

    rule: Rule
    words: tuple[str, ...]
    grave: bool = False
    """One of the words leaves nothing to interpret: an injury, a hospital, a seizure, a fire. No intent silences it."""


def find_fired(text: str, found: Evidence) -> tuple[Fired, ...]:
    """Return the rules that fire on ``text``, the gravest first. ``found``: what its words of ``GROUPS`` give, at least."""
    fired = [_fire(rule, found) for rule in RULES if found[rule.group] >= DECISIVE] if found.totals else []
    if is_bait(text) and all(one.rule is not PHISHING for one in fired):
        fired.append(Fired(rule=PHISHING, words=(BAIT,)))
    details = find_own_details(text)
    if details and found[ADVERTISED] < DECISIVE:
        fired.append(Fired(rule=OWN_DETAILS, words=details))
    return tuple(fired)


def _fire(rule: Rule, found: Evidence) -> Fired:
    hits = [hit.entry for hit in found.hits if hit.entry.group == rule.group and not hit.denied]
    hits.sort(key=lambda entry: -entry.weight)  # the gravest is told first
    return Fired(
        rule=rule, words=tuple(entry.word for entry in hits), grave=any(entry.weight >= GRAVE for entry in hits)
    )
