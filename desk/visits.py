"""One request by one person: who they are, what they may do, and how they are answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request
from fastapi import Path as PathPart
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.context import DeskContext
from desk.rendering import render
from desk.text_rules import TextRules
from domain.errors import KikiteError, NotAllowedError
from domain.lifecycle import DeliveryState
from domain.words import Role
from storage.alerts import open_alerts
from storage.channel_standing import count_troubled
from storage.database import Transaction
from storage.holds import OwnHold, count_deliveries, find_own_hold
from storage.ignoring import OwnIgnore, find_own_ignore
from storage.outbox import is_sending_paused
from storage.people import SignedInUser, find_session

COOKIE = "kikite_session"
LANGUAGE_COOKIE = "kikite_language"
"""The language this browser last used, for pages shown to nobody in particular. No secret."""
LARGEST_ROW = 2**63 - 1
"""No database numbers rows beyond it; a larger number in an address is simply not found."""

RowNumber = Annotated[int, PathPart(ge=1, le=LARGEST_ROW)]
"""A row's number in an address."""
FormNumber = Annotated[int, Form(ge=1, le=LARGEST_ROW)]
"""A row's number in a form."""


class SignInNeededError(KikiteError):
    """Nobody is signed in (any more)."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the page's frame shows: header, badges, the toasts of what one may still take back."""

    doubtful: int
    on_their_way: int
    alerts: int
    incomplete: bool
    """An account is failing for long, refused, or has a gap that nobody took note of."""
    paused: bool
    hold: OwnHold | None
    ignored: OwnIgnore | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of a signed-in user."""

    request: Request
    context: DeskContext
    user: SignedInUser

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.user.language

    @property
    def now(self) -> datetime:
        """The present moment by the desk's clock."""
        return self.context.database.clock.now()

    @property
    def rules(self) -> TextRules:
        """What texts must satisfy."""
        return TextRules(channels=self.context.channels, books=self.context.books)

    def require(self, role: Role) -> None:
        """Raise ``NotAllowedError`` unless the user carries ``role``."""
        if not self.user.carries(role):
            raise NotAllowedError(f"This takes the role '{role}'.", remedy="Ask an administrator of your desk.")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read in this workspace."""
        with self.context.database.snapshot(self.context.workspace_id) as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Write in this workspace; commits at the end."""
        with self.context.database.transaction(self.context.workspace_id) as tx:
            yield tx

    def wants(self, part: str) -> bool:
        """Return True when the page's script asks for one part of it (the element of that id) only."""
        return self.request.headers.get("hx-target", "").partition("#")[2] == part

    def page(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Answer with a template, given the frame and ``values``."""
        values.setdefault("frame", None)
        shown_in = self.request.cookies.get(LANGUAGE_COOKIE)
        body = render(
            template,
            language=self.language,
            now=self.now,
            time_zone=self.context.settings.workspace.time_zone,
            values={
                "me": self.user,
                "workspace": self.context.settings.workspace.name,
                "path": self.request.url.path,
                "may_decide": self.user.carries(Role.AGENT),
                "may_approve": self.user.carries(Role.APPROVER),
                "may_manage": self.user.carries(Role.ADMIN),
                "may_reword": self.user.carries(Role.AGENT) and self.context.wording is not None,
                **values,
            },
        )
        answer = HTMLResponse(body, status_code=status, headers=headers)
        if shown_in != self.language:
            answer.set_cookie(
                LANGUAGE_COOKIE, self.language, max_age=31_536_000, samesite="lax", httponly=True, path="/"
            )
        return answer

    def go(self, path: str) -> Response:
        """Answer a form: open ``path`` (of our own) next."""
        return RedirectResponse(path, status_code=303)


def read_frame(tx: Transaction, user: SignedInUser) -> Frame:
    """Read what every page's frame shows; a handful of index look-ups."""
    alerts = open_alerts(tx)
    return Frame(
        doubtful=count_deliveries(tx, states=(DeliveryState.UNCERTAIN, DeliveryState.HANDED_OFF)),
        on_their_way=count_deliveries(tx, states=(DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)),
        alerts=len(alerts),
        incomplete=any(alert.kind == "channel_gap" for alert in alerts) or count_troubled(tx) > 0,
        paused=is_sending_paused(tx),
        hold=find_own_hold(tx, user_id=user.user_id),
        ignored=find_own_ignore(tx, user_id=user.user_id),
    )


def open_visit(request: Request) -> Visit:
    """Find out who asks. Raises ``SignInNeededError``."""
    context: DeskContext = request.app.state.context
    with context.database.snapshot(context.workspace_id) as tx:
        user = find_session(tx, request.cookies.get(COOKIE, ""))
    if user is None:
        raise SignInNeededError("Please sign in.")
    return Visit(request=request, context=context, user=user)


AtDesk = Annotated[Visit, Depends(open_visit)]


def own_path(address: str) -> str:
    """Return a path on this desk to go to, or the inbox when ``address`` leads anywhere else."""
    parts = urlsplit(address)
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    if not plain or parts.scheme or parts.netloc or any(c < " " for c in address):
        return "/inbox"
    return address
