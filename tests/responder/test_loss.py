"""A death that our goods may have caused is a person's to answer; one that nearly happened is not a death."""

import pytest

from domain.words import Language
from responder.loss import is_death_told

JA, EN = Language.JA, Language.EN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My dog died because of your collar", EN),
        ("my cat died after eating your fur toy", EN),
        ("You killed my cat with your flea collar", EN),
        ("our rabbit sadly passed away last night, your hay did it", EN),
        ("うちの犬が首輪のせいで死にました", JA),
        ("おやつを食べた猫が今朝亡くなりました", JA),
    ],
)
def test_a_death_is_heard(text: str, language: Language) -> None:
    assert is_death_told(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My dog nearly died because of your treats", EN),
        ("My dog could have died", EN),
        ("the dog's light died after a week", EN),
        ("the battery died and burned my hand", EN),
        ("You nearly killed my cat with your flea collar", EN),
        ("猫が首輪のせいで死にかけました", JA),
        ("暑くて犬が死にそうです", JA),
        ("画面が死んだ", JA),
    ],
)
def test_what_nearly_happened_and_what_stopped_working_is_no_death(text: str, language: Language) -> None:
    assert not is_death_told(text, language)
