"""Customers' words in a mail: short, harmless, and without their contact details."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.quoting import QUOTED_GRAPHEMES, mask_personal_data, quote


@pytest.mark.parametrize(
    "private",
    [
        "taro.yamada+shop@example.co.jp",
        "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "taro＠example.com",
        "090-1234-5678",
        "０９０－１２３４－５６７８",
        "090 1234 5678",
        "03(1234)5678",
        "0120ー123ー456",
        "+81 90 1234 5678",
        "(415) 555-0132",
        "+44 20 7946 0958",
        "+4930123456",
        "4111 1111 1111 1111",
        "4111111111111111",
        "3782-822463-10005",
        "〒150-0001",
        "〒１５０－０００１",
    ],
)
def test_what_leads_to_a_person_is_masked(private: str) -> None:
    for text in (private, f"連絡先は{private}です", f"Call me: {private}, please"):
        masked = quote(text, link_word="[link]")
        assert "***" in masked
        assert private not in masked
        assert sum(sign.isdigit() for sign in masked) == 0


@pytest.mark.parametrize(
    "harmless",
    [
        "注文番号 12345678",
        "10%OFFで1,980円でした",
        "2026-11-20に届きました",
        "サイズは22.5〜23.0cm",
        "@aoi_shop",
        "100点!",
    ],
)
def test_what_leads_to_nobody_stays(harmless: str) -> None:
    assert quote(harmless, link_word="[link]") == harmless


@pytest.mark.parametrize(
    "link", ["https://evil.example/a?b=c", "http://evil.example", "HTTPS://EVIL.EXAMPLE", "www.evil.example/x"]
)
def test_a_link_is_no_link_in_the_mail(link: str) -> None:
    assert quote(f"見て {link} ね", link_word="［リンク］") == "見て ［リンク］ ね"


def test_a_long_text_is_cut_between_whole_signs() -> None:
    family = "👩‍👩‍👧‍👦"
    cut = quote(family * 300, link_word="")
    assert cut == family * QUOTED_GRAPHEMES + "…"


def test_a_number_at_the_cut_is_masked_before_it_is_cut() -> None:
    assert "090" not in quote("あ" * (QUOTED_GRAPHEMES - 5) + "090-1234-5678", link_word="")


def test_signs_that_turn_or_hide_text_are_taken_out() -> None:
    assert quote("a\u202eb\u2066c\x00d\x1b[31me\ud800f", link_word="") == "abcd[31mef"


def test_lines_become_one() -> None:
    assert quote("one\r\n\r\n  two\tthree\u2028four", link_word="") == "one two three four"


@given(st.text(max_size=300))
def test_any_text_becomes_one_short_line(text: str) -> None:
    said = quote(text, link_word="[link]")
    assert "\n" not in said
    assert "\r" not in said
    said.encode()


@given(st.integers(0, 10**9 - 1), st.sampled_from(["-", " ", "", "・", "−"]))
def test_no_japanese_mobile_number_gets_through(number: int, sign: str) -> None:
    digits = f"{number:09d}"
    phone = f"09{digits[0]}{sign}{digits[1:5]}{sign}{digits[5:]}"
    assert mask_personal_data(f"電話は{phone}まで", link_word="") == "電話は***まで"
