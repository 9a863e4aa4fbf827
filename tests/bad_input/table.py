"""The bad input table: every test of this folder is a row of ``docs/reference/bad-input.md`` and of its Japanese sister."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])


def row(row_id: str) -> Callable[[Test], Test]:
    """Tie a test to its row. ``test_table.py`` reads these marks from the source and compares them with both documents."""

    def tie(test: Test) -> Test:
        assert row_id
        return test

    return tie
