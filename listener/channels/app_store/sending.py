"""Answering: one response to a review, which a later one replaces, never without a look at the one that stands there."""

from urllib.parse import quote

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, SendRequest, SentPost
from listener import wire
from listener.channels.app_store.client import Client
from listener.channels.app_store.reading import ANSWER, REVIEW, read_answers, read_review
from listener.reviews import Review, check_free, check_text, count_units, find_own, review_id_of

LONGEST = 5970
"""Characters that App Store Connect's own form takes; the API names no limit."""


def measure_text(text: str) -> Measure:
    """Count as the store at most does."""
    return Measure(length=count_units(text), limit=LONGEST)


def find_review(client: Client, external_id: str, *, app_id: str) -> Review | None:
    """Return a review as it stands now; None when it is not there."""
    review_id = review_id_of(external_id)
    document = _ask(client, review_id)
    if document is None:
        return None
    found, answers = wire.part(document, "data"), read_answers(document)
    review = read_review(found, answers, app_id=app_id)
    is_answered = bool(answers or wire.part(found, "relationships", "response", "data"))
    if review is None or review.external_id != review_id or (is_answered and review.answer is None):
        raise RetryableError("App Store Connect's answer makes no sense.", code="no_answer")
    return review


def is_there(client: Client, external_id: str) -> bool:
    """Tell whether a review can still be read. One that makes no sense is there: it must not keep others from being asked about."""
    return _ask(client, review_id_of(external_id)) is not None


def send_answer(client: Client, request: SendRequest, *, app_id: str) -> SentPost:
    """Answer ``request.target``. Raises as ``Channel.reply``."""
    check_text(request.text, measure_text(request.text))
    review = find_review(client, request.target.external_id, app_id=app_id)
    if review is None:
        raise PermanentError("The review is not there any more.", code="gone", remedy="Close it.")
    if standing := check_free(review.answer, request):
        return SentPost(external_id=standing.external_id, url=review.url)
    document = client.post(f"/v1/{ANSWER}", _compose(review.external_id, request.text))
    answer_id = wire.text(document, "data", "id")
    if not answer_id:
        raise SendUncertainError("App Store Connect's answer to a send names no response.", code="no_answer")
    return SentPost(external_id=answer_id, url=review.url)


def find_answer(client: Client, request: SendRequest, *, app_id: str) -> SentPost | None:
    """Look below the review for the answer of ``request``; None when it surely is not there."""
    review = find_review(client, request.target.external_id, app_id=app_id)
    if review is None:
        return None
    answer = find_own(review.answer, request)
    return SentPost(external_id=answer.external_id, url=review.url) if answer else None


def _ask(client: Client, review_id: str) -> object | None:
    """Return what the store says about a review; None when it is not there."""
    try:
        return client.get(f"/v1/{REVIEW}/{quote(review_id, safe='')}", {"include": "response"}) or {}
    except PermanentError as error:
        if error.code == "gone":
            return None
        raise


def _compose(review_id: str, text: str) -> object:
    return {
        "data": {
            "type": ANSWER,
            "attributes": {"responseBody": text},
            "relationships": {"review": {"data": {"type": REVIEW, "id": review_id}}},
        }
    }
