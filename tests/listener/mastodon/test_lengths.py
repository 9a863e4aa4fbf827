"""Lengths are counted as the server does, and never too short."""

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from mastodon._url_regex import url_regex

from listener.channels.mastodon.lengths import Limits, count, measure_text, read_limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("緑のコート", 5),
        ("👨‍👩‍👧‍👦🇯🇵e\u0301か\u3099", 4),
        ("https://a.example", 23),
        ("https://shop.example/" + "x" * 200, 23),
        ("https://shop.example/orders/1です", 25),
        ("(https://shop.example/orders/1)", 25),
        ("見て:https://shop.example/x。", 27),
        ("two https://a.example/1 https://b.example/2", 4 + 23 + 1 + 23),
        ("@mina@far.example hello", 11),
        ("@mina hello", 11),
        ("mail help@shop.example", 22),
        ("https://nodots/" + "x" * 30, 45),
    ],
)
def test_length(text: str, length: int) -> None:
    assert count(text, LIMITS) == length


def test_a_text_with_a_name_in_front_fits_when_measure_says_so() -> None:
    text = "a" * measure_text("", LIMITS).limit
    assert count(f"@{'n' * 30}@far.example {text}", LIMITS) == LIMITS.max_characters


def count_as_the_sdk(text: str) -> int:
    """Count with the SDK's copy of the server's own patterns."""
    shortened = url_regex.sub(lambda found: found.group(2) + "x" * 23, text)
    return len(
        regex.findall(r"\X", re.sub(r"(^|[^/\w])@(\w+)@[a-z0-9.-]+[a-z0-9]+", r"\1@\2", shortened, flags=re.IGNORECASE))
    )


@given(st.text(alphabet="aé緑 .:/@#()?!&=-_~'%\n👍\u0301", max_size=60))
def test_our_count_is_never_below_the_server_s(text: str) -> None:
    # Addresses of real top level domains: the server takes no others for addresses.
    written = f"https://example.jp/{text} (http://www.example.com/{text}) @mina@far.example{text}"
    assert count(written, LIMITS) >= count_as_the_sdk(written)


@pytest.mark.parametrize("value", [None, "500", 0, -1, 99, 10**9, True, 5.5, [], {}])
def test_absurd_limits_are_not_believed(value: object) -> None:
    told = {"configuration": {"statuses": {"max_characters": value, "characters_reserved_per_url": value}}}
    assert read_limits(told).max_characters == 500
    assert read_limits(told).characters_per_link in {23, 99}
    assert read_limits(value) == LIMITS


def test_a_server_s_own_limits_are_believed() -> None:
    told = {"configuration": {"statuses": {"max_characters": 3000, "characters_reserved_per_url": 30}}}
    assert read_limits(told) == Limits(max_characters=3000, characters_per_link=30)
