"""``kikite train`` and ``kikite models``: learn from corrections; list, compare, promote and roll back what came of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.gate import Comparison
    from classifier.learning import Learned
    from classifier.promotions import HistoryLine
    from classifier.versions import Version

models = typer.Typer(
    help="The models of this home: what ships and what was learned from corrections.", no_args_is_help=True
)

Name = Annotated[
    str, typer.Argument(help="As `kikite models list` has it; `shipped` is the one that comes with Kikite.")
]
Why = Annotated[str, typer.Option(help="Kept in the history.")]
LEFT_OUT = {
    "origin": "come from where training is not allowed (X)",
    "gone": "were taken away by their authors",
    "edited": "were changed by their authors after the label",
    "language": "are in a language that the model does not read",
}


def train(
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Refit the heads on what people corrected in the desk.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Learn from your people's corrections. The result is used only if it is better and nowhere worse."""
    from kikite.home import find_home
    from kikite.learning import train_on_corrections

    if not corrections:
        raise typer.BadParameter("say what to learn from: --corrections", param_hint="kikite train")
    with progress("Learning") as bar:
        learned = train_on_corrections(find_home(home), progress=bar)
    print_result("\n".join(_told(learned)), learned.as_dict(), as_json=as_json)


@models.command("list")
def list_them(home: Home = None, as_json: AsJson = False) -> None:
    """List the models of this home, which is in force, and who decided that."""
    from dataclasses import asdict

    from kikite.home import find_home
    from kikite.learning import list_models

    found = list_models(find_home(home))
    words = [_row(version) for version in found.versions]
    if found.history:
        words += ["", *map(_history_row, found.history[-10:])]
    values: dict[str, object] = {
        "models": [_values(version) for version in found.versions],
        "history": [asdict(line) for line in found.history],
    }
    print_result("\n".join(words), values, as_json=as_json)


@models.command("compare")
def compare(first: Name, second: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Score two models side by side, on posts that none of them learned from."""
    from kikite.home import find_home
    from kikite.learning import compare_models

    with progress("Comparing") as bar:
        report = compare_models(find_home(home), first, second, progress=bar)
    words = [f"{first} -> {second}, macro-F1 in points", *_table(report.comparisons)]
    print_result("\n".join(words), {"first": first, "second": second, **report.as_dict()}, as_json=as_json)


@models.command("promote")
def promote(name: Name, why: Why = "", home: Home = None, as_json: AsJson = False) -> None:
    """Put a model in force, whatever the gate said."""
    from kikite.home import find_home
    from kikite.learning import promote_model

    version = promote_model(find_home(home), name, why=why)
    print_result(f"{version.name} is in force.", _values(version), as_json=as_json)


@models.command("rollback")
def rollback(why: Why = "", home: Home = None, as_json: AsJson = False) -> None:
    """Put in force what was before the model in force: the one promoted before, else the one that ships."""
    from kikite.home import find_home
    from kikite.learning import roll_back_model

    version = roll_back_model(find_home(home), why=why)
    print_result(f"{version.name} is in force again.", _values(version), as_json=as_json)


def _told(learned: "Learned") -> list[str]:
    from classifier.learning import LEAST_CORRECTIONS, Outcome

    count = learned.corrections + learned.held_out
    words = [f"{count} corrections: {learned.corrections} to learn from, {learned.held_out} kept aside to measure."]
    words += [f"Left out: {number} {LEFT_OUT.get(why, why)}." for why, number in learned.left_out.items()]
    if learned.outcome is Outcome.TOO_FEW:
        return [
            *words,
            f"Nothing was changed: at least {LEAST_CORRECTIONS} corrections are needed. Go on correcting (key C).",
        ]
    if learned.report is None:
        return words
    moved = [one for one in learned.report.comparisons if one.before != one.after]
    words += ["", *_table(moved), ""]
    if learned.outcome is Outcome.PROMOTED:
        return [*words, f"{learned.name} is in force ({learned.in_force}). Back: kikite models rollback."]
    lost = sorted({one.head for one in learned.report.lost})
    why = f"it would lose more than a point: {', '.join(lost)}" if lost else "no head would gain a point"
    return [*words, f"Not used, {why}. {learned.in_force} stays in force."]


def _table(rows: "Sequence[Comparison]") -> list[str]:
    words = [f"{'posts':<8}{'language':<10}{'head':<18}{'n':>6}{'before':>8}{'after':>8}"]
    for one in rows:
        figures = f"{one.labels:>6}{one.before * 100:>8.1f}{one.after * 100:>8.1f}"
        words.append(f"{one.held_out:<8}{one.language:<10}{one.head:<18}{figures}  {one.change}")
    return words


def _row(version: "Version") -> str:
    mark = "*" if version.in_force else " "
    said = version.description.model_id if version.description else "-"
    return f"{mark} {version.name:<24}{said}{f'  ! {version.problem}' if version.problem else ''}"


def _history_row(line: "HistoryLine") -> str:
    why = f": {line.why}" if line.why else ""
    return f"{line.at[:16]}  {line.event:<12}{line.name}  by {line.who}{why}"


def _values(version: "Version") -> dict[str, object]:
    said = version.description
    return {
        "name": version.name,
        "model_id": said.model_id if said else "",
        "created_on": said.created_on if said else "",
        "parent": said.parent if said else "",
        "corrections": said.corrections if said else 0,
        "in_force": version.in_force,
        "problem": version.problem,
        "remedy": version.remedy,
    }
