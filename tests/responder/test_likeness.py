"""Customers with one trouble get different replies: how alike they are, approved statements left out."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from domain.cases import Case
from domain.replies import ProposedDraft
from domain.words import DraftKind, Intent, Language, Risk, Sentiment, Topic, Urgency, Visibility
from responder.likeness import SaidLately, find_likeness, list_grams
from tests.responder.composing import COMPLAINT, PRAISE, composer, demo_book, make_case

COLD = Path(__file__).parents[1] / "classifier" / "cold"
MOST_SHARED = 0.6
POSTS = 50
COMPARED = (DraftKind.FULL, DraftKind.DM_FIRST)
TROUBLES = [
    (Language.JA, Topic.DELIVERY, "まだ{}が届きません。どうなっていますか", ("靴", "コート", "マグカップ", "荷物")),
    (Language.JA, Topic.REFUND, "{}の返金がまだです", ("靴", "コート", "マグカップ", "傘")),
    (Language.EN, Topic.DELIVERY, "my {} still hasn't arrived, where is it", ("coat", "mug", "parcel", "boots")),
    (Language.EN, Topic.REFUND, "still no refund for the {}", ("coat", "mug", "umbrella", "jacket")),
]
NAMES = ("ゆき", "佐藤", "", "はな", "Emma", "Tom", "Grace")


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_of_fifty_posts_on_one_topic_no_two_drafts_share_more_than_three_fifths(
    language: Language, topic: Topic
) -> None:
    assert find_worst(read_cases(language, topic)) <= MOST_SHARED


@pytest.mark.parametrize(("language", "topic", "text", "things"), TROUBLES)
def test_of_one_trouble_told_fifty_times_no_two_drafts_share_more_than_three_fifths(
    language: Language, topic: Topic, text: str, things: tuple[str, ...]
) -> None:
    cases = [
        make_case(
            text.format(things[number % len(things)]),
            replace(COMPLAINT, topic=topic, urgency=(Urgency.NORMAL, Urgency.HIGH)[number % 2]),
            language=language,
            name=NAMES[number % len(NAMES)],
            seed=number,
        )
        for number in range(POSTS)
    ]
    assert find_worst(cases) <= MOST_SHARED


def read_cases(language: Language, topic: Topic) -> list[Case]:
    """Return fifty cases of the cold sets, with the labels that people gave them."""
    rows = [
        json.loads(line)
        for file in sorted(COLD.glob(f"*/{language.value}.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return [
        make_case(
            row["text"],
            replace(
                COMPLAINT,
                topic=topic,
                intent=Intent(said["intent"]),
                sentiment=Sentiment(said["sentiment"]),
                urgency=Urgency(said["urgency"]),
                risks=frozenset(Risk(risk) for risk in said["risks"]),
                **{name: said[name] for name in ("constructive", "suggestion", "abuse", "needs_reply", "needs_dm")},
            ),
            language=language,
            name=NAMES[number % len(NAMES)],
            seed=number,
        )
        for number, row in enumerate(rows)
        if (said := row["labels"])["topic"] == topic.value and said["needs_reply"]
    ][:POSTS]


def find_worst(cases: Iterable[Case]) -> float:
    """Return the likeness of the two drafts that are most alike, of one kind and visibility."""
    drafter, said = composer(), list[str]()
    drafts: dict[tuple[DraftKind, Visibility], list[ProposedDraft]] = defaultdict(list)
    for case in cases:
        options, _reason = drafter.draft(replace(case, said_lately=tuple(reversed(said))))
        for option in options:
            drafts[option.kind, option.visibility].append(option)
        said += [option.text for option in options if option.kind in COMPARED]
    assert drafts
    return max(compare(options) for (kind, _where), options in drafts.items() if kind in COMPARED)


def compare(options: Sequence[ProposedDraft]) -> float:
    book, language = demo_book(), options[0].language
    entries = [policy.statement for policy in book.policies] + [issue.statement for issue in book.known_issues]
    entries += [entry.answer for entry in book.faq]
    approved = frozenset(entry.say(language).strip() for entry in entries)
    grams = [list_grams(option.text, approved) for option in options]
    return max((find_likeness(one, other) for one, other in combinations(grams, 2)), default=0.0)


def test_likeness_is_the_share_of_the_shorter_text() -> None:
    assert find_likeness(list_grams("We are very sorry."), list_grams("We are very sorry!")) == 1
    assert find_likeness(list_grams("We are very sorry."), list_grams("おはようございます")) == 0
    assert find_likeness(list_grams("We are very sorry."), list_grams("We are very happy.")) == 0.5
    assert find_likeness(list_grams(""), list_grams("We are very sorry.")) == 0


def test_what_is_too_alike_weighs_more_the_more_alike_it_is() -> None:
    near, far = list_grams("We are very sorry about it."), list_grams("Thank you for your kind words.")
    same = list_grams("We are very sorry.")

    assert SaidLately([]).weigh(same, enough=0.5).most == 0
    assert SaidLately([far]).weigh(same, enough=0.5).excess == 0
    assert SaidLately([far, near]).weigh(same, enough=0.5).to == near
    once, twice = SaidLately([near]).weigh(same, enough=0.5), SaidLately([near, same]).weigh(same, enough=0.5)
    assert once.most == find_likeness(same, near)
    assert twice.excess > once.excess
    assert SaidLately([near, same]).weigh(same, enough=0.5, limit=0.05) == once


def test_an_approved_statement_does_not_make_replies_alike() -> None:
    statement = "We know of this fault and are mending it."
    one, other = (list_grams(f"{greeting} {statement}", frozenset({statement})) for greeting in ("Hello.", "Dear all."))
    assert find_likeness(one, other) < 0.5
    assert find_likeness(list_grams(f"Hello. {statement}"), list_grams(f"Dear all. {statement}")) > 0.8


def test_a_reply_that_was_not_said_lately_is_left_as_it_is() -> None:
    case = make_case("梱包が丁寧で感動しました", PRAISE, seed=4)
    alone, _reason = composer().draft(case)
    beside, _reason = composer().draft(replace(case, said_lately=("まったく別のことを書いた返信です。",)))
    again, _reason = composer().draft(replace(case, said_lately=(alone[0].text,)))

    assert beside[0].text == alone[0].text
    assert again[0].text != alone[0].text
