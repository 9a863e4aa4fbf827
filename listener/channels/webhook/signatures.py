"""Signatures by the Standard Webhooks specification (https://www.standardwebhooks.com, version 1): ``v1,`` and the base64 of
HMAC-SHA256 over ``id.timestamp.body``.

By hand: the published library for Python reads the system's clock, knows one secret, and raises whatever comes up on a header
that somebody made up; all of it is these few lines.
"""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.webhooks import WebhookRefusedError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)
"""The specification's bounds of a secret."""
TOLERANCE: Final = timedelta(minutes=5)
"""A call older or younger than this is refused, so that nobody repeats one they overheard for long."""
LONGEST_ID: Final = 256
LONGEST_TIME: Final = 12
MOST_SIGNATURES: Final = 20


@dataclass(frozen=True)
class Key:
    """One secret, as bytes."""

    secret: bytes = field(repr=False)

    def sign(self, call_id: str, timestamp: str, body: bytes) -> str:
        """Return the signature of one call, ``v1,`` included."""
        signed = hmac.new(self.secret, f"{call_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        return f"v1,{b64encode(signed).decode()}"


def read_key(secret: str) -> Key:
    """Return the key that ``secret`` (``whsec_…``) stands for. Raises ``ValueError``."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in KEY_BYTES:
        message = "must be whsec_ and the base64 of 24 to 64 random bytes"
        raise ValueError(message)
    return Key(key)


def sign(keys: Sequence[Key], call_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the three headers of a call; one signature for each key, so that a secret can be changed while calls go on."""
    timestamp = str(int(now.timestamp()))
    signatures = " ".join(key.sign(call_id, timestamp, body) for key in keys)
    return {ID: call_id, TIMESTAMP: timestamp, SIGNATURE: signatures}


def verify(keys: Sequence[Key], headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Return when one of ``keys`` signed this very call within ``TOLERANCE``.

    Raises ``WebhookRefusedError``: ``wrong_signature``, or ``stale`` for a true signature of another time.
    """
    call_id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (call_id and timestamp and given):
        raise WebhookRefusedError(
            "A call came without a signature.",
            code="wrong_signature",
            status=401,
            remedy=f"Send the headers {ID}, {TIMESTAMP} and {SIGNATURE}.",
        )
    if not _is_signed(keys, call_id, timestamp, given=given, body=body):
        raise WebhookRefusedError(
            "A call was signed with another secret, or changed on its way.",
            code="wrong_signature",
            status=401,
            remedy="Compare the secrets, and sign the body's very bytes.",
        )
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise WebhookRefusedError(
            "A call was signed more than five minutes ago, or ahead of our clock.",
            code="stale",
            status=401,
            remedy=f"Sign each attempt anew with the present time in {TIMESTAMP}, and compare both clocks.",
        )


def _is_signed(keys: Sequence[Key], call_id: str, timestamp: str, *, given: str, body: bytes) -> bool:
    readable = call_id.isascii() and timestamp.isascii() and timestamp.isdecimal() and given.isascii()
    if not readable or len(call_id) > LONGEST_ID or len(timestamp) > LONGEST_TIME:
        return False
    candidates = [one.encode() for one in given.split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]]
    expected = [key.sign(call_id, timestamp, body).encode() for key in keys]
    return any(hmac.compare_digest(one, candidate) for one in expected for candidate in candidates)
