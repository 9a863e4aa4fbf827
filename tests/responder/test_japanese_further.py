"""Japanese drafts for situations that the model names, the text often saying little else: each is named, whole and never twice the same."""

import re
from dataclasses import replace
from functools import cache

import pytest

from domain.replies import ProposedDraft
from domain.words import DraftKind, Topic, Visibility
from responder.checks import blocks
from responder.composer import Composer
from responder.scenarios import is_opinion
from tests.responder.composing import COMPLAINT, PRAISE, composer, findings, make_case

NAMED = {
    "wash": "お洗濯|色落ち|風合い",
    "quality": "質|つくり",
    "size": "サイズ|寸法",
    "smell": "におい",
    "food": "召し上が|お味|お口",
    "repair": "修理|直して",
    "customs": "費用",
    "sale": "価格|表示",
    "gift_card": "ギフトカード|金券",
    "return_lost": "返品|お送り返し",
    "advert": "広告|発信",
    "ethics": "姿勢|取り組み|あり方",
    "subscription": "定期|ご契約",
    "fitting": "試着室",
    "hours": "営業",
    "pickup": "お受け取り",
    "accused": "疑",
    "staff_wrong": "ご?案内|お伝えしたこと",
    "staff_ignored": "応対|目を配|気を配|耳を傾け",
}
"""What each complaint is called in its apology."""
PRAISED = {
    "praise_loyal": "長",
    "praise_restored": "お困り|お役に立て|対応",
    "praise_access": "安心",
    "praise_gift": "大切|思い出",
    "praise_shop": "お店|お越し|足をお運び",
    "praise_brand": "姿勢|取り組み|あり方",
}
ABOUT_GOODS = {"wash", "quality", "size", "smell", "food", "repair", "pickup", "return_lost"}
OPINIONS = {"sale", "advert", "ethics", "hours"}
SAYS_LITTLE = "これはちょっと残念でした。"
MOST_IN_PUBLIC = 240
SEEDS = range(1, 11)
SOME = range(1, 5)


@cache
def one_composer() -> Composer:
    return composer()


@cache
def drafted(
    scenario: str, *, seed: int = 1, text: str = SAYS_LITTLE, needs_dm: bool = True
) -> tuple[ProposedDraft, ...]:
    prediction = replace(
        PRAISE if scenario in PRAISED else COMPLAINT,
        needs_dm=needs_dm and scenario not in PRAISED,
        topic=Topic.PRODUCT if scenario in ABOUT_GOODS else Topic.OTHER,
    )
    options, reason = one_composer().draft(replace(make_case(text, prediction, seed=seed), scenario=scenario))
    assert options, reason
    return tuple(options)


def is_of(option: ProposedDraft, scenario: str) -> bool:
    return any(cited.reference == f"ja-{scenario.replace('_', '-')}" for cited in option.citations)


@pytest.mark.parametrize("scenario", NAMED)
def test_a_complaint_is_answered_in_public_in_private_and_in_short(scenario: str) -> None:
    for seed in SEEDS:
        options = drafted(scenario, seed=seed)

        pair = [(DraftKind.DM_FIRST, Visibility.DM), (DraftKind.DM_FIRST, Visibility.PUBLIC)]
        assert [(option.kind, option.visibility) for option in options] == [
            (DraftKind.FULL, Visibility.PUBLIC),
            *([] if is_opinion(scenario) else pair),
            (DraftKind.SHORT, Visibility.PUBLIC),
        ]
        for option in options:
            assert is_of(option, scenario), option.citations
            assert re.search(NAMED[scenario], option.text), option.text
            assert not blocks(findings(option)), option.text
            assert option.visibility is Visibility.DM or len(option.text) <= MOST_IN_PUBLIC, option.text


@pytest.mark.parametrize("scenario", PRAISED)
def test_praise_is_thanked_for_by_what_it_praises(scenario: str) -> None:
    for seed in SEEDS:
        options = drafted(scenario, seed=seed)

        assert {option.kind for option in options} == {DraftKind.FULL, DraftKind.SHORT}
        for option in options:
            assert is_of(option, scenario), option.citations
            assert re.search(PRAISED[scenario], option.text), option.text
            assert not blocks(findings(option)), option.text
            assert len(option.text) <= MOST_IN_PUBLIC


@pytest.mark.parametrize("scenario", NAMED | PRAISED)
def test_drafts_differ_from_case_to_case(scenario: str) -> None:
    said = {drafted(scenario, seed=seed)[0].text for seed in SEEDS}

    assert len(said) >= 5


@pytest.mark.parametrize("scenario", NAMED)
def test_where_nothing_private_is_needed_it_still_goes_on(scenario: str) -> None:
    """What happens next is told; an opinion is asked for no message."""
    for seed in SOME:
        for option in drafted(scenario, seed=seed, needs_dm=False):
            assert is_of(option, scenario), option.citations
            assert re.search(
                r"確認|確か(?:め|に)|伝え|届け|調べ|見直|ご相談|お探し|共有|照らし合わせ|聞き取り", option.text
            ), option.text
            assert scenario not in OPINIONS or "DM" not in option.text, option.text


def test_whoever_was_suspected_hears_no_word_of_it_repeated() -> None:
    """What they say was done to them is for the person in charge, not for a public reply; and no light word stands there."""
    post = "青山店で万引きを疑われて鞄の中まで見られました。返事もないし、許せません。"
    for seed in SOME:
        for option in drafted("accused", seed=seed, text=post):
            assert not re.search("万引き|鞄|ご不便|見られ", option.text), option.text
            assert re.search("深くお詫び|心よりお詫び", option.text)
            assert "責任者" in option.text


def test_no_code_of_a_gift_card_is_asked_for() -> None:
    for seed in SOME:
        private = next(one for one in drafted("gift_card", seed=seed) if one.visibility is Visibility.DM)

        asked = [sentence for sentence in private.text.split("。") if re.search("コード|暗証番号", sentence)]
        assert asked
        assert all(re.search("お書きにならなくて|不要|伏せた", sentence) for sentence in asked), asked


@pytest.mark.parametrize(
    ("scenario", "post", "named"),
    [
        ("wash", "このセーター、一回で別物になりました", "セーター"),
        ("size", "ブーツ、表示どおりに選んだのに", "ブーツ"),
        ("fitting", "渋谷店で試着しようとしたのですが", "渋谷店"),
        ("hours", "渋谷店まで行ったのに", "渋谷店"),
    ],
)
def test_what_the_post_names_is_named_beside_the_situation(scenario: str, post: str, named: str) -> None:
    text = drafted(scenario, text=post)[0].text

    assert named in text
    assert re.search(NAMED[scenario], text)
