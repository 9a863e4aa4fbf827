"""Posts are hostile text: whatever they hold, it is shown as text and breaks no page."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.rendering import post_language, safe_link
from desk.text_rules import clean_typed
from storage.database import Database
from storage.models import Author, Mention, User
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "<hx-partial hx-target='#work'>x</hx-partial>",
    "\u202eRTL override \u2067isolate without end",
    "javascript:alert(1) https://ok.example",
    "\x00\x01\x1b[31m",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "🧥" * 500,
    "あ" * 20_000,
)


def put_everywhere(database: Database, scene: Scene, text: str) -> None:
    with database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, scene.coat.mention.id)
        mention.text = text
        author = tx.session.scalars(select(Author).where(Author.id == mention.author_id)).one()
        author.display_name = author.handle = text[:200]


@pytest.mark.parametrize("text", NASTY)
def test_a_post_is_shown_as_text_on_every_page(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User, text: str
) -> None:
    put_everywhere(database, scene, text)
    desk = open_desk(ben)
    for path in ("/inbox", f"/inbox/{scene.coat.conversation.id}", "/sent"):
        page = desk.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<hx-partial" not in page.text
        assert text[:2] != "{{" or "{{ 7*7 }} {% raw %}" in page.text or path == "/sent"


def test_links_from_outside_are_plain_web_addresses_that_tell_nothing(
    open_desk: OpenDesk, scene: Scene, ben: User
) -> None:
    page = open_desk(ben).get(f"/inbox/{scene.coat.conversation.id}").text
    outward = re.findall(r'<a href="(https?://[^"]+)"([^>]*)>', page)
    assert outward
    assert all('rel="noopener noreferrer nofollow ugc"' in rest for _, rest in outward)


@pytest.mark.usefixtures("scene")
def test_an_address_that_is_no_web_address_is_no_link(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(ben)
    rows = re.findall(r'/inbox/(\d+)"', desk.get("/inbox").text)
    pages = "".join(desk.get(f"/inbox/{row}").text for row in rows)
    assert "alert(2)" in pages
    assert not re.search(r'href="(?:javascript|data|vbscript):', pages, re.IGNORECASE)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?y#z", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("\tjavascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https:", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_only_http_links_pass(url: str, *, kept: bool) -> None:
    assert bool(safe_link(url)) is kept


@pytest.mark.parametrize(
    ("tag", "lang"), [("ja", "ja"), ("en-GB", "en"), ('"><script>', "und"), ("", "und"), ("other", "und"), ("EN", "en")]
)
def test_every_post_has_a_language_that_fits_an_attribute(tag: str, lang: str) -> None:
    assert post_language(tag) == lang


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=300))
def test_any_typed_text_is_measured_without_a_fault(open_desk: OpenDesk, scene: Scene, ben: User, text: str) -> None:
    desk = open_desk(ben)
    answer = desk.post(
        "/measure", data={"draft": scene.coat_drafts[0].id, "text": text.encode("utf-8", "replace").decode()}
    )
    assert answer.status_code == 200


@given(text=st.text())
def test_cleaning_is_done_after_one_pass_and_keeps_no_control_signs(text: str) -> None:
    cleaned = clean_typed(text)
    assert clean_typed(cleaned) == cleaned
    assert "\r" not in cleaned
    assert "\x00" not in cleaned


def test_a_giant_text_is_refused_and_a_giant_request_too(open_desk: OpenDesk, scene: Scene, ben: User) -> None:
    desk = open_desk(ben)
    form: dict[str, object] = {"draft": scene.coat_drafts[0].id, "revision": 1, "text": "あ" * 10_001}
    assert desk.post("/drafts/approve", data=form).status_code == 422
    assert desk.post("/drafts/approve", data=form | {"text": "あ" * 100_000}).status_code == 413


@pytest.mark.parametrize(
    "path", ["/inbox/0", "/inbox/99999999999999999999999", "/inbox/x", "/inbox/-1", "/nowhere", "/inbox/1/2"]
)
def test_an_address_that_leads_nowhere_is_a_page_in_words(open_desk: OpenDesk, ben: User, path: str) -> None:
    answer = open_desk(ben).get(path)
    assert answer.status_code == 404
    assert "it is not in this workspace" in answer.text


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    "query", ["after=nonsense", "after=W10=", "after=WzEsMSwxLDFd", "split=nothing", "option=99", "option=-5"]
)
def test_a_made_up_query_shows_the_ordinary_page(open_desk: OpenDesk, ben: User, query: str) -> None:
    desk = open_desk(ben)
    assert desk.get(f"/inbox?{query}").status_code == 200
    assert desk.get(f"/inbox/1?{query}&said=<script>&done=x").status_code == 200


@pytest.mark.parametrize(
    "form",
    [{}, {"draft": "x"}, {"draft": "-1", "revision": "1"}, {"draft": "1", "revision": "x"}, {"draft": str(2**70)}],
)
def test_a_form_that_does_not_fit_is_told_so_in_words(open_desk: OpenDesk, ben: User, form: dict[str, str]) -> None:
    answer = open_desk(ben).post("/drafts/approve", data=form)
    assert answer.status_code == 422
    assert "could not be read" in answer.text
