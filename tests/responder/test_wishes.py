"""What customers want done: said in our words, and only where it is a wish."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.words import Language
from responder.wishes import find_wish, is_remedy, speaks_of
from responder.wordlists import read_words
from tests.responder.attempts import ATTEMPTS, Attempt
from tests.responder.composing import COMPLAINT, draft

JA, EN = Language.JA, Language.EN

JAPANESE = [
    ("もう待てないんでキャンセルしてください。いい加減にしろ。", "お取り消し"),
    ("昨日注文した靴、キャンセルしたいです", "ご注文のお取り消し"),
    ("同じシャツ2枚頼んどった笑 1枚だけキャンセルできる?", "1枚のみのお取り消し"),
    ("引き落としが二重です。片方を取り消してください", "ご請求の取り消し"),
    ("もう二度と買わんわ。金返せ", "ご返金"),
    ("同じ額が2件。早急に返金してください", "ご返金"),
    ("翌日30%オフになってて泣いた。差額返してもらえたりしないの?差額を返してほしい", "差額のご返金"),
    ("もう笑うしかない。返品でお願いします", "ご返品"),
    ("先週買ったシャツ、脇がほつれました。交換ってできますか?", "交換"),
    ("Lに交換していただけますか。先日届いたシャツです", "Lサイズへの交換"),
    ("水筒のパッキンだけ送ってもらえますか", "パッキンの送付"),
    ("割れた二つを送り直してください", "お品の再送"),
    ("交換か修理をお願いします", "交換または修理"),
    ("取っ手が取れました。直してほしい", "修理"),
    ("客をなんだと思ってるんですか。責任者から連絡ください。", "責任者からのご連絡"),
    ("配信停止を3回押したのに毎日届くメルマガ、止めていただけますか", "配信の停止"),
    ("経緯をご説明ください", "経緯のご説明"),
    ("熨斗もつけていただけると大変助かります。", "のし"),
    ("紺色の再入荷お願いします", "再入荷"),
    ("東京にも店出してください!毎回ネットで買うのもいいけど", "東京への出店"),
    ("90日間届け先の変更をお願いします", "お届け先の変更"),
    # How things go in general, the past, what is not wanted, what somebody else said.
    ("開封後でも交換できますか", ""),
    ("返品の送料っていくらですか", ""),
    ("昨日キャンセルしました", ""),
    ("返品をお願いしたのに断られた", ""),
    ("返金は不要です", ""),
    ("返金してほしいわけじゃない", ""),
    ("金返せレベルのまずさ", ""),
    ("まっず。金返してほしいレベル", ""),
    ("「返金してください」と書いてある", ""),
    ("犬のしつけのことで相談できますか", ""),
    ("書類をやり直してほしい", ""),
    ("今の住人の方が親切に電話をくださいました", ""),
    ("最高でした!", ""),
    ("", ""),
]
ENGLISH = [
    ("Please cancel my order, it's been three weeks", "your order cancelled"),
    ("you have four orders from me. Please cancel three before they ship.", "three of them cancelled"),
    ("please cancel my subscription from next month", "your subscription cancelled"),
    ("I WANT MY MONEY BACK", "a refund"),
    ("Kettle leaks. Refund please.", "a refund"),
    ("It went down to 40. Can I have the difference back?", "the difference back"),
    ("label says medium. Can I swap it for a large without paying again?", "to swap it for a large"),
    ("can you send the right ones", "the right one sent"),
    ("I'd like a replacement button for my coat", "a replacement button"),
    ("I should be grateful if somebody would let me know whether a replacement can be posted", "a replacement"),
    ("coat has a hole, how do i send it back", "to send it back"),
    ("I want a name and a date, not another sorry.", "a name and a date"),
    ("I'd like to hear from the manager.", "to hear from the person in charge"),
    ("Please call me at once.", "a call from us"),
    ("stop emailing me", "the messages to stop"),
    ("please close my account", "your account deleted"),
    ("y'all seriously need to bring back the overalls", "to see it back"),
    ("please restock the frog mug", "it back in stock"),
    ("open one in Leeds please", "a shop in Leeds"),
    # In general, past, not wanted, somebody else's words.
    ("how long do refunds take?", ""),
    ("I cancelled my order yesterday and you shipped it", ""),
    ("I don't want a refund, I want you to listen", ""),
    ("can you get a refund or only if the headliner cancels", ""),
    ('it says "please cancel my order"', ""),
    ("I asked you to cancel before dispatch", ""),
    ("Would I pay the difference in the shop?", ""),
    ("lovely shop", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "wish"), JAPANESE)
def test_what_they_want_is_said_in_japanese(text: str, wish: str) -> None:
    assert find_wish(text, JA) == wish


@pytest.mark.parametrize(("text", "wish"), ENGLISH)
def test_what_they_want_is_said_in_english(text: str, wish: str) -> None:
    assert find_wish(text, EN) == wish


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.text[:30])
def test_whoever_gives_orders_to_the_desk_wishes_nothing(attempt: Attempt) -> None:
    said = find_wish(attempt.text, attempt.language)

    assert not said or said in {entry["say"] for entry in read_words("wishes")[attempt.language.value]}


@given(text=st.text(max_size=300))
def test_any_text_gives_words_of_ours_or_none(text: str) -> None:
    for language in (JA, EN):
        wish = find_wish(text, language)
        assert not wish or speaks_of(wish, wish, language) or len(wish) < 40


def test_a_long_text_is_read_quickly() -> None:
    start = time.perf_counter()
    for text, language in (("返金" * 1000 + "してほし", JA), ("please can you please " * 200, EN)):
        find_wish(text, language)

    assert time.perf_counter() - start < 2


def test_only_what_takes_their_order_is_a_remedy() -> None:
    assert is_remedy("ご返金", JA)
    assert is_remedy("to swap it for a large", EN)
    assert not is_remedy("再入荷", JA)
    assert not is_remedy("a shop in Leeds", EN)
    assert not is_remedy("", EN)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("コートのボタンが取れました。返金してください。", JA, "返金"),
        ("The button came off my coat. I want a refund.", EN, "a refund"),
    ],
)
def test_a_wish_stands_in_the_reply_once(text: str, language: Language, said: str) -> None:
    (first, *_others) = draft(text, COMPLAINT, language=language)

    assert first.text.count(said) == 1


@pytest.mark.parametrize(
    ("text", "language", "wish"),
    [
        ("返金してほしいとは言っていません", Language.JA, ""),
        ("キャンセルしてとは頼んでいません", Language.JA, ""),
        ("返金はいりません。修理してほしいです", Language.JA, "修理"),
        ("返金ではなく交換してほしいです", Language.JA, "交換"),
        ("返金してほしい。交換はいりません", Language.JA, "ご返金"),
        ("I don't want a refund, I want a replacement", Language.EN, "a replacement"),
        ("I don't want a refund but I'd like it repaired", Language.EN, "it repaired"),
        ("I don't want an exchange, just a refund please", Language.EN, "a refund"),
        ("Why did you cancel my order?", Language.EN, ""),
        ("Please don't cancel my order", Language.EN, ""),
        ("I didn't ask to cancel my order", Language.EN, ""),
        ("Why did you charge me twice? I want a refund", Language.EN, "a refund"),
    ],
)
def test_what_is_not_wanted_is_no_wish_and_what_is_wanted_instead_is(text: str, language: Language, wish: str) -> None:
    assert find_wish(text, language) == wish
