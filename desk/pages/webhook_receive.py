"""``/hooks/<account>``: platforms bring what happened. Kept before it is answered; everything else is the poll's.

Needs no sign-in: the channel checks the signature. Answers are for machines: ``{"kept": 2}`` or ``{"error": "wrong_signature"}``,
and for a call with wrong events in it ``{"kept": 1, "refused": [...]}``.
"""

import json
import time
from http import HTTPStatus
from typing import Final

import anyio
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from desk.context import DeskContext
from desk.security import HOOKS
from domain.errors import StorageError
from domain.ids import ChannelAccountId
from domain.ports import Receiver
from domain.webhooks import Receipt, RefusedEvent, WebhookCall, WebhookRefusedError
from domain.words import AlertSeverity
from storage.alerts import raise_alert
from storage.listening import find_account_named
from storage.parcels import store_parcels

router = APIRouter()
log = structlog.get_logger(__name__)

LARGEST_CALL_BYTES: Final = 4 * 1024 * 1024
"""Meta brings up to 1,000 changes in one call."""
COME_AGAIN_SECONDS: Final = 30
MOST_DESCRIBED: Final = 100
TOLD_EVERY_SECONDS: Final = 600
"""Anybody may call: one account's refused calls are told to people, and logged above debug, no oftener."""


@router.get(HOOKS + "{account}")
async def prove_address(request: Request, account: str) -> Response:
    """Answer a platform that asks whether this address is ours."""
    return await anyio.to_thread.run_sync(_answer, request, account, b"")


@router.post(HOOKS + "{account}", max_body_size=LARGEST_CALL_BYTES)
async def receive_call(request: Request, account: str) -> Response:
    """Keep what a call brings. 200 only when it is in the database: on any other answer the platform calls again."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _refuse("wrong_content_type", 415)
    body = await request.body()
    return await anyio.to_thread.run_sync(_answer, request, account, body)


def _answer(request: Request, account: str, body: bytes) -> Response:
    context: DeskContext = request.app.state.context
    call = WebhookCall(
        method=request.method, query=dict(request.query_params), headers=dict(request.headers.items()), body=body
    )
    try:
        found = _find_receiver(context, account)
        if found is None:
            return _refuse("unknown_account", 404)
        account_id, receiver = found
        try:
            receipt = receiver.receive(call)
        except WebhookRefusedError as error:
            # A browser that looks at the address says nothing of the secret.
            if error.status != HTTPStatus.METHOD_NOT_ALLOWED:
                _tell(request, account_id, account, kind="webhook_refused", detail=str(error), code=error.code)
            return _refuse(error.code, error.status)
        kept = _keep(context, account_id, receipt)
        if receipt.refused:
            first, count = str(receipt.refused[0]), len(receipt.refused)
            _tell(request, account_id, account, kind="webhook_events_refused", detail=first, count=count)
        return _confirm(receipt, kept)
    except StorageError as error:
        log.warning("database_away", path=request.url.path, problem=str(error))
        return JSONResponse({"error": "try_again"}, status_code=503, headers={"Retry-After": str(COME_AGAIN_SECONDS)})


def _find_receiver(context: DeskContext, account: str) -> tuple[ChannelAccountId, Receiver] | None:
    if not account.isprintable():  # PostgreSQL takes no null character even in a question
        return None
    with context.database.snapshot(context.workspace_id) as tx:
        account_id = find_account_named(tx, account)
    channel = context.channels.get(account_id) if account_id is not None else None
    return (account_id, channel) if account_id is not None and isinstance(channel, Receiver) else None


def _keep(context: DeskContext, account_id: ChannelAccountId, receipt: Receipt) -> int:
    if not receipt.parcels:
        return 0
    with context.database.transaction(context.workspace_id) as tx:
        return store_parcels(tx, account_id, receipt.parcels)


def _confirm(receipt: Receipt, kept: int) -> Response:
    if receipt.answer:
        return PlainTextResponse(receipt.answer)
    counts = {"kept": kept} | ({"left_out": receipt.left_out} if receipt.left_out else {})
    if not receipt.refused:
        return JSONResponse(counts)
    refused = [_describe(event) for event in receipt.refused[:MOST_DESCRIBED]]
    # Not 200: a sender that looks at nothing else must notice. Sending the whole call again doubles nothing.
    answer = {"error": "events_refused", **counts, "refused_count": len(receipt.refused), "refused": refused}
    return JSONResponse(answer, status_code=422)


def _describe(event: RefusedEvent) -> dict[str, object]:
    return {"event": event.number, "id": event.event_id, "field": event.field, "problem": event.problem}


def _tell(
    request: Request, account_id: ChannelAccountId, account: str, *, kind: str, detail: str, **logged: object
) -> None:
    """Log what was refused and raise an alert: most often the secret in the settings is not the platform's."""
    told: dict[tuple[int, str], float] = request.app.state.__dict__.setdefault("webhooks_told", {})
    if time.monotonic() - told.get((account_id, kind), float("-inf")) < TOLD_EVERY_SECONDS:
        log.debug(kind, account=account, **logged)
        return
    log.warning(kind, account=account, **logged)
    told[account_id, kind] = time.monotonic()
    context: DeskContext = request.app.state.context
    with context.database.transaction(context.workspace_id) as tx:
        values = {"channel": account, "detail": detail}
        dedupe_key = f"{kind}:{account_id}"
        raise_alert(tx, kind, dedupe_key=dedupe_key, severity=AlertSeverity.WARNING, values=values)


def _refuse(code: str, status: int) -> Response:
    return Response(json.dumps({"error": code}), status_code=status, media_type="application/json")
