"""The Mastodon channel: what the port promises, put together from account, sources and sending."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.mastodon import wire
from listener.channels.mastodon.account import Account
from listener.channels.mastodon.client import Client
from listener.channels.mastodon.lengths import LimitsFile, measure_text
from listener.channels.mastodon.options import MastodonOptions
from listener.channels.mastodon.polling import Poller
from listener.channels.mastodon.reading import DIRECT
from listener.channels.mastodon.sending import find_status, find_target, send_status
from listener.channels.mastodon.sources import Reader, make_sources
from listener.channels.mastodon.threads import Threads
from listener.registry import ChannelContext

STATUSES_AT_ONCE = 20
"""Statuses in one question; more would make the address too long for some servers."""


class MastodonChannel:
    """One account on one server. Thread-safe; makes no request before it must."""

    def __init__(self, options: MastodonOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        self._client = Client(options, clock=context.clock)
        file = LimitsFile(context.state_dir / f"{name}.mastodon.json", instance=options.instance)
        self._account = Account(options, client=self._client, file=file)
        self._has_batches = True
        """False once the server turned out to be older than 4.3: it gives statuses one by one only."""
        self._poller = Poller(
            clock=context.clock,
            first_poll=timedelta(days=options.first_poll_days),
            max_pages=options.max_pages,
            read=Reader(self._account, threads=Threads(self._client)).read,
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"MastodonChannel({self._options.instance})"

    @property
    def kind(self) -> str:
        """Always ``mastodon``."""
        return "mastodon"

    @property
    def own_author_id(self) -> str:
        """Our account's id on our server. Asks for it once."""
        return self._account.me.id

    @property
    def capabilities(self) -> Capabilities:
        """Everything; private mentions unless switched off, searching where the server has it.

        Its posts train no model: they come from many servers, each with terms of its own, and the largest one forbids it
        (mastodon.social, terms of 2025-07-01).
        """
        return Capabilities(
            can_reply=True,
            can_direct_message=self._options.direct_messages,
            can_search=True,
            tells_deletions=True,
            asked_at_once=STATUSES_AT_ONCE,
            trains_models=False,
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page: mentions (private ones too), then each hashtag, then each search."""
        origin = f"{self._account.me.id}@{self._account.host}"
        before = self._client.requests
        page = self._poller.poll(cursor, make_sources(self._account), origin=origin)
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Answer a post, seen by no more people than the post itself."""
        return send_status(self._account, request, Visibility.PUBLIC)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Write to the author of the target and to nobody else."""
        if not self._options.direct_messages:
            raise PermanentError(
                "Private mentions are switched off.", code="no_dm_right", remedy="Set options.direct_messages = true."
            )
        return send_status(self._account, request, Visibility.DM)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look through our own statuses for the one of this very request."""
        return find_status(self._account, request, visibility)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the statuses that can still be read by us."""
        there: set[str] = set()
        for start in range(0, len(external_ids), STATUSES_AT_ONCE):
            there |= self._still_there(list(external_ids[start : start + STATUSES_AT_ONCE]))
        return frozenset(there)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the post stands, and whether its author and we can reach each other."""
        status = find_target(self._account, target.external_id)
        if status is None:
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        is_direct = wire.text(status, "visibility") == DIRECT
        is_cut_off, follows_us = self._ask_relationship(target.author_external_id)
        is_cut_off = is_cut_off or wire.part(status, "account", "suspended") is True
        # Who follows us or wrote to us gets it; from others, Mastodon may put it among the filtered notifications.
        dm_allowed = False if is_cut_off else (True if is_direct or follows_us else None)
        return PlatformFacts(exists=True, replies_allowed=not is_cut_off and not is_direct, dm_allowed=dm_allowed)

    def measure(self, text: str, visibility: Visibility) -> Measure:  # noqa: ARG002 - a private mention is a status too
        """Count characters as the server does; room for the author's name in front is kept."""
        return measure_text(text, self._account.limits)

    def probe(self) -> str:
        """Say who we are, on which server, what it allows and which rights are missing."""
        return self._account.describe()

    def close(self) -> None:
        """Nothing to give back: each request has a connection of its own."""

    def _still_there(self, ids: list[str]) -> set[str]:
        if self._has_batches:
            try:
                found = self._client.ask_list(lambda api: api.statuses(ids))
            except PermanentError as error:
                if error.code != "gone":
                    raise
                self._has_batches = False
            else:
                return {wire.text(status, "id") for status in found} & set(ids)
        return {one for one in ids if find_target(self._account, one) is not None}

    def _ask_relationship(self, author_id: str) -> tuple[bool, bool]:
        """Return whether a block stands between us, in either direction, and whether the person follows us."""
        try:
            found = self._client.ask_list(lambda api: api.account_relationships([author_id]))
        except PermanentError as error:
            if error.code == "missing_scope":  # not told, then
                return False, False
            raise
        mine = next((one for one in found if wire.text(one, "id") == author_id), None)
        is_cut_off = any(wire.part(mine, name) is True for name in ("blocked_by", "blocking", "domain_blocking"))
        return is_cut_off, wire.part(mine, "followed_by") is True
