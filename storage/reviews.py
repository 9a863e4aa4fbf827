"""Writing decisions: revisions of drafts, reviews bound to the exact text, frozen replies, the case's next state."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from sqlalchemy import func, select, update

from domain.errors import NotFoundError
from domain.lifecycle import (
    DELIVERY,
    DRAFT,
    DeliveryState,
    DraftState,
    MentionState,
    advance,
    sources,
)
from domain.replies import CheckResult, Eligibility, hash_text
from domain.words import DraftKind, Language, Purpose, Verdict, Visibility
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Conversation, Delivery, Draft, DraftRevision, Mention, Reply, Review, User
from storage.threads import read_checks, store_checks

HAND_WRITTEN = "person"
"""``drafter_id`` of an option that nobody but a person writes."""
COMPARED_AT_MOST = 400_000
LIVE = tuple(state for state in DELIVERY if state not in (DeliveryState.CANCELLED, DeliveryState.REFUSED))


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a review records beside the rows it is about."""

    verdict: Verdict
    user_id: int
    reason: str = ""
    note: str = ""
    warnings_accepted: tuple[str, ...] = field(default=())


def lock_draft(tx: Transaction, draft_id: int) -> Draft:
    """Return a draft that nobody else can decide on until this transaction ends. Raises ``NotFoundError``."""
    draft = tx.session.scalar(
        select(Draft).where(Draft.id == draft_id).with_for_update().execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotFoundError("There is no such draft.", remedy="Go back to the inbox.")
    return draft


def lock_conversation(tx: Transaction, conversation_id: int) -> Conversation:
    """Return a conversation that nobody else can change until this transaction ends. Raises ``NotFoundError``."""
    conversation = tx.session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if conversation is None:
        raise NotFoundError("There is no such conversation.", remedy="Go back to the inbox.")
    return conversation


def revision_text(tx: Transaction, draft: Draft, number: int | None = None) -> str:
    """Return the text of one revision of a draft, the newest unless told."""
    wanted = number if number is not None else draft.revision
    found = tx.session.scalar(
        select(DraftRevision.text).where(DraftRevision.draft_id == draft.id, DraftRevision.number == wanted)
    )
    return found or ""


def revision_checks(tx: Transaction, draft: Draft) -> tuple[CheckResult, ...]:
    """Return the findings stored with a draft's newest revision."""
    stored = select(DraftRevision.checks).where(
        DraftRevision.draft_id == draft.id, DraftRevision.number == draft.revision
    )
    return read_checks(tx.session.scalar(stored) or [])


def add_revision(
    tx: Transaction, draft: Draft, *, text: str, user_id: int, checks: tuple[CheckResult, ...]
) -> DraftRevision:
    """Add a person's text as the draft's newest revision."""
    draft.revision += 1
    revision = DraftRevision(
        draft_id=draft.id,
        number=draft.revision,
        text=text,
        user_id=user_id,
        checks=store_checks(checks),
        created_at=tx.now,
    )
    tx.session.add(revision)
    return revision


def add_blank_draft(
    tx: Transaction,
    *,
    mention: Mention,
    visibility: Visibility,
    language: Language,
    eligibility: Eligibility,
    purpose: Purpose = Purpose.ANSWER,
) -> Draft:
    """Add an empty option, last in the row, for a person to write."""
    last = select(func.max(Draft.position)).where(Draft.mention_id == mention.id)
    position = tx.session.scalar(of_ours(last))
    draft = Draft(
        mention_id=mention.id,
        conversation_id=mention.conversation_id,
        kind=DraftKind.BLANK,
        position=0 if position is None else position + 1,
        visibility=visibility,
        purpose=purpose,
        language=language,
        drafter_id=HAND_WRITTEN,
        route=eligibility.route,
        rule_id=eligibility.rule_id,
        reason_code=eligibility.reason_code,
        rule_date=eligibility.rule_date,
        created_at=tx.now,
    )
    tx.session.add(draft)
    tx.session.flush()
    tx.session.add(DraftRevision(draft_id=draft.id, number=1, text="", created_at=tx.now))
    return draft


def count_proposed(tx: Transaction, *, mention_id: int, purpose: Purpose = Purpose.ANSWER) -> int:
    """Return how many options of a purpose are open for a mention."""
    open_options = (Draft.mention_id == mention_id, Draft.purpose == purpose, Draft.state == DraftState.PROPOSED)
    counted = select(func.count()).select_from(Draft).where(*open_options)
    return tx.session.scalar(of_ours(counted)) or 0


def record_review(tx: Transaction, draft: Draft, *, text: str, decision: Decision) -> Review:
    """Append one person's decision on a draft, bound to the exact text."""
    review = Review(
        conversation_id=draft.conversation_id,
        mention_id=draft.mention_id,
        draft_id=draft.id,
        draft_revision=draft.revision,
        user_id=decision.user_id,
        verdict=decision.verdict,
        reason=decision.reason,
        note=decision.note,
        text_hash=hash_text(text),
        edit_distance=count_changed(revision_text(tx, draft, 1), text),
        warnings_accepted=list(decision.warnings_accepted),
        created_at=tx.now,
    )
    tx.session.add(review)
    tx.session.flush()
    return review


def freeze_reply(tx: Transaction, draft: Draft, *, review: Review, text: str) -> Reply:
    """Keep the exact text that was approved."""
    reply = Reply(
        conversation_id=draft.conversation_id,
        mention_id=draft.mention_id,
        review_id=review.id,
        draft_id=draft.id,
        text=text,
        text_hash=review.text_hash,
        visibility=draft.visibility,
        purpose=draft.purpose,
        language=draft.language,
        created_at=tx.now,
    )
    tx.session.add(reply)
    tx.session.flush()
    return reply


def set_draft_state(draft: Draft, to: DraftState) -> None:
    """Step a draft along its state table."""
    draft.state = advance(DRAFT, DraftState(draft.state), to)


def supersede_options(
    tx: Transaction, *, mention_id: int, visibility: Visibility | None = None, purpose: Purpose | None = None
) -> list[int]:
    """Set aside every open option of a mention (of one visibility, of one purpose, if given); returns which."""
    open_options = [Draft.mention_id == mention_id, Draft.state.in_(sources(DRAFT, DraftState.SUPERSEDED))]
    if visibility is not None:
        open_options.append(Draft.visibility == visibility)
    if purpose is not None:
        open_options.append(Draft.purpose == purpose)
    tx.session.flush()
    ids = list(tx.session.scalars(of_ours(select(Draft.id).where(*open_options))))
    tx.session.execute(
        update(Draft)
        .where(Draft.id.in_(ids))
        .values(state=DraftState.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
    return ids


def stop_waiting(tx: Transaction, conversation: Conversation) -> None:
    """Take a conversation out of the queue: somebody dealt with it."""
    conversation.waiting = False
    conversation.waiting_since = None
    conversation.updated_at = tx.now


def find_approval(tx: Transaction, *, draft_id: int) -> tuple[Delivery, str] | None:
    """Return the live delivery made from a draft and who approved it, if there is one."""
    live = (
        select(Delivery, User.display_name)
        .join(Reply, Reply.id == Delivery.reply_id)
        .join(User, User.id == Delivery.approved_by)
        .where(Reply.draft_id == draft_id, Delivery.state.in_(LIVE))
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    live = of_ours(live)
    row = tx.session.execute(live).first()
    return (row[0], row[1]) if row else None


def find_live_visibilities(
    tx: Transaction, *, mention_id: int, purpose: Purpose = Purpose.ANSWER
) -> frozenset[Visibility]:
    """Return where a mention of this workspace was written to for this purpose already, or is about to be."""
    # By way of the conversation: deliveries have no index of their own on the mention that covers every state.
    conversation = select(Mention.conversation_id).where(Mention.id == mention_id).scalar_subquery()
    found = select(Delivery.visibility).where(
        Delivery.conversation_id == conversation,
        Delivery.mention_id == mention_id,
        Delivery.purpose == purpose,
        Delivery.state.in_(LIVE),
    )
    shown = tx.session.scalars(of_ours(found))
    return frozenset(Visibility(visibility) for visibility in shown)


def is_gone(tx: Transaction, *, mention_id: int) -> bool:
    """Return True when the post was deleted or protected upstream."""
    return tx.session.scalar(select(Mention.state).where(Mention.id == mention_id)) == MentionState.GONE


def count_changed(before: str, after: str) -> int:
    """Return how many characters differ between the common beginning and end: the longer side of every changed stretch.

    Beyond ``COMPARED_AT_MOST`` pairs it is the longer side of the whole middle, since comparing costs their product.
    """
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) * len(new) > COMPARED_AT_MOST:
        return max(len(old), len(new))
    stretches = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in stretches if kind != "equal")
