"""What became of drafts: approved as they were, changed, rejected; for figures of how good they are and what to word otherwise."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from sqlalchemy import select

from domain.words import DraftKind, Verdict
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import ChannelAccount, Conversation, Draft, DraftRevision, Reply, Review, User

LATEST_REVIEWS: Final = 1_000
"""How far back is counted: what is read must not grow with what is stored."""
DECIDED: Final = (Verdict.APPROVED.value, Verdict.EDITED.value, Verdict.REJECTED.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedDraft:
    """A draft and the last decision on it. Texts are empty once the post is forgotten."""

    draft_id: int
    conversation_id: int
    verdict: str
    reason: str
    """Why it was rejected: a code under ``desk.reject_reason``."""
    edit_distance: int
    by: str
    at: datetime
    playbook: str
    language: str
    channel_kind: str
    drafter_id: str
    wordings: tuple[str, ...]
    proposed: str
    approved: str

    @property
    def is_unchanged(self) -> bool:
        """Approved as it was drafted."""
        return self.verdict != Verdict.REJECTED and self.edit_distance == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """Figures of some drafts."""

    name: str
    count: int
    unchanged: int
    edited: int
    rejected: int
    median_edit: float
    """Characters changed, over those that were approved."""
    reasons: tuple[tuple[str, int], ...] = ()
    """Why rejected, most frequent first."""

    @property
    def unchanged_share(self) -> float:
        """Of all that were decided on, 0 to 1."""
        return self.unchanged / self.count if self.count else 0.0


def read_judged(tx: Transaction, *, limit: int = LATEST_REVIEWS) -> list[JudgedDraft]:
    """Return drafts with the last decision on each, the latest first; what a person wrote from nothing is none."""
    columns = (
        *(Review.draft_id, Review.conversation_id, Review.verdict, Review.reason, Review.edit_distance),
        *(Review.created_at, User.display_name, Draft.citations, Draft.language, ChannelAccount.kind),
        *(Draft.drafter_id, Draft.wordings, DraftRevision.text.label("proposed"), Reply.text.label("approved")),
    )
    wanted = (
        select(*columns)
        .join(Draft, Draft.id == Review.draft_id)
        .join(DraftRevision, (DraftRevision.draft_id == Draft.id) & (DraftRevision.number == 1))
        .join(User, User.id == Review.user_id)
        .join(Conversation, Conversation.id == Review.conversation_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .outerjoin(Reply, Reply.review_id == Review.id)
        .where(
            Review.workspace_id == tx.workspace_id,
            Review.verdict.in_(DECIDED),
            Draft.kind != DraftKind.BLANK.value,
        )
        .order_by(Review.id.desc())
        .limit(limit)
    )
    latest: dict[int, JudgedDraft] = {}
    for row in tx.session.execute(of_ours(wanted)):
        # Taken back and decided anew: only the last decision counts.
        latest.setdefault(row.draft_id, _read(row))
    return list(latest.values())


def sum_up(judged: Iterable[JudgedDraft], name_of: Callable[[JudgedDraft], str]) -> list[Quality]:
    """Return figures for each name, the one with most decisions first."""
    groups: dict[str, list[JudgedDraft]] = {}
    for one in judged:
        groups.setdefault(name_of(one), []).append(one)
    return sorted((_count(name, group) for name, group in groups.items()), key=lambda one: (-one.count, one.name))


def _count(name: str, group: list[JudgedDraft]) -> Quality:
    approved = [one for one in group if one.verdict != Verdict.REJECTED]
    unchanged = sum(one.is_unchanged for one in approved)
    rejected = Counter(one.reason for one in group if one.verdict == Verdict.REJECTED)
    return Quality(
        name=name,
        count=len(group),
        unchanged=unchanged,
        edited=len(approved) - unchanged,
        rejected=rejected.total(),
        median_edit=float(median(one.edit_distance for one in approved)) if approved else 0.0,
        reasons=tuple(sorted(rejected.items(), key=lambda one: (-one[1], one[0]))),
    )


def _read(row: Any) -> JudgedDraft:  # noqa: ANN401 - a row of the columns above
    cited = (one for one in row.citations or () if isinstance(one, dict) and one.get("kind") == "playbook")
    return JudgedDraft(
        draft_id=row.draft_id,
        conversation_id=row.conversation_id,
        verdict=row.verdict,
        reason=row.reason,
        edit_distance=row.edit_distance,
        by=row.display_name,
        at=row.created_at,
        playbook=str(next(cited, {}).get("reference", "")),
        language=row.language,
        channel_kind=row.kind,
        drafter_id=row.drafter_id,
        wordings=tuple(str(one) for one in row.wordings or ()),
        proposed=row.proposed or "",
        approved=row.approved or "",
    )
