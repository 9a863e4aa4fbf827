"""What goes out: targets, requests, answers of a platform, eligibility, drafts and checks."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.words import CheckLevel, DraftKind, Language, Route, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """Length of a text by the platform's own counting."""

    length: int
    limit: int
    """0 means no limit."""

    @property
    def fits(self) -> bool:
        """True when the text may be sent as it is."""
        return self.limit == 0 or self.length <= self.limit


@dataclass(frozen=True, kw_only=True, slots=True)
class SendTarget:
    """What is being answered."""

    external_id: str
    author_external_id: str
    author_handle: str
    thread_external_id: str = ""
    url: str = ""
    platform_data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SendRequest:
    """One send of one frozen text. A repeat of the same request must not post twice where the platform can help it."""

    idempotency_key: str
    """Stable for one Reply; derive record keys and Message-IDs from it."""
    approved_at: datetime
    """Aware UTC; use as the fixed creation time of the post."""
    text: str
    language: Language
    target: SendTarget


@dataclass(frozen=True, kw_only=True, slots=True)
class SentPost:
    """Our reply as it stands on the platform."""

    external_id: str
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What a channel can do by API. Data, so that people can be told why."""

    can_reply: bool
    can_direct_message: bool
    can_search: bool = False
    tells_deletions: bool = False
    asked_at_once: int = 25
    """Posts about which one request tells whether they are still there."""
    reports_deletions: bool = False
    """True where the ``DeletionReporter`` a channel offers is switched on."""
    reads_by_poll: bool = True
    trains_models: bool = True
    """False where the platform forbids training on its content (X)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformFacts:
    """What the platform says right now about answering one mention. None where it does not tell."""

    exists: bool | None = None
    replies_allowed: bool | None = None
    dm_allowed: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Eligibility:
    """Whether and how a reply of one visibility may leave, with the rule that decided."""

    route: Route
    rule_id: str
    reason_code: str
    """Key into ``config/locale/eligibility.toml``."""
    rule_date: str
    """ISO date of the rule's source."""
    own_words: bool = False
    """The platform takes no composed text: a person writes it, and nothing is drafted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """What a sentence of a draft stands on."""

    kind: str
    """``faq``, ``policy``, ``known_issue`` or ``playbook``."""
    reference: str
    """Id of the entry within its brand."""
    title: str
    score: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """One finding on a text. A text without findings passed every check."""

    code: str
    """Key into ``config/locale/checks.toml``."""
    level: CheckLevel
    values: Mapping[str, str] = field(default_factory=dict)
    """Filled into the message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedDraft:
    """One option a drafter offers."""

    kind: DraftKind
    visibility: Visibility
    language: Language
    text: str
    citations: tuple[Citation, ...] = ()
    facts_used: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    """``playbook/move/number`` of each wording chosen, so that later drafts can avoid them."""
    drafter_id: str = ""


def hash_text(text: str) -> str:
    """Return the SHA-256 hex digest of ``text``: what an approval is bound to."""
    return hashlib.sha256(text.encode()).hexdigest()
