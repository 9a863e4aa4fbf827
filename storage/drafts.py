"""Drafts: the claim on understood mentions with all a drafter needs, and the rows of what was proposed.

What people do with drafts afterwards is in ``storage/reviews.py``; what edits and deletions do to them in ``storage/edits.py``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from domain.errors import NotFoundError
from domain.ids import ChannelAccountId, DraftId, MentionId
from domain.lifecycle import DraftState, MentionState
from domain.replies import CheckResult, Eligibility, ProposedDraft, SendTarget
from domain.understanding import Prediction, Understanding
from domain.words import (
    Band,
    Engagement,
    Intent,
    Language,
    Purpose,
    Risk,
    Sentiment,
    Topic,
    Urgency,
    Visibility,
)
from storage.claims import claim, release
from storage.database import Transaction
from storage.mentions import GATHERED, HISTORY
from storage.models import Author, ChannelAccount, Classification, Conversation, Draft, DraftRevision, Mention
from storage.reviews import find_live_visibilities
from storage.threads import store_checks
from storage.understanding import newest_classification


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderstoodMention:
    """One claimed mention with everything that drafting needs."""

    claimed: Mention
    """The claim; only ``record_drafts`` and ``postpone_drafting`` touch it."""
    account_id: ChannelAccountId
    channel_kind: str
    brand: str
    engagement: Engagement
    text: str
    author_name: str
    author_id: int
    topic: str
    posted_at: datetime
    target: SendTarget
    understanding: Understanding | None
    """The newest classification; None when there is none."""
    answered: frozenset[Visibility]
    """Where a live reply already stands."""

    @property
    def mention_id(self) -> MentionId:
        """Which one."""
        return MentionId(self.claimed.id)

    @property
    def conversation_id(self) -> int:
        """Its thread."""
        return self.claimed.conversation_id

    @property
    def attempts(self) -> int:
        """How often drafting for it was begun, this time included."""
        return self.claimed.attempts


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftToStore:
    """One option with the route it has and the findings on it."""

    proposed: ProposedDraft
    eligibility: Eligibility
    checks: tuple[CheckResult, ...] = ()


def claim_understood(tx: Transaction, *, limit: int, lease: timedelta) -> list[UnderstoodMention]:
    """Claim up to ``limit`` mentions that are understood and not drafted for, the oldest first; history and repeats are put aside."""
    _set_aside(tx)
    rows = claim(
        tx,
        Mention,
        due=[Mention.state == MentionState.UNDERSTOOD.value],
        order=[Mention.id],
        limit=limit,
        lease=lease,
    )
    return [gather_mention(tx, row) for row in rows]


def _set_aside(tx: Transaction) -> None:
    """Leave imported history and gathered repeats without a draft, all of them in one statement: it may be years, or a storm, and
    nobody waits for an answer there.
    """
    why = (
        select(Conversation.resolved_reason)
        .where(
            Conversation.id == Mention.conversation_id,
            Conversation.resolved_reason.in_((HISTORY, GATHERED)),
            Conversation.waiting.is_(False),
        )
        .correlate(Mention)
    )
    free = or_(Mention.claimed_until.is_(None), Mention.claimed_until < tx.now)
    values = {"state": MentionState.UNDRAFTED.value, "attempts": 0, "claim_token": None, "claimed_until": None}
    tx.session.execute(
        update(Mention)
        .where(Mention.state == MentionState.UNDERSTOOD.value, free, why.exists())
        .values(problem=why.scalar_subquery(), **values)
        .execution_options(synchronize_session=False)
    )


def gather_mention(tx: Transaction, row: Mention, *, purpose: Purpose = Purpose.ANSWER) -> UnderstoodMention:
    """Return a mention with everything that writing to its author for one purpose needs."""
    account = tx.session.get_one(ChannelAccount, row.channel_account_id)
    author = tx.session.get_one(Author, row.author_id)
    conversation = tx.session.get_one(Conversation, row.conversation_id)
    label = newest_classification(tx, row.id)
    return UnderstoodMention(
        claimed=row,
        account_id=ChannelAccountId(account.id),
        channel_kind=account.kind,
        brand=account.brand,
        engagement=Engagement(row.engagement),
        text=row.text,
        author_name=author.display_name,
        author_id=author.id,
        topic=label.topic if label else "",
        posted_at=row.created_at,
        target=SendTarget(
            external_id=row.external_id,
            author_external_id=author.external_id,
            author_handle=author.handle,
            thread_external_id=conversation.thread_external_id,
            url=row.url,
            platform_data={str(name): str(value) for name, value in row.platform_data.items()},
        ),
        understanding=_understanding(label) if label else None,
        answered=find_live_visibilities(tx, mention_id=row.id, purpose=purpose),
    )


def _understanding(row: Classification) -> Understanding:
    return Understanding(
        language=Language(row.language),
        prediction=Prediction(
            sentiment=Sentiment(row.sentiment),
            intent=Intent(row.intent),
            constructive=row.constructive,
            suggestion=row.suggestion,
            abuse=row.abuse,
            topic=Topic(row.topic),
            urgency=Urgency(row.urgency),
            risks=frozenset(Risk(risk) for risk in row.risks),
            needs_reply=row.needs_reply,
            needs_dm=row.needs_dm,
            scores={str(head): float(score) for head, score in row.scores.items()},
            reasons=tuple(str(reason) for reason in row.reasons),
        ),
        band=Band(row.band),
        model_id=row.model_id,
    )


def record_drafts(tx: Transaction, mention: UnderstoodMention, drafts: Sequence[DraftToStore], *, problem: str) -> bool:
    """Store the options in the order given and let go of the mention: ``drafted``, or ``undrafted`` with ``problem``.

    Open options that nobody has touched give way to the new ones. False: the claim was lost (edited, deleted, lease run out)
    and nothing was stored. Emits ``drafted``.
    """
    state = MentionState.UNDRAFTED if problem else MentionState.DRAFTED
    if not release(tx, mention.claimed, values={"state": state.value, "problem": problem, "attempts": 0}):
        return False
    tx.session.execute(
        update(Draft)
        .where(
            Draft.mention_id == mention.mention_id,
            Draft.purpose == Purpose.ANSWER.value,
            Draft.state == DraftState.PROPOSED.value,
            Draft.revision == 1,
        )
        .values(state=DraftState.SUPERSEDED.value)
        .execution_options(synchronize_session=False)
    )
    for position, draft in enumerate(drafts):
        store_draft(tx, mention, draft, position=position)
    tx.emit("drafted", conversation_id=mention.conversation_id)
    return True


def store_draft(
    tx: Transaction,
    mention: UnderstoodMention,
    given: DraftToStore,
    *,
    position: int,
    purpose: Purpose = Purpose.ANSWER,
) -> Draft:
    """Add one option with its first text."""
    proposed, eligibility = given.proposed, given.eligibility
    draft = Draft(
        mention_id=mention.mention_id,
        conversation_id=mention.conversation_id,
        kind=proposed.kind.value,
        position=position,
        visibility=proposed.visibility.value,
        purpose=purpose.value,
        language=proposed.language.value,
        drafter_id=proposed.drafter_id,
        route=eligibility.route.value,
        rule_id=eligibility.rule_id,
        reason_code=eligibility.reason_code,
        rule_date=eligibility.rule_date,
        citations=[asdict(citation) for citation in proposed.citations],
        facts_used=list(proposed.facts_used),
        open_questions=list(proposed.open_questions),
        wordings=list(proposed.wordings),
        created_at=tx.now,
    )
    tx.session.add(draft)
    tx.session.flush()
    revision = DraftRevision(
        draft_id=draft.id, number=1, text=proposed.text, checks=store_checks(given.checks), created_at=tx.now
    )
    tx.session.add(revision)
    return draft


def postpone_drafting(tx: Transaction, mention: UnderstoodMention, *, wait: timedelta) -> bool:
    """Let go of a mention that could not be drafted for now; it is taken up again after ``wait``."""
    return release(tx, mention.claimed, not_before=tx.now + wait)


def list_drafts(tx: Transaction, mention_id: MentionId) -> list[Draft]:
    """Return every option there ever was for a mention, in the order offered, whatever its state."""
    wanted = select(Draft).where(Draft.mention_id == mention_id).order_by(Draft.position, Draft.id)
    return list(tx.session.scalars(wanted))


def get_draft(tx: Transaction, draft_id: DraftId) -> tuple[Draft, DraftRevision]:
    """Return a draft with its newest text. Raises ``NotFoundError``."""
    found = tx.session.execute(
        select(Draft, DraftRevision)
        .join(DraftRevision, (DraftRevision.draft_id == Draft.id) & (DraftRevision.number == Draft.revision))
        .where(Draft.id == draft_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such draft.", remedy="Go back to the inbox.")
    return found[0], found[1]
