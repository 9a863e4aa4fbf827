"""What may not leave, and what deserves a second look."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.brand_book import Bilingual, Voice
from config.check_rules import load_check_rules
from config.locale import catalogue, text
from domain.replies import CheckResult, Measure
from domain.words import CheckLevel, Language, Visibility
from responder.checks import blocks, check_text
from responder.checks.privacy import passes_luhn
from responder.checks.tone import load_phrases

FREE = Measure(length=1, limit=0)
VOICE = Voice(
    id="morino",
    name=Bilingual(ja="森の衣料店", en="Morino Clothing"),
    sign_off=Bilingual(ja="森の衣料店 お客様係", en="Morino customer care"),
    contact_dm=Bilingual(
        ja="恐れ入りますが、DMで詳しくお聞かせください。", en="Please message us so we can look into it."
    ),
    forbidden_words=("激安", "Cheap"),
)


def check(
    written: str,
    *,
    language: Language = Language.JA,
    visibility: Visibility = Visibility.PUBLIC,
    measure: Measure = FREE,
) -> tuple[CheckResult, ...]:
    return check_text(written, visibility=visibility, language=language, measure=measure, voice=VOICE)


def codes(written: str, language: Language = Language.JA, visibility: Visibility = Visibility.PUBLIC) -> list[str]:
    return [result.code for result in check(written, language=language, visibility=visibility)]


GOOD_JA = (
    "ゆきさん、このたびはお知らせいただき、ありがとうございます。ご注文と違うお品が届いたとのこと、誠に申し訳ございません。"
    "恐れ入りますが、DMで詳しいご状況をお聞かせいただけますでしょうか。"
)
GOOD_EN = (
    "Hi Emma, thank you for letting us know. We're sorry the wrong coat arrived. Could you send us a direct message?"
    " We'll take it from there."
)


@pytest.mark.parametrize(("written", "language"), [(GOOD_JA, Language.JA), (GOOD_EN, Language.EN)])
@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_good_reply_passes_without_a_word(written: str, language: Language, visibility: Visibility) -> None:
    assert codes(written, language, visibility) == []


@pytest.mark.parametrize(
    "asks",
    [
        "ご注文番号をお知らせください。",
        "お手数ですが、注文番号とお名前を教えていただけますか。",
        "こちらにご住所と電話番号をご記入ください。",
        "返信でメールアドレスをお送りいただけますと幸いです。",
        "恐れ入りますが、お電話番号をお知らせいただけますでしょうか。".replace("お電話", "電話"),
        "このリプライにお名前を。",
        "DMで注文番号をお知らせください。",
    ],
)
def test_nobody_is_asked_for_details_in_public_in_japanese(asks: str) -> None:
    assert "asks_personal_data" in blocks(check(asks))
    assert "asks_personal_data" not in blocks(check(asks, visibility=Visibility.DM))


@pytest.mark.parametrize(
    "asks",
    [
        "Could you send us your order number?",
        "Please reply with your full name and email address.",
        "What’s your phone number?",
        "Let us know your order ID and we will check.",
        "Your tracking number, please.",
        "Drop your e-mail address below and we'll help.",
        "Can you share your postcode here?",
    ],
)
def test_nobody_is_asked_for_details_in_public_in_english(asks: str) -> None:
    assert "asks_personal_data" in blocks(check(asks, language=Language.EN))
    assert "asks_personal_data" not in blocks(check(asks, language=Language.EN, visibility=Visibility.DM))


@pytest.mark.parametrize(
    "lead",
    [
        "We'll check",
        "Let us find out",
        "Let's see",
        "We'll ask the delivery team",
        "You'd like to know",
        "We'll gladly check",
    ],
)
def test_their_question_of_details_can_be_said_back(lead: str) -> None:
    asked = f"{lead} whether you have to give us your phone number to order."
    assert "asks_personal_data" not in codes(asked, Language.EN)


@pytest.mark.parametrize(
    "asks",
    [
        "We'll check whether you have an account, please send us your phone number.",
        "We'll check whether it arrived and need your phone number.",
        "Could you tell us whether your order number is 12?",
        "You'd like to know whether we need your phone number, so drop your phone number below.",
        "We'll check whether you could give us your phone number below.",
    ],
)
def test_what_is_asked_beside_their_question_is_found(asks: str) -> None:
    assert "asks_personal_data" in codes(asks, Language.EN)


@pytest.mark.parametrize(
    ("fine", "language"),
    [
        ("安全のため、ご住所や電話番号は公開の場に書かないようお願いいたします。", Language.JA),
        ("ご注文の状況を確認いたします。", Language.JA),
        ("住所変更の手順をご案内いたします。", Language.JA),
        ("Please don't post your order number here.", Language.EN),
        ("We will address this today with the team.", Language.EN),
        ("In the name of the whole team, thank you.", Language.EN),
        ("We have passed your idea on to the design team.", Language.EN),
    ],
)
def test_speaking_of_details_is_not_asking_for_them(fine: str, language: Language) -> None:
    assert "asks_personal_data" not in codes(fine, language)


@pytest.mark.parametrize(
    "shows",
    [
        "090-1234-5678 におかけします。",
        "+81 90 1234 5678",
        "call (555) 123-4567",
        "yuki.sato@example.com 宛てに送りました。",
        "〒150-0001 に発送しました。",
        "東京都渋谷区神宮前1-2-3 に発送しました。",
        "ご注文番号 A-10023 を確認しました。",
        "Order #1002345 is on its way.",
        "We sent it to 12 Baker Street.",
        "090－1234－5678",
    ],
)
def test_nobodys_details_are_shown_in_public(shows: str) -> None:
    assert "shows_personal_data" in blocks(check(shows))
    assert "shows_personal_data" not in blocks(check(shows, visibility=Visibility.DM))


@pytest.mark.parametrize(
    "fine", ["2026年11月20日に届くとのこと", "7日と14日のどちらでも", "open 10:00-18:00", "12,000 people", "S26-2"]
)
def test_dates_and_hours_are_nobodys_details(fine: str) -> None:
    assert "shows_personal_data" not in codes(fine)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_card_number_never_leaves(visibility: Visibility) -> None:
    assert "card_number" in codes("4111 1111 1111 1111", Language.EN, visibility)
    assert "card_number" not in codes("4111 1111 1111 1112", Language.EN, visibility)
    assert passes_luhn("5500-0000-0000-0004")


@pytest.mark.parametrize(
    ("written", "code", "level"),
    [
        ("", "empty", CheckLevel.BLOCK),
        (" \n　", "empty", CheckLevel.BLOCK),
        ("激安の品をどうぞお試しくださいませ。", "forbidden_word", CheckLevel.BLOCK),
        ("ｃｈｅａｐな品です。", "forbidden_word", CheckLevel.BLOCK),
        ("誠に遺憾に存じます。", "blaming", CheckLevel.BLOCK),
        ("誤解を招いた点をお詫びいたします。", "blaming", CheckLevel.BLOCK),
        ("それはお客様のせいです。", "blaming", CheckLevel.BLOCK),
        ("ゆきさん{name}さま", "unfilled", CheckLevel.BLOCK),
        ("ご案内\u202eします", "hidden_characters", CheckLevel.BLOCK),
        ("ご\u200b案内します", "hidden_characters", CheckLevel.BLOCK),
        ("ご\u200d案内します", "hidden_characters", CheckLevel.BLOCK),
        ("ご\x07案内します", "hidden_characters", CheckLevel.BLOCK),
        ("ご迷惑をおかけして申し訳ございません！", "lively_apology", CheckLevel.WARN),
        ("大変申し訳ございません😢", "lively_apology", CheckLevel.WARN),
        ("お詫びいたします(>_<)", "lively_apology", CheckLevel.WARN),
        ("お客様がおっしゃられた件です。", "double_keigo", CheckLevel.WARN),
        ("拝見させていただきました。", "double_keigo", CheckLevel.WARN),
        ("確認させていただき、返信させていただきます。", "repeated_sasete", CheckLevel.WARN),
        ("了解しました。", "slang", CheckLevel.WARN),
        ("なるほどですね。", "slang", CheckLevel.WARN),
        ("写真をお送りください。", "request_without_cushion", CheckLevel.WARN),
        ("明日までにお届けいたします。", "promise_date", CheckLevel.BLOCK),
        ("3営業日以内に発送いたします。", "promise_date", CheckLevel.BLOCK),
        ("全額返金いたします。", "promise_money", CheckLevel.BLOCK),
        ("1,000円分をお付けします。", "offer", CheckLevel.BLOCK),
        ("返品はできかねます。", "cold", CheckLevel.WARN),
        ("ｺｰﾄを確認します。", "halfwidth_kana", CheckLevel.WARN),
        ("７つの色があります。", "fullwidth_digits", CheckLevel.WARN),
        ("確認します,少しお待ちを.", "western_punctuation", CheckLevel.WARN),
        ("We will check this for you.", "language", CheckLevel.WARN),
    ],
)
def test_japanese_replies_are_checked(written: str, code: str, level: CheckLevel) -> None:
    assert (code, level) in [(result.code, result.level) for result in check(written)]


@pytest.mark.parametrize(
    ("written", "code", "level"),
    [
        ("We're sorry you feel that way.", "blaming", CheckLevel.BLOCK),
        ("You should have read the page.", "blaming", CheckLevel.BLOCK),
        ("Please calm down.", "harsh", CheckLevel.BLOCK),
        ("Unfortunately, our policy does not cover this.", "cold", CheckLevel.WARN),
        ("It will be there by Friday.", "promise_date", CheckLevel.BLOCK),
        ("You will hear back within 24 hours.", "promise_contact", CheckLevel.WARN),
        ("You will get a full refund.", "promise_money", CheckLevel.BLOCK),
        ("Here is a 10% discount.", "offer", CheckLevel.BLOCK),
        ("Oops, my bad.", "slang", CheckLevel.WARN),
        ("確認いたしますので少しお待ちください", "language", CheckLevel.WARN),
        ("Buy our CHEAP coats.", "forbidden_word", CheckLevel.BLOCK),
    ],
)
def test_english_replies_are_checked(written: str, code: str, level: CheckLevel) -> None:
    assert (code, level) in [(result.code, result.level) for result in check(written, language=Language.EN)]


def test_the_platforms_measure_decides_on_length() -> None:
    long = Measure(length=301, limit=300)

    assert "too_long" in blocks(check(GOOD_JA, measure=long))
    assert "too_long" not in codes(GOOD_JA)


@pytest.mark.parametrize(
    "fine",
    [
        "嬉しいお声をありがとうございます！",
        "ご家族👨‍👩‍👧でどうぞ。",
        "よろしくお願いいたします。",
        "どうぞご安心ください。",
    ],
)
def test_what_is_natural_passes(fine: str) -> None:
    assert codes(fine) == []


def test_blocks_come_first() -> None:
    found = check("遺憾ですが、明日お届けいたします！申し訳ございません。")

    levels = [result.level for result in found]
    assert levels == sorted(levels, key=lambda level: level is not CheckLevel.BLOCK)
    assert len(found) >= 3


def test_every_code_is_said_in_both_languages_with_its_values() -> None:
    values = {"phrase": "x", "length": "1", "limit": "1", "wanted": "ja", "count": "2", "grade": "9"}
    said = catalogue("checks")

    assert {phrase.code for each in load_phrases().values() for phrase in each} <= set(load_check_rules())
    assert set(load_check_rules()) == set(said)
    for code in said:
        for language in ("ja", "en"):
            assert not re.search(r"[{}]", text(f"checks.{code}", language, **values))


@given(written=st.text(), public=st.booleans(), japanese=st.booleans())
def test_no_text_breaks_a_check(written: str, *, public: bool, japanese: bool) -> None:
    found = check(
        written,
        language=Language.JA if japanese else Language.EN,
        visibility=Visibility.PUBLIC if public else Visibility.DM,
    )

    for result in found:
        assert text(f"checks.{result.code}", "ja", **result.values)
