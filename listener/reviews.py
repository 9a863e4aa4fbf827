"""Reviews of a store: stars and a text that its author may change, and one answer of ours that a later one replaces.

The author's change after our answer is what elsewhere would be a reply to it: it becomes a mention of its own in the same
thread (a *turn*), so that the case waits again and our answer to it may replace the one it is about. A change before any answer is
the same mention with a new text.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingAuthor, IncomingMention
from domain.replies import Measure, PlatformFacts, SendRequest, SendTarget
from domain.words import Engagement, MentionKind

TURN: Final = "@"
"""Stands between a review's id and its turn; no store has it in an id."""
REPLACES: Final = "replaces"
"""Key of ``platform_data``: fingerprint of the answer that the author had read and that ours may take the place of."""
WRITTEN: Final = "written_at"
"""Key of ``platform_data``: when the text was written or last changed."""
STARS: Final = "stars"
UNNAMED: Final = "(no name)"
CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far a store's clock may be behind ours."""
INVISIBLE: Final = "\u2060"
"""Word joiner: shown as nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreAnswer:
    """The answer that stands below a review, by us or by a colleague at the store."""

    text: str
    modified_at: datetime | None
    external_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A review as a store gives it."""

    external_id: str
    text: str
    rating: int | None
    author_name: str
    written_at: datetime
    """When it was written or last changed."""
    url: str
    language_hint: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    answer: StoreAnswer | None = None


def join_title(title: str, body: str) -> str:
    """Return title and body as one text: a line for the title, if there is one."""
    return f"{title}\n{body}" if title and body else title or body


def review_id_of(external_id: str) -> str:
    """Return the store's id of a review from the id of any of its turns."""
    review_id, sign, turn = external_id.rpartition(TURN)
    return review_id if sign and turn.isdecimal() else external_id


def moment_of(moment: datetime | None) -> int:
    """Return ``moment`` in milliseconds since 1970; 0 for none."""
    return int(moment.timestamp() * 1000) if moment else 0


def read_mention(review: Review, *, turn: int) -> IncomingMention:
    """Return the mention of ``review``. ``turn`` 0: as it was first written; else the moment of the answer that this follows.

    Stores give no id of an author. A person has one review of an app, so that its id stands for them; nicknames are not unique.
    """
    data = {**review.facts, WRITTEN: review.written_at.isoformat()}
    if review.rating is not None:
        data[STARS] = str(review.rating)
    if turn and review.answer and turn == moment_of(review.answer.modified_at):
        data[REPLACES] = fingerprint(review.answer.text)
    return IncomingMention(
        external_id=f"{review.external_id}{TURN}{turn}" if turn else review.external_id,
        kind=MentionKind.REVIEW,
        text=review.text,
        author=IncomingAuthor(
            external_id=review.external_id, handle=review.author_name or UNNAMED, display_name=review.author_name
        ),
        created_at=review.written_at,
        engagement=Engagement.REPLIED if turn else Engagement.REVIEWED,
        thread_external_id=review.external_id,
        parent_external_id=review.external_id if turn else "",
        url=review.url,
        language_hint=review.language_hint,
        rating=review.rating,
        platform_data=data,
    )


def tell_facts(review: Review | None, target: SendTarget) -> PlatformFacts:
    """Return what may be done about ``target``: closed while another answer stands that ours does not replace."""
    if review is None:
        return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
    is_free = review.answer is None or _replaces(target, review.answer)
    return PlatformFacts(exists=True, replies_allowed=is_free, dm_allowed=False)


def check_free(answer: StoreAnswer | None, request: SendRequest) -> StoreAnswer | None:
    """Return ``answer`` where it is what ``request`` asks for already; None when the way is free.

    Raises ``PermanentError`` where somebody's answer would be overwritten. The store knows no "only if unchanged": between this
    question and the send lies a moment in which a colleague may still be quicker.
    """
    if answer is None or _replaces(request.target, answer):
        return None
    if is_same_text(answer.text, request.text):
        return answer
    raise PermanentError(
        "Another answer stands below this review, and ours would replace it.",
        code="answered_otherwise",
        remedy="Read it at the store, and change it there if it should say something else.",
    )


def find_own(answer: StoreAnswer | None, request: SendRequest) -> StoreAnswer | None:
    """Return ``answer`` if it is that of ``request``; None when ours surely is not there.

    Raises ``RetryableError`` when another one came after the approval: ours may have stood before it. A person must look.
    """
    if answer is None or is_same_text(answer.text, request.text):
        return answer
    is_older = answer.modified_at is not None and answer.modified_at < request.approved_at - CLOCK_SKEW
    if _replaces(request.target, answer) or is_older:
        return None
    raise RetryableError(
        "Another answer stands below this review; ours may have stood before it.",
        code="cannot_tell",
        remedy="Look at the store by hand.",
    )


def check_text(text: str, measure: Measure) -> None:
    """Raise ``PermanentError`` for a text that a store would not take. ``measure`` is that of ``text``."""
    if not text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write one.")
    if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in text):
        raise PermanentError("The text holds broken characters.", code="broken_text", remedy="Type it anew.")
    if not measure.fits:
        message = f"The text has {measure.length} of {measure.limit} characters."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")


def count_units(text: str) -> int:
    """Count UTF-16 units, an emoji as two or more: stores do not say how they count, and this is never too little."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but what a store may change: spaces, ends of lines, the form of accents."""
    return _comparable(one) == _comparable(other)


def fingerprint(text: str) -> str:
    """Return a short form of what a text says."""
    return hashlib.sha256(_comparable(text).encode("utf-8", "replace")).hexdigest()[:16]


def _replaces(target: SendTarget, answer: StoreAnswer) -> bool:
    return target.platform_data.get(REPLACES) == fingerprint(answer.text)


def _comparable(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.replace(INVISIBLE, "")).split())
