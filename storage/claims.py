"""Claiming rows for a step: a conditional update, checked by the number of rows it changed.

A claim is a lease. A worker that dies leaves its rows to the next one when the lease runs out; a worker that outlives its
lease finds at recording time that the claim is no longer its own (``release`` changes no row) and must drop its result.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import Transaction
from storage.models import Claimable

Row = TypeVar("Row", bound=Claimable)


def claim(
    tx: Transaction,
    model: type[Row],
    *,
    due: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    limit: int,
    lease: timedelta,
    values: dict[str, Any] | None = None,
) -> list[Row]:
    """Claim up to ``limit`` rows of ``model`` that satisfy ``due`` and are free, and return them in ``order``.

    ``values`` are set in the same update (for example the state ``sending``). Counts an attempt. Two workers never get the
    same row: on PostgreSQL by SKIP LOCKED, on SQLite since write transactions follow one another.
    """
    identity = cast("InstrumentedAttribute[int]", model.id)  # type: ignore[attr-defined]  # every claimable table has it
    free = or_(model.claimed_until.is_(None), model.claimed_until < tx.now)
    ripe = or_(model.not_before.is_(None), model.not_before <= tx.now)
    wanted = select(identity).where(free, ripe, *due).order_by(*order).limit(limit)
    if tx.is_postgresql:
        wanted = wanted.with_for_update(skip_locked=True)
    ids = list(tx.session.scalars(wanted))
    if not ids:
        return []
    token = secrets.token_hex(16)
    tx.session.execute(
        update(model)
        .where(identity.in_(ids), free)
        .values(claim_token=token, claimed_until=tx.now + lease, attempts=model.attempts + 1, **(values or {}))
        .execution_options(synchronize_session=False)
    )
    claimed = select(model).where(model.claim_token == token, identity.in_(ids)).order_by(*order)
    return list(tx.session.scalars(claimed.execution_options(populate_existing=True)))


def release(
    tx: Transaction, row: Row, *, values: dict[str, Any] | None = None, not_before: datetime | None = None
) -> bool:
    """Give a claimed row back, setting ``values`` in the same update. False: the claim was lost, nothing was changed."""
    if row.claim_token is None:
        return False  # never claimed: "no token" must not match every free row
    model = type(row)
    identity = cast("InstrumentedAttribute[int]", model.id)  # type: ignore[attr-defined]
    result = tx.session.execute(
        update(model)
        .where(identity == row.id, model.claim_token == row.claim_token)  # type: ignore[attr-defined]
        .values(claim_token=None, claimed_until=None, not_before=not_before, **(values or {}))
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1
