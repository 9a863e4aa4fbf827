"""The built-in drafter: playbooks, the brand's book and what the customer named. No network, always the same for one seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from config.brand_book import BrandBook, KnownIssue, Playbook, Policy
from config.locale import catalogue, text
from domain.cases import Case, Drafter
from domain.replies import Citation, Measure, ProposedDraft
from domain.words import DraftKind, Intent, Language, Risk, Visibility
from responder.assembly import UNREPORTED, UNSIGNED, Assembled, Material, assemble
from responder.echo import find_echo
from responder.names import address
from responder.notes import note
from responder.retrieval import THRESHOLD, Hit, Retriever, find_issue
from responder.scenarios import find_scenario, policy_hint

DRAFTER_ID = "composer-ja-en-1"
KNOWN_ISSUE = "known_issue"
FAQ = "faq"
POLICY_THRESHOLD = 0.5
"""A policy must be about the scenario by at least half of its title."""
OFFERING = frozenset({"wrong_item", "lacking", "defect", "missing", "late"})
OPINIONS = frozenset({"venting", "price", "suggestion"})
"""Nothing to look up in the records."""
UNTOUCHED_BY_ISSUES = frozenset({"breach", "safety", "grave", "exposed", "phishing", "venting"})
ECHOED_FACTS = (
    "ordered",
    "received",
    "item",
    "place",
    "waited",
    "matter",
    "subject",
    "detail",
    "feature",
    "fee",
    "procedure",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stand:
    """What the replies to one case stand on."""

    scenario: str
    echoed: Mapping[str, str]
    issue: KnownIssue | None
    hit: Hit | None
    policy: Policy | None
    offer: Policy | None
    name: str


class Composer(Drafter):
    """Composes up to three options for a case of one brand. Thread-safe; keeps nothing between cases."""

    def __init__(self, *, book: BrandBook, playbooks: Sequence[Playbook], today: date) -> None:
        self._book = book
        self._playbooks = tuple(playbooks)
        self._today = today
        self._retrievers = {language: Retriever(book, language) for language in (Language.JA, Language.EN)}

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every draft."""
        return DRAFTER_ID

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return up to three options, best first; or none and why (a code of ``config/locale/drafting.toml``)."""
        reason = find_refusal(case)
        if reason:
            return [], reason
        stand = self._find_stand(case)
        playbooks = self._find_playbooks(case, stand)
        if not playbooks:
            return [], "no_playbook"
        options: list[ProposedDraft] = []
        for kind, visibility in plan_options(case):
            option = self._compose(case, stand, playbooks, kind=kind, visibility=visibility)
            if option and option.text not in {other.text for other in options}:
                options.append(option)
        return options, "" if options else "too_long"

    def _find_stand(self, case: Case) -> _Stand:
        prediction, language = case.prediction, case.language
        echoed = find_echo(case.text, language)
        in_force = [issue.id for issue in self._book.known_issues if self._is_open(issue)]
        issue = find_issue(
            case.text, self._book.known_issues, language=language, topic=prediction.topic, is_open=in_force
        )
        scenario = find_scenario(case.text, language, prediction, echoed)
        if issue and scenario not in UNTOUCHED_BY_ISSUES:
            scenario = KNOWN_ISSUE
        hits = self._retrievers[language].search(case.text, topic=prediction.topic, visibility=case.visibilities[0])
        hit = hits[0] if hits and hits[0].score >= THRESHOLD and prediction.intent is Intent.QUESTION else None
        if not scenario and hit:
            scenario = FAQ
        return _Stand(
            scenario=scenario,
            echoed=echoed,
            issue=issue if scenario == KNOWN_ISSUE else None,
            hit=hit if scenario == FAQ else None,
            policy=self._find_policy(case, scenario),
            offer=self._find_offer(case, scenario),
            name=address(case.author_name, language=language, brand_words=self._own_words()),
        )

    def _own_words(self) -> tuple[str, ...]:
        voice = self._book.voice
        return (*voice.words, voice.name.ja, voice.name.en, *voice.forbidden_words)

    def _is_open(self, issue: KnownIssue) -> bool:
        return issue.since <= self._today and (issue.until is None or self._today <= issue.until)

    def _find_offer(self, case: Case, scenario: str) -> Policy | None:
        """Return the goodwill offer for the case's topic; only where something went wrong with the goods or the parcel."""
        if scenario not in OFFERING or case.prediction.intent is not Intent.COMPLAINT:
            return None
        return next(
            (policy for policy in self._book.policies if policy.offer and policy.topic is case.prediction.topic), None
        )

    def _find_policy(self, case: Case, scenario: str) -> Policy | None:
        """Return the policy that a private reply about ``scenario`` may cite."""
        hint = policy_hint(scenario, case.language)
        if not hint or case.prediction.intent is not Intent.COMPLAINT:
            return None
        hits = self._retrievers[case.language].search(hint, visibility=Visibility.DM)
        best = next((hit for hit in hits if hit.kind == "policy"), None)
        return best.entry if best and best.score >= POLICY_THRESHOLD and isinstance(best.entry, Policy) else None

    def _find_playbooks(self, case: Case, stand: _Stand) -> list[Playbook]:
        """Return those that may serve, the most particular first."""
        prediction = case.prediction
        fitting = [
            playbook
            for playbook in self._playbooks
            if playbook.language == case.language.value
            and playbook.intent is prediction.intent
            and playbook.scenario in ("", stand.scenario)
            and (not playbook.topics or prediction.topic in playbook.topics)
            and playbook.constructive in (None, prediction.constructive)
        ]
        return sorted(
            fitting,
            key=lambda playbook: (playbook.scenario == "", not playbook.topics, playbook.constructive is None),
        )

    def _compose(
        self, case: Case, stand: _Stand, playbooks: Sequence[Playbook], *, kind: DraftKind, visibility: Visibility
    ) -> ProposedDraft | None:
        material = self._gather(case, stand, kind=kind, visibility=visibility)
        for playbook in playbooks:
            if playbook.visibility not in (None, visibility):
                continue
            made = assemble(playbook, material, short=kind is DraftKind.SHORT)
            if made:
                return self._finish(case, stand, made, kind=kind, visibility=visibility, playbook=playbook)
        return None

    def _gather(self, case: Case, stand: _Stand, *, kind: DraftKind, visibility: Visibility) -> Material:
        said = partial(_say, language=case.language)
        values = dict(stand.echoed) | {
            "shop": self._book.voice.name.say(case.language),
            "sign_off": self._book.voice.sign_off.say(case.language),
            "contact_dm": self._book.voice.contact_dm.say(case.language),
            "name": stand.name,
            "name_san": f"{stand.name}さん" if stand.name else "",
            "name_sama": f"{stand.name}様" if stand.name else "",
            "statement": said(stand.issue),
            "policy": said(stand.policy),
            "offer": said(stand.offer) if visibility is Visibility.DM else "",
            "answer": "",
            "url": "",
        }
        if stand.hit:
            entry = stand.hit.entry
            values["answer"] = (
                entry.statement.say(case.language) if isinstance(entry, Policy) else entry.answer.say(case.language)
            ).strip()
            values["url"] = "" if isinstance(entry, Policy) else entry.url
        flags = {visibility.value, UNSIGNED, UNREPORTED, "needs_dm" if case.prediction.needs_dm else "no_dm"}
        if Visibility.PUBLIC in case.visibilities:
            flags.add("posted")
        if {"detail", "item", "place"} & set(stand.echoed):
            flags.add("praised")
        return Material(
            values={name: value for name, value in values.items() if value},
            flags=frozenset(flags),
            seed=f"{case.seed}:{kind.value}",
            avoid=case.wordings_to_avoid,
            language=case.language,
            visibility=visibility,
            measure=partial(_measure, case, visibility),
        )

    def _finish(
        self,
        case: Case,
        stand: _Stand,
        made: Assembled,
        *,
        kind: DraftKind,
        visibility: Visibility,
        playbook: Playbook,
    ) -> ProposedDraft:
        facts = [note(f"fact.{name}", stand.echoed[name]) for name in ECHOED_FACTS if name in made.used]
        if {"name", "name_san", "name_sama"} & made.used:
            facts.append(note("fact.name", stand.name))
        return ProposedDraft(
            kind=kind,
            visibility=visibility,
            language=case.language,
            text=made.text,
            citations=tuple(_cite(case.language, stand, made, playbook)),
            facts_used=tuple(facts),
            open_questions=tuple(_ask(case, stand, made)),
            wordings=made.wordings,
            drafter_id=DRAFTER_ID,
        )


def find_refusal(case: Case) -> str:
    """Return why nothing may be drafted for ``case``: a reason code, or nothing."""
    prediction = case.prediction
    risks, intent = prediction.risks, prediction.intent
    warned = Risk.PHISHING in risks and prediction.needs_reply
    grave = bool({Risk.LEGAL, Risk.PRESS} & risks) and intent is not Intent.COMPLAINT
    refusals = (
        # A person must find the words: no template is good enough for these.
        ("self_harm", Risk.SELF_HARM in risks),
        ("abuse", prediction.abuse),
        ("needs_person", grave or (Risk.SAFETY in risks and prediction.constructive is False)),
        ("not_for_us", intent is Intent.OTHER and not warned),
        ("no_reply_needed", not prediction.needs_reply),
        ("no_route", not case.visibilities),
    )
    return next((code for code, holds in refusals if holds), "")


def plan_options(case: Case) -> list[tuple[DraftKind, Visibility]]:
    """Return which options to write, best first.

    When solving it needs the customer's details, the public reply only opens the door and the private one carries the case.
    """
    public, private = Visibility.PUBLIC in case.visibilities, Visibility.DM in case.visibilities
    if not public:
        return [(DraftKind.FULL, Visibility.DM), (DraftKind.SHORT, Visibility.DM)]
    if private and case.prediction.needs_dm:
        return [
            (DraftKind.FULL, Visibility.PUBLIC),
            (DraftKind.DM_FIRST, Visibility.DM),
            (DraftKind.SHORT, Visibility.PUBLIC),
        ]
    return [(DraftKind.FULL, Visibility.PUBLIC), (DraftKind.SHORT, Visibility.PUBLIC)]


def _say(entry: KnownIssue | Policy | None, *, language: Language) -> str:
    return entry.statement.say(language).strip() if entry else ""


def _measure(case: Case, visibility: Visibility, written: str) -> Measure:
    return case.measure(written, visibility)


def _cite(language: Language, stand: _Stand, made: Assembled, playbook: Playbook) -> list[Citation]:
    cited = []
    if stand.hit and {"answer", "url"} & made.used:
        entry = stand.hit.entry
        title = (entry.title if isinstance(entry, Policy) else entry.question).say(language)
        cited.append(Citation(kind=stand.hit.kind, reference=entry.id, title=title, score=stand.hit.score))
    if stand.issue and "statement" in made.used:
        cited.append(Citation(kind="known_issue", reference=stand.issue.id, title=stand.issue.title.say(language)))
    for variable, policy in (("policy", stand.policy), ("offer", stand.offer)):
        if policy and variable in made.used:
            cited.append(Citation(kind="policy", reference=policy.id, title=policy.title.say(language)))
    cited.append(Citation(kind="playbook", reference=playbook.id, title=_playbook_title(playbook)))
    return cited


def _playbook_title(playbook: Playbook) -> str:
    code = f"playbook.{playbook.id.removeprefix(f'{playbook.language}-')}"
    return text(f"drafting.{code}", playbook.language) if code in catalogue("drafting") else playbook.id


def _ask(case: Case, stand: _Stand, made: Assembled) -> list[str]:
    """Return what a person still has to settle before or after approving."""
    asked = []
    if stand.offer and "offer" in made.used:
        asked.append(note("question.offer_approver_decides"))
    if case.prediction.intent is Intent.QUESTION and stand.scenario in ("", FAQ) and not {"answer", "url"} & made.used:
        asked.append(note("question.find_answer"))
    if case.prediction.intent is Intent.COMPLAINT and not stand.issue and stand.scenario not in OPINIONS:
        asked.append(note("question.confirm_facts"))
    if case.prediction.risks:
        asked.append(note("question.person_in_charge"))
    return asked
