"""The X channel: what the port promises, put together from client, sources, sending and the meter."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.compliance import ComplianceJobs
from listener.channels.x.given_links import GivenLinks
from listener.channels.x.limits import Limits
from listener.channels.x.measuring import measure_text
from listener.channels.x.memory import Memory
from listener.channels.x.meter import Meter
from listener.channels.x.options import XOptions
from listener.channels.x.polling import Poller
from listener.channels.x.post_reader import PostReader
from listener.channels.x.prices import Prices
from listener.channels.x.reading import MESSAGE_PREFIX, USER_FIELDS, Ourselves, check_fields
from listener.channels.x.refusals import find_missing
from listener.channels.x.sending import Sender, answered_id
from listener.channels.x.sources import DirectMessages, Mentions, MissedMentions, Search, Source
from listener.registry import ChannelContext
from listener.rotating_tokens import TokenFile

POSTS_AT_ONCE: Final = 100
"""Ids that X looks up in one request."""
PROBED: Final = 5
"""Least number of posts that a list can be asked for."""


class XChannel:
    """One account on X. Thread-safe; asks who we are at the first call that needs it."""

    def __init__(self, options: XOptions, *, context: ChannelContext, name: str, prices: Prices) -> None:
        self._options = options
        tokens = TokenFile(
            context.state_dir / f"{name}.x.json",
            client_id=options.client_id,
            first_refresh_token=options.refresh_token.get_secret_value(),
        )
        self._memory = Memory(context.state_dir / f"{name}.x.db", clock=context.clock)
        limits = Limits(self._memory, context.clock)
        self._client = XClient(options, file=tokens, limits=limits, clock=context.clock)
        self._meter = Meter(self._memory, prices, owns_app=options.owns_app)
        self._sender = Sender(self._client, self._meter)
        links = GivenLinks(service=options.service, timeout_seconds=options.timeout_seconds)
        self._jobs = ComplianceJobs(self._client, links, clock=context.clock)
        self._poller = Poller(
            clock=context.clock, first_poll=timedelta(days=options.first_poll_days), max_pages=options.max_pages
        )
        self._lock = threading.Lock()
        self._ourselves: Ourselves | None = None

    def __repr__(self) -> str:
        """Without secrets."""
        who = f"@{self._ourselves.username}" if self._ourselves else "not signed in yet"
        return f"XChannel({who} on {self._options.service})"

    @property
    def kind(self) -> str:
        """Always ``x``."""
        return "x"

    @property
    def own_author_id(self) -> str:
        """Our account's id. Asks X once."""
        return self._us.id

    @property
    def capabilities(self) -> Capabilities:
        """Replies only where X has approved AI-written ones; X forbids training on its content."""
        return Capabilities(
            can_reply=self._options.ai_replies_approved,
            can_direct_message=self._options.direct_messages,
            can_search=True,
            tells_deletions=True,
            asked_at_once=POSTS_AT_ONCE,
            reports_deletions=self._options.compliance_jobs,
            trains_models=False,
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: mentions, what they missed, then each search, then messages. Its cost holds what was spent outside of polls, too."""
        page = self._poller.poll(cursor, self._sources())
        cost = page.cost_usd + self._meter.take_owed()
        return replace(page, cost_usd=round(cost, 6))

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a post in public."""
        if not self._options.ai_replies_approved:
            raise PermanentError(
                "X has not approved AI-written replies for this app.",
                code="not_approved",
                remedy="Post it by hand, or set options.ai_replies_approved once X has approved it.",
            )
        return self._sender.reply(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Write to the author of the target."""
        if not self._options.direct_messages:
            raise PermanentError(
                "This account sends no direct messages.",
                code="no_dm_right",
                remedy="Set options.direct_messages = true and give the app that right.",
            )
        return self._sender.message(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our own post of this very request among our posts or messages since its approval."""
        if visibility is Visibility.DM:
            return self._sender.find_message(request, self._us)
        return self._sender.find_reply(request, self._us)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return all but those that X surely cannot show any more: deleted, or of an account now protected or gone.

        Messages always are there: X deletes them for the deleter only.
        """
        posts = [one for one in external_ids if answers.is_id(one)]
        missing: set[str] = set()
        for start in range(0, len(posts), POSTS_AT_ONCE):
            answer = self._look_up(posts[start : start + POSTS_AT_ONCE])
            missing |= find_missing(answers.items(answer, "errors")) - set(answers.ids(answers.items(answer, "data")))
        return frozenset(external_ids) - missing

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the post stands, whom its author lets reply, and whether they take messages from us."""
        if target.external_id.startswith(MESSAGE_PREFIX):
            return PlatformFacts(exists=True, replies_allowed=False, dm_allowed=None if self._may_message else False)
        post_id = answered_id(target)
        answer = self._look_up([post_id], with_author=True)
        post = next(iter(answers.items(answer, "data")), None)
        if post is None:
            if post_id in find_missing(answers.items(answer, "errors")):
                return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
            return PlatformFacts()
        user = next(iter(answers.items(answer, "includes", "users")), None)
        takes = answers.part(user, "receives_your_dm")
        dm_allowed = takes if isinstance(takes, bool) else None
        return PlatformFacts(
            exists=True,
            replies_allowed=self._may_reply(post),
            dm_allowed=dm_allowed if self._may_message else False,
        )

    def ask_deletions(self, external_ids: Sequence[str]) -> str:
        """Ask X about very many posts at once; messages are left out. See ``ComplianceJobs``."""
        return self._jobs.ask(external_ids)

    def read_deletions(self, ticket: str) -> frozenset[str] | None:
        """Return which of them must go; None while X works."""
        return self._jobs.read(ticket)

    def take_spent(self) -> float:
        """Return what was spent outside of polls since the last time."""
        return self._meter.take_owed()

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count X's way: 280 in public with Japanese counting two and an address 23; 10,000 in a message."""
        return measure_text(text, visibility)

    def probe(self) -> str:
        """Say who we are, and check that X returns time and author of posts. Reads five posts at most."""
        us = self._ask_who_we_are()
        seen = self._probe_posts("get_users_mentions", us) or self._probe_posts("get_users_tweets", us)
        fields = "author and time come back" if seen else "no post yet to check their fields by"
        replies = "approved" if self._options.ai_replies_approved else "by hand"
        messages = "on" if self._may_message else "off"
        return (
            f"@{us.username} ({us.id}) on {self._options.service}; {fields}; replies: {replies}; messages: {messages}"
        )

    def close(self) -> None:
        """Nothing stays open between calls."""

    @property
    def _us(self) -> Ourselves:
        with self._lock:
            return self._ourselves or self._ask_who_we_are()

    @property
    def _may_message(self) -> bool:
        return self._options.direct_messages

    def _ask_who_we_are(self) -> Ourselves:
        answer = self._client.read("get_me")
        us = Ourselves(id=answers.text(answer, "data", "id"), username=answers.text(answer, "data", "username"))
        if not answers.is_id(us.id) or not us.username:
            raise RetryableError("X does not say who we are.", code="no_answer", remedy="Check options.service.")
        self._meter.owe(self._meter.bill_person(us.id))
        self._ourselves = us
        return us

    def _sources(self) -> list[Source]:
        us, options, meter = self._us, self._options, self._meter
        reader = PostReader(self._client, us=us, memory=self._memory, meter=meter)
        sources: list[Source] = [Mentions(self._client, reader, us=us, options=options, meter=meter)]
        if options.fill_max_posts:
            sources.append(MissedMentions(self._client, reader, us=us, options=options, meter=meter))
        sources += [
            Search(self._client, reader, rule=rule, us=us, options=options, meter=meter) for rule in options.search
        ]
        if self._may_message:
            sources.append(DirectMessages(self._client, us=us, options=options, meter=meter))
        return sources

    def _look_up(self, posts: Sequence[str], *, with_author: bool = False) -> object:
        """Ask for posts by id; barely more than whether they are there, unless ``with_author``."""
        along = {
            "tweet_fields": ["author_id", "reply_settings", "entities"],
            "expansions": ["author_id"],
            "user_fields": list(USER_FIELDS),
        }
        answer = self._client.look_up(posts, **(along if with_author else {}))
        self._meter.owe(self._meter.bill_posts(answer, price=self._meter.prices.post_read))
        return answer

    def _may_reply(self, post: object) -> bool | None:
        """Read the post's own setting; whether we are among those an author follows is not told."""
        setting = answers.text(post, "reply_settings")
        named = [answers.text(one, "id") for one in answers.items(post, "entities", "mentions")]
        if setting in {"", "everyone"} or self._us.id in named:
            return True if setting else None
        return False if setting == "mentionedUsers" else None

    def _probe_posts(self, call: str, us: Ourselves) -> bool:
        """Tell whether there was a post; raise when it lacks what we need."""
        answer = self._client.read_list(call, us.id, tweet_fields=["author_id", "created_at"], max_results=PROBED)
        posts = answers.items(answer, "data")
        self._meter.owe(self._meter.bill_posts(answer, price=self._meter.own_post))
        for post in posts:
            check_fields(post)
        return bool(posts)
