"""``/healthz``: whether the desk and its database answer. Needs no sign-in and tells nothing else."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select

from desk.context import DeskContext
from domain.errors import StorageError
from storage.models import Workspace

router = APIRouter()


@router.get("/healthz")
def show_health(request: Request) -> JSONResponse:
    """Answer 200 ``{"status": "ok"}``, or 503 when the database is away."""
    context: DeskContext = request.app.state.context
    try:
        with context.database.snapshot(context.workspace_id) as tx:
            tx.session.scalar(select(Workspace.id))
    except StorageError:
        return JSONResponse({"status": "database away"}, status_code=503)
    return JSONResponse({"status": "ok"})
