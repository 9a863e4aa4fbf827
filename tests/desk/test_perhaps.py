"""Entries beside a draft that may answer: shown for a person to judge, escaped, never in the text by themselves."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.brand_book import Bilingual, BrandBook, FaqEntry
from desk.app import make_app
from domain.ids import WorkspaceId
from domain.words import Language, Purpose, Topic
from storage.database import Database
from storage.models import User
from storage.people import change_preferences
from tests.cast import OURS
from tests.desk.conftest import SAME_ORIGIN
from tests.desk.setting import make_context, make_voice, sign_in
from tests.rows import make_conversation_with_mention, make_draft

HOSTILE = "<script>alert(1)</script>"
ANSWER = f"Choose Return under Orders {HOSTILE}"
DRAFT = "Thank you for asking, we will look into it."


def entry(name: str, ja: str, en: str, answer: str = "Yes.", **more: object) -> FaqEntry:
    said = Bilingual(ja="はい、承ります。", en=answer)
    return FaqEntry.model_validate(
        {"id": name, "topic": Topic.OTHER, "question": Bilingual(ja=ja, en=en), "answer": said} | more
    )


BOOK = BrandBook(
    voice=make_voice(),
    faq=(
        entry("returns", "返品できますか。", f"Can I return something? {HOSTILE}", ANSWER),
        entry("wash", "洗えますか。", "Can I wash the knitwear at home?", not_about_en=("carpet",)),
        entry("hours", "何時までですか。", "When are your shops open?"),
    ),
)


class Desk:
    """A desk with a book of its own, and one question with a draft."""

    def __init__(self, database: Database, home: Path, stack: ExitStack) -> None:
        self._database, self._home, self._stack = database, home, stack

    def ask(self, text: str, **draft: object) -> int:
        with self._database.transaction(OURS) as tx:
            thread = make_conversation_with_mention(tx, text=text, conversation={"language": "en"})
            make_draft(tx, mention=thread.mention, text=DRAFT, **draft)
            return thread.mention.conversation_id

    def read(self, user: User, conversation_id: int, *, language: str = "en", books: dict[str, BrandBook]) -> str:
        context = make_context(self._database, WorkspaceId(user.workspace_id), self._home)
        app = make_app(replace(context, books=books))
        client = self._stack.enter_context(TestClient(app, headers=SAME_ORIGIN, follow_redirects=False))
        with self._database.transaction(WorkspaceId(user.workspace_id)) as tx:
            change_preferences(tx, user_id=user.id, language=language, theme="auto", single_keys=True)
        client.cookies.set("kikite_session", sign_in(self._database, user))
        return client.get(f"/inbox/{conversation_id}").text


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(database, tmp_path, stack)


def shown(page: str) -> str:
    """Return the part of a page that tells what may fit."""
    return page.partition('<section class="perhaps"')[2].partition("</section>")[0]


def test_what_may_answer_is_shown_escaped_with_a_button_and_not_in_the_text(desk: Desk, aoi: User) -> None:
    page = desk.read(aoi, desk.ask("how do I return this?"), books={"default": BOOK})

    assert "Perhaps" in shown(page)
    assert "Choose Return under Orders &lt;script&gt;" in shown(page)
    assert 'data-insert="perhaps-1"' in shown(page)
    assert HOSTILE not in page
    field = page.partition("<textarea")[2].partition("</textarea>")[0]
    assert DRAFT in field
    assert "Choose Return" not in field


def test_it_is_said_in_japanese_to_who_reads_japanese(desk: Desk, aoi: User) -> None:
    conversation = desk.ask("how do I return this?", language=Language.JA)

    found = shown(desk.read(aoi, conversation, language="ja", books={"default": BOOK}))

    assert "もしかすると" in found
    assert "本文に入れる" in found
    assert "はい、承ります。" in found, "in the draft's language, whatever the post's"


def test_what_the_draft_stands_on_is_not_told_a_second_time(desk: Desk, aoi: User) -> None:
    cited = [{"kind": "faq", "reference": "returns", "title": "Returns", "score": 0.9}]

    assert "returns" not in shown(
        desk.read(aoi, desk.ask("how do I return this?", citations=cited), books={"default": BOOK})
    )


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("the weather is lovely", {}),
        ("can I wash a carpet at home?", {}),
        ("how do I return my stroller?", {}),
        ("how do I return this?", {"purpose": Purpose.SURVEY}),
    ],
    ids=[
        "nothing near",
        "an entry that says it is not about that",
        "a thing that we do not have",
        "no answer is written",
    ],
)
def test_nothing_is_shown(desk: Desk, aoi: User, text: str, draft: dict[str, object]) -> None:
    assert shown(desk.read(aoi, desk.ask(text, **draft), books={"default": BOOK})) == ""


def test_without_a_book_nothing_is_shown_and_the_page_opens(desk: Desk, aoi: User) -> None:
    page = desk.read(aoi, desk.ask("how do I return this?"), books={})

    assert DRAFT in page
    assert shown(page) == ""


def test_who_may_not_decide_reads_it_without_a_button(desk: Desk, dana: User) -> None:
    found = shown(desk.read(dana, desk.ask("how do I return this?"), books={"default": BOOK}))

    assert "Choose Return" in found
    assert "data-insert" not in found


def test_another_workspace_sees_nothing(desk: Desk, chika: User) -> None:
    page = desk.read(chika, desk.ask("how do I return this?"), books={"default": BOOK})

    assert "Choose Return" not in page
