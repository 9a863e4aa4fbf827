"""Runs every channel's contract tests and writes the table channel × test: docs/reference/channel-contract.md and .ja.md.

usage: python tests/contract_table.py          (make contract-table; a few minutes, with the partners that can be had)

What a cell says is what just happened. tests/listener/test_contract_table.py fails when the page misses a channel, a test or 20
tests that ran for one.
"""

import inspect
import os
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.registry import known_kinds
from tests.listener.channel_contract import ChannelContract
from tests.partners.missing import ALLOW

ROOT = Path(__file__).parent.parent
SUITES = ROOT / "tests" / "listener"
WORDS = ROOT / "tests" / "contract_table.toml"
PAGES = {"en": "channel-contract.md", "ja": "channel-contract.ja.md"}
GUIDES = {"en": "{kind}.md", "ja": "{kind}.ja.md"}
NOT_TRIED = {
    "en": re.compile(r"^(?:## What was not tried|\*\*Not tried)"),
    "ja": re.compile(r"^(?:## .*試していないこと|\*\*本番の)"),
}
WITHOUT = {"import": "import", "sandbox": "sandbox"}
"""Kinds without a live platform; files are not a platform at all and have no suite."""
SILENT = "test_a_silent_server_is_given_up"
"""A row made of the channels' own tests: they wait for a timeout, which the contract would have to do for each."""
WAITS = re.compile(r"\bSILENT\b|\blist\(Cut\)|in Cut\b")


@dataclass
class Cell:
    """One test on one channel: its runs, and what was noted about them."""

    passed: int = 0
    applied: int = 0
    """Of the passed ones, those in which the test meant something here."""
    failed: int = 0
    skipped: set[str] = field(default_factory=set)
    overridden: set[str] = field(default_factory=set)
    not_applicable: set[str] = field(default_factory=set)


Table = dict[tuple[str, str], Cell]


def contract_tests() -> list[str]:
    """Return the names of the contract's tests in their order."""
    return [name for name in vars(ChannelContract) if name.startswith("test_")]


def row_of(item: pytest.Item) -> str:
    """Return the row that a test belongs to; empty for all others."""
    function = getattr(item, "function", None)
    if function is None:
        return ""
    made_by = getattr(item, "cls", None)
    if made_by is not None and issubclass(made_by, ChannelContract):
        return function.__name__ if function.__name__ in contract_tests() else ""
    try:
        return SILENT if WAITS.search(inspect.getsource(function)) else ""
    except OSError:
        return ""  # somebody is writing that file right now; the row will show what is missing


def kind_of(item: pytest.Item) -> str:
    """Return the channel that a test is about: its folder's, or its parameter's where a folder has several."""
    given = getattr(item, "callspec", None)
    if given is not None and "kind" in given.params and given.params["kind"] in known_kinds():
        return str(given.params["kind"])
    folder = item.path.parent.name
    return folder if folder != SUITES.name else item.path.stem.removeprefix("test_").removesuffix("_contract")


def override_of(item: pytest.Item) -> str:
    """Return why a channel's suite plays this test in its own way; empty when it does not."""
    made_by, function = getattr(item, "cls", None), getattr(item, "function", None)
    if made_by is None or function is None or not issubclass(made_by, ChannelContract):
        return ""
    owner = next(one for one in made_by.__mro__ if function.__name__ in vars(one))
    if owner is ChannelContract:
        return ""
    assert function.__doc__, f"{owner.__name__}.{function.__name__} says not why it differs"
    return " ".join(function.__doc__.split())


class Notebook:
    """The pytest plugin: leaves out what is no contract test, and notes how each one ends."""

    def __init__(self) -> None:
        self.table: Table = defaultdict(Cell)
        self._rows: dict[str, str] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        # Once, before the first runs: a source file may change while they do.
        rows = {item: row_of(item) for item in items}
        self._rows = {item.nodeid: row for item, row in rows.items() if row}
        config.hook.pytest_deselected(items=[item for item, row in rows.items() if not row])
        items[:] = [item for item, row in rows.items() if row]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note how a test ended."""
        report = yield
        cell = self.table[self._rows[item.nodeid], kind_of(item)]
        if report.failed:
            cell.failed += 1
        elif report.skipped:
            cell.skipped.add(str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else "skipped")
        elif report.when == "call":
            cell.passed += 1
            noted = {str(why) for name, why in item.user_properties if name == "not_applicable"}
            cell.not_applicable |= noted
            cell.applied += not noted
            cell.overridden |= {why} if (why := override_of(item)) else set()
        return report


@dataclass
class Notes:
    """Footnotes, numbered as they are met."""

    said: dict[str, int] = field(default_factory=dict)

    def number(self, reasons: Iterable[str]) -> str:
        return ",".join(str(self.said.setdefault(reason, len(self.said) + 1)) for reason in sorted(reasons))


def write_cell(cell: Cell, notes: Notes, words: dict[str, str]) -> str:
    """Return what a cell says: the worst of its runs, and why it differs."""
    if cell.failed:
        return f"**{words['failed']}**"
    if not cell.passed:
        reasons = cell.skipped or {words["no_such_test"]}
        return f"{words['not_run']} <sup>{notes.number(reasons)}</sup>"
    noted = notes.number(words.get(why, why) for why in cell.not_applicable | cell.overridden)
    sign = "✓" if cell.applied else "–"
    return f"{sign} <sup>{noted}</sup>" if noted else sign


def read_not_tried(kind: str, language: str) -> str:
    """Return what the channel's guide says was not tried: the first paragraph under that heading. Raises where it says nothing."""
    lines = (ROOT / "docs" / "how-to" / GUIDES[language].format(kind=kind)).read_text(encoding="utf-8").splitlines()
    start = next((number for number, line in enumerate(lines) if NOT_TRIED[language].match(line)), None)
    if start is None:
        message = f"docs/how-to/{GUIDES[language].format(kind=kind)} does not say what was not tried"
        raise SystemExit(message)
    if lines[start].startswith("## "):
        start = next(number for number in range(start + 1, len(lines)) if lines[number].strip())
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    glue = " " if language == "en" else ""
    said = glue.join(line.strip() for line in lines[start:end])
    points = read_points(lines[end:], glue)
    return f"{said} {('; ' if language == 'en' else '／').join(points)}".strip()


def read_points(lines: list[str], glue: str) -> list[str]:
    """Return the points of the list that ``lines`` begin with, an empty line before it; none where there is none."""
    points: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("- "):
            points.append(line.removeprefix("- ").strip())
        elif line.startswith("  ") and points:
            points[-1] += glue + line.strip()
        elif number:
            break
    return [point.rstrip(",;") for point in points]


def write_page(table: Table, language: str, *, made_on: str) -> str:
    """Return the page in one language."""
    words = {key: said[language] for key, said in tomllib.loads(WORDS.read_text(encoding="utf-8")).items()}
    kinds = [kind for kind in known_kinds() if kind != "import"]
    notes = Notes()
    table = {
        (SILENT, "sandbox"): Cell(passed=1, not_applicable={"its platform is a file, which nobody waits for"}),
        **table,
    }
    head = [
        f"# {words['title']}",
        "",
        words["made"].format(date=made_on, kinds=len(kinds), tests=len(contract_tests()) + 1),
    ]
    head += ["", words["legend"], ""]
    rows = ["| " + " | ".join([words["test"], *kinds]) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name in [*contract_tests(), SILENT]:
        cells = [write_cell(table.get((name, kind), Cell()), notes, words) for kind in kinds]
        rows.append("| " + " | ".join([words[name], *cells]) + " |")
    ran, runs = Counter[str](), Counter[str]()
    for (_, kind), cell in table.items():
        ran[kind] += bool(cell.passed)
        runs[kind] += cell.passed
    rows.append("| " + " | ".join([f"**{words['ran']}**", *(f"{ran[kind]} ({runs[kind]})" for kind in kinds)]) + " |")
    told = ["", f"## {words['notes']}", "", *(f"{number}. {why}" for why, number in notes.said.items())]
    live = ["", f"## {words['live']}", "", words["live_about"], ""]
    for kind in kinds:
        said = words[WITHOUT[kind]] if kind in WITHOUT else read_not_tried(kind, language)
        link = "" if kind in WITHOUT else f" [{words['guide']}](../how-to/{GUIDES[language].format(kind=kind)})"
        live.append(f"- **{kind}**: {said}{link}")
    live.append(f"- **import**: {words['import']}")
    return "\n".join([*head, *rows, *told, *live]) + "\n"


def main() -> int:
    """Run the suites, print the table, write the pages; exit 0 only when nothing failed."""
    os.environ.setdefault(ALLOW, "1")
    notebook = Notebook()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", str(SUITES), *sys.argv[1:]], plugins=[notebook])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        print("The tests did not run to their end; the pages stay as they are.")  # noqa: T201 - as below
        return int(code)
    made_on = datetime.now(UTC).date().isoformat()
    for language, name in PAGES.items():
        page = write_page(notebook.table, language, made_on=made_on)
        (ROOT / "docs" / "reference" / name).write_text(page, encoding="utf-8")
        if language == "en":
            print(page)  # noqa: T201 - a program that talks to a person
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
