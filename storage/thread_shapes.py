"""The shapes of one conversation as its page shows it. Texts of mentions are hostile: escape them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.ids import ConversationId
from domain.replies import CheckResult, Citation
from storage.inbox import QueueKey


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
    rating: int | None = None
    visibility: str = ""
    delivery_state: str = ""


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

    @property
    def conversation_id(self) -> ConversationId:
        """The thread's identity."""
        return ConversationId(self.key.conversation_id)
