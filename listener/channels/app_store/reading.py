"""A review as App Store Connect gives it, and the address where people read it."""

from collections.abc import Mapping
from datetime import datetime

from babel.core import get_global

from listener import wire
from listener.reviews import Review, StoreAnswer, join_title

REVIEW, ANSWER = "customerReviews", "customerReviewResponses"
STARS = range(1, 6)


def read_reviews(document: object, *, app_id: str) -> tuple[list[Review], list[str]]:
    """Return the reviews of a list, and what names those that make no sense."""
    answers = read_answers(document)
    reviews, unreadable = [], []
    for entry in wire.items(document, "data"):
        review = read_review(entry, answers, app_id=app_id)
        if review is None:
            unreadable.append(wire.text(entry, "id") or repr(entry)[:200])
        else:
            reviews.append(review)
    return reviews, unreadable


def read_review(entry: object, answers: Mapping[str, StoreAnswer], *, app_id: str) -> Review | None:
    """Return one review with its answer out of ``answers``; None for what is none."""
    written_at = wire.moment(entry, "attributes", "createdDate")
    review_id = wire.text(entry, "id")
    text = join_title(wire.text(entry, "attributes", "title"), wire.text(entry, "attributes", "body"))
    if wire.text(entry, "type") != REVIEW or not review_id or written_at is None or not text:
        return None
    rating = wire.whole(entry, "attributes", "rating")
    territory = wire.text(entry, "attributes", "territory")
    answer_id = wire.text(entry, "relationships", "response", "data", "id")
    return Review(
        external_id=review_id,
        text=text,
        rating=rating if rating in STARS else None,
        author_name=wire.text(entry, "attributes", "reviewerNickname"),
        written_at=written_at,
        url=page_of(app_id, territory),
        facts={"territory": territory} if territory else {},
        answer=answers.get(answer_id),
    )


def read_answers(document: object) -> dict[str, StoreAnswer]:
    """Return the answers that came along, by their id."""
    found = {}
    for entry in wire.items(document, "included"):
        answer = read_answer(entry)
        if answer is not None:
            found[answer.external_id] = answer
    return found


def read_answer(entry: object) -> StoreAnswer | None:
    """Return an answer, published or about to be; None for what is none."""
    if wire.text(entry, "type") != ANSWER or not wire.text(entry, "id"):
        return None
    modified_at: datetime | None = wire.moment(entry, "attributes", "lastModifiedDate")
    return StoreAnswer(
        text=wire.text(entry, "attributes", "responseBody"), modified_at=modified_at, external_id=wire.text(entry, "id")
    )


def page_of(app_id: str, territory: str) -> str:
    """Return the page with the app's reviews in the store of ``territory`` (ISO 3166, three letters). A review has none of its own."""
    aliases = get_global("territory_aliases").get(territory) or [""]
    country = f"{aliases[0].lower()}/" if len(territory) == 3 and len(aliases[0]) == 2 else ""  # noqa: PLR2004 - letters
    return f"https://apps.apple.com/{country}app/id{app_id}?see-all=reviews"
