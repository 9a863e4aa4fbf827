"""A second opinion on doubtful texts: what the first backend marks "check" may be shown to a language model, within a budget.

Whatever goes wrong there, the first answer stays. Off unless the settings name a server.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from classifier.backends.breaker import Breaker
from classifier.backends.budget import DailyBudget
from classifier.backends.own_details import find_details
from classifier.backends.second_answer import join_names, lay_over
from classifier.backends.second_opinion import ChatServer, NoAnswerError
from classifier.bands import BandThresholds, band_of, thresholds_of
from config.settings import SecondOpinionSettings
from domain.clock import Clock, SystemClock
from domain.ports import ClassifierBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Band, Risk

BUDGET_FILE: Final = "second_opinion.db"
LONGEST_SECONDS: Final = 120.0
"""Spent on second opinions for one batch: a claimed mention must be recorded before its claim runs out."""

log = structlog.get_logger(__name__)


class CascadeBackend:
    """A ``ClassifierBackend`` that asks a chat server about what the ``first`` one is in doubt of."""

    def __init__(
        self, first: ClassifierBackend, *, server: ChatServer, model: str, budget: DailyBudget, breaker: Breaker
    ) -> None:
        self.first = first
        self._server = server
        self._model = model
        self._budget = budget
        self._breaker = breaker

    @property
    def model_id(self) -> str:
        """Both names; a prediction that only the first one made carries the first one's."""
        return join_names(self.first.model_id, self._model)

    @property
    def artefact(self) -> object:
        """The first backend's model folder, if it is one."""
        return getattr(self.first, "artefact", None)

    @property
    def thresholds(self) -> BandThresholds:
        """The first backend's: its scores are the ones that are kept."""
        return thresholds_of(self.first)

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        """Return one prediction per text, in order. Blocks on the network: never call it within a transaction."""
        alone = self.first.model_id
        predictions = [replace(one, model_id=one.model_id or alone) for one in self.first.classify(texts)]
        until = time.monotonic() + LONGEST_SECONDS
        for at, (given, first) in enumerate(zip(texts, predictions, strict=True)):
            if not self._is_doubtful(given, first):
                continue
            if time.monotonic() > until or not self._breaker.may_ask() or not self._may_spend():
                break
            predictions[at] = self._ask(given, first)
        return predictions

    def _is_doubtful(self, given: TextToClassify, first: Prediction) -> bool:
        """Tell whether to ask. A text with a person's details, found here or by the first backend, never leaves the house."""
        band = band_of(first.scores, language=given.language, thresholds=self.thresholds)
        return band is Band.CHECK and Risk.PERSONAL_DATA not in first.risks and not find_details(given.text)

    def _may_spend(self) -> bool:
        try:
            return self._budget.take_call()
        except (OSError, sqlite3.Error) as error:
            log.warning("second opinion: the budget cannot be kept, nobody is asked", error=str(error))
            return False

    def _ask(self, given: TextToClassify, first: Prediction) -> Prediction:
        try:
            opinion = self._server.ask(given)
        except NoAnswerError as error:
            rest = self._breaker.failed(rest=error.rest, at_once=error.pointless)
            log.warning(
                "second opinion: no answer, the first stays",
                model=self._model,
                why=str(error),
                left_alone_seconds=rest.total_seconds() if rest else 0,
            )
            self._count(error.tokens)
            return first
        self._breaker.succeeded()
        self._count(opinion.tokens)
        return lay_over(first, opinion.answer, asked=self._model, least=self.thresholds.check)

    def _count(self, tokens: int) -> None:
        try:
            self._budget.add_tokens(tokens)
        except (OSError, sqlite3.Error) as error:
            log.warning("second opinion: tokens not counted", error=str(error))


def with_second_opinion(
    first: ClassifierBackend, settings: SecondOpinionSettings, *, state: Path, clock: Clock | None = None
) -> CascadeBackend:
    """Return ``first`` with a second opinion. ``state``: the home's folder for what survives a restart."""
    known = clock or SystemClock()
    budget = DailyBudget(
        state / BUDGET_FILE, most_calls=settings.daily_calls, most_tokens=settings.daily_tokens, clock=known
    )
    return CascadeBackend(
        first, server=ChatServer(settings, known), model=settings.model, budget=budget, breaker=Breaker(known)
    )
