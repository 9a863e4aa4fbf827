"""Digests as rows: composed once, claimed, and stepped by conditional updates like the outbox."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update

from domain.errors import IllegalTransitionError, NotFoundError
from domain.lifecycle import DIGEST, DigestState, sources
from domain.words import AlertSeverity, Period
from storage.alerts import close_alerts, raise_alert
from storage.claims import claim
from storage.database import Transaction
from storage.models import Digest, Mention

ACTOR = "digest"
PROBLEM_LENGTH = 500
LOOKED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedDigest:
    """One mail for one reader, ready to be stored."""

    period: Period
    window_from: datetime
    window_to: datetime
    address: str
    language: str
    subject: str
    html: str
    text: str
    message_id: str
    mention_ids: tuple[int, ...]
    """Whose words it quotes."""


def dedupe_key(period: Period, window_to: datetime, address: str) -> str:
    """Return what makes a digest the same one: period, end of its window, reader."""
    return f"{period}:{window_to.isoformat(timespec='minutes')}:{address.lower()}"


def is_composed(tx: Transaction, key: str) -> bool:
    """Tell whether this digest is stored already."""
    return tx.session.scalar(select(Digest.id).where(Digest.dedupe_key == key)) is not None


def store_digest(tx: Transaction, composed: ComposedDigest) -> Digest:
    """Store a digest for sending. ``IntegrityError`` when another worker stored the same one first."""
    row = Digest(
        period=composed.period,
        window_from=composed.window_from,
        window_to=composed.window_to,
        reader_address=composed.address,
        language=composed.language,
        subject=composed.subject,
        html=composed.html,
        text=composed.text,
        dedupe_key=dedupe_key(composed.period, composed.window_to, composed.address),
        message_id=composed.message_id,
        mention_ids=list(composed.mention_ids),
        composed_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    tx.audit("digest_composed", actor=ACTOR, subject=f"digest:{row.id}", detail={"language": composed.language})
    tx.emit("digest")
    return row


def is_any_digest_due(tx: Transaction, *, newer_than: datetime) -> bool:
    """Tell whether there is a digest to send or a lost one to doubt. A cheap look."""
    ripe = or_(Digest.not_before.is_(None), Digest.not_before <= tx.now)
    composed = (Digest.state == DigestState.COMPOSED) & ripe & (Digest.window_to > newer_than)
    lost = (Digest.state == DigestState.SENDING) & _lease_is_over(tx)
    return tx.session.scalar(select(Digest.id).where(or_(composed, lost)).limit(1)) is not None


def list_troubled(tx: Transaction, *, newer_than: datetime) -> list[Digest]:
    """Return the digests of windows that ended after ``newer_than`` and that were tried but are not surely out."""
    troubled = select(Digest).where(
        Digest.window_to > newer_than, Digest.state != DigestState.SENT, Digest.problem != ""
    )
    return list(tx.session.scalars(troubled.order_by(Digest.id)))


def claim_digest(tx: Transaction, *, newer_than: datetime, lease: timedelta) -> Digest | None:
    """Claim the oldest digest to send as ``sending``; those that end before ``newer_than`` are stale and stay unsent."""
    due = (Digest.state == DigestState.COMPOSED, Digest.window_to > newer_than)
    values = {"state": DigestState.SENDING}
    rows = claim(tx, Digest, due=due, order=(Digest.id,), limit=1, lease=lease, values=values)
    return rows[0] if rows else None


def record_digest_sent(tx: Transaction, digest: Digest) -> bool:
    """Record that the mail server took it. False: the claim was lost, nothing was changed."""
    if not _step(tx, digest, DigestState.SENT, {"sent_at": tx.now, "problem": ""}, where=_ours(digest)):
        return False
    _note(tx, digest, "digest_sent")
    close_alerts(tx, _alert_key("digest_refused", digest.reader_address))
    return True


def record_digest_retry(tx: Transaction, digest: Digest, *, delay: timedelta, problem: str) -> bool:
    """Record that the server surely did not take it for now; it is due again after ``delay``."""
    values = {"problem": problem[:PROBLEM_LENGTH], "not_before": tx.now + delay}
    return _step(tx, digest, DigestState.COMPOSED, values, where=_ours(digest))


def record_digest_refused(tx: Transaction, digest: Digest, *, problem: str) -> bool:
    """Record that it will not be sent, and raise an alert."""
    if not _step(tx, digest, DigestState.REFUSED, {"problem": problem[:PROBLEM_LENGTH]}, where=_ours(digest)):
        return False
    _note(tx, digest, "digest_refused", problem=problem)
    _warn(tx, digest, "digest_refused", AlertSeverity.WARNING, problem)
    return True


def record_digest_uncertain(tx: Transaction, digest: Digest, *, problem: str) -> bool:
    """Record that nobody knows whether the mail went out: it is not sent again by itself."""
    if not _step(tx, digest, DigestState.UNCERTAIN, {"problem": problem[:PROBLEM_LENGTH]}, where=_ours(digest)):
        return False
    _doubt(tx, digest, problem)
    return True


def doubt_lost_digests(tx: Transaction) -> int:
    """Turn ``sending`` digests whose worker never came back into ``uncertain``; returns how many."""
    lost = select(Digest).where(Digest.state == DigestState.SENDING, _lease_is_over(tx)).limit(LOOKED_AT_ONCE)
    doubted = 0
    for digest in list(tx.session.scalars(lost)):
        values = {"problem": "stopped_midway"}
        if _step(tx, digest, DigestState.UNCERTAIN, values, where=(*_ours(digest), _lease_is_over(tx))):
            _doubt(tx, digest, "stopped_midway")
            doubted += 1
    return doubted


def settle_digest(tx: Transaction, digest_id: int, *, outcome: DigestState, user_id: int | None, actor: str) -> Digest:
    """Record what a person says of a doubtful or refused digest: ``sent``, or ``composed`` (send it again).

    ``user_id`` is None for whoever has the command line.

    Raises ``NotFoundError``, or ``IllegalTransitionError`` when it is in neither state (any more).
    """
    digest = _load(tx, digest_id)
    if outcome not in (DigestState.SENT, DigestState.COMPOSED):
        raise IllegalTransitionError(current=digest.state, to=outcome)
    among = (DigestState.UNCERTAIN, DigestState.REFUSED)
    again = outcome is DigestState.COMPOSED
    values: dict[str, object] = {"attempts": 0, "problem": ""} if again else {"sent_at": tx.now, "problem": ""}
    if not _step(tx, digest, outcome, values, among=among):
        raise IllegalTransitionError(current=digest.state, to=outcome)
    for kind in ("digest_uncertain", "digest_refused"):
        close_alerts(tx, _alert_key(kind, digest.reader_address))
    _note(tx, digest, "digest_settled", actor=actor, user_id=user_id, outcome=outcome)
    return _load(tx, digest_id)


def list_digests(tx: Transaction, *, limit: int = 50, before_id: int | None = None) -> list[Digest]:
    """Return stored digests, the newest first."""
    wanted = select(Digest).order_by(Digest.id.desc()).limit(limit)
    return list(tx.session.scalars(wanted.where(Digest.id < before_id) if before_id is not None else wanted))


def blank_digests_quoting(tx: Transaction, mention_ids: Collection[int]) -> int:
    """Take the words of deleted or forgotten posts out of stored digests; returns how many digests were changed.

    A digest not sent yet is dropped, so that it is composed again without them; of others the body is blanked.
    """
    quoting = list(_find_quoting(tx, set(mention_ids)))
    tx.session.execute(
        delete(Digest)
        .where(Digest.id.in_(quoting), Digest.state == DigestState.COMPOSED, Digest.claim_token.is_(None))
        .execution_options(synchronize_session=False)
    )
    tx.session.execute(
        update(Digest)
        .where(Digest.id.in_(quoting))
        .values(html="", text="", mention_ids=[])
        .execution_options(synchronize_session=False)
    )
    return len(quoting)


def _find_quoting(tx: Transaction, mention_ids: Collection[int]) -> Iterator[int]:
    """Yield the digests that quote any of ``mention_ids``: composed since the first of them came in, and not blank already."""
    first = select(func.min(Mention.collected_at)).where(Mention.id.in_(mention_ids)).scalar_subquery()
    wanted = select(Digest.id, Digest.mention_ids).where(Digest.composed_at >= first, Digest.html != "")
    last = 0
    while rows := tx.session.execute(wanted.where(Digest.id > last).order_by(Digest.id).limit(LOOKED_AT_ONCE)).all():
        yield from (row.id for row in rows if not set(row.mention_ids).isdisjoint(mention_ids))
        last = rows[-1].id


def _step(
    tx: Transaction,
    digest: Digest,
    to: DigestState,
    values: Mapping[str, object],
    *,
    among: Collection[DigestState] = tuple(DigestState),
    where: Sequence[ColumnElement[bool]] = (),
) -> bool:
    allowed = [state.value for state in sources(DIGEST, to) if state in among]
    changed: dict[str, Any] = {"state": to, "claim_token": None, "claimed_until": None, "not_before": None, **values}
    result = tx.session.execute(
        update(Digest)
        .where(Digest.id == digest.id, Digest.state.in_(allowed), *where)
        .values(changed)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def _ours(digest: Digest) -> tuple[ColumnElement[bool], ...]:
    # ``==`` with None becomes IS NULL: a row that lost its token by hand is still found.
    return (Digest.claim_token == digest.claim_token,)


def _load(tx: Transaction, digest_id: int) -> Digest:
    wanted = select(Digest).where(Digest.id == digest_id).execution_options(populate_existing=True)
    digest = tx.session.scalar(wanted)
    if digest is None:
        raise NotFoundError("There is no such digest.", remedy="Reload the page.")
    return digest


def _lease_is_over(tx: Transaction) -> ColumnElement[bool]:
    return or_(Digest.claimed_until.is_(None), Digest.claimed_until < tx.now)


def _doubt(tx: Transaction, digest: Digest, problem: str) -> None:
    _note(tx, digest, "digest_uncertain", problem=problem)
    _warn(tx, digest, "digest_uncertain", AlertSeverity.WARNING, problem)


def _warn(tx: Transaction, digest: Digest, kind: str, severity: AlertSeverity, problem: str) -> None:
    raise_alert(
        tx,
        kind,
        dedupe_key=_alert_key(kind, digest.reader_address),
        severity=severity,
        values={"address": digest.reader_address, "detail": problem[:PROBLEM_LENGTH]},
    )


def _alert_key(kind: str, address: str) -> str:
    return f"{kind}:{address.lower()}"


def _note(
    tx: Transaction, digest: Digest, verb: str, *, actor: str = ACTOR, user_id: int | None = None, **detail: str
) -> None:
    tx.audit(verb, actor=actor, user_id=user_id, subject=f"digest:{digest.id}", detail=dict(detail))
    tx.emit("digest")
