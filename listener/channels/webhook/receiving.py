"""A call to us: who signed it, then which of its events can be kept. What is kept here can be read by the poll."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NoReturn

from pydantic import TypeAdapter, ValidationError

from domain.webhooks import Parcel, Receipt, RefusedEvent, WebhookCall, WebhookRefusedError
from listener.channels.webhook.schema import EARLIEST, MOST_EVENTS, Event, MessageDeleted
from listener.channels.webhook.signatures import Key, verify
from listener.cleaning import clean_name
from listener.wire import text

HELLO: Final = "Kikite takes signed calls here, by POST. See docs/how-to/webhook.md."
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
DELETED: Final = "message.deleted"
TYPES: Final = frozenset({"message.created", "message.edited", DELETED})
CLOCK_SLIP: Final = timedelta(days=1)
LONGEST_WORD: Final = 120


def receive(call: WebhookCall, *, keys: Sequence[Key], now: datetime) -> Receipt:
    """Return what to keep of ``call``, and which of its events cannot be kept, each with its field.

    Raises ``WebhookRefusedError``: ``wrong_signature``, ``stale``, ``not_json``, ``no_events``, ``too_many_events``.
    """
    if call.method != "POST":
        return Receipt(answer=HELLO)
    verify(keys, call.headers, call.body, now=now)
    parcels: dict[str, Parcel] = {}
    wrong: set[str] = set()  # ids of messages
    deleted: set[str] = set()
    refused: list[tuple[str, RefusedEvent]] = []
    left_out = 0
    for number, event in enumerate(_read_events(call.body), start=1):
        if isinstance(event, dict) and isinstance(event.get("type"), str) and event["type"] not in TYPES:
            left_out += 1
            continue
        message_id, is_deletion = text(event, "message", "id"), text(event, "type") == DELETED
        kept = _read_or_refuse(event, number, now=now)
        if isinstance(kept, Parcel) and not is_deletion and message_id in wrong:
            # Kept now, it would come before the mended one, which is older.
            kept = _refuse(event, number, field="", problem="An earlier event of this message is refused.")
        elif isinstance(kept, Parcel) and parcels.setdefault(kept.key, kept).text != kept.text:
            kept = _refuse(event, number, field="id", problem="Two different events have this id.")
        if isinstance(kept, RefusedEvent):
            refused.append((message_id, kept))
            wrong.add(message_id)
        elif is_deletion:
            deleted.add(message_id)
    # Nobody need mend what is deleted: sent again it would come after its deletion, and stay.
    told = tuple(event for message_id, event in refused if message_id not in deleted)
    return Receipt(parcels=tuple(parcels.values()), refused=told, left_out=left_out)


def read_event(kept: str) -> Event:
    """Return the event that a parcel's text is. Raises ``ValueError``."""
    return EVENT.validate_json(kept)


def _read_events(body: bytes) -> list[object]:
    """Return the events of a call: ``{"events": [...]}``, a list of events, or one alone."""
    try:
        read = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise WebhookRefusedError(
            "A call's body is no JSON.", code="not_json", status=400, remedy="Send JSON in UTF-8."
        ) from None
    events = read.get("events", [read] if "type" in read else []) if isinstance(read, dict) else read
    if not isinstance(events, list) or not events:
        raise WebhookRefusedError(
            "A call brought no events.", code="no_events", status=400, remedy='Send {"events": [ … ]}.'
        )
    if len(events) > MOST_EVENTS:
        raise WebhookRefusedError(
            f"A call brought more than {MOST_EVENTS} events.",
            code="too_many_events",
            status=400,
            remedy="Send them in several calls.",
        )
    return events


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _read_or_refuse(event: object, number: int, *, now: datetime) -> Parcel | RefusedEvent:
    try:
        return _read_parcel(event, now=now)
    except ValidationError as error:
        return _explain(error, event, number)
    except ValueError as error:
        return _refuse(event, number, field="message.created_at", problem=str(error))
    except RecursionError:
        return _refuse(event, number, field="", problem="It is nested too deeply.")


def _read_parcel(event: object, *, now: datetime) -> Parcel:
    # Half characters (a text cut in the middle of an emoji) come as escapes; they become U+FFFD, as everywhere.
    whole = json.dumps(event, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    read = EVENT.validate_json(whole)
    if not isinstance(read, MessageDeleted) and not EARLIEST <= read.message.created_at <= now + CLOCK_SLIP:
        problem = "The time is before 1990 or in the future."
        raise ValueError(problem)
    return Parcel(key=read.id, text=read.model_dump_json(exclude_defaults=True))


def _explain(error: ValidationError, event: object, number: int) -> RefusedEvent:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    # The first part of a place is the event's type, by which its model was chosen.
    field = ".".join(str(part) for part in first["loc"] if part not in TYPES)
    if first["type"].startswith("union_tag"):
        return _refuse(event, number, field="type", problem=f"Must be one of: {', '.join(sorted(TYPES))}.")
    return _refuse(event, number, field=field, problem=f"{first['msg']}.")


def _refuse(event: object, number: int, *, field: str, problem: str) -> RefusedEvent:
    event_id = event.get("id") if isinstance(event, dict) else None
    said = (event_id if isinstance(event_id, str) else "", field)
    # Whatever the sender wrote there is shown to people and kept with an alert.
    shown, place = (clean_name(words)[:LONGEST_WORD] for words in said)
    return RefusedEvent(number=number, event_id=shown, field=place, problem=problem)
