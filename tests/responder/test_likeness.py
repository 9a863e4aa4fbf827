"""Customers with one trouble get different replies: how alike they are, approved statements left out."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import pytest

from domain.words import DraftKind, Language, Topic, Urgency, Visibility
from responder.likeness import find_likeness, find_most_alike, list_grams
from tests.responder.composing import COMPLAINT, PRAISE, composer, demo_book, make_case

MOST_SHARED = 0.75
"""One trouble told in the very same words; of varied posts bench/drafts.py tells."""
POSTS = 25
TROUBLES = [
    (Language.JA, Topic.DELIVERY, "まだ{}が届きません。どうなっていますか", ("靴", "コート", "マグカップ", "荷物")),
    (Language.JA, Topic.REFUND, "{}の返金がまだです", ("靴", "コート", "マグカップ", "傘")),
    (Language.EN, Topic.DELIVERY, "my {} still hasn't arrived, where is it", ("coat", "mug", "parcel", "boots")),
    (Language.EN, Topic.REFUND, "still no refund for the {}", ("coat", "mug", "umbrella", "jacket")),
]
NAMES = ("ゆき", "佐藤", "", "はな", "Emma", "Tom", "Grace")


@pytest.mark.parametrize(("language", "topic", "text", "things"), TROUBLES)
def test_no_two_replies_to_one_trouble_share_more_than_three_quarters(
    language: Language, topic: Topic, text: str, things: tuple[str, ...]
) -> None:
    drafter = composer()
    said: list[str] = []
    by_visibility: dict[Visibility, list[frozenset[str]]] = defaultdict(list)
    approved = frozenset(
        statement.say(language).strip()
        for statement in [policy.statement for policy in demo_book().policies]
        + [issue.statement for issue in demo_book().known_issues]
    )
    for number in range(POSTS):
        urgency = (Urgency.NORMAL, Urgency.HIGH)[number % 2]
        case = replace(
            make_case(
                text.format(things[number % len(things)]),
                replace(COMPLAINT, topic=topic, urgency=urgency),
                language=language,
                name=NAMES[number % len(NAMES)],
                seed=number,
            ),
            said_lately=tuple(reversed(said)),
        )
        options, reason = drafter.draft(case)
        assert options, reason
        for option in options[:2]:
            by_visibility[option.visibility].append(list_grams(option.text, approved))
        said += [option.text for option in options if option.kind is not DraftKind.SHORT]
    worst = {
        visibility.value: round(max(find_likeness(one, other) for one, other in combinations(texts, 2)), 2)
        for visibility, texts in by_visibility.items()
    }
    assert max(worst.values()) <= MOST_SHARED, worst


def test_likeness_is_the_share_of_the_shorter_text() -> None:
    assert find_likeness(list_grams("We are very sorry."), list_grams("We are very sorry!")) == 1
    assert find_likeness(list_grams("We are very sorry."), list_grams("おはようございます")) == 0
    assert find_likeness(list_grams("We are very sorry."), list_grams("We are very happy.")) == 0.5
    assert find_likeness(list_grams(""), list_grams("We are very sorry.")) == 0
    assert find_most_alike(list_grams("hello there"), []) == 0


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
