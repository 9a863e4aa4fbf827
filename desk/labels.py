"""A person's correction of a label, with its right to teach a model."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.settings import TargetSettings
from domain.errors import NotFoundError
from domain.ids import ChannelAccountId
from domain.ports import Channel
from domain.words import Intent, Risk, Sentiment, Topic, Urgency
from storage.database import Transaction
from storage.models import Conversation
from storage.people import SignedInUser
from storage.understanding import correct_classification


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What the form of key C carries."""

    intent: Intent
    topic: Topic
    urgency: Urgency
    constructive: bool | None
    """None unless the intent is complaint."""
    risks: frozenset[Risk] | None = None
    """Those that hold; None leaves them as they are."""
    sentiment: Sentiment | None = None
    """None leaves it as it is, unless the intent rules it out."""


def correct_label(
    tx: Transaction,
    conversation_id: int,
    *,
    correction: Correction,
    user: SignedInUser,
    targets: TargetSettings,
    channels: Mapping[ChannelAccountId, Channel],
) -> None:
    """Record a person's label for the post being answered. Raises ``NotFoundError``.

    It may teach a model only where the channel is connected and its platform allows training on its content; the post's own
    origin is asked besides when the row is written.
    """
    conversation = tx.session.get(Conversation, conversation_id)
    if conversation is None or conversation.lead_mention_id is None:
        raise NotFoundError("There is no such conversation.", remedy="Go back to the inbox.")
    channel = channels.get(ChannelAccountId(conversation.channel_account_id))
    correct_classification(
        tx,
        mention_id=conversation.lead_mention_id,
        user_id=user.user_id,
        intent=correction.intent,
        sentiment=correction.sentiment,
        topic=correction.topic,
        urgency=correction.urgency,
        constructive=correction.constructive,
        risks=correction.risks,
        trainable=channel is not None and channel.capabilities.trains_models,
        targets=targets,
    )
    tx.audit(
        "label_corrected",
        actor=user.display_name,
        user_id=user.user_id,
        conversation_id=conversation_id,
        subject=f"mention:{conversation.lead_mention_id}",
        detail={"intent": correction.intent, "topic": correction.topic, "urgency": correction.urgency},
    )
