"""From an error to an answer: every refusal and fault as a page in words, and never a lost text."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.decisions import TypedText
from desk.outside import error_page, page_outside
from desk.security import SAFE_METHODS
from desk.text_rules import clean_typed
from desk.visits import SignInNeededError, own_path
from domain.errors import IllegalTransitionError, NotAllowedError, NotFoundError, StorageError

log = structlog.get_logger(__name__)


def add_error_pages(app: FastAPI) -> None:
    """Register an answer for every kind of error."""
    kinds: dict[type[Exception], tuple[str, int]] = {
        NotFoundError: ("not_found", 404),
        NotAllowedError: ("forbidden", 403),
        IllegalTransitionError: ("conflict", 409),
    }
    for error_type, (kind, status) in kinds.items():
        app.add_exception_handler(error_type, _answer_with(kind, status))
    app.add_exception_handler(StorageError, _answer_storage)
    app.add_exception_handler(SignInNeededError, _ask_to_sign_in)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_fault)


def _answer_with(kind: str, status: int) -> Any:  # noqa: ANN401 - Starlette's handler type is a union of four
    async def answer(request: Request, _error: Exception) -> Response:
        return error_page(request, kind, status=status, kept=await _kept_text(request))

    return answer


async def _answer_storage(request: Request, error: Exception) -> Response:
    log.warning("database_away", path=request.url.path, problem=str(error))
    return error_page(request, "storage", status=503, plain=True, kept=await _kept_text(request))


def _answer_fault(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, so the server's log has the traceback too.
    log.error("request_failed", path=request.url.path, problem=type(error).__name__)
    return error_page(request, "broken", status=500, plain=True)


async def _answer_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = {404: "not_found", 405: "not_found", 403: "forbidden"}
    return error_page(request, known.get(status, "invalid"), status=status, kept=await _kept_text(request))


async def _answer_invalid(request: Request, error: Exception) -> Response:
    """Answer 404 to an address whose number is no number, 422 to a form that does not fit."""
    parts = (
        {str(problem["loc"][0]) for problem in error.errors()} if isinstance(error, RequestValidationError) else set()
    )
    kind, status = ("not_found", 404) if "path" in parts else ("invalid", 422)
    return error_page(request, kind, status=status, kept=await _kept_text(request))


async def _ask_to_sign_in(request: Request, _error: Exception) -> Response:
    """Lead to the sign-in. A form that was sent keeps its text: shown, and carried through the sign-in."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    if request.headers.get("hx-request") == "true":
        headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
        return page_outside(request, "parts/session_ended.html", status=401, headers=headers, to=_came_from(request))
    if request.method in SAFE_METHODS:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        to = own_path(path)
        return RedirectResponse("/sign-in" if to == "/" else f"/sign-in?{urlencode({'to': to})}", status_code=303)
    return page_outside(
        request,
        "sign_in.html",
        status=401,
        to=_came_from(request),
        said="",
        problem="",
        login="",
        kept=await _kept(request),
    )


def _came_from(request: Request) -> str:
    """Return the page the form stood on, by the browser's own account of it."""
    page = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
    return own_path(f"{page.path}?{page.query}" if page.query else page.path)


async def _kept(request: Request) -> TypedText | None:
    """Return the text of a draft's form."""
    form = await request.form()
    draft, revision, text = (str(form.get(name, "")) for name in ("draft", "revision", "text"))
    if not (draft.isdecimal() and text):
        return None
    number = int(revision) if revision.isdecimal() else 0
    return TypedText(draft_id=int(draft), revision=number, text=clean_typed(text))


async def _kept_text(request: Request) -> str:
    """Return what was typed into a form that is refused, to be shown on the refusal; empty for other requests."""
    if request.method in SAFE_METHODS:
        return ""
    try:
        text = (await request.form()).get("text", "")
    except (HTTPException, RuntimeError):  # too large, or its stream was used up: nothing can be read back
        return ""
    return clean_typed(str(text))
