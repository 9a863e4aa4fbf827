"""Which kind of case it is: a risk that the model only raised so as not to miss it does not choose the words of a reply."""

from dataclasses import replace

import pytest

from domain.understanding import risk_score
from domain.words import Language, Risk, Topic, Urgency
from responder.scenarios import find_scenario, is_eaten
from responder.wordlists import read_words
from tests.responder.composing import COMPLAINT, composer, make_case, playbooks

BARE = {
    Risk.SAFETY: (Language.JA, "届いた品のことで、きちんとした対応をお願いします", "safety"),
    Risk.DISCRIMINATION: (Language.EN, "No hooks in there at all, which drives me mad", "discrimination"),
    Risk.LEGAL: (Language.EN, "I want the fee for it back, as agreed", "grave"),
}
"""A post without one word of the risk, and the reply that the risk alone would choose."""


def _find(risk: Risk, scores: dict[str, float]) -> str:
    language, text, _ = BARE[risk]
    raised = replace(COMPLAINT, topic=Topic.PRODUCT, risks=frozenset({risk}), urgency=Urgency.NORMAL, scores=scores)
    return find_scenario(text, language, raised, {})


@pytest.mark.parametrize("risk", BARE)
def test_a_risk_raised_by_less_than_half_does_not_choose_the_reply(risk: Risk) -> None:
    assert _find(risk, {risk_score(risk): 0.3}) != BARE[risk][2]


@pytest.mark.parametrize("risk", BARE)
def test_a_risk_more_likely_than_not_does(risk: Risk) -> None:
    assert _find(risk, {risk_score(risk): 0.8}) == BARE[risk][2]


@pytest.mark.parametrize("risk", BARE)
def test_a_risk_that_words_or_a_person_stand_for_has_no_score_and_does(risk: Risk) -> None:
    assert _find(risk, {}) == BARE[risk][2]


def test_words_of_the_risk_choose_the_reply_however_low_the_model_puts_it() -> None:
    raised = replace(COMPLAINT, risks=frozenset({Risk.SAFETY}), scores={risk_score(Risk.SAFETY): 0.1})
    assert find_scenario("ストーブから煙が出ています", Language.JA, raised, {}).startswith("safety")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("You sent me a size ten. I ordered a twelve. How do I swap this?", True),
        ("The size twelve that I ordered is too big. How do I swap it?", False),
    ],
)
def test_something_else_sent_than_ordered_goes_before_the_wish_to_swap(text: str, *, wrong: bool) -> None:
    told = replace(COMPLAINT, topic=Topic.REFUND, scores={})
    found = find_scenario(text, Language.EN, told, {})

    assert (found == "wrong_item") is wrong


@pytest.mark.parametrize(
    ("text", "is_taste"),
    [
        ("The changing rooms smell like a wet dog", False),
        ("My new sweater smells like an ashtray", False),
        ("The curry was cold and tasteless", True),
    ],
)
def test_what_smells_is_food_only_where_nothing_else_is_named(text: str, *, is_taste: bool) -> None:
    said = replace(COMPLAINT, topic=Topic.PRODUCT, risks=frozenset())
    assert (find_scenario(text, Language.EN, said, {}) == "taste") is is_taste


def test_what_our_records_settle_has_wordings_and_is_no_opinion() -> None:
    written = {book.scenario for book in playbooks()}
    lists = read_words("scenarios")
    assert set(lists["looked_up"]) <= written
    assert set(lists["looked_up"]).isdisjoint(lists["opinions"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("店内の香りが強すぎて、喘息持ちの息子が咳き込んで出ました。", Language.JA),
        ("頭痛がひどくて。お店の香水みたいな匂い、なんとかなりませんか", Language.JA),
        ("The scent in your store gives me a headache every time.", Language.EN),
        ("I had to leave with a migraine, that perfume you use in the shop is far too strong.", Language.EN),
    ],
)
def test_a_scent_in_a_shop_that_made_somebody_unwell_is_no_emergency(text: str, language: Language) -> None:
    risky = replace(COMPLAINT, risks=frozenset({Risk.SAFETY}))
    assert find_scenario(text, language, risky, {}) == "scent"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("香水の瓶が割れていて、手を切って病院で縫いました。", Language.JA),
        ("The jacket smells of smoke and my son started coughing.", Language.EN),
    ],
)
def test_other_smells_are_none_of_it(text: str, language: Language) -> None:
    assert find_scenario(text, language, replace(COMPLAINT, risks=frozenset({Risk.SAFETY})), {}) != "scent"


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("The carbon monoxide alarm is going off. We're all stood outside with headaches", Language.EN, "outside"),
        ("There's a smell of gas from the new hob. Windows open, we're outside. Who do I ring", Language.EN, "outside"),
        ("The heater is smoking and the kids are out on the pavement", Language.EN, "outside"),
        ("ストーブをつけたら警報器が鳴って、今みんな外にいます", Language.JA, "safety_outside"),
        ("コンロからガスの臭いがして、家族で避難しています", Language.JA, "safety_outside"),
        ("Your pharmacy gave me somebody else's tablets. I've taken two already", Language.EN, "medicine_wrong"),
        ("The tablets in the bottle aren't the ones on the label. Label says 5mg", Language.EN, "medicine_wrong"),
        ("もらった薬が別の人の名前なんですけど。もう1回飲んじゃいました", Language.JA, "safety_medicine"),
    ],
)
def test_in_an_emergency_it_counts_what_is_done_already(text: str, language: Language, name: str) -> None:
    raised = replace(COMPLAINT, topic=Topic.PRODUCT, risks=frozenset({Risk.SAFETY}), urgency=Urgency.CRITICAL)
    assert find_scenario(text, language, raised, {}) == name


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The hose on the grill hisses and you can smell gas. We've put it outside", Language.EN),
        ("Fire brigade has just measured the carbon monoxide. We're all outside", Language.EN),
        ("充電したら煙が出た。ベランダに出してある", Language.JA),
        ("I got a rash from your tablets", Language.EN),
        ("薬を飲み込んだら喉が痛い", Language.JA),
    ],
)
def test_what_is_none_of_these_emergencies_is_none(text: str, language: Language) -> None:
    raised = replace(COMPLAINT, topic=Topic.PRODUCT, risks=frozenset({Risk.SAFETY}), urgency=Urgency.CRITICAL)
    found = find_scenario(text, language, raised, {})
    assert found not in {"outside", "safety_outside", "medicine_wrong", "safety_medicine"}


@pytest.mark.parametrize(
    ("text", "language", "is_trapped"),
    [
        ("Mum's stuck halfway up on your stairlift. Nobody answers", Language.EN, True),
        ("エレベーターに閉じ込められてます", Language.JA, True),
        ("Stuck in the car park, your barrier won't open", Language.EN, False),
        ("Stuck on level 40 for weeks", Language.EN, False),
        ("I feel trapped in a very polite lift", Language.EN, False),
    ],
)
def test_who_is_stuck_needs_help_now(text: str, language: Language, *, is_trapped: bool) -> None:
    assert (find_scenario(text, language, COMPLAINT, {}) == "trapped") is is_trapped


@pytest.mark.parametrize(
    ("text", "language", "eaten"),
    [
        ("The chicken was pink and the whole table has been sick", Language.EN, True),
        ("Your granola bar made her lips swell", Language.EN, True),
        ("Your face cream gave me a rash", Language.EN, False),
        ("The bread maker gave me an electric shock", Language.EN, False),
        ("Boiling pasta water went over my foot, I'm burnt", Language.EN, False),
        ("弁当箱のふたで指を切った", Language.JA, False),
        ("The button came off and my son had it in his mouth", Language.EN, False),
        ("けさ買った鶏むねが緑色だった", Language.JA, True),
        ("あんパンから針金が出てきた", Language.JA, True),
        ("パンプスで足をくじいた", Language.JA, False),
        ("コートのボタンを1歳の子が口に入れてました", Language.JA, False),
    ],
)
def test_what_is_eaten_is_not_used(text: str, language: Language, *, eaten: bool) -> None:
    assert is_eaten(text, language) is eaten


def test_who_was_made_ill_by_food_is_told_not_to_eat_it() -> None:
    for text, language, said, unsaid in (
        ("The chicken was pink. I've been sick all night", Language.EN, "more of it", "using it"),
        ("冷凍の牡蠣を食べた家族が夜中から嘔吐しています", Language.JA, "召し上が", "ご使用"),
    ):
        raised = replace(COMPLAINT, topic=Topic.PRODUCT, risks=frozenset({Risk.SAFETY}), urgency=Urgency.CRITICAL)
        options, _reason = composer().draft(make_case(text, raised, language=language))
        option = options[0]
        assert said in option.text
        assert unsaid not in option.text


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("あ、自己解決しました。お騒がせしました", Language.JA, "self_solved"),
        ("Never mind, found it. Sorry for the fuss", Language.EN, "self_solved"),
        ("I found a staple in the rice", Language.EN, ""),
        ("公式を名乗るアカウントが当選DMを送りまくってます", Language.JA, "phishing"),
        ("Someone is pretending to be you and messaging people about a prize", Language.EN, "phishing"),
        ("公式アカウントの返信が遅い", Language.JA, ""),
        ("Your account says fake things about my order", Language.EN, ""),
    ],
)
def test_what_is_solved_and_who_is_impersonated_is_no_common_complaint(
    text: str, language: Language, name: str
) -> None:
    found = find_scenario(text, language, COMPLAINT, {})
    assert found == name if name else found not in {"self_solved", "phishing"}
