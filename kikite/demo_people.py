"""The demo's people at work: they approve what is fit to leave and close what needs no answer, through the desk's own decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config.demo import Expectation
from desk.decisions import AlreadyDecidedError, PostGoneError, TypedText, WarningsNotAcceptedError, approve, ignore
from desk.text_rules import TextRules
from domain.errors import AlreadyAnsweredError, BlockedByCheckError, StaleDraftError
from domain.words import IgnoreReason, Intent, Route
from kikite.product import Product
from storage.database import Transaction
from storage.inbox import Split, list_queue
from storage.models import Mention
from storage.people import SignedInUser
from storage.thread_shapes import DraftOption, Thread
from storage.threads import read_thread

EDITED_EVERY = 3
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
    meant: Mapping[str, Expectation]
    """What the script's author meant by each post: the demo's people read, and approve no answer to a misread post."""
    approved: int = 0
    passed_over: set[tuple[int, datetime | None]] = field(default_factory=set)

    def answer_waiting(self, user: SignedInUser) -> int:
        """Decide on what came since the last pass; return how many replies were approved."""
        with self.product.database.snapshot(self.product.workspace_id) as tx:
            rows = list_queue(tx, split=Split.REVIEW, user_id=user.user_id).rows
        fresh = [row for row in rows if (row.conversation_id, row.posted_at) not in self.passed_over]
        self.passed_over.update((row.conversation_id, row.posted_at) for row in fresh)
        return sum(self._decide(user, row.conversation_id) for row in fresh)

    def _decide(self, user: SignedInUser, conversation_id: int) -> bool:
        rules = TextRules(channels=self.product.channels, books=self.product.books)
        hold = self.product.settings.desk.hold_seconds
        try:
            with self.product.database.transaction(self.product.workspace_id) as tx:
                thread = read_thread(tx, conversation_id)
                if thread is None:
                    return False
                option = _fit_option(thread)
                if option is not None and self._is_read_rightly(tx, thread):
                    typed = TypedText(draft_id=option.draft_id, revision=option.revision, text=self._edit(option.text))
                    approve(tx, typed, user=user, rules=rules, hold_seconds=hold)
                    self.approved += 1
                    return True
                _close(tx, thread, user)
        except NOT_TO_APPROVE:
            return False
        return False

    def _is_read_rightly(self, tx: Transaction, thread: Thread) -> bool:
        if thread.lead is None or thread.label is None:
            return False
        post = tx.session.get_one(Mention, thread.lead.mention_id)
        meant = self.meant[post.external_id]
        return (meant.intent, meant.topic) == (thread.label.intent, thread.label.topic)

    def _edit(self, text: str) -> str:
        """Leave the signature out of every third reply, as people do who find it stiff."""
        return text.rsplit("\n", 1)[0].rstrip() if self.approved % EDITED_EVERY == 0 else text


def _fit_option(thread: Thread) -> DraftOption | None:
    fit = (option for option in thread.options if option.text and option.route in {Route.API_PUBLIC, Route.API_DM})
    return next(fit, None)


def _close(tx: Transaction, thread: Thread, user: SignedInUser) -> None:
    """Close what nothing was drafted for: not meant for the shop, or settled by phone in this story."""
    other = thread.label is not None and thread.label.intent == Intent.OTHER
    reason = IgnoreReason.THIRD_PARTY if other else IgnoreReason.ALREADY_SOLVED
    ignore(tx, thread.key.conversation_id, user=user, reason=reason)
