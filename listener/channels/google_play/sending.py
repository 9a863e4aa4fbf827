"""Answering: one reply to a review, which a later one replaces, never without a look at the one that stands there."""

import re
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from listener import wire
from listener.channels.google_play.client import Client
from listener.channels.google_play.reading import read_review
from listener.reviews import (
    INVISIBLE,
    WRITTEN,
    Review,
    check_free,
    check_text,
    count_units,
    find_own,
    review_id_of,
    tell_facts,
)

LONGEST = 350
LISTED = timedelta(days=7)
"""Google lists a review for so long after it was written or changed."""
TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""What would begin an HTML tag: Google takes tags out of an answer."""


class Reviews:
    """The reviews of one app, one by one. Keeps nothing."""

    def __init__(self, client: Client, *, package_name: str, clock: Clock) -> None:
        self._client = client
        self._package_name = package_name
        self._clock = clock

    def find(self, external_id: str) -> Review | None:
        """Return a review as it stands now; None when Google does not show it."""
        review_id = review_id_of(external_id)
        entry = self._client.find_review(review_id)
        if entry is None:
            return None
        review = read_review(entry, package_name=self._package_name)
        if review is None or review.external_id != review_id:
            raise RetryableError("Google Play's answer makes no sense.", code="no_answer")
        return review

    def tell(self, target: SendTarget) -> PlatformFacts:
        """Return what may be done about ``target``. One that Google may have stopped to show is not called deleted."""
        review = self.find(target.external_id)
        if review is None and self._may_be_unlisted(target):
            return PlatformFacts(exists=None, replies_allowed=False, dm_allowed=False)
        return tell_facts(review, target)

    def answer(self, request: SendRequest) -> SentPost:
        """Answer ``request.target``. Raises as ``Channel.reply``."""
        check_text(request.text, measure_text(request.text))
        review = self.find(request.target.external_id)
        if review is None:
            raise PermanentError(
                "Google Play does not show this review (any more).", code="gone", remedy="Look in Play Console."
            )
        if check_free(review.answer, request) is None:
            answer = self._client.reply(review.external_id, write_body(request.text))
            if not wire.text(answer, "result", "replyText"):
                raise SendUncertainError("Google Play's answer to a send names no reply.", code="no_answer")
        return _sent(request, review)

    def find_answer(self, request: SendRequest) -> SentPost | None:
        """Look below the review for the answer of ``request``; None when it surely is not there."""
        review = self.find(request.target.external_id)
        if review is None:
            if not self._may_be_unlisted(request.target):
                return None
            raise RetryableError(
                "Google Play does not show this review any more.", code="cannot_tell", remedy="Look in Play Console."
            )
        return _sent(request, review) if find_own(review.answer, request) else None

    def _may_be_unlisted(self, target: SendTarget) -> bool:
        """Tell whether a review that is not shown may be too old rather than deleted."""
        try:
            written = datetime.fromisoformat(target.platform_data.get(WRITTEN, ""))
            return self._clock.now() - written > LISTED - timedelta(hours=1)
        except (ValueError, TypeError):
            return True


def measure_text(text: str) -> Measure:
    """Count what is sent, as Google at most does."""
    return Measure(length=count_units(write_body(text)), limit=LONGEST)


def write_body(text: str) -> str:
    """Return ``text`` so that it arrives whole: a sign nobody sees keeps ``<b>`` from being taken for a tag."""
    return TAG.sub(f"<{INVISIBLE}", text)


def _sent(request: SendRequest, review: Review) -> SentPost:
    """Name the answer by what it answers: Google gives it no id."""
    return SentPost(external_id=f"{request.target.external_id}#reply", url=review.url)
