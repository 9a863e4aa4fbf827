"""What is an emergency and what only sounds like one; threats, own details, discrimination, and praise that is spoken to us."""

import pytest

from classifier.backends.keyword import KeywordBackend
from classifier.backends.own_details import find_own_details
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Risk, Urgency

JA, EN = Language.JA, Language.EN


def read(text: str, brand_words: tuple[str, ...] = ()) -> Prediction:
    language = EN if text.isascii() else JA
    return KeywordBackend().classify([TextToClassify(text=text, language=language, brand_words=brand_words)])[0]


HARMLESS = [
    "タグを切ったあとでも返品できますか", "環境を意識したブランドで好きです", "指を通す穴が最高", "心に刺さるデザイン",
    "事故物件みたいな値段", "燃えるゴミで捨てられますか", "病院の待ち時間にここで買い物", "かわいすぎて倒れそう", "縁を切った",
    "思い切ってまとめ買いしました", "怒りが爆発してる人がいた", "人気爆発らしいね", "目頭が熱くなりました", "本日限りの出血大サービス",
    "飲み込みが早い新人さんですね", "病院に行く途中で寄れる店", "骨折り損でした", "トマトが真っ赤に熟してる", "しびれる辛さの麻婆豆腐",
    "感染対策をしっかりされていますね", "新しい車に乗り込む瞬間が好き", "この店は危険、財布が空になる", "弱音を吐きたい夜に読む本",
    "転倒防止のベルトは付いていますか", "子どもが口に入れても大丈夫ですか",
    "my wallet is bleeding after this sale", "this sale is on fire", "love this choker", "a rash decision but I like it",
    "You broke my heart by discontinuing it", "blood orange is my favorite scent", "my heart melted when I saw the bear",
    "Will you have the bath bomb again?", "bought flowers for a friend in hospital", "my daughter wants to be a doctor",
    "cut my hair and bought a hat", "that coat sparks joy", "I nearly fell off my chair laughing", "dangerous for my bank balance",
    "I was choked up by your note",
]  # fmt: skip

DANGEROUS = [
    "箱を開けるとき指を切って血が止まりません", "蓋で指を挟んで腫れています", "椅子から落ちて怪我をしました", "飲んだあと意識を失って倒れました",
    "破片が刺さって血が出た", "救急車を呼びました", "食べた後に病院に運ばれました", "充電していたら煙が出てきた", "コンセントの根元が焦げています",
    "赤ちゃんが外れたボタンを口に入れていました", "娘が部品を飲み込んでしまいました", "喉に詰まらせて顔が青くなった", "本体が熱くなって溶けた",
    "犬が吐いて動物病院へ連れて行きました", "塗ったら肌が真っ赤になりヒリヒリします", "棚が倒れて子どもにぶつかった", "踏み台の脚が折れて危ない",
    "ストーブからカーテンに燃え移りました",
    "I cut my finger on the lid and it will not stop bleeding", "My son ended up in hospital after eating this",
    "The plug melted in the socket", "a button came off and my baby had it in her mouth", "He nearly choked on a loose part",
    "my dog swallowed the squeaker", "The kettle burned my hand", "The chair collapsed and I hurt my back",
    "charger caught fire overnight", "my skin was burning after using the lotion", "There was a piece of glass in the jam",
    "The pushchair brake failed, this is dangerous", "It gave me a rash on my face", "we both threw up after the meal",
    "the battery exploded", "A sharp edge cut my toddler",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_sounds_like_harm_calls_nobody(text: str) -> None:
    said = read(text)
    assert Risk.SAFETY not in said.risks
    assert said.urgency is not Urgency.CRITICAL


@pytest.mark.parametrize("text", DANGEROUS)
def test_harm_or_a_hazard_is_critical(text: str) -> None:
    said = read(text)
    assert Risk.SAFETY in said.risks
    assert said.urgency is Urgency.CRITICAL


@pytest.mark.parametrize(
    "text",
    ["帰り道に気をつけろよ", "夜道には気をつけな", "お前の顔は覚えたからな", "店員をぶん殴ってやる", "watch your back",
     "I know where you work", "I will wait for you outside", "someone should punch you"],
)  # fmt: skip
def test_a_threat_to_people_is_abuse_and_critical_and_nothing_to_act_on(text: str) -> None:
    said = read(text)
    assert (said.intent, said.constructive, said.abuse) == (Intent.COMPLAINT, False, True)
    assert (said.urgency, said.needs_reply) == (Urgency.CRITICAL, True)
    assert Risk.SAFETY in said.risks


@pytest.mark.parametrize(
    "text",
    ["まだ届きません。090-1234-5678に電話ください", "注文したのに届かない。連絡先は03-1234-5678です",
     "返信は hanako.test@gmail.com までお願いします", "住所は東京都中央区見本町1-2-3です。いつ届きますか",
     "Where is my parcel? Call me on 07700 900123", "my email is jo@example.org, still no reply",
     "I live at 12 Sample Street, when will it ship?"],
)  # fmt: skip
def test_details_of_ones_own_are_flagged_and_the_case_sets_the_urgency(text: str) -> None:
    said = read(text)
    assert Risk.PERSONAL_DATA in said.risks
    assert said.urgency is not Urgency.CRITICAL
    assert not any(digits in reason for reason in said.reasons for digits in ("1234", "900123", "@"))


@pytest.mark.parametrize(
    "text",
    ["0120-123-456に電話してもつながらない", "注文番号250-1234567-1234567です", "support@example.com から返事がない",
     "東京都中央区見本町1-2-3に新しい店ができた", "090-1234-5678から詐欺の電話が来た", "order 12345678901 is late",
     "the shop at 12 Sample Street is lovely", ""],
)  # fmt: skip
def test_numbers_and_addresses_of_others_are_not_the_writers_own(text: str) -> None:
    assert find_own_details(text) == ()


@pytest.mark.parametrize(
    "text",
    ["国籍を理由に入店を断られました", "外国人だと言ったら接客を断られた", "盲導犬と一緒だと断られました",
     "I was refused service because of my nationality", "they would not serve me because I'm Asian",
     "asked a woman in a hijab to leave"],
)  # fmt: skip
def test_refused_for_who_one_is_means_discrimination_and_is_no_emergency(text: str) -> None:
    said = read(text)
    assert Risk.DISCRIMINATION in said.risks
    assert (said.intent, said.urgency) == (Intent.COMPLAINT, Urgency.NORMAL)


@pytest.mark.parametrize(
    ("text", "brand_words", "answered"),
    [
        ("スタッフの方がとても親切でした！また行きます @our_shop", (), True),
        ("ミホン堂のマグカップ最高", ("ミホン堂",), True),
        ("The new mug is gorgeous @our_shop", (), True),
        ("マグカップ最高。ありがとうございます", (), True),
        ("マグカップ最高", ("ミホン堂",), False),
        ("The new mug is gorgeous", (), False),
    ],
)
def test_praise_is_answered_when_it_speaks_to_the_shop(
    text: str, brand_words: tuple[str, ...], *, answered: bool
) -> None:
    said = read(text, brand_words)
    assert (said.intent, said.needs_reply) == (Intent.PRAISE, answered)
