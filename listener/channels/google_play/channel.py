"""The Google Play channel: what the port promises, for the reviews of one app."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener import wire
from listener.channels.google_play.client import Client
from listener.channels.google_play.options import GooglePlayOptions
from listener.channels.google_play.reading import read_reviews
from listener.channels.google_play.sending import LISTED, Reviews, measure_text
from listener.registry import ChannelContext
from listener.review_polling import Batch, Reach, ReviewPoller

OVERLAP = timedelta(hours=6)
"""Read again behind the newest review: a change brings it to the top, but lists lag."""


class GooglePlayChannel:
    """One app's reviews. Thread-safe; makes no request before it must."""

    def __init__(self, options: GooglePlayOptions, *, client: Client, context: ChannelContext) -> None:
        self._options = options
        self._client = client
        self._list = _List(client, options)
        self._reviews = Reviews(client, package_name=options.package_name, clock=context.clock)
        reach = Reach(
            first_poll=timedelta(days=options.first_poll_days),
            overlap=OVERLAP,
            max_pages=options.max_pages,
            kept=LISTED,
        )
        self._poller = ReviewPoller(self._list, app=options.package_name, reach=reach, clock=context.clock)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"GooglePlayChannel({self._options.package_name})"

    @property
    def kind(self) -> str:
        """Always ``google_play``."""
        return "google_play"

    @property
    def own_author_id(self) -> str:
        """The developer of the app. Answers are no reviews, so nobody meets this id in a list."""
        return f"developer:{self._options.package_name}"

    @property
    def capabilities(self) -> Capabilities:
        """Answering in public. Deletions are not told: what Google does not show may only be more than a week old.

        Reviews train no model: they are their authors' words, and nothing that Google says grants it.
        """
        return Capabilities(can_reply=True, can_direct_message=False, tells_deletions=False, trains_models=False)

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of reviews that are new or changed."""
        before = self._client.requests
        page = self._poller.poll(cursor)
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a review, or change the answer that its author replied to."""
        return self._reviews.answer(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: the store has no messages."""
        del request
        raise PermanentError(
            "Google Play has no private messages.", code="no_dm", remedy="Answer the review, in public."
        )

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look below the review for the answer of this very request."""
        return None if visibility is Visibility.DM else self._reviews.find_answer(request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the reviews that Google shows. One request for each, out of 200 an hour: nobody should ask for many."""
        return frozenset(one for one in external_ids if self._reviews.find(one) is not None)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the review is shown and whether somebody has answered it."""
        return self._reviews.tell(target)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count characters, an emoji as two or more."""
        del visibility
        return measure_text(text)

    def probe(self) -> str:
        """Say which app this is and who we are there, and that reviews can be read."""
        self._list.ask({"maxResults": 1})
        who = self._options.account.client_email
        return " ".join(f"Google Play: {self._options.package_name} as {who}; reviews can be read".split())

    def close(self) -> None:
        """Give back connections."""
        self._client.close()


class _List:
    """The reviews of the last week, the one written or changed last first."""

    def __init__(self, client: Client, options: GooglePlayOptions) -> None:
        self._client = client
        self._options = options

    def read(self, place: str) -> Batch | None:
        """Return one page. A place is Google's token."""
        asked: dict[str, str | int] = {"maxResults": self._options.page_size}
        try:
            document = self.ask({**asked, "token": place} if place else asked)
        except PermanentError as error:
            if place and error.code == "refused":
                return None
            raise
        reviews, unreadable = read_reviews(document, package_name=self._options.package_name)
        following = wire.text(document, "tokenPagination", "nextPageToken")
        if not following.isascii() or not following.isprintable():
            raise RetryableError("Google Play's next page has no name to ask for.", code="no_answer")
        return Batch(reviews=tuple(reviews), following=following, unreadable=tuple(unreadable))

    def ask(self, params: dict[str, str | int]) -> object:
        """Return the list's document. An app without reviews has an empty one."""
        document = self._client.list_reviews(params)
        is_list = isinstance(wire.part(document, "reviews"), list)
        if not isinstance(document, dict) or ("reviews" in document and not is_list) or "error" in document:
            raise RetryableError("Google Play's answer is no list.", code="no_answer")
        return document
