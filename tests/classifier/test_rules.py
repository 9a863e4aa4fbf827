"""Rules beside the model: what is grave is never missed for want of a word, and a figure of speech is no emergency."""

import time

import pytest

from classifier.backends.rules import GROUPS, OWN_DETAILS, RULES, find_fired
from config.locale import catalogue
from domain.words import Intent, Language, Risk

JA, EN = Language.JA, Language.EN


def names(text: str, language: Language) -> set[str]:
    return {fired.rule.name for fired in find_fired(text, language=language)}


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("充電していたら本体から煙が出ました", JA, "safety"),
        ("食べたあと子どもがじんましんを起こして病院に行きました", JA, "safety"),
        ("The charger caught fire last night", EN, "safety"),
        ("my toddler swallowed the battery from the remote", EN, "safety"),
        ("店に火をつけてやる", JA, "threat"),
        ("I know where you live, watch your back", EN, "threat"),
        ("もう死にたいです", JA, "self_harm"),
        ("I want to end my life over this", EN, "self_harm"),
        ("マイページに他人の住所が表示されています", JA, "personal_data"),
        ("I can see someone else's address in my account", EN, "personal_data"),
        ("アカウントが乗っ取られました", JA, "takeover"),
        ("my account was hacked", EN, "takeover"),
        ("弁護士に相談します", JA, "legal"),
        ("see you in small claims court", EN, "legal"),
        ("週刊誌に取材してもらいます", JA, "press"),
        ("I am a journalist writing a story about you", EN, "press"),
        ("御社を名乗る不審なメールが届きました", JA, "phishing"),
        ("there's a fake site pretending to be you", EN, "phishing"),
        ("外国人だからと入店を断られました", JA, "discrimination"),
        ("they refused my guide dog", EN, "discrimination"),
        ("折り返しください。私の携帯は090-1234-5678です", JA, "own_details"),
        ("call me, my number is 07700 900123", EN, "own_details"),
    ],
)
def test_a_word_is_enough_and_the_rule_has_a_name(text: str, language: Language, name: str) -> None:
    assert name in names(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("推しに刺さりまくって心が燃えています", JA),
        ("爆発的に売れてますね！おめでとうございます", JA),
        ("口に入れても大丈夫な素材ですか", JA),
        ("燃えるごみに出せますか？", JA),
        ("燃えるような赤がきれいです", JA),
        ("授乳中でも使えますか", JA),
        ("this sale is on fire and my wallet is bleeding", EN),
        ("this lipstick is dangerously good", EN),
        ("it sparks joy every morning", EN),
        ("Is this safe while breastfeeding?", EN),
        ("the smoked salmon was lovely", EN),
        ("", JA),
        ("", EN),
    ],
)
def test_figures_of_speech_and_questions_beforehand_fire_nothing(text: str, language: Language) -> None:
    assert names(text, language) == set()


def test_the_words_that_set_a_rule_off_are_told_but_never_a_persons_own_details() -> None:
    (fired,) = find_fired("弁護士に相談します", language=JA)
    assert fired.words == ("弁護士",)
    (details,) = find_fired("私の携帯は090-1234-5678です", language=JA)
    assert details.rule is OWN_DETAILS
    assert "090" not in "".join(details.words)


def test_every_rule_has_words_for_people_and_every_risk_a_rule() -> None:
    rules = (*RULES, OWN_DETAILS)
    assert {f"rule.{rule.name}" for rule in rules} <= catalogue("reasons").keys()
    assert {rule.risk for rule in rules} == set(Risk)


def test_a_threat_or_a_life_in_danger_yields_to_no_intent() -> None:
    assert {rule.name for rule in RULES if not rule.yields_to} >= {"self_harm", "threat", "phishing"}
    assert not any(Intent.COMPLAINT in rule.yields_to for rule in RULES)


def test_only_the_groups_that_rules_need_are_read() -> None:
    assert "positive" not in GROUPS
    assert {"harm.hint", "harm.near", "harm.never"} <= GROUPS


@pytest.mark.parametrize("text", ["あ" * 100_000, "fire " * 20_000, "煙が出" * 30_000, "\x00\ud800", "\u202e" * 5_000])
def test_hostile_text_costs_little_and_raises_nothing(text: str) -> None:
    begun = time.process_time()
    for language in (JA, EN):
        find_fired(text, language=language)
    assert time.process_time() - begun < 2
