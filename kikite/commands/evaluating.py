"""``kikite evaluate``: how good the model is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result, progress


def evaluate(
    source: Annotated[
        Path | None,
        typer.Option("--input", help="JSONL with text and labels. Default: the shipped corpus' test split."),
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="On what your people corrected in the desk.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the figures in the home; the desk shows them.")] = False,
    language: Annotated[str, typer.Option(help="Only texts of this language: ja or en.")] = "",
    worst: Annotated[
        int, typer.Option(min=0, max=1_000, help="Print this many of the surest errors per language and head.")
    ] = 0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Score the current model on labelled texts: per head, language, channel and slice, with 95 % intervals."""
    from classifier.evaluation.table import as_table
    from classifier.evaluation.worst import as_reading
    from domain.words import Language
    from kikite.home import find_home
    from kikite.measuring import Wanted, measure

    if own and source is not None:
        raise typer.BadParameter("choose one of --own and --input", param_hint="--own")
    if language not in {"", Language.JA, Language.EN}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    place = find_home(home) if own or keep or home is not None else None
    wanted = Wanted(source=source, own=own, keep=keep, language=language, worst=worst)
    with progress("Evaluating") as bar:
        measured = measure(place, wanted, progress=bar)
    words = [as_table(measured.scores)]
    if worst:
        words += ["", as_reading(measured.worst)]
    if measured.file:
        words += ["", f"Kept in {measured.file}; the desk shows it under Settings, Model."]
    values: dict[str, object] = {**measured.scores.as_dict(), "file": measured.file}
    if worst:
        values["worst"] = [asdict(error) for error in measured.worst]
    print_result("\n".join(words), values, as_json=as_json)
