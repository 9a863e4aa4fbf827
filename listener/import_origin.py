"""Where the rows of an export come from: what file name, headers and cells, mapped or not, tell of X.

A file that has a column of X's is X's as a whole; in any other a row is judged by its own cells. What comes from X is imported,
answered and counted like the rest, and never learned from (``domain.training_rights``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from domain.mentions import IncomingMention
from domain.training_rights import (
    FROM_X,
    ORIGIN,
    has_shape_of_x,
    is_column_of_x,
    is_likely_column_of_x,
    is_made_when_x_says,
    is_named_for_x,
    tells_of_x,
)


class OriginReader:
    """Judges the rows of one file. ``dated``: the rows have a time of their own."""

    def __init__(self, columns: Sequence[str], *, file: str, dated: bool) -> None:
        self._is_all = is_named_for_x(file) or any(map(is_column_of_x, columns))
        self._is_likely = any(map(is_likely_column_of_x, columns))
        self._dated = dated

    def mark(self, mention: IncomingMention, values: Mapping[str, object]) -> IncomingMention:
        """Return the mention, marked where its file or its row tells that it comes from X."""
        if not (self._is_all or self._has_id_of_x(mention) or any(_tells(*cell) for cell in _cells(values))):
            return mention
        return replace(mention, platform_data={**mention.platform_data, ORIGIN: FROM_X})

    def _has_id_of_x(self, mention: IncomingMention) -> bool:
        if not has_shape_of_x(mention.external_id):
            return False
        return self._is_likely or (self._dated and is_made_when_x_says(mention.external_id, mention.created_at))


def is_from_x(mention: IncomingMention) -> bool:
    """Tell whether it was marked."""
    return mention.platform_data.get(ORIGIN) == FROM_X


def _tells(column: str, cell: str) -> bool:
    return is_column_of_x(column) or tells_of_x(column, cell)


def _cells(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield every name and value, those within objects and lists of JSONL, too."""
    waiting: list[tuple[str, object]] = list(values.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Mapping):
            yield name, ""
            waiting += [(str(inner), said) for inner, said in value.items()]
        elif isinstance(value, list):
            waiting += [(name, said) for said in value]
        else:
            yield name, "" if value is None else str(value)
