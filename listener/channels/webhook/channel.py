"""The webhook channel: what the ports promise of whatever speaks our own protocol."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import regex

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.webhooks import Receipt, WebhookCall
from domain.words import Visibility
from listener.channels.webhook.options import WebhookOptions
from listener.channels.webhook.polling import deleted_since, poll
from listener.channels.webhook.reading import NO, OURS, PRIVATE, PRIVATE_REPLY, VISIBILITY, YES
from listener.channels.webhook.receiving import receive
from listener.channels.webhook.sending import Sender
from listener.registry import ChannelContext


class WebhookChannel:
    """One account that calls us, and perhaps one that we call. Thread-safe; keeps no state."""

    def __init__(self, options: WebhookOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        self._name = name
        self._clock = context.clock
        self._inbox = context.inbox
        self._sender = Sender(options, clock=context.clock)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"WebhookChannel({self._name})"

    @property
    def kind(self) -> str:
        """Always ``webhook``."""
        return "webhook"

    @property
    def own_author_id(self) -> str:
        """Whoever of ``options.own_author_ids`` wrote: one id for all of us, which no sender's can be."""
        return OURS

    @property
    def capabilities(self) -> Capabilities:
        """Answering only where there is an address for replies."""
        answers = bool(self._options.reply_address)
        return Capabilities(
            can_reply=answers,
            can_direct_message=answers and self._options.private_replies,
            tells_deletions=True,
        )

    def receive(self, call: WebhookCall) -> Receipt:
        """Check the signature, then return the events to keep and those that cannot be kept."""
        return receive(call, keys=self._options.keys, now=self._clock.now())

    def poll(self, cursor: str | None) -> Page:
        """Return the next events that were brought."""
        return poll(self._inbox, cursor, page_size=self._options.page_size, own_ids=self._options.own_author_ids)

    def reply(self, request: SendRequest) -> SentPost:
        """Bring a public reply to the configured address."""
        if not self._options.reply_address:
            raise _read_only(request)
        return self._sender.send(request, Visibility.PUBLIC)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Bring a private reply to the configured address."""
        if not self._options.reply_address:
            raise _read_only(request)
        if not self._options.private_replies:
            raise PermanentError(
                "Private replies are switched off.", code="no_dm_right", remedy="Set options.private_replies = true."
            )
        return self._sender.send(request, Visibility.DM)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Ask the status address for this very reply: without one nobody can tell, since addresses are taken out, too."""
        return self._sender.find(request, visibility)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return those whose deletion has not come. One that a poll has read is marked by the poll itself."""
        return frozenset(external_ids) - deleted_since(self._inbox) if external_ids else frozenset()

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Tell what the sender told with the message, and whether its deletion came since."""
        is_private = target.platform_data.get(VISIBILITY) == PRIVATE
        told = target.platform_data.get(PRIVATE_REPLY)
        return PlatformFacts(
            exists=target.external_id not in deleted_since(self._inbox),
            replies_allowed=not is_private,
            dm_allowed={YES: True, NO: False}.get(told or ""),
        )

    def measure(self, text: str, visibility: Visibility) -> Measure:  # noqa: ARG002 - one limit for both
        """Count characters as people see them."""
        return Measure(length=len(regex.findall(r"\X", text)), limit=self._options.longest_reply)

    def probe(self) -> str:
        """Say where messages come in and replies go; where they go, send a ping that is signed like a reply."""
        place = f"takes calls at /hooks/{self._name}"
        if not self._options.reply_address:
            return f"webhook: {place}; no reply_address: people answer by hand"
        self._sender.ping()
        host = urlsplit(self._options.reply_address).hostname
        asks = (
            "asks there for doubtful ones" if self._options.status_address else "no status_address: doubts go to people"
        )
        return f"webhook: {place}; replies go to {host}, which took our ping; {asks}"

    def close(self) -> None:
        """Nothing to give back: each request has a connection of its own."""


def _read_only(request: SendRequest) -> PermanentError:
    where = f"at {request.target.url}" if request.target.url else "where the message came from"
    return PermanentError(
        "This account has no address for replies.",
        code="read_only",
        remedy=f"Answer by hand {where}, or set options.reply_address.",
    )
