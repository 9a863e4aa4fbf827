"""The ports. Each has a shipped double without network: sandbox channel, keyword backend, composer, console notifier."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.understanding import Prediction, TextToClassify
from domain.webhooks import KeptParcel, Receipt, WebhookCall
from domain.words import Visibility


@runtime_checkable
class Channel(Protocol):
    """A connected account on one platform.

    Errors of every network method: ``PermanentError``, ``RetryableError``; ``reply`` and ``direct_message`` also
    ``SendUncertainError``. A ``RetryableError`` from a send promises that the platform did not accept it.
    Methods are synchronous, carry their own timeouts, never sleep and never retry.
    """

    @property
    def kind(self) -> str:
        """The platform's short name, as in settings (``bluesky``)."""
        ...

    @property
    def own_author_id(self) -> str:
        """External id of our own account, so that intake can drop our own posts. May sign in."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this account can do by API."""
        ...

    def poll(self, cursor: str | None) -> Page:
        """Return the next page after ``cursor`` (None: the first poll ever). The same cursor gives at least the same posts."""
        ...

    def reply(self, request: SendRequest) -> SentPost:
        """Post a public reply once."""
        ...

    def direct_message(self, request: SendRequest) -> SentPost:
        """Send a private message once."""
        ...

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our own post of this very request; None only when the platform was asked and it surely is not there."""
        ...

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return those of ``external_ids`` that still can be read upstream. Raises as ``poll``: no whole answer is no deletion."""
        ...

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Ask the platform what it allows for this target right now."""
        ...

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count ``text`` the platform's way. Pure; no network."""
        ...

    def probe(self) -> str:
        """Check credentials and rights; return one line for ``kikite doctor`` (who we are there). Raises as above."""
        ...

    def close(self) -> None:
        """Give back connections and files."""
        ...


@runtime_checkable
class Receiver(Protocol):
    """What a channel offers besides when its platform calls us. What ``receive`` gives comes back to it by ``Inbox``."""

    def receive(self, call: WebhookCall) -> Receipt:
        """Check who calls, then return what to keep. Pure: no network, no state. Several threads call it at once.

        Raises ``WebhookRefusedError`` for a wrong or stale signature and for what is no call of this platform's. An event of a kind
        nobody knows is no error: it is left out, or kept for ``poll`` to pass over.
        """
        ...


@runtime_checkable
class DeletionReporter(Protocol):
    """What a channel offers besides where its platform answers about very many posts at once, but later. Errors as ``Channel``."""

    def ask_deletions(self, external_ids: Sequence[str]) -> str:
        """Hand the ids over; return a ticket to come back with, empty when none of them can be asked about. No limit on their number."""
        ...

    def read_deletions(self, ticket: str) -> frozenset[str] | None:
        """Return which of them are gone; None while the platform works. ``PermanentError``: the ticket is worth nothing any more."""
        ...


@runtime_checkable
class Spender(Protocol):
    """What a channel offers besides where its platform asks money for answers."""

    def take_spent(self) -> float:
        """Return the US dollars spent since the last time, but for what a page told as its cost. Told once: whoever takes it records it."""
        ...


@runtime_checkable
class ExpiringAccess(Protocol):
    """What a channel offers besides where its way in ends one day and the platform says when."""

    @property
    def access_expires_at(self) -> datetime | None:
        """When, as far as ``probe`` or the last sign-in told; None: never, or it was not told yet. No network."""
        ...


class Inbox(Protocol):
    """The parcels kept for one account. A page tells by ``parcels_read`` which are done with; those are gone thereafter."""

    def read(self, after: int, *, limit: int) -> Sequence[KeptParcel]:
        """Return those numbered above ``after``, in order, at most ``limit``."""
        ...


class ClassifierBackend(Protocol):
    """A model. Thread-safe; ``classify`` keeps order and length."""

    @property
    def model_id(self) -> str:
        """Versioned name stored beside every prediction."""
        ...

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        """Return one prediction per text, in order. Hostile text must not raise."""
        ...


class Notifier(Protocol):
    """Carries a composed mail or chat message out."""

    def send(self, *, message_id: str, to: str, subject: str, text: str, html: str) -> None:
        """Hand over once. Errors as ``Channel.reply``; ``message_id`` is stable for one digest and reader."""
        ...
