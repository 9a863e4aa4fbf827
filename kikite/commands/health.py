"""``kikite doctor``: is everything in place."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from kikite.commands.options import AsJson, Home, print_result

if TYPE_CHECKING:
    from kikite.findings import Finding

MARKS = {"good": "ok  ", "warning": "note", "bad": "BAD "}


def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """Look at everything and say what to do about what is wrong."""
    from kikite.doctor import examine
    from kikite.home import find_home

    _report(list(examine(find_home(home))), as_json=as_json)


def finding_lines(found: "Finding") -> str:
    """Return a finding as people read it: what is so, and below it what to do."""
    said = f"{MARKS[found.health]}  {found.what}: {found.says}"
    return f"{said}\n      → {found.remedy}" if found.remedy else said


def _report(findings: "list[Finding]", *, as_json: bool) -> None:
    words = "\n".join(finding_lines(found) for found in findings)
    print_result(words, {"findings": [asdict(found) for found in findings]}, as_json=as_json)
    if any(found.health == "bad" for found in findings):
        raise typer.Exit(1)
