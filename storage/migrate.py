"""Bringing a database to the tables this Kikite knows: Alembic, without any file a user would have to keep.

One process migrates at a time, in one transaction: either every revision is applied or none. Others wait, then find
nothing to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from domain.errors import StorageError
from storage.database import Database, take_turn
from storage.models import Base

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Apply the revisions this database lacks. Safe to call at every start and from several processes at once.

    Raises ``StorageError`` when the database was made by a newer Kikite, holds tables of another origin, or does not answer.
    """
    if current_revision(database) == head_revision():
        return
    with _migrating(database) as connection:
        # Read again: while we waited for our turn somebody else may have migrated.
        found = _revision_of(connection)
        if found == head_revision():
            return
        _refuse_unknown(connection, found)
        config = configure()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current_revision(database: Database) -> str | None:
    """Return the revision a database is at; None: it has none yet."""
    with database.connect(writes=False) as connection:
        return _revision_of(connection)


def check_revision(database: Database) -> str | None:
    """Return the revision a database is at, changing nothing. Raises ``StorageError`` where ``upgrade`` would refuse it."""
    with database.connect(writes=False) as connection:
        found = _revision_of(connection)
        _refuse_unknown(connection, found)
        return found


@cache
def head_revision() -> str:
    """Return the newest revision this Kikite knows; empty only before the first was written."""
    return _scripts().get_current_head() or ""


def configure() -> Config:
    """Return what Alembic needs to find our revisions."""
    config = Config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configure())


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(connection: Connection, found: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(
            f"The database was made by a newer Kikite (revision {found}; this one knows up to {head_revision()}).",
            remedy="Install that version again, or restore a backup made with this one.",
        )
    taken = sorted(Base.metadata.tables.keys() & set(inspect(connection).get_table_names()))
    if found is None and taken:
        raise StorageError(
            f"The database already has tables of these names, not made by Kikite: {', '.join(taken[:3])}.",
            remedy="Give Kikite a database of its own in storage.url.",
        )


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """Give the one connection that migrates now, in a transaction, and commit at the end.

    On SQLite foreign keys rest meanwhile: rebuilding a table drops the old one, which would take its children along. They
    are checked before the commit instead.
    """
    with database.connect(writes=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _enforce_foreign_keys(connection, enforce=False)
        try:
            with connection.begin():
                take_turn(connection, "migrate")
                yield connection
                if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise StorageError(
                        f"The migration would leave {len(broken)} rows without their parent; nothing was changed.",
                        remedy="Keep the database as it is and report this.",
                    )
        finally:
            if sqlite:
                _enforce_foreign_keys(connection, enforce=True)


def _enforce_foreign_keys(connection: Connection, *, enforce: bool) -> None:
    # SQLite ignores this inside a transaction, and SQLAlchemy begins one with every statement of its own.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if enforce else 'OFF'}")
    cursor.close()
