"""The sandbox as a channel: what a real one does, faults included. For the demo, for practice and for tests."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import regex

from config.settings import ChannelSettings
from domain.clock import Clock
from domain.errors import ConfigError, PermanentError, Place, RetryableError, SendUncertainError
from domain.mentions import IncomingAuthor, IncomingMention, Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.sandbox.faults import Fault, FaultKind, SandboxCall
from listener.channels.sandbox.platform import SandboxPlatform
from listener.channels.sandbox.posts import OWN_ACCOUNT, SandboxPost
from listener.intake import ROOT_AUTHOR
from listener.registry import ChannelContext

LIMITS = {Visibility.PUBLIC: 300, Visibility.DM: 1000}
"""Graphemes."""

DEFAULTS: dict[str, str | int | float | bool] = {
    "path": "",
    "page_size": 50,
    "requests_per_minute": 0,
    "cost_per_request_usd": 0.0,
    "dedupe_sends": False,
    "can_direct_message": True,
}
"""``path``: the platform's file, empty for one beside the home's sessions. ``dedupe_sends``: True makes a repeated key a
no-op, as a careful platform would; False makes a second post, so that a blind resend shows."""


def make_channel(settings: ChannelSettings, context: ChannelContext) -> "SandboxChannel":
    """Return the channel of ``settings``. Raises ``ConfigError`` for an option it does not know."""
    options = dict(DEFAULTS)
    for key, value in settings.options.items():
        if key not in DEFAULTS or isinstance(value, list):
            place = Place(file="kikite.toml", field=f"channel.{settings.name}.options.{key}")
            raise ConfigError("not an option of the sandbox", place=place, remedy=f"Known: {', '.join(DEFAULTS)}.")
        options[key] = value
    path = Path(str(options["path"])) if options["path"] else context.state_dir / f"{settings.name}.sandbox.db"
    return SandboxChannel(SandboxPlatform(path, clock=context.clock), clock=context.clock, options=options)


class SandboxChannel:
    """One account on the sandbox platform. ``wait`` is called for slow answers only."""

    def __init__(
        self,
        platform: SandboxPlatform,
        *,
        clock: Clock,
        options: dict[str, str | int | float | bool] | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        chosen = {**DEFAULTS, **(options or {})}
        self.platform = platform
        self._clock = clock
        self._wait = wait
        self._page_size = int(chosen["page_size"])
        self._requests_per_minute = int(chosen["requests_per_minute"])
        self._cost_usd = float(chosen["cost_per_request_usd"])
        self._dedupes_sends = bool(chosen["dedupe_sends"])
        self._can_direct_message = bool(chosen["can_direct_message"])

    @property
    def kind(self) -> str:
        """Always ``sandbox``."""
        return "sandbox"

    @property
    def own_author_id(self) -> str:
        """Id of the shop's account on the platform."""
        return OWN_ACCOUNT.external_id

    @property
    def capabilities(self) -> Capabilities:
        """Everything, unless the options take direct messages away."""
        return Capabilities(
            can_reply=True, can_direct_message=self._can_direct_message, can_search=True, tells_deletions=True
        )

    def poll(self, cursor: str | None) -> Page:
        """Return what came into view after ``cursor``: new posts, edited ones again, our own too."""
        self._call(SandboxCall.POLL)
        if cursor is not None and not cursor.isdecimal():
            return self._page(0, gap="the cursor was not one of ours; read again from the beginning")
        return self._page(int(cursor or 0))

    def reply(self, request: SendRequest) -> SentPost:
        """Post a public reply once."""
        return self._send(request, Visibility.PUBLIC, call=SandboxCall.REPLY)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Send a private message once."""
        if not self._can_direct_message:
            raise PermanentError("This account cannot send direct messages.", code="no_direct_messages")
        return self._send(request, Visibility.DM, call=SandboxCall.DIRECT_MESSAGE)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for what was sent with this request's key."""
        self._call(SandboxCall.FIND_REPLY)
        return self.platform.find_sent(request.idempotency_key, visibility)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the posts that were not deleted."""
        self._call(SandboxCall.STILL_THERE)
        return frozenset(self.platform.find_posts(external_ids))

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Return what the author of the post allows."""
        self._call(SandboxCall.ELIGIBILITY)
        post = self.platform.find_post(target.external_id)
        if post is None:
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        return PlatformFacts(exists=True, replies_allowed=post.replies_allowed, dm_allowed=post.dm_allowed)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes, as people do."""
        return Measure(length=len(regex.findall(r"\X", text)), limit=LIMITS[visibility])

    def probe(self) -> str:
        """Say who we are on the platform."""
        self._call(SandboxCall.PROBE)
        return f"sandbox @{OWN_ACCOUNT.handle} ({self.platform.path.name})"

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _page(self, position: int, gap: str = "") -> Page:
        feed = self.platform.read_feed(position, self._page_size)
        mentions = tuple(_to_mention(post) for post in feed.posts)
        return Page(mentions=mentions, cursor=str(feed.position), more=feed.more, cost_usd=self._cost_usd, gap=gap)

    def _call(self, call: SandboxCall) -> Fault | None:
        """Raise or delay as scripted; return a fault that only a send can act out."""
        fault = self.platform.begin_call(call, requests_per_minute=self._requests_per_minute)
        if fault is None:
            return None
        sends = call in {SandboxCall.REPLY, SandboxCall.DIRECT_MESSAGE}
        if fault.kind is FaultKind.PERMANENT:
            raise PermanentError("The sandbox refuses.", code=fault.code, remedy="Clear the fault.")
        if fault.kind is FaultKind.RETRYABLE or (fault.kind in {FaultKind.LOST, FaultKind.AMBIGUOUS} and not sends):
            raise RetryableError("The sandbox is busy.", code=fault.code, retry_after_seconds=fault.retry_after_seconds)
        if fault.kind is FaultKind.SLOW:
            self._wait(fault.seconds / 2)
        return fault

    def _send(self, request: SendRequest, visibility: Visibility, *, call: SandboxCall) -> SentPost:
        fault = self._call(call)
        self._refuse_bad(request, visibility)
        if fault is not None and fault.kind is FaultKind.LOST:
            raise SendUncertainError("The sandbox gave no answer.", code="no_answer")
        known = self.platform.find_sent(request.idempotency_key, visibility) if self._dedupes_sends else None
        sent = known or self.platform.accept(request, visibility)
        if fault is not None and fault.kind is FaultKind.SLOW:
            self._wait(fault.seconds / 2)
        if fault is not None and fault.kind is FaultKind.AMBIGUOUS:
            raise SendUncertainError("The sandbox's answer was torn.", code="no_answer")
        return sent

    def _refuse_bad(self, request: SendRequest, visibility: Visibility) -> None:
        """Raise ``PermanentError`` for what a real platform would refuse."""
        post = self.platform.find_post(request.target.external_id)
        if post is None:
            raise PermanentError("The post is not there any more.", code="gone")
        allowed = post.replies_allowed if visibility is Visibility.PUBLIC else post.dm_allowed
        if not allowed:
            code = "replies_not_allowed" if visibility is Visibility.PUBLIC else "dm_not_allowed"
            raise PermanentError("The author does not allow it.", code=code)
        if not self.measure(request.text, visibility).fits or not request.text:
            raise PermanentError("The text is empty or too long.", code="bad_length")


def _to_mention(post: SandboxPost) -> IncomingMention:
    author = post.author
    return IncomingMention(
        external_id=post.external_id,
        kind=post.kind,
        text=post.text,
        author=IncomingAuthor(
            external_id=author.external_id, handle=author.handle, display_name=author.display_name, url=author.url
        ),
        created_at=post.created_at or datetime.max.replace(tzinfo=UTC),  # a post in view always has its time
        engagement=post.engagement,
        thread_external_id=post.thread_external_id,
        parent_external_id=post.parent_external_id,
        url=f"https://sandbox.example/post/{post.external_id}",
        language_hint=post.language,
        rating=post.rating,
        platform_data={ROOT_AUTHOR: post.root_author_id} if post.root_author_id else {},
    )
