"""Words, differences and other small things that pages stand on."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.locale import LANGUAGES, catalogue
from desk.differences import compare
from desk.rendering import HERE, said_ago, short_span
from desk.words import say, say_done
from storage.reviews import count_changed
from tests.cast import NOON


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_code_is_shown_as_it_is_instead_of_breaking_a_page(language: str) -> None:
    assert say("labels.topic.from_the_future", language) == "from_the_future"
    assert say("no_such_area.code", language) == "code"
    assert say_done("<script>", language) == ""


def test_stored_values_that_do_not_fill_the_sentence_do_not_break_it() -> None:
    assert "{length}" in say("checks.too_long", "en", wrong="1")


def test_every_word_a_template_asks_for_exists() -> None:
    known = catalogue("desk")
    asked = set()
    for template in (HERE / "templates").rglob("*.html"):
        asked |= set(re.findall(r"\b(?:t|isolated)\(\"([a-z_.]+[a-z_])\"", template.read_text(encoding="utf-8")))
    assert len(asked) > 100
    assert [key for key in sorted(asked) if key not in known] == []


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "0分", "0 min"),
        (59, "59分", "59 min"),
        (60, "1時間", "1 h"),
        (60 * 24 * 3, "3日", "3 d"),
        (-5, "0分", "0 min"),
    ],
)
def test_spans_are_short(minutes: int, ja: str, en: str) -> None:
    assert short_span(timedelta(minutes=minutes), language="ja") == ja
    assert short_span(timedelta(minutes=minutes), language="en") == en


def test_ages_are_told_as_people_do() -> None:
    assert said_ago(NOON - timedelta(seconds=20), NOON, "ja") == "たった今"
    assert said_ago(NOON - timedelta(minutes=12), NOON, "en") == "12 min ago"


@given(before=st.text(max_size=80), after=st.text(max_size=80))
def test_a_difference_read_without_its_additions_or_removals_is_either_text(before: str, after: str) -> None:
    stretches = compare(before, after)
    if before == after:
        assert stretches == ()
    else:
        assert "".join(part.text for part in stretches if part.change != "added") == before
        assert "".join(part.text for part in stretches if part.change != "removed") == after


def test_a_difference_is_in_words_of_english_and_signs_of_japanese() -> None:
    told = [(part.change, part.text) for part in compare("the green coat", "the blue coat")]
    assert told == [("kept", "the "), ("removed", "green"), ("added", "blue"), ("kept", " coat")]
    told = [(part.change, part.text) for part in compare("緑のコート", "青のコート")]
    assert told == [("removed", "緑"), ("added", "青"), ("kept", "のコート")]


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_the_number_of_changed_signs_is_nothing_only_for_equal_texts(before: str, after: str) -> None:
    changed = count_changed(before, after)
    assert (changed == 0) == (before == after)
    assert changed <= len(before) + len(after)


def test_very_long_texts_are_compared_in_a_blink() -> None:
    before, after = "あい" * 5000, "いあ" * 5000
    assert count_changed(before, after) > 0
    assert compare(before, after)
