"""Etsy's reviews, turned into mentions. Anything may be missing or of another type."""

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.wire import items, text, whole

SITE: Final = "https://www.etsy.com"
EARLIEST: Final = 946_684_800
"""The first second of the year 2000: Etsy's own least for a time in a question."""
LATEST: Final = 253_402_300_799
"""The last second of the year 9999: no time lies behind it."""
CREATED, RATING = "created", "rating"
"""Keys of ``platform_data``."""
RATINGS: Final = range(1, 6)


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review as far as it is read here."""

    id: str
    """Number of the transaction: a purchase of one listing has one review at most."""
    created: int
    updated: int
    """Seconds since 1970."""
    rating: int | None
    said: str
    buyer: int | None
    """None: Etsy does not say, or names nobody (0: a deleted account, a guest)."""
    listing: int | None
    language: str
    image: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One page of reviews."""

    count: int
    """Entries on the page, also those that make no sense."""
    total: int | None
    """Reviews there are in the whole window, as Etsy says; None where it does not."""
    reviews: tuple[Review, ...]
    unreadable: tuple[str, ...]
    """What the others are known by."""


def read_answer(body: dict[str, object]) -> Answer | None:
    """Return what ``body`` holds; None when it is no list of reviews."""
    if not isinstance(body.get("results"), list):
        return None
    entries = items(body, "results")
    read = [(entry, _read(entry)) for entry in entries]
    return Answer(
        count=len(entries),
        total=whole(body, "count"),
        reviews=tuple(review for _, review in read if review is not None),
        unreadable=tuple(
            str(whole(entry, "transaction_id") or json.dumps(entry, sort_keys=True)[:2000])
            for entry, review in read
            if review is None
        ),
    )


def read_mention(review: Review, *, shop_name: str) -> IncomingMention:
    """Return ``review`` as a mention. Nobody is named by Etsy here: a buyer is a number, or nothing if they keep it to themselves."""
    buyer = "" if review.buyer is None else str(review.buyer)
    data = {CREATED: str(review.created), "updated": str(review.updated)}
    data |= {RATING: str(review.rating)} if review.rating else {}
    data |= {"listing_id": str(review.listing)} if review.listing else {}
    data |= {"image": review.image} if review.image else {}
    return IncomingMention(
        external_id=review.id,
        kind=MentionKind.REVIEW,
        text=review.said,
        author=IncomingAuthor(
            external_id=buyer or f"transaction:{review.id}",
            handle=f"buyer {buyer}" if buyer else "a buyer",
        ),
        created_at=datetime.fromtimestamp(review.created, UTC),
        engagement=Engagement.REVIEWED,
        url=address_of(review.listing, shop_name=shop_name),
        language_hint=review.language,
        rating=review.rating,
        platform_data=data,
    )


def address_of(listing: int | None, *, shop_name: str) -> str:
    """Return where a person finds the review and answers it: the shop's reviews, else those of the listing."""
    if shop_name:
        return f"{SITE}/shop/{shop_name}#reviews"
    return f"{SITE}/listing/{listing}#reviews" if listing else f"{SITE}/your/shops/me/dashboard"


def _read(entry: object) -> Review | None:
    transaction = whole(entry, "transaction_id")
    created = whole(entry, "create_timestamp") or whole(entry, "created_timestamp")
    if transaction is None or transaction < 1 or created is None or not 0 < created <= LATEST:
        return None
    rating = whole(entry, "rating")
    image = text(entry, "image_url_fullxfull")
    buyer = whole(entry, "buyer_user_id")
    return Review(
        id=str(transaction),
        created=created,
        updated=whole(entry, "update_timestamp") or whole(entry, "updated_timestamp") or created,
        rating=rating if rating in RATINGS else None,
        said=html.unescape(text(entry, "review")),  # Etsy gives texts with entities, but without markup
        buyer=buyer if buyer and buyer > 0 else None,
        listing=whole(entry, "listing_id"),
        language=text(entry, "language"),
        image=image if image.startswith("https://") else "",
    )
