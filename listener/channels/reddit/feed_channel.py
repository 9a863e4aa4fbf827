"""Reddit without credentials: its public feeds, read only."""

from collections.abc import Sequence
from datetime import timedelta

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.reddit.feeds import FeedReader, list_feeds
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.polling import Poller
from listener.channels.reddit.reading import name_as_id
from listener.channels.reddit.sending import measure_text
from listener.registry import ChannelContext


class RedditFeedChannel:
    """Subreddits and searches as anybody reads them. Cannot answer, and is not told what was deleted."""

    def __init__(self, options: RedditOptions, *, context: ChannelContext) -> None:
        self._options = options
        self._reader = FeedReader(options)
        self._feeds = list_feeds(self._reader, options)
        self._poller = Poller(
            clock=context.clock, first_poll=timedelta(days=options.first_poll_days), max_pages=options.max_pages
        )

    def __repr__(self) -> str:
        """Without secrets; there are none."""
        return f"RedditFeedChannel({', '.join(feed.name for feed in self._feeds)})"

    @property
    def kind(self) -> str:
        """Always ``reddit``."""
        return "reddit"

    @property
    def own_author_id(self) -> str:
        """Our name where the settings tell it: feeds name authors, never their ids."""
        return name_as_id(self._options.username) if self._options.username else ""

    @property
    def capabilities(self) -> Capabilities:
        """Reading alone."""
        return Capabilities(can_reply=False, can_direct_message=False, can_search=True, trains_models=False)

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: the subreddits' feeds, then each search's."""
        return self._poller.poll(cursor, self._feeds)

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse: there is no account."""
        raise _read_only(request.target)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: there is no account."""
        raise _read_only(request.target)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:  # noqa: ARG002 - the port's signature
        """Refuse to say: without an account nobody can be asked for sure."""
        raise RetryableError(
            "Without an account a reply cannot be looked for.", code="read_only", remedy="Look by hand."
        )

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Take everything for still there: feeds do not tell (see ``capabilities``)."""
        return frozenset(external_ids)

    def eligibility(self, target: SendTarget) -> PlatformFacts:  # noqa: ARG002 - the port's signature
        """Return nothing: feeds do not tell."""
        return PlatformFacts()

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count as the account would, for a reply that a person posts by hand."""
        return measure_text(text, visibility)

    def probe(self) -> str:
        """Read the first feed's newest entry, and say that this is all we can."""
        first = self._feeds[0]
        first.fetch("", known=frozenset())
        return f"Reddit by its public feeds, read only: {len(self._feeds)} feeds, no account; replies go out by hand"

    def close(self) -> None:
        """Give back connections."""
        self._reader.close()


def _read_only(target: SendTarget) -> PermanentError:
    return PermanentError(
        f"Reddit is read by its public feeds here, so {target.external_id} cannot be answered.",
        code="read_only",
        remedy="Answer by hand, or give the channel credentials.",
    )
