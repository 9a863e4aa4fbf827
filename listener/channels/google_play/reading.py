"""A review as Google gives it: comments of the user and of the developer, times in seconds and nanoseconds."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from listener import wire
from listener.reviews import Review, StoreAnswer, join_title

STARS = range(1, 6)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STORE = "https://play.google.com/store/apps/details"


def read_reviews(document: object, *, package_name: str) -> tuple[list[Review], list[str]]:
    """Return the reviews of a list, and what names those that make no sense."""
    reviews, unreadable = [], []
    for entry in wire.items(document, "reviews"):
        review = read_review(entry, package_name=package_name)
        if review is None:
            unreadable.append(wire.text(entry, "reviewId") or repr(entry)[:200])
        else:
            reviews.append(review)
    return reviews, unreadable


def read_review(entry: object, *, package_name: str) -> Review | None:
    """Return one review with its answer; None for what is none. Of several comments by one side the last one counts."""
    user = [wire.part(comment, "userComment") for comment in wire.items(entry, "comments")]
    said = next((comment for comment in reversed(user) if comment), None)
    review_id, written_at = wire.text(entry, "reviewId"), read_moment(wire.part(said, "lastModified"))
    # The original stands beside the text only where a translation was asked for.
    text = read_text(wire.text(said, "originalText") or wire.text(said, "text"))
    if not review_id or written_at is None or not text:
        return None
    rating = wire.whole(said, "starRating")
    return Review(
        external_id=review_id,
        text=text,
        rating=rating if rating in STARS else None,
        author_name=wire.text(entry, "authorName"),
        written_at=written_at,
        url=f"{STORE}?id={package_name}&reviewId={quote(review_id, safe='', errors='replace')}",
        language_hint=wire.text(said, "reviewerLanguage"),
        facts=_read_facts(said),
        answer=_read_answer(entry),
    )


def read_text(text: str) -> str:
    """Return title and body as one text. Google puts a tab between them, in front where there is no title."""
    title, tab, body = text.partition("\t")
    return join_title(title, body) if tab else text


def read_moment(stamp: object) -> datetime | None:
    """Return a moment in UTC; None for what is none. Google writes seconds as a string, for they may be long."""
    seconds, nanos = wire.part(stamp, "seconds"), wire.whole(stamp, "nanos") or 0
    try:
        whole = int(seconds) if isinstance(seconds, str | int) and not isinstance(seconds, bool) else None
        return None if whole is None else EPOCH + timedelta(seconds=whole, microseconds=nanos // 1000)
    except (ValueError, OverflowError):
        return None


def _read_facts(said: object) -> dict[str, str]:
    version = wire.text(said, "appVersionName")
    maker, product = (wire.text(said, "deviceMetadata", key) for key in ("manufacturer", "productName"))
    android = wire.whole(said, "androidOsVersion")
    facts = {
        "device": " ".join(filter(None, (maker, product))) or wire.text(said, "device"),
        "app_version": version,
        "android_api": "" if android is None else str(android),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _read_answer(entry: object) -> StoreAnswer | None:
    answers = [wire.part(comment, "developerComment") for comment in wire.items(entry, "comments")]
    said = next((answer for answer in reversed(answers) if wire.text(answer, "text")), None)
    if said is None:
        return None
    return StoreAnswer(text=wire.text(said, "text"), modified_at=read_moment(wire.part(said, "lastModified")))
