"""What is chosen of a network's scores, how sure it is, and files that are broken."""

from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import SHIPPED, ModelError
from classifier.clauses import (
    CLAUSES_FILE,
    PHRASES_FILE,
    ClauseModel,
    Phrases,
    choose,
    features_of,
    read_phrases,
    weigh,
)
from classifier.text_tokens import TextTokens
from domain.words import Language

GOOD = '{"acts": ["K", "D"], "phrases": ["", "the"], "chance": {"en": [0, -1, 0, 0, 0]}}'


def test_the_costs_of_choices_are_their_surprise() -> None:
    known = Phrases(acts=("K", "D"), phrases=("", "the"), chance={})
    acts = np.array([[2.0, 0.0], [0.0, 0.0]], np.float32)
    led = np.array([[0.0, 3.0], [1.0, 0.0]], np.float32)
    edits, costs = choose(acts, led, known)
    assert [(edit.act, edit.led_by) for edit in edits] == [("K", "the"), ("D", "")]
    assert costs[0].tolist() == pytest.approx([0.1269, 0.0486], abs=1e-3)
    assert costs[1, 0] == 0


def test_the_more_doubts_the_less_chance() -> None:
    few, many = (features_of(np.full((4, 2), cost, np.float32), 1.0, "the zip broke") for cost in (0.01, 0.5))
    weights = [0.0, -1.0, 0.0, 0.0, 0.0]
    assert 1 > weigh(few, weights) > weigh(many, weights) > 0
    assert weigh([1.0, 1e9], [0.0, 1.0]) <= 1


def test_the_list_of_phrases_is_read(tmp_path: Path) -> None:
    (tmp_path / PHRASES_FILE).write_text(GOOD)
    found = read_phrases(tmp_path / PHRASES_FILE)
    assert found == Phrases(acts=("K", "D"), phrases=("", "the"), chance={Language.EN: (0, -1, 0, 0, 0)})


@pytest.mark.parametrize("broken", ["{", "[]", '{"acts": [], "phrases": [], "chance": {"xx": [1]}}', ""])
def test_a_broken_list_of_phrases_names_its_file(broken: str, tmp_path: Path) -> None:
    if broken:
        (tmp_path / PHRASES_FILE).write_text(broken)
    with pytest.raises(ModelError, match=PHRASES_FILE):
        ClauseModel(tmp_path, TextTokens(SHIPPED / "tokenizer.json"))


def test_a_broken_graph_names_its_file(tmp_path: Path) -> None:
    (tmp_path / PHRASES_FILE).write_text(GOOD)
    (tmp_path / CLAUSES_FILE).write_bytes(b"no graph")
    with pytest.raises(ModelError, match=CLAUSES_FILE):
        ClauseModel(tmp_path, TextTokens(SHIPPED / "tokenizer.json"))
