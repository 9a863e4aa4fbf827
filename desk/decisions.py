"""Decisions of people: approve, save, reject, ignore, reopen, assign. One request is one transaction: Review + Reply + Delivery + audit.

Each function is given the open transaction of its request and either does all of it or raises and does nothing.
"""

from dataclasses import dataclass

from desk.text_rules import Destination, Findings, TextRules
from domain.errors import BlockedByCheckError, KikiteError, NotFoundError, StaleDraftError
from domain.lifecycle import ConversationState, DraftState
from domain.replies import Eligibility, hash_text
from domain.words import IgnoreReason, Language, Purpose, RejectReason, Role, Route, Verdict, Visibility
from storage.case_endings import keep_open
from storage.database import Transaction
from storage.follow_ups import finish
from storage.gatherings import set_free
from storage.ignoring import IGNORED, reopen_ignored, resolve_ignored
from storage.inbox import find_key
from storage.models import ChannelAccount, Conversation, Delivery, Draft, Mention
from storage.opt_outs import is_opted_out
from storage.outbox import create_delivery
from storage.people import SignedInUser
from storage.reviews import (
    Decision,
    add_blank_draft,
    add_revision,
    count_proposed,
    find_approval,
    freeze_reply,
    is_gone,
    lock_conversation,
    lock_draft,
    record_review,
    revision_checks,
    revision_text,
    set_draft_state,
    stop_waiting,
    supersede_options,
)
from storage.surroundings import read_surroundings
from storage.threads import read_citations

FORBIDDEN = "route_forbidden"


class WarningsNotAcceptedError(KikiteError):
    """A check warns and nobody has said that they have seen it: a second press is needed."""

    def __init__(self, *, codes: tuple[str, ...]) -> None:
        super().__init__(f"To be confirmed: {', '.join(codes)}.", remedy="Press again to approve all the same.")
        self.codes = codes


class AlreadyDecidedError(KikiteError):
    """Somebody decided on this draft before; ``by`` names them where known, ``same`` says it was this very approval."""

    def __init__(self, *, state: DraftState, by: str = "", same: bool = False) -> None:
        super().__init__("This draft has been decided on.", remedy="Open the conversation again.")
        self.state = state
        self.by = by
        self.same = same


class PostGoneError(KikiteError):
    """The post was deleted upstream; there is nothing to answer."""


class OptedOutError(KikiteError):
    """Who would be written to asked to be left alone."""


class CaseAliveError(KikiteError):
    """A newer post of the customer waits for an answer: what was to be written of our own accord is out of place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedText:
    """What a form carries: which draft, which revision it was opened on, and the text as it stands in the field."""

    draft_id: int
    revision: int
    text: str


def approve(
    tx: Transaction,
    typed: TypedText,
    *,
    user: SignedInUser,
    rules: TextRules,
    hold_seconds: int,
    accepted: frozenset[str] = frozenset(),
) -> Delivery:
    """Approve exactly the typed text and put it into the outbox, held.

    Raises ``AlreadyDecidedError`` (``same`` on a double click), ``StaleDraftError``, ``BlockedByCheckError``,
    ``WarningsNotAcceptedError`` for warnings not in ``accepted``, ``AlreadyAnsweredError``, ``PostGoneError``, ``OptedOutError``, ``CaseAliveError``.
    """
    draft = lock_draft(tx, typed.draft_id)
    _require_open(tx, draft, typed)
    stored = revision_checks(tx, draft) if typed.text == revision_text(tx, draft) else ()
    findings = rules.inspect(typed.text, destination_of(tx, draft), stored=stored)
    _require_sendable(tx, draft, findings, accepted)
    conversation = lock_conversation(tx, draft.conversation_id)
    purpose = Purpose(draft.purpose)
    if purpose is not Purpose.ANSWER and conversation.waiting and draft.mention_id != conversation.lead_mention_id:
        raise CaseAliveError("A newer post waits for an answer.", remedy="Answer that one.")
    proposed = revision_text(tx, draft, 1)
    if typed.text != revision_text(tx, draft):
        add_revision(tx, draft, text=typed.text, user_id=user.user_id, checks=findings.checks)
    verdict = Verdict.APPROVED if typed.text == proposed else Verdict.EDITED
    decision = Decision(verdict=verdict, user_id=user.user_id, warnings_accepted=findings.warnings)
    review = record_review(tx, draft, text=typed.text, decision=decision)
    reply = freeze_reply(tx, draft, review=review, text=typed.text)
    set_draft_state(draft, DraftState.APPROVED)
    supersede_options(tx, mention_id=draft.mention_id, visibility=Visibility(draft.visibility), purpose=purpose)
    delivery = create_delivery(
        tx,
        reply=reply,
        route=Route(draft.route),
        channel_account_id=conversation.channel_account_id,
        hold_seconds=hold_seconds,
        approved_by=user.user_id,
        waiting_since_before=conversation.waiting_since,
    )
    # A newer post that came in meanwhile still waits: this reply answers the one it was written for.
    if draft.mention_id == conversation.lead_mention_id:
        stop_waiting(tx, conversation)
    if purpose is not Purpose.ANSWER:
        finish(tx, draft)
    _note(tx, draft.conversation_id, user=user, verb=f"draft_{verdict}", subject=f"delivery:{delivery.id}")
    return delivery


def save(tx: Transaction, typed: TypedText, *, user: SignedInUser, rules: TextRules) -> int:
    """Keep the typed text as the draft's newest revision and return its number; nothing is added when it is the same.

    Raises ``AlreadyDecidedError``, ``StaleDraftError``, ``PostGoneError``.
    """
    draft = lock_draft(tx, typed.draft_id)
    _require_open(tx, draft, typed)
    if typed.text != revision_text(tx, draft):
        findings = rules.inspect(typed.text, destination_of(tx, draft))
        add_revision(tx, draft, text=typed.text, user_id=user.user_id, checks=findings.checks)
        _note(tx, draft.conversation_id, user=user, verb="draft_saved", subject=f"draft:{draft.id}")
    return draft.revision


def reject(tx: Transaction, typed: TypedText, *, user: SignedInUser, reason: RejectReason, note: str = "") -> None:
    """Set a draft aside with a reason. The case keeps waiting; without another option a blank one is left to write in.

    Raises ``AlreadyDecidedError``, ``StaleDraftError``, ``PostGoneError``.
    """
    draft = lock_draft(tx, typed.draft_id)
    _require_open(tx, draft, typed)
    decision = Decision(verdict=Verdict.REJECTED, user_id=user.user_id, reason=reason, note=note)
    record_review(tx, draft, text=revision_text(tx, draft), decision=decision)
    set_draft_state(draft, DraftState.REJECTED)
    tx.session.flush()
    purpose = Purpose(draft.purpose)
    if not count_proposed(tx, mention_id=draft.mention_id, purpose=purpose):
        add_blank_draft(
            tx,
            mention=tx.session.get_one(Mention, draft.mention_id),
            visibility=Visibility(draft.visibility),
            language=Language(draft.language),
            eligibility=Eligibility(
                route=Route(draft.route),
                rule_id=draft.rule_id,
                reason_code=draft.reason_code,
                rule_date=draft.rule_date,
            ),
            purpose=purpose,
        )
    detail = {"reason": str(reason)}
    _note(tx, draft.conversation_id, user=user, verb="draft_rejected", subject=f"draft:{draft.id}", detail=detail)


def ignore(tx: Transaction, conversation_id: int, *, user: SignedInUser, reason: IgnoreReason, note: str = "") -> None:
    """Close a case without an answer. Doing it twice is one review."""
    conversation = lock_conversation(tx, conversation_id)
    if conversation.state == ConversationState.RESOLVED and conversation.resolved_reason == reason:
        return
    detail = resolve_ignored(
        tx,
        conversation,
        decision=Decision(verdict=Verdict.IGNORED, user_id=user.user_id, reason=reason, note=note),
    )
    _note(tx, conversation.id, user=user, verb=IGNORED, detail=detail)


def reopen(tx: Transaction, conversation_id: int, *, user: SignedInUser) -> None:
    """Take an ignoring back: the case waits again, with its old clock and options. Doing it twice is doing it once.

    A gathered case is taken out. Raises ``IllegalTransitionError`` when the post is gone.
    """
    if take_out(tx, conversation_id, user=user):
        return
    conversation = lock_conversation(tx, conversation_id)
    keep_open(tx, conversation_id)
    if reopen_ignored(tx, conversation):
        _note(tx, conversation.id, user=user, verb="conversation_reopened")


def take_out(tx: Transaction, conversation_id: int, *, user: SignedInUser) -> bool:
    """Let a case that stands under another, for saying the same, be handled by itself: it waits since its own post.

    False when it stands under none (any more): nothing is done. Raises ``NotFoundError``.
    """
    if find_key(tx, conversation_id) is None:
        raise NotFoundError("There is no such conversation.", remedy="Go back to the inbox.")
    changed = set_free(tx, [conversation_id])
    if changed:
        _note(tx, conversation_id, user=user, verb="conversation_taken_out")
    for lead_id in changed:
        if lead_id != conversation_id:
            tx.emit("review", conversation_id=lead_id)
    return bool(changed)


def assign(tx: Transaction, conversation_id: int, *, user: SignedInUser, to_me: bool) -> None:
    """Take a case for oneself, or give it back to everybody."""
    conversation = lock_conversation(tx, conversation_id)
    assignee = user.user_id if to_me else None
    if conversation.assignee_id != assignee:
        conversation.assignee_id = assignee
        conversation.updated_at = tx.now
        _note(tx, conversation.id, user=user, verb="conversation_assigned" if to_me else "conversation_unassigned")


def destination_of(tx: Transaction, draft: Draft) -> Destination:
    """Return where a draft's text is meant to go."""
    conversation = tx.session.get_one(Conversation, draft.conversation_id)
    account = tx.session.get_one(ChannelAccount, conversation.channel_account_id)
    return Destination(
        account_id=account.id,
        brand=account.brand,
        visibility=Visibility(draft.visibility),
        language=Language(draft.language),
        purpose=Purpose(draft.purpose),
        citations=read_citations(draft.citations),
        surroundings=read_surroundings(tx, draft.mention_id),
    )


def required_role(verdict: Verdict) -> Role:
    """Return who may decide this."""
    return Role.APPROVER if verdict in (Verdict.APPROVED, Verdict.EDITED) else Role.AGENT


def _require_open(tx: Transaction, draft: Draft, typed: TypedText) -> None:
    if draft.state == DraftState.VOIDED or is_gone(tx, mention_id=draft.mention_id):
        raise PostGoneError("The post is no longer there.", remedy="Close the case.")
    if draft.state != DraftState.PROPOSED:
        approval = find_approval(tx, draft_id=draft.id)
        same = approval is not None and hash_text(typed.text) == hash_text(revision_text(tx, draft))
        raise AlreadyDecidedError(state=DraftState(draft.state), by=approval[1] if approval else "", same=same)
    if draft.revision != typed.revision:
        raise StaleDraftError(current_text=revision_text(tx, draft), current_revision=draft.revision)


def _require_sendable(tx: Transaction, draft: Draft, findings: Findings, accepted: frozenset[str]) -> None:
    blocks = findings.blocks
    if is_opted_out(tx, tx.session.get_one(Mention, draft.mention_id).author_id):
        raise OptedOutError("This person asked to be left alone.", remedy="Close the case.")
    if draft.route == Route.FORBIDDEN:
        blocks = (FORBIDDEN, *blocks)
    if blocks:
        raise BlockedByCheckError(codes=blocks)
    missing = tuple(code for code in findings.warnings if code not in accepted)
    if missing:
        raise WarningsNotAcceptedError(codes=missing)


def _note(
    tx: Transaction,
    conversation_id: int,
    *,
    user: SignedInUser,
    verb: str,
    subject: str = "",
    detail: dict[str, str] | None = None,
) -> None:
    tx.audit(
        verb,
        actor=user.display_name,
        user_id=user.user_id,
        conversation_id=conversation_id,
        subject=subject or f"conversation:{conversation_id}",
        detail=detail,
    )
    tx.emit("review", conversation_id=conversation_id)
