"""The LINE channel: what the port promises, put together from account, people, polling and sending."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.webhooks import Receipt, WebhookCall
from domain.words import Visibility
from listener.channels.line.account import Account
from listener.channels.line.calls import receive_call
from listener.channels.line.client import Client
from listener.channels.line.events import SourceKind
from listener.channels.line.notes import Notes
from listener.channels.line.options import GroupMessages, LineOptions
from listener.channels.line.people import People
from listener.channels.line.polling import Poller
from listener.channels.line.sending import Sender, measure_text, source_of
from listener.registry import ChannelContext


class LineChannel:
    """One LINE Official Account. Thread-safe; makes no request before it must."""

    def __init__(self, options: LineOptions, *, context: ChannelContext, name: str) -> None:
        self._secret = options.channel_secret
        self._group_messages = options.group_messages
        self._name = name
        self._client = Client(options, clock=context.clock)
        self._notes = Notes(context.state_dir / f"{name}.line", clock=context.clock)
        self._account = Account(self._client, clock=context.clock, name=name)
        remembered_for = timedelta(hours=options.profile_hours)
        self._people = People(self._client, clock=context.clock, remembered_for=remembered_for)
        self._poller = Poller(
            context.inbox,
            account=self._account,
            people=self._people,
            notes=self._notes,
            page_size=options.page_size,
            group_messages=options.group_messages,
        )
        self._sender = Sender(
            self._client, account=self._account, people=self._people, notes=self._notes, clock=context.clock
        )

    def __repr__(self) -> str:
        """Without secrets."""
        return f"LineChannel({self._name})"

    @property
    def kind(self) -> str:
        """Always ``line``."""
        return "line"

    @property
    def own_author_id(self) -> str:
        """Our account's user id. Asks for it once."""
        return self._account.me.user_id

    @property
    def capabilities(self) -> Capabilities:
        """In a group everybody reads the answer, alone with a person nobody else does. What people take back is told by an event.

        Its messages train no model: people wrote them to the shop alone, and that LINE's terms allow it was not found out.
        """
        reads_groups = self._group_messages is not GroupMessages.NONE
        return Capabilities(can_reply=reads_groups, can_direct_message=True, tells_deletions=True, trains_models=False)

    def receive(self, call: WebhookCall) -> Receipt:
        """Check LINE's signature and return the events to keep."""
        return receive_call(call, secret=self._secret.get_secret_value())

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of what LINE brought."""
        before = self._client.requests
        page = self._poller.poll(cursor)
        return replace(page, requests=self._client.requests - before)

    def reply(self, request: SendRequest) -> SentPost:
        """Push the answer into the group it was asked in, once; everybody there reads it."""
        if not _is_in_group(request.target):
            raise PermanentError("This was written in private.", code="no_public", remedy="Answer by direct message.")
        return self._send(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Push the answer to the person who wrote to us alone, once."""
        if _is_in_group(request.target):
            message = "This was written in a group, where nothing is private."
            raise PermanentError(message, code="not_private", remedy="Answer in the group, without personal details.")
        return self._send(request)

    def _send(self, request: SendRequest) -> SentPost:
        if not self.still_there([request.target.external_id]):
            raise PermanentError("The person took the message back.", code="gone", remedy="Close it.")
        return self._sender.send(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Ask by the retry key whether LINE accepted this very request. Raises ``RetryableError`` once LINE has forgotten the key."""
        never_sent = _is_in_group(request.target) is not (visibility is Visibility.PUBLIC)
        return None if never_sent else self._sender.find(request)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the messages that nobody took back; LINE tells by events, those unread count too."""
        if not external_ids:
            return frozenset()
        unsent = self._poller.unread_unsent()
        return frozenset(one for one in external_ids if one not in unsent and not self._notes.is_unsent(one))

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask whether the person can be reached (``dm_allowed``) and whether messages are left this month (``replies_allowed``)."""
        if not self.still_there([target.external_id]):
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False)
        source = source_of(target)
        if source.kind is SourceKind.USER and self._notes.is_blocked_by(source.user_id):
            return PlatformFacts(dm_allowed=False)
        dm_allowed = self._people.is_reachable(source)
        return PlatformFacts(replies_allowed=self._sender.has_room(target), dm_allowed=dm_allowed)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count UTF-16 code units, 5,000 at most."""
        del visibility
        return measure_text(text)

    def probe(self) -> str:
        """Say who we are, whether LINE calls us and what is left this month."""
        return self._account.describe()

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


def _is_in_group(target: SendTarget) -> bool:
    """Tell whether others read the chat of ``target`` too: a group, or a room of several people."""
    return source_of(target).kind is not SourceKind.USER
