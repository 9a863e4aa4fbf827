"""Reddit's markup as the text people read."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.channels.reddit.markdown import read_markdown, write_markdown
from tests.partners.reddit_state import as_read


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("**bold *and* more** and _this_ ~~not this~~", "bold and more and this not this"),
        ("the [shop](https://s.example/a_(b)) here", "the shop (https://s.example/a_(b)) here"),
        ("[https://s.example](https://s.example)", "https://s.example"),
        ('[w\\]x](https://s.example "title")', "w]x (https://s.example)"),
        ("[the rules](/r/coats/wiki)", "the rules"),
        ("![gif](giphy|abc) ![img](x1y2)", "gif img"),
        ("https://x.example/a_b_c *and* https://x.example/a\\_b", "https://x.example/a_b_c and https://x.example/a_b"),
        ("https://x.example/?a=1&amp;b=2&copy=3", "https://x.example/?a=1&b=2&copy=3"),
        ("1 &lt; 2 &amp;&#32;&#x3042; &unknown; &#xffffff;", "1 < 2 & あ &unknown; \ufffd"),
        ("# Title #\n\ntext  \nnext\\\nlast", "Title\n\ntext\nnext\nlast"),
        ("`co_d*e*` and ``a ` b``", "co_d*e* and ``a ` b``"),
        ("```python\nx = *y*\n```\nend", "x = *y*\nend"),
        ("~~~\na_b_c\n\n**d**\n~~~", "a_b_c\n\n**d**"),
        (">!the end!< of it", "the end of it"),
        ("10^6 is 2^n ^tiny ^(small print)", "10^6 is 2^n tiny small print"),
        ("> quoted\n\nanswer", "> quoted\n\nanswer"),
        ("2 * 3 * 4, snake_case_name, a*b, 5 *", "2 * 3 * 4, snake_case_name, a*b, 5 *"),
        ("^^; (^o^) ¯\\\\\\_(ツ)\\_/¯", "^^; (^o^) ¯\\_(ツ)_/¯"),
        ("\\*not bold\\* \\# C:\\\\dir \\n", "*not bold* # C:\\dir \\n"),
        ("a\r\nb\x00c", "a\nb\ufffdc"),
        ("", ""),
    ],
)
def test_marks_are_taken_away_and_words_stay(body: str, text: str) -> None:
    assert read_markdown(body) == text


PLAIN = st.text(
    alphabet=st.sampled_from("ab12 あ家。、！😢*_~`^[]()<>!#+-=.|&;\\/:@\"'{}$%?,"), min_size=1, max_size=60
).map(lambda text: " ".join(text.split()))


@settings(deadline=None)
@given(PLAIN)
def test_any_line_that_we_write_is_read_back_by_us_as_it_was(line: str) -> None:
    assert read_markdown(write_markdown(line)) == line


@settings(deadline=None)
@given(PLAIN)
def test_any_line_that_we_write_is_read_by_others_as_it_was(line: str) -> None:
    assert as_read(write_markdown(line)) == line


@pytest.mark.parametrize(
    "piece",
    [
        "*a ",
        "_a ",
        "[",
        "[a](",
        "`a",
        "~~a",
        ">!a",
        "^(",
        "```\n",
        "~~~\n",
        "(",
        "\\",
        "https://",
        "&",
        "[x](a(",
        "# ",
        "\n",
    ],
)
def test_no_body_takes_long_however_hostile(piece: str) -> None:
    body = (piece * 40_000)[:40_000]
    begun = time.process_time()
    read_markdown(body)
    write_markdown(body)
    assert time.process_time() - begun < 3
