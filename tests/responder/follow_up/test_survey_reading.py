"""What customers write back to a question, read as a score, as contentment, as yes or no."""

import pytest

from domain.words import SurveyKind
from responder.survey_reading import Consent, ReadScore, is_content, read_consent, read_score

BARE = (
    ("5", 5),
    ("４", 4),
    ("3です", 3),
    ("5点です!", 5),
    ("星5", 5),
    ("五", 5),
    ("評価は4です", 4),
    ("満足度:5", 5),
    ("5️⃣", 5),
    ("⭐️⭐️⭐️⭐️", 4),
    ("★★★☆☆", 3),
    ("🌟🌟🌟🌟🌟", 5),
    ("😊", 5),
    ("👍", 5),
    ("👍🏻", 5),
    ("😡", 1),
    ("👎", 1),
    ("😐", 3),
    ("😢", 2),
    ("満足です", 4),
    ("大満足です!ありがとうございました", 5),
    ("とても満足です", 5),
    ("大変不満です", 1),
    ("不満です", 2),
    ("普通です", 3),
    ("満足していません", 2),
    ("満足できませんでした", 2),
    ("5段階で4", 4),
    ("five", 5),
    ("4/5", 4),
    ("4 out of 5", 4),
    ("I'd give it a 5", 5),
    ("a solid 4!", 4),
    ("5 stars", 5),
    ("very satisfied, thank you!", 5),
    ("not satisfied", 2),
    ("Very disappointed.", 1),
    ("so-so", 3),
    ("@shop.example 5", 5),
    ("perfect", 5),
    ("Rating: 2", 2),
)
NO_SCORE = (
    "",
    "   ",
    "ありがとうございます",
    "5日に届く予定でしたよね?",
    "5月に買いました",
    "2回も電話したのに",
    "注文番号は12345です",
    "1週間待っています",
    "3 days and nothing",
    "What is this?",
    "7",
    "0",
    "100",
    "満足だけどまだ届いていません",
    "good, but it is still broken",
    "5" * 400,
    "\u202e\u2067evil\u2069 <script>alert(1)</script>",
)
NPS = (
    ("0", 0),
    ("10", 10),
    ("10です", 10),
    ("🔟", 10),
    ("9/10", 9),
    ("8 out of 10", 8),
    ("10点満点中7", 7),
    ("十", 10),
    ("ten", 10),
)


@pytest.mark.parametrize(("text", "score"), BARE)
def test_an_answer_in_a_reply_is_read(text: str, score: int) -> None:
    assert read_score(text, SurveyKind.CSAT) == ReadScore(score=score, bare=True)


@pytest.mark.parametrize("text", NO_SCORE)
def test_what_is_not_surely_a_score_is_none(text: str) -> None:
    assert read_score(text, SurveyKind.CSAT) is None


@pytest.mark.parametrize(("text", "score"), NPS)
def test_the_scale_of_ten_is_read(text: str, score: int) -> None:
    assert read_score(text, SurveyKind.NPS) == ReadScore(score=score, bare=True)


@pytest.mark.parametrize("text", ["😊", "満足です", "⭐️⭐️⭐️⭐️", "11", "-1"])
def test_the_scale_of_ten_takes_numbers_only(text: str) -> None:
    assert read_score(text, SurveyKind.NPS) is None


@pytest.mark.parametrize("text", ["4 もう少し早いとよかった", "2。まだ返事がない", "5 but my refund has not arrived"])
def test_a_score_with_words_beside_it_leaves_them_to_a_person(text: str) -> None:
    read = read_score(text, SurveyKind.CSAT)
    assert read is not None
    assert not read.bare


@pytest.mark.parametrize(
    "text",
    [
        "届きました!ありがとうございます",
        "無事に受け取りました。助かりました",
        "解決しました",
        "It arrived, thank you so much!",
        "All sorted, cheers",
        "works perfectly now",
    ],
)
def test_thanks_are_contentment(text: str) -> None:
    assert is_content(text)


@pytest.mark.parametrize(
    "text",
    [
        "ありがとうございます。でもまだ届いていません",
        "届きましたが、色が違うようです",
        "ありがとう、いつ返金されますか?",
        "thanks, but it is still the wrong one",
        "Thanks for nothing",
        "It arrived broken",
        "こんにちは",
        "",
    ],
)
def test_thanks_with_something_open_are_none(text: str) -> None:
    assert not is_content(text)


@pytest.mark.parametrize(
    "text", ["はい、どうぞ", "もちろんです!", "ぜひ使ってください", "Yes, go ahead", "Sure!", "of course you can"]
)
def test_a_yes_is_proposed(text: str) -> None:
    assert read_consent(text) is Consent.YES


@pytest.mark.parametrize(
    "text",
    [
        "いいえ、遠慮します",
        "すみません、お断りします",
        "No, thanks",
        "Yes but please don't use my name",
        "I'd rather not",
    ],
)
def test_a_no_wins_over_a_yes(text: str) -> None:
    assert read_consent(text) is Consent.NO


@pytest.mark.parametrize("text", ["今日は寒いですね", "What for?", ""])
def test_anything_else_proposes_nothing(text: str) -> None:
    assert read_consent(text) is None
