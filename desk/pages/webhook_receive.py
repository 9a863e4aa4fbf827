"""``/hooks/<account>``: platforms bring what happened. Kept before it is answered; everything else is the poll's.

Needs no sign-in: the channel checks the signature. Answers are for machines: ``{"kept": 2}`` or ``{"error": "wrong_signature"}``.
"""

import json
import time
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
from domain.webhooks import Receipt, WebhookCall, WebhookRefusedError
from domain.words import AlertSeverity
from storage.alerts import raise_alert
from storage.listening import find_account_named
from storage.parcels import store_parcels

router = APIRouter()
log = structlog.get_logger(__name__)

LARGEST_CALL_BYTES: Final = 4 * 1024 * 1024
"""Meta brings up to 1,000 changes in one call."""
COME_AGAIN_SECONDS: Final = 30
TOLD_EVERY_SECONDS: Final = 600
"""Anybody may call: one account's refused calls are told to people no oftener."""


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
            return _keep(context, account_id, receiver.receive(call))
        except WebhookRefusedError as error:
            log.warning("webhook_refused", account=account, code=error.code)
            _tell(request, account_id, account, error)
            return _refuse(error.code, error.status)
    except StorageError as error:
        log.warning("database_away", path=request.url.path, problem=str(error))
        return JSONResponse({"error": "try_again"}, status_code=503, headers={"Retry-After": str(COME_AGAIN_SECONDS)})


def _find_receiver(context: DeskContext, account: str) -> tuple[ChannelAccountId, Receiver] | None:
    with context.database.snapshot(context.workspace_id) as tx:
        account_id = find_account_named(tx, account)
    channel = context.channels.get(account_id) if account_id is not None else None
    return (account_id, channel) if account_id is not None and isinstance(channel, Receiver) else None


def _keep(context: DeskContext, account_id: ChannelAccountId, receipt: Receipt) -> Response:
    kept = 0
    if receipt.parcels:
        with context.database.transaction(context.workspace_id) as tx:
            kept = store_parcels(tx, account_id, receipt.parcels)
    return PlainTextResponse(receipt.answer) if receipt.answer else JSONResponse({"kept": kept})


def _tell(request: Request, account_id: ChannelAccountId, account: str, error: WebhookRefusedError) -> None:
    """Raise an alert for a refused call: most often the secret in the settings is not the platform's."""
    told: dict[int, float] = request.app.state.__dict__.setdefault("webhooks_told", {})
    if time.monotonic() - told.get(account_id, float("-inf")) < TOLD_EVERY_SECONDS:
        return
    told[account_id] = time.monotonic()
    context: DeskContext = request.app.state.context
    with context.database.transaction(context.workspace_id) as tx:
        values = {"channel": account, "detail": str(error)}
        dedupe_key = f"webhook_refused:{account_id}"
        raise_alert(tx, "webhook_refused", dedupe_key=dedupe_key, severity=AlertSeverity.WARNING, values=values)


def _refuse(code: str, status: int) -> Response:
    return Response(json.dumps({"error": code}), status_code=status, media_type="application/json")
