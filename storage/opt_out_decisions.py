"""Leaving somebody alone, and letting them be written to again: each a step in the audit trail, the first takes back what waits."""

from typing import Final

from sqlalchemy import select

from domain.errors import NotFoundError
from domain.lifecycle import DeliveryState, DraftState
from domain.words import DeliveryProblem
from storage.customers import find_profiles
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, Delivery, Mention, OptOut
from storage.opt_outs import ASKED, BY_PERSON, LIFTED
from storage.outbox import cancel_for_mention
from storage.people import SignedInUser

ACTOR: Final = "opt_out"
NOT_LEFT: Final = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.HANDED_OFF)
"""What is handed off and not recorded as posted is recalled, too: whoever was about to post it sees why."""


def opt_out(tx: Transaction, author_id: int, *, user: SignedInUser | None, mention_id: int | None = None) -> bool:
    """Leave a profile alone from now on; ``user`` None: by their own unmistakable words. False: it was so already.

    Whatever has not left for them, on any linked profile, is taken back at once. Raises ``NotFoundError``.
    """
    author = tx.session.scalar(select(Author.id).where(Author.id == author_id).with_for_update())
    if author is None:
        raise NotFoundError("There is no such profile.", remedy="Go back to the inbox.")
    if mention_id is not None:
        theirs = find_profiles(tx, author_id)
        mention_id = tx.session.scalar(
            select(Mention.id).where(Mention.id == mention_id, Mention.author_id.in_(theirs))
        )
    standing = tx.session.scalar(select(OptOut).where(OptOut.author_id == author_id))
    if standing is not None and (standing.reason != LIFTED or _is_settled(tx, standing, user, mention_id)):
        return False
    row = standing or OptOut(author_id=author_id)
    row.reason = BY_PERSON if user else ASKED
    row.mention_id, row.user_id, row.created_at = mention_id, user.user_id if user else None, tx.now
    tx.session.add(row)
    tx.session.flush()
    _note(tx, "person_opted_out", author_id, user=user, mention_id=mention_id)
    _take_back(tx, author_id)
    return True


def opt_in(tx: Transaction, author_id: int, *, user: SignedInUser) -> bool:
    """Let somebody be written to again, on every linked profile; False: nothing held them off."""
    wanted = select(OptOut).where(OptOut.author_id.in_(find_profiles(tx, author_id)), OptOut.reason != LIFTED)
    standing = list(tx.session.scalars(wanted.with_for_update()))
    for row in standing:
        row.reason, row.mention_id, row.user_id, row.created_at = LIFTED, None, user.user_id, tx.now
    if not standing:
        return False
    tx.session.flush()
    _note(tx, "person_opted_in", author_id, user=user)
    return True


def _is_settled(tx: Transaction, lifted: OptOut, user: SignedInUser | None, mention_id: int | None) -> bool:
    """Tell whether a person has let them be written to again since that post: a rule does not overrule people."""
    if user is not None:
        return False
    posted = tx.session.scalar(select(Mention.created_at).where(Mention.id == mention_id))
    return posted is None or posted <= lifted.created_at


def _take_back(tx: Transaction, author_id: int) -> None:
    theirs = set(find_profiles(tx, author_id))
    # From the few that have not left: their index begins with the workspace.
    leaving = (
        select(Delivery.mention_id, Mention.author_id)
        .join(Mention, Mention.id == Delivery.mention_id)
        .where(Delivery.state.in_(NOT_LEFT), Delivery.workspace_id == tx.workspace_id)
    )
    found = {row.mention_id for row in tx.session.execute(of_ours(leaving)) if row.author_id in theirs}
    for mention_id in sorted(found):
        # The draft stays, so that nothing typed is lost; it cannot be approved while they are to be left alone.
        cancel_for_mention(
            tx, mention_id, reason=DeliveryProblem.OPTED_OUT, actor=ACTOR, draft=DraftState.PROPOSED, among=NOT_LEFT
        )


def _note(
    tx: Transaction, verb: str, author_id: int, *, user: SignedInUser | None, mention_id: int | None = None
) -> None:
    said_in = select(Mention.conversation_id).where(Mention.id == mention_id)
    tx.audit(
        verb,
        actor=user.display_name if user else ACTOR,
        user_id=user.user_id if user else None,
        conversation_id=tx.session.scalar(said_in) if mention_id else None,
        subject=f"author:{author_id}",
    )
