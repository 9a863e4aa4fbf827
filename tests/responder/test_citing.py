"""What replies cite: the general answer with what stays open, both of two answers, and a way out for calm complaints only."""

from dataclasses import replace

import pytest

from domain.replies import ProposedDraft
from domain.understanding import Prediction
from domain.words import Language, Risk, Topic, Urgency
from responder.citing import find_cited
from responder.knowledge import Retriever, is_question, questions_apart
from tests.responder.composing import COMPLAINT, QUESTION, demo_book, draft, findings

JA, EN = Language.JA, Language.EN
LOGIN = replace(COMPLAINT, topic=Topic.APP)
SWAP = replace(COMPLAINT, topic=Topic.REFUND)


def cited(option: ProposedDraft) -> list[str]:
    return [one.reference for one in option.citations if one.kind == "faq"]


@pytest.mark.parametrize(
    ("text", "language", "entry", "named"),
    [
        ("Can I return something from the sale?", EN, "returns", "sale items"),
        ("Do you ship to Ireland and will I have to pay customs?", EN, "overseas", "customs"),
        ("ギフト包装はできますか?のしもつけていただけると助かります。", JA, "gift-wrap", "のし"),
        ("セールの商品も返品できますか?", JA, "returns", "セール品"),
    ],
)
def test_what_the_answer_leaves_open_is_said_and_asked_of_the_approver(
    text: str, language: Language, entry: str, named: str
) -> None:
    for option in draft(text, QUESTION, language=language):
        assert cited(option) == [entry]
        assert named in option.text
        assert any(named in asked for asked in option.open_questions)
        assert not [one for one in findings(option) if one.level == "block"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("can i pay w apple pay in store or nah", EN), ("お店でApple Payは使えますか?", JA)],
)
def test_what_the_book_does_not_speak_of_is_not_answered_by_what_is_near(text: str, language: Language) -> None:
    assert all(cited(option) == [] for option in draft(text, QUESTION, language=language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I return a dress? And when do I get my refund?", EN),
        ("返品の方法を教えてください。返金はいつになりますか?", JA),
    ],
)
def test_both_of_two_questions_are_answered_in_their_order(text: str, language: Language) -> None:
    option = draft(text, replace(QUESTION, topic=Topic.REFUND), language=language)[0]
    answers = [option.text.find(entry.answer.say(language)) for entry in demo_book().faq if entry.id in cited(option)]

    assert cited(option) == ["returns", "refund-time"]
    assert all(place >= 0 for place in answers)


def test_a_second_question_that_nothing_answers_is_taken_up_by_its_name() -> None:
    option = draft("How much is gift wrapping? And do you have parking at the Bath shop?", QUESTION, language=EN)[0]

    assert cited(option) == ["gift-wrap"]
    assert "parking" in option.text.split("parcel.")[1]


def test_a_second_question_that_we_have_no_words_for_is_taken_up_all_the_same() -> None:
    text = "How much is gift wrapping? And could you tell me what Grandpa's xylophone would make of it?"

    found = find_cited(text, EN, Retriever(demo_book(), EN).search)

    assert found is not None
    assert (found.hit.entry.id, found.uncovered(EN)) == ("gift-wrap", "your other question")


def test_a_sentence_that_asks_nothing_of_its_own_is_no_second_question() -> None:
    found = find_cited("How much is gift wrapping? Would that be possible?", EN, Retriever(demo_book(), EN).search)

    assert found is not None
    assert found.hit.uncovered == ()


@pytest.mark.parametrize(
    ("text", "language", "prediction", "entry"),
    [
        ("ログインできません。パスワードが違うと出ます。", JA, LOGIN, "app-login"),
        ("I can't log in, it says wrong password.", EN, LOGIN, "app-login"),
        ("It's too small on me. How do I exchange it for another size?", EN, SWAP, "exchange"),
    ],
)
def test_a_calm_complaint_is_shown_the_way_out(
    text: str, language: Language, prediction: Prediction, entry: str
) -> None:
    assert any(entry in cited(option) for option in draft(text, prediction, language=language))


@pytest.mark.parametrize(
    ("text", "language", "prediction"),
    [
        ("ふざけるな。ログインできないじゃねえか。", JA, LOGIN),
        ("I can't log in AGAIN. Absolute joke. Wrong password, every time!!", EN, LOGIN),
        ("I can't log in, it says wrong password.", EN, replace(LOGIN, urgency=Urgency.HIGH)),
        ("I can't log in, it says wrong password.", EN, replace(LOGIN, risks=frozenset({Risk.LEGAL}))),
        ("It's too small on me and the seam came open.", EN, SWAP),
        ("予定の日を過ぎても届きません。", JA, replace(COMPLAINT, topic=Topic.DELIVERY)),
        ("My parcel is late. What now?", EN, replace(COMPLAINT, topic=Topic.DELIVERY)),
    ],
    ids=["furious ja", "furious en", "urgent", "legal", "did not ask", "no scenario of its own", "nor in English"],
)
def test_nobody_furious_and_no_other_complaint_is_shown_an_entry(
    text: str, language: Language, prediction: Prediction
) -> None:
    assert all(cited(option) == [] for option in draft(text, prediction, language=language))


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("返品できますか？いつまでですか？", JA, ["返品できますか？", "いつまでですか？"]),
        ("How do I return it, and when do I get it back?", EN, ["How do I return it", "when do I get it back?"]),
        ("I love it. Can I wash it?", EN, ["Can I wash it?"]),
        ("no question", EN, ["no question"]),
        ("", JA, [""]),
    ],
)
def test_questions_are_told_apart(text: str, language: Language, parts: list[str]) -> None:
    assert questions_apart(text, language) == parts
    assert is_question(text, language) is (parts != [text])


@pytest.mark.parametrize(
    ("text", "language", "is_cited"),
    [
        ("ワイドパンツのSだと引きずりますか?サイズ選びに迷っています。", JA, True),
        ("ワイドパンツのSだと引きずりますか?股下が商品ページに見当たらなくて。", JA, False),
        ("返品の方法がサイトのどこにも見当たりません。どうすれば返品できますか?", JA, True),
        ("How do I wash the cardigan, in the machine?", EN, True),
        ("I can't find the washing instructions on the product page. How do I wash the cardigan?", EN, False),
    ],
)
def test_whoever_found_nothing_on_the_page_is_not_sent_there_again(
    text: str, language: Language, *, is_cited: bool
) -> None:
    options = draft(text, QUESTION, language=language)
    assert bool(cited(options[0])) is is_cited
