"""``/sign-in``, ``/sign-in/link/{token}`` and ``/sign-out``."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.context import DeskContext
from desk.decisions import AlreadyDecidedError, PostGoneError, TypedText, save
from desk.outside import page_outside
from desk.text_rules import TextRules, clean_typed
from desk.visits import COOKIE, own_path
from domain.errors import NotFoundError, StaleDraftError
from domain.words import Role
from storage.people import (
    close_session,
    find_session,
    open_session,
    read_login,
    record_failure,
    use_sign_in_link,
    verify_password,
)

router = APIRouter()
LONGEST_PASSWORD = 1024
"""Characters; argon2 would take more, and be kept busy by them."""


@router.get("/sign-in")
def show_sign_in(request: Request, to: str = "", said: str = "") -> Response:
    """Show the form; who is signed in already goes on."""
    context: DeskContext = request.app.state.context
    with context.database.snapshot(context.workspace_id) as tx:
        signed_in = find_session(tx, request.cookies.get(COOKIE, ""))
    if signed_in:
        return RedirectResponse(own_path(to), status_code=303)
    return page_outside(request, "sign_in.html", to=own_path(to), said=said, problem="", login="", kept=None)


@router.post("/sign-in")
def sign_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
    kept_draft: Annotated[int, Form(ge=0, le=2**63 - 1)] = 0,
    kept_revision: Annotated[int, Form()] = 0,
    kept_text: Annotated[str, Form()] = "",
) -> Response:
    """Sign in with login and password. Text typed before the session ended goes back into its draft."""
    context: DeskContext = request.app.state.context
    kept = TypedText(draft_id=kept_draft, revision=kept_revision, text=clean_typed(kept_text)) if kept_draft else None
    with context.database.snapshot(context.workspace_id) as tx:
        facts = read_login(tx, login)
    # Checked in every case, so that an unknown or locked login answers as slowly as a wrong password.
    right = verify_password(facts.password_hash, password[:LONGEST_PASSWORD])
    if facts.locked or not right or facts.user_id is None:
        if not facts.locked:
            with context.database.transaction(context.workspace_id) as tx:
                record_failure(tx, login)
        problem = "locked" if facts.locked else "wrong"
        status = 429 if facts.locked else 401
        return page_outside(
            request, "sign_in.html", status=status, to=own_path(to), said="", problem=problem, login=login, kept=kept
        )
    token = _begin_session(context, facts.user_id)
    if kept and not _put_back(context, token, kept):
        page = page_outside(request, "kept_text.html", to=own_path(to), text=kept.text)
        return _give_cookie(request, token, page)
    return _enter(request, token, own_path(to))


@router.get("/sign-in/link/{token}")
def show_link(request: Request, token: str) -> HTMLResponse:
    """Show one button. The script presses it at once; a preview robot that only looks does not spend the link."""
    return page_outside(request, "sign_in_link.html", token=token, spent=False)


@router.post("/sign-in/link/{token}")
def use_link(request: Request, token: str) -> Response:
    """Spend a one-time link."""
    context: DeskContext = request.app.state.context
    with context.database.transaction(context.workspace_id) as tx:
        user_id = use_sign_in_link(tx, token)
    if user_id is None:
        return page_outside(request, "sign_in_link.html", status=410, token="", spent=True)
    return _enter(request, _begin_session(context, user_id), "/inbox")


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End this session."""
    context: DeskContext = request.app.state.context
    with context.database.transaction(context.workspace_id) as tx:
        close_session(tx, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in?said=signed_out", status_code=303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _begin_session(context: DeskContext, user_id: int) -> str:
    with context.database.transaction(context.workspace_id) as tx:
        return open_session(tx, user_id=user_id, hours=context.settings.desk.session_hours)


def _enter(request: Request, token: str, path: str) -> Response:
    return _give_cookie(request, token, RedirectResponse(path, status_code=303))


def _give_cookie(request: Request, token: str, answer: Response) -> Response:
    context: DeskContext = request.app.state.context
    answer.set_cookie(
        COOKIE,
        token,
        max_age=context.settings.desk.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or context.settings.desk_url.startswith("https:"),
        path="/",
    )
    return answer


def _put_back(context: DeskContext, token: str, kept: TypedText | None) -> bool:
    """Save text that was typed before the session ended into its draft; False when the draft no longer stands as it was."""
    if kept is None or not kept.text:
        return True
    rules = TextRules(channels=context.channels, books=context.books)
    try:
        with context.database.transaction(context.workspace_id) as tx:
            user = find_session(tx, token)
            if user is None or not user.carries(Role.AGENT):
                return False
            save(tx, kept, user=user, rules=rules)
    except (AlreadyDecidedError, NotFoundError, PostGoneError, StaleDraftError):
        return False
    return True
