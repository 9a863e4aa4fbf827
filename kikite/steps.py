"""The steps of the line, bound to a product. Each may be killed anywhere and run again; each says how much it did."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta

from classifier.service import classify_pending
from config.buyer_keys import load_buyer_key
from config.settings import Settings
from digest.compose import compose_digests
from digest.mail import send_due_digests
from domain.ids import ChannelAccountId
from domain.words import Period
from kikite.product import Product
from listener import silence
from listener.access import notice_ending_access
from listener.deletions import check_deletions
from listener.poller import PollOutcome, make_turns, poll_due
from listener.retention import forget_old
from listener.shops.poller import read_due_shops
from listener.turns import Turns
from responder.dispatch import DispatchSummary, dispatch_due
from responder.drafting import LEASE, draft_pending
from responder.follow_up import look_after_cases
from responder.follow_up_drafting import draft_follow_ups
from responder.reconcile import reconcile_uncertain
from responder.survey_links import open_links
from storage.account_hours import prune_hours
from storage.early_deletions import prune_early_deletions
from storage.live_events import prune_events
from storage.mention_sketches import prune_sketches
from storage.parcels import prune_parcels
from storage.people import prune_sign_ins

KEEP_EVENTS = timedelta(hours=1)
MODEL_SECONDS = LEASE.total_seconds() / 2
"""Spent on a language model for one batch at worst."""


def listen(product: Product, account_id: ChannelAccountId | None = None) -> int:
    """Poll what is due: every account, or one. Returns how many were polled."""
    channels = product.channels if account_id is None else {account_id: product.channels[account_id]}
    return poll_due(product.database, product.workspace_id, channels=channels, settings=product.settings)


def listen_on(product: Product, *, follow: Callable[[Future[PollOutcome]], None]) -> Turns[PollOutcome]:
    """Return what polls whatever is due each time it is told to look; ``follow`` is handed each poll as it begins."""
    return make_turns(
        product.database,
        product.workspace_id,
        channels=product.channels,
        settings=product.settings,
        follow=follow,
    )


def understand(product: Product, *, limit: int | None = None) -> int:
    """Classify one batch of mentions; ``limit`` overrides ``classifier.batch_size``."""
    return classify_pending(
        product.database,
        product.workspace_id,
        backend=product.backend,
        targets=product.settings.targets,
        books=product.books,
        limit=limit or product.settings.classifier.batch_size,
    )


def remember(product: Product) -> int:
    """Take in what was approved since the last time; returns how many replies are left for the next."""
    with product.database.snapshot(product.workspace_id) as tx:
        return product.memory.refresh(tx)


def draft(product: Product) -> int:
    """Draft for one batch of understood mentions."""
    remember(product)
    return draft_pending(
        product.database,
        product.workspace_id,
        channels=product.channels,
        books=product.books,
        playbooks=product.playbooks,
        rules=product.rules,
        limit=count_drafted_at_once(product.settings),
        wording=product.wording,
        hours=product.settings.hours,
        time_zone=product.settings.workspace.time_zone,
        shelf=product.shelf,
        memory=product.memory if product.settings.drafter.backend == "approved" else None,
    )


def count_drafted_at_once(settings: Settings) -> int:
    """Return how many mentions are claimed for drafting: with a language model no more than it answers before the claim runs out."""
    batch = settings.classifier.batch_size
    if settings.drafter.backend in {"composer", "approved"}:
        return batch
    return max(1, min(batch, int(MODEL_SECONDS / settings.drafter.timeout_seconds)))


def follow_up(product: Product) -> int:
    """Look after answered cases, and draft what is due of our own accord. Returns how much changed."""
    settings = product.settings
    changed = look_after_cases(product.database, product.workspace_id, settings=settings, books=product.books)
    return changed + draft_follow_ups(
        product.database,
        product.workspace_id,
        channels=product.channels,
        books=product.books,
        playbooks=product.playbooks,
        settings=settings.follow_up,
        links=open_links(settings.home, settings.desk.public_url),
        rules=product.rules,
    )


def send(product: Product) -> int:
    """Send what is approved and due, then look after doubtful sends. Returns how many deliveries moved."""
    return dispatch(product).moved + reconcile_uncertain(
        product.database, product.workspace_id, channels=product.channels
    )


def dispatch(product: Product) -> DispatchSummary:
    """Send what is approved and due."""
    return dispatch_due(
        product.database,
        product.workspace_id,
        channels=product.channels,
        books=product.books,
        rules=product.rules,
    )


def notice_deletions(product: Product) -> int:
    """Ask the platforms whether posts still exist."""
    return check_deletions(product.database, product.workspace_id, channels=product.channels, settings=product.settings)


def notice_silence(product: Product) -> int:
    """Tell of accounts that fell silent, and of those whose access ends soon. Returns how many alerts it opened or closed."""
    told = silence.notice_silence(product.database, product.workspace_id, settings=product.settings)
    return told + notice_ending_access(
        product.database,
        product.workspace_id,
        channels=product.channels,
        time_zone=product.settings.workspace.time_zone,
    )


def forget_texts(product: Product) -> int:
    """Blank the texts that are older than each channel lets them be."""
    return forget_old(product.database, product.workspace_id, settings=product.settings)


def read_orders(product: Product) -> int:
    """Read the orders of shops whose time has come. Returns how many were new or changed."""
    if not product.shops:
        return 0
    return read_due_shops(
        product.database,
        product.workspace_id,
        shops={shop.name: (shop, product.shops[shop.name]) for shop in product.settings.shop},
        buyer_key=load_buyer_key(product.settings.home),
    )


def compose(product: Product, period: Period = Period.DAILY) -> int:
    """Compose the digest of ``period`` for each reader when its hour has come."""
    return compose_digests(
        product.database,
        product.workspace_id,
        settings=product.settings,
        period=period,
        books=product.books,
    )


def mail(product: Product) -> int:
    """Mail composed digests."""
    return send_due_digests(
        product.database, product.workspace_id, settings=product.settings, notifier=product.notifier
    )


def tidy(product: Product) -> int:
    """Drop live events, sign-ins, failures, read parcels, early deletions and sketches that nobody needs any more."""
    prunes = (prune_sign_ins, prune_parcels, prune_early_deletions, prune_sketches, prune_hours)
    with product.database.transaction(product.workspace_id) as tx:
        return prune_events(tx, KEEP_EVENTS) + sum(prune(tx) for prune in prunes)
