"""What is watched over whoever answers: the day's budget, and the rest after failures."""

import sqlite3

import structlog

from domain.chat import ChatTrouble, NoAnswerError
from kikite.chat.breaker import Breaker
from kikite.chat.budget import DailyBudget

log = structlog.get_logger(__name__)


class Watch:
    """Thread-safe."""

    def __init__(self, *, model: str, budget: DailyBudget, breaker: Breaker) -> None:
        self._model = model
        self._budget = budget
        self._breaker = breaker

    def allow(self) -> None:
        """Count one request. Raises ``NoAnswerError`` when the model rests or the budget is used up: nobody may be asked."""
        if not self._breaker.may_ask():
            raise NoAnswerError("left alone after failures", trouble=ChatTrouble.RESTING)
        try:
            allowed = self._budget.take_call()
        except (OSError, sqlite3.Error) as error:
            log.warning("language model: the budget cannot be kept, nobody is asked", error=str(error))
            allowed = False
        if not allowed:
            raise NoAnswerError("the day's budget is used up", trouble=ChatTrouble.SPENT)

    def spend(self, tokens: int) -> None:
        """Count what a request used."""
        try:
            self._budget.add_tokens(tokens)
        except (OSError, sqlite3.Error) as error:
            log.warning("language model: tokens not counted", error=str(error))

    def succeeded(self) -> None:
        """Note an answer that fits."""
        self._breaker.succeeded()

    def failed(self, error: NoAnswerError) -> None:
        """Note a failure; what was never asked is none."""
        if error.stops:
            return
        rest = self._breaker.failed(rest=error.rest, at_once=error.pointless)
        log.warning(
            "language model: no answer",
            model=self._model,
            why=str(error),
            left_alone_seconds=rest.total_seconds() if rest else 0,
        )
