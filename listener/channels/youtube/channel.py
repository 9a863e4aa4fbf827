"""The YouTube channel: what the port promises, put together from account, sources and sending."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.youtube import wire
from listener.channels.youtube.account import IDS_AT_ONCE, Account
from listener.channels.youtube.client import Client, is_refused
from listener.channels.youtube.meter import Meter
from listener.channels.youtube.options import YouTubeOptions
from listener.channels.youtube.polling import Poller
from listener.channels.youtube.sending import find_comment, measure_text, send_comment, thread_of
from listener.channels.youtube.sign_in import SignIn
from listener.channels.youtube.sources import make_sources
from listener.channels.youtube.standing import UNREADABLE, find_standing
from listener.registry import ChannelContext


class YouTubeChannel:
    """One YouTube channel of ours. Thread-safe; makes no request before it must."""

    def __init__(self, options: YouTubeOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        self._clock = context.clock
        meter = Meter(
            context.state_dir / f"{name}.youtube.sqlite", clock=context.clock, daily_units=options.daily_units
        )
        sign_in = SignIn(options, clock=context.clock)
        self._client = Client(options, sign_in=sign_in, meter=meter, clock=context.clock)
        self._account = Account(options, client=self._client)
        self._poller = Poller(
            clock=context.clock,
            first_poll=timedelta(days=options.first_poll_days),
            look_back=timedelta(days=options.look_back_days),
            max_pages=options.max_pages,
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"YouTubeChannel({self._options.channel or 'signed in'})"

    @property
    def kind(self) -> str:
        """Always ``youtube``."""
        return "youtube"

    @property
    def own_author_id(self) -> str:
        """Our channel's id, ``UC…``. Asks for it once, unless an API key is all we have."""
        return self._account.me.id

    @property
    def capabilities(self) -> Capabilities:
        """Comments in public where we are signed in; YouTube has no messages.

        Its comments train no model: YouTube's terms for developers bound how long its data is kept, and a model keeps it.
        """
        return Capabilities(
            can_reply=self._options.can_write,
            can_direct_message=False,
            can_search=bool(self._options.search),
            tells_deletions=True,
            asked_at_once=IDS_AT_ONCE,
            trains_models=False,
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: our channel's videos, then each named one.

        Raises ``RetryableError`` until Google's next day once reading has used its units.
        """
        self._client.meter.require_room()
        before = self._client.requests
        me = self._account.me
        page = self._poller.poll(cursor, make_sources(self._account), origin=me.id)
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer in the thread of a comment, once."""
        if not self._options.can_write:
            raise PermanentError(
                "An API key only reads.", code="read_only", remedy="Sign in as docs/how-to/youtube.md says."
            )
        return send_comment(self._account, request)

    def direct_message(self, request: SendRequest) -> SentPost:  # noqa: ARG002 - there is nothing to do with it
        """Refuse: YouTube has no messages."""
        raise PermanentError("YouTube has no direct messages.", code="no_direct_messages", remedy="Answer in public.")

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look through the thread for our own comment of this very request."""
        if visibility is Visibility.DM or not self._options.can_write:
            return None
        return find_comment(self._account, request, now=self._clock.now())

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the comments that can still be read, by us or by anybody; those of which YouTube does not tell, too."""
        return find_standing(self._client, external_ids)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the comment stands, and whether its thread takes replies from us."""
        thread_id = thread_of(target)
        if target.external_id not in find_standing(self._client, [target.external_id], thread_id=thread_id):
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        return PlatformFacts(exists=True, replies_allowed=self._is_open(thread_id), dm_allowed=False)

    def measure(self, text: str, visibility: Visibility) -> Measure:  # noqa: ARG002 - there are no private ones
        """Count characters; room for the name in front of an answer to a reply is kept."""
        return measure_text(text)

    def probe(self) -> str:
        """Say who we are, what is read, whether replies can leave, and what a poll costs."""
        return self._account.describe()

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _is_open(self, thread_id: str) -> bool | None:
        """Tell whether we may reply in a thread; None where YouTube does not say, as to an API key."""
        try:
            found = self._client.list("commentThreads", part="snippet", id=thread_id)
        except PermanentError as error:
            if not is_refused(error, *UNREADABLE):
                raise
            return False
        item = next((one for one in found.items if wire.text(one, "id") == thread_id), None)
        can_reply = wire.part(item, "snippet", "canReply")
        return can_reply if isinstance(can_reply, bool) and self._options.can_write else None
