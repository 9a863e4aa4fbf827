"""Bringing an export in: CSV or JSONL to mentions, batch by batch, as often as you like. A bad row never stops it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import GatheringSettings
from domain.cleaning import clean_id
from domain.errors import ImportFileError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.mentions import IncomingMention
from listener.import_encoding import encoding_name
from listener.import_origin import OriginReader, is_from_x
from listener.import_rejects import Rejects
from listener.import_rows import FIELDS, BadRowError, RowReader, find_columns
from listener.import_source import ImportSource, SourceRow, open_source
from listener.intake import DEFAULT_GATHERING, Stored, store_mentions
from storage.database import Database
from storage.listening import find_account
from storage.training_origin import mark_from_x

BATCH_ROWS = 1000
BATCH_CHARACTERS = 2_000_000
"""A batch ends at either; memory is bounded by them, not by the file."""

PROBLEMS_SHOWN = 20

WAITING_DAYS = 7
"""Whoever wrote longer ago than this no longer waits for an answer; the row is history."""

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """A rejected row."""

    line: int
    """Physical line of the file, from 1."""
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSummary:
    """What an import did. ``rows`` = new + seen + own + rejected."""

    rows: int = 0
    new: int = 0
    history: int = 0
    """Of the new ones: too old to wait for an answer."""
    seen: int = 0
    """Ids that were there already: they change nothing."""
    own: int = 0
    """Posts of the connected account itself: never mentions."""
    from_x: int = 0
    """Of all but the rejected: told by file, header or cell to come from X. They are never learned from."""
    rejected: int = 0
    rejects_file: Path | None = None
    problems: tuple[RowProblem, ...] = ()
    """The first of the rejected rows; all are in the file."""
    encoding: str = ""
    delimiter: str = ""
    """Empty for JSONL."""
    missing: tuple[str, ...] = ()
    """Fields the file has no column for."""


def import_file(  # noqa: PLR0913 - what a person may say about one import, all by name
    database: Database,
    workspace_id: WorkspaceId,
    *,
    path: Path,
    account_id: ChannelAccountId,
    mapping: Mapping[str, str],
    rejects: Path | None,
    progress: Progress,
    time_zone: str = "Asia/Tokyo",
    waiting_days: int = WAITING_DAYS,
    gathering: GatheringSettings = DEFAULT_GATHERING,
) -> ImportSummary:
    """Import ``path`` into one account and return what happened.

    ``mapping`` names the column of a field where it differs (``{"text": "comment"}``); times without a zone are in ``time_zone``.
    Rows older than ``waiting_days`` come in as history: understood and counted, but nobody waits and nothing is drafted.
    Each batch is one transaction, so a killed import is simply run again. Bad rows go to ``rejects`` (default: beside the file,
    ``NAME.rejects.csv``). Raises ``ImportFileError`` when the file cannot be used at all, and then nothing was imported.
    """
    target = rejects or path.with_name(f"{path.stem}.rejects{path.suffix}")
    if target.resolve() == path.resolve():
        raise ImportFileError("The rejects would overwrite the file itself.", remedy="Choose another --rejects FILE.")
    source = open_source(path)
    try:
        columns = find_columns(source.columns, mapping, file=path.name)
        with database.snapshot(workspace_id) as tx:
            own_external_id = find_account(tx, account_id).own_external_id
        now = database.clock.now()
        reader = RowReader(columns, zone=ZoneInfo(time_zone), now=now)
        origin = OriginReader(source.columns, file=path.stem, dated="created_at" in columns)
        missing = tuple(field for field in FIELDS if field not in columns)
        with Rejects(target, source) as kept:
            counted = _Count(source, reader, origin, kept)
            progress(0, source.total_bytes)
            for batch in counted.batches():
                with database.transaction(workspace_id) as tx:
                    stored = store_mentions(
                        tx,
                        account_id=account_id,
                        own_external_id=own_external_id,
                        mentions=batch,
                        revise=False,
                        history_before=now - timedelta(days=waiting_days),
                        gathering=gathering,
                    )
                    mark_from_x(tx, account_id, _ids_from_x(batch))
                counted.add(stored)
                progress(source.done_bytes, source.total_bytes)
            summary = replace(counted.summary, missing=missing, rejects_file=kept.finish())
        progress(source.total_bytes, source.total_bytes)
    finally:
        source.close()
    return summary


def _ids_from_x(batch: Sequence[IncomingMention]) -> list[str]:
    return [clean_id(mention.external_id) for mention in batch if is_from_x(mention)]


class _Count:
    """Reads rows into batches and keeps count."""

    def __init__(self, source: ImportSource, reader: RowReader, origin: OriginReader, rejects: Rejects) -> None:
        self._source = source
        self._reader = reader
        self._origin = origin
        self._rejects = rejects
        self.summary = ImportSummary(encoding=encoding_name(source.encoding), delimiter=source.delimiter)

    def batches(self) -> Iterator[list[IncomingMention]]:
        """Yield readable rows in batches; put the others aside."""
        batch: list[IncomingMention] = []
        characters = 0
        for row in self._source.rows():
            mention = self._read(row)
            if mention is None:
                continue
            batch.append(mention)
            characters += len(mention.text)
            if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
        if batch:
            yield batch

    def add(self, stored: Stored) -> None:
        """Count one stored batch."""
        now = self.summary
        self.summary = replace(
            now,
            rows=now.rows + stored.new + stored.seen + stored.own,
            new=now.new + stored.new,
            history=now.history + stored.history,
            seen=now.seen + stored.seen,
            own=now.own + stored.own,
        )

    def _read(self, row: SourceRow) -> IncomingMention | None:
        reason = row.problem
        if row.values is not None:
            try:
                mention = self._origin.mark(self._reader.read(row.values), row.values)
            except BadRowError as bad:
                reason = str(bad)
            else:
                self.summary = replace(self.summary, from_x=self.summary.from_x + is_from_x(mention))
                return mention
        now = self.summary
        shown = (*now.problems, RowProblem(line=row.line, reason=reason))[:PROBLEMS_SHOWN]
        self.summary = replace(now, rows=now.rows + 1, rejected=now.rejected + 1, problems=shown)
        self._rejects.keep(row, reason)
        return None
