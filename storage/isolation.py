"""The wall between workspaces: a session sees and writes the rows of one workspace, whatever a repository forgets."""

from typing import cast

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from domain.ids import WorkspaceId
from storage.models import WorkspaceScoped


def confine(session: Session, workspace_id: WorkspaceId) -> None:
    """Confine a session to one workspace for the rest of its life."""

    @event.listens_for(session, "do_orm_execute")
    def add_filter(state: ORMExecuteState) -> None:
        if state.is_select or state.is_update or state.is_delete:
            state.statement = state.statement.options(
                with_loader_criteria(
                    WorkspaceScoped, lambda model: model.workspace_id == workspace_id, include_aliases=True
                )
            )

    @event.listens_for(session, "before_flush")
    def add_workspace(session: Session, _context: object, _instances: object) -> None:
        for row in session.new:
            if isinstance(row, WorkspaceScoped):
                if cast("int | None", row.workspace_id) is None:
                    row.workspace_id = workspace_id
                elif row.workspace_id != workspace_id:
                    msg = f"a row of workspace {row.workspace_id} in a transaction of workspace {workspace_id}"
                    raise ValueError(msg)
