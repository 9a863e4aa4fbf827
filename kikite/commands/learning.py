"""``kikite train`` and ``kikite models``: learn from corrections; list, compare, promote and roll back what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.gate import Comparison, GateReport
    from classifier.learning import Learned
    from classifier.promotions import HistoryLine
    from classifier.versions import Version

WORK = Path("build/training")

models = typer.Typer(
    help="The models of this home: what ships and what was learned from corrections.", no_args_is_help=True
)

Name = Annotated[
    str, typer.Argument(help="As `kikite models list` has it; `shipped` is the one that comes with Kikite.")
]
Why = Annotated[str, typer.Option(help="Kept in the history.")]
MOST_SHOWN = 20
LEFT_OUT = {
    "origin": "come from where training is not allowed (X)",
    "gone": "were taken away by their authors",
    "forgotten": "are over the channel's retention days",
    "edited": "were changed by their authors after the label",
    "language": "are in a language that the model does not read",
}


def train(  # noqa: PLR0913, PLR0917 - the options of one command
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Refit the heads on what people corrected in the desk.")
    ] = False,
    accept_lowered: Annotated[
        bool,
        typer.Option(
            "--accept-lowered",
            help="Learn urgency and risks also from corrections that call harmless what a rule calls grave: when you looked at each.",
        ),
    ] = False,
    target: Annotated[
        Path | None,
        typer.Option(help="For developers: make the model that ships anew, into this folder (needs torch)."),
    ] = None,
    work: Annotated[Path, typer.Option(help="Base encoder and checkpoints; a stopped run goes on from here.")] = WORK,
    public: Annotated[Path | None, typer.Option(help="Folder of public sets to learn from besides.")] = None,
    all_layers: Annotated[bool, typer.Option("--all-layers", help="Keep twelve layers instead of six.")] = False,
    cold: Annotated[
        Path | None, typer.Option(help="Folder of labelled sets, a folder each, to measure on besides, for the card.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Learn from your people's corrections, or make the model that ships anew. A refit is used only if it is better."""
    if corrections == (target is not None):
        raise typer.BadParameter("say what to do: --corrections, or --target FOLDER", param_hint="kikite train")
    if target is not None:
        _make(target, work=work, public=public, cold=cold, all_layers=all_layers, as_json=as_json)
        return
    from kikite.home import find_home
    from kikite.learning import train_on_corrections

    with progress("Learning") as bar:
        learned = train_on_corrections(find_home(home), progress=bar, accepts_lowered=accept_lowered)
    print_result("\n".join(_told(learned)), learned.as_dict(), as_json=as_json)


def _make(target: Path, *, work: Path, public: Path | None, cold: Path | None, all_layers: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from domain.errors import KikiteError

    try:
        from classifier.training.make import Making, make_model
    except ModuleNotFoundError as error:
        raise KikiteError(
            f"Training needs {error.name}.", remedy="Run `make train`, or: pip install 'kikite[torch]'"
        ) from error
    making = Making(target=target, work=work, public=public, cold=cold, all_layers=all_layers)
    with progress("Teacher") as bar:
        made = make_model(making, progress=bar.renamed)
    print_result(
        f"{made.model_id} is in {target}; its figures: {target / 'MODEL_CARD.md'}", asdict(made), as_json=as_json
    )


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
    words += ["", *_table(moved), "", *_missed(learned.report)]
    words += _lowered(learned)
    if learned.outcome is Outcome.PROMOTED:
        return [*words, f"{learned.name} is in force ({learned.in_force}). Back: kikite models rollback."]
    return [*words, f"Not used: {_why_not(learned)}. {learned.in_force} stays in force."]


def _why_not(learned: "Learned") -> str:
    report = learned.report
    if report is None or learned.is_hushed:
        return "too many corrections call harmless what a rule calls grave"
    if report.contradicted:
        heads = ", ".join(dict.fromkeys(one.head for one in report.contradicted))
        return f"the corrections call like posts by other names than the corpus does ({heads}); perhaps something was swapped"
    if report.missed:
        return f"it would miss more of what is grave: {', '.join(dict.fromkeys(one.kind for one in report.missed))}"
    lost = ", ".join(sorted({one.head for one in report.lost}))
    return f"it would lose more than a point: {lost}" if lost else "no head would gain a point"


def _missed(report: "GateReport") -> list[str]:
    return [
        f"{one.kind} ({one.held_out}, {one.language}): catches {one.after} of {one.posts}, before {one.before}"
        for one in report.missed
    ]


def _lowered(learned: "Learned") -> list[str]:
    from classifier.reasons import say_reason

    lowered = learned.lowered
    if not lowered:
        return []
    shown = [
        f"  case {one.conversation_id}: {', '.join(one.taken)} taken away; {say_reason(f'rule: {one.rule}', 'en')}"
        for one in lowered[:MOST_SHOWN]
    ]
    more = [f"  and {len(lowered) - MOST_SHOWN} more (--json has all)"] if len(lowered) > MOST_SHOWN else []
    taught = "accepted" if learned.accepts_lowered else "they taught neither urgency nor risks"
    remedy = (
        [] if learned.accepts_lowered else ["If each of them is right: kikite train --corrections --accept-lowered"]
    )
    return [f"{len(lowered)} corrections call harmless what a rule calls grave ({taught}):", *shown, *more, *remedy, ""]


def _table(rows: "Sequence[Comparison]") -> list[str]:
    from classifier.gate import Change

    words = [f"{'posts':<8}{'language':<10}{'head':<18}{'n':>6}{'before':>8}{'after':>8}{'moved':>8}"]
    for one in rows:
        figures = f"{one.labels:>6}{one.before * 100:>8.1f}{one.after * 100:>8.1f}"
        moved = f"{(one.after - one.before) * 100:>+8.1f}"
        word = "" if one.change is Change.SAME else f"  {one.change}"
        words.append(f"{one.held_out:<8}{one.language:<10}{one.head:<18}{figures}{moved}{word}")
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
