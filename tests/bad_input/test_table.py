"""The two documents and the tests say the same: the same rows in both, and the words shown are the words checked."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "docs" / "reference" / "bad-input.md"
JAPANESE = ROOT / "docs" / "reference" / "bad-input.ja.md"
LEAST_ROWS = 34
COMMAND = re.compile(r"kikite( [a-z]+)+|--[a-z]+'?")
"""What stands in backticks as a thing to type, not as words people read."""


@cache
def documented(document: Path) -> dict[str, str]:
    """Return what each row says one sees, by the row's mark."""
    rows = {}
    for line in document.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and re.fullmatch(r"`[a-z0-9-]+`", cells[3]):
            mark = cells[3].strip("`")
            assert mark not in rows, mark
            assert all(cells)
            rows[mark] = cells[1].replace("\\|", "|")
    return rows


@cache
def read_marks() -> dict[str, str]:
    """Return every text in the source of each test, by its row."""
    rows = {}
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for test in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
            for decorator in test.decorator_list:
                if (
                    isinstance(decorator, ast.Call)
                    and isinstance(decorator.func, ast.Name)
                    and decorator.func.id == "row"
                ):
                    (mark,) = [each.value for each in decorator.args if isinstance(each, ast.Constant)]
                    assert mark not in rows, mark
                    texts = [node.value for node in ast.walk(test) if isinstance(node, ast.Constant)]
                    rows[str(mark)] = "\n".join(text for text in texts if isinstance(text, str))
    return rows


@cache
def catalogue() -> list[tuple[str, str]]:
    """Return every sentence of the product in English and Japanese."""
    pairs: list[tuple[str, str]] = []

    def collect(table: dict[str, object]) -> None:
        if isinstance(table.get("en"), str) and isinstance(table.get("ja"), str):
            pairs.append((str(table["en"]), str(table["ja"])))
        for inner in table.values():
            if isinstance(inner, dict):
                collect(inner)

    for file in sorted((ROOT / "config" / "locale").glob("*.toml")):
        collect(tomllib.loads(file.read_text(encoding="utf-8")))
    return pairs


def is_said_in(phrase: str, sentence: str) -> bool:
    """Tell whether ``phrase`` is part of ``sentence``, whatever stands for its ``{names}``."""
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence))
    return phrase in sentence or re.fullmatch(pattern, phrase) is not None


def phrases(cell: str) -> list[str]:
    return [said for said in re.findall(r"`([^`]+)`", cell) if not COMMAND.fullmatch(said)]


def test_both_documents_and_the_tests_have_the_same_rows_in_the_same_order() -> None:
    assert set(documented(ENGLISH)) == set(read_marks())
    assert list(documented(JAPANESE)) == list(documented(ENGLISH))
    assert len(read_marks()) >= LEAST_ROWS


@pytest.mark.parametrize("mark", sorted(documented(ENGLISH)))
def test_the_words_in_the_documents_are_the_words_that_the_test_checks(mark: str) -> None:
    japanese = documented(JAPANESE)[mark]
    for said in phrases(documented(ENGLISH)[mark]):
        assert said in read_marks()[mark]
        if f"`{said}`" not in japanese:
            ours = [ja for en, ja in catalogue() if is_said_in(said, en)]
            assert any(is_said_in(quoted, ja) for quoted in re.findall("「([^」]+)」", japanese) for ja in ours), said
    for quoted in re.findall("「([^」]+)」", japanese):
        assert any(is_said_in(quoted, ja) for _, ja in catalogue()), quoted
