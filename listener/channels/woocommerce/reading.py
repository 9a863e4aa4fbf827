"""A shop's reviews, turned into mentions. Anything may be missing or of another type.

A reviewer's mail address is never kept: whoever has an account is known by its number, a guest by a keyed hash of the address.
"""

import hashlib
import hmac
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.html_text import read_html
from listener.wire import items, moment, part, text, whole

RATINGS: Final = range(1, 6)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing on WordPress is older; earlier times are made up."""
USER_PATH: Final = re.compile(r"/users/([0-9]{1,18})/?$")
NO_NAME: Final = "(no name)"
PRODUCT: Final = "product_id"
"""Key of ``platform_data``."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review, or a customer's answer to one: WooCommerce lists both, without saying which is which."""

    id: int
    created: datetime
    said: str
    """HTML, as WordPress keeps it."""
    rating: int | None
    product: int
    product_name: str
    product_url: str
    status: str
    is_verified: bool
    name: str
    author: str
    """The author's external id."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a review stands in its thread."""

    parent: int
    root: int


class Reader:
    """Reads reviews. ``key`` makes guests' ids."""

    def __init__(self, *, key: str) -> None:
        self._key = hashlib.sha256(b"kikite guests\0" + key.encode()).digest()

    def read(self, entries: Sequence[object]) -> tuple[tuple[Review, ...], tuple[str, ...]]:
        """Return the reviews in ``entries``, and what the entries that make no sense are known by."""
        read = [(entry, self.read_one(entry)) for entry in entries]
        lost = (
            str(whole(entry, "id") or json.dumps(entry, sort_keys=True)[:2000]) for entry, one in read if one is None
        )
        return tuple(one for _, one in read if one is not None), tuple(lost)

    def read_one(self, entry: object) -> Review | None:
        """Return one review; None when it makes no sense."""
        number, product = whole(entry, "id"), whole(entry, "product_id")
        created = moment(entry, "date_created_gmt") or moment(entry, "date_created")
        if not number or number < 1 or product is None or created is None or created < EARLIEST:
            return None
        rating = whole(entry, "rating")
        return Review(
            id=number,
            created=created,
            said=text(entry, "review"),
            rating=rating if rating in RATINGS else None,
            product=product,
            product_name=html.unescape(text(entry, "product_name")),
            product_url=text(entry, "product_permalink"),
            status=text(entry, "status"),
            is_verified=part(entry, "verified") is True,
            name=_name(text(entry, "reviewer")),
            author=self._author(entry, number),
        )

    def _author(self, entry: object, number: int) -> str:
        link = next(iter(items(entry, "_links", "reviewer")), None)
        if found := USER_PATH.search(text(link, "href")):
            return user_id(int(found[1]))
        address = text(entry, "reviewer_email").strip().lower()
        if not address:
            return f"review:{number}"  # nobody can tell who it is: one person for each review
        return "guest:" + hmac.new(self._key, address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def user_id(number: int) -> str:
    """Return the external id of a WordPress user."""
    return f"user:{number}"


def read_text(said: str) -> str:
    """Return a comment as its author means it. Kept line ends are line ends: WordPress makes paragraphs when it shows them."""
    return read_html(f"<pre>{said}</pre>")


def read_mention(review: Review, place: Place | None) -> IncomingMention:
    """Return ``review`` as a mention; with ``place``, as an answer in a thread."""
    data = {
        PRODUCT: str(review.product),
        "product": review.product_name,
        "product_url": review.product_url,
        "verified": "yes" if review.is_verified else "no",
        "status": review.status,
    }
    if review.rating is not None:
        data["rating"] = str(review.rating)
    return IncomingMention(
        external_id=str(review.id),
        kind=MentionKind.COMMENT if place else MentionKind.REVIEW,
        text=read_text(review.said),
        author=IncomingAuthor(external_id=review.author, handle=review.name or NO_NAME, display_name=review.name),
        created_at=review.created,
        engagement=Engagement.REPLIED if place else Engagement.REVIEWED,
        thread_external_id=str(place.root) if place else "",
        parent_external_id=str(place.parent) if place else "",
        url=f"{review.product_url}#comment-{review.id}" if review.product_url else "",
        rating=review.rating,
        platform_data=data,
    )


def _name(written: str) -> str:
    """Return a reviewer's name; nothing where somebody gave a mail address for one."""
    name = html.unescape(written)
    return "" if any(map(_is_mail_address, name.split())) else name


def _is_mail_address(word: str) -> bool:
    """Tell whether there are an at sign and then a dot in ``word``, with something around each."""
    at = word.find("@", 1)
    return at > 0 and "." in word[at + 2 : -1]
