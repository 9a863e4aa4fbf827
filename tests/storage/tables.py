"""What a database consists of, in words that can be compared: columns, keys, indexes, guards."""

from typing import Any

from sqlalchemy import Connection, Inspector, inspect

DEFINITIONS = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
    "postgresql": """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        """,
}


def describe_tables(connection: Connection) -> dict[str, Any]:
    """Return a comparable description of every table but Alembic's own, and of what hangs on it."""
    inspector = inspect(connection)
    names = sorted(set(inspector.get_table_names()) - {"alembic_version"})
    described: dict[str, Any] = {name: _describe_table(inspector, name) for name in names}
    rows = connection.exec_driver_sql(DEFINITIONS[connection.dialect.name]).scalars()
    described["definitions"] = sorted(" ".join(row.split()) for row in rows if "alembic_version" not in row)
    if connection.dialect.name == "sqlite":
        counted = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        described["numbers never given twice"] = sorted(counted.scalars())
    return described


def _describe_table(inspector: Inspector, name: str) -> dict[str, Any]:
    columns = inspector.get_columns(name)
    return {
        "columns": sorted((column["name"], str(column["type"]), column["nullable"]) for column in columns),
        "defaults": sorted((column["name"], str(column["default"])) for column in columns),
        "primary key": inspector.get_pk_constraint(name)["constrained_columns"],
        "unique": sorted((str(key["name"]), *key["column_names"]) for key in inspector.get_unique_constraints(name)),
        "foreign keys": sorted(
            (str(key["name"]), *key["constrained_columns"], key["referred_table"], str(key["options"]))
            for key in inspector.get_foreign_keys(name)
        ),
    }
