"""Inserts that step over rows which are there already: both databases can, each by its own statement."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Transaction
from storage.models import Base


def insert_or_skip(tx: Transaction, model: type[Base], *unique: str) -> Any:  # noqa: ANN401 - the two dialects share no base
    """Return an insert into ``model`` that leaves out rows whose ``unique`` columns are taken."""
    insert = postgresql.insert(model) if tx.is_postgresql else sqlite.insert(model)
    return insert.on_conflict_do_nothing(index_elements=list(unique))
