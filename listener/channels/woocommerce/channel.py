"""The WooCommerce channel: what the port promises of a shop's own reviews, put together from polling and writing."""

from collections.abc import Sequence
from typing import Final

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.woocommerce.client import Client
from listener.channels.woocommerce.options import WooCommerceOptions
from listener.channels.woocommerce.polling import Poller
from listener.channels.woocommerce.reading import Reader, user_id
from listener.channels.woocommerce.sending import WAITING, Writer, measure_text
from listener.registry import ChannelContext
from listener.wire import whole

NOBODY: Final = "(read only)"
"""No user has such an id."""
AT_ONCE: Final = 100


class WooCommerceChannel:
    """One shop. Thread-safe; makes no request before it must."""

    def __init__(self, options: WooCommerceOptions, *, context: ChannelContext) -> None:
        self._options = options
        self._client = Client(options, clock=context.clock)
        reader = Reader(key=options.author_key.get_secret_value() or options.consumer_secret.get_secret_value())
        self._poller = Poller(options, client=self._client, reader=reader, clock=context.clock)
        self._writer = Writer(self._client, reader=reader)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"WooCommerceChannel({self._options.site})"

    @property
    def kind(self) -> str:
        """Always ``woocommerce``."""
        return "woocommerce"

    @property
    def own_author_id(self) -> str:
        """The WordPress user who answers; asks for it once. Without one, an id that nobody has."""
        return user_id(self._writer.me.id) if self._options.can_answer else NOBODY

    @property
    def capabilities(self) -> Capabilities:
        """Reading; answering with an application password. The reviews are the shop's own: they may train its model."""
        return Capabilities(
            can_reply=self._options.can_answer, can_direct_message=False, tells_deletions=True, asked_at_once=AT_ONCE
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of reviews."""
        return self._poller.poll(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a review by a comment below it."""
        if not self._options.can_answer:
            raise PermanentError(
                "This shop is only read: there is no WordPress user to answer as.",
                code="read_only",
                remedy="Set options.username and secrets.application_password, or answer in WordPress under Products, Reviews.",
            )
        return self._writer.reply(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: a review has no private side."""
        raise PermanentError(
            "Reviews have no private messages.", code="no_messages", remedy=f"Answer in public: {request.target.url}"
        )

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our comment of this very request below the review."""
        if visibility is Visibility.DM:
            return None  # nothing was ever sent
        if not self._options.can_answer:  # there may have been a user when it was sent
            raise RetryableError(
                "Without a WordPress user nobody can tell whether the answer is there.",
                code="cannot_tell",
                remedy="Set options.username again, or look below the review.",
            )
        return self._writer.find(request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the reviews that are published or wait for moderation."""
        there: set[str] = set()
        for start in range(0, len(external_ids), AT_ONCE):
            there |= self._ask_there(external_ids[start : start + AT_ONCE])
        return frozenset(external_ids) & there

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the review stands and is published, and whether its product takes reviews."""
        review = self._writer.find_review(target.external_id)
        if review is None:
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        is_open = False if review.status == WAITING else self._writer.takes_answers(review)
        return PlatformFacts(exists=True, replies_allowed=is_open, dm_allowed=False)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count bytes, as WordPress does."""
        del visibility
        return measure_text(text)

    def probe(self) -> str:
        """Check both sign-ins; say in one line which shop it is, who answers and what is missing."""
        answer = self._client.ask_shop("/products/reviews", {"per_page": 1, "status": self._options.reviews})
        if not isinstance(answer.body, list):
            raise RetryableError(f"{self._client.host} gives no list of reviews.", code="no_answer")
        count = answer.number("x-wp-total")
        said = [f"WooCommerce at {self._client.host}", "reviews not counted" if count is None else f"{count} reviews"]
        if self._options.can_answer:
            me = self._writer.ask_who()
            said.append(f"answers as {me.name or 'a user without a name'} ({me.id})")
            said += [] if me.can_moderate else ["the user may not moderate comments: make it a shop manager"]
        else:
            said.append("read only")
        return " ".join("; ".join(said).split())

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _ask_there(self, ids: Sequence[str]) -> set[str]:
        asked = [one for one in ids if one.isascii() and one.isdecimal()]
        if not asked:
            return set()
        parameters: dict[str, str | int] = {
            "include": ",".join(asked),
            "status": "all",
            "per_page": AT_ONCE,
            "_fields": "id",
        }
        answer = self._client.ask_shop("/products/reviews", parameters)
        total = answer.number("x-wp-total")
        # An empty list out of a cache or a plugin must blank nothing: WooCommerce itself always counts.
        if not isinstance(answer.body, list) or total is None or total != len(answer.body):
            raise RetryableError(f"{self._client.host} does not tell which reviews stand.", code="no_answer")
        return {str(whole(one, "id")) for one in answer.body}
