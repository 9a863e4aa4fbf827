"""Drafting as a step with a language model on top: what is stored, and how many are taken up at once."""

from pathlib import Path

import pytest

from config.drafter_settings import DrafterSettings
from config.settings import Settings
from domain.chat import ChatTrouble, NoAnswerError
from domain.ids import DraftId, MentionId
from domain.lifecycle import MentionState
from kikite.steps import count_drafted_at_once
from responder.drafters.model_drafter import Wording
from responder.drafting import draft_pending
from storage.database import Database
from storage.drafts import get_draft, list_drafts
from storage.models import Mention
from tests.cast import OURS
from tests.responder.attempts import Told
from tests.responder.composing import demo_book, playbooks
from tests.responder.test_drafting import understood


def run(database: Database, model: Told) -> None:
    draft_pending(
        database, OURS, channels={}, books={"default": demo_book()}, playbooks=playbooks(), limit=5,
        wording=Wording(chat=model),
    )  # fmt: skip


def test_what_the_model_worded_is_stored_under_its_name(database: Database) -> None:
    thread = understood(database)

    run(database, Told(lambda outline: outline.replace("申し訳ございません", "誠に申し訳ございません", 1)))

    with database.snapshot(OURS) as tx:
        drafts = list_drafts(tx, MentionId(thread.mention.id))
        texts = {draft.id: get_draft(tx, DraftId(draft.id))[1].text for draft in drafts}
        worded = [draft for draft in drafts if "誠に" in texts[draft.id]]
        assert worded
        assert all(draft.drafter_id.endswith("+llm:told") for draft in worded)


def test_a_model_that_fails_delays_and_loses_nothing(database: Database) -> None:
    thread = understood(database)

    def fail(_outline: str) -> str:
        raise NoAnswerError("too slow", trouble=ChatTrouble.SLOW)

    run(database, Told(fail))

    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, thread.mention.id).state == MentionState.DRAFTED
        drafts = list_drafts(tx, MentionId(thread.mention.id))
        assert drafts
        assert all("fallback.slow" in draft.facts_used for draft in drafts)
        assert not any("llm" in draft.drafter_id for draft in drafts)


@pytest.mark.parametrize(
    ("drafter", "count"),
    [
        ({}, 32),
        ({"backend": "server", "base_url": "http://127.0.0.1:9/v1", "model": "m", "timeout_seconds": 30}, 5),
        ({"backend": "server", "base_url": "http://127.0.0.1:9/v1", "model": "m", "timeout_seconds": 120}, 1),
    ],
)
def test_no_more_is_claimed_than_a_slow_model_answers_in_time(
    tmp_path: Path, drafter: dict[str, object], count: int
) -> None:
    settings = Settings(home=tmp_path, drafter=DrafterSettings.model_validate(drafter))

    assert count_drafted_at_once(settings) == count
