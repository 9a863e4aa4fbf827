"""Wordings and sketches: what counts as the same text, what does not, and that no text is too strange."""

import subprocess
import sys
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.sketches import REACTIONS, Sketch, is_repeat, read_wording, sketch_wording

COAT_JA = "緑の冬コートを注文したのに青が届きました。土曜の結婚式に着ていく予定だったので困っています。交換できますか？"
COAT = "I ordered the green winter coat and got a blue one. The wedding is on Saturday, what do I do now?"


def say_same(one: str, other: str) -> bool:
    return is_repeat(read_wording(one), read_wording(other))


def sketch(text: str, *, brand: str = "midori", author: str = "aya") -> Sketch:
    return sketch_wording(read_wording(text), brand=brand, author=author, least_weight=40)


def finds(later: str, lead: str, *, brand: str = "midori") -> bool:
    """Whether a later text of somebody else is looked up where the lead is kept."""
    return bool(set(sketch(later, author="emi", brand=brand).sought) & set(sketch(lead).kept))


@pytest.mark.parametrize(
    "dressed",
    [
        f"RT @mika_s: {COAT}",
        f"rt @mika.example.com:{COAT}",
        f"RT @one: RT @two: {COAT}",
        f"{COAT.upper()}!!! 😭😭 https://t.co/abc",
        f"@shop @friend@social.example {COAT} www.example.com/x",
        COAT.replace(" ", "\n  "),
        COAT.translate({ord(letter): ord(letter) + 0xFEE0 for letter in "ABCDIabcdeghilnorstuvw"}),
        f"{COAT} #wrong",
        f"{COAT} @our_shop #wrong https://shop.example/sale/",
        f"{COAT} https://x.com/mika_s/status/1234567890/photo/1",
        f"This!! {COAT}",
        f"Same: RT @mika_s: {COAT}",
        f"{COAT} Please share. #wrong",
        f"【拡散希望】{COAT}",
        f"{COAT} ほんとこれ",
    ],
)
def test_dress_does_not_matter(dressed: str) -> None:
    assert say_same(COAT, dressed)
    assert finds(dressed, COAT)


def test_a_comment_before_a_repost_is_a_text_of_its_own() -> None:
    assert not say_same(COAT, f"Exactly what happened to my sister last week, twice in a row! RT @mika_s: {COAT}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My parcel 4711 has not arrived and nobody answers my mails.", "My parcel 4712 has not arrived and nobody answers my mails."),
        ("Charged 1,200 yen twice for the very same order, please help", "Charged 1,800 yen twice for the very same order, please help"),
        ("12月3日に届くはずの商品がまだ届きません。どうなっていますか。", "12月4日に届くはずの商品がまだ届きません。どうなっていますか。"),
        ("12月3日に届くはずの商品がまだ届きません。", "12月3日に届くはずの商品がまだ届きません。注文番号は88です。"),
    ],
)  # fmt: skip
def test_another_figure_is_another_case_and_shares_no_number(one: str, other: str) -> None:
    assert not say_same(one, other)
    assert not finds(other, one)


def test_full_width_figures_are_the_same_figures() -> None:
    assert say_same("注文番号１２３の商品がまだ届いていません", "注文番号123の商品がまだ届いていません")


def test_a_few_words_more_are_the_same_text_and_many_are_not() -> None:
    assert say_same(COAT_JA, COAT_JA + "拡散希望")
    assert not say_same(
        COAT_JA, COAT_JA + "前にも同じことがありました。問い合わせても返事がなく、電話もつながりません。"
    )


def test_texts_about_the_same_thing_are_not_the_same_text() -> None:
    texts = [
        COAT_JA,
        "注文した緑のコートではなく青いコートが届きました。交換してもらえますか？週末に必要です。",
        "コートの色が違います。緑を頼んだのに青。結婚式に間に合うでしょうか。",
        COAT,
        "Got a blue coat instead of the green one I had ordered. How do I exchange it before Saturday?",
    ]
    assert not any(say_same(one, other) for one, other in combinations(texts, 2))


@pytest.mark.parametrize("short", ["ありがとう", "still waiting", "届きました！", "草", "😭😭😭", "https://example.com/only/an/address", ""])  # fmt: skip
def test_short_words_have_no_number_that_another_person_could_share(short: str) -> None:
    assert not finds(short, short)


def test_a_persons_own_words_again_share_a_number_unless_they_are_small_talk() -> None:
    assert sketch("まだ届きません") == sketch("まだ届きません！") != Sketch()
    assert sketch("草") == sketch("ok") == Sketch()


def test_cjk_characters_weigh_two() -> None:
    assert read_wording("届きません。ABC").weight == 13
    assert read_wording("가나다").weight == 6


def test_another_brands_cases_are_never_found() -> None:
    assert not finds(COAT, COAT, brand="aoyama")


def test_numbers_are_the_same_in_every_process() -> None:
    code = f"from tests.listener.test_sketches import sketch; print(sketch({COAT_JA!r}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(sketch(COAT_JA))
    assert all(0 <= number < 2**63 for number in sketch(COAT_JA).kept)


ROUND = "I have written to you three times about this and nobody has answered me so far, what is going on over there?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{ROUND} https://shop.example/orders/98765", f"{ROUND} https://shop.example/orders/11111"),
        (f"{ROUND} https://shop.example/o?id=98765", f"{ROUND} https://shop.example/o?id=11111"),
        (f"See https://shop.example/orders/98765. {ROUND}", f"See https://shop.example/orders/11111. {ROUND}"),
        (f"{ROUND} https://shop.example/orders/98765", ROUND),
        (f"{ROUND} https://shop.example/a", f"{ROUND} https://shop.example/b"),
        (f"{ROUND} Order #MZQKT", f"{ROUND} Order #MZRBW"),
        (f"{ROUND} Order no. MZQKT", f"{ROUND} Order no. MZRBW"),
        (f"{ROUND} #MZQKT", ROUND),
        (f"{ROUND} #order12", ROUND),
        (f"{ROUND} #red", f"{ROUND} #blue"),
        (f"{ROUND} Article A-12B-X.", f"{ROUND} Article A-12C-X."),
        (f"@one {ROUND} It was sold by @mika on the market.", f"@one {ROUND} It was sold by @ken on the market."),
        (f"{ROUND} Mail me: aya@one.example", f"{ROUND} Mail me: aya@two.example"),
        ("コートを三着注文したのに、届いた箱は空でした。どうなっているのでしょうか。", "コートを二着注文したのに、届いた箱は空でした。どうなっているのでしょうか。"),
        ("受付の整理券は十二番でしたが、二時間たっても呼ばれませんでした。", "受付の整理券は十三番でしたが、二時間たっても呼ばれませんでした。"),
        ("番号はABCDですが、まだ何の連絡もいただけていません。困っています。", "番号はABCEですが、まだ何の連絡もいただけていません。困っています。"),
        (f"{ROUND} You say it is not your problem.", f"{ROUND} You say it is now your problem."),
        (f"{ROUND} I ordered the red coat in June.", f"{ROUND} I ordered the blue coat in June."),
        (f"{ROUND} A torn zip, nobody answered.", f"{ROUND} No torn zip, somebody answered."),
        (f"{ROUND} I was charged $20 for it.", f"{ROUND} I was charged €20 for it."),
        (f"{ROUND} Take 1 23 of them.", f"{ROUND} Take 12 3 of them."),
        (f"{COAT_JA}交換は○", f"{COAT_JA}交換は×"),
        (COAT_JA, f"{COAT_JA}私も緑でした"),
        (COAT_JA, f"{COAT_JA}解決しました"),
        (COAT, f"Not true! {COAT}"),
        (COAT, f"{COAT} Me too"),
        (COAT, f"{COAT} I will never buy this"),
        ("प्रश्न का उत्तर नहीं मिला और सामान की हालत बहुत खराब थी", "प्रश्न का उत्तर नहीं मिला और सामान का हालत बहुत खराब थी"),
    ],
)  # fmt: skip
def test_a_word_figure_name_or_code_that_differs_is_another_case(one: str, other: str) -> None:
    assert not say_same(one, other)
    assert not say_same(other, one)


def test_tracking_parts_the_way_it_is_written_and_a_cut_address_do_not_matter() -> None:
    address = "shop.example/orders/98765"
    for other in (f"https://www.{address}/?utm_source=x&fbclid=1a2", "HTTP://SHOP.example/orders/98765?si=77."):
        assert say_same(f"{ROUND} https://{address}", f"{ROUND} {other}")
    assert say_same(f"{ROUND} https://shop.example/coats", f"{ROUND} https://shop.exa…")


def test_a_copy_that_was_cut_off_is_found_at_any_length_it_may_have() -> None:
    for size in range(len(COAT_JA) - 10, len(COAT_JA)):
        cut = f"RT @mika_s: {COAT_JA[:size]}…"
        assert say_same(COAT_JA, cut)
        assert finds(cut, COAT_JA)


def test_what_was_cut_off_stands_for_no_longer_text_and_hides_no_figure() -> None:
    assert not say_same(COAT_JA[:-6] + "…", COAT_JA)
    assert not say_same(COAT_JA, COAT_JA[: len(COAT_JA) // 2] + "…")
    assert not say_same(COAT_JA, COAT_JA[:-6])
    assert not say_same(f"{ROUND} My order is 98765.", f"{ROUND} My order is 98…")
    assert not say_same(f"{ROUND} My order is 98765.", f"{ROUND} My order is…")
    assert not say_same(f"{ROUND} Order no. MZQKT.", f"{ROUND} Order no…")


def test_reactions_are_said_with_letters_alone() -> None:
    assert {read_wording(f"{word}a").letters.removesuffix("a") for word in REACTIONS} == REACTIONS


@pytest.mark.parametrize(
    "bit", ["@", "#a", "@a@", "...", "www.", "rt @a ", "_", "これ ", "no. A", "千", "this!", "http://", " \n", "番号 "]
)
def test_reading_the_longest_texts_grows_with_their_length(bit: str) -> None:
    """Four times the text takes about four times as long; sixteen times would be a pattern that goes back again and again."""
    spent = []
    for length in (5_000, 20_000):
        long = (bit * length)[:length]
        began = time.process_time()
        assert is_repeat(read_wording(long), read_wording(long + "…")) in {True, False}
        spent.append(time.process_time() - began)
    assert spent[1] < 10 * spent[0] + 2  # room for a busy machine: going back again and again takes minutes


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert say_same(one, one)
    assert say_same(one, other) in {True, False}
    assert len(sketch(one).kept) in {0, 1, 2}
