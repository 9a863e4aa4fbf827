"""What made English drafts unsendable: clauses said back wrongly, ideas and joys that were not named, the wrong kind of case."""

from dataclasses import replace

import pytest

from domain.words import Intent, Language, Risk
from responder.echo import find_echo
from responder.knowledge.particulars import find_particulars
from responder.retelling import retell
from responder.retelling.english_ideas import find_idea
from responder.scenarios import find_scenario
from responder.wishes import find_wish
from tests.responder.composing import COMPLAINT, PRAISE

EN = Language.EN


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("You cancelled my coat order a week after taking payment.", "your coat order was cancelled"),
        (
            "You delivered my boots order to the wrong house without ringing.",
            "your boots order was delivered to the wrong house",
        ),
        ("My points vanished overnight.", "your points vanished overnight"),
        ("Security tag was left on the skirt.", "the security tag was left on the skirt"),
        ("The zip on my Brandname parka came off its track.", "the zip on your parka came off its track"),
        ("Stuck inside it at the bus stop like a sausage.", ""),
        ("I've unsubscribed from your emails four times.", ""),
        ("Your shop is an hour's drive away.", ""),
        ("My raincoat just turned nine.", ""),
    ],
)
def test_trouble_is_said_back_in_whole_and_true_clauses(text: str, matter: str) -> None:
    said = retell(text, EN, Intent.COMPLAINT).get("matter", "")

    assert said == matter or (not matter and said == "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("My overcoat is eleven winters old.", "your overcoat is eleven winters old"),
        (
            "Shout out to the lady in the fitting rooms who pinned my hem!",
            "our colleague in the fitting rooms pinned your hem",
        ),
        (
            "Lady in your shop hemmed my trousers in an hour.",
            "our colleague in the shop hemmed your trousers in an hour",
        ),
    ],
)
def test_joy_is_named(text: str, told: str) -> None:
    assert retell(text, EN, Intent.PRAISE)["told"] == told


@pytest.mark.parametrize(
    ("text", "idea"),
    [
        ("what if you sold spare drawstrings? mine vanish", "spare drawstrings"),
        ("please do the kids' raincoat in grown up sizes", "the kids' raincoat in grown-up sizes"),
        ("Idea: magnetic buttons on coats for people with arthritis", "magnetic buttons on coats"),
        ("Could you put the sizes on the outside of the hangers?", "putting the sizes on the outside of the hangers"),
        ("Would love it if you made the chinos with a longer rise", "the chinos with a longer rise"),
        (
            "Suggestion from a one-handed customer: magnetic buttons on a few of the shirts.",
            "magnetic buttons on the shirts",
        ),
        ("could you refund my order", ""),
        ("Please add my email to the list", ""),
        ("can you make an exception and give me a discount code", ""),
        ("Idea: give all staff a knife", ""),
        ("you should send it to www.example.com", ""),
    ],
)
def test_an_idea_is_named_in_our_words(text: str, idea: str) -> None:
    assert find_idea(text) == idea


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("He sighed at me, actually sighed", "our staff sighed at you"),
        ("She rolled her eyes at my dad", "our staff rolled their eyes at your dad"),
        ("he rolled his eyes at my Lord of the Rings", "our staff rolled their eyes at you"),
        ("I unsubscribed from your emails. Got two more.", "our emails keep coming although you've unsubscribed"),
        ("Screen reader says image on your size chart", "our size guide can't be read with a screen reader"),
        ("Three pairs, same size, and all three fit differently", "the same size fits so differently"),
        ("Washed it once. The jumper now fits my six year old.", "the jumper shrank in the wash"),
        ("a white shirt that turns see-through", "the fabric is see-through"),
        ("Your gift receipt had the price printed on it", "the price was on the gift receipt"),
    ],
)
def test_plain_troubles_are_known(text: str, matter: str) -> None:
    assert find_echo(text, EN)["matter"] == matter


@pytest.mark.parametrize(
    ("text", "scenario"),
    [
        ("Used the screen reader on your size chart and it just says image.", "access"),
        ("Three pairs of your trousers, same label, all three fit differently.", "size"),
        ("Zip broke on the raincoat. My lad was stuck in it and they had to cut him out.", "defect"),
        ("Somebody else's shopping list in the pocket of a coat sold as new", "used_item"),
        ("Order cancelled with no reason given, wedding is saturday", "cancelled"),
        ("Stood at the till for 15 min while two staff chatted about their weekend.", "staff_ignored"),
        ("What if you sold spare toggles?", "suggestion"),
    ],
)
def test_what_kind_of_case_it_is(text: str, scenario: str) -> None:
    assert find_scenario(text, EN, COMPLAINT, {}) == scenario


def test_who_is_stuck_now_is_helped_first() -> None:
    at_risk = replace(COMPLAINT, risks=frozenset({Risk.SAFETY}))

    assert find_scenario("He is stuck in the coat right now, the zip is jammed", EN, at_risk, {}) == "danger"


@pytest.mark.parametrize("text", ["Loved how the parcel was left in the bin.", "These jumpers are so itchy."])
def test_praise_that_tells_of_trouble_is_doubted(text: str) -> None:
    assert find_scenario(text, EN, PRAISE, {}) == "doubtful"


def test_many_spare_parts_take_no_article() -> None:
    assert find_wish("Please send me replacement buttons.", EN) == "replacement buttons"


@pytest.mark.parametrize(
    ("text", "is_left"),
    [("how late can i order to get it by saturday", True), ("the last day to order for christmas", False)],
)
def test_an_entry_for_one_season_answers_for_no_other_day(text: str, *, is_left: bool) -> None:
    names = {one.name for one in find_particulars(text, EN)}

    assert ("other_day" in names) is is_left
