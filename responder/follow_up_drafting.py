"""Drafting of what is due of our own accord: claim, ask the platform and compose outside any transaction, record.

Killable anywhere, as drafting of answers is. Where nothing can be composed an empty option is stored, so that a person can write;
where nothing may be sent the plan is let be, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from config.brand_book import BrandBook
from config.follow_up_settings import FollowUpSettings
from config.playbook import Playbook
from domain.cases import Case, Drafter
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from domain.replies import Eligibility, ProposedDraft
from domain.words import DraftKind, Route
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.composer import Composer
from responder.drafting import HAND_WRITTEN, LEASE
from responder.eligibility import PlatformRule, load_rules
from responder.follow_up_due import Due, gather_due
from responder.routing import ask_platform, find_route, measure_text
from responder.survey_links import SurveyLinks
from storage.database import Database, Transaction
from storage.drafts import DraftToStore, UnderstoodMention, store_draft
from storage.follow_ups import claim_due, drop, is_anything_due, postpone, record_drafted
from storage.said_lately import SaidLately, recent_wordings, wordings_to_avoid

MOST_ATTEMPTS = 3
FIRST_WAIT = timedelta(minutes=1)

log = structlog.get_logger(__name__)


def draft_follow_ups(  # noqa: PLR0913 - what drafting answers is given, and how surveys are addressed
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    books: Mapping[str, BrandBook],
    playbooks: Sequence[Playbook],
    settings: FollowUpSettings,
    links: SurveyLinks,
    rules: Sequence[PlatformRule] | None = None,
    limit: int = 20,
) -> int:
    """Draft up to ``limit`` plans whose time has come; returns how many were taken up."""
    with database.snapshot(workspace_id) as tx:
        if not is_anything_due(tx):
            return 0
    with database.transaction(workspace_id) as tx:
        claimed = claim_due(tx, limit=limit, lease=LEASE)
        due = [gather_due(tx, row, books=books, settings=settings, links=links) for row in claimed]
        said = recent_wordings(tx)
        today = tx.now.date()
    composers: dict[str, Drafter] = {
        name: Composer(book=book, playbooks=playbooks, today=today) for name, book in books.items()
    }
    worker = _Worker(database, channels=channels, books=books, composers=composers, said=said, rules=rules)
    for row, one in zip(claimed, due, strict=True):
        if isinstance(one, str):
            with database.transaction(workspace_id) as tx:
                drop(tx, row.id, problem=one)
            continue
        drafts, problem = worker.draft(one)
        with database.transaction(workspace_id) as tx:
            _record(tx, one, drafts, problem=problem)
    return len(claimed)


def _record(tx: Transaction, due: Due, drafts: Sequence[DraftToStore], *, problem: str) -> None:
    if problem == "drafting_failed" and due.row.attempts < MOST_ATTEMPTS:
        postpone(tx, due.row, wait=FIRST_WAIT * 2 ** (due.row.attempts - 1))
        return
    if problem == "no_route":
        drop(tx, due.row.id, problem=problem)
        return
    if not record_drafted(tx, due.row, mention_id=due.mention.mention_id, problem=problem):
        return
    for position, draft in enumerate(drafts):
        store_draft(tx, due.mention, draft, position=position, purpose=due.purpose)


class _Worker:
    """Drafts for one batch; keeps in mind what it just said, so that no two people get the same words."""

    def __init__(
        self,
        database: Database,
        *,
        channels: Mapping[ChannelAccountId, Channel],
        books: Mapping[str, BrandBook],
        composers: Mapping[str, Drafter],
        said: Sequence[SaidLately],
        rules: Sequence[PlatformRule] | None,
    ) -> None:
        self._clock = database.clock
        self._channels = channels
        self._books = books
        self._composers = composers
        self._said = list(said)
        self._rules = load_rules() if rules is None else rules

    def draft(self, due: Due) -> tuple[tuple[DraftToStore, ...], str]:
        """Return the options to store and why none of them was composed; never raises for a text, a platform or a drafter."""
        route = self._decide(due)
        if route.route is Route.FORBIDDEN:
            return (), "no_route"
        try:
            drafts, problem = self._propose(due, route)
        except Exception as error:  # noqa: BLE001 - the step's edge: one text must not stop the others
            # No traceback: its values would put the customer's text into the log.
            log.warning("follow_up_drafting_failed", follow_up=due.row.id, error=type(error).__name__)
            drafts, problem = (), "drafting_failed"
        return drafts or _blank(due, route), problem

    def _decide(self, due: Due) -> Eligibility:
        mention = due.mention
        standing = ask_platform(self._channels.get(mention.account_id), mention)
        return find_route(
            mention, standing, due.visibility, now=self._clock.now(), opted_out=due.opted_out, rules=self._rules
        )

    def _propose(self, due: Due, route: Eligibility) -> tuple[tuple[DraftToStore, ...], str]:
        book, composer = self._books.get(due.mention.brand), self._composers.get(due.mention.brand)
        understanding = due.about.understanding or due.mention.understanding
        if book is None or composer is None or understanding is None or route.own_words:
            return (), "not_drafted"
        measure = partial(measure_text, self._channels.get(due.mention.account_id))
        case = Case(
            text=due.about.text,
            language=due.language,
            prediction=replace(understanding.prediction, needs_dm=False),
            author_name=due.mention.author_name,
            author_handle=due.mention.target.author_handle,
            visibilities=(due.visibility,),
            measure=measure,
            wordings_to_avoid=wordings_to_avoid(due.mention, self._said),
            seed=due.row.id,
            purpose=due.purpose,
            person=due.person,
            channel_kind=due.mention.channel_kind,
            scenario=due.scenario,
            given=due.given,
        )
        proposed, _reason = composer.draft(case)
        passed = [self._check(due, draft, route, book, case) for draft in proposed]
        drafts = tuple(draft for draft in passed if draft is not None)
        for draft in drafts:
            self._remember(due.mention, draft)
        return drafts, "" if drafts else "not_drafted"

    def _check(
        self, due: Due, draft: ProposedDraft, route: Eligibility, book: BrandBook, case: Case
    ) -> DraftToStore | None:
        checks = check_text(
            draft.text,
            visibility=draft.visibility,
            language=draft.language,
            measure=case.measure(draft.text, draft.visibility),
            voice=book.voice,
            context=make_draft_context(case, draft, book=book),
        )
        if blocks(checks):
            log.warning("follow_up_dropped_by_checks", follow_up=due.row.id, codes=blocks(checks))
            return None
        return DraftToStore(proposed=draft, eligibility=route, checks=checks)

    def _remember(self, mention: UnderstoodMention, draft: DraftToStore) -> None:
        said = SaidLately(
            conversation_id=mention.conversation_id,
            author_id=mention.author_id,
            topic=mention.topic,
            wordings=draft.proposed.wordings,
        )
        self._said.insert(0, said)


def _blank(due: Due, route: Eligibility) -> tuple[DraftToStore, ...]:
    proposed = ProposedDraft(
        kind=DraftKind.BLANK, visibility=due.visibility, language=due.language, text="", drafter_id=HAND_WRITTEN
    )
    return (DraftToStore(proposed=proposed, eligibility=route),)
