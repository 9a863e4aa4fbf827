"""Which entries of the brand's book a reply cites: the answer, a second one, what stays open; and the way out for a complaint."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from config.brand_book import FaqEntry
from domain.cases import Case
from domain.words import Intent, Language, Urgency
from responder.echo import find_echo
from responder.knowledge import (
    PERHAPS,
    THRESHOLD,
    Hit,
    is_about,
    is_question,
    name_asked,
    name_other,
    questions_apart,
    tells_something,
)
from responder.manner import HURT, grade_severity
from responder.scenarios import helping_concepts, is_furious
from responder.wordlists import read_words

Search = Callable[[str], Sequence[Hit]]
SURELY = 0.8
"""A complaint is shown an entry only where it is all but sure to be the answer."""
CALM = frozenset({Urgency.NORMAL, Urgency.LOW})
MOST_OPEN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """What a reply to a question stands on."""

    hit: Hit
    also: Hit | None = None
    """What answers another question of the same post."""

    def uncovered(self, language: Language) -> str:
        """Return what is still to be found out, in our words, for ``{uncovered}``."""
        return ("と" if language is Language.JA else " and ").join(self.hit.uncovered)


def find_cited(text: str, language: Language, search: Search) -> Cited | None:
    """Return what answers ``text`` (NFKC, untrusted), each of its questions on its own where there are several.

    What nothing answers is named, so that it can be taken up. None where nothing answers any of them.
    """
    whole = search(text)
    hit, parts = _best(whole), questions_apart(text, language)
    if len(parts) == 1:
        # A story around it can hide what is asked: then the question alone decides between the same entries.
        alone = None if hit or parts[0] == text else _best(search(parts[0]))
        hit = alone if alone and whole and alone.entry.id == whole[0].entry.id else hit
        return Cited(hit=hit) if hit else None
    answers = [_best(search(part)) for part in parts]
    found = [one for one in answers if one]
    if not found:
        return Cited(hit=hit) if hit else None
    # A sentence that asks nothing of its own goes with the others: the whole is answered by what answers it.
    first, *more = [hit, *found] if hit and all(hit.entry.id != one.entry.id for one in found) else found
    also = next((one for one in more if one.entry.id != first.entry.id and not one.uncovered), None)
    left = [
        part for part, one in zip(parts, answers, strict=True) if one is None and _stands_alone(part, first, search)
    ]
    named = [name_asked(part, first.entry, language) or _name_subject(part, language) for part in left]
    said = tuple(dict.fromkeys((*first.uncovered, *(one for names in named for one in names))))
    if len(said) > MOST_OPEN or (not hit and not all(named)):
        return None
    return Cited(hit=replace(first, uncovered=said), also=also)


def sends_back(text: str, language: Language, hit: Hit) -> bool:
    """Return whether ``hit`` sends somebody to a page who says that they looked there and found nothing."""
    silent = read_words("retrieval")["silent"]
    answer = hit.said(language).casefold()
    found = _silence("ja" if language is Language.JA else "en").search(text)
    return found is not None and any(word in answer for word in silent["pointing"])


@cache
def _silence(said: str) -> re.Pattern[str]:
    return re.compile("|".join(read_words("retrieval")["silent"][said]), re.IGNORECASE)


def _stands_alone(part: str, hit: Hit, search: Search) -> bool:
    """Return whether a sentence asks something that has nothing to do with what ``hit`` answers."""
    return all(one.score < PERHAPS for one in search(part) if one.entry.id == hit.entry.id)


def find_help(case: Case, scenario: str, search: Search) -> Hit | None:
    """Return the entry that solves what ``case`` complains of, for a next step: never for a grave case, never to somebody furious.

    Only what the scenario is known to be solved by (``helping`` in ``scenarios.toml``), wholly covered and all but sure.
    """
    prediction = case.prediction
    about, only_asked = helping_concepts(scenario)
    if not about or prediction.intent is not Intent.COMPLAINT or prediction.constructive is False or prediction.abuse:
        return None
    if prediction.risks or prediction.urgency not in CALM or is_furious(case.text, case.language):
        return None
    if grade_severity(prediction, waited="", again=case.person.same_topic > 0) >= HURT:
        return None
    parts = questions_apart(case.text, case.language)
    if only_asked and parts == [case.text] and not is_question(case.text, case.language):
        return None
    for part in dict.fromkeys((case.text, *parts)):
        hit = next(iter(search(part)), None)
        if hit and _is_sure(hit) and any(is_about(hit.entry, concepts) for concepts in about):
            return hit
    return None


def _is_sure(hit: Hit) -> bool:
    return hit.score >= SURELY and not hit.uncovered and isinstance(hit.entry, FaqEntry)


def _name_subject(text: str, language: Language) -> tuple[str, ...]:
    subject = find_echo(text, language).get("subject", "")
    if subject:
        return (subject,)
    return (name_other(language),) if tells_something(text, language) else ()


def _best(hits: Sequence[Hit]) -> Hit | None:
    return hits[0] if hits and hits[0].score >= THRESHOLD else None
