"""Pages for people who are not signed in, and pages that say what went wrong, in words."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from desk.context import DeskContext
from desk.rendering import LANGUAGES, render
from desk.visits import COOKIE, LANGUAGE_COOKIE
from domain.errors import StorageError
from storage.people import SignedInUser, find_session


def page_outside(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object
) -> HTMLResponse:
    """Answer with a template in the browser's language."""
    context: DeskContext = request.app.state.context
    return _answer(
        request, template, language=browser_language(request, context), status=status, headers=headers, values=values
    )


def page_in(request: Request, template: str, *, language: str, status: int = 200, **values: object) -> HTMLResponse:
    """Answer with a template in ``language``, or the browser's where that is none of ours."""
    context: DeskContext = request.app.state.context
    spoken = language if language in LANGUAGES else browser_language(request, context)
    return _answer(request, template, language=spoken, status=status, headers=None, values=values)


def error_page(request: Request, kind: str, *, status: int, plain: bool = False, kept: str = "") -> HTMLResponse:
    """Answer with what went wrong (``kind``: keys under ``desk.error``), to whoever asks.

    For a part of a page the script keeps what is on the screen and shows the sentence above it. ``plain`` asks the
    database nothing. ``kept`` is what was typed into the refused form: shown, so that it can be copied.
    """
    context: DeskContext = request.app.state.context
    user = None if plain else _who(request, context)
    language = user.language if user else browser_language(request, context)
    headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
    part = request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"
    return _answer(
        request,
        "parts/error_notice.html" if part else "error.html",
        language=language,
        status=status,
        headers=headers if part else None,
        values={
            "kind": kind,
            "status": status,
            "role": user.role if user else "",
            "theme": user.theme if user else "auto",
            "kept": kept,
        },
    )


def browser_language(request: Request, context: DeskContext) -> str:
    """Return the language last used here, else the first of ours that the browser asks for, else the workspace's."""
    last_used = request.cookies.get(LANGUAGE_COOKIE, "")
    if last_used in LANGUAGES:
        return last_used
    for wish in request.headers.get("accept-language", "").lower().split(","):
        tag = wish.split(";")[0].strip().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return context.settings.workspace.language


def _who(request: Request, context: DeskContext) -> SignedInUser | None:
    try:
        with context.database.snapshot(context.workspace_id) as tx:
            return find_session(tx, request.cookies.get(COOKIE, ""))
    except StorageError:
        return None


def _answer(
    request: Request,
    template: str,
    *,
    language: str,
    status: int,
    headers: dict[str, str] | None,
    values: dict[str, object],
) -> HTMLResponse:
    context: DeskContext = request.app.state.context
    body = render(
        template,
        language=language,
        now=context.database.clock.now(),
        time_zone=context.settings.workspace.time_zone,
        values={"workspace": context.settings.workspace.name, "theme": "auto", **values},
    )
    return HTMLResponse(body, status_code=status, headers=headers)
