"""Words that the model hears the wrong way round: an injury taken for small talk, praise by double negation for a complaint.

``plain_words.jsonl``: sentences written for this, half of which must not ring. No text of it is in the corpus or in a cold set.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from classifier.artefact import read_artefact
from classifier.backends import plain
from classifier.backends.evidence import collect
from classifier.backends.keyword import KeywordBackend
from classifier.backends.model import ModelBackend
from classifier.backends.plain import Praise, hear_praise
from classifier.backends.rules import find_fired
from classifier.bands import band_of, thresholds_of
from classifier.reasons import say_reason
from domain.understanding import Prediction, TextToClassify
from domain.words import Band, Intent, Language, Risk, Sentiment, Urgency

JA, EN = Language.JA, Language.EN
SENTENCES = Path(__file__).with_name("plain_words.jsonl")


@cache
def shipped() -> ModelBackend:
    return ModelBackend(read_artefact())


@cache
def sentences(about: str, *, rings: bool) -> tuple[tuple[str, Language], ...]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    return tuple(
        (row["text"], Language(row["language"])) for row in rows if row["about"] == about and row["rings"] is rings
    )


def read(text: str, language: Language) -> Prediction:
    return shipped().classify([TextToClassify(text=text, language=language)])[0]


def band(said: Prediction, language: Language) -> Band:
    return band_of(said.scores, language=language, thresholds=thresholds_of(shipped()))


def rings(text: str, language: Language) -> bool:
    return any(one.rule.name == "safety" and one.grave for one in find_fired(text, collect(text, language=language)))


HURT = [
    ("アレルギーの子が食べて病院に運ばれた", JA),
    ("蕎麦アレルギーの母が食べて意識がない", JA),
    ("息子が食べて入院しました", JA),
    ("アナフィラキシーで入院中", JA),
    ("犬におたくのおやつあげたら痙攣して今病院", JA),
    ("うちの猫がおたくのフード食べて死んだ", JA),
    ("息子ゼーゼー言うとる", JA),
    ("ベビーカーのブレーキ効かんくて坂道で焦った", JA),
    ("kid choking on the toy", EN),
    ("my son's choking on the button", EN),
    ("our dog died after the treats", EN),
    ("dad broke his hip on your stairs", EN),
    ("FIRE!! battery exploded", EN),
    ("the child ate it and ended up in hospital", EN),
]


@pytest.mark.parametrize(("text", "language"), HURT)
def test_an_injury_yields_to_no_intent_of_the_model(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.urgency, said.needs_reply) == (Intent.COMPLAINT, Urgency.CRITICAL, True)
    assert Risk.SAFETY in said.risks
    assert "rule: safety" in said.reasons
    assert said.constructive is True
    assert said.sentiment is Sentiment.NEGATIVE


def test_an_injury_that_the_model_takes_for_small_talk_is_for_a_person_to_check() -> None:
    for text, language in HURT[:5]:
        assert band(read(text, language), language) is Band.CHECK


def test_grave_words_ring_and_their_everyday_uses_do_not() -> None:
    missed = [text for text, language in sentences("safety", rings=True) if read(text, language).urgency != "critical"]
    false = [text for text, language in sentences("safety", rings=False) if rings(text, language)]
    assert (missed, false) == ([], [])


def test_a_weak_word_still_yields_to_firm_praise() -> None:
    said = read("this serum is DANGEROUS I keep staring at myself in shop windows 😭✨", EN)
    assert (said.intent, said.urgency) == (Intent.PRAISE, Urgency.LOW)


STOCK = [
    ("文句なし", JA),
    ("文句のつけようがない", JA),
    ("ケチのつけようがない味", JA),
    ("申し分ない", JA),
    ("非の打ち所がない", JA),
    ("言うことなし", JA),
    ("悪くない", JA),
    ("欠点が見当たらない", JA),
    ("間違いない味", JA),
    ("たまらない", JA),
    ("やめられない止まらない", JA),
    ("not bad at all", EN),
    ("hard to fault", EN),
    ("can't fault", EN),
    ("to die for", EN),
    ("no complaints", EN),
    ("nothing to complain about", EN),
    ("couldn't be happier", EN),
    ("can't recommend enough", EN),
    ("never disappoints", EN),
    ("second to none", EN),
]


@pytest.mark.parametrize(("text", "language"), STOCK)
def test_praise_by_double_negation_is_praise(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.sentiment, said.constructive) == (Intent.PRAISE, Sentiment.POSITIVE, None)
    assert said.urgency is Urgency.LOW


def test_against_the_model_set_words_are_never_sure_and_the_rule_is_named() -> None:
    said = read("ケチのつけようがない味", JA)
    assert band(said, JA) is Band.CHECK
    assert said.reasons[0] == f"rule: {plain.PRAISE_RULE}"
    agreed = read("no complaints", EN)
    assert agreed.scores["intent"] > 0.9
    assert f"rule: {plain.PRAISE_RULE}" not in agreed.reasons


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("味は申し分ないのに届くのが遅い", JA),
        ("文句なしと言いたいところだが", JA),
        ("文句言いたい", JA),
        ("申し訳ない", JA),
        ("言うことなしで放置", JA),
        ("臭くてたまらない", JA),
        ("定期購入がやめられない", JA),
        ("私は悪くない", JA),
        ("やばいくらい壊れてる", JA),
        ("やばいくらい壊れてる！", JA),
    ],
)
def test_what_only_begins_like_praise_is_none(text: str, language: Language) -> None:
    assert read(text, language).intent is not Intent.PRAISE


def test_set_words_are_heard_and_those_that_are_taken_back_are_not() -> None:
    missed = [
        text for text, language in sentences("praise", rings=True) if read(text, language).intent is not Intent.PRAISE
    ]
    false = [
        text
        for text, language in sentences("praise", rings=False)
        if hear_praise(text, language=language) is Praise.MEANT
    ]
    assert len(missed) <= 1, missed  # "no dull moment" and the like have no end
    assert len(false) <= 2, false  # irony without a marker


@pytest.mark.parametrize("text", ["no complaints until today", "couldn't fault them until they lost my parcel"])
def test_praise_that_is_taken_back_is_never_sure(text: str) -> None:
    said = read(text, EN)
    assert band(said, EN) is not Band.SURE
    assert said.intent is not Intent.PRAISE or said.reasons[0] == f"rule: {plain.TURNED_RULE}"


def test_a_long_post_is_not_turned_over_by_two_words_in_it() -> None:
    text = "先月の七日に注文した座卓の件で、店頭でも二度お話ししたのですが、脚の長さが四本とも違います。天板の色は申し分ない。"
    assert read(text, JA).intent is Intent.COMPLAINT


def test_the_word_lists_alone_hear_set_words_as_praise_too() -> None:
    for text, language in (("ケチのつけようがない味", JA), ("nothing to complain about", EN)):
        given = TextToClassify(text=text, language=language)
        assert KeywordBackend().classify([given])[0].intent is Intent.PRAISE


def test_the_reasons_have_words_in_both_languages() -> None:
    for rule in (plain.PRAISE_RULE, plain.TURNED_RULE, "nothing_written"):
        for language in ("ja", "en"):
            assert say_reason(f"rule: {rule}", language) != f"rule: {rule}"


def test_the_sentences_are_balanced() -> None:
    counts: Counter[tuple[str, bool, Language]] = Counter()
    for about in ("safety", "praise"):
        for loud in (True, False):
            counts.update((about, loud, language) for _, language in sentences(about, rings=loud))
    assert all(count >= 30 for count in counts.values())
    assert len(counts) == 8


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("コート10年目。ボタンも一度も取れてない。ほんまええ仕事してはるわ", JA),
        ("ここの靴下ばりよか", JA),
        ("このコート、なまらあったかいわ", JA),
        ("canny good service at the Newcastle shop", EN),
    ],
)
def test_praise_in_dialect_is_praise(text: str, language: Language) -> None:
    assert (read(text, language).intent, read(text, language).sentiment) == (Intent.PRAISE, Sentiment.POSITIVE)
