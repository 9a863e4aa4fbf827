"""Duties that one process has at a time (the clock): held by name until a moment, then free for the next.

The moment is told by each process's own clock, so a lease must be longer than the machines' clocks differ.
"""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, update

from storage.database import NO_WORKSPACE, Database
from storage.models import Lease
from storage.upserts import insert_or_skip


def take_lease(database: Database, name: str, *, holder: str, lease: timedelta) -> bool:
    """Take or renew the duty ``name`` for ``lease`` from now. False: another holder has it.

    A holder that gets False after it had True has lost the duty (it was away too long) and must stop doing it.
    """
    with database.transaction(NO_WORKSPACE) as tx:
        until = tx.now + lease
        mine_or_free = or_(Lease.holder == holder, Lease.until <= tx.now)
        taken = tx.session.execute(
            update(Lease).where(Lease.name == name, mine_or_free).values(holder=holder, until=until)
        )
        if cast("CursorResult[Any]", taken).rowcount == 1:
            return True
        made = tx.session.scalar(
            insert_or_skip(tx, Lease, "name").values(name=name, holder=holder, until=until).returning(Lease.name)
        )
        return made is not None


def drop_lease(database: Database, name: str, *, holder: str) -> None:
    """Give the duty back at once, if ``holder`` still has it."""
    with database.transaction(NO_WORKSPACE) as tx:
        tx.session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
