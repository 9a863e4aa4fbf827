"""Migrations: from nothing or from an older revision to the tables the models describe, on both databases."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, delete, make_url, select, update
from sqlalchemy.exc import IntegrityError

from domain.clock import FixedClock
from domain.errors import StorageError
from domain.understanding import Prediction, Understanding
from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency
from storage import migrate
from storage.database import Database
from storage.migrate import current_revision, head_revision, upgrade
from storage.models import (
    AccountHour,
    AuditEvent,
    Base,
    ChannelAccount,
    Classification,
    Conversation,
    Draft,
    Mention,
    Review,
    User,
    Workspace,
)
from storage.understanding import record_classification
from tests.cast import NOON, OURS, add_workspaces
from tests.partners.postgres import Postgres
from tests.rows import make_conversation_with_mention, make_delivery, make_draft
from tests.storage.tables import describe_tables


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.partner)])
def empty(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    """A database without any table."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'empty 100%.db'}" if sqlite else request.getfixturevalue("empty_postgres_url")
    database = Database(url, clock=clock)
    yield database
    database.close()


def _upgrade_to(database: Database, revision: str) -> None:
    with migrate._migrating(database) as connection:
        config = migrate.configure()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _set_revision(database: Database, revision: str) -> None:
    with database.connect(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


def _describe(database: Database) -> dict[str, Any]:
    with database.connect(writes=False) as connection:
        return describe_tables(connection)


def test_an_empty_database_gets_to_the_newest_revision(empty: Database) -> None:
    assert current_revision(empty) is None
    upgrade(empty)
    assert current_revision(empty) == head_revision()
    add_workspaces(empty)
    with empty.transaction(OURS) as tx:
        make_conversation_with_mention(tx)


FIRST_ROWS: dict[str, dict[str, Any]] = {
    "workspace": {"id": 1, "name": "shop", "sending_paused": False, "created_at": NOON},
    "channel_account": {
        "id": 1,
        "name": "x",
        "kind": "x",
        "brand": "demo",
        "own_external_id": "",
        "active": True,
        "attempts": 0,
        "last_error": "",
        "budget_day": "",
        "budget_spent_usd": 0.0,
        "workspace_id": 1,
    },
    "author": {
        "id": 1,
        "channel_account_id": 1,
        "external_id": "aya",
        "handle": "aya",
        "display_name": "",
        "url": "",
        "first_seen_at": NOON,
        "workspace_id": 1,
    },
    "conversation": {
        "id": 1,
        "channel_account_id": 1,
        "thread_external_id": "p1",
        "author_id": 1,
        "state": "open",
        "waiting": True,
        "urgency_rank": 4,
        "resolved_reason": "",
        "created_at": NOON,
        "updated_at": NOON,
        "lead_mention_id": 1,
        "workspace_id": 1,
    },
    "mention": {
        "id": 1,
        "channel_account_id": 1,
        "conversation_id": 1,
        "author_id": 1,
        "external_id": "p1",
        "kind": "post",
        "engagement": "mentioned",
        "text": "It is blue.",
        "text_original": "It is blue.",
        "language_hint": "",
        "created_at": NOON,
        "collected_at": NOON,
        "url": "",
        "parent_external_id": "",
        "platform_data": {},
        "state": "collected",
        "problem": "",
        "attempts": 0,
        "workspace_id": 1,
    },
}
"""A case as the first revision kept it, by its own tables."""


def test_a_database_with_data_keeps_it_on_the_way_up(empty: Database) -> None:
    _upgrade_to(empty, "0001")
    with empty.connect(writes=True) as connection, connection.begin():
        tables = MetaData()
        tables.reflect(connection, only=list(FIRST_ROWS))
        for name, values in FIRST_ROWS.items():
            connection.execute(tables.tables[name].insert(), values)
    upgrade(empty)
    assert current_revision(empty) == head_revision()
    with empty.snapshot(OURS) as tx:
        mention = tx.session.scalars(select(Mention)).one()
        conversation = tx.session.get_one(Conversation, mention.conversation_id)
        assert (mention.text, mention.quoted_external_id, conversation.gathered_count) == ("It is blue.", "", 0)


def test_what_was_read_before_the_standing_was_kept_is_gathered_from_the_polls(empty: Database) -> None:
    _upgrade_to(empty, "0003")
    half_past = NOON + timedelta(minutes=30)
    polls = [
        (NOON, "done", 2, 0.5),
        (half_past, "done", 3, 0.0),
        (NOON + timedelta(hours=1), "done", 0, 0.0),
        (NOON + timedelta(hours=2), "retryable", 0, 0.25),
    ]
    with empty.connect(writes=True) as connection, connection.begin():
        tables = MetaData()
        tables.reflect(connection, only=["workspace", "channel_account", "poll_record"])
        for name in ("workspace", "channel_account"):
            connection.execute(tables.tables[name].insert(), FIRST_ROWS[name])
        common = {"workspace_id": 1, "channel_account_id": 1, "pages": 1, "seen_count": 0, "requests": 1}
        for at, outcome, new, cost in polls:
            row = {"started_at": at, "outcome": outcome, "new_count": new, "cost_usd": cost, "error": "", "gap": ""}
            connection.execute(tables.tables["poll_record"].insert(), common | row)
    upgrade(empty)
    with empty.snapshot(OURS) as tx:
        account = tx.session.scalars(select(ChannelAccount)).one()
        assert (account.complete_to, account.last_outcome) == (NOON + timedelta(hours=1), "")
        hours = [(one.hour, one.new_count, one.cost_usd) for one in tx.session.scalars(select(AccountHour))]
    assert sorted(hours) == [(NOON, 5, 0.5), (NOON + timedelta(hours=2), 0, 0.25)]


def test_migrations_make_what_the_models_describe(empty: Database) -> None:
    upgrade(empty)
    with empty.connect(writes=False) as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == [], (
            'the models have moved on: run `python -m storage.migrations "what changes"`'
        )
    migrated = _describe(empty)
    with empty.connect(writes=True) as connection, connection.begin():
        Base.metadata.drop_all(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION refuse_update")
        Base.metadata.create_all(connection)
    assert _describe(empty) == migrated


def test_a_second_upgrade_does_nothing_and_is_quick(empty: Database) -> None:
    upgrade(empty)
    before = time.perf_counter()
    upgrade(empty)
    assert time.perf_counter() - before < 0.3


def test_a_database_of_a_newer_kikite_is_left_alone(empty: Database) -> None:
    upgrade(empty)
    _set_revision(empty, "9999")
    with pytest.raises(StorageError, match="newer Kikite") as refused:
        upgrade(empty)
    assert "Install that version again" in refused.value.remedy
    assert current_revision(empty) == "9999"


def test_tables_of_another_origin_are_left_alone(empty: Database) -> None:
    with empty.connect(writes=True) as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE author (id INTEGER)")
    with pytest.raises(StorageError, match=r"already has tables of these names.*author") as refused:
        upgrade(empty)
    assert "database of its own" in refused.value.remedy


def test_tables_with_other_names_do_not_disturb(empty: Database) -> None:
    with empty.connect(writes=True) as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE their_orders (id INTEGER)")
    upgrade(empty)
    assert current_revision(empty) == head_revision()


def test_a_migration_that_fails_changes_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _upgrade_to(empty, "0001")
    before = _describe(empty)

    def apply_and_fail(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - stands for Alembic's
        real_upgrade(*arguments, **options)
        raise ZeroDivisionError

    real_upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", apply_and_fail)
    with pytest.raises(ZeroDivisionError):
        upgrade(empty)
    assert current_revision(empty) == "0001"
    assert _describe(empty) == before


def test_a_rebuilt_table_keeps_its_children(empty: Database) -> None:
    upgrade(empty)
    add_workspaces(empty)
    with empty.transaction(OURS) as tx:
        make_draft(tx, mention=make_conversation_with_mention(tx).mention)
    with migrate._migrating(empty) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("mention", recreate="always" if _is_sqlite(empty) else "never") as table:
            table.alter_column("problem", new_column_name="trouble")
    with empty.snapshot(OURS) as tx:
        assert len(tx.session.scalars(select(Draft.id)).all()) == 1


def test_a_migration_that_would_orphan_rows_is_undone(empty: Database) -> None:
    if not _is_sqlite(empty):
        return  # PostgreSQL keeps its foreign keys on meanwhile
    upgrade(empty)
    add_workspaces(empty)
    with empty.transaction(OURS) as tx:
        make_draft(tx, mention=make_conversation_with_mention(tx).mention)
    with pytest.raises(StorageError, match="without their parent"), migrate._migrating(empty) as connection:
        connection.exec_driver_sql("DELETE FROM mention")
    with empty.snapshot(OURS) as tx:
        assert len(tx.session.scalars(select(Mention.id)).all()) == 1


def test_foreign_keys_are_kept_again_after_a_migration(empty: Database) -> None:
    upgrade(empty)
    with pytest.raises(IntegrityError), empty.transaction(OURS) as tx:
        tx.session.add(AuditEvent(at=tx.now, actor="Aoi", verb="assign"))  # its workspace does not exist


@pytest.fixture
def decided(any_database: Database, ben: User) -> int:
    """Ben has approved; the number of the mention."""
    with any_database.transaction(OURS) as tx:
        draft = make_draft(tx, mention=make_conversation_with_mention(tx).mention)
        make_delivery(tx, draft=draft, approved_by=ben)
        tx.audit("approve", actor="Ben", user_id=ben.id)
    return draft.mention_id


@pytest.mark.parametrize(
    "rewrite",
    [update(Review).values(verdict="rejected"), update(AuditEvent).values(actor="Aoi")],
    ids=["review", "audit"],
)
@pytest.mark.usefixtures("decided")
def test_decisions_and_the_audit_trail_cannot_be_rewritten(any_database: Database, rewrite: Any) -> None:  # noqa: ANN401 - an update
    with any_database.transaction(OURS) as tx, pytest.raises(IntegrityError, match="is append-only"):
        tx.session.execute(rewrite)


@pytest.fixture
def labelled(any_database: Database) -> int:
    """A mention that the model labelled, with words of the post as its reason."""
    with any_database.transaction(OURS) as tx:
        mention = make_conversation_with_mention(tx).mention
        record_classification(tx, mention_id=mention.id, understanding=UNDERSTOOD)
        return mention.id


@pytest.mark.parametrize(
    "values",
    [
        {"intent": "praise"},
        {"trainable": True},
        {"risks": ["legal"]},
        {"constructive": True},
        {"user_id": 7},
        {"reasons": ["word: another"]},
        {"reasons": [], "urgency": "low"},
    ],
    ids="+".join,
)
@pytest.mark.usefixtures("labelled")
def test_labels_cannot_be_rewritten(any_database: Database, values: dict[str, Any]) -> None:
    with any_database.transaction(OURS) as tx, pytest.raises(IntegrityError, match="is append-only"):
        tx.session.execute(update(Classification).values(**values))


def test_the_reasons_of_a_label_can_be_taken_away_and_the_row_erased(any_database: Database, labelled: int) -> None:
    with any_database.transaction(OURS) as tx:
        tx.session.execute(update(Classification).values(reasons=[]))
    with any_database.transaction(OURS) as tx:
        said = tx.session.scalars(select(Classification)).one()
        assert (said.reasons, said.intent, said.scores) == ([], "complaint", {"intent": 0.9})
        tx.session.execute(delete(Mention).where(Mention.id == labelled))
        assert tx.session.scalars(select(Classification.id)).all() == []


def test_erasing_a_mention_or_a_workspace_stays_possible(any_database: Database, decided: int) -> None:
    with any_database.transaction(OURS) as tx:
        tx.session.execute(delete(Mention).where(Mention.id == decided))
        assert tx.session.scalars(select(Review.id)).all() == []
        assert len(tx.session.scalars(select(AuditEvent.id)).all()) == 1
    with any_database.transaction(OURS) as tx:
        tx.session.execute(delete(Workspace).where(Workspace.id == OURS))
        assert tx.session.scalars(select(AuditEvent.id)).all() == []


def test_the_number_of_a_deleted_row_is_never_given_again(any_database: Database, decided: int) -> None:
    with any_database.transaction(OURS) as tx:
        tx.session.execute(delete(Mention))
        assert make_conversation_with_mention(tx).mention.id > decided


UNDERSTOOD = Understanding(
    language=Language.EN,
    prediction=Prediction(
        sentiment=Sentiment.NEGATIVE,
        intent=Intent.COMPLAINT,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.PRODUCT,
        urgency=Urgency.HIGH,
        risks=frozenset({Risk.PRESS}),
        needs_reply=True,
        needs_dm=False,
        scores={"intent": 0.9},
        reasons=("word: blue coat",),
    ),
    band=Band.SURE,
    model_id="model-1",
)


START = """
import sys
from storage.database import Database
from storage.migrate import upgrade
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
upgrade(database)
"""


def test_processes_that_start_at_once_migrate_once(empty: Database) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", START, empty.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(migrate.__file__).parents[1],
        )
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    complaints = [racer.communicate(timeout=30)[1] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0], complaints
    assert current_revision(empty) == head_revision()
    with empty.connect(writes=False) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1


@pytest.mark.partner
def test_the_owner_of_a_database_needs_no_further_right(
    postgres: Postgres, empty_postgres_url: str, clock: FixedClock
) -> None:
    name = make_url(empty_postgres_url).database
    postgres.run("CREATE ROLE kikite LOGIN")
    postgres.run(f"ALTER DATABASE {name} OWNER TO kikite")
    owned = Database(empty_postgres_url.replace("//postgres:", "//kikite:"), clock=clock)
    upgrade(owned)
    add_workspaces(owned)
    with owned.transaction(OURS) as tx:
        make_conversation_with_mention(tx)
        tx.emit("collected")
    with owned.connect(writes=False) as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "kikite"
    owned.close()
    postgres.run(f"ALTER DATABASE {name} OWNER TO postgres")


def _is_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"
