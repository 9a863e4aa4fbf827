"""A day at the shop for digest tests: posts with labels, people waiting, replies given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import DeskSettings, DigestReader, DigestSettings, MailSettings, Settings, WorkspaceSettings
from domain.clock import FixedClock
from domain.lifecycle import DeliveryState
from domain.words import ClassificationSource, Intent, Language, Sentiment, Topic, Urgency
from storage.database import Database, Transaction
from storage.models import ChannelAccount, Classification, User
from tests.cast import OURS
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

DESK = "https://desk.example.com"
AOI = DigestReader(address="aoi@example.com", language="ja")
BEN = DigestReader(address="ben@example.com", language="en")


def make_settings(home: Path, *readers: DigestReader, **mail: Any) -> Settings:  # noqa: ANN401 - mail settings
    """Settings of a shop in Tokyo that reads its digest at 18:00."""
    return Settings(
        home=home,
        workspace=WorkspaceSettings(name="青い山の洋品店"),
        desk=DeskSettings(public_url=DESK),
        digest=DigestSettings(readers=readers),
        mail=MailSettings(**({"from_address": "Kikite <desk@example.com>"} | mail)),
    )


def label(tx: Transaction, thread: Thread, **columns: Any) -> Classification:  # noqa: ANN401 - columns
    """Classify a mention: a constructive complaint about the product unless told otherwise."""
    row = Classification(
        **{
            "mention_id": thread.mention.id,
            "source": ClassificationSource.MODEL,
            "model_id": "test-1",
            "language": Language.JA,
            "sentiment": Sentiment.NEGATIVE,
            "intent": Intent.COMPLAINT,
            "constructive": True,
            "suggestion": False,
            "abuse": False,
            "topic": Topic.PRODUCT,
            "urgency": Urgency.NORMAL,
            "needs_reply": True,
            "needs_dm": False,
            "band": "sure",
            "scores": {"intent": 0.9, "sentiment": 0.9},
            "created_at": tx.now,
        }
        | columns
    )
    tx.session.add(row)
    tx.session.flush()
    return row


@dataclass
class Newsroom:
    """Adds a mention with its label in one call."""

    database: Database
    clock: FixedClock
    account: ChannelAccount

    def post(
        self,
        text: str,
        *,
        ago: timedelta = timedelta(hours=1),
        waiting: bool = False,
        overdue: bool = False,
        labels: dict[str, Any] | None = None,
        **mention: Any,  # noqa: ANN401 - columns
    ) -> Thread:
        """Add a mention posted ``ago``; its conversation waits only when told so."""
        posted = self.clock.now() - ago
        thread_columns: dict[str, object] = {"waiting": waiting, "waiting_since": posted if waiting else None}
        if overdue:
            thread_columns["due_at"] = self.clock.now() - timedelta(minutes=1)
        with self.database.transaction(OURS) as tx:
            thread = make_conversation_with_mention(
                tx, text=text, account=self.account, conversation=thread_columns, created_at=posted, **mention
            )
            if labels is not None:
                label(tx, thread, **labels)
        return thread

    def answer(self, thread: Thread, by: User, *, after: timedelta) -> datetime:
        """Record a first reply sent ``after`` the post."""
        sent_at = thread.mention.created_at + after
        with self.database.transaction(OURS) as tx:
            mention = tx.session.merge(thread.mention)
            draft = make_draft(tx, mention=mention)
            make_delivery(
                tx,
                draft=draft,
                approved_by=by,
                state=DeliveryState.SENT,
                sent_at=sent_at,
                waiting_since_before=thread.mention.created_at,
            )
            tx.session.merge(thread.conversation).first_reply_at = sent_at
        return sent_at


def open_newsroom(database: Database, clock: FixedClock, *, name: str = "shop-bluesky") -> Newsroom:
    """Connect one account."""
    with database.transaction(OURS) as tx:
        account = make_account(tx, name=name)
    return Newsroom(database=database, clock=clock, account=account)
