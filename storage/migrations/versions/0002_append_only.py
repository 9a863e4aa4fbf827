"""What was decided and done cannot be rewritten: an UPDATE of the audit trail or of a review is refused.

A DELETE is not: erasing a person or a workspace must stay possible.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("audit_event", "review")

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'integrity_constraint_violation';
END $$
"""

POSTGRESQL = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_update()
"""

SQLITE = """
CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def upgrade() -> None:
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql(FUNCTION)
    for table in TABLES:
        connection.exec_driver_sql((POSTGRESQL if postgresql else SQLITE).format(table=table))
