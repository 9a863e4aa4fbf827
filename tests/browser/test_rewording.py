"""Rewording by button: seen while it is written, stopped with Escape, an unsaved edit at the end, taken back with one press."""

from collections.abc import Callable, Generator
from dataclasses import replace
from threading import Event

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from domain.chat import ChatQuestion
from responder.drafters.model_drafter import Wording
from storage.models import DraftRevision
from tests.browser.conftest import LiveDesk
from tests.cast import OURS
from tests.responder.attempts import Told

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
TYPED = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
BEGUN = "違うお色のコートが届いてしまい、"
SOFTER = f"{BEGUN}本当に申し訳ございません。お手数ですが、DMでお知らせいただけますと助かります。"
WAIT_SECONDS = 20


class Slow(Told):
    """Begins to write, and goes on when it may."""

    def __init__(self) -> None:
        super().__init__(str)
        self.may_go_on = Event()

    def listen(self, question: ChatQuestion) -> Generator[str, None, None]:
        self.questions.append(question)
        yield BEGUN
        self.may_go_on.wait(WAIT_SECONDS)
        yield SOFTER.removeprefix(BEGUN)


@pytest.fixture
def model(live_desk: LiveDesk) -> Slow:
    made = Slow()
    live_desk.app.state.context = replace(live_desk.app.state.context, wording=Wording(chat=made))
    return made


def count_revisions(desk: LiveDesk) -> int:
    with desk.database.snapshot(OURS) as tx:
        return tx.session.scalar(select(func.count()).select_from(DraftRevision)) or 0


def test_a_rewording_is_an_unsaved_edit_and_one_press_takes_it_back(
    live_desk: LiveDesk, open_page: OpenPage, model: Slow
) -> None:
    page = open_page()
    before = count_revisions(live_desk)
    page.locator("#text").fill(TYPED)

    page.get_by_role("button", name="柔らかく").click()
    expect(page.locator("#reword-text")).to_have_text(BEGUN)
    expect(page.locator("#text")).to_have_value(TYPED)
    model.may_go_on.set()

    expect(page.locator("#text")).to_have_value(SOFTER)
    expect(page.locator("#reword-said")).to_contain_text("まだ保存していません")
    expect(page.locator("#reword-text")).to_be_hidden()
    expect(page.locator("#text")).to_be_editable()
    expect(page.locator("#findings .counter")).to_contain_text(str(len(SOFTER)))
    page.get_by_role("button", name="元の文に戻す").click()
    expect(page.locator("#text")).to_have_value(TYPED)
    assert count_revisions(live_desk) == before


def test_escape_stops_it_and_leaves_the_text_as_it_was(open_page: OpenPage, model: Slow) -> None:
    page = open_page()
    page.locator("#text").fill(TYPED)
    page.get_by_role("button", name="短く").click()
    expect(page.locator("#reword-text")).to_have_text(BEGUN)

    page.keyboard.press("Escape")

    expect(page.locator("#reword-said")).to_contain_text("やめました")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_be_editable()
    model.may_go_on.set()
    expect(page.locator("#text")).to_have_value(TYPED)
    expect(page.get_by_role("button", name="元の文に戻す")).to_be_hidden()


def test_what_a_model_may_not_say_is_told_and_not_put_in(open_page: OpenPage, model: Slow) -> None:
    page = open_page()
    page.locator("#text").fill(TYPED)
    model.may_go_on.set()

    page.get_by_role("button", name="英語に").click()

    expect(page.locator("#reword-said")).to_contain_text("別の言語で書かれていました")
    expect(page.locator("#text")).to_have_value(TYPED)
