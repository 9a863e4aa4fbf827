"""Answering: one comment in the thread, sent once; and finding it again.

YouTube knows no key of ours and threads of one level only: an answer to a reply stands in the same thread, with the name of
whom it answers in front. A doubt is settled by looking through the thread for our own words.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import regex

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, SendRequest, SendTarget, SentPost
from listener.channels.youtube import wire
from listener.channels.youtube.account import Account
from listener.channels.youtube.client import Listing, is_refused
from listener.channels.youtube.reading import comment_url, read_author_id, read_text

LIMIT: Final = 10_000
"""Characters of a comment."""
NAME_ROOM: Final = 32
"""Characters kept free for ``@name`` and a space in front: YouTube's handles have 30 at most."""
CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far YouTube's clock may be behind ours."""
DOUBTFUL: Final = timedelta(hours=1)
"""Our own words from so shortly before that may be this answer still, told by clocks that differ more."""
SETTLING: Final = timedelta(minutes=5)
"""So soon after the approval, a list without our comment does not prove that it is not there."""
PAGES: Final = 30
UNSEEN: Final = regex.compile(r"[\p{Cf}\p{Z}\s]+")


def measure_text(text: str) -> Measure:
    """Count UTF-16 units, the larger of the countings that YouTube may use; room for a name in front is kept."""
    return Measure(length=_length(text), limit=LIMIT - NAME_ROOM)


def send_comment(account: Account, request: SendRequest) -> SentPost:
    """Answer ``request.target`` in its thread. Raises as ``Channel.reply``."""
    text = compose(request)
    body = {"snippet": {"parentId": thread_of(request.target), "textOriginal": text}}
    answer = account.client.insert("comments", body, part="snippet")
    if not wire.text(answer, "id"):
        raise SendUncertainError("YouTube's answer to a send names no comment.", code="no_answer")
    return _sent(answer, request.target)


def find_comment(account: Account, request: SendRequest, *, now: datetime) -> SentPost | None:
    """Look through the thread for our comment of ``request``; None when it surely is not there.

    Raises ``RetryableError`` when that cannot be told.
    """
    wanted, since = _comparable(compose(request)), request.approved_at - CLOCK_SKEW
    is_doubtful = False
    for comment in _replies(account, thread_of(request.target)):
        published_at = wire.moment(comment, "snippet", "publishedAt")
        if read_author_id(comment) != account.me.id or _comparable(read_text(comment)) != wanted:
            continue
        if published_at is None or published_at >= since:
            return _sent(comment, request.target)
        is_doubtful = is_doubtful or published_at >= since - DOUBTFUL
    if is_doubtful:
        raise RetryableError(
            "The same words of ours stand there from shortly before the approval.",
            code="not_found_yet",
            remedy="Check this machine's clock, and look by hand.",
        )
    if (left := request.approved_at + SETTLING - now) > timedelta(0):
        raise RetryableError(
            "Our comment is not listed, but it may be too early.",
            code="not_found_yet",
            retry_after_seconds=left.total_seconds(),
        )
    return None


def compose(request: SendRequest) -> str:
    """Return the text to send. Raises ``PermanentError`` for one that YouTube would not take."""
    if not request.text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write one.")
    if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in request.text):
        raise PermanentError("The text holds signs that no comment can.", code="bad_text", remedy="Change the text.")
    address = request.target.platform_data.get("address", "")
    text = request.text if not address or _begins_with(request.text, address) else f"{address} {request.text}"
    if _length(text) > LIMIT:
        message = f"The text has {_length(text)} of {LIMIT} characters."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")
    return text


def thread_of(target: SendTarget) -> str:
    """Return the id of the top-level comment: the only one that takes replies."""
    return target.thread_external_id or target.external_id


def _begins_with(text: str, address: str) -> bool:
    return regex.match(rf"{regex.escape(address)}(?![\w.\-·])", text, flags=regex.IGNORECASE) is not None


def _length(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def _comparable(text: str) -> str:
    """Return ``text`` without what YouTube may change: white space, invisible signs, and how it writes a name in front."""
    return str(regex.sub(r"\A@+", "@", UNSEEN.sub("", text)))


def _replies(account: Account, thread_id: str) -> Iterator[object]:
    """Yield the replies of a thread, in whatever order YouTube lists them. A thread that is gone has none."""
    page = ""
    for _ in range(PAGES):
        found = _ask(account, thread_id, page)
        yield from found.items
        page = found.next_page
        if not page:
            return
    raise RetryableError("The thread has too many replies to search.", code="not_found_yet", remedy="Look by hand.")


def _ask(account: Account, thread_id: str, page: str) -> Listing:
    at = {"pageToken": page} if page else {}
    try:
        return account.client.list(
            "comments", part="snippet", parentId=thread_id, maxResults=100, textFormat="plainText", **at
        )
    except PermanentError as error:
        if is_refused(error, "gone"):
            return Listing(items=())
        if not is_refused(error, "comments_disabled", "refused", "page_lost"):
            raise
    raise RetryableError("The thread cannot be searched for our comment.", code="not_found_yet", remedy="Look by hand.")


def _sent(comment: object, target: SendTarget) -> SentPost:
    comment_id = wire.text(comment, "id")
    video_id = target.platform_data.get("video_id", "") or wire.text(comment, "snippet", "videoId")
    return SentPost(external_id=comment_id, url=comment_url(comment_id, video_id=video_id))
