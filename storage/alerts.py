"""Alerts: what a person must know of. One open row per dedupe key; a repeat raises its count."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, case, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import NotFoundError
from domain.lifecycle import ALERT, AlertState, sources
from domain.words import AlertSeverity
from storage.database import Transaction
from storage.models import Alert

SHOWN = 200
"""More open alerts than this nobody reads."""
KEY_LENGTH = 120


def raise_alert(
    tx: Transaction,
    kind: str,
    *,
    dedupe_key: str,
    severity: AlertSeverity,
    values: Mapping[str, str],
    conversation_id: int | None = None,
) -> None:
    """Open an alert, or count one more on the open one with the same ``dedupe_key``.

    ``kind`` is a key into ``config/locale/alerts.toml`` (``kind.title``, ``kind.remedy``), filled with ``values``.
    """
    key = dedupe_key[:KEY_LENGTH]
    if _count_repeat(tx, key, severity, values):
        return
    row = Alert(
        workspace_id=tx.workspace_id,
        kind=kind,
        dedupe_key=key,
        severity=severity,
        values=dict(values),
        conversation_id=conversation_id,
        created_at=tx.now,
        last_seen_at=tx.now,
    )
    try:
        with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError:
        # Another worker opened it between the two statements.
        _count_repeat(tx, key, severity, values)
    tx.emit("alert", conversation_id=conversation_id)


def _count_repeat(tx: Transaction, key: str, severity: AlertSeverity, values: Mapping[str, str]) -> bool:
    result = tx.session.execute(
        update(Alert)
        .where(Alert.dedupe_key == key, Alert.state == AlertState.OPEN)
        .values(count=Alert.count + 1, last_seen_at=tx.now, severity=severity, values=dict(values))
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount > 0


def is_alert_open(tx: Transaction, dedupe_key: str) -> bool:
    """Tell whether an alert with this key is open."""
    wanted = select(Alert.id).where(Alert.dedupe_key == dedupe_key[:KEY_LENGTH], Alert.state == AlertState.OPEN)
    return tx.session.scalar(wanted.limit(1)) is not None


def open_alerts(tx: Transaction) -> list[Alert]:
    """Return what is still open, the loudest and then the latest first."""
    loudness = case(
        {severity.value: rank for rank, severity in enumerate(reversed(AlertSeverity))}, value=Alert.severity
    )
    wanted = select(Alert).where(Alert.state == AlertState.OPEN).order_by(loudness, Alert.last_seen_at.desc(), Alert.id)
    return list(tx.session.scalars(wanted.limit(SHOWN).execution_options(populate_existing=True)))


def acknowledge_alert(tx: Transaction, alert_id: int, *, user_id: int, actor: str) -> None:
    """Note that ``actor`` deals with it. Twice is once. Raises ``NotFoundError`` for another workspace's alert."""
    alert = tx.session.scalar(select(Alert).where(Alert.id == alert_id))
    if alert is None:
        raise NotFoundError("There is no such alert.", remedy="Reload the list.")
    if _close(tx, (Alert.id == alert_id,), user_id=user_id):
        tx.audit(
            "alert_acknowledged",
            actor=actor,
            user_id=user_id,
            conversation_id=alert.conversation_id,
            subject=f"alert:{alert_id}",
            detail={"kind": alert.kind},
        )
        tx.emit("alert", conversation_id=alert.conversation_id)


def close_alerts(tx: Transaction, dedupe_key: str) -> None:
    """Close what has settled by itself."""
    if _close(tx, (Alert.dedupe_key == dedupe_key[:KEY_LENGTH],), user_id=None):
        tx.emit("alert")


def _close(tx: Transaction, where: tuple[Any, ...], *, user_id: int | None) -> bool:
    result = tx.session.execute(
        update(Alert)
        .where(Alert.state.in_(sources(ALERT, AlertState.ACKNOWLEDGED)), *where)
        .values(state=AlertState.ACKNOWLEDGED, acknowledged_by=user_id, acknowledged_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount > 0
