"""The state machines: one mapping each, one ``advance()``. The docs draw them from these tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.errors import IllegalTransitionError


class MentionState(StrEnum):
    """How far a mention has come down the line."""

    COLLECTED = "collected"
    UNDERSTOOD = "understood"
    DRAFTED = "drafted"
    UNDRAFTED = "undrafted"
    """Understood, and nothing was drafted: the reason is kept. Still workable."""
    HANDED_OVER = "handed_over"
    """Classification failed again and again: a person decides."""
    GONE = "gone"
    """Deleted or protected upstream."""


class ConversationState(StrEnum):
    """Whether a thread is on the desk."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class DraftState(StrEnum):
    """One option for one mention."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """Another option was approved, or the case was ignored."""
    VOIDED = "voided"
    """The post or the route went away."""


class DeliveryState(StrEnum):
    """The outbox row."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    HANDED_OFF = "handed_off"
    """The platform takes no reply by API: a person posts it by hand (docs/adr/0003)."""


class FollowUpState(StrEnum):
    """Something we mean to write later of our own accord."""

    PLANNED = "planned"
    """Its day has not come."""
    DRAFTED = "drafted"
    """A draft waits for a person."""
    DONE = "done"
    """Approved and in the outbox, or sent."""
    DROPPED = "dropped"
    """A person, a new post of the customer or a rule says that it is not to be written."""


class DigestState(StrEnum):
    """A stored digest for one reader."""

    COMPOSED = "composed"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class AlertState(StrEnum):
    """An alert until somebody has dealt with it."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


MENTION: Mapping[MentionState, frozenset[MentionState]] = {
    MentionState.COLLECTED: frozenset({MentionState.UNDERSTOOD, MentionState.HANDED_OVER, MentionState.GONE}),
    # Back to collected: the author edited the post, so it is understood anew.
    MentionState.UNDERSTOOD: frozenset(
        {MentionState.DRAFTED, MentionState.UNDRAFTED, MentionState.COLLECTED, MentionState.GONE}
    ),
    MentionState.DRAFTED: frozenset({MentionState.UNDERSTOOD, MentionState.COLLECTED, MentionState.GONE}),
    MentionState.UNDRAFTED: frozenset({MentionState.UNDERSTOOD, MentionState.COLLECTED, MentionState.GONE}),
    MentionState.HANDED_OVER: frozenset({MentionState.COLLECTED, MentionState.UNDERSTOOD, MentionState.GONE}),
    MentionState.GONE: frozenset(),
}

CONVERSATION: Mapping[ConversationState, frozenset[ConversationState]] = {
    ConversationState.OPEN: frozenset({ConversationState.SNOOZED, ConversationState.RESOLVED}),
    ConversationState.SNOOZED: frozenset({ConversationState.OPEN, ConversationState.RESOLVED}),
    ConversationState.RESOLVED: frozenset({ConversationState.OPEN}),
}

DRAFT: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.PROPOSED: frozenset(
        {DraftState.APPROVED, DraftState.REJECTED, DraftState.SUPERSEDED, DraftState.VOIDED}
    ),
    # Undo within the hold, or a voided delivery, puts the draft back before a person.
    DraftState.APPROVED: frozenset({DraftState.PROPOSED, DraftState.VOIDED}),
    DraftState.REJECTED: frozenset({DraftState.PROPOSED}),
    DraftState.SUPERSEDED: frozenset({DraftState.PROPOSED}),
    DraftState.VOIDED: frozenset(),
}

DELIVERY: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.HELD: frozenset({DeliveryState.QUEUED, DeliveryState.HANDED_OFF, DeliveryState.CANCELLED}),
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING, DeliveryState.CANCELLED, DeliveryState.REFUSED}),
    DeliveryState.SENDING: frozenset(
        {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.QUEUED, DeliveryState.UNCERTAIN}
    ),
    # Only after reconciliation with the platform, or by a person.
    DeliveryState.UNCERTAIN: frozenset({DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.CANCELLED}),
    DeliveryState.HANDED_OFF: frozenset({DeliveryState.SENT, DeliveryState.CANCELLED}),
    DeliveryState.SENT: frozenset(),
    DeliveryState.REFUSED: frozenset(),
    DeliveryState.CANCELLED: frozenset(),
}

FOLLOW_UP: Mapping[FollowUpState, frozenset[FollowUpState]] = {
    FollowUpState.PLANNED: frozenset({FollowUpState.DRAFTED, FollowUpState.DROPPED}),
    # Back to planned: the post was edited, or its day was moved.
    FollowUpState.DRAFTED: frozenset({FollowUpState.DONE, FollowUpState.DROPPED, FollowUpState.PLANNED}),
    # Back to drafted: taken back within the hold, or the platform refused.
    FollowUpState.DONE: frozenset({FollowUpState.DRAFTED}),
    FollowUpState.DROPPED: frozenset({FollowUpState.PLANNED}),
}

DIGEST: Mapping[DigestState, frozenset[DigestState]] = {
    DigestState.COMPOSED: frozenset({DigestState.SENDING}),
    DigestState.SENDING: frozenset(
        {DigestState.SENT, DigestState.REFUSED, DigestState.COMPOSED, DigestState.UNCERTAIN}
    ),
    DigestState.UNCERTAIN: frozenset({DigestState.SENT, DigestState.COMPOSED}),
    DigestState.SENT: frozenset(),
    DigestState.REFUSED: frozenset({DigestState.COMPOSED}),
}

ALERT: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.ACKNOWLEDGED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.OPEN}),
}

State = TypeVar("State", bound=StrEnum)


def advance(table: Mapping[State, frozenset[State]], current: State, to: State) -> State:
    """Return ``to`` if ``table`` allows the step from ``current``; raise ``IllegalTransitionError`` if not."""
    if to not in table[current]:
        raise IllegalTransitionError(current=current, to=to)
    return to


def sources(table: Mapping[State, frozenset[State]], to: State) -> frozenset[State]:
    """Return every state from which ``to`` may be reached: the WHERE clause of a conditional update."""
    return frozenset(state for state, following in table.items() if to in following)
