"""Answering: one comment below the review, and finding it again.

WordPress knows no key of a request, but it refuses a second comment in the same words by the same user below the same one. So a
repeat does no harm, and our answer is known by parent, author and words; its state (waiting for moderation, even trashed by a
colleague) does not matter: WordPress had it.
"""

import html
import threading
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, SendRequest, SentPost
from listener.channels.woocommerce.client import Client
from listener.channels.woocommerce.reading import Reader, Review
from listener.channels.woocommerce.refusals import ROLE
from listener.wire import items, moment, part, text, whole

MOST_BYTES: Final = 65_525
"""What WordPress takes (wp_get_comment_fields_max_lengths), counted in bytes of HTML."""
CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far the site's clock may be behind ours."""
PUBLISHED: Final = "approved"
WAITING: Final = "hold"
AT_ONCE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Me:
    """The WordPress user who answers."""

    id: int
    name: str
    can_moderate: bool


class Writer:
    """Writes and finds comments. Asks who it is at the first call that needs it. Thread-safe."""

    def __init__(self, client: Client, *, reader: Reader) -> None:
        self._client = client
        self._reader = reader
        self._lock = threading.Lock()
        self._me: Me | None = None

    @property
    def me(self) -> Me:
        """Who we are. Raises ``PermanentError`` or ``RetryableError``."""
        with self._lock:
            if self._me is None or not self._me.can_moderate:  # a right given meanwhile counts at once
                self._me = self.ask_who()
            return self._me

    def ask_who(self) -> Me:
        """Ask WordPress who we are, now."""
        found = self._client.ask_wordpress("/users/me", {"context": "edit", "_fields": "id,name,capabilities"}).body
        number = whole(found, "id")
        if not number:
            raise RetryableError("WordPress does not say who we are.", code="no_answer")
        can_moderate = part(found, "capabilities", "moderate_comments") is True
        return Me(id=number, name=text(found, "name"), can_moderate=can_moderate)

    def find_review(self, external_id: str) -> Review | None:
        """Return a review as it stands now; None when it was taken away."""
        if not (external_id.isascii() and external_id.isdecimal()):
            return None
        try:
            found = self._client.ask_shop(f"/products/reviews/{external_id}", {"context": "edit"}).body
        except PermanentError as error:
            if error.code == "gone":
                return None
            raise
        review = self._reader.read_one(found)
        if review is None or str(review.id) != external_id:
            raise RetryableError("The site's answer makes no sense.", code="no_answer")
        return review if review.status in {PUBLISHED, WAITING} else None

    def reply(self, request: SendRequest) -> SentPost:
        """Write one comment below the review. Raises as ``Channel.reply``."""
        _check_text(request.text)
        if not self.me.can_moderate:  # we could write, but never find again what we wrote
            raise PermanentError("The WordPress user lacks a right.", code="missing_right", remedy=ROLE)
        review = self.find_review(request.target.external_id)
        if review is None:
            raise PermanentError("The review is not there any more.", code="gone", remedy="Nothing is left to answer.")
        if review.status == WAITING:
            raise PermanentError(
                "The review is not published yet.", code="not_published", remedy="Approve it in WordPress first."
            )
        body: dict[str, str | int] = {"post": review.product, "parent": review.id, "content": escape(request.text)}
        try:
            answer = self._client.comment(body).body
        except PermanentError as error:
            found = self.find(request) if error.code == "duplicate" else None
            if found is None:
                raise
            return found
        if not whole(answer, "id"):
            raise SendUncertainError("The site's answer to a send names no comment.", code="no_answer")
        return _sent(answer)

    def find(self, request: SendRequest) -> SentPost | None:
        """Return our comment of ``request``; None when it surely is not there.

        Its words are enough, whoever wrote them: the settings may name another user by now. Raises ``RetryableError`` when another comment of ours came below the review since the approval: WordPress or a plugin may
        have changed our words. A person must look.
        """
        parameters: dict[str, str | int] = {
            "parent": request.target.external_id,
            "status": "any",
            "type": "all",
            "context": "edit",
            "orderby": "date_gmt",
            "order": "desc",
            "per_page": AT_ONCE,
        }
        answer = self._client.ask_wordpress("/comments", parameters)
        total = answer.number("x-wp-total")
        if not isinstance(answer.body, list) or total is None or len(answer.body) < min(total, AT_ONCE):
            raise RetryableError("The site does not tell which answers stand there.", code="no_answer")
        below = [one for one in answer.body if whole(one, "parent") == int(request.target.external_id)]
        for one in below:
            if _bare(html.unescape(text(one, "content", "raw"))) == _bare(request.text):
                return _sent(one)
        if total > AT_ONCE:
            raise RetryableError(
                f"More than {AT_ONCE} answers stand below this review.", code="cannot_tell", remedy="Look by hand."
            )
        mine = [one for one in below if whole(one, "author") == self.me.id]
        since = request.approved_at - CLOCK_SKEW
        if any((written := moment(one, "date_gmt")) is None or written >= since for one in mine):
            raise RetryableError(
                "Another answer of ours came below this review since.", code="cannot_tell", remedy="Look by hand."
            )
        return None

    def takes_answers(self, review: Review) -> bool | None:
        """Tell whether reviews of the product are open; None when the shop does not tell."""
        try:
            product = self._client.ask_shop(
                f"/products/{review.product}", {"_fields": "id,status,reviews_allowed"}
            ).body
        except PermanentError as error:
            return False if error.code in {"gone", "product_gone"} else None  # a key may read reviews and no products
        told = part(product, "reviews_allowed")
        return told if isinstance(told, bool) else None


def escape(written: str) -> str:
    """Return plain text as WordPress wants it: a comment is HTML, and what people approved must be read as it stands."""
    return html.escape(written, quote=False)


def measure_text(written: str) -> Measure:
    """Count bytes of HTML, as WordPress does."""
    return Measure(length=len(escape(written).encode("utf-8", "surrogatepass")), limit=MOST_BYTES)


def _check_text(written: str) -> None:
    if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in written):
        raise PermanentError("The text has broken characters.", code="broken_text", remedy="Type it anew.")
    if not written.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write something.")
    measure = measure_text(written)
    if not measure.fits:
        message = f"The text has {measure.length} of {measure.limit} bytes."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")


def _bare(written: str) -> str:
    """Return a text without what storing may change: white space, the form of accents."""
    return "".join(unicodedata.normalize("NFC", written).split())


def _sent(comment: object) -> SentPost:
    links = items(comment, "_links", "self")
    return SentPost(
        external_id=str(whole(comment, "id")), url=text(comment, "link") or text(next(iter(links), None), "href")
    )
