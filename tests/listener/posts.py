"""Incoming posts for tests of the listener, with sensible defaults: Aya and the wrong coat."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.ids import ChannelAccountId
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from storage.database import Transaction
from storage.models import Conversation, Mention
from tests.cast import NOON

WRONG_COAT = "I ordered the green winter coat and got a blue one."
AN_HOUR_AGO = NOON - timedelta(hours=1)
AYA = IncomingAuthor(external_id="aya-id", handle="aya", display_name="綾", url="https://social.example/@aya")
EMI = IncomingAuthor(external_id="emi-id", handle="emi", display_name="Emi")
US = IncomingAuthor(external_id="us", handle="our_shop", display_name="Our shop")


def make_post(external_id: str = "p1", text: str = WRONG_COAT, **fields: Any) -> IncomingMention:  # noqa: ANN401 - any field
    post = IncomingMention(
        external_id=external_id,
        kind=MentionKind.POST,
        text=text,
        author=AYA,
        created_at=AN_HOUR_AGO,
        engagement=Engagement.MENTIONED,
        url=f"https://social.example/{external_id}",
    )
    return replace(post, **fields)


def at(minutes_ago: float) -> datetime:
    return NOON - timedelta(minutes=minutes_ago)


def load_mention(tx: Transaction, external_id: str, account_id: ChannelAccountId | None = None) -> Mention:
    wanted = select(Mention).where(Mention.external_id == external_id).execution_options(populate_existing=True)
    if account_id is not None:
        wanted = wanted.where(Mention.channel_account_id == account_id)
    return tx.session.scalars(wanted).one()


def load_case(tx: Transaction, external_id: str) -> Conversation:
    """Return the conversation that a post belongs to."""
    wanted = select(Conversation).join(Mention, Mention.conversation_id == Conversation.id)
    found = tx.session.scalars(
        wanted.where(Mention.external_id == external_id).execution_options(populate_existing=True)
    )
    return found.one()
