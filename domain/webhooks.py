"""What a platform sends to us by itself: a call at our door, the parcels we keep of it, and what we answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import KikiteError

LONGEST_KEY = 120
"""Characters of ``Parcel.key``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookCall:
    """A request at ``/hooks/<account>``, as it came. Hostile until its signature is checked."""

    method: str
    """``GET`` (a platform proving the address) or ``POST``."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One event worth keeping, before anybody looks inside."""

    key: str
    """The sender's own id of the event, else a hash of it: the same key is kept once. At most ``LONGEST_KEY`` characters."""
    text: str
    """The event as the channel's ``poll`` will read it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedEvent:
    """One event of a call that cannot be kept, in words for whoever wrote the sender."""

    number: int
    """Its place in the call, from 1."""
    event_id: str
    """As far as it has one that can be read."""
    field: str
    """Path of the field that is wrong; empty: the event itself."""
    problem: str

    def __str__(self) -> str:
        """One line."""
        return f"event {self.number}{f' ({self.event_id})' if self.event_id else ''}: {self.field or 'event'}: {self.problem}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What we keep of a call and answer to it."""

    parcels: tuple[Parcel, ...] = ()
    refused: tuple[RefusedEvent, ...] = ()
    """Events of a true call that are wrong. The others are kept, and the answer is 422 and names these."""
    left_out: int = 0
    """Events of kinds that nobody here knows."""
    answer: str = ""
    """Body of the answer, where the platform asks for one (a challenge); plain text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptParcel:
    """A parcel in our rows."""

    number: int
    """Grows in the order in which parcels were kept."""
    key: str
    text: str
    received_at: datetime


class WebhookRefusedError(KikiteError):
    """The call is not from the platform, or not one we take. ``code`` is stable, ``status`` the HTTP answer."""

    def __init__(self, message: str, *, code: str, status: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
        self.status = status
