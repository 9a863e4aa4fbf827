"""Reads by the id of a row that was itself read in this workspace: what belongs to it is ours, too.

They go without the workspace filter. SQLite keeps no statistics; with the filter, which it takes for as selective as any
other condition, it may walk a whole workspace to find one conversation's rows. PostgreSQL would not, and loses nothing.
"""

from typing import TypeVar

from sqlalchemy import Executable

from storage.isolation import EVERY_WORKSPACE

Statement = TypeVar("Statement", bound=Executable)


def of_ours(statement: Statement) -> Statement:
    """Return ``statement`` without the filter. Its conditions must name ids that this workspace's rows gave."""
    return statement.execution_options(**{EVERY_WORKSPACE: True})
