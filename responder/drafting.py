"""Drafting as a step: claim understood mentions, ask the platform and compose outside any transaction, record.

Killable anywhere: nothing is stored before everything is, and a claim that is never released runs out. Where nothing can be
composed the reason is kept and an empty option stored, so that a person can write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from config.brand_book import BrandBook
from config.hours_settings import HoursSettings
from config.playbook import Playbook
from domain.cases import Case, DeskTime, Drafter
from domain.ids import ChannelAccountId, MentionId, WorkspaceId
from domain.ports import Channel
from domain.replies import Eligibility, ProposedDraft
from domain.understanding import Understanding
from domain.words import Band, DraftKind, Language, Route, Visibility
from responder.approved import Memory, Recall
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.drafters.choosing import make_drafters
from responder.drafters.model_drafter import Wording
from responder.drafting_files import draft_file
from responder.eligibility import PlatformRule, load_rules
from responder.hours import find_desk_time
from responder.knowledge import Shelf
from responder.knowledge.gaps import find_gap
from responder.person import PersonToAnswer, know_person
from responder.routing import ask_platform, find_route, measure_text
from storage.database import Database
from storage.drafts import DraftToStore, UnderstoodMention, claim_understood, postpone_drafting, record_drafts
from storage.faq_gaps import record_gap
from storage.said_lately import SaidLately, recent_wordings, texts_said_lately, wordings_to_avoid
from storage.surroundings import read_said_today

__all__ = ["draft_file", "draft_pending"]

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
FIRST_WAIT = timedelta(minutes=1)
"""Before the second try; doubled before each further one."""
HAND_WRITTEN = "hand"
NO_HOURS = HoursSettings()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    """What is to be recorded for one mention."""

    drafts: tuple[DraftToStore, ...] = ()
    problem: str = ""
    failed: bool = False


def draft_pending(  # noqa: PLR0913 - all that drafting depends on, each of its own kind
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    books: Mapping[str, BrandBook],
    playbooks: Sequence[Playbook],
    limit: int,
    rules: Sequence[PlatformRule] | None = None,
    wording: Wording | None = None,
    hours: HoursSettings = NO_HOURS,
    time_zone: str = "UTC",
    shelf: Shelf | None = None,
    memory: Memory | None = None,
) -> int:
    """Draft for up to ``limit`` understood mentions; return how many were taken up (0: nothing is due).

    ``rules`` are those of the home, else the shipped ones; ``wording`` a language model on top of the composer.
    ``hours`` and ``time_zone`` are the shop's: without hours nothing is promised by the clock. Results of a claim that was
    lost meanwhile are dropped. ``shelf``: the searchable books, kept from batch to batch. ``memory``: what was approved, when it is
    to be offered again.
    """
    with database.transaction(workspace_id) as tx:
        mentions = claim_understood(tx, limit=limit, lease=LEASE)
        said = recent_wordings(tx) if mentions else []
        said_today = read_said_today(tx) if mentions else ()
        people = {one.mention_id: know_person(tx, one, books.get(one.brand)) for one in mentions}
        desk = find_desk_time(hours, tx.now, time_zone)
    kept = shelf or Shelf()
    recall = partial(_recall, memory, database, workspace_id) if memory is not None else None
    composers = make_drafters(books, playbooks, today=desk.now.date(), shelf=kept, wording=wording, recall=recall)
    worker = _Worker(
        database,
        channels=channels,
        books=books,
        composers=composers,
        said=said,
        said_today=said_today,
        people=people,
        rules=rules,
        desk=desk if hours.are_set else None,
    )
    for mention in mentions:
        result = worker.draft(mention)
        proposed = [draft.proposed for draft in result.drafts]
        gap = find_gap(mention, proposed, books.get(mention.brand), kept, today=desk.now.date())
        with database.transaction(workspace_id) as tx:
            if result.failed and mention.attempts < MOST_ATTEMPTS:
                postpone_drafting(tx, mention, wait=FIRST_WAIT * 2 ** (mention.attempts - 1))
            elif record_drafts(tx, mention, result.drafts, problem=result.problem):
                record_gap(tx, mention.mention_id, gap)
    return len(mentions)


def _recall(memory: Memory, database: Database, workspace_id: WorkspaceId, brand: str) -> Recall:
    return Recall(memory=memory, database=database, workspace_id=workspace_id, brand=brand)


class _Worker:
    """Drafts for one batch; keeps in mind what it just said."""

    def __init__(  # noqa: PLR0913 - all that drafting depends on, each of its own kind
        self,
        database: Database,
        *,
        channels: Mapping[ChannelAccountId, Channel],
        books: Mapping[str, BrandBook],
        composers: Mapping[str, Drafter],
        said: Sequence[SaidLately],
        said_today: tuple[str, ...],
        people: Mapping[MentionId, PersonToAnswer],
        rules: Sequence[PlatformRule] | None,
        desk: DeskTime | None,
    ) -> None:
        self._clock = database.clock
        self._channels = channels
        self._books = books
        self._composers = composers
        self._said = list(said)
        self._said_today = said_today
        self._people = people
        self._rules = load_rules() if rules is None else rules
        self._desk = desk

    def draft(self, mention: UnderstoodMention) -> _Result:
        """Return what to record; never raises for a text, a platform or a drafter."""
        routes = self._decide(mention)
        language = self._language(mention)
        try:
            proposed, problem = self._propose(mention, routes, language)
        except Exception as error:  # noqa: BLE001 - the step's edge: one text must not stop the others
            # No traceback: its values would put the customer's text into the log.
            kind = type(error).__name__
            log.warning("drafting failed", mention=mention.mention_id, attempts=mention.attempts, error=kind)
            blank = _blank(mention, routes, language)
            return _Result(drafts=blank, problem="drafting_failed", failed=True)
        if not proposed:
            return _Result(drafts=_blank(mention, routes, language), problem=problem)
        self._remember(mention, proposed)
        return _Result(drafts=proposed)

    def _decide(self, mention: UnderstoodMention) -> dict[Visibility, Eligibility]:
        standing = ask_platform(self._channels.get(mention.account_id), mention)
        opted_out = self._people[mention.mention_id].opted_out
        route = partial(find_route, mention, standing, now=self._clock.now(), opted_out=opted_out, rules=self._rules)
        return {visibility: route(visibility) for visibility in Visibility}

    def _language(self, mention: UnderstoodMention) -> Language:
        """Answer in the language they asked for, else in theirs, where the brand speaks it; else in the brand's first one."""
        book = self._books.get(mention.brand)
        spoken = [Language(one) for one in book.voice.languages] if book else [Language.JA, Language.EN]
        wrote_in = mention.understanding.language if mention.understanding else spoken[0]
        asked = self._people[mention.mention_id].known.language or wrote_in
        return asked if asked in spoken else spoken[0]

    def _propose(
        self, mention: UnderstoodMention, routes: Mapping[Visibility, Eligibility], language: Language
    ) -> tuple[tuple[DraftToStore, ...], str]:
        book, composer = self._books.get(mention.brand), self._composers.get(mention.brand)
        problem = find_problem(mention.understanding)
        if problem or mention.understanding is None or book is None or composer is None:
            return (), problem or "no_brand"
        reachable = [one for one in Visibility if routes[one].route is not Route.FORBIDDEN]
        visibilities = tuple(one for one in reachable if not routes[one].own_words)
        if reachable and not visibilities:
            return (), "own_words"
        measure = partial(measure_text, self._channels.get(mention.account_id))
        case = Case(
            text=mention.text,
            language=language,
            prediction=mention.understanding.prediction,
            author_name=mention.author_name,
            author_handle=mention.target.author_handle,
            visibilities=visibilities,
            measure=measure,
            wordings_to_avoid=wordings_to_avoid(mention, self._said),
            said_lately=texts_said_lately(mention.topic, language, self._said),
            seed=mention.mention_id,
            person=self._people[mention.mention_id].known,
            desk=self._desk,
            channel_kind=mention.channel_kind,
        )
        proposed, reason = composer.draft(case)
        passed = []
        for draft in proposed:
            checks = check_text(
                draft.text,
                visibility=draft.visibility,
                language=draft.language,
                measure=measure(draft.text, draft.visibility),
                voice=book.voice,
                context=make_draft_context(case, draft, book=book, said_today=self._said_today),
            )
            if blocks(checks):
                log.warning("draft dropped by checks", mention=mention.mention_id, codes=blocks(checks))
                continue
            passed.append(DraftToStore(proposed=draft, eligibility=routes[draft.visibility], checks=checks))
        return tuple(passed), reason or "checks_failed"

    def _remember(self, mention: UnderstoodMention, drafts: Sequence[DraftToStore]) -> None:
        for draft in drafts:
            self._said.insert(
                0,
                SaidLately(
                    conversation_id=mention.conversation_id,
                    author_id=mention.author_id,
                    topic=mention.topic,
                    wordings=draft.proposed.wordings,
                    language=draft.proposed.language.value,
                    text="" if draft.proposed.kind is DraftKind.SHORT else draft.proposed.text,
                ),
            )


def find_problem(understanding: Understanding | None) -> str:
    """Return why an understanding is no ground to draft on: a code of ``config/locale/drafting.toml``, or nothing."""
    if understanding is None:
        return "needs_person"
    return "unknown_band" if understanding.band is Band.UNKNOWN else ""


def _blank(
    mention: UnderstoodMention, routes: Mapping[Visibility, Eligibility], language: Language
) -> tuple[DraftToStore, ...]:
    """Return an empty option wherever a person may answer; where nowhere, one that says why."""
    open_ones = [one for one in Visibility if routes[one].route is not Route.FORBIDDEN]
    asked_in = Visibility.DM if mention.engagement.value == "wrote_dm" else Visibility.PUBLIC
    return tuple(
        DraftToStore(
            proposed=ProposedDraft(
                kind=DraftKind.BLANK, visibility=visibility, language=language, text="", drafter_id=HAND_WRITTEN
            ),
            eligibility=routes[visibility],
        )
        for visibility in open_ones or [asked_in]
    )
