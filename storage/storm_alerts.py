"""The alert for a text that more and more people repeat."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from domain.words import AlertSeverity
from storage.alerts import raise_alert
from storage.database import Transaction
from storage.models import Alert, ChannelAccount, Conversation

STORM: Final = "storm"
"""Kind of the alert (``config/locale/alerts.toml``)."""
STORM_FROM: Final = 10
"""The first number of repeats that people are told of; then each doubling."""


def warn_of_storms(tx: Transaction, counts: Mapping[int, tuple[int, int]]) -> None:
    """Raise an alert for leads whose count (before, now) reached ten or a doubling of it: once for each such number."""
    for lead, (before, now) in sorted(counts.items()):
        reached = STORM_FROM
        while reached * 2 <= now:
            reached *= 2
        if not before < reached <= now:
            continue
        key = f"{STORM}:{lead}:{reached}"
        if tx.session.scalar(select(Alert.id).where(Alert.dedupe_key == key).limit(1)) is not None:
            continue
        name = (
            select(ChannelAccount.name)
            .join(Conversation, Conversation.channel_account_id == ChannelAccount.id)
            .where(Conversation.id == lead)
        )
        values = {"count": str(now), "channel": tx.session.scalar(name) or ""}
        raise_alert(tx, STORM, dedupe_key=key, severity=AlertSeverity.WARNING, values=values, conversation_id=lead)
