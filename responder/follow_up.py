"""What comes after an answer, as one step: plans are made and let be, answers read, settled cases closed, what is due is drafted.

Each part is a transaction of its own (drafting is claim, work, record), so that the step may be killed anywhere and run again.
Nothing is sent here: every draft waits for a person.
"""

from collections.abc import Mapping
from datetime import timedelta

from config.brand_book import BrandBook
from config.follow_up_settings import FollowUpSettings
from config.settings import Settings, TargetSettings
from domain.ids import WorkspaceId
from domain.words import Intent, Purpose
from responder.survey_reading import is_content, is_unsettled, read_score
from storage.case_endings import LaterPost, close_settled, list_later_posts, note_happy, resolve_solved
from storage.database import Database, Transaction
from storage.follow_up_reasons import (
    drop_overtaken,
    plan_answered,
    plan_delivered,
    plan_fixed,
    where_it_went_on,
    why_not,
)
from storage.follow_ups import ACTOR, Plan, add_plan
from storage.models import Conversation
from storage.surveys import Answer, is_asked_lately, is_low, list_possible_answers, record_answer
from storage.testimonials import plan_requests


def look_after_cases(
    database: Database, workspace_id: WorkspaceId, *, settings: Settings, books: Mapping[str, BrandBook]
) -> int:
    """Read what customers wrote since, plan what the rules say, let be what was overtaken; returns how much changed."""
    with database.transaction(workspace_id) as tx:
        done = read_survey_answers(tx, settings.targets)
    with database.transaction(workspace_id) as tx:
        done += read_happy_answers(tx, settings.follow_up)
    with database.transaction(workspace_id) as tx:
        done += drop_overtaken(tx)
    if settings.follow_up.enabled:
        with database.transaction(workspace_id) as tx:
            done += plan_by_rule(tx, settings.follow_up, books)
    with database.transaction(workspace_id) as tx:
        return done + close_settled(tx)


def plan_by_rule(tx: Transaction, settings: FollowUpSettings, books: Mapping[str, BrandBook]) -> int:
    """Plan for answers sent, parcels delivered, issues mended and praise repeated; returns how many plans there are more."""
    planned = plan_answered(tx, settings) + plan_delivered(tx, settings)
    for brand, book in books.items():
        for issue in book.known_issues:
            if issue.state == "fixed" and issue.fixed is not None:
                planned += plan_fixed(tx, brand=brand, issue_id=issue.id, since=issue.since)
    return planned + plan_requests(tx, settings)


def read_survey_answers(tx: Transaction, targets: TargetSettings) -> int:
    """Record the scores that customers replied with; returns how many. One that says nothing else, and no bad one, is settled."""
    read = 0
    for post in list_possible_answers(tx):
        found = read_score(post.text, post.kind)
        if found is None:
            continue
        answer = Answer(score=found.score, by="reply", mention_id=post.mention_id)
        survey = record_answer(tx, post.survey_id, answer, targets=targets)
        if found.bare and not is_low(survey):
            resolve_solved(tx, post.conversation_id, actor=ACTOR)
        read += 1
    return read


def read_happy_answers(tx: Transaction, settings: FollowUpSettings) -> int:
    """Note whose newest post says that all is well, and plan to ask them one question; returns how many."""
    happy = [post for post in list_later_posts(tx) if _is_happy(post)]
    for post in happy:
        note_happy(tx, post)
        plan_survey(tx, tx.session.get_one(Conversation, post.conversation_id), settings, cause="happy")
    return len(happy)


def plan_survey(tx: Transaction, conversation: Conversation, settings: FollowUpSettings, *, cause: str) -> bool:
    """Plan to ask about a case now; False where it is not to be asked about, or the person was asked lately."""
    since = tx.now - timedelta(days=settings.survey_every_days)
    if not settings.enabled or settings.survey_kind is None or conversation.lead_mention_id is None:
        return False
    if why_not(tx, conversation) or is_asked_lately(tx, conversation.author_id, since=since):
        return False
    plan = Plan(
        conversation_id=conversation.id,
        mention_id=conversation.lead_mention_id,
        purpose=Purpose.SURVEY,
        cause=cause,
        due_at=tx.now,
        visibility=where_it_went_on(tx, conversation),
    )
    return add_plan(tx, plan) is not None


def _is_happy(post: LaterPost) -> bool:
    if post.intent in (Intent.COMPLAINT, Intent.QUESTION) and not is_content(post.text):
        return False
    return is_content(post.text) or (post.intent is Intent.PRAISE and not is_unsettled(post.text))
