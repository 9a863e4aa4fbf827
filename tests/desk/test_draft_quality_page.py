"""``/knowledge/drafts`` and the similar cases beside a case: figures, wordings edited away, who sees what; nothing across the wall."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.brand_book import BrandBook
from config.locale import text
from config.wording_places import WordingPlaces
from desk.app import make_app
from domain.ids import WorkspaceId
from domain.words import DraftKind, Language, Verdict
from responder.approved import Memory
from responder.edited_away import LAST_USES, find_edited_away
from storage.database import Database, Transaction
from storage.draft_quality import read_judged, sum_up
from storage.edits import mark_gone
from storage.models import Draft, DraftRevision, Mention, Review, User
from storage.people import change_preferences
from tests.cast import OURS, THEIRS
from tests.desk.conftest import SAME_ORIGIN
from tests.desk.setting import make_context, make_voice, sign_in
from tests.responder.approved.earlier import answer
from tests.responder.composing import playbooks
from tests.rows import make_conversation_with_mention, make_delivery, make_draft

PAGE = "/knowledge/drafts"
HOSTILE = "<script>alert(1)</script>"


def a_wording() -> tuple[str, str]:
    """Return id and text of a shipped English wording of one sentence without variables."""
    return next(
        (wording.id, wording.text)
        for playbook in playbooks()
        if playbook.language == "en"
        for move in playbook.moves
        for wording in move.wordings
        if "{" not in wording.text and wording.text.count(".") == 1 and len(wording.text) > 30
    )


def decide(
    tx: Transaction,
    by: User,
    *,
    said: str,
    approved: str,
    wording: str = "",
    distance: int = 0,
    playbook: str = "en-wrong-item",
) -> Draft:
    thread = make_conversation_with_mention(tx)
    columns = {"wordings": [wording] if wording else [], "citations": [{"kind": "playbook", "reference": playbook}]}
    draft = make_draft(tx, mention=thread.mention, text=said, **columns)
    if approved != said:
        draft.revision = 2
        tx.session.add(DraftRevision(draft_id=draft.id, number=2, text=approved, user_id=by.id, created_at=tx.now))
        tx.session.flush()
    make_delivery(tx, draft=draft, approved_by=by, edit_distance=distance)
    return draft


def reject(tx: Transaction, by: User, reason: str) -> None:
    draft = make_draft(tx, mention=make_conversation_with_mention(tx).mention)
    review = {"conversation_id": draft.conversation_id, "mention_id": draft.mention_id, "draft_id": draft.id}
    tx.session.add(Review(**review, user_id=by.id, verdict=Verdict.REJECTED, reason=reason, created_at=tx.now))


class Desks:
    def __init__(self, database: Database, home: Path) -> None:
        self._database = database
        self._home = home
        self._open: list[TestClient] = []

    def open(self, user: User | None, *, language: str = "en", memory: Memory | None = None) -> TestClient:
        workspace = WorkspaceId(user.workspace_id) if user else OURS
        context = make_context(self._database, workspace, self._home)
        book = BrandBook(voice=make_voice())
        context = replace(context, books={"default": book}, playbooks=playbooks(), memory=memory or Memory())
        client = TestClient(make_app(context), headers=SAME_ORIGIN, follow_redirects=False)
        if user:
            with self._database.transaction(workspace) as tx:
                change_preferences(tx, user_id=user.id, language=language, theme="auto", single_keys=True)
            client.cookies.set("kikite_session", sign_in(self._database, user))
        self._open.append(client)
        return client

    def close(self) -> None:
        for client in self._open:
            client.close()


@pytest.fixture
def desks(database: Database, tmp_path: Path) -> Iterator[Desks]:
    made = Desks(database, tmp_path)
    yield made
    made.close()


def test_figures_count_the_last_decision_on_every_draft(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        decide(tx, ben, said="One.", approved="One.")
        decide(tx, ben, said="Two.", approved="Two, better.", distance=8)
        draft = decide(tx, ben, said="Three.", approved="Three, best.", distance=6)
        # Taken back, and approved again with more changes.
        tx.session.add(
            Review(
                conversation_id=draft.conversation_id,
                mention_id=draft.mention_id,
                draft_id=draft.id,
                user_id=ben.id,
                verdict=Verdict.EDITED,
                edit_distance=20,
                created_at=tx.now,
            )
        )
        reject(tx, ben, "wrong_tone")
        blank = make_draft(tx, mention=make_conversation_with_mention(tx).mention, kind=DraftKind.BLANK)
        make_delivery(tx, draft=blank, approved_by=ben)
        judged = read_judged(tx)

    whole = sum_up(judged, lambda _: "all")[0]
    assert (whole.count, whole.unchanged, whole.edited, whole.rejected) == (4, 1, 2, 1)
    assert whole.median_edit == 8
    assert whole.reasons == (("wrong_tone", 1),)
    assert [one.name for one in sum_up(judged, lambda one: one.playbook)] == ["en-wrong-item", ""]


def test_a_wording_edited_away_thrice_is_listed_with_what_stands_in_its_place(database: Database, ben: User) -> None:
    wording, said = a_wording()
    instead = said.replace(" ", " really ", 1)
    with database.transaction(OURS) as tx:
        for approved in (instead, instead, "All is well."):
            decide(tx, ben, said=f"Hello. {said} Bye.", approved=f"Hello. {approved} Bye.", wording=wording, distance=9)
        for _ in range(4):
            decide(tx, ben, said=f"Hello. {said} Bye.", approved=f"Hello. {said} Bye.", wording=wording)
        judged = read_judged(tx)

    found = find_edited_away(judged, playbooks())

    assert [(one.wording_id, one.uses, one.edited, one.people) for one in found] == [(wording, 7, 3, (("Ben", 3),))]
    assert {edit.after for edit in found[0].examples} == {instead, ""}
    assert all(edit.before == said for edit in found[0].examples)


def test_twice_is_no_habit_and_what_was_long_ago_is_forgiven(database: Database, ben: User) -> None:
    wording, said = a_wording()
    with database.transaction(OURS) as tx:
        for _ in range(5):
            decide(tx, ben, said=said, approved="All is well.", wording=wording, distance=9)
        for _ in range(LAST_USES - 2):
            decide(tx, ben, said=said, approved=said, wording=wording)
        judged = read_judged(tx)
    assert find_edited_away(judged, playbooks()) == []


def test_a_change_elsewhere_in_the_text_is_not_held_against_a_wording(database: Database, ben: User) -> None:
    wording, said = a_wording()
    with database.transaction(OURS) as tx:
        for _ in range(5):
            decide(tx, ben, said=f"Hello. {said}", approved=f"Good day! {said}", wording=wording, distance=8)
        judged = read_judged(tx)
    assert find_edited_away(judged, playbooks()) == []


def test_a_wording_is_found_in_its_file_the_homes_own_first(tmp_path: Path) -> None:
    _, said = a_wording()
    shipped = WordingPlaces(None).find(said)
    assert shipped is not None
    assert re.fullmatch(r"config/playbooks/en_\w+\.toml:\d+", str(shipped))
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "own.toml").write_text(f'[wordings]\nthanks = [\n  "{said}",\n]\n', encoding="utf-8")
    assert str(WordingPlaces(tmp_path).find(said)) == "playbooks/own.toml:3"
    assert WordingPlaces(tmp_path).find("Nobody ever wrote this.") is None


def test_everybody_reads_the_page_in_both_languages(desks: Desks, database: Database, ben: User, dana: User) -> None:
    wording, said = a_wording()
    with database.transaction(OURS) as tx:
        for _ in range(3):
            decide(tx, ben, said=said, approved=f"Other words. {HOSTILE}", wording=wording, distance=9)
        reject(tx, ben, "wrong_tone")

    for language in ("en", "ja"):
        page = desks.open(dana, language=language).get(PAGE).text
        for code in ("learning.quality.title", "learning.wordings.title", "desk.reject_reason.wrong_tone"):
            assert text(code, language) in page
        assert wording in page
        assert HOSTILE not in page
        assert re.search(r"config/playbooks/en_\w+\.toml:\d+", page)
    assert desks.open(None).get(PAGE).headers["location"].startswith("/sign-in")
    assert f'href="{PAGE}"' in desks.open(dana).get("/knowledge").text


def test_chika_sees_no_figure_and_no_example_of_ours(desks: Desks, database: Database, ben: User, chika: User) -> None:
    wording, said = a_wording()
    with database.transaction(OURS) as tx:
        for _ in range(3):
            decide(tx, ben, said=said, approved="All is well.", wording=wording, distance=9)
    page = desks.open(chika).get(PAGE).text
    assert text("learning.quality.empty.title", "en") in page
    assert wording not in page
    assert "All is well." not in page
    with database.snapshot(THEIRS) as tx:
        assert read_judged(tx) == []


def test_of_a_deleted_post_no_words_are_left_on_the_page(desks: Desks, database: Database, ben: User) -> None:
    with database.transaction(OURS) as tx:
        draft = decide(tx, ben, said="Secret draft words.", approved="Secret draft words.")
        mark_gone(tx, [draft.mention_id])
    assert "Secret draft words." not in desks.open(ben).get(PAGE).text


def test_similar_cases_stand_beside_a_case_with_links_and_escaped(
    desks: Desks, database: Database, ben: User, dana: User
) -> None:
    with database.transaction(OURS) as tx:
        earlier = answer(tx, f"The zip of my jacket broke. {HOSTILE}", f"Sorry! {HOSTILE}", by=ben)
        case = make_conversation_with_mention(
            tx, text="The zip of my jacket broke, too.", account=earlier.thread.account
        )
        make_draft(tx, mention=case.mention, language=Language.EN)

    page = desks.open(dana).get(f"/inbox/{case.conversation.id}").text

    assert text("learning.similar.title", "en").format(count=1) in page
    assert f'href="/inbox/{earlier.thread.conversation.id}"' in page
    assert HOSTILE not in page
    assert "Sorry! &lt;script&gt;" in page

    with database.transaction(OURS) as tx:
        mark_gone(tx, [tx.session.get_one(Mention, earlier.thread.mention.id).id])
    assert text("learning.similar.help", "en") not in desks.open(dana).get(f"/inbox/{case.conversation.id}").text


def test_chika_is_shown_none_of_our_cases(desks: Desks, database: Database, ben: User, chika: User) -> None:
    memory = Memory()
    with database.transaction(OURS) as tx:
        answer(tx, "The zip of my jacket broke.", "We are sorry about the zip.", by=ben)
    with database.snapshot(OURS) as tx:
        memory.refresh(tx)
    with database.transaction(THEIRS) as tx:
        case = make_conversation_with_mention(tx, text="The zip of my jacket broke.")
        make_draft(tx, mention=case.mention, language=Language.EN)
    page = desks.open(chika, memory=memory).get(f"/inbox/{case.conversation.id}").text
    assert "We are sorry about the zip." not in page
    assert text("learning.similar.help", "en") not in page
