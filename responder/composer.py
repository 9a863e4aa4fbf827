"""The built-in drafter: playbooks, the brand's book and what the customer named. No network, always the same for one seed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from config.brand_book import BrandBook
from config.playbook import Playbook
from config.playbook_words import all_hold
from domain.cases import Case, Drafter
from domain.replies import ProposedDraft
from domain.understanding import Prediction
from domain.words import DraftKind, Intent, Language, Purpose, Risk, Visibility
from responder.assembly import Material, assemble
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.doubt import DOUBTFUL, is_plain_praise, is_trouble_told
from responder.exposure import EXPOSED, add_request
from responder.grounds import Grounds, GroundsFinder
from responder.knowledge import Shelf
from responder.loss import is_death_told
from responder.material import gather_material
from responder.provenance import DRAFTER_ID, finish
from responder.retelling import RETOLD
from responder.scenarios import LIKELY
from responder.variation import find_unlike

REASONS = ("no_playbook", "too_long", "checks_failed")
"""Why nothing was written; what stands later tells more."""


class Composer(Drafter):
    """Composes up to four options for a case of one brand. Thread-safe; keeps nothing between cases."""

    def __init__(
        self, *, book: BrandBook, playbooks: Sequence[Playbook], today: date, shelf: Shelf | None = None
    ) -> None:
        self._book = book
        self._playbooks = tuple(playbooks)
        self._finder = GroundsFinder(book, today, shelf or Shelf())
        self._approved = {language: _list_approved(book, language) for language in (Language.JA, Language.EN)}

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every draft."""
        return DRAFTER_ID

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return the options, best first; or none and why (a code of ``config/locale/drafting.toml``).

        Two options of kind ``dm_first`` are a pair: the private reply, and the public one that tells of it.
        """
        labelled, case = case.prediction.intent, self._finder.reconsider(case)
        reason = find_refusal(
            case, thanks=self._book.voice.thank_for_praise, is_surely_praise=self._finder.is_surely_praise(case)
        )
        if reason:
            return [], reason
        grounds = replace(self._finder.find(case), is_relabelled=case.prediction.intent is not labelled)
        options: list[ProposedDraft] = []
        reasons = set()
        for kind, visibility in plan_options(case, private=grounds.private and grounds.scenario != DOUBTFUL):
            option, reason = self._write(case, grounds, kind=kind, visibility=visibility)
            if option is None and not RETOLD.isdisjoint(grounds.echoed):
                # Their own clause may be what no check lets through.
                plain = grounds.without(RETOLD)
                option, reason = self._write(case, plain, kind=kind, visibility=visibility)
            if option is None:
                reasons.add(reason)
            elif option.text not in {other.text for other in options}:
                options.append(option)
        return (options, "") if options else ([], max(reasons, key=REASONS.index))

    def _write(
        self, case: Case, grounds: Grounds, *, kind: DraftKind, visibility: Visibility
    ) -> tuple[ProposedDraft | None, str]:
        """Return one option, or None and why."""
        material = gather_material(case, grounds, self._book.voice, kind=kind, visibility=visibility)
        playbooks = self._find_playbooks(case, grounds, material)
        option = self._compose(case, grounds, playbooks, material, kind=kind)
        return option, "" if option else _explain(playbooks, material)

    def _find_playbooks(self, case: Case, grounds: Grounds, material: Material) -> list[Playbook]:
        """Return those that may serve, the most particular first."""
        prediction = case.prediction
        known = set(material.values) | material.flags
        fitting = [
            playbook
            for playbook in self._playbooks
            if playbook.language == case.language.value
            and playbook.purpose is case.purpose
            and playbook.intent in (None, prediction.intent)
            and playbook.visibility in (None, material.visibility)
            and playbook.scenario in ("", grounds.scenario)
            and (not playbook.topics or (prediction.topic in playbook.topics and _is_topic_plain(prediction)))
            and playbook.constructive in (None, prediction.constructive)
            and all_hold(playbook.when, known)
        ]
        return sorted(fitting, key=_particularity)

    def _compose(
        self, case: Case, grounds: Grounds, playbooks: Sequence[Playbook], material: Material, *, kind: DraftKind
    ) -> ProposedDraft | None:
        for playbook in map(add_request, playbooks) if EXPOSED in material.flags else playbooks:
            option = self._vary(case, grounds, playbook, material, kind=kind)
            if option:
                return option
        return None

    def _vary(
        self, case: Case, grounds: Grounds, playbook: Playbook, material: Material, *, kind: DraftKind
    ) -> ProposedDraft | None:
        """Return a combination unlike everything said lately, else the least alike that was found by redrawing moves."""
        approved, short = self._approved[case.language], kind is DraftKind.SHORT
        for made in reversed(find_unlike(playbook, material, case.said_lately, approved=approved, short=short)):
            option = finish(case, grounds, made, kind=kind, playbook=playbook, visibility=material.visibility)
            if not self._is_blocked(case, option, material):
                return option
        return None

    def _is_blocked(self, case: Case, option: ProposedDraft, material: Material) -> bool:
        """Whether the checks would stop it: then it is put another way, or not offered."""
        found = check_text(
            option.text,
            visibility=option.visibility,
            language=option.language,
            measure=material.measure(option.text),
            voice=self._book.voice,
            context=make_draft_context(case, option, book=self._book),
        )
        return bool(blocks(found))


def find_refusal(case: Case, *, thanks: bool = True, is_surely_praise: bool = False) -> str:
    """Return why nothing may be drafted for ``case``: a reason code, or nothing.

    ``thanks``: plain praise is thanked for also where it asks for no answer, and so is what ``is_surely_praise``. A fact of trouble is answered, too, and so is whoever tells
    what was wrong, or has an idea.
    """
    prediction = case.prediction
    risks, intent = prediction.risks, prediction.intent
    is_answer = case.purpose is Purpose.ANSWER
    warned = Risk.PHISHING in risks and prediction.needs_reply
    grave = bool({Risk.LEGAL, Risk.PRESS} & risks) and intent is not Intent.COMPLAINT
    told = prediction.constructive or prediction.suggestion or is_trouble_told(prediction)
    asked = prediction.needs_reply or told or (thanks and (is_surely_praise or is_plain_praise(prediction, case.text)))
    lost = Risk.SAFETY in risks and is_death_told(case.text, case.language)
    refusals = (
        # A person must find the words: no template is good enough for these.
        ("self_harm", Risk.SELF_HARM in risks),
        ("abuse", prediction.abuse),
        ("needs_person", lost or grave or (Risk.SAFETY in risks and prediction.constructive is False)),
        ("not_for_us", is_answer and intent is Intent.OTHER and not warned),
        ("no_reply_needed", is_answer and not asked),
        ("no_route", not case.visibilities),
    )
    return next((code for code, holds in refusals if holds), "")


def plan_options(case: Case, *, private: bool) -> list[tuple[DraftKind, Visibility]]:
    """Return which options to write, best first.

    ``private``: settling it takes the customer's details; then the public reply only opens the door and the private one carries the case.
    What comes after an answer is written for each place where it may go.
    """
    if case.purpose is not Purpose.ANSWER:
        return [(kind, where) for where in case.visibilities for kind in (DraftKind.FULL, DraftKind.SHORT)]
    if Visibility.PUBLIC not in case.visibilities:
        return [(DraftKind.FULL, Visibility.DM), (DraftKind.SHORT, Visibility.DM)]
    if private and Visibility.DM in case.visibilities:
        return [
            (DraftKind.FULL, Visibility.PUBLIC),
            (DraftKind.DM_FIRST, Visibility.DM),
            (DraftKind.DM_FIRST, Visibility.PUBLIC),
            (DraftKind.SHORT, Visibility.PUBLIC),
        ]
    return [(DraftKind.FULL, Visibility.PUBLIC), (DraftKind.SHORT, Visibility.PUBLIC)]


def _is_topic_plain(prediction: Prediction) -> bool:
    """Return whether the topic may choose the wording: a person gave it, or it is more likely than all the others together."""
    return prediction.scores.get("topic", 1.0) >= LIKELY


def _explain(playbooks: Sequence[Playbook], material: Material) -> str:
    """Return why no playbook gave an option."""
    if any(assemble(playbook, material, short=True) for playbook in playbooks):
        return "checks_failed"
    return "too_long" if playbooks else "no_playbook"


def _particularity(playbook: Playbook) -> tuple[bool, int, bool, bool, bool]:
    return (
        playbook.scenario == "",
        -len(playbook.when),
        not playbook.topics,
        playbook.constructive is None,
        playbook.intent is None,
    )


def _list_approved(book: BrandBook, language: Language) -> frozenset[str]:
    """Return what is said word for word: alike for everybody, and rightly so."""
    said = [policy.statement for policy in book.policies] + [issue.statement for issue in book.known_issues]
    said += [entry.answer for entry in book.faq]
    return frozenset(one.say(language).strip() for one in said)
