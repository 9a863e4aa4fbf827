"""What a draft tells of itself: what it cites, the facts it used, what a person still has to settle."""

from typing import Final

from config.locale import catalogue, text
from config.playbook import Playbook
from config.playbook_words import FROM_TEXT
from domain.cases import Case
from domain.replies import Citation, ProposedDraft
from domain.words import DraftKind, Intent, Language, Purpose, Visibility
from responder.assembly import Assembled
from responder.doubt import DOUBTFUL
from responder.exposure import exposes_own
from responder.grounds import FAQ, Grounds
from responder.notes import note
from responder.scenarios import is_opinion, yields_to_faq

DRAFTER_ID: Final = "composer-ja-en-1"
KNOWN_FACTS = ("bought", "shipped_on", "expected_on", "when")


def finish(
    case: Case, grounds: Grounds, made: Assembled, *, kind: DraftKind, visibility: Visibility, playbook: Playbook
) -> ProposedDraft:
    """Return the text as an option, with all that an approver is told of it."""
    return ProposedDraft(
        kind=kind,
        visibility=visibility,
        language=case.language,
        text=made.text,
        citations=tuple(_cite(case.language, grounds, made, playbook)),
        facts_used=tuple(_tell_facts(case, grounds, made)),
        open_questions=(*_ask(case, grounds, made), *_warn(case)),
        wordings=made.wordings,
        drafter_id=DRAFTER_ID,
    )


def _tell_facts(case: Case, grounds: Grounds, made: Assembled) -> list[str]:
    known = (name for name in (*FROM_TEXT, *KNOWN_FACTS) if name in made.used)
    facts = [note(f"fact.{name}", made.used[name]) for name in known]
    if {"name", "name_san", "name_sama"} & set(made.used):
        facts.append(note("fact.name", grounds.name))
    if "again" in made.conditions:
        facts.append(note("fact.again", str(case.person.same_topic)))
    if "fan" in made.conditions:
        facts.append(note("fact.fan", str(case.person.praises)))
    return facts


def _cite(language: Language, grounds: Grounds, made: Assembled, playbook: Playbook) -> list[Citation]:
    cited = []
    answers = ((grounds.hit, {"answer", "url"}), (grounds.also, {"answer_too"}), (grounds.helping, {"help"}))
    for hit, variables in answers:
        if hit and variables & set(made.used):
            cited.append(Citation(kind=hit.kind, reference=hit.entry.id, title=hit.title(language), score=hit.score))
    if grounds.issue and "statement" in made.used:
        title = grounds.issue.title.say(language)
        cited.append(Citation(kind="known_issue", reference=grounds.issue.id, title=title))
    for variable, policy in (("policy", grounds.policy), ("offer", grounds.offer)):
        if policy and variable in made.used:
            cited.append(Citation(kind="policy", reference=policy.id, title=policy.title.say(language)))
    cited.append(Citation(kind="playbook", reference=playbook.id, title=_playbook_title(playbook)))
    return cited


def _playbook_title(playbook: Playbook) -> str:
    code = f"playbook.{playbook.id.removeprefix(f'{playbook.language}-')}"
    return text(f"drafting.{code}", playbook.language) if code in catalogue("drafting") else playbook.id


def _warn(case: Case) -> list[str]:
    return [note("question.exposed_own")] if exposes_own(case) else []


def _ask(case: Case, grounds: Grounds, made: Assembled) -> list[str]:
    """Return what a person still has to settle before or after approving."""
    asked = []
    if grounds.offer and "offer" in made.used:
        asked.append(note("question.offer_approver_decides"))
        if grounds.offer.max_value:
            asked.append(note("question.offer_limit", grounds.offer.max_value))
    if "when" in made.used:
        asked.append(note("question.promise_by_clock", made.used["when"]))
    return asked + _ask_of_answer(case, grounds, made) if case.purpose is Purpose.ANSWER else asked


def _ask_of_answer(case: Case, grounds: Grounds, made: Assembled) -> list[str]:
    asked, prediction = [], case.prediction
    if (
        prediction.intent is Intent.QUESTION
        and (grounds.scenario == FAQ or yields_to_faq(grounds.scenario))
        and not {"answer", "url"} & set(made.used)
    ):
        asked.append(note("question.find_answer"))
    if "uncovered" in made.used:
        asked.append(note("question.uncovered", made.used["uncovered"]))
    if grounds.is_relabelled:
        asked.append(note("question.confirm_complaint"))
    if grounds.scenario == DOUBTFUL:
        asked.append(note("question.confirm_label"))
    elif prediction.intent is Intent.COMPLAINT and not grounds.issue and not is_opinion(grounds.scenario):
        asked.append(note("question.confirm_facts"))
    if prediction.risks:
        asked.append(note("question.person_in_charge"))
    return asked
