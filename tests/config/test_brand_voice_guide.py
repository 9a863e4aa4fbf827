"""The examples of the guide for marketers work as they are printed."""

import re
from pathlib import Path

import pytest

from config.prose import load_books, load_playbooks
from tests.config.conftest import DraftHome

HOW_TO = Path(__file__).parents[2] / "docs/how-to"
EXAMPLE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("guide", ["brand-voice.md", "brand-voice.ja.md"])
def test_every_example_of_the_guide_loads(home: DraftHome, guide: str) -> None:
    examples = dict(EXAMPLE.findall((HOW_TO / guide).read_text(encoding="utf-8")))
    assert len(examples) == 5
    for name, content in examples.items():
        home.write(name, content)
    book = load_books(home.path)["shop"]
    assert (len(book.faq), len(book.policies), len(book.known_issues)) == (1, 1, 1)
    assert load_playbooks(home.path)[-1].id.startswith("ours-praise-")


def test_the_guides_name_the_same_files() -> None:
    named = [
        [name for name, _ in EXAMPLE.findall((HOW_TO / guide).read_text(encoding="utf-8"))]
        for guide in ("brand-voice.md", "brand-voice.ja.md")
    ]
    assert named[0] == named[1]
