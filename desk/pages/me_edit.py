"""``/me``: how one person sees the desk."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from desk.visits import AtDesk, read_frame
from storage.people import change_preferences

router = APIRouter()


@router.get("/me")
def show_me(visit: AtDesk, said: str = "") -> HTMLResponse:
    """Show one's own settings."""
    with visit.reading() as tx:
        frame = read_frame(tx, visit.user)
    return visit.page("me.html", frame=frame, said=said)


@router.post("/me")
def edit_me(
    visit: AtDesk,
    language: Annotated[Literal["ja", "en"], Form()],
    theme: Annotated[Literal["auto", "light", "dark"], Form()],
    single_keys: Annotated[str, Form()] = "",
) -> Response:
    """Keep one's own settings."""
    with visit.writing() as tx:
        change_preferences(
            tx, user_id=visit.user.user_id, language=language, theme=theme, single_keys=single_keys == "on"
        )
    return visit.go("/me?said=preferences")
