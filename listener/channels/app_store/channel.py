"""The App Store channel: what the port promises, for the reviews of one app."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener import wire
from listener.channels.app_store.client import Client
from listener.channels.app_store.options import AppStoreOptions
from listener.channels.app_store.reading import read_reviews
from listener.channels.app_store.sending import find_answer, find_review, is_there, measure_text, send_answer
from listener.channels.app_store.tokens import Tokens
from listener.registry import ChannelContext
from listener.review_polling import Batch, Reach, ReviewPoller
from listener.reviews import Review, tell_facts


class AppStoreChannel:
    """One app's reviews in all of its stores. Thread-safe; makes no request before it must."""

    def __init__(self, options: AppStoreOptions, *, tokens: Tokens, context: ChannelContext) -> None:
        self._options = options
        self._client = Client(options, tokens=tokens, clock=context.clock)
        self._list = _List(self._client, options)
        reach = Reach(
            first_poll=timedelta(days=options.first_poll_days),
            overlap=timedelta(days=options.reread_days),
            max_pages=options.max_pages,
        )
        self._poller = ReviewPoller(self._list, app=options.app_id, reach=reach, clock=context.clock)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"AppStoreChannel({self._options.app_id})"

    @property
    def kind(self) -> str:
        """Always ``app_store``."""
        return "app_store"

    @property
    def own_author_id(self) -> str:
        """The developer of the app. Answers are no reviews, so nobody meets this id in a list."""
        return f"developer:{self._options.app_id}"

    @property
    def capabilities(self) -> Capabilities:
        """Answering in public; there is no way to write to a reviewer in private.

        Reviews train no model: they are their authors' words, and nothing that Apple says grants it.
        """
        return Capabilities(
            can_reply=True, can_direct_message=False, tells_deletions=True, asked_at_once=1, trains_models=False
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of reviews that are new or changed."""
        before = self._client.requests
        page = self._poller.poll(cursor)
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a review, or change the answer that its author replied to."""
        return send_answer(self._client, request, app_id=self._options.app_id)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: the store has no messages."""
        del request
        raise PermanentError(
            "The App Store has no private messages.", code="no_dm", remedy="Answer the review, in public."
        )

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look below the review for the answer of this very request."""
        if visibility is Visibility.DM:
            return None
        return find_answer(self._client, request, app_id=self._options.app_id)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the reviews that can still be read. One request for each."""
        return frozenset(one for one in external_ids if is_there(self._client, one))

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the review stands and whether somebody has answered it."""
        return tell_facts(self._find(target.external_id), target)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count characters, an emoji as two or more."""
        del visibility
        return measure_text(text)

    def probe(self) -> str:
        """Say which app this is, and that its reviews can be read. Whether the key may answer is told by the first answer only."""
        app = self._client.get(f"/v1/apps/{self._options.app_id}", {"fields[apps]": "name,bundleId"})
        name, bundle = (wire.text(app, "data", "attributes", key) for key in ("name", "bundleId"))
        self._list.ask("", size=1)
        left = self._client.remaining
        said = "" if left is None else f"; requests left this hour: {left}"
        return " ".join(f"App Store: {name} ({bundle}, {self._options.app_id}); reviews can be read{said}".split())

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _find(self, external_id: str) -> Review | None:
        return find_review(self._client, external_id, app_id=self._options.app_id)


class _List:
    """The reviews of the app in all territories, newest first."""

    def __init__(self, client: Client, options: AppStoreOptions) -> None:
        self._client = client
        self._options = options
        self._path = f"/v1/apps/{options.app_id}/customerReviews"

    def read(self, place: str) -> Batch | None:
        """Return one page. A place is the query of the link that Apple gave."""
        self._client.keep_some()
        try:
            document = self.ask(place, size=self._options.page_size)
        except PermanentError as error:
            if place and error.code == "refused":
                return None
            raise
        reviews, unreadable = read_reviews(document, app_id=self._options.app_id)
        following = self._following(wire.text(document, "links", "next"))
        return Batch(reviews=tuple(reviews), following=following, unreadable=tuple(unreadable))

    def ask(self, place: str, *, size: int) -> object:
        """Return the list's document."""
        if place:
            document = self._client.get(f"{self._path}?{place}")
        else:
            asked: dict[str, str | int] = {"sort": "-createdDate", "include": "response", "limit": size}
            document = self._client.get(self._path, asked)
        if not isinstance(wire.part(document, "data"), list):
            raise RetryableError("App Store Connect's answer is no list.", code="no_answer")
        return document

    def _following(self, link: str) -> str:
        if link and not self._client.is_ours(link, self._path):
            raise RetryableError(
                "App Store Connect's next page leads elsewhere; it was not followed.",
                code="foreign_link",
                remedy="Check options.service.",
            )
        return link.partition("?")[2]
