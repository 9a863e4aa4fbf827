"""The table channel × test cannot lie: no channel, no test and no guide may be missing from it."""

import re
import tomllib

import pytest

from listener.registry import known_kinds
from tests.contract_table import (
    PAGES,
    ROOT,
    SILENT,
    WITHOUT,
    WORDS,
    Cell,
    Notes,
    contract_tests,
    read_not_tried,
    write_cell,
)

LEAST = 20


def read_rows(language: str) -> list[list[str]]:
    """Return the cells of the table's rows, head first."""
    page = (ROOT / "docs" / "reference" / PAGES[language]).read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("language", PAGES)
def test_every_channel_of_the_registry_has_a_column_and_a_line_on_the_live_platform(language: str) -> None:
    kinds = [kind for kind in known_kinds() if kind != "import"]
    assert read_rows(language)[0][1:] == kinds, "renew it: make contract-table"
    page = (ROOT / "docs" / "reference" / PAGES[language]).read_text(encoding="utf-8")
    for kind in known_kinds():
        assert f"- **{kind}**: " in page


@pytest.mark.parametrize("language", PAGES)
def test_every_test_of_the_contract_has_a_row_and_nothing_failed(language: str) -> None:
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    rows = read_rows(language)[1:]
    assert [row[0] for row in rows[:-1]] == [words[name][language] for name in [*contract_tests(), SILENT]], (
        "renew it: make contract-table"
    )
    assert not [row[0] for row in rows if any(words["failed"][language] in cell for cell in row)]


def test_twenty_tests_ran_for_each_channel_whose_partner_could_be_had() -> None:
    head, *_, counts = read_rows("en")
    ran = {kind: int(re.match(r"\d+", count)[0]) for kind, count in zip(head[1:], counts[1:], strict=True)}  # type: ignore[index]
    assert {kind for kind, number in ran.items() if number < LEAST} <= {"bluesky", "email"}


@pytest.mark.parametrize("language", PAGES)
def test_each_guide_says_what_was_not_tried_against_the_live_platform(language: str) -> None:
    for kind in set(known_kinds()) - set(WITHOUT):
        assert read_not_tried(kind, language)


def test_a_cell_says_the_worst_of_its_runs() -> None:
    words = {"failed": "FAILED", "not_run": "not run", "no_such_test": "There is none."}
    assert write_cell(Cell(passed=2, applied=2), Notes(), words) == "✓"
    assert "FAILED" in write_cell(Cell(passed=5, applied=5, failed=1), Notes(), words)
    assert write_cell(Cell(), Notes(), words) == "not run <sup>1</sup>"
    assert write_cell(Cell(skipped={"no partner"}), Notes(), words) == "not run <sup>1</sup>"
    notes = Notes()
    assert write_cell(Cell(passed=1, not_applicable={"it only reads"}), notes, words) == "– <sup>1</sup>"
    assert (
        write_cell(Cell(passed=1, applied=1, overridden={"played as Etsy plays it"}), notes, words) == "✓ <sup>2</sup>"
    )
    assert write_cell(Cell(passed=2, applied=1, not_applicable={"it only reads"}), notes, words) == "✓ <sup>1</sup>"
    assert list(notes.said) == ["it only reads", "played as Etsy plays it"]
