"""``/settings/model``: the model in force, how often it is right, and what it could still learn."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from classifier.backends import MODELS
from classifier.corrections import read_corrections
from desk.model_history import last_decision, list_lines
from desk.model_view import LANGUAGES, SOURCES, find_evaluation, find_in_force, lay_out
from desk.visits import AtDesk, read_frame
from domain.words import Role

router = APIRouter()


@router.get("/settings/model")
def show_model(visit: AtDesk, on: str = "", language: str = "") -> HTMLResponse:
    """Show the model; ``on`` chooses what it was measured on, ``language`` whose figures."""
    visit.require(Role.ADMIN)
    settings = visit.context.settings
    source = on if on in SOURCES else SOURCES[0]
    chosen = language if language in LANGUAGES else ""
    in_force = find_in_force(settings)
    evaluation = find_evaluation(settings, in_force, source)
    with visit.reading() as tx:
        frame = read_frame(tx, visit.user)
        corrections = read_corrections(tx)
    return visit.page(
        "model.html",
        frame=frame,
        in_force=in_force,
        evaluation=evaluation,
        figures=lay_out(evaluation, chosen) if evaluation else None,
        corrections=corrections,
        waiting=max(0, len(corrections.learned_from) - in_force.learned),
        lines=list_lines(settings.home / MODELS),
        decision=last_decision(settings.home / MODELS),
        source=source,
        sources=SOURCES,
        chosen=chosen,
        languages=LANGUAGES,
        home=settings.home,
    )
