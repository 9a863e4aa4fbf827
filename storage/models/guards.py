"""Guards the database itself keeps, whoever writes: what was decided and done cannot be rewritten.

An UPDATE of ``audit_event``, ``review`` or ``customer_link`` is refused, and of ``classification`` any but one that takes the ``reasons`` away, which
quote a post: its author may delete it. A DELETE is not: erasing a person or a workspace must stay possible.
Tables made from the models get the guards from here; the migrations carry their own copy, and a test compares the two.
"""

from sqlalchemy import DDL, MetaData, event
from sqlalchemy.schema import ExecutableDDLElement

APPEND_ONLY = ("audit_event", "customer_link", "review")

SQLITE = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'integrity_constraint_violation';
END $$
"""

POSTGRESQL = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_update()
"""


BLANKED = {"classification": "reasons"}
"""Append-only but for one column, a list, that may become empty."""

SQLITE_BUT = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table}
WHEN NEW.{blanked} IS NOT '[]' OR {changed}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

POSTGRESQL_BUT = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW
WHEN (NEW.{blanked}::text IS DISTINCT FROM '[]' OR to_jsonb(NEW) - '{blanked}' IS DISTINCT FROM to_jsonb(OLD) - '{blanked}')
EXECUTE FUNCTION refuse_update()
"""


def add_guards(metadata: MetaData) -> None:
    """Make ``create_all`` add the guards; ids of tables with a number are never given twice, also on SQLite."""
    for table in metadata.tables.values():
        if [column.name for column in table.primary_key] == ["id"]:
            # Else SQLite gives the id of a deleted newest row again, and an old link or audit line would show another's.
            table.dialect_options["sqlite"]["autoincrement"] = True
    event.listen(metadata, "before_create", _ddl(POSTGRESQL_FUNCTION, "postgresql"))
    for name in APPEND_ONLY:
        table = metadata.tables[name]
        event.listen(table, "after_create", _ddl(SQLITE.format(table=name), "sqlite"))
        event.listen(table, "after_create", _ddl(POSTGRESQL.format(table=name), "postgresql"))
    for name, blanked in BLANKED.items():
        table = metadata.tables[name]
        changed = " OR ".join(f"NEW.{one.name} IS NOT OLD.{one.name}" for one in table.columns if one.name != blanked)
        sqlite = SQLITE_BUT.format(table=name, blanked=blanked, changed=changed)
        event.listen(table, "after_create", _ddl(sqlite, "sqlite"))
        event.listen(table, "after_create", _ddl(POSTGRESQL_BUT.format(table=name, blanked=blanked), "postgresql"))


def _ddl(statement: str, dialect: str) -> ExecutableDDLElement:
    made: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's constructor has no types
    return made.execute_if(dialect=dialect)
