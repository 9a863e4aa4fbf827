"""Cases for the composer: the demo shop's book, the shipped playbooks, a platform of 300 graphemes."""

import shutil
import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import regex

from config.brand_book import BrandBook
from config.playbook import Playbook
from config.prose import load_books, load_playbooks
from domain.cases import Case
from domain.replies import CheckResult, Measure, ProposedDraft
from domain.understanding import Prediction
from domain.words import Intent, Language, Sentiment, Topic, Urgency, Visibility
from responder.checks import TextContext, check_text
from responder.checks.surroundings import find_grounds
from responder.composer import Composer

TODAY = date(2026, 11, 20)
BOTH = (Visibility.PUBLIC, Visibility.DM)

COMPLAINT = Prediction(
    sentiment=Sentiment.NEGATIVE,
    intent=Intent.COMPLAINT,
    constructive=True,
    suggestion=False,
    abuse=False,
    topic=Topic.PRODUCT,
    urgency=Urgency.NORMAL,
    risks=frozenset(),
    needs_reply=True,
    needs_dm=True,
    scores={},
)
PRAISE = replace(
    COMPLAINT,
    sentiment=Sentiment.POSITIVE,
    intent=Intent.PRAISE,
    constructive=None,
    needs_dm=False,
    urgency=Urgency.LOW,
)
QUESTION = replace(COMPLAINT, sentiment=Sentiment.NEUTRAL, intent=Intent.QUESTION, constructive=None, needs_dm=False)
VENTING = replace(COMPLAINT, constructive=False, needs_dm=False, topic=Topic.OTHER, urgency=Urgency.LOW)


@cache
def demo_book() -> BrandBook:
    """Return the book of the demo shop."""
    with tempfile.TemporaryDirectory() as home, as_file(files("config") / "demo" / "brand") as shipped:
        shutil.copytree(shipped, Path(home) / "brands" / "default")
        return load_books(Path(home))["default"]


@cache
def playbooks() -> tuple[Playbook, ...]:
    return load_playbooks(None)


def composer(book: BrandBook | None = None) -> Composer:
    return Composer(book=book or demo_book(), playbooks=playbooks(), today=TODAY)


def measure(text: str, visibility: Visibility) -> Measure:
    limit = 300 if visibility is Visibility.PUBLIC else 1000
    return Measure(length=len(regex.findall(r"\X", text)), limit=limit)


def make_case(
    text: str,
    prediction: Prediction = COMPLAINT,
    *,
    language: Language = Language.JA,
    name: str = "",
    visibilities: tuple[Visibility, ...] = BOTH,
    seed: int = 1,
) -> Case:
    return Case(
        text=text,
        language=language,
        prediction=prediction,
        author_name=name,
        author_handle="somebody",
        visibilities=visibilities,
        measure=measure,
        seed=seed,
    )


def draft(
    text: str,
    prediction: Prediction = COMPLAINT,
    *,
    language: Language = Language.JA,
    name: str = "",
    visibilities: tuple[Visibility, ...] = BOTH,
    seed: int = 1,
) -> list[ProposedDraft]:
    """Return the options; fails when there are none."""
    case = make_case(text, prediction, language=language, name=name, visibilities=visibilities, seed=seed)
    options, reason = composer().draft(case)
    assert options, reason
    return options


def findings(option: ProposedDraft, book: BrandBook | None = None) -> tuple[CheckResult, ...]:
    known = book or demo_book()
    return check_text(
        option.text,
        visibility=option.visibility,
        language=option.language,
        measure=measure(option.text, option.visibility),
        voice=known.voice,
        context=TextContext(grounds=tuple(find_grounds(known, option.citations, option.language)), hosts=known.hosts),
    )
