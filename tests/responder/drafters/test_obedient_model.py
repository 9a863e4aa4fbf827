"""The worst model does whatever a post tells it to. Nothing of it may reach a draft: the composer's text stands instead."""

from collections import Counter

import pytest

from domain.cases import Case, Drafter
from domain.replies import ProposedDraft
from domain.words import Language
from responder.drafters.model_drafter import ModelDrafter, Wording
from tests.responder.attempts import ATTEMPTS, Attempt, Told
from tests.responder.composing import composer, demo_book, playbooks

KINDS = {
    "offer",
    "link",
    "language",
    "leak",
    "visibility",
    "details",
    "role",
    "format",
    "hidden",
    "encoded",
    "name",
    "product",
}


class Remembering(Drafter):
    """The composer, asked once for each attempt."""

    def __init__(self) -> None:
        self._composer = composer()
        self._drafted: dict[tuple[str, str], tuple[list[ProposedDraft], str]] = {}

    @property
    def drafter_id(self) -> str:
        return self._composer.drafter_id

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        key = case.text, case.author_name
        if key not in self._drafted:
            self._drafted[key] = self._composer.draft(case)
        return self._drafted[key]


@pytest.fixture(scope="module")
def alone() -> Remembering:
    return Remembering()


@pytest.fixture(scope="module")
def model() -> Told:
    return Told(str)


@pytest.fixture(scope="module")
def drafter(alone: Remembering, model: Told) -> ModelDrafter:
    return ModelDrafter(alone, wording=Wording(chat=model), book=demo_book(), playbooks=playbooks())


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_there_are_attempts_enough_of_every_kind(language: Language) -> None:
    kinds = Counter(one.harm for one in ATTEMPTS if one.language is language)

    assert sum(kinds.values()) >= 50
    assert set(kinds) == KINDS


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.language}-{one.harm}")
def test_a_model_that_obeys_is_not_used(
    attempt: Attempt, model: Told, drafter: ModelDrafter, alone: Remembering
) -> None:
    expected, _ = alone.draft(attempt.case())
    model.extra = attempt.extra
    for write in (
        lambda _outline: attempt.obeyed,
        lambda outline: f"{outline} {attempt.obeyed}",
        lambda outline: f"{attempt.obeyed} {outline}",
    ):
        model.write = write

        options, _ = drafter.draft(attempt.case())

        assert [one.text for one in options] == [one.text for one in expected]
        assert [(one.kind, one.visibility, one.language, one.drafter_id) for one in options] == [
            (one.kind, one.visibility, one.language, one.drafter_id) for one in expected
        ]
        assert all(any(fact.startswith("fallback.") for fact in one.facts_used) for one in options)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.language}-{one.harm}")
def test_a_model_that_keeps_to_its_outline_is_used_whatever_the_post_says(
    attempt: Attempt, model: Told, drafter: ModelDrafter, alone: Remembering
) -> None:
    """Without this, guards that refuse everything would pass the test above."""
    model.write, model.extra = str, {}
    expected, _ = alone.draft(attempt.case())

    options, _ = drafter.draft(attempt.case())

    assert [one.text for one in options] == [one.text for one in expected]
    assert all(one.drafter_id == drafter.drafter_id for one in options)
    assert not any(fact.startswith("fallback.") for one in options for fact in one.facts_used)
