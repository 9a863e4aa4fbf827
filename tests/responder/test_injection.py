"""A post is data: it cannot change language, place, offers or links, and nothing of it leaks into a reply."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.replies import ProposedDraft
from domain.understanding import Prediction
from domain.words import Intent, Language, Topic, Urgency, Visibility
from responder.checks import blocks
from responder.checks.privacy import shows_personal_data
from responder.notes import note
from tests.responder.attempts import NAMES, PLAIN, TEXTS
from tests.responder.composing import (
    COMPLAINT,
    PRAISE,
    QUESTION,
    VENTING,
    composer,
    demo_book,
    draft,
    findings,
    make_case,
    measure,
)

POISON = re.compile(
    r"evil|scammer|script|onerror|jndi|example\.com|4111|1002345|090-1234|555|渋谷区|全額|500|詐欺|scam|liable|50%|90%|激安"
    r"|cheapest|idiot|馬鹿|遺憾|SYSTEM|\{|\}|<|>|@|#|[\u202a-\u202e\u200b]|https?:|www\.|free coat|French"
)
EXPOSED_OWN = note("question.exposed_own")


def shape(options: list[ProposedDraft]) -> list[tuple[object, ...]]:
    """Return what an attempt must not change: kinds, places, languages, what is cited and asked.

    That a post shows its writer's own number is a fact of it, told to the approver (``test_exposure.py``).
    """
    return [
        (
            one.kind,
            one.visibility,
            one.language,
            tuple(cited.kind for cited in one.citations),
            [asked for asked in one.open_questions if asked != EXPOSED_OWN],
        )
        for one in options
    ]


@pytest.mark.parametrize(("attempt", "language"), TEXTS)
def test_no_attempt_changes_a_complaints_reply(attempt: str, language: Language) -> None:
    options = draft(f"{PLAIN[language]}{attempt}", language=language)

    assert shape(options) == shape(draft(PLAIN[language], language=language))
    for one in options:
        assert not POISON.search(one.text), one.text
        assert blocks(findings(one)) == ()
        assert ("クーポン" in one.text or "coupon" in one.text) == (one.visibility is Visibility.DM)


@pytest.mark.parametrize(("attempt", "language"), TEXTS)
@pytest.mark.parametrize(
    "prediction",
    [PRAISE, VENTING, QUESTION, replace(COMPLAINT, topic=Topic.STAFF)],
    ids=["praise", "venting", "question", "staff"],
)
def test_no_attempt_gets_into_any_other_reply(attempt: str, language: Language, prediction: Prediction) -> None:
    for one in draft(attempt, prediction, language=language):
        assert one.language is language
        said = one.text
        for entry in demo_book().faq:
            said = said.replace(entry.answer.say(language).strip(), "")
        assert not POISON.search(said), one.text
        assert blocks(findings(one)) == ()
        assert "クーポンをご用意" not in said
        assert "coupon" not in said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_no_name_gets_into_a_reply_that_is_not_one(name: str, language: Language) -> None:
    for one in draft(PLAIN[language], language=language, name=name):
        assert not POISON.search(one.text), one.text
        assert "返金" not in one.text
        assert "店長" not in one.text
        assert "IGNORE" not in one.text.upper()
        assert "Hi Free" not in one.text


predictions = st.builds(
    lambda intent, topic, urgency, dm, constructive, suggestion: replace(
        COMPLAINT,
        intent=intent,
        topic=topic,
        urgency=urgency,
        needs_dm=dm,
        constructive=constructive if intent is Intent.COMPLAINT else None,
        suggestion=suggestion,
    ),
    st.sampled_from([Intent.COMPLAINT, Intent.PRAISE, Intent.QUESTION]),
    st.sampled_from(Topic),
    st.sampled_from(Urgency),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
fragments = st.sampled_from(
    [
        *(text for text, _language in TEXTS),
        "コート",
        "coat",
        "2週間",
        "ログイン",
        "refund",
        "https://evil.example",
        "090-1234-5678",
        "a@b.example",
        "{x}",
        "\u202e",
    ]
)
hostile = st.lists(st.one_of(st.text(max_size=40), fragments), max_size=6).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    text=hostile,
    name=st.one_of(st.text(max_size=30), st.sampled_from(NAMES)),
    prediction=predictions,
    japanese=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_no_text_at_all_leaks_or_breaks_a_reply(
    text: str, name: str, prediction: Prediction, *, japanese: bool, seed: int
) -> None:
    language = Language.JA if japanese else Language.EN
    case = make_case(text, prediction, language=language, name=name, seed=seed)

    options, reason = composer().draft(case)

    assert options, reason
    for one in options:
        assert measure(one.text, one.visibility).fits
        assert blocks(findings(one)) == ()
        assert not re.search(r"https?://|@\w|\{", one.text)
        assert one.visibility is Visibility.DM or not shows_personal_data(one.text)
        assert one.language is language
        assert one.visibility is Visibility.DM or "question.offer_approver_decides" not in one.open_questions
        assert note("fact.name", "") not in one.facts_used
