"""The demo's people at work: they approve what is fit to leave and close what needs no answer, through the desk's own decisions."""

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


def answer_waiting(product: Product, user: SignedInUser) -> int:
    """Decide on the first page of the queue; return how many replies were approved."""
    with product.database.snapshot(product.workspace_id) as tx:
        waiting = [row.key.conversation_id for row in list_queue(tx, split=Split.REVIEW, user_id=user.user_id).rows]
    return sum(_decide(product, user, conversation_id) for conversation_id in waiting)


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
    """Close what is not meant for the shop; leave the rest to the newcomer."""
    if thread.label and thread.label.intent == Intent.OTHER:
        ignore(tx, thread.key.conversation_id, user=user, reason=IgnoreReason.THIRD_PARTY)
