"""Scripted faults of the sandbox platform: what goes wrong, on which call, how often. Kept in the platform's file, so that
every process sees them; drawn from a seed, so that a run can be repeated.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from enum import StrEnum

SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, call TEXT NOT NULL, kind TEXT NOT NULL, remaining INTEGER, probability REAL NOT NULL,
    seed INTEGER NOT NULL, drawn INTEGER NOT NULL DEFAULT 0, retry_after REAL, seconds REAL NOT NULL, code TEXT NOT NULL
);
"""


class SandboxCall(StrEnum):
    """The calls that can be made to fail."""

    POLL = "poll"
    REPLY = "reply"
    DIRECT_MESSAGE = "direct_message"
    FIND_REPLY = "find_reply"
    STILL_THERE = "still_there"
    ELIGIBILITY = "eligibility"
    PROBE = "probe"


class FaultKind(StrEnum):
    """What goes wrong."""

    AMBIGUOUS = "ambiguous"
    """The platform accepts the post, the answer never arrives."""
    LOST = "lost"
    """The request never arrives, and nobody can tell."""
    RETRYABLE = "retryable"
    """Refused for now, surely not accepted."""
    PERMANENT = "permanent"
    SLOW = "slow"
    """Works, after waiting half of ``seconds`` before and half after acceptance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault to arm, or one that struck."""

    kind: FaultKind
    times: int | None = 1
    """How often it strikes; None: until cleared."""
    probability: float = 1.0
    seed: int = 0
    retry_after_seconds: float | None = None
    seconds: float = 0.0
    """For ``slow``."""
    code: str = "sandbox_fault"


def arm_fault(connection: sqlite3.Connection, call: SandboxCall, fault: Fault) -> None:
    """Add a fault; those of one call strike in the order they were added."""
    connection.execute(
        "INSERT INTO fault (call, kind, remaining, probability, seed, retry_after, seconds, code)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.value,
            fault.kind.value,
            fault.times,
            fault.probability,
            fault.seed,
            fault.retry_after_seconds,
            fault.seconds,
            fault.code,
        ),
    )


def draw_fault(connection: sqlite3.Connection, call: SandboxCall) -> Fault | None:
    """Return the fault that strikes this call and count it, or None."""
    rows = connection.execute(
        "SELECT id, kind, remaining, probability, seed, drawn, retry_after, seconds, code FROM fault"
        " WHERE call = ? AND (remaining IS NULL OR remaining > 0) ORDER BY id",
        (call.value,),
    ).fetchall()
    for number, kind, remaining, probability, seed, drawn, retry_after, seconds, code in rows:
        connection.execute("UPDATE fault SET drawn = drawn + 1 WHERE id = ?", (number,))
        if _chance(seed, drawn) >= probability:
            continue
        connection.execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", (number,))
        return Fault(
            kind=FaultKind(kind),
            times=remaining,
            probability=probability,
            seed=seed,
            retry_after_seconds=retry_after,
            seconds=seconds,
            code=code,
        )
    return None


def _chance(seed: int, number: int) -> float:
    """Return the ``number``-th draw of ``seed``, from 0 to under 1: the same in every process and on every machine."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
