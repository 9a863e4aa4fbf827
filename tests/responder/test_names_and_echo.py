"""How people are addressed, and what of their words is named back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.words import Language
from responder.echo import LISTS, find_echo
from responder.names import address
from responder.wordlists import read_words

JA, EN = Language.JA, Language.EN


@pytest.mark.parametrize(
    ("shown", "in_japanese", "in_english"),
    [
        ("ゆき@子育て中", "ゆき", ""),
        ("佐藤 花子", "佐藤花子", ""),
        ("☆みほ☆", "みほ", ""),
        ("🐱ねこ🐱", "ねこ", ""),
        ("山田さん", "山田", ""),
        ("凛", "凛", ""),
        ("Yuki", "Yuki", "Yuki"),
        ("Emma Jones", "Emma Jones", "Emma"),
        ("EMMA", "Emma", "Emma"),
        ("José", "José", "José"),
        ("O'Neil", "", ""),
        ("Mary-Ann | Berlin", "Mary-Ann", "Mary-Ann"),
        ("sam", "", ""),
        ("green bean", "", ""),
        ("Wavy Davey", "", ""),
        ("Coach Bell", "", ""),
        ("WHISKY", "", ""),
        ("Hazel Green", "Hazel Green", "Hazel"),
        ("Ivy", "Ivy", "Ivy"),
        ("ユキ", "ユキ", ""),
        ("まめ太", "まめ太", ""),
        ("田中ゆき", "田中ゆき", ""),
        ("たまちゃん", "", ""),
        # Handles, and words.
        ("sale_hunter", "", ""),
        ("kutsushita_love", "", ""),
        ("big_69", "", ""),
        ("Tokyo_walk", "", ""),
        ("Emma_J", "", ""),
        ("emma99", "", ""),
        ("@hana", "", ""),
        ("hana", "", ""),
        ("mama", "", ""),
        ("Mama", "", ""),
        ("Kessai", "", ""),
        ("うっかり", "", ""),
        ("東京", "", ""),
        ("セール", "", ""),
        ("世界一", "", ""),
        ("大好き", "", ""),
        ("帽子", "", ""),
        ("あ", "", ""),
        ("あああ", "", ""),
        ("返金しろ", "", ""),
        ("店長は嘘つき", "", ""),
        ("株式会社テスト", "", ""),
        ("名無しさん", "", ""),
        ("user123", "", ""),
        ("IGNORE ALL RULES", "", ""),
        ("Customer Support", "", ""),
        ("Dr. Smith", "", ""),
        ("A B", "", ""),
        ("https://evil.example", "", ""),
        ("evil.com", "", ""),
        ("Z̴a̷l̸g̶o̵", "", ""),
        ("Иван", "", ""),
        ("", "", ""),
    ],
)
def test_only_what_looks_like_a_name_is_used(shown: str, in_japanese: str, in_english: str) -> None:
    assert address(shown, language=JA) == in_japanese
    assert address(shown, language=EN) == in_english


def test_nobody_is_addressed_as_the_shop() -> None:
    assert address("ミズナラ", language=JA, brand_words=("ミズナラ",)) == ""
    assert address("Mizunara", language=EN, brand_words=("mizunara",)) == ""


@given(shown=st.text(max_size=40))
def test_any_name_is_short_and_plain_or_none(shown: str) -> None:
    for language in (JA, EN):
        name = address(shown, language=language)
        assert len(name) <= 28
        assert not set(name) & set("<>{}@#:/\\\n\u202e\u200b0123456789")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "緑のコートを頼んだのに青いコートが届いた",
            {"ordered": "緑のコート", "received": "青いコート", "item": "コート"},
        ),
        (
            "届いたのは青いコート、注文したのは緑です",
            {"ordered": "緑のコート", "received": "青いコート", "item": "コート"},
        ),
        (
            "MサイズのシャツなのにLサイズが届きました",
            {"ordered": "Mサイズのシャツ", "received": "Lサイズのシャツ", "item": "シャツ"},
        ),
        (
            "グリーンのニットを買ったらブラックのやつが入ってた",
            {"ordered": "グリーンのニット", "received": "ブラックのニット", "item": "ニット"},
        ),
        ("もう2週間待ってるのに靴が届かない", {"item": "靴", "waited": "2週間"}),
        ("12月10日に届くはずのバッグがまだ来ない", {"item": "バッグ"}),
        ("面白いワンピースをありがとう", {"item": "ワンピース"}),
        ("渋谷店の接客が残念", {"place": "渋谷店", "detail": "スタッフの対応"}),
        ("クソ店の対応", {"detail": "スタッフの対応"}),
        ("ユニットバス", {}),
        ("", {}),
    ],
)
def test_the_thing_is_named_in_japanese(text: str, named: dict[str, str]) -> None:
    found = {name: said for name, said in find_echo(text, JA).items() if name not in {"matter", "subject"}}

    assert found == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "I ordered a green winter coat and got a blue one",
            {"ordered": "a green winter coat", "received": "a blue one", "item": "winter coat"},
        ),
        (
            "I got a blue coat instead of the green one",
            {"ordered": "a green coat", "received": "a blue one", "item": "coat"},
        ),
        (
            "The blue coat arrived but I ordered green",
            {"ordered": "a green coat", "received": "a blue one", "item": "coat"},
        ),
        (
            "ordered size 8 boots, received size 6",
            {"ordered": "size 8 boots", "received": "size 6 ones", "item": "boots"},
        ),
        (
            "Ordered an olive cardigan. A red dress came.",
            {"ordered": "an olive cardigan", "received": "a red dress", "item": "cardigan"},
        ),
        ("Been waiting for three weeks for my kettle", {"item": "kettle", "waited": "three weeks"}),
        ("after 1 week still nothing", {"waited": "a week"}),
        ("the coating on it", {}),
        ("", {}),
    ],
)
def test_the_thing_is_named_in_english(text: str, named: dict[str, str]) -> None:
    assert dict(find_echo(text, EN)) == named


@given(text=st.text(max_size=200), japanese=st.booleans())
def test_nothing_but_our_own_words_is_named(text: str, *, japanese: bool) -> None:
    lists = read_words("echo")["ja" if japanese else "en"]
    said = {entry["say"] for key in LISTS for entry in lists.get(key, ())}

    found = find_echo(text, JA if japanese else EN)

    assert all(found[name] in said for name in LISTS if name in found)
    assert all(len(value) <= 60 for value in found.values())


def test_what_came_off_did_not_come_in_the_parcel() -> None:
    found = find_echo("Love the coat. Belt loops came off the first day though.", EN)
    assert "received" not in found


@pytest.mark.parametrize(
    ("text", "variable", "said"),
    [
        ("My cashmere jumper shrank in the wash", "matter", "the jumper shrank in the wash"),
        ("The jumper I got has a hole under the arm", "matter", "there was a hole in the jumper"),
        ("Could you tell me how to wash the linen trousers?", "subject", "how to wash the linen trousers"),
        ("How do I wash it?", "subject", "how to wash it"),
    ],
)
def test_the_thing_stands_in_the_place_of_it(text: str, variable: str, said: str) -> None:
    assert find_echo(text, Language.EN)[variable] == said


@pytest.mark.parametrize(
    ("shown", "language", "greeted"),
    [
        ("Kenji & Laura", Language.EN, "Kenji and Laura"),
        ("Tom and Emma Jones", Language.EN, "Tom and Emma"),
        ("Emma & friends", Language.EN, ""),
        ("Tom & Emma", Language.JA, ""),
    ],
)
def test_who_shares_an_account_is_greeted_with_the_other_or_not_at_all(
    shown: str, language: Language, greeted: str
) -> None:
    assert address(shown, language=language) == greeted


@pytest.mark.parametrize("text", ["ボタンが取れてたんやけど", "うちは福岡やけど、まだ来ん", "ええ店なんやけどな"])
def test_a_dialect_but_is_no_burn(text: str) -> None:
    assert "harm" not in find_echo(text, JA)


@pytest.mark.parametrize("text", ["指をやけどした", "手にやけど。", "低温やけどと言われました", "火傷しました"])
def test_a_burn_is_named(text: str) -> None:
    assert find_echo(text, JA)["harm"] == "やけどをされた"


def test_a_wheelchair_is_no_chair() -> None:
    assert "item" not in find_echo("車椅子で来店しました", JA)
    assert find_echo("椅子の脚が折れた", JA)["item"] == "椅子"


def test_a_receipt_held_as_proof_is_nobody_elses() -> None:
    assert "レシート" not in find_echo("返却10分前のスタンドのレシートあります", JA).get("matter", "")


@pytest.mark.parametrize(
    ("text", "ordered", "received"),
    [
        ("The jumper arrived in green instead of blue", "a blue jumper", "a green one"),
        ("My trousers came in grey instead of black", "black trousers", "grey ones"),
        ("My coat arrived in red instead of navy", "a navy coat", "a red one"),
        ("Ordered size M, got a rice cooker", "", ""),
    ],
)
def test_what_came_instead_is_told_only_where_the_post_says_how_it_differs(
    text: str, ordered: str, received: str
) -> None:
    found = find_echo(text, Language.EN)
    assert (found.get("ordered", ""), found.get("received", "")) == (ordered, received)


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("My gift card shows nothing on it!", True),
        ("Gift card balance is zero, why?", True),
        ("The gift card you sent has £0 on it", True),
        ("This gift card came with no money on it", True),
        ("Can't pay. Card, PayPal, gift card, nothing. Checkout just spins.", False),
        ("Tried card, PayPal and gift card and nothing works", False),
        ("The gift card has nothing to do with it", False),
    ],
)
def test_a_gift_card_is_empty_only_where_the_post_says_so(text: str, *, empty: bool) -> None:
    said = find_echo(text, language=Language.EN).get("matter", "")
    assert ("gift card shows nothing" in said) is empty


@pytest.mark.parametrize(
    ("text", "language", "denied"),
    [
        ("The zip isn't broken but the lining is torn", Language.EN, "the zip broke"),
        ("二重請求ではなく三重請求でした", Language.JA, "二重にお引き落としがあった"),
        ("もう連絡しないで", Language.JA, "お返事が届いていない"),
    ],
)
def test_what_the_post_says_is_not_so_is_not_said_back(text: str, language: Language, denied: str) -> None:
    assert denied not in find_echo(text, language).values()


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("The zip broke", Language.EN, "the zip broke"),
        ("二重請求されています", Language.JA, "二重にお引き落としがあった"),
        ("連絡がない", Language.JA, "お返事が届いていない"),
    ],
)
def test_what_the_post_says_is_so_is_said_back(text: str, language: Language, told: str) -> None:
    assert told in find_echo(text, language).values()
