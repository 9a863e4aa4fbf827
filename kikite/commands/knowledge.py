"""``kikite knowledge``: import what the shop already wrote, check it, and ask it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kikite.commands.data import read_mapping, vars_of
from kikite.commands.options import AsJson, Home, print_result

knowledge = typer.Typer(help="FAQ, policies, known issues and products: import, check, ask.", no_args_is_help=True)

Brand = Annotated[str, typer.Option(help="Folder under brands/.")]
LANGUAGES = {"ja": "Japanese", "en": "English"}


@knowledge.command("import")
def import_entries(
    file: Annotated[Path, typer.Argument(help="Markdown, CSV, or the saved HTML of a web page.")],
    brand: Brand = "default",
    column_map: Annotated[
        str, typer.Option("--map", help="Which CSV column is which, e.g. question=Q,answer=A,topic=kind.")
    ] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write a FAQ file for each new question, to be read by a person. Nothing is cited before, and nothing overwritten."""
    from kikite.knowledge import import_knowledge

    summary = import_knowledge(home, file, brand=brand, columns=read_mapping(column_map))
    words = [f"{len(summary.written)} written to brands/{brand}/faq, {len(summary.skipped)} skipped."]
    words += [f"skipped, {one.place}: {one.reason} ({one.question})" for one in summary.skipped]
    for language, names in summary.lacking.items():
        words.append(f"{LANGUAGES[language]} is missing in: {', '.join(names)}")
        words.append(f"  → Add question.{language} and a part '# {language}' to each.")
    if summary.written:
        words.append(
            "Read each file, choose its topic, then delete its line 'review = true': until then nothing cites it."
        )
    print_result("\n".join(words), vars_of(summary), as_json=as_json)


@knowledge.command("check")
def check(brand: Brand = "", home: Home = None, as_json: AsJson = False) -> None:
    """Tell what is outdated, unread, in one language only, twice there, or never cited."""
    from kikite.knowledge import check_knowledge

    findings = check_knowledge(home, brand=brand)
    words = [f"{one.place}: {one.says}" for one in findings] or ["Nothing to tell."]
    print_result("\n".join(words), {"findings": [vars_of(one) for one in findings]}, as_json=as_json)


@knowledge.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help="As a customer would write it.")],
    brand: Brand = "default",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be cited for a question, and what came near, with scores."""
    from kikite.knowledge import ask_knowledge

    asked = ask_knowledge(home, question, brand=brand)
    words = [_say(one, asked.threshold) for one in asked.found] or ["Nothing in the book has to do with it."]
    if not asked.found or asked.found[0]["score"] < asked.threshold:  # type: ignore[operator]
        words.append(f"Nothing reaches {asked.threshold}: a person answers, and the question counts as a gap.")
    print_result("\n".join(words), vars_of(asked), as_json=as_json)


def _say(found: Mapping[str, object], threshold: float) -> str:
    score = float(str(found["score"]))
    mark = "cited " if score >= threshold else "      "
    near = f", near {found['nearness']}" if found["nearness"] is not None else ""
    return f"{mark}{score:.3f}  {found['kind']} {found['id']}: {found['title']} ({found['words']}{near})"
