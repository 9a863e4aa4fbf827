"""The desk as a web application."""

import threading

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from desk.context import DeskContext
from desk.failures import add_error_pages
from desk.pages import (
    alert_list,
    channels_show,
    conversation_handle,
    conversation_show,
    customer_edit,
    customer_show,
    delivery_settle,
    draft_decide,
    draft_quality,
    draft_rewrite,
    events_stream,
    follow_up_list,
    follow_up_plan,
    health_show,
    inbox_list,
    knowledge_show,
    me_edit,
    model_show,
    sending_pause,
    sent_list,
    sign_in,
    survey_answer,
    testimonial_list,
    webhook_receive,
)
from desk.rendering import STATIC
from desk.security import SameOriginGuard, SecurityHeaders

__all__ = ["DeskContext", "make_app"]

LARGEST_BODY_BYTES = 256 * 1024
"""``text_rules.LONGEST_TEXT`` characters escaped as UTF-8 are about 90 kB; no form of ours comes near."""
PAGES = (
    alert_list,
    channels_show,
    conversation_handle,
    # Before conversation_show: /inbox/rows and /inbox/pulse are no conversations.
    inbox_list,
    conversation_show,
    customer_edit,
    customer_show,
    delivery_settle,
    draft_decide,
    draft_quality,
    draft_rewrite,
    events_stream,
    follow_up_list,
    follow_up_plan,
    health_show,
    knowledge_show,
    me_edit,
    model_show,
    sending_pause,
    sent_list,
    sign_in,
    survey_answer,
    testimonial_list,
    webhook_receive,
)


class MarkedFiles(StaticFiles):
    """Static files under addresses that carry their content's mark: browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Add how long to keep it."""
        response = await super().get_response(path, scope)
        marked = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        return response


class Desk(FastAPI):
    """FastAPI whose guards stand outside everything, the page of a fault included."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the headers around the error pages too."""
        return SecurityHeaders(super().build_middleware_stack())


def make_app(context: DeskContext) -> FastAPI:
    """Return the desk over ``context``. Set ``app.state.stopping`` when the server stops: it ends the event streams."""
    app = Desk(
        title="Kikite",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_BODY_BYTES,
    )
    app.state.context = context
    app.state.stopping = threading.Event()
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", MarkedFiles(directory=STATIC), name="static")
    add_error_pages(app)
    app.add_middleware(SameOriginGuard)
    return app
