"""Cleaning: readable, storable, bounded, whatever was posted."""

import time
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning import clean_address, clean_id, clean_original
from listener.cleaning import TEXT_LIMIT, clean_moment, clean_name, clean_text
from tests.cast import NOON


@pytest.mark.parametrize(
    ("received", "text"),
    [
        ("ｺｰﾄが①着、㈱ＡＢＣ", "コートが1着、(株)ABC"),
        ("か\u3099", "が"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\tstays", "tab\tstays"),
        ("bell\x07 escape\x1b[31m \x9bred", "bell escape[31m red"),
        ("safe \u202etxt.exe\u202c \u2066isolated\u2069", "safe txt.exe isolated"),
        ("\ufeffmarked", "marked"),
        ("  around \n", "around"),
        ("👨‍👩‍👧‍👦 🇯🇵 👍🏽", "👨‍👩‍👧‍👦 🇯🇵 👍🏽"),
        ("null\x00byte \ud83d half", "null\ufffdbyte \ufffd half"),
    ],
)
def test_the_text_is_what_a_person_would_read(received: str, text: str) -> None:
    assert clean_text(clean_original(received)) == text


def test_the_original_keeps_everything_a_database_takes() -> None:
    received = "ｺｰﾄ\r\n\u202e①\x07"
    assert clean_original(received) == received


def test_a_long_post_is_cut_and_says_so() -> None:
    assert clean_text("長" * TEXT_LIMIT) == "長" * TEXT_LIMIT
    cut = clean_text("長" * (TEXT_LIMIT + 1))
    assert (len(cut), cut[-1]) == (TEXT_LIMIT, "…")
    assert clean_text(" " * 1_000_000 + "x") == "…"


def test_piled_marks_are_cut_and_cost_no_time() -> None:
    piled = "e" + "\u0301\u0316" * 500_000
    begun = time.perf_counter()
    text = clean_text(piled)
    assert len(text.rstrip("…")) <= 32
    assert time.perf_counter() - begun < 2


@given(st.text(st.characters()))
def test_cleaning_twice_is_cleaning_once(received: str) -> None:
    text = clean_text(clean_original(received))
    assert clean_text(clean_original(text)) == text
    assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in text if character not in "\n\t"}
    text.encode()


@given(st.text(st.characters()))
def test_names_are_one_storable_line(received: str) -> None:
    name = clean_name(received)
    assert len(name) <= 200
    assert not set(name) & set("\n\r\t\x00\u202e")
    name.encode()


def test_names_are_not_normalised() -> None:
    assert clean_name("  ①ｱﾔ\n☆ ") == "①ｱﾔ ☆"


def test_long_ids_stay_apart() -> None:
    first, second = clean_id("x" * 1000 + "1", 512), clean_id("x" * 1000 + "2", 512)
    assert first != second
    assert len(first) == len(second) == 512
    assert clean_id("short", 512) == "short"


@pytest.mark.parametrize(
    ("received", "address"),
    [
        ("https://social.example/p/1?x=é", "https://social.example/p/1?x=é"),
        (" HTTP://social.example ", "HTTP://social.example"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://a.example/ onclick=x", ""),
        ("//social.example", ""),
        ("https://a.example/" + "x" * 3000, ""),
        ("https://a.example/\x01\x9b", ""),
        ("https://a.example/\u202egpj.exe", ""),
        ("https://a.example/\x00", ""),
        ("https://a.example/\ud83d", ""),
    ],
)
def test_only_web_addresses_pass(received: str, address: str) -> None:
    assert clean_address(received) == address


def test_a_time_no_calendar_holds_is_now() -> None:
    assert clean_moment(datetime(2026, 1, 1), now=NOON) == datetime(2026, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - naive on purpose
    assert clean_moment(datetime.fromisoformat("0001-01-01T00:00:00+09:00"), now=NOON) == NOON
