"""Rows for tests, with sensible defaults: the wrong coat. Any column can be given by its name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import func, select

from domain.lifecycle import DraftState
from domain.replies import hash_text
from domain.words import DraftKind, Engagement, Language, MentionKind, Route, Verdict, Visibility
from storage.database import Transaction
from storage.models import (
    Author,
    Base,
    ChannelAccount,
    Conversation,
    Delivery,
    Draft,
    DraftRevision,
    Mention,
    Reply,
    Review,
    User,
)

WRONG_COAT = "I ordered the green winter coat and got a blue one. What do I do now?"
APOLOGY = "We are so sorry that the wrong coat reached you. May we ask you to send us a direct message?"


Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A conversation with its one mention."""

    account: ChannelAccount
    author: Author
    conversation: Conversation
    mention: Mention


def _number(tx: Transaction, model: type[Base]) -> int:
    return (tx.session.scalar(select(func.count()).select_from(model)) or 0) + 1


def _add(tx: Transaction, row: Row) -> Row:
    tx.session.add(row)
    tx.session.flush()
    return row


def make_account(tx: Transaction, *, name: str = "", kind: str = "sandbox", **columns: object) -> ChannelAccount:
    """Add a connected account; ``name`` is made up unless given."""
    columns = {"brand": "default", "own_external_id": "us"} | columns
    name = name or f"account-{_number(tx, ChannelAccount)}"
    return _add(tx, ChannelAccount(name=name, kind=kind, **columns))


def make_conversation_with_mention(
    tx: Transaction,
    *,
    text: str = WRONG_COAT,
    account: ChannelAccount | None = None,
    conversation: dict[str, object] | None = None,
    author: dict[str, object] | None = None,
    **mention: object,
) -> Thread:
    """Add one mention in a thread of its own, waiting since it was posted an hour ago.

    Further keywords are columns of the mention; ``conversation`` and ``author`` carry columns of theirs.
    """
    account = account or make_account(tx)
    number = _number(tx, Mention)
    posted = mention.setdefault("created_at", tx.now - timedelta(hours=1))
    author = {"external_id": f"customer-{number}", "handle": f"customer{number}", "first_seen_at": tx.now} | (
        author or {}
    )
    writer = _add(tx, Author(channel_account_id=account.id, **author))
    thread = {
        "thread_external_id": f"post-{number}",
        "waiting_since": posted,
        "created_at": posted,
        "updated_at": tx.now,
    } | (conversation or {})
    place = _add(tx, Conversation(channel_account_id=account.id, author_id=writer.id, **thread))
    columns = {
        "external_id": f"post-{number}",
        "kind": MentionKind.POST,
        "engagement": Engagement.MENTIONED,
        "collected_at": tx.now,
        "text_original": text,
    } | mention
    post = _add(
        tx, Mention(channel_account_id=account.id, conversation_id=place.id, author_id=writer.id, text=text, **columns)
    )
    place.lead_mention_id = post.id
    tx.session.flush()
    return Thread(account=account, author=writer, conversation=place, mention=post)


def make_draft(tx: Transaction, *, mention: Mention, text: str = APOLOGY, **columns: object) -> Draft:
    """Add an option with its first revision. A ``visibility`` of dm implies the route and kind that go with it."""
    visibility = columns.setdefault("visibility", Visibility.PUBLIC)
    by_dm = visibility == Visibility.DM
    columns = {
        "kind": DraftKind.DM_FIRST if by_dm else DraftKind.FULL,
        "position": _number_for(tx, mention) - 1,
        "language": Language.EN,
        "drafter_id": "test-1",
        "route": Route.API_DM if by_dm else Route.API_PUBLIC,
        "rule_id": "test.rule",
        "reason_code": "mentioned_us",
        "created_at": tx.now,
    } | columns
    draft = _add(tx, Draft(mention_id=mention.id, conversation_id=mention.conversation_id, **columns))
    _add(tx, DraftRevision(draft_id=draft.id, number=1, text=text, created_at=tx.now))
    return draft


def _number_for(tx: Transaction, mention: Mention) -> int:
    drafts = select(func.count()).select_from(Draft).where(Draft.mention_id == mention.id)
    return (tx.session.scalar(drafts) or 0) + 1


def make_delivery(tx: Transaction, *, draft: Draft, approved_by: User, **columns: object) -> Delivery:
    """Add an approval of the draft's newest text: review, frozen reply, and the outbox row held for ten seconds.

    ``edit_distance`` is that of the review; further keywords are columns of the delivery. The draft becomes approved; the conversation no longer waits.
    """
    text = tx.session.scalars(
        select(DraftRevision.text).where(DraftRevision.draft_id == draft.id, DraftRevision.number == draft.revision)
    ).one()
    of_case = {"conversation_id": draft.conversation_id, "mention_id": draft.mention_id, "draft_id": draft.id}
    review = Review(
        **of_case,
        draft_revision=draft.revision,
        user_id=approved_by.id,
        verdict=Verdict.APPROVED,
        text_hash=hash_text(text),
        edit_distance=columns.pop("edit_distance", 0),
        created_at=tx.now,
    )
    reply = Reply(
        **of_case,
        review_id=_add(tx, review).id,
        text=text,
        text_hash=hash_text(text),
        visibility=draft.visibility,
        language=draft.language,
        created_at=tx.now,
    )
    conversation = tx.session.get_one(Conversation, draft.conversation_id)
    columns = {
        "route": draft.route,
        "idempotency_key": f"key-{_number(tx, Delivery)}-of-{tx.workspace_id}",
        "approved_at": tx.now,
        "hold_until": tx.now + timedelta(seconds=10),
        "waiting_since_before": conversation.waiting_since,
        "created_at": tx.now,
    } | columns
    conversation.waiting = False
    conversation.waiting_since = None
    draft.state = DraftState.APPROVED
    return _add(
        tx,
        Delivery(
            reply_id=_add(tx, reply).id,
            conversation_id=draft.conversation_id,
            mention_id=draft.mention_id,
            channel_account_id=conversation.channel_account_id,
            visibility=draft.visibility,
            approved_by=approved_by.id,
            **columns,
        ),
    )
