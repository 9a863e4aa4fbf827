"""The Reddit channel: what the port promises, put together from client, listings, comments and messages."""

from collections.abc import Sequence
from datetime import timedelta

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.reddit import wire
from listener.channels.reddit.client import NAMES_AT_ONCE, RedditClient
from listener.channels.reddit.filling import ThreadFiller
from listener.channels.reddit.messages import find_message, send_message, wrote_first
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.polling import Poller
from listener.channels.reddit.reading import MESSAGE, is_gone
from listener.channels.reddit.sending import find_own_reply, measure_text, send_reply
from listener.channels.reddit.sources import list_sources
from listener.registry import ChannelContext

CLOSED = ("locked", "archived")


class RedditChannel:
    """One account on Reddit. Thread-safe; signs in at the first call that needs it."""

    def __init__(self, options: RedditOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        limit_file = context.state_dir / f"{name}.reddit.limit"
        self._client = RedditClient(options, clock=context.clock, limit_file=limit_file)
        self._sources = list_sources(self._client, options)
        self._filler = ThreadFiller(self._client, options) if options.subreddits else None
        self._poller = Poller(
            clock=context.clock, first_poll=timedelta(days=options.first_poll_days), max_pages=options.max_pages
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"RedditChannel(u/{self._options.username})"

    @property
    def kind(self) -> str:
        """Always ``reddit``."""
        return "reddit"

    @property
    def own_author_id(self) -> str:
        """Our account's ``t2_…``. Signs in."""
        return self._client.own.external_id

    @property
    def capabilities(self) -> Capabilities:
        """Everything but messages unless they are switched on. Reddit forbids training on what people write there."""
        return Capabilities(
            can_reply=True,
            can_direct_message=self._options.direct_messages,
            can_search=True,
            tells_deletions=True,
            asked_at_once=NAMES_AT_ONCE,
            trains_models=False,
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: the inbox's listings, then the subreddits', then each search."""
        return self._poller.poll(cursor, self._sources, self._filler)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a post or comment in public, once."""
        return send_reply(self._client, request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Write to the author of the target, who wrote to us first."""
        if not self._options.direct_messages:
            raise PermanentError(
                "This account sends no private messages.",
                code="no_direct_messages",
                remedy="Set options.direct_messages = true.",
            )
        return send_message(self._client, request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our own comment or message of this very request."""
        if visibility is Visibility.DM:
            return find_message(self._client, request)
        return find_own_reply(self._client, request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return what can still be read. Messages always can: they cannot be taken back on Reddit."""
        messages = {one for one in external_ids if one.startswith(MESSAGE)}
        things = self._client.find_things(external_ids).things
        return frozenset(
            messages | {name for name, thing in things.items() if name in external_ids and not is_gone(thing)}
        )

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the post stands, whether its thread is open and its subreddit to us, and whether they wrote to us first."""
        messages = True if self._options.direct_messages else None  # None: switched off, so nobody was asked
        if target.external_id.startswith(MESSAGE):
            return PlatformFacts(exists=True, replies_allowed=False, dm_allowed=messages)
        link_id, subreddit_id = (target.platform_data.get(key, "") for key in ("link_id", "subreddit_id"))
        things = self._client.find_things([target.external_id, link_id, subreddit_id]).things
        post = things.get(target.external_id)
        if post is None or is_gone(post):
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        is_closed = any(wire.part(thing, sign) is True for thing in (post, things.get(link_id)) for sign in CLOSED)
        is_banned = wire.part(things.get(subreddit_id), "user_is_banned") is True
        return PlatformFacts(
            exists=True,
            replies_allowed=not (is_closed or is_banned),
            dm_allowed=messages and wrote_first(self._client, target),
        )

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count the characters of what is sent: 10,000 in public and in private."""
        return measure_text(text, visibility)

    def probe(self) -> str:
        """Say who we are, what is read, and whether the subreddits are open to us."""
        own = self._client.ask_own()
        messages = "on, to people who wrote first" if self._options.direct_messages else "off"
        return f"u/{own.name} ({own.external_id}) on Reddit; {self._probe_sources()}; private messages: {messages}"

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _probe_sources(self) -> str:
        """Ask each listing for its newest entry: a missing scope or a private subreddit shows at once."""
        silent = []
        for source in self._sources:
            try:
                self._client.read_listing(source.path, **{**source.params, "limit": 1})
            except (PermanentError, RetryableError) as error:
                silent.append(f"{source.name}: {error.message}")
        return f"not read: {'; '.join(silent)}" if silent else f"reads {len(self._sources)} listings"
