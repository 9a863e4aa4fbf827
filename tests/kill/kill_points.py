"""Kills the present process at the n-th point: a point lies before and after each statement, commit and platform call."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from storage.database import Database

WATCHED_CALLS = ("poll", "reply", "direct_message", "find_reply", "still_there", "eligibility")


class KillPoints:
    """Counts the points whose name holds ``part``; at number ``at`` it sends SIGKILL to its own process: nothing can clean up.

    ``on_kill`` is told where, just before.
    """

    def __init__(self, *, part: str, at: int, on_kill: Callable[[str], None]) -> None:
        self.passed = 0
        self._part = part
        self._at = at
        self._on_kill = on_kill

    def pass_point(self, name: str) -> None:
        if self._part not in name:
            return
        self.passed += 1
        if self.passed == self._at:
            self._on_kill(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_database(self, database: Database) -> None:
        engine = database.engine

        @event.listens_for(engine, "before_cursor_execute")
        def before(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:  # noqa: ANN401, FBT001 - SQLAlchemy's signature
            self.pass_point(f"before {_verb(statement)}")

        @event.listens_for(engine, "after_cursor_execute")
        def after(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:  # noqa: ANN401, FBT001 - SQLAlchemy's signature
            self.pass_point(f"after {_verb(statement)}")

        @event.listens_for(engine, "commit")
        def commit(_connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
            self.pass_point("before commit")

    def watch_channel(self, channel: object) -> None:
        for name in WATCHED_CALLS:
            setattr(channel, name, self._watched(name, getattr(channel, name)))

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call of the port
            self.pass_point(f"before calling {name}")
            try:
                return call(*arguments, **named)
            finally:
                self.pass_point(f"after calling {name}")

        return watched


def _verb(statement: str) -> str:
    words = statement.replace('"', " ").split()
    if words[0].upper() in {"INSERT", "DELETE"}:
        return f"{words[0].lower()} {words[2]}"
    if words[0].upper() == "UPDATE":
        return f"update {words[1]}"
    return words[0].lower()
