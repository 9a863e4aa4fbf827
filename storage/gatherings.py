"""Cases that repeat another's words: they stand under it, out of the queue, until something sets them free.

One level only: a *lead* has cases under it and stands under none. Nothing is lost: each gathered case keeps its post, its label
and its own clock, which simply does not count while it is gathered.
Rows that another transaction may touch at the same time are locked first, in the order of their ids.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, exists, func, select, update

from domain.lifecycle import MENTION, ConversationState, MentionState, sources
from domain.words import UrgencyRank
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.mentions import GATHERED, OURS_ALREADY
from storage.models import Conversation, Mention, MentionSketch
from storage.storm_alerts import warn_of_storms

CASES_AT_ONCE: Final = 500
"""Branches in one CASE."""


def gather(tx: Transaction, leads: Mapping[int, int]) -> list[int]:
    """Put conversations (the keys) under their leads; return the leads that took any.

    A lead that left or was itself gathered meanwhile takes none: the case then stays in the queue.
    """
    standing = _lock_leads(tx, set(leads.values()))
    under = {case_id: lead for case_id, lead in leads.items() if lead in standing}
    for chunk in _chunks(sorted(under)):
        values = {
            "gathered_under_id": _by_id({case_id: under[case_id] for case_id in chunk}),
            "waiting": False,
            "state": ConversationState.RESOLVED.value,
            "resolved_reason": GATHERED,
            "updated_at": tx.now,
        }
        _update(tx, chunk, values)
    more = Counter(under.values())
    _count(tx, more)
    warn_of_storms(tx, {lead: (standing[lead], standing[lead] + count) for lead, count in more.items()})
    return sorted(more)


def set_free(tx: Transaction, conversation_ids: Sequence[int], *, waiting: bool = True) -> list[int]:
    """Take gathered conversations out: each is a case of its own again, in the queue since its own post, unless ``waiting``
    is False. Returns those that were gathered, and the leads they stood under.
    """
    _lock_leads(tx, set(_find_leads(tx, conversation_ids).values()))
    under = _find_leads(tx, conversation_ids, lock=True)
    # Once more: somebody may have handed them over to another lead while we waited for the lock.
    locked = _lock_leads(tx, set(under.values()))
    _count(tx, {lead: -count for lead, count in Counter(under.values()).items() if lead in locked})
    for chunk in _chunks(sorted(under)):
        _update(tx, chunk, {"gathered_under_id": None, "updated_at": tx.now})
    if waiting:
        _put_into_queue(tx, sorted(under))
    return sorted({*under, *under.values()})


def hand_over(tx: Transaction, lead_ids: Sequence[int]) -> list[int]:
    """Give what is gathered under each of ``lead_ids`` to the oldest of it, which takes over the lead's place: in the queue if it
    waits, else dealt with as the lead was. Returns every conversation touched that has a place of its own.
    """
    touched: list[int] = []
    for lead_id in sorted(_lock_leads(tx, set(lead_ids))):
        lead = tx.session.get_one(Conversation, lead_id, populate_existing=True)
        oldest = (
            select(Conversation)
            .where(Conversation.gathered_under_id == lead_id)
            .order_by(Conversation.created_at, Conversation.id)
            .limit(1)
        )
        heir: Conversation | None = tx.session.scalar(of_ours(oldest).execution_options(populate_existing=True))
        if heir is None:
            continue
        tx.session.execute(
            update(Conversation)
            .where(Conversation.gathered_under_id == lead_id, Conversation.id != heir.id)
            .values(gathered_under_id=heir.id)
            .execution_options(**OURS_ALREADY)
        )
        count, waits = lead.gathered_count - 1, lead.waiting
        _update(tx, [lead_id], {"gathered_count": 0})
        _update(tx, [heir.id], {"gathered_under_id": None, "gathered_count": count, "updated_at": tx.now})
        if waits:
            _put_into_queue(tx, [heir.id])
        else:
            _update(tx, [heir.id], {"state": lead.state, "resolved_reason": lead.resolved_reason})
        _hand_over_sketch(tx, lead_id, heir)
        touched += [lead_id, heir.id]
    return touched


def settle_gone(tx: Transaction, conversation_ids: Sequence[int]) -> list[int]:
    """After posts of these conversations went away: a gathered case without a post leaves its lead, and a lead whose first post is
    gone is followed by the oldest of the rest. Call it while the leads still have their place in the queue.
    """
    gathered = select(Conversation.id, Conversation.gathered_under_id, Conversation.lead_mention_id).where(
        Conversation.id.in_(conversation_ids),
        (Conversation.gathered_count > 0) | Conversation.gathered_under_id.is_not(None),
    )
    rows = tx.session.execute(of_ours(gathered)).all()
    if not rows:
        return []
    empty = [row.id for row in rows if row.gathered_under_id is not None and row.lead_mention_id is None]
    leads = [row.id for row in rows if row.gathered_under_id is None]
    first = {mention.conversation_id: mention for mention in first_mentions(tx, leads)}
    unled = [lead for lead in leads if lead not in first or first[lead].state == MentionState.GONE]
    return [*set_free(tx, empty, waiting=False), *hand_over(tx, unled)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """A lead and one case under it."""

    lead_id: int
    follower_id: int


def gathered_among(tx: Transaction, conversation_ids: Sequence[int]) -> list[Gathered]:
    """Return each of these conversations that is gathered with its lead, and each that is a lead with the oldest under it."""
    found = {
        follower: Gathered(lead_id=lead, follower_id=follower)
        for follower, lead in _find_leads(tx, conversation_ids).items()
    }
    oldest = (
        select(func.min(Conversation.id).label("id"), Conversation.gathered_under_id)
        .where(Conversation.gathered_under_id.in_(conversation_ids))
        .group_by(Conversation.gathered_under_id)
    )
    for row in tx.session.execute(of_ours(oldest)):
        found.setdefault(row.id, Gathered(lead_id=row.gathered_under_id, follower_id=row.id))
    return [found[follower] for follower in sorted(found)]


def first_mentions(tx: Transaction, conversation_ids: Sequence[int]) -> list[Mention]:
    """Return the post that each conversation began with: the one whose words it is gathered by."""
    first = select(func.min(Mention.id)).where(Mention.conversation_id.in_(conversation_ids))
    ids = list(tx.session.scalars(of_ours(first.group_by(Mention.conversation_id))))
    wanted = select(Mention).where(Mention.id.in_(ids)).execution_options(populate_existing=True)
    return list(tx.session.scalars(of_ours(wanted)))


def let_urgent_out(tx: Transaction, conversation: Conversation) -> None:
    """Free cases whose words, though alike, are more urgent than their lead's. Call it when one of them has got its label.

    A case in the very words of its lead stays: whoever decides on the lead has read them.
    """
    tx.session.flush()
    lead_id = conversation.gathered_under_id or conversation.id
    if conversation.gathered_under_id is None and not conversation.gathered_count:
        return
    lead = tx.session.get(Conversation, lead_id, populate_existing=True)
    if lead is None or lead.urgency_rank in {UrgencyRank.CRITICAL, UrgencyRank.UNKNOWN}:
        return
    said = select(Mention.text).where(Mention.id == lead.lead_mention_id).scalar_subquery()
    other_words = exists().where(Mention.id == Conversation.lead_mention_id, Mention.text != said)
    here = Conversation.gathered_under_id == lead_id
    if conversation.gathered_under_id is not None:
        here &= Conversation.id == conversation.id
    urgent = select(Conversation.id).where(here, Conversation.urgency_rank == UrgencyRank.CRITICAL, other_words)
    freed = set_free(tx, list(tx.session.scalars(of_ours(urgent))))
    for freed_id in freed:
        tx.emit("mention", conversation_id=freed_id)
    if freed:
        tx.session.refresh(conversation)


def _find_leads(tx: Transaction, conversation_ids: Sequence[int], *, lock: bool = False) -> dict[int, int]:
    found: dict[int, int] = {}
    for chunk in _chunks(conversation_ids):
        wanted = select(Conversation.id, Conversation.gathered_under_id).where(
            Conversation.id.in_(chunk), Conversation.gathered_under_id.is_not(None)
        )
        wanted = wanted.order_by(Conversation.id).with_for_update() if lock else wanted
        found.update((row.id, row.gathered_under_id) for row in tx.session.execute(of_ours(wanted)))
    return found


def _lock_leads(tx: Transaction, conversation_ids: set[int]) -> dict[int, int]:
    """Lock those of ``conversation_ids`` that stand under no other; return how many each has under it."""
    found: dict[int, int] = {}
    for chunk in _chunks(sorted(conversation_ids)):
        wanted = (
            select(Conversation.id, Conversation.gathered_count)
            .where(Conversation.id.in_(chunk), Conversation.gathered_under_id.is_(None))
            .order_by(Conversation.id)
            .with_for_update()
        )
        found.update((row.id, row.gathered_count) for row in tx.session.execute(of_ours(wanted)))
    return found


def _count(tx: Transaction, more: Mapping[int, int]) -> None:
    for chunk in _chunks(sorted(lead for lead, count in more.items() if count)):
        changed = Conversation.gathered_count + _by_id({lead: more[lead] for lead in chunk})
        _update(tx, chunk, {"gathered_count": changed, "updated_at": tx.now})


def _put_into_queue(tx: Transaction, conversation_ids: Sequence[int]) -> None:
    """Let cases wait since their own post, and their posts be drafted for."""
    waits = {
        "waiting": True,
        "waiting_since": func.coalesce(Conversation.waiting_since, Conversation.created_at),
        "state": ConversationState.OPEN.value,
        "resolved_reason": "",
    }
    again = [state.value for state in sources(MENTION, MentionState.UNDERSTOOD) & {MentionState.UNDRAFTED}]
    for chunk in _chunks(conversation_ids):
        _update(tx, chunk, waits)
        tx.session.execute(
            update(Mention)
            .where(Mention.conversation_id.in_(chunk), Mention.state.in_(again), Mention.problem == GATHERED)
            .values(state=MentionState.UNDERSTOOD.value, problem="")
            .execution_options(**OURS_ALREADY)
        )


def _hand_over_sketch(tx: Transaction, lead_id: int, heir: Conversation) -> None:
    """Let later repeats find the heir, whose words are near enough to the lead's."""
    of_lead = select(Mention.id).where(Mention.conversation_id == lead_id)
    tx.session.execute(
        update(MentionSketch)
        .where(MentionSketch.mention_id.in_(list(tx.session.scalars(of_ours(of_lead)))))
        .values(mention_id=heir.lead_mention_id)
        .execution_options(**OURS_ALREADY)
    )


def _by_id(values: Mapping[int, int]) -> Any:  # noqa: ANN401 - an SQL expression
    return case(values, value=Conversation.id)


def _update(tx: Transaction, conversation_ids: Sequence[int], values: Mapping[str, Any]) -> None:
    tx.session.execute(
        update(Conversation)
        .where(Conversation.id.in_(conversation_ids))
        .values(values)
        .execution_options(**OURS_ALREADY)
    )


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + CASES_AT_ONCE] for start in range(0, len(ids), CASES_AT_ONCE)]
