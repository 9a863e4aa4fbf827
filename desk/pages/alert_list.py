"""``/alerts``: what a person must know of, until somebody has dealt with it."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from desk.visits import AtDesk, RowNumber, read_frame
from domain.words import Role
from storage.alerts import acknowledge_alert, open_alerts

router = APIRouter()


@router.get("/alerts")
def show_alerts(visit: AtDesk, said: str = "") -> HTMLResponse:
    """List open alerts, the gravest first."""
    with visit.reading() as tx:
        # Rendered while the rows are alive: they are the database's own.
        return visit.page("alerts.html", frame=read_frame(tx, visit.user), alerts=open_alerts(tx), said=said)


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(visit: AtDesk, alert_id: RowNumber) -> Response:
    """Take note of an alert."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        acknowledge_alert(tx, alert_id, user_id=visit.user.user_id, actor=visit.user.display_name)
    return visit.go("/alerts?said=acknowledged")
