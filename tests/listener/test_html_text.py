"""Markup becomes the text that people read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.html_text import LIMIT, read_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("<div><p>a</p></div><div>b</div>", "a\n\nb"),
        ("a<br><br><br>b", "a\n\nb"),
        ("plain 青いコート", "plain 青いコート"),
        ("<p>届きました。</p><p>色が違います。</p>", "届きました。\n\n色が違います。"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("Fish &amp; chips &lt;3 &#128557; &nbsp;ok", "Fish & chips <3 😭 \xa0ok"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<p>a\n   b</p>", "a b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<script>alert("x")</script><style>p{}</style>seen<!-- not -->', "seen"),
        (
            '<a href="https://shop.example/x"><span class="invisible">https://</span><span>shop.example/x</span></a>',
            "https://shop.example/x",
        ),
        ('<span class="h-card"><a href="#">@<span>shop</span></a></span> hello', "@shop hello"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<b>never closed", "never closed"),
        ("a < b and b > a", "a < b and b > a"),
        ("<![foo", "<![foo"),
    ],
)
def test_it_reads_as_people_do(markup: str, text: str) -> None:
    assert read_html(markup) == text


def test_deep_nesting_and_megabytes_end() -> None:
    assert "deep" in read_html("<div>" * 3_000 + "deep")
    assert len(read_html("word " * 1_000_000)) <= 400_000


@given(st.text(alphabet=st.sampled_from("<>!/&;-[]='\"pbr divx\n\x00\ud800あ"), max_size=60))
def test_whatever_arrives_it_returns_text(markup: str) -> None:
    assert isinstance(read_html(markup), str)


@pytest.mark.parametrize("flood", ["<p>x", "<div>x</div>", "<li>", "<br>", "<pre>x\n  ", "<b>"])
def test_a_flood_of_tags_is_read_in_no_time(flood: str) -> None:
    began = time.process_time()
    read_html(flood * (LIMIT // len(flood)))
    assert time.process_time() - began < 10  # it took minutes when each text looked for its parents
