"""The shapes of one conversation as its page shows it. Texts of mentions are hostile: escape them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.ids import ConversationId
from domain.replies import CheckResult, Citation
from storage.inbox import QueueKey
from storage.surroundings import NOTHING_AROUND, Surroundings


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotedPost:
    """A post that another quotes. Its words and names are hostile."""

    author_name: str
    text: str
    conversation_id: int | None = None
    """Its own case, where we know the post."""
    url: str = ""
    language: str = ""
    at: datetime | None = None
    kept: bool = True
    """False: it was deleted, or its time was over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadPost:
    """A mention or a reply of ours, oldest first in its thread. Texts of mentions are hostile."""

    own: bool
    mention_id: int
    author_name: str
    author_handle: str
    author_url: str
    text: str
    language: str
    at: datetime
    url: str
    lead: bool = False
    gone: bool = False
    forgotten: bool = False
    """Its text was blanked because its time was over."""
    rating: int | None = None
    visibility: str = ""
    delivery_state: str = ""
    quoted: tuple[QuotedPost, ...] = ()
    """What it quotes, and what that quotes: the farthest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatheredPost:
    """A case that stands under another because it says the same. Names are hostile."""

    conversation_id: int
    author_name: str
    author_handle: str
    channel_kind: str
    account_name: str
    at: datetime
    url: str
    gone: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathering:
    """How a conversation stands among those that say the same."""

    count: int = 0
    """How many stand under it."""
    posts: tuple[GatheredPost, ...] = ()
    """Some of them, in the order they came."""
    first: bool = True
    """False when earlier ones were left out."""
    more: bool = False
    """True when later ones are left."""
    lead_id: int | None = None
    """The conversation it stands under itself."""
    lead_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftOption:
    """One option to answer with, as it stands now. ``proposed_text`` is revision 1, the drafter's own."""

    draft_id: int
    kind: str
    visibility: str
    language: str
    revision: int
    text: str
    proposed_text: str
    drafter_id: str
    route: str
    rule_id: str
    rule_date: str
    reason_code: str
    checks: tuple[CheckResult, ...]
    citations: tuple[Citation, ...]
    facts_used: tuple[str, ...]
    open_questions: tuple[str, ...]
    purpose: str = "answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """The classification in force for the lead mention."""

    by_person: str
    """Display name of who corrected it; empty for a model's."""
    model_id: str
    language: str
    sentiment: str
    intent: str
    constructive: bool | None
    suggestion: bool
    abuse: bool
    topic: str
    urgency: str
    risks: tuple[str, ...]
    needs_reply: bool
    needs_dm: bool
    band: str
    scores: Mapping[str, float]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierConversation:
    """Another conversation of the same author."""

    conversation_id: int
    text: str
    at: datetime
    state: str
    intent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditLine:
    """Who did what, when."""

    at: datetime
    actor: str
    verb: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveDelivery:
    """A reply to the lead mention that is on its way or out."""

    delivery_id: int
    state: str
    visibility: str
    purpose: str
    approved_by: str
    hold_until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """Everything the conversation page shows."""

    key: QueueKey
    account_id: int
    account_name: str
    channel_kind: str
    brand: str
    state: str
    waiting: bool
    resolved_reason: str
    assignee_id: int | None
    assignee_name: str
    language: str
    posts: tuple[ThreadPost, ...]
    earlier_posts: int
    """How many older posts are not shown."""
    lead: ThreadPost | None
    lead_problem: str
    options: tuple[DraftOption, ...]
    label: Label | None
    deliveries: tuple[LiveDelivery, ...]
    author_conversations: int
    author_earlier: tuple[EarlierConversation, ...]
    audit: tuple[AuditLine, ...]
    gathered: Gathering = Gathering()
    surroundings: Surroundings = NOTHING_AROUND
    """What a text about the lead mention is read against."""

    @property
    def conversation_id(self) -> ConversationId:
        """The thread's identity."""
        return ConversationId(self.key.conversation_id)
