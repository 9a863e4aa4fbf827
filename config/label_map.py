"""What a foreign model's label means here: ``sentiment:negative`` names a head and one of its classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.words import Intent, Language, Risk, Sentiment, Topic, Urgency

YES_OR_NO: Final = ("true", "false")
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": tuple(Sentiment),
    "intent": tuple(Intent),
    "topic": tuple(Topic),
    "urgency": tuple(Urgency),
    "risks": tuple(Risk),
    "constructive": YES_OR_NO,
    "suggestion": YES_OR_NO,
    "abuse": YES_OR_NO,
    "needs_dm": YES_OR_NO,
    "needs_reply": YES_OR_NO,
}
"""Every head that a label may fill, with its closed vocabulary."""
IGNORE: Final = "ignore"
"""Value for a label that says nothing we keep."""
_SERVED: Final = (Language.JA, Language.EN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What one label says."""

    head: str
    value: str
    language: Language | None = None
    """Only asked of texts in this language (zero-shot candidates); None: of all."""


def read_meaning(written: str) -> Meaning | None:
    """Return what ``head:class`` or ``head:class@language`` means, None for ``ignore``. Raises ``ValueError`` that says what may stand."""
    if written == IGNORE:
        return None
    plain, at, language = written.partition("@")
    head, _, value = plain.partition(":")
    if head not in CLASSES:
        msg = f"'{written}' begins with none of {', '.join(CLASSES)}"
        raise ValueError(msg)
    if value not in CLASSES[head]:
        msg = f"'{written}': after '{head}:' stands one of {', '.join(CLASSES[head])}"
        raise ValueError(msg)
    if at and language not in _SERVED:
        msg = f"'{written}': after '@' stands ja or en"
        raise ValueError(msg)
    return Meaning(head=head, value=value, language=Language(language) if at else None)
