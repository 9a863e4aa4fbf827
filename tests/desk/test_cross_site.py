"""No other site can act in a signed-in person's name, frame the desk or run a script in it."""

import re

import pytest
from starlette.testclient import TestClient

from storage.models import User
from storage.people import make_sign_in_link
from tests.cast import OURS
from tests.desk.conftest import OpenDesk

POSTS = ("/sign-in", "/sign-out", "/drafts/approve", "/sending", "/deliveries/1/undo", "/me", "/measure")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
def test_an_unsafe_request_from_elsewhere_is_refused(
    open_desk: OpenDesk, ben: User, path: str, headers: dict[str, str]
) -> None:
    answer = open_desk(ben).post(path, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://testserver", 303),
        ("http://testserver:81", 403),
        ("http://testserver.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_without_fetch_metadata_the_origin_must_be_this_very_host(
    open_desk: OpenDesk, ben: User, origin: str, expected: int
) -> None:
    desk = open_desk(ben)
    plain = TestClient(desk.app, follow_redirects=False, cookies=dict(desk.cookies))
    headers = {"Origin": origin} if origin else {}
    assert plain.post("/me", data={"language": "en", "theme": "dark"}, headers=headers).status_code == expected


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    "path", ["/inbox", "/sent", "/sign-in", "/static/css/base.css", "/healthz", "/nowhere", "/inbox/99"]
)
def test_every_answer_carries_the_security_headers(open_desk: OpenDesk, ben: User, path: str) -> None:
    headers = open_desk(ben).get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_pages_are_never_stored_but_marked_files_are(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(ben)
    page = desk.get("/me")
    assert page.headers["cache-control"] == "no-store"
    sheet = re.findall(r'href="(/static/css/tokens\.css\?v=[0-9a-f]{12})"', page.text)[0]
    assert "immutable" in desk.get(sheet).headers["cache-control"]
    assert desk.get("/static/css/tokens.css").headers["cache-control"] == "no-cache"


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("path", ["/inbox", "/sent", "/alerts", "/me", "/inbox/1"])
def test_no_page_carries_a_script_a_style_or_a_handler_of_its_own(open_desk: OpenDesk, ben: User, path: str) -> None:
    page = open_desk(ben).get(path).text
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    assert not re.search(r"<style|\sstyle=|<[^>]+\son[a-z]+=|<[^>]+\shx-on|<[^>]+hx-vals=.js:", page)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(None)
    context = desk.app.state.context  # type: ignore[attr-defined]  # the app is FastAPI's
    with context.database.transaction(OURS) as tx:
        token = make_sign_in_link(tx, user_id=ben.id)
    cookie = desk.post(f"/sign-in/link/{token}").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    secure = TestClient(
        desk.app, base_url="https://testserver", headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False
    )
    with context.database.transaction(OURS) as tx:
        token = make_sign_in_link(tx, user_id=ben.id)
    answer = secure.post(f"/sign-in/link/{token}")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" in answer.headers
