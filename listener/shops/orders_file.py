"""Bringing orders in from a file: CSV or JSONL, batch by batch, as often as you like. A bad row never stops it.

One row is one order, or one item of an order: rows with the same id in a row are one order with several items.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from config.shop_settings import FILE
from domain.errors import ImportFileError
from domain.ids import WorkspaceId
from domain.purchases import BuyerKey, Order, OrderItem, OrderStatus
from listener.import_file import RowProblem
from listener.import_rejects import Rejects
from listener.import_rows import EARLIEST, SHOWN, BadRowError, read_moment
from listener.import_source import ImportSource, SourceRow, open_source
from listener.shops.progress import agrees
from storage.database import Database
from storage.purchases import store_orders

FIELDS: Final = (
    "id", "number", "email", "ordered_at", "status", "item", "quantity", "variant", "total", "currency",
    "shipped_at", "expected_at", "delivered_at",
)  # fmt: skip
REQUIRED: Final = ("id", "ordered_at")
BATCH_ORDERS: Final = 500
PROBLEMS_SHOWN: Final = 20
STATUSES: Final[Mapping[OrderStatus, tuple[str, ...]]] = {
    OrderStatus.OPEN: ("open", "pending", "on-hold", "on hold", "unpaid", "未入金", "入金待ち", "保留", "受付", "新規"),
    OrderStatus.PAID: ("paid", "processing", "入金済み", "入金済", "支払い済み", "支払済", "発送待ち", "処理中"),
    OrderStatus.SHIPPED: ("shipped", "fulfilled", "completed", "complete", "発送済み", "発送済", "出荷済み", "出荷済", "完了"),
    OrderStatus.DELIVERED: ("delivered", "配達済み", "配達完了", "お届け済み", "到着"),
    OrderStatus.CANCELLED: ("cancelled", "canceled", "voided", "キャンセル", "取消", "取り消し"),
    OrderStatus.REFUNDED: ("refunded", "返金済み", "返金済", "返金"),
}  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdersSummary:
    """What an import did. ``rows`` counts lines, the others orders; a rejected line is one."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    consented: int = 0
    """Of all orders read: their buyers agreed that they are looked at."""
    rejected: int = 0
    rejects_file: Path | None = None
    problems: tuple[RowProblem, ...] = ()


def import_orders(  # noqa: PLR0913 - what a person may say about one import, all by name
    database: Database,
    workspace_id: WorkspaceId,
    *,
    path: Path,
    mapping: Mapping[str, str],
    consent_column: str,
    rejects: Path | None,
    buyer_key: BuyerKey,
    time_zone: str,
    progress: Progress,
) -> OrdersSummary:
    """Import ``path`` and return what happened; the same file again changes nothing.

    ``mapping`` names the column of a field where it differs. ``consent_column`` holds who agreed; empty: nobody did. Bad rows go to
    ``rejects`` (default: beside the file). Raises ``ImportFileError`` when the file cannot be used at all; nothing was imported then.
    """
    target = rejects or path.with_name(f"{path.stem}.rejects{path.suffix}")
    if target.resolve() == path.resolve():
        raise ImportFileError("The rejects would overwrite the file itself.", remedy="Choose another --rejects FILE.")
    source = open_source(path)
    try:
        reader = _Reader(_find_columns(source, mapping, consent_column), zone=ZoneInfo(time_zone))
        with Rejects(target, source) as kept:
            counted = _Count(source, reader, kept)
            progress(0, source.total_bytes)
            for batch in counted.batches():
                with database.transaction(workspace_id) as tx:
                    stored = store_orders(tx, FILE, batch, buyer_key=buyer_key)
                now = counted.summary
                counted.summary = replace(
                    now,
                    new=now.new + stored.new,
                    changed=now.changed + stored.changed,
                    same=now.same + stored.same,
                    consented=now.consented + sum(order.consented for order in batch),
                )
                progress(source.done_bytes, source.total_bytes)
            summary = replace(counted.summary, rejects_file=kept.finish())
        progress(source.total_bytes, source.total_bytes)
    finally:
        source.close()
    return summary


def _find_columns(source: ImportSource, mapping: Mapping[str, str], consent_column: str) -> dict[str, str]:
    found = f"Found: {', '.join(source.columns) or 'no names'}."
    unknown = sorted(mapping.keys() - set(FIELDS))
    if unknown:
        raise ImportFileError(f"There is no field '{unknown[0]}' to map.", remedy=f"Fields: {', '.join(FIELDS)}.")
    plain = {name.casefold().strip(): name for name in reversed(source.columns)}
    columns = {}
    for field in FIELDS:
        wanted = mapping.get(field, field)
        column = plain.get(wanted.casefold().strip())
        if column is not None:
            columns[field] = column
        elif field in mapping or field in REQUIRED:
            raise ImportFileError(
                f"There is no column '{wanted}'. {found}", remedy=f"Say which column it is: --map {field}=COLUMN."
            )
    if consent_column:
        named = plain.get(consent_column.casefold().strip())
        if named is None:
            raise ImportFileError(
                f"There is no column '{consent_column}'. {found}", remedy="Name another --consent-column."
            )
        columns["consent"] = named
    return columns


class _Reader:
    """Turns rows into orders. Times without a zone are in ``zone``."""

    def __init__(self, columns: Mapping[str, str], *, zone: ZoneInfo) -> None:
        self._columns = columns
        self._zone = zone

    def read(self, values: Mapping[str, object]) -> Order:
        """Return the order of one row. Raises ``BadRowError``."""
        external_id = self._value(values, "id")
        ordered_at = self._moment(values, "ordered_at")
        if not external_id:
            raise BadRowError("no id")
        if ordered_at is None:
            raise BadRowError("no time of the order")
        address = self._value(values, "email")
        if address and "@" not in address:
            raise BadRowError("the mail address has no @")
        item = self._value(values, "item")
        said = self._value(values, "quantity")
        if said and not re.fullmatch(r"\d{1,6}(?:\.0+)?", said):
            raise BadRowError("the quantity is no whole number")
        one = OrderItem(name=item, quantity=int(float(said or 1)), variant=self._value(values, "variant"))
        return Order(
            external_id=external_id,
            number=self._value(values, "number") or external_id,
            ordered_at=ordered_at,
            status=_status(self._value(values, "status")),
            items=(one,) if item else (),
            total=self._value(values, "total"),
            currency=self._value(values, "currency").upper(),
            buyer_address=address,
            shipped_at=self._moment(values, "shipped_at"),
            expected_at=self._moment(values, "expected_at"),
            delivered_at=self._moment(values, "delivered_at"),
            consented=agrees(self._value(values, "consent")),
        )

    def _value(self, values: Mapping[str, object], field: str) -> str:
        found = values.get(self._columns.get(field, "\0"))
        return " ".join(str(found).replace("\0", " ").split()) if found is not None else ""

    def _moment(self, values: Mapping[str, object], field: str) -> datetime | None:
        said = self._value(values, field)
        at = read_moment(said, self._zone) if said else None
        if said and (at is None or at < EARLIEST):
            raise BadRowError(f"{field} '{said[:SHOWN]}' is no date (write 2026-11-20T12:34+09:00 or 2026/11/20)")
        return at


def _status(said: str) -> OrderStatus:
    plain = said.casefold()
    return next((status for status, words in STATUSES.items() if plain in words), OrderStatus.OTHER)


class _Count:
    """Reads rows into orders, orders into batches, and keeps count."""

    def __init__(self, source: ImportSource, reader: _Reader, rejects: Rejects) -> None:
        self._source = source
        self._reader = reader
        self._rejects = rejects
        self.summary = OrdersSummary()

    def batches(self) -> Iterator[list[Order]]:
        """Yield orders in batches; an order whose items stand in rows one below the other is never torn."""
        batch: list[Order] = []
        for row in self._source.rows():
            order = self._read(row)
            if order is None:
                continue
            if batch and batch[-1].external_id == order.external_id:
                before = batch[-1]
                agreed = before.consented and order.consented
                batch[-1] = replace(order, items=(*before.items, *order.items), consented=agreed)
                continue
            if len(batch) >= BATCH_ORDERS:
                yield batch
                batch = []
            batch.append(order)
        if batch:
            yield batch

    def _read(self, row: SourceRow) -> Order | None:
        self.summary = replace(self.summary, rows=self.summary.rows + 1)
        reason = row.problem
        if row.values is not None:
            try:
                return self._reader.read(row.values)
            except BadRowError as bad:
                reason = str(bad)
        now = self.summary
        shown = (*now.problems, RowProblem(line=row.line, reason=reason))[:PROBLEMS_SHOWN]
        self.summary = replace(now, rejected=now.rejected + 1, problems=shown)
        self._rejects.keep(row, reason)
        return None
