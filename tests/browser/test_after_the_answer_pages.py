"""Axe finds nothing on what comes after an answer: the list, the case, testimonials, and the survey that customers see."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from domain.words import Purpose, SurveyKind, Visibility
from responder.survey_links import open_links
from storage.follow_ups import Plan, add_plan
from storage.models import Conversation, Survey
from storage.models import Testimonial as Request
from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.browser.test_accessibility import findings
from tests.cast import OURS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_after_the_answer(
    live_desk: LiveDesk, open_page: Callable[..., Page], tmp_path: Path, language: str
) -> None:
    thread = live_desk.scene.praise
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language=language, theme="dark", single_keys=True)
        case = tx.session.get_one(Conversation, thread.conversation.id)
        case.first_reply_at, case.waiting, case.waiting_since = tx.now, False, None
        plan = Plan(
            conversation_id=case.id,
            mention_id=thread.mention.id,
            purpose=Purpose.FOLLOW_UP,
            cause="answered",
            due_at=tx.now + timedelta(days=2),
            visibility=Visibility.PUBLIC,
        )
        add_plan(tx, plan)
        survey = Survey(
            conversation_id=case.id,
            kind=SurveyKind.NPS,
            language=language,
            score=3,
            comment="<b>hm</b>",
            answered_by="link",
            expires_at=tx.now + timedelta(days=30),
            created_at=tx.now,
        )
        said_yes = Request(
            mention_id=thread.mention.id,
            author_id=thread.author.id,
            state="agreed",
            answered_at=tx.now,
            created_at=tx.now,
        )
        tx.session.add_all([survey, said_yes])
        tx.session.flush()
        link = "/s/" + open_links(tmp_path, "").token(survey.id, survey.expires_at)
    page = open_page(bypass_csp=True)  # axe is put into the page by the test
    for path in (f"/inbox/{case.id}", "/follow-ups", "/testimonials", link, link + "?said=thanks", "/s/nothing"):
        page.goto(path)
        assert findings(page) == [], path
