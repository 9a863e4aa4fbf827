"""A database that is locked, full, damaged, closed, away or foreign: told in words, nothing half-stored."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from storage.database import Database
from tests.bad_input.homes import Home
from tests.bad_input.table import row
from tests.partners.smtp import free_port

LONG = "長いお問い合わせです。" * 40


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment for locks, not ten seconds."""
    assert Database.__init__.__kwdefaults__ is not None
    monkeypatch.setitem(Database.__init__.__kwdefaults__, "busy_timeout_seconds", 0.05)


@pytest.fixture
def little_space() -> Iterator[None]:
    """Let SQLite find the disk full after a few more pages."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 40}")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def write_export(home: Home, rows: int) -> Path:
    file = home.folder.parent / "posts.csv"
    lines = [f"p{number},{LONG}{number}" for number in range(rows)]
    file.write_text("\n".join(["id,text", *lines]), encoding="utf-8")
    return file


@row("database-locked")
@pytest.mark.usefixtures("impatient")
def test_a_locked_database_says_so_and_the_next_run_does_the_work(home: Home) -> None:
    home.post("@our_shop Wrong coat!")
    with closing(sqlite3.connect(home.folder / "kikite.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = home.run("listen", "--once")
        other.rollback()
    assert ran.code == 1
    ran.tells("The database is locked by another program.", "End what holds it, then try again.")
    assert home.texts() == []
    assert home.run("listen", "--once").code == 0
    assert home.texts() == ["@our_shop Wrong coat!"]


@row("disk-full-import")
def test_a_full_disk_stops_an_import_and_a_repeat_completes_it(home: Home, request: pytest.FixtureRequest) -> None:
    file = write_export(home, 2000)
    request.getfixturevalue("little_space")
    ran = home.run("import", file)
    assert ran.code == 1
    ran.tells("The disk is full; nothing of this step was stored.", "Free space; work resumes by itself.")
    assert len(home.texts()) % 1000 == 0
    # With space again, in a program of its own.
    assert home.program("import", file).code == 0
    assert len(home.texts()) == 2000


@row("disk-full-output")
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_a_full_disk_under_an_output_file_is_told(home: Home) -> None:
    source = home.folder.parent / "posts.jsonl"
    source.write_text('{"id": "1", "text": "Wrong coat!"}\n', encoding="utf-8")
    for command in ("classify", "draft"):
        ran = home.run(command, "--input", source, "--output", "/dev/full")
        assert ran.code == 1
        ran.tells("/dev/full cannot be written: No space left on device.", "Check folder and space.")
        assert Path("/dev/full").is_char_device()
    assert {file.name for file in source.parent.iterdir()} == {"home", "posts.jsonl"}


@row("output-folder-missing")
def test_an_output_into_a_folder_that_is_not_there_is_told(home: Home) -> None:
    source = home.folder.parent / "posts.jsonl"
    source.write_text('{"id": "1", "text": "Wrong coat!"}\n', encoding="utf-8")
    target = home.folder.parent / "none" / "out"
    for words in (
        ("classify", "--input", source, "--output", target),
        ("draft", "--input", source, "--output", target),
        ("digest", "--preview", target),
    ):
        ran = home.run(*words)
        assert ran.code == 1
        ran.tells("cannot be written: No such file or directory.", "Check folder and space.")
    assert not target.parent.exists()


@row("database-damaged")
def test_a_damaged_database_is_told_and_left_alone(home: Home) -> None:
    garbage = os.urandom(8192)
    (home.folder / "kikite.db").write_bytes(garbage)
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("The database file is damaged.", "Stop Kikite and put a backup in its place.")
    assert home.run("doctor").code == 1
    assert (home.folder / "kikite.db").read_bytes() == garbage


@row("database-read-only")
def test_a_home_without_rights_is_told(home: Home) -> None:
    # Tests may run as root, whom no rights stop: SQLite is told to open the file for reading only.
    home.set("storage", f'url = "sqlite:///file:{home.folder}/kikite.db?mode=ro&uri=true"')
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("The database cannot be written.", "Check the owner and rights of its file and folder.")


@row("database-newer")
def test_a_database_of_a_newer_version_is_refused(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "kikite.db")) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("The database was made by a newer Kikite (revision 9999", "Install that version again")
    assert home.rows("SELECT version_num FROM alembic_version") == [("9999",)]


@row("postgresql-away")
def test_a_postgresql_that_is_away_is_told_without_its_password(home: Home) -> None:
    home.set("storage", f'url = "postgresql://desk:hunter2@127.0.0.1:{free_port()}/kikite"')
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("PostgreSQL does not answer.", "Check that it runs and that storage.url is right")
    looked = home.run("doctor")
    assert looked.code == 1
    assert "hunter2" not in ran.out + ran.err + looked.out + looked.err


@row("postgresql-no-database")
@pytest.mark.partner
def test_a_postgresql_database_that_does_not_exist_is_told(home: Home, postgres_url: str) -> None:
    nowhere = make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False)
    home.set("storage", f'url = "{nowhere}"')
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("PostgreSQL has no such database.", "Create it, or correct storage.url.")


@row("postgresql-locked")
@pytest.mark.partner
def test_a_locked_postgresql_table_is_told_and_the_next_run_does_the_work(home: Home, empty_postgres_url: str) -> None:
    home.set("storage", f'url = "{empty_postgres_url}"')
    assert home.run("listen", "--once").code == 0
    home.post("@our_shop Wrong coat!")
    with psycopg.connect(empty_postgres_url) as other:
        name = other.info.dbname
        other.execute(f"ALTER DATABASE {name} SET lock_timeout = '200ms'".encode())
        other.commit()
        other.execute(b"LOCK TABLE mention IN ACCESS EXCLUSIVE MODE")
        ran = home.run("listen", "--once")
        other.rollback()
        assert ran.code == 1
        ran.tells("The database is locked by another program.")
        assert other.execute(b"SELECT count(*) FROM mention").fetchone() == (0,)
    with psycopg.connect(empty_postgres_url) as other:
        other.execute(f"ALTER DATABASE {name} RESET lock_timeout".encode())
        other.commit()
        busy = home.run("listen", "--once")
        assert busy.code == 1
        busy.tells("read by another process, or by one that was cut off less than three minutes ago.")
        # As if those minutes had passed.
        other.execute(b"UPDATE channel_account SET claimed_until = now() - interval '1 minute'")
    again = home.run("listen", "--once")
    assert again.code == 0
    again.prints("sandbox: 1 new")


@row("postgresql-read-only")
@pytest.mark.partner
def test_a_postgresql_replica_is_told(home: Home, empty_postgres_url: str) -> None:
    home.set("storage", f'url = "{empty_postgres_url}"')
    assert home.run("listen", "--once").code == 0
    with psycopg.connect(empty_postgres_url) as other:
        other.execute(f"ALTER DATABASE {other.info.dbname} SET default_transaction_read_only = on".encode())
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("The database takes no writes.", "Point storage.url at the primary server.")
