"""LINE's calls at our door: the signature is checked over the raw body before anything is read, then each event is kept."""

import base64
import hashlib
import hmac
import json
from typing import Final

from domain.webhooks import LONGEST_KEY, Parcel, Receipt, WebhookCall, WebhookRefusedError
from listener import wire
from listener.channels.line.events import EventKind

SIGNATURE: Final = "x-line-signature"
SHORT_LIVED: Final = frozenset({"replyToken", "markAsReadToken"})
"""Of no use by the time a person has approved an answer, so they are not kept."""


def receive_call(call: WebhookCall, *, secret: str) -> Receipt:
    """Return the events of ``call``. None of them is LINE's own check of the address. Raises ``WebhookRefusedError``."""
    if call.method != "POST":
        raise WebhookRefusedError("LINE calls by POST.", code="wrong_method", status=405)
    signature = base64.b64encode(hmac.digest(secret.encode(), call.body, hashlib.sha256))
    if not hmac.compare_digest(signature, call.headers.get(SIGNATURE, "").encode("utf-8", "replace")):
        raise WebhookRefusedError(
            "A call does not carry LINE's signature.",
            code="wrong_signature",
            status=401,
            remedy="If messages are missing, put the channel secret of the Messaging API channel in secrets.channel_secret.",
        )
    try:
        body: object = json.loads(call.body)
    except (ValueError, RecursionError):
        raise WebhookRefusedError("A call of LINE's is no JSON.", code="not_json", status=400) from None
    if not isinstance(wire.part(body, "events"), list):
        raise WebhookRefusedError("A call of LINE's has no list of events.", code="no_events", status=400)
    kept = set(EventKind)
    return Receipt(
        parcels=tuple(_pack(event) for event in wire.items(body, "events") if wire.text(event, "type") in kept)
    )


def _pack(event: object) -> Parcel:
    """Return the event under LINE's own id of it, which a redelivery repeats."""
    key = wire.text(event, "webhookEventId")
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        key = f"sha256:{hashlib.sha256(_write(event).encode()).hexdigest()}"
    return Parcel(key=key, text=_write(_without_tokens(event)))


def _without_tokens(value: object) -> object:
    if not isinstance(value, dict):
        return value
    kept = {name: part for name, part in value.items() if name not in SHORT_LIVED}
    return {**kept, "message": _without_tokens(kept["message"])} if "message" in kept else kept


def _write(event: object) -> str:
    """Return JSON in plain ASCII: whatever characters are in it, every database takes them."""
    return json.dumps(event, separators=(",", ":"))
