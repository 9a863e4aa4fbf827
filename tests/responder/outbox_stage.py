"""The outbox on a stage: a database, a sandbox platform with its faults, and cases approved by Ben."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import select

from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.lifecycle import DeliveryState
from domain.replies import SendRequest, SentPost
from domain.words import Engagement, MentionKind, Visibility
from listener.channels.sandbox import (
    FaultKind,
    SandboxAuthor,
    SandboxCall,
    SandboxChannel,
    SandboxPlatform,
    SandboxPost,
)
from listener.channels.sandbox.faults import Fault
from responder.dispatch import DispatchSummary, dispatch_due, reconcile_uncertain
from storage.database import Database
from storage.models import Alert, AuditEvent, Base, ChannelAccount, Conversation, Delivery, Draft, Mention, User
from tests.cast import OURS
from tests.rows import make_account, make_conversation_with_mention, make_delivery, make_draft

Row = TypeVar("Row", bound=Base)

HOLD = timedelta(seconds=10)


def _do_nothing() -> None:
    """Be a hook that does nothing."""


class KilledError(BaseException):
    """The process ends here: nothing after it runs, no handler of ours sees it."""


class HookedChannel(SandboxChannel):
    """The sandbox channel with something happening right before or right after the platform is called."""

    def __init__(self, platform: SandboxPlatform, *, clock: FixedClock) -> None:
        super().__init__(platform, clock=clock)
        self.before_look: Callable[[], None] = _do_nothing
        self.before_send: Callable[[], None] = _do_nothing
        self.after_send: Callable[[], None] = _do_nothing
        self.before_find: Callable[[], None] = _do_nothing
        self.finds_nothing = False
        """True: the platform's index lags, our own reply does not show yet."""

    def eligibility(self, target: Any) -> Any:  # noqa: ANN401 - passed through
        self.before_look()
        return super().eligibility(target)

    def reply(self, request: SendRequest) -> SentPost:
        self.before_send()
        sent = super().reply(request)
        self.after_send()
        return sent

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        self.before_find()
        found = super().find_reply(request, visibility)
        return None if self.finds_nothing else found


@dataclass
class Stage:
    """Everything a dispatch test needs; ``ids`` are of the first case."""

    database: Database
    clock: FixedClock
    platform: SandboxPlatform
    channel: HookedChannel
    account_id: ChannelAccountId
    approver: User
    ids: dict[str, int] = field(default_factory=dict)

    def approve(
        self,
        *,
        visibility: Visibility = Visibility.PUBLIC,
        number: int = 1,
        drafted: Mapping[str, Any] = MappingProxyType({}),
        **columns: object,
    ) -> int:
        """Let Ben approve a reply to a post of its own, held for ten seconds; returns the delivery's id."""
        name = f"post-{number}"
        author = SandboxAuthor(external_id=f"customer-{number}", handle=f"customer{number}")
        posted = self.clock.now() - timedelta(hours=1)
        by_dm = visibility is Visibility.DM
        self.platform.add_post(
            SandboxPost(
                text="Wrong coat!",
                author=author,
                external_id=name,
                created_at=posted,
                kind=MentionKind.MESSAGE if by_dm else MentionKind.POST,
                engagement=Engagement.WROTE_DM if by_dm else Engagement.MENTIONED,
            )
        )
        with self.database.transaction(OURS) as tx:
            account = tx.session.get_one(ChannelAccount, self.account_id)
            thread = make_conversation_with_mention(
                tx,
                account=account,
                author={"external_id": f"customer-{number}", "handle": f"customer{number}"},
                external_id=name,
                created_at=posted,
                engagement=Engagement.WROTE_DM if by_dm else Engagement.MENTIONED,
                url=f"https://sandbox.example/post/{name}",
            )
            draft = make_draft(tx, mention=thread.mention, visibility=visibility, **drafted)
            delivery = make_delivery(tx, draft=draft, approved_by=self.approver, **columns)
        self.ids = {"mention": thread.mention.id, "conversation": thread.conversation.id, "draft": draft.id}
        return delivery.id

    def approve_due(self, **columns: object) -> int:
        """As ``approve``, with the hold just over."""
        delivery_id = self.approve(**columns)  # type: ignore[arg-type]  # passed through
        self.clock.advance(HOLD)
        return delivery_id

    def dispatch(self, **options: Any) -> DispatchSummary:  # noqa: ANN401 - passed through
        return dispatch_due(self.database, OURS, channels={self.account_id: self.channel}, **options)

    def reconcile(self) -> int:
        return reconcile_uncertain(self.database, OURS, channels={self.account_id: self.channel})

    def fault(self, call: SandboxCall, kind: FaultKind, **details: Any) -> None:  # noqa: ANN401 - passed through
        self.platform.set_fault(call, Fault(kind=kind, **details))

    def delivery(self, delivery_id: int) -> Delivery:
        return self._read(Delivery, delivery_id)

    def state(self, delivery_id: int) -> DeliveryState:
        return DeliveryState(self.delivery(delivery_id).state)

    def conversation(self) -> Conversation:
        return self._read(Conversation, self.ids["conversation"])

    def draft(self) -> Draft:
        return self._read(Draft, self.ids["draft"])

    def mention(self) -> Mention:
        return self._read(Mention, self.ids["mention"])

    def _read(self, model: type[Row], row_id: int) -> Row:
        with self.database.snapshot(OURS) as tx:
            row = tx.session.get_one(model, row_id)
            tx.session.expunge(row)
            return row

    def alerts(self) -> list[tuple[str, int]]:
        """Kinds of open alerts with their counts."""
        with self.database.snapshot(OURS) as tx:
            rows = tx.session.scalars(select(Alert).where(Alert.state == "open").order_by(Alert.id))
            return [(alert.kind, alert.count) for alert in rows]

    def verbs(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))

    def on_platform(self) -> int:
        """How many posts of ours the platform has."""
        return len(self.platform.sent_posts())


def set_stage(database: Database, clock: FixedClock, folder: Path, approver: User) -> Stage:
    """Connect an account to a fresh sandbox platform."""
    platform = SandboxPlatform(folder / "sandbox.db", clock=clock)
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="shop")
    channel = HookedChannel(platform, clock=clock)
    return Stage(
        database=database,
        clock=clock,
        platform=platform,
        channel=channel,
        account_id=ChannelAccountId(account.id),
        approver=approver,
    )
