"""A channel of Meta's: what the port promises, whichever the platform."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.webhooks import Receipt, WebhookCall
from domain.words import Visibility
from listener.channels.graph.calls import Door
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import COMMENT, MESSAGE, WAY, as_path, is_node
from listener.channels.graph.options import GraphOptions
from listener.channels.graph.polling import Pace, Poller
from listener.channels.graph.rights import describe_token, read_end
from listener.channels.graph.sending import Messenger
from listener.channels.graph.site import Site
from listener.channels.graph.sources import Source
from listener.channels.graph.talks import Talks
from listener.channels.graph.unpacking import Unpacker
from listener.registry import ChannelContext
from listener.reviews import check_text

PRIVATE_REPLY_WITHIN = timedelta(days=7)


class GraphChannel:
    """One account. Thread-safe; makes no request before it must."""

    def __init__(
        self,
        options: GraphOptions,
        *,
        kind: str,
        account_id: str,
        context: ChannelContext,
        client: Client,
        site: Site,
        door: Door,
        talks: Talks,
    ) -> None:
        self._options = options
        self._kind = kind
        self._account_id = account_id
        self._access_ends_at: datetime | None = None
        self._clock = context.clock
        self._client = client
        self._site = site
        self._door = door
        self._talks = talks
        self._messenger = Messenger(client, talks, options=options, clock=context.clock, has_thread=kind == "facebook")
        unpacker = Unpacker(
            context.inbox,
            limit=options.page_size,
            clock=context.clock,
            read_change=site.read_change,
            read_message=talks.read_event,
        )
        pace = Pace(
            first_poll=timedelta(days=options.first_poll_days),
            watch=timedelta(days=options.watch_days),
            reread=timedelta(hours=options.reread_hours),
            every=timedelta(minutes=options.sweep_minutes),
            max_pages=options.max_pages,
        )
        self._poller = Poller(
            origin=account_id,
            pace=pace,
            clock=context.clock,
            unpacker=unpacker,
            held_back=client.meter.held_back,
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"GraphChannel({self._kind}, {self._account_id})"

    @property
    def kind(self) -> str:
        """``facebook`` or ``instagram``."""
        return self._kind

    @property
    def own_author_id(self) -> str:
        """Our account's id, as in the options."""
        return self._account_id

    @property
    def capabilities(self) -> Capabilities:
        """Answering in public; in private unless switched off.

        Meta's Platform Terms (read 2026-11-22) allow its data for what the person expects only: nothing is trained on it.
        """
        return Capabilities(
            can_reply=True,
            can_direct_message=self._options.direct_messages,
            tells_deletions=True,
            asked_at_once=1,
            trains_models=False,
        )

    def receive(self, call: WebhookCall) -> Receipt:
        """Check a call of Meta's and return what to keep of it."""
        return self._door.receive(call)

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: what Meta brought, then the lists at Meta."""
        before = self._client.requests
        page = self._poller.poll(cursor, self._sources())
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a post or comment in public."""
        if request.target.platform_data.get(WAY) == MESSAGE:
            raise PermanentError(
                "A private message is not answered in public.", code="private", remedy="Answer it in private."
            )
        check_text(request.text, self.measure(request.text, Visibility.PUBLIC))
        return self._site.send_comment(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Write to who wrote to us, or send the one private reply to a comment."""
        if not self._options.direct_messages:
            raise PermanentError(
                "Private messages are switched off.", code="no_dm_right", remedy="Set options.direct_messages = true."
            )
        check_text(request.text, self.measure(request.text, Visibility.DM))
        return self._messenger.send(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look below the comment, or in the conversation, for our words of this very request."""
        if visibility is Visibility.DM:
            return self._messenger.find(request) if self._options.direct_messages else None
        return self._site.find_comment(request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return what can still be read. Messages always count as there: Meta shows the newest of a conversation only."""
        there = frozenset(one for one in external_ids if self._is_there(one))
        if len(there) < len(set(external_ids)):
            # Meta answers alike for what is deleted and for what we may not see any more: a lost right deletes nothing.
            self._site.check_reading()
        return there

    def _is_there(self, external_id: str) -> bool:
        """Ask for a post or comment; a hidden one is there. What stands elsewhere, and messages, count as there."""
        if not is_node(external_id):
            return True
        try:
            self._client.get(as_path(external_id), {"fields": "id"})
        except PermanentError as error:
            if error.code == "gone":
                return False
            raise
        return True

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the target stands, and where its author may be answered now."""
        way = target.platform_data.get(WAY, "")
        can_write = self._options.direct_messages
        if way == MESSAGE:
            allowed = self._messenger.may_write(target.author_external_id) if can_write else None
            return PlatformFacts(exists=None, replies_allowed=False, dm_allowed=allowed)
        facts, written = self._site.tell_facts(target.external_id, way)
        if facts.exists is False:  # or not for us any more: that would take an approved answer away
            self._site.check_reading()
        is_late = written is not None and self._clock.now() - written >= PRIVATE_REPLY_WITHIN
        if not can_write:
            return replace(facts, dm_allowed=None)
        return replace(facts, dm_allowed=False) if way != COMMENT or is_late else facts

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count as the platform does, never too little."""
        return Measure(length=self._site.count(text, visibility), limit=self._site.limit(visibility))

    def probe(self) -> str:
        """Say who we are, which permissions are missing and whether the token's end is near."""
        who = self._site.describe()
        needed = [
            one for one in self._site.needed if self._options.direct_messages or one != self._site.message_permission
        ]
        told = self._client.inspect_token()
        token = describe_token(told, app_id=self._options.app_id, needed=needed, now=self._clock.now())
        self._access_ends_at = read_end(told)
        return " ".join(f"{who}; Graph API {self._options.version}; {token}".split())

    @property
    def access_expires_at(self) -> datetime | None:
        """When the token ends, as Meta told at the last ``probe``."""
        return self._access_ends_at

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _sources(self) -> list[Source]:
        return [*self._site.sources(), *([self._talks] if self._options.direct_messages else [])]
