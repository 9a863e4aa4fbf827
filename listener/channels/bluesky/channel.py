"""The Bluesky channel: what the port promises, put together from session, sources, sending and chat."""

from collections.abc import Sequence
from datetime import timedelta

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.bluesky import wire
from listener.channels.bluesky.chat import chat_proxy, find_message, send_message
from listener.channels.bluesky.options import BlueskyOptions
from listener.channels.bluesky.polling import Poller
from listener.channels.bluesky.reading import CHAT_PREFIX
from listener.channels.bluesky.sending import find_own_reply, find_post, is_blocked, measure_text, send_reply
from listener.channels.bluesky.session import Account, SessionFile
from listener.channels.bluesky.sources import DirectMessages, Notifications, Search, Source
from listener.channels.bluesky.xrpc import Xrpc
from listener.registry import ChannelContext

POSTS_AT_ONCE = 25
"""Limit of app.bsky.feed.getPosts."""


class BlueskyChannel:
    """One account on Bluesky. Thread-safe; signs in at the first call that needs it."""

    def __init__(self, options: BlueskyOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        self._xrpc = Xrpc(clock=context.clock, timeout_seconds=options.timeout_seconds)
        path = context.state_dir / f"{name}.bluesky.json"
        file = SessionFile(path, service=options.service, identifier=options.handle)
        self._account = Account(options, file=file, xrpc=self._xrpc, clock=context.clock)
        self._chat = chat_proxy(options.chat_did)
        self._has_dm_right = True
        """False once the server said that the app password may not touch direct messages."""
        self._poller = Poller(
            clock=context.clock, first_poll=timedelta(days=options.first_poll_days), max_pages=options.max_pages
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"BlueskyChannel(@{self._options.handle} on {self._options.service})"

    @property
    def kind(self) -> str:
        """Always ``bluesky``."""
        return "bluesky"

    @property
    def own_author_id(self) -> str:
        """Our DID. Signs in if no session is stored."""
        return self._account.session.did

    @property
    def capabilities(self) -> Capabilities:
        """Everything but direct messages for sure: those need a right of the app password, known after the first try."""
        return Capabilities(can_reply=True, can_direct_message=self._may_message, can_search=True, tells_deletions=True)

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: notifications, then each search, then direct messages."""
        return self._poller.poll(cursor, self._sources())

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a post in public; a repeat of the same request changes nothing."""
        return send_reply(self._account, request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Write to the author of the target."""
        if not self._may_message:
            raise PermanentError(
                "This account sends no direct messages.",
                code="no_dm_right",
                remedy="Give the app password that right, and set options.direct_messages = true.",
            )
        return send_message(self._account, request, proxy=self._chat)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our own post of this very request on our own server, or in the conversation."""
        if visibility is Visibility.DM:
            return find_message(self._account, request, proxy=self._chat)
        return find_own_reply(self._account, request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the posts that can still be read. Messages always can: Bluesky deletes them for the deleter only."""
        posts = [one for one in external_ids if not one.startswith(CHAT_PREFIX)]
        there = set(external_ids) - set(posts)
        for start in range(0, len(posts), POSTS_AT_ONCE):
            answer = self._account.query("app.bsky.feed.getPosts", uris=posts[start : start + POSTS_AT_ONCE])
            if not isinstance(wire.part(answer, "posts"), list):
                raise RetryableError("Bluesky does not tell which posts stand.", code="no_answer")
            there |= {wire.text(post, "uri") for post in wire.items(answer, "posts")} & set(posts)
        return frozenset(there)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the post stands, whether we may reply, and whether its author takes messages from us."""
        if target.external_id.startswith(CHAT_PREFIX):
            profile = self._profile(target.author_external_id)
            writable = profile is not None and self._may_message and not is_blocked(profile)
            return PlatformFacts(exists=True, replies_allowed=False, dm_allowed=writable)
        post = find_post(self._account, target.external_id)
        if post is None:
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        closed = wire.part(post, "viewer", "replyDisabled") is True or is_blocked(wire.part(post, "author"))
        dm_allowed = self._may_message and self._takes_messages(self._profile(target.author_external_id))
        return PlatformFacts(exists=True, replies_allowed=not closed, dm_allowed=dm_allowed)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes: 300 in public, 1,000 in a message."""
        return measure_text(text, visibility)

    def probe(self) -> str:
        """Say who we are, on which server, and whether direct messages are open to us."""
        answer = self._account.query("com.atproto.server.getSession")
        handle = wire.text(answer, "handle") or self._options.handle
        session = self._account.session
        return f"@{handle} ({session.did}) on {session.host}; direct messages: {self._probe_chat()}"

    def close(self) -> None:
        """Give back connections. The session stays on disk."""
        self._xrpc.close()

    @property
    def _may_message(self) -> bool:
        return self._options.direct_messages and self._has_dm_right

    def _sources(self) -> list[Source]:
        size = self._options.page_size
        sources: list[Source] = [Notifications(self._account, page_size=size)]
        sources += [Search(self._account, term=term, page_size=size) for term in self._options.search]
        if self._may_message:
            messages = DirectMessages(
                self._account, chat=self._chat, page_size=size, on_no_right=self._note_missing_dm_right
            )
            sources.append(messages)
        return sources

    def _note_missing_dm_right(self) -> None:
        self._has_dm_right = False

    def _probe_chat(self) -> str:
        if not self._options.direct_messages:
            return "switched off"
        try:
            self._account.query("chat.bsky.convo.listConvos", proxy=self._chat, limit=1)
        except PermanentError as error:
            self._has_dm_right = error.code != "no_dm_right"
            return f"no ({error.message})"
        except RetryableError as error:
            return f"unknown ({error.message})"
        self._has_dm_right = True
        return "yes"

    def _profile(self, did: str) -> object | None:
        try:
            return self._account.query("app.bsky.actor.getProfile", actor=did)
        except PermanentError:
            return None

    def _takes_messages(self, profile: object | None) -> bool:
        """Read the person's inbox setting; without one, people they follow may write."""
        if profile is None or is_blocked(profile):
            return False
        allowed = wire.text(profile, "associated", "chat", "allowIncoming") or "following"
        return allowed == "all" or (allowed == "following" and bool(wire.text(profile, "viewer", "followedBy")))
