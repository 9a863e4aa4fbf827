"""Replies that must pass or be caught: precision and recall of every rule, and what one text costs.

``python bench/checks.py`` prints the whole table, the held-out third apart.
"""

import time

import pytest

from config.check_rules import load_check_rules
from domain.words import Language
from tests.responder.checks.corpus import Example, load_examples, score

LEAST_EXAMPLES = 150
LEAST_PRECISION = 0.95
LEAST_RECALL = 0.9
LEAST_PASSING = 0.95
SLOWEST_MS = 5
"""A generous multiple of the 1 ms it may take: a busy machine must not fail the test."""
LANGUAGES = (Language.JA, Language.EN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_examples_and_every_rule_has_some(language: Language) -> None:
    examples = load_examples(language)
    caught = {one.catch for one in examples if one.catch}

    assert len(examples) >= LEAST_EXAMPLES
    assert sum(not one.catch for one in examples) >= len(examples) / 3
    assert caught == {rule.id for rule in load_check_rules().values() if rule.reads(language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_good_replies_pass_without_a_word(language: Language) -> None:
    good = [one for one in load_examples(language) if not one.catch]
    cried = [(one.text, sorted(one.found)) for one in good if one.found]

    assert 1 - len(cried) / len(good) >= LEAST_PASSING, cried


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("held_out", [False, True])
def test_rules_find_what_they_are_for_and_little_else(language: Language, *, held_out: bool) -> None:
    together = score([one for one in load_examples(language) if one.held_out is held_out])[-1]

    assert together.precision >= LEAST_PRECISION
    assert together.recall >= LEAST_RECALL


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["tune", "held"])
def test_rules_find_what_was_written_after_their_names_alone(language: Language, part: str) -> None:
    together = score(load_examples(language, part))[-1]

    assert together.precision >= LEAST_PRECISION
    assert together.recall >= LEAST_RECALL


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_read_while_it_is_typed(language: Language) -> None:
    examples = load_examples(language)
    times = sorted(_best_of_three(one) for one in examples)

    assert times[int(len(times) * 0.99)] < SLOWEST_MS


def _best_of_three(example: Example) -> float:
    spans = []
    for _ in range(3):
        start = time.perf_counter()
        example.check()
        spans.append((time.perf_counter() - start) * 1000)
    return min(spans)
