"""English drafts for situations that rules over words rarely find: dates, fees, offers, goods once worn, visits to a shop.

Each is named by whoever read the post (``Case.scenario``), so the wordings must name it by themselves: nothing else may be known.
"""

import re
from dataclasses import replace
from functools import cache

import pytest
import regex

from domain.cases import Case
from domain.replies import Measure, ProposedDraft
from domain.words import DraftKind, Language, Visibility
from responder.assembly import SAYS_DM
from responder.checks import blocks
from responder.composer import Composer
from responder.scenarios import is_opinion
from tests.responder.composing import COMPLAINT, composer, findings, make_case

MOST_ON_X = 280
SEEDS = range(10)
PLAIN = "This is not good enough."
"""Names nothing: every word of the draft is the playbook's own."""
NAMED = {
    "too_late": r"\btim(?:e|ing)\b|\bday\b",
    "postponed": r"\bdate\b",
    "shipping_terms": r"\bdeliver",
    "customs": r"\b(?:charges|fees|bill|cost|pay)\b",
    "sale": r"\b(?:sale|offer)\b",
    "gift_card": r"\bgift card\b",
    "refund_short": r"\brefund\b",
    "return_lost": r"\breturn\b|\bsen[dt](?:ing)? (?:it )?back\b",
    "advert": r"\bpublish|\bput (?:out there|it out)\b",
    "ethics": r"\bhow we (?:do things|work)\b|\bthe way we do things\b|\bhow things are made\b|\bserious concern\b",
    "farewell": r"\b(?:go|leave|leaving|lose|lost|made up your mind)\b",
    "wash": r"\bwash|\bcolour\b",
    "smell": r"\bsmell",
    "used_item": r"\bas new\b|\bused\b|\buntouched\b|\bsomebody had been there\b",
    "changed": r"\bchange|\bno longer\b|\bbetter before\b",
    "gift": r"\bgift\b",
    "personalised": r"\bmade\b|\bdetails\b",
    "workmanship": r"\bwork\b|\bjob\b",
    "repair": r"\brepair|\bmended\b",
    "fitting": r"\bchanging rooms\b|\btry things on\b",
    "hours": r"\bhours\b|\bopen\b|\bshut\b",
    "pickup": r"\bcollect",
    "accused": r"\bsuspect|\bsuspicion\b|\bdoubted\b",
    "staff_wrong": r"\btold\b|\btell you has\b|\bour word\b",
    "staff_ignored": r"\blooked after\b|\bhelp|\ba hand\b|\bignored\b",
}
"""The words of which one stands in every draft of the situation."""
OPINIONS = ("shipping_terms", "sale", "advert", "ethics", "farewell", "changed", "fitting", "hours")


def say_length(text: str, visibility: Visibility) -> Measure:
    limit = MOST_ON_X if visibility is Visibility.PUBLIC else 1000
    return Measure(length=len(regex.findall(r"\X", text)), limit=limit)


def case_of(scenario: str, text: str = PLAIN, *, seed: int = 1, needs_dm: bool = True) -> Case:
    case = make_case(text, replace(COMPLAINT, needs_dm=needs_dm), language=Language.EN, seed=seed)
    return replace(case, scenario=scenario, measure=say_length)


@cache
def drafter() -> Composer:
    return composer()


@cache
def draft(scenario: str, text: str = PLAIN, *, seed: int = 1, needs_dm: bool = True) -> list[ProposedDraft]:
    options, reason = drafter().draft(case_of(scenario, text, seed=seed, needs_dm=needs_dm))
    assert options, reason
    return options


@pytest.mark.parametrize("scenario", NAMED)
def test_each_situation_gives_a_public_reply_a_pair_and_a_short_one(scenario: str) -> None:
    for seed in SEEDS:
        made = [(option.kind, option.visibility) for option in draft(scenario, seed=seed)]
        pair = [(DraftKind.DM_FIRST, Visibility.DM), (DraftKind.DM_FIRST, Visibility.PUBLIC)]
        assert made == [
            (DraftKind.FULL, Visibility.PUBLIC),
            *([] if is_opinion(scenario) else pair),
            (DraftKind.SHORT, Visibility.PUBLIC),
        ]


@pytest.mark.parametrize("needs_dm", [True, False])
@pytest.mark.parametrize("scenario", NAMED)
def test_each_draft_names_the_situation_fits_and_passes_the_checks(scenario: str, *, needs_dm: bool) -> None:
    for seed in SEEDS:
        for option in draft(scenario, seed=seed, needs_dm=needs_dm):
            assert option.citations[-1].reference == f"en-{scenario.replace('_', '-')}"
            assert re.search(NAMED[scenario], option.text, re.IGNORECASE), option.text
            assert not blocks(findings(option)), option.text
            assert option.visibility is Visibility.DM or len(option.text) <= MOST_ON_X


@pytest.mark.parametrize("scenario", NAMED)
def test_no_two_customers_in_a_row_are_told_the_same(scenario: str) -> None:
    for place in range(2 if is_opinion(scenario) else 4):
        assert len({draft(scenario, seed=seed)[place].text for seed in SEEDS}) >= 5


@pytest.mark.parametrize("scenario", OPINIONS)
def test_an_opinion_is_passed_on_and_asked_into_a_dm_only_where_one_is_needed(scenario: str) -> None:
    for seed in SEEDS:
        for option in draft(scenario, seed=seed, needs_dm=False):
            assert not SAYS_DM.search(option.text), option.text


def test_whoever_was_accused_is_told_that_a_manager_looks_into_it() -> None:
    for seed in SEEDS:
        full, *_pair, short = draft("accused", seed=seed)
        assert "manager" in full.text
        assert "manager" in short.text


@pytest.mark.parametrize(
    ("scenario", "text", "said"),
    [
        ("too_late", "The necklace for my mum's birthday came two days after it.", "your mum's birthday"),
        ("postponed", "You have put off the lamp again.", "lamp"),
        ("shipping_terms", "The delivery charge is more than the socks cost.", "the delivery charge"),
        ("refund_short", "You only refunded half of the boots.", "boots"),
        ("wash", "My jumper shrank two sizes in the first wash", "jumper"),
        ("gift", "No gift wrap at all. It was for my sister's wedding.", "your sister's wedding"),
        ("fitting", "Not one free changing room in your London store", "our London store"),
        ("staff_ignored", "Nobody would help me find my size in your London store", "our London store"),
    ],
)
def test_what_the_customer_named_is_named_back(scenario: str, text: str, said: str) -> None:
    assert said in draft(scenario, text)[0].text


@pytest.mark.parametrize("scenario", ["advert", "ethics", "sale"])
def test_no_reproach_that_a_shop_would_have_to_look_into_is_said_back_as_a_fact(scenario: str) -> None:
    for seed in SEEDS:
        for option in draft(scenario, "The coats in your sale have real fur on them and you lie about it", seed=seed):
            assert not re.search(r"\bfur\b|\blie\b", option.text), option.text
