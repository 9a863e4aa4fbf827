"""What a driver's error means for people: a StorageError with the one thing to do about it.

Told apart by the numbers the databases promise (SQLite's result codes, PostgreSQL's SQLSTATE). Words are read only where
there is no number: SQLite's missing tables, and connections that fail before PostgreSQL speaks.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from domain.errors import StorageError

Advice = tuple[str, str]
"""Message and remedy."""

LOCKED: Advice = ("The database is locked by another program.", "End what holds it, then try again.")
FULL: Advice = ("The disk is full; nothing of this step was stored.", "Free space; work resumes by itself.")
READ_ONLY: Advice = ("The database cannot be written.", "Check the owner and rights of its file and folder.")
READ_ONLY_SERVER: Advice = ("The database takes no writes.", "Point storage.url at the primary server.")
NO_FILE: Advice = ("The database file cannot be opened.", "Check that its folder exists and may be written.")
DAMAGED: Advice = ("The database file is damaged.", "Stop Kikite and put a backup in its place.")
UNREADABLE: Advice = ("The disk failed while reading or writing the database.", "Check the disk, then start again.")
NO_TABLES: Advice = ("The database has no tables yet, or old ones.", "Run `kikite init`.")
NO_DATABASE: Advice = ("PostgreSQL has no such database.", "Create it, or correct storage.url.")
REFUSED: Advice = ("PostgreSQL refuses the sign-in.", "Check user, password and rights in storage.url.")
CROWDED: Advice = ("PostgreSQL has no free connection.", "Raise its max_connections or run fewer workers.")
CROSSED: Advice = ("Two steps wanted the same rows; nothing of this one was stored.", "Try again.")
BUSY_HERE: Advice = ("Every connection to the database is in use.", "Try again; if it stays so, run fewer workers.")
AWAY: Advice = (
    "PostgreSQL does not answer.",
    "Check that it runs and that storage.url is right; work resumes by itself.",
)

SQLITE: dict[int, Advice] = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_PROTOCOL: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: NO_FILE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_IOERR: UNREADABLE,
}

POSTGRESQL: dict[str, Advice] = {
    "08": AWAY,
    "25006": READ_ONLY_SERVER,
    "28": REFUSED,
    "3D000": NO_DATABASE,
    "40": CROSSED,
    "42501": REFUSED,
    "42703": NO_TABLES,
    "42P01": NO_TABLES,
    "53100": FULL,
    "53300": CROWDED,
    "55P03": LOCKED,
    "57P": AWAY,
    "58": UNREADABLE,
}
"""By the beginning of the SQLSTATE (a class, or one condition)."""

SPOKEN: dict[str, Advice] = {
    "does not exist": NO_DATABASE,
    "authentication failed": REFUSED,
    "no password": REFUSED,
    "too many": CROWDED,
}
"""By words of a failed connection, which carries no SQLSTATE."""


def explain(error: DBAPIError | PoolTimeoutError) -> StorageError | None:
    """Return the error people see for a failed statement; None: the fault is ours, the driver's error must stay."""
    if isinstance(error, PoolTimeoutError):
        advice: Advice | None = BUSY_HERE
    elif isinstance(error.orig, sqlite3.Error):
        advice = _advise_sqlite(error.orig)
    elif state := getattr(error.orig, "sqlstate", None):
        advice = next((advice for start, advice in POSTGRESQL.items() if str(state).startswith(start)), None)
    elif isinstance(error, OperationalError):
        words = str(error.orig)
        advice = next((advice for spoken, advice in SPOKEN.items() if spoken in words), AWAY)
    else:
        advice = None
    return None if advice is None else StorageError(advice[0], remedy=advice[1])


def _advise_sqlite(cause: sqlite3.Error) -> Advice | None:
    # Errors that Python's own module raises carry no code at all.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_ERROR and str(cause).startswith(("no such table", "no such column")):
        return NO_TABLES
    return SQLITE.get(code)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the database refuses inside into a ``StorageError``; anything else passes as it is."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        if explanation := explain(error):
            raise explanation from error
        raise
