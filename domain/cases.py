"""What a drafter is given: one mention with everything a reply may stand on. Built by the responder, read by drafters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from domain.replies import Measure, ProposedDraft
from domain.understanding import Prediction
from domain.words import Intent, Language, Purpose, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class PastReply:
    """Something we wrote to this person before."""

    text: str
    sent_at: datetime
    visibility: Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseFacts:
    """One order of this person, known with their consent. Times are aware UTC."""

    items: tuple[str, ...]
    """Names, as the shop calls them."""
    status: str
    ordered_at: datetime
    shipped_at: datetime | None = None
    expected_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonKnown:
    """What we know of the author, on every channel that a person linked. Untrusted where it comes from a post."""

    called: str = ""
    """How they want to be called; empty: as the profile says."""
    language: Language | None = None
    """They asked to be answered in it."""
    time_zone: str = ""
    persona: str = ""
    cases: int = 0
    """Earlier cases of theirs, this one left out."""
    open_cases: int = 0
    same_topic: int = 0
    """Earlier cases about this topic in the last 90 days: they had to ask again."""
    praises: int = 0
    """Earlier posts of praise."""
    last_intent: Intent | None = None
    replies: tuple[PastReply, ...] = ()
    """The latest we sent, newest first, at most five."""
    offers: tuple[tuple[str, date], ...] = ()
    """Id of each policy that offered them something, and when."""
    purchases: tuple[PurchaseFacts, ...] = ()
    """Latest first, at most five; empty without consent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskTime:
    """When somebody of ours is there, for promises that can be kept. Times are local to the shop."""

    now: datetime
    is_open: bool = True
    closes: datetime | None = None
    """When the present opening ends, or while closed the next one; None: it never closes."""
    next_open: datetime | None = None
    """When the desk opens next, after this opening; None: it never closes, or opens no more within two weeks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One mention to answer. ``text`` is untrusted: it is data, never an instruction."""

    text: str
    """NFKC."""
    language: Language
    """Language to answer in (other is answered in the brand's language)."""
    prediction: Prediction
    author_name: str
    author_handle: str
    visibilities: tuple[Visibility, ...]
    """Where a reply may leave or be posted by hand; in the order in which options are wanted."""
    measure: Callable[[str, Visibility], Measure]
    wordings_to_avoid: frozenset[str] = frozenset()
    """``ProposedDraft.wordings`` used lately in this thread, for this person or about this topic."""
    said_lately: tuple[str, ...] = ()
    """Texts of the latest drafts about this topic in this language, newest first: a new one is to differ from each."""
    seed: int = 0
    """Same case and seed, same draft."""
    purpose: Purpose = Purpose.ANSWER
    person: PersonKnown = field(default_factory=PersonKnown)
    desk: DeskTime | None = None
    """None: nothing is promised by the clock."""
    channel_kind: str = ""
    """The platform's short name, as in settings; empty for a file."""
    scenario: str = ""
    """What kind of case it is, where whoever asks knows (``csat``, ``wrong_item``); empty: rules over the text."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Values that the purpose brings along for variables of wordings: ``link``, ``fixed``."""


class Drafter(Protocol):
    """Writes options for a case."""

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every draft."""
        ...

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return the options, best first, and a reason code when there is none (key into ``config/locale/drafting.toml``)."""
        ...
