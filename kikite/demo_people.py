"""The demo's people at work: they approve what is fit to leave and close what needs no answer, through the desk's own decisions."""

from dataclasses import dataclass, field
from datetime import datetime

from desk.decisions import AlreadyDecidedError, PostGoneError, TypedText, WarningsNotAcceptedError, approve, ignore
from desk.text_rules import TextRules
from domain.errors import AlreadyAnsweredError, BlockedByCheckError, StaleDraftError
from domain.words import IgnoreReason, Intent, Route
from kikite.product import Product
from storage.database import Transaction
from storage.inbox import Split, list_queue
from storage.people import SignedInUser
from storage.thread_shapes import DraftOption, Thread
from storage.threads import read_thread

NOT_TO_APPROVE = (
    AlreadyAnsweredError,
    AlreadyDecidedError,
    BlockedByCheckError,
    PostGoneError,
    StaleDraftError,
    WarningsNotAcceptedError,
)


@dataclass(kw_only=True)
class DemoReader:
    """One pass after another over the queue's first page; what was left to the newcomer once is not opened again."""

    product: Product
    passed_over: set[tuple[int, datetime | None]] = field(default_factory=set)

    def answer_waiting(self, user: SignedInUser) -> int:
        """Decide on what came since the last pass; return how many replies were approved."""
        with self.product.database.snapshot(self.product.workspace_id) as tx:
            rows = list_queue(tx, split=Split.REVIEW, user_id=user.user_id).rows
        fresh = [row for row in rows if (row.conversation_id, row.posted_at) not in self.passed_over]
        self.passed_over.update((row.conversation_id, row.posted_at) for row in fresh)
        return sum(_decide(self.product, user, row.conversation_id) for row in fresh)


def _decide(product: Product, user: SignedInUser, conversation_id: int) -> bool:
    rules = TextRules(channels=product.channels, books=product.books)
    hold = product.settings.desk.hold_seconds
    try:
        with product.database.transaction(product.workspace_id) as tx:
            thread = read_thread(tx, conversation_id)
            if thread is None:
                return False
            option = _fit_option(thread)
            if option is not None:
                typed = TypedText(draft_id=option.draft_id, revision=option.revision, text=option.text)
                approve(tx, typed, user=user, rules=rules, hold_seconds=hold)
                return True
            _close(tx, thread, user)
    except NOT_TO_APPROVE:
        return False
    return False


def _fit_option(thread: Thread) -> DraftOption | None:
    fit = (option for option in thread.options if option.text and option.route in {Route.API_PUBLIC, Route.API_DM})
    return next(fit, None)


def _close(tx: Transaction, thread: Thread, user: SignedInUser) -> None:
    """Close what nothing was drafted for: not meant for the shop, or settled by phone in this story."""
    other = thread.label is not None and thread.label.intent == Intent.OTHER
    reason = IgnoreReason.THIRD_PARTY if other else IgnoreReason.ALREADY_SOLVED
    ignore(tx, thread.key.conversation_id, user=user, reason=reason)
