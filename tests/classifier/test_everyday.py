"""Everyday matters are no alarm where the model alone hears one; the serious ones beside them stay. Written for this, in no corpus."""

from functools import cache

import pytest

from classifier.artefact import read_artefact
from classifier.backends.model import ModelBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Risk, Urgency

JA, EN = Language.JA, Language.EN


@cache
def shipped() -> ModelBackend:
    return ModelBackend(read_artefact())


def read(text: str, language: Language) -> Prediction:
    return shipped().classify([TextToClassify(text=text, language=language, wants_reasons=False)])[0]


@pytest.mark.parametrize(
    ("text", "language", "risk"),
    [
        ("The code AUTUMN15 from your newsletter says 'invalid' at checkout. Is it expired? The email came today.", EN, Risk.PHISHING),
        ("promo code in the email you sent says it isn't valid, help?", EN, Risk.PHISHING),
        ("クーポンコード入れても「無効です」って出るんですけど、期限今日までですよね？", JA, Risk.PHISHING),
        ("メルマガの割引コードが無効になります。メールは今朝届きました", JA, Risk.PHISHING),
        ("Would be great if the allergens were listed on the front of the pack", EN, Risk.SAFETY),
        ("Suggestion: put nut allergy icons on the menu, my son is allergic", EN, Risk.SAFETY),
        ("アレルギー表示をメニューにも載せてほしいです", JA, Risk.SAFETY),
        ("店内のBGMが大きすぎて店員さんの声が聞こえません。年寄りにはつらいです。", JA, Risk.DISCRIMINATION),
        ("the music in the shop is so loud my nan with hearing aids couldn't hear a thing", EN, Risk.DISCRIMINATION),
        ("the writing on your labels is too small for my old eyes", EN, Risk.DISCRIMINATION),
    ],
)  # fmt: skip
def test_an_everyday_matter_raises_no_alarm(text: str, language: Language, risk: Risk) -> None:
    said = read(text, language)
    assert risk not in said.risks
    assert said.urgency is not Urgency.CRITICAL


@pytest.mark.parametrize(
    ("text", "language", "risk"),
    [
        ("got an email with a discount code in your name, clicked it and it wanted my card number", EN, Risk.PHISHING),
        ("御社の名前でクーポンのメールが来て、押したらカード番号を聞かれました。偽物ですよね", JA, Risk.PHISHING),
        ("the allergens listed don't include nuts and my son ate it, his lips are swollen", EN, Risk.SAFETY),
        ("アレルギー表示がなかったので食べて、息子が蕁麻疹です", JA, Risk.SAFETY),
        ("asked if the music could be turned down for my deaf mum and was told people like her should stay home", EN, Risk.DISCRIMINATION),
        ("外国人だからと入店を断られました", JA, Risk.DISCRIMINATION),
    ],
)  # fmt: skip
def test_the_grave_thing_beside_an_everyday_word_still_rings(text: str, language: Language, risk: Risk) -> None:
    assert risk in read(text, language).risks


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("昨日レジにいた男の店員、タメ口だし舌打ちされた。気分悪すぎる。", JA),
        ("スタッフの女性、こっち見てため息ついて無視。感じ悪い", JA),
        ("your assistant rolled her eyes and called my mum stupid", EN),
        ("店員がブスと言ってきた", JA),
        ("clerk was so rude to me, tutted and turned her back", EN),
    ],
)
def test_what_staff_did_to_a_customer_is_a_complaint_and_no_abuse_of_the_writers(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.abuse, said.needs_reply) == (Intent.COMPLAINT, False, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("店員バカなの？舌打ちされたんだが", JA),
        ("あの店員まじで死ねよ、舌打ちされた", JA),
        ("your staff are idiots, the lot of them, and the girl on the till tutted at me", EN),
        ("that cow on the till tutted at me, sack the fat pig", EN),
    ],
)
def test_who_strikes_back_at_staff_is_abusive_all_the_same(text: str, language: Language) -> None:
    assert read(text, language).abuse


def test_who_broke_a_leg_and_cannot_come_was_not_hurt_by_us() -> None:
    said = read("I broke my leg so I can't come to the shop, can you hold my coat?", EN)
    assert (said.intent, said.urgency) == (Intent.QUESTION, Urgency.NORMAL)
    assert not said.risks


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I slipped on your wet floor and broke my leg so I can't come to work", EN),
        ("Your chair gave way. I broke my leg because of it", EN),
        ("My dog died because of your collar", EN),
        ("My dog nearly died because of your treats", EN),
        ("うちの犬が首輪のせいで死にました", JA),
    ],
)
def test_who_was_hurt_by_us_is_critical_all_the_same(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.urgency) == (Intent.COMPLAINT, Urgency.CRITICAL)
    assert Risk.SAFETY in said.risks
