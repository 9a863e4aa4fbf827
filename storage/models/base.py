"""Column types and mixins shared by all models."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, Integer, MetaData, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from domain.errors import require_aware

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only for INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite has no zones, so it keeps the UTC wall time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; hand UTC to the driver."""
        if value is None:
            return None
        moment = require_aware(value).astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Attach UTC to what SQLite returns."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        datetime: UtcDateTime,
        str: Text,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


WORKSPACE = "kikite_workspace"
"""Execution option of a connection that is confined to one workspace."""


def _workspace_in_force(context: DefaultExecutionContext) -> Any:  # noqa: ANN401 - SQLAlchemy's signature
    """Give a new row the workspace its connection is confined to; None elsewhere, which the database refuses."""
    return context.execution_options.get(WORKSPACE)


class WorkspaceScoped:
    """Rows of one tenant. ``storage/isolation.py`` adds the filter to every statement, the column its value to every row."""

    @declared_attr
    def workspace_id(self) -> Mapped[int]:
        """Name the tenant."""
        tenant = ForeignKey("workspace.id", ondelete="CASCADE")
        return mapped_column(RowId, tenant, default=_workspace_in_force, nullable=False, index=True)


class Claimable:
    """Rows that a step works on: claimed by conditional update, free again when the lease runs out."""

    claim_token: Mapped[str | None] = mapped_column(String(32), default=None)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


def row_id() -> Mapped[int]:
    """Return the primary key column every table has."""
    return mapped_column(RowId, primary_key=True, autoincrement=True)


def reference(target: str, *, index: bool = True) -> Any:  # noqa: ANN401 - used for both nullable and required columns
    """Return a foreign key column to ``table.id`` that goes with its parent."""
    return mapped_column(RowId, ForeignKey(target, ondelete="CASCADE"), index=index)
