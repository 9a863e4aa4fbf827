"""Two clocks on one database: one leads, the other stands by and takes over."""

import ast
from pathlib import Path

import kikite.clock


def test_the_clock_never_carries_a_send() -> None:
    source = Path(kikite.clock.__file__).read_text(encoding="utf-8")
    names = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    assert {"listen", "compose", "notice_deletions", "tidy"} <= names
    assert not names & {"send", "mail"}
    assert "dispatch" not in source.replace("carries a send", "")
