"""``kikite import``: files in."""

from pathlib import Path
from typing import Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result, progress


def import_mentions(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL export.")],
    channel: Annotated[str, typer.Option(help="Channel account to import into.")] = "import",
    column_map: Annotated[
        str, typer.Option("--map", help="Which column is which, e.g. text=comment,id=row,created_at=date.")
    ] = "",
    rejects: Annotated[Path | None, typer.Option(help="Where bad rows are kept; default: beside the file.")] = None,
    waiting_days: Annotated[
        int,
        typer.Option(min=0, max=36_500, help="Older rows come in as history: counted, but nobody waits for an answer."),
    ] = 7,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Import mentions from an export. Safe to repeat; bad rows are reported by line and kept aside."""
    from kikite.by_hand import import_now
    from kikite.home import find_home

    mapping = read_mapping(column_map)
    with progress(f"Importing {file.name}") as bar:
        summary = import_now(
            find_home(home),
            file,
            channel=channel,
            mapping=mapping,
            rejects=rejects,
            waiting_days=waiting_days,
            progress=bar,
        )
    words = [f"{summary.rows} rows: {summary.new} new, {summary.seen} already there, {summary.rejected} rejected."]
    if summary.history:
        old = (
            f"{summary.history} of the new ones are older than {waiting_days} days: history, which waits for no answer"
        )
        words.append(f"{old} (--waiting-days).")
    if summary.from_x:
        words.append(f"{summary.from_x} rows came from X: answered and counted like the others, never learned from.")
    words += [f"line {problem.line}: {problem.reason}" for problem in summary.problems]
    if summary.rejected > len(summary.problems):
        words.append(f"These are the first {len(summary.problems)} of {summary.rejected}; all are in the file.")
    if summary.rejects_file:
        words.append(f"Rejected rows, with reasons: {summary.rejects_file}. Mend them there and import that file.")
    print_result("\n".join(words), vars_of(summary), as_json=as_json)


def vars_of(summary: object) -> dict[str, object]:
    """Return the fields of a frozen dataclass as they are, for JSON output."""
    from dataclasses import asdict, is_dataclass

    if not is_dataclass(summary) or isinstance(summary, type):
        msg = "a summary is a dataclass"
        raise TypeError(msg)
    return asdict(summary)


def read_mapping(given: str) -> dict[str, str]:
    """Return what ``--map`` says: the column of each field."""
    pairs = [part.partition("=") for part in given.split(",") if part.strip()]
    wrong = [field for field, sign, column in pairs if not (sign and field.strip() and column.strip())]
    if wrong:
        raise typer.BadParameter(f"'{wrong[0]}' is not field=column", param_hint="--map")
    return {field.strip(): column.strip() for field, _, column in pairs}
