"""Meta's calls at our door: the proof of the address, and signed batches of what happened."""

import hashlib
import hmac
import json
from collections.abc import Iterator

from domain.webhooks import Parcel, Receipt, WebhookCall, WebhookRefusedError
from listener import wire
from listener.channels.graph.options import GraphOptions

SIGNATURE = "x-hub-signature-256"
SCHEME = "sha256="
NOISE = frozenset({"reaction", "like"})
"""Items of a Page's feed that say nothing."""
SPOKEN = ("message", "message_edit")
"""What of a person's messages is worth keeping; readings and deliveries are not."""


class Door:
    """Receives the calls for one account. Pure."""

    def __init__(self, options: GraphOptions, *, subject: str, account_id: str, fields: frozenset[str]) -> None:
        self._secret = options.app_secret.get_secret_value().encode()
        self._verify_token = options.verify_token.get_secret_value().encode()
        self._reads_messages = options.direct_messages
        self._subject = subject
        """``page`` or ``instagram``: what Meta calls the kind of account."""
        self._account_id = account_id
        self._fields = fields

    def receive(self, call: WebhookCall) -> Receipt:
        """Return what to keep of a call. Raises ``WebhookRefusedError``."""
        if call.method == "GET":
            return self._prove_address(call)
        self._check_signature(call)
        try:
            body: object = json.loads(call.body)
        except (ValueError, RecursionError):
            raise WebhookRefusedError("The call is no JSON.", code="not_json", status=400) from None
        entries = wire.part(body, "entry")
        if not isinstance(entries, list):
            raise WebhookRefusedError("The call brings no entries.", code="no_events", status=400)
        if wire.text(body, "object") != self._subject:
            raise WebhookRefusedError(
                f"The call is not about an account of the kind '{self._subject}'.",
                code="wrong_object",
                status=400,
                remedy=f"At Meta, give this address to the webhooks of '{self._subject}' only.",
            )
        return Receipt(parcels=tuple(parcel for entry in entries for parcel in self._open(entry)))

    def _prove_address(self, call: WebhookCall) -> Receipt:
        given = call.query.get("hub.verify_token", "").encode("utf-8", "replace")
        is_ours = hmac.compare_digest(given, self._verify_token)
        challenge = call.query.get("hub.challenge", "")
        if call.query.get("hub.mode") != "subscribe" or not is_ours or not challenge:
            raise WebhookRefusedError(
                "Somebody asked for this address without our verify token.",
                code="wrong_token",
                status=403,
                remedy="At Meta, enter the word that stands in secrets.verify_token.",
            )
        return Receipt(answer=challenge)

    def _check_signature(self, call: WebhookCall) -> None:
        """Compare over the bytes as they came: Meta signs its own spelling of the JSON, escapes and all."""
        given = call.headers.get(SIGNATURE, "").encode("utf-8", "replace")
        right = SCHEME + hmac.new(self._secret, call.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given, right.encode()):
            raise WebhookRefusedError(
                "A call does not carry Meta's signature.",
                code="wrong_signature",
                status=401,
                remedy="Check secrets.app_secret: it must be the secret of the app that calls.",
            )

    def _open(self, entry: object) -> Iterator[Parcel]:
        """Yield what of one entry is ours: an app's other accounts are called at the same address."""
        if _id(entry) != self._account_id:
            return
        for change in wire.items(entry, "changes"):
            field, item = wire.text(change, "field"), wire.text(change, "value", "item")
            if field in self._fields and item not in NOISE:
                yield self._pack("change", change, entry)
        for event in wire.items(entry, "messaging") if self._reads_messages else ():
            if any(isinstance(wire.part(event, name), dict) for name in SPOKEN):
                yield self._pack("message", event, entry)

    def _pack(self, name: str, event: object, entry: object) -> Parcel:
        """Return a parcel. Meta gives events no ids: what says the same of the same account is the same event.

        Things are edited, hidden and shown again with the very same words, though: there the time of the call counts, too.
        """
        when = wire.part(entry, "time") if wire.text(event, "value", "verb") not in {"", "add"} else None
        canonical = json.dumps([self._account_id, event, when], sort_keys=True, separators=(",", ":"))
        text = json.dumps({"v": 1, "time": wire.part(entry, "time"), name: event}, separators=(",", ":"))
        return Parcel(key=hashlib.sha256(canonical.encode()).hexdigest(), text=text)


def _id(entry: object) -> str:
    found = wire.part(entry, "id")
    return str(found) if isinstance(found, str | int) else ""
