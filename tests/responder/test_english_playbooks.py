"""English drafts: short enough for X, whole clauses for what went wrong, words for all that comes after an answer."""

import re

import pytest

from config.playbook_words import all_hold
from domain.words import Language, Purpose
from responder.echo import find_echo
from responder.wordlists import read_words
from tests.responder.composing import playbooks
from tests.responder.test_wordings import render

OF_THE_CASE = {"public", "dm", "needs_dm", "needs_contact", "paired", "no_dm"}
BY_THE_BRAND = {"statement", "answer"}
HARMED = {
    "safety",
    "health",
    "hospital",
    "treated",
    "health_now",
    "pet_ill",
    "emergency",
    "attended",
    "unplugged",
    "danger",
    "outside",
    "medicine_wrong",
    "trapped",
}


@pytest.mark.parametrize("how", ["needs_dm", "needs_contact", "paired", "no_dm"])
def test_what_must_be_said_in_public_leaves_room_within_280_characters(how: str) -> None:
    for playbook in playbooks():
        if playbook.language != "en" or playbook.purpose is not Purpose.ANSWER:
            continue
        said = 0
        for move in playbook.moves:
            conditions = tuple(one for one in move.when if one.removeprefix("!") in OF_THE_CASE)
            if move.optional or move.move in BY_THE_BRAND or not all_hold(conditions, {"public", how}):
                continue
            said += 1 + min(len(render(playbook, wording)) for wording in move.wordings)
        assert said <= 240, (playbook.id, said)


def test_what_went_wrong_is_a_clause_said_to_the_customer() -> None:
    """It stands after "We're sorry that": no full stop, and never in the customer's own person."""
    said = read_words("echo")["en"]
    for entry in (*said["matter"], *said["unheard"]):
        assert not re.search(r"[.!?]$|\b(?:I|my|me)\b", entry["say"]), entry["say"]
        assert entry["say"][0].islower(), entry["say"]


def test_each_purpose_has_words_in_english() -> None:
    written = {book.purpose for book in playbooks() if book.language == "en"}

    assert written == set(Purpose)


def test_nobody_in_danger_is_thanked_for_telling() -> None:
    """What to do now comes first; thanks for a report of an injury would be cold."""
    for playbook in playbooks():
        if playbook.language == "en" and playbook.scenario in HARMED:
            moves = [move.move for move in playbook.moves]
            assert "thank" not in moves
            assert moves.index("care") < moves.index("apologise")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("charged me twice for the same kettle", "you've been charged twice"),
        ("tracking hasn't moved in 9 days", "your tracking hasn't moved"),
        ("no network since yesterday", "you have no signal"),
        ("sent me ONE shoe", "only one shoe came"),
        ("the code SPRING5 from your mail says invalid", "your code was turned down"),
        ("driver chucked it over the gate into a puddle", "your parcel was thrown and got soaked"),
        ("a lovely day, thank you", ""),
    ],
)
def test_what_went_wrong_is_named_in_our_own_words(text: str, named: str) -> None:
    assert find_echo(text, Language.EN).get("matter", "") == named


@pytest.mark.parametrize(
    ("variable", "text", "named"),
    [
        ("unheard", "Was told a call back within the hour. That was Thursday.", "nobody has called you back"),
        ("unheard", "I've emailed you twice about it", "you've had to write to us twice"),
        ("unheard", "on hold 40 minutes and cut off", "you were kept on hold and then cut off"),
        ("unheard", "two emails a day from you", ""),
        ("nth", "third time you've sent the wrong one", "a third time"),
        ("nth", "third time asking", ""),
        ("harm", "came out in a rash", "the rash"),
        ("contents", "What is in these things???", "what it's made and treated with"),
        ("found", "there was another lady's invoice in my box", "someone else's invoice"),
        ("found", "the invoice is wrong", ""),
    ],
)
def test_what_came_with_the_trouble_is_named_too(variable: str, text: str, named: str) -> None:
    assert find_echo(text, Language.EN).get(variable, "") == named


def test_a_thing_written_in_capitals_is_named_in_small_letters() -> None:
    assert find_echo("KETTLE BROKEN", Language.EN)["item"] == "kettle"
