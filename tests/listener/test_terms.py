"""Which texts name a term."""

import pytest

from listener.terms import Terms, clean_terms


@pytest.mark.parametrize(
    ("term", "text", "named"),
    [
        ("Mizunara", "I love MIZUNARA's coats", True),
        ("Mizunara", "Ｍｉｚｕｎａｒａのコート", True),
        ("mizunara", "#mizunara", True),
        ("mizunara", "https://mizunara.example/coats", True),
        ("Art", "a party", False),
        ("Art", "start art", True),
        ("Green Coat", "the green-coat arrived", True),
        ("Green Coat", "the green\ncoat arrived", True),
        ("Green Coat", "green raincoat", False),
        ("ミズナラ", "昨日ﾐｽﾞﾅﾗで買った", True),
        ("ミズナラ", "ミズナ料理", False),
        ("C++", "we use c++ here", True),
        ("C++", "we use c here", False),
        ("(.*)", "anything", False),
        ("-", "a-b", True),
        ("X1", "X10", False),
    ],
)
def test_a_term_is_found_as_people_would(term: str, text: str, named: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Terms([term]).named_in(text) is named


def test_without_terms_every_text_is_taken() -> None:
    assert Terms([]).named_in("")


def test_terms_are_cleaned_and_a_single_one_needs_no_list() -> None:
    assert clean_terms([" a ", "", "a", "b"]) == ("a", "b")
    assert clean_terms("a") == ("a",)
    assert clean_terms(5) == 5
