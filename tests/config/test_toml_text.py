"""The line of every key is found, whatever stands between."""

import string
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.toml_text import KeyPath, index_lines, line_of

TEXT = '''# [no.table]
a = 1 # [not a table]
text = """
[not.a.table]
b = 2
  \\""" still inside
""""
c = [
  "[[no]]", # ]
  [1, 2],
  """
  ] """,
]
raw = \'\'\'
d = "
\'\'\'
"quoted key".'other' = 3
dotted.key.x = { e = 1, f = ["}"] }

[table]
a = 'it"s'
[table."sub.table"]
x = 1
[[list]]
x = 1
[list.inner]
y = 1
[[list.deep]]
z = 1
[[list.deep]]
z = 2
[[list]]
x = 2
[[list.deep]]
z = 3'''


def test_keys_are_found_past_strings_comments_arrays_and_repeated_tables() -> None:
    tomllib.loads(TEXT)
    lines = index_lines(TEXT)
    assert {path: lines[path] for path in lines if len(path) > 0} == {
        ("a",): 2,
        ("text",): 3,
        ("c",): 8,
        ("raw",): 14,
        ("quoted key",): 17,
        ("quoted key", "other"): 17,
        ("dotted",): 18,
        ("dotted", "key"): 18,
        ("dotted", "key", "x"): 18,
        ("table",): 20,
        ("table", "a"): 21,
        ("table", "sub.table"): 22,
        ("table", "sub.table", "x"): 23,
        ("list",): 24,
        ("list", 0): 24,
        ("list", 0, "x"): 25,
        ("list", 0, "inner"): 26,
        ("list", 0, "inner", "y"): 27,
        ("list", 0, "deep"): 28,
        ("list", 0, "deep", 0): 28,
        ("list", 0, "deep", 0, "z"): 29,
        ("list", 0, "deep", 1): 30,
        ("list", 0, "deep", 1, "z"): 31,
        ("list", 1): 32,
        ("list", 1, "x"): 33,
        ("list", 1, "deep"): 34,
        ("list", 1, "deep", 0): 34,
        ("list", 1, "deep", 0, "z"): 35,
    }


def test_a_key_within_an_inline_table_has_the_line_of_what_is_around_it() -> None:
    lines = index_lines(TEXT)
    assert line_of(lines, ("dotted", "key", "x", "f", 0)) == 18
    assert line_of(lines, ("unknown",), default=7) == 7


names = st.text(string.ascii_lowercase, min_size=1, max_size=4)
values = st.text(st.sampled_from("a\"'[]{}#\\\n=é"), max_size=12)


@given(st.lists(st.tuples(names, values), max_size=8, unique_by=lambda pair: pair[0]))
def test_the_lines_found_are_those_of_the_keys_for_any_strings(pairs: list[tuple[str, str]]) -> None:
    text, expected = "", {}
    for name, value in pairs:
        expected[name,] = text.count("\n") + 1
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        quoted = f'"""{escaped}"""' if "\n" in value else f'"{escaped}"'
        text += f"{name} = [{quoted}]\n"
    data: dict[str, Any] = tomllib.loads(text)
    found: dict[KeyPath, int] = index_lines(text)
    assert [data[name][0] for name, _ in pairs] == [value.removeprefix("\n") for _, value in pairs]
    assert found == expected
