"""How grave a matter is, how a customer writes, and what may be said to whom."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from config.playbook import Playbook
from domain.cases import PersonKnown, PurchaseFacts
from domain.understanding import Prediction
from domain.words import DraftKind, Language, Purpose, Risk, Topic, Urgency, Visibility
from responder.composer import Composer
from responder.manner import find_register, grade_severity
from tests.responder.composing import BOTH, COMPLAINT, PRAISE, TODAY, composer, demo_book, make_case

COAT = "緑のコートを頼んだのに青いコートが届いた"


@pytest.mark.parametrize(
    ("prediction", "waited", "again", "grade"),
    [
        (PRAISE, "", False, 0),
        (replace(COMPLAINT, topic=Topic.APP), "", False, 1),
        (replace(COMPLAINT, suggestion=True), "", False, 1),
        (COMPLAINT, "", False, 2),
        (COMPLAINT, "2週間", False, 3),
        (COMPLAINT, "3日間", False, 2),
        (replace(COMPLAINT, topic=Topic.STAFF), "", False, 3),
        (replace(COMPLAINT, urgency=Urgency.HIGH), "three weeks", False, 3),
        (replace(COMPLAINT, urgency=Urgency.HIGH), "", True, 4),
        (replace(COMPLAINT, risks=frozenset({Risk.SAFETY})), "", False, 4),
    ],
)
def test_the_apology_is_as_deep_as_the_matter(prediction: Prediction, waited: str, *, again: bool, grade: int) -> None:
    assert grade_severity(prediction, waited=waited, again=again) == grade


@pytest.mark.parametrize(
    ("text", "language", "register"),
    [
        ("コート届いた！めっちゃかわいい笑", Language.JA, "casual"),
        ("お世話になっております。返品の手続きについてご教示いただけますでしょうか。", Language.JA, "formal"),
        ("荷物が届きません。確認してください。", Language.JA, ""),
        ("omg love this coat!!", Language.EN, "casual"),
        ("Dear team, could you kindly confirm the return address?", Language.EN, "formal"),
        ("Where is my parcel?", Language.EN, ""),
    ],
)
def test_the_register_is_read_from_their_own_words(text: str, language: Language, register: str) -> None:
    assert find_register(text, language) == register


def test_an_offer_is_not_made_twice_to_the_same_person() -> None:
    case = make_case(COAT)
    lately = replace(case, person=PersonKnown(offers=(("goodwill-coupon", TODAY.replace(day=1)),)))
    long_ago = replace(case, person=PersonKnown(offers=(("goodwill-coupon", date(2026, 1, 1)),)))

    def offers(given: object) -> bool:
        options, _reason = composer().draft(given)  # type: ignore[arg-type]
        return any(cited.reference == "goodwill-coupon" for one in options for cited in one.citations)

    assert offers(case)
    assert not offers(lately)
    assert offers(long_ago)


def test_where_no_dm_can_be_had_none_is_spoken_of() -> None:
    for text, language in ((COAT, Language.JA), ("I was charged twice", Language.EN)):
        options, reason = composer().draft(make_case(text, language=language, visibilities=(Visibility.PUBLIC,)))
        assert options, reason
        assert all("DM" not in one.text and "direct message" not in one.text for one in options)


def test_the_public_half_of_a_pair_tells_of_the_dm_and_asks_for_nothing() -> None:
    options, _reason = composer().draft(make_case(COAT, visibilities=BOTH))
    pair = {one.visibility: one for one in options if one.kind is DraftKind.DM_FIRST}

    assert set(pair) == set(BOTH)
    assert "DM" in pair[Visibility.PUBLIC].text
    assert "ご注文番号" not in pair[Visibility.PUBLIC].text


def one_wording(text: str, **given: object) -> Composer:
    playbook = Playbook.model_validate(
        {"id": "one", "language": "ja", "intent": "complaint", "moves": [{"move": "own", "wordings": [text]}], **given}
    )
    return Composer(book=demo_book(), playbooks=(playbook,), today=TODAY)


def test_what_they_bought_is_named_only_in_private() -> None:
    order = PurchaseFacts(items=("ウールコート",), status="shipped", ordered_at=datetime(2026, 11, 1, tzinfo=UTC))
    case = replace(make_case("コートが届かない"), person=PersonKnown(purchases=(order,)))

    options, _reason = one_wording("ご購入の{bought}の件です。").draft(case)

    assert {one.visibility for one in options} == {Visibility.DM}
    assert "ウールコート" in options[0].text


def test_a_playbook_of_another_purpose_is_never_an_answer() -> None:
    survey = one_wording("アンケートはこちらです。{link}", purpose="survey", intent=None)
    asked = replace(make_case(COAT), purpose=Purpose.SURVEY, given={"link": "https://desk.example/s/1"})

    assert survey.draft(make_case(COAT)) == ([], "no_playbook")
    options, _reason = survey.draft(asked)
    assert "https://desk.example/s/1" in options[0].text


def test_history_is_spoken_of_only_where_there_is_one() -> None:
    drafter = one_wording("再びのご連絡をお願いする形となり、申し訳ございません。", when=["again"])

    assert drafter.draft(make_case(COAT))[1] == "no_playbook"
    options, _reason = drafter.draft(replace(make_case(COAT), person=PersonKnown(same_topic=1)))
    assert options
