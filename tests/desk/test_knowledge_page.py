"""``/knowledge``: what the brand wrote, what a question finds, what nobody could answer; for everybody at the desk, in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from config.brand_book import Bilingual, BrandBook, FaqEntry, KnownIssue, Policy, Product
from config.locale import LANGUAGES, catalogue, text
from desk.app import make_app
from desk.rendering import HERE
from domain.ids import WorkspaceId
from domain.words import Topic
from responder.knowledge.condition import Fault
from storage.database import Database
from storage.edits import mark_gone
from storage.faq_gaps import GapToStore, record_gap
from storage.models import AuditEvent, FaqGap, Mention, User
from storage.people import change_preferences
from tests.cast import OURS, THEIRS
from tests.desk.conftest import SAME_ORIGIN
from tests.desk.setting import make_context, make_voice, sign_in
from tests.responder.composing import playbooks
from tests.rows import make_conversation_with_mention, make_draft

PAGE = "/knowledge"
HOSTILE = "<script>alert(1)</script>"


def both(ja: str, en: str) -> Bilingual:
    return Bilingual(ja=ja, en=en)


def make_book() -> BrandBook:
    return BrandBook(
        voice=make_voice(),
        faq=(
            FaqEntry(
                id="returns",
                topic=Topic.REFUND,
                question=both("返品できますか。", "Can I return something?"),
                answer=both("30日以内なら承ります。", "Yes, within 30 days."),
                url="javascript:alert(1)",
                checked_on=date(2026, 6, 1),
            ),
            FaqEntry(
                id="christmas",
                topic=Topic.DELIVERY,
                question=both("クリスマスに届きますか。", "In time for Christmas?"),
                answer=both("20日までに。", "Order by the 20th."),
                valid_until=date(2025, 12, 20),
            ),
        ),
        policies=(
            Policy(
                id="coupon",
                topic=Topic.PRODUCT,
                title=both("お詫びのクーポン", "Goodwill coupon"),
                statement=both("10%のクーポン", "A 10% coupon"),
                offer=True,
                limit_per_person_days=180,
                max_value="10 %, 3000 yen",
            ),
        ),
        known_issues=(
            KnownIssue(
                id="app",
                topic=Topic.APP,
                title=both("アプリの不具合", "App trouble"),
                statement=both("確認しております。", "We know."),
                since=date(2026, 1, 1),
                state="fixed",
            ),
        ),
        products=(Product(id="tote", name=both("トート", "Tote"), aliases=("かばん", HOSTILE)),),
    )


class Desks:
    """Desks over one database with a book of their own."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database, self._home = database, home
        self._open: list[TestClient] = []

    def open(self, user: User | None, *, book: BrandBook | None = None, language: str = "en") -> TestClient:
        workspace = WorkspaceId(user.workspace_id) if user else OURS
        context = make_context(self._database, workspace, self._home)
        context = replace(context, books={"default": book or make_book()}, playbooks=playbooks())
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


def add_gap(database: Database, words: str, *, workspace=OURS, language: str = "en") -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with database.transaction(workspace) as tx:
        mention = make_conversation_with_mention(tx, text=words).mention
        gap = GapToStore(brand="default", language=language, topic="other", nearest="returns", score=0.1)
        record_gap(tx, mention.id, gap)
        return mention.id


def states(database: Database) -> list[str]:
    with database.snapshot(OURS) as tx:
        return list(tx.session.scalars(select(FaqGap.state).order_by(FaqGap.id)))


def test_everybody_reads_it_and_finds_it_in_the_menu(desks: Desks, dana: User, aoi: User) -> None:
    for user in (dana, aoi):
        desk = desks.open(user)
        page = desk.get(PAGE).text
        assert "Can I return something?" in page
        assert f'href="{PAGE}"' in desk.get("/inbox").text
    assert desks.open(None).get(PAGE).headers["location"].startswith("/sign-in")


def test_freshness_state_and_limits_are_told(desks: Desks, dana: User) -> None:
    page = desks.open(dana).get(PAGE).text
    for said in (
        "Its last day has passed",
        "until 2025-12-20",
        "checked 2026-06-01",
        "Fixed, but without a statement",
        "once in 180 days per person",
        "at most 10 %, 3000 yen",
        "Offer, DM only",
        "Also called: かばん",
    ):
        assert said in page, said
    faq = page.split('id="faq"')[1]
    assert faq.index("In time for Christmas?") < faq.index("Can I return something?"), "what is wrong comes first"


def test_how_often_an_entry_was_cited_counts_each_mention_once(desks: Desks, database: Database, dana: User) -> None:
    with database.transaction(OURS) as tx:
        mention = make_conversation_with_mention(tx).mention
        cited = [{"kind": "faq", "reference": "returns", "title": "Returns", "score": 0.9}]
        for _ in range(2):
            make_draft(tx, mention=mention, citations=cited)
    assert "cited once" in desks.open(dana).get(PAGE).text


def test_a_question_shows_what_would_be_cited_and_why(desks: Desks, dana: User) -> None:
    desk = desks.open(dana)
    found = desk.get(PAGE, params={"ask": "how do I return this?"}).text
    lost = desk.get(PAGE, params={"ask": f"do you sell whales {HOSTILE}"}).text
    outdated = desk.get(PAGE, params={"ask": "in time for christmas?"}).text

    assert "The first entry would be cited." in found
    assert "words in common: <bdi>return" in found
    assert "Nothing would be cited" in lost
    assert "Nothing would be cited" in outdated
    assert desk.get(PAGE, params={"ask": "x" * 501}).status_code == 422


def test_gaps_are_grouped_and_closed_by_an_agent(desks: Desks, database: Database, aoi: User) -> None:
    add_gap(database, "Do you have parking near the shop?")
    add_gap(database, "do you have parking near your shop")
    add_gap(database, f"Are dogs welcome? {HOSTILE}")
    desk = desks.open(aoi)
    page = desk.get(PAGE).text

    assert "2 people asked" in page
    assert "1 person asked" in page
    assert "Nearest entry: Can I return something?" in page
    ids = re.findall(r'name="gap" value="(\d+)"', page.split("2 people asked")[1].split("</form>")[0])
    assert len(ids) == 2
    answer = desk.post("/knowledge/gaps", data={"gap": ids, "to": "answered", "brand": "default"})
    assert answer.headers["location"] == "/knowledge?said=gap_answered&brand=default#gaps"
    assert states(database) == ["answered", "answered", "open"]
    assert "parking" not in desk.get(PAGE).text
    with database.snapshot(OURS) as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.verb == "gap_answered")).one()
        assert (event.actor, event.detail) == (aoi.display_name, {"count": "2"})
    assert "closed questions" in text("audit.gap_answered", "en")


def test_dana_and_chika_close_none_of_ours(desks: Desks, database: Database, dana: User, chika: User) -> None:
    add_gap(database, "Any parking?")
    assert "Any parking?" not in desks.open(chika).get(PAGE).text
    assert desks.open(dana).post("/knowledge/gaps", data={"gap": "1", "to": "dismissed"}).status_code == 403
    desks.open(chika).post("/knowledge/gaps", data={"gap": "1", "to": "dismissed"})
    assert states(database) == ["open"]


@pytest.mark.parametrize("given", [{"gap": "0", "to": "answered"}, {"gap": "1", "to": "sold"}, {"to": "answered"}])
def test_a_made_up_form_is_refused(desks: Desks, aoi: User, given: dict[str, str]) -> None:
    assert desks.open(aoi).post("/knowledge/gaps", data=given).status_code == 422


def test_a_deleted_post_takes_its_gap_along(desks: Desks, database: Database, dana: User) -> None:
    mention_id = add_gap(database, "Where do I park my pony?")
    with database.transaction(OURS) as tx:
        mark_gone(tx, [mention_id])
    assert "pony" not in desks.open(dana).get(PAGE).text
    assert states(database) == []


def test_a_playbook_is_shown_with_its_wordings_filled(desks: Desks, dana: User) -> None:
    desk = desks.open(dana)
    name = re.findall(r'<option value="([a-z0-9_-]+)"', desk.get(PAGE).text)[0]
    page = desk.get(PAGE, params={"playbook": name}).text.split('id="playbooks"')[1]
    assert '<ol class="moves"' in page
    assert not re.search(r"\{[a-z_]+\}", page)
    assert '<ol class="moves"' not in desk.get(PAGE, params={"playbook": "no-such"}).text


def test_an_unknown_brand_is_not_found(desks: Desks, dana: User) -> None:
    assert desks.open(dana).get(PAGE, params={"brand": "other"}).status_code == 404


def test_what_came_from_outside_is_text_and_nothing_else(desks: Desks, database: Database, dana: User) -> None:
    add_gap(database, HOSTILE)
    page = desks.open(dana).get(PAGE, params={"ask": HOSTILE}).text
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)") == 3
    assert "javascript:" not in page


def test_the_page_stays_small_with_a_large_book(desks: Desks, dana: User) -> None:
    one = make_book().faq[0]
    many = tuple(one.model_copy(update={"id": f"e{number}"}) for number in range(500))
    desk = desks.open(dana, book=make_book().model_copy(update={"faq": many}))
    first, last = desk.get(PAGE), desk.get(PAGE, params={"page": 13})
    assert len(first.content) < 150_000
    assert (first.text.count('<details class="card entry'), last.text.count('<details class="card entry')) == (42, 22)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_shows_through_in_either_language(desks: Desks, database: Database, dana: User, language: str) -> None:
    add_gap(database, "Any parking?")
    page = desks.open(dana, language=language).get(PAGE, params={"ask": "return?"}).text
    main = page.split("<main")[1].partition(">")[2].split("</main>")[0].split("<select")[0]
    shown = re.sub(r"<[^>]+>", " ", main)
    assert re.findall(r"\b[a-z]+_[a-z]+", shown.replace("fixed.ja", "").replace("checked_on", "")) == []
    assert text("knowledge_page.gaps.title", language) in shown


def test_every_word_the_page_asks_for_exists() -> None:
    known = catalogue("knowledge_page")
    asked = set()
    for template in (HERE / "templates").rglob("*.html"):
        asked |= set(re.findall(r'say\("knowledge_page\.([a-z_.]+[a-z])"', template.read_text(encoding="utf-8")))
    assert len(asked) > 30
    assert [key for key in sorted(asked) if key not in known] == []
    assert [fault for fault in Fault if f"fault.{fault}" not in known] == []


def test_another_workspace_has_its_own_gaps(database: Database, desks: Desks, aoi: User) -> None:
    add_gap(database, "Theirs only", workspace=THEIRS)
    assert "Theirs only" not in desks.open(aoi).get(PAGE).text


def test_a_gap_is_kept_once_and_goes_when_an_answer_is_found(database: Database) -> None:
    mention_id = add_gap(database, "Any parking?")
    with database.transaction(OURS) as tx:
        again = GapToStore(brand="default", language="ja", topic="price", nearest="", score=0.2)
        record_gap(tx, mention_id, again)
    with database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(FaqGap)).one().topic == "price"
        assert tx.session.get_one(Mention, mention_id).text == "Any parking?"
    with database.transaction(OURS) as tx:
        record_gap(tx, mention_id, None)
    assert states(database) == []
