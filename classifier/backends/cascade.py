"""A second opinion on doubtful texts: what the first backend marks "check" may be shown to a language model, within a budget.

Whatever goes wrong there, the first answer stays. Off unless the settings name a server.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from classifier.backends.own_details import find_details
from classifier.backends.second_answer import join_names, lay_over, read_answer
from classifier.backends.second_opinion import make_question
from classifier.bands import BandThresholds, band_of, thresholds_of
from domain.chat import ChatModel, NoAnswerError
from domain.ports import ClassifierBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Band, Risk

LONGEST_SECONDS: Final = 120.0
"""Spent on second opinions for one batch: a claimed mention must be recorded before its claim runs out."""


class CascadeBackend:
    """A ``ClassifierBackend`` that asks a language model about what the ``first`` one is in doubt of."""

    def __init__(self, first: ClassifierBackend, second: ChatModel) -> None:
        self.first = first
        self._second = second

    @property
    def model_id(self) -> str:
        """Both names; a prediction that only the first one made carries the first one's."""
        return join_names(self.first.model_id, self._second.name)

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
            if time.monotonic() > until:
                break
            try:
                predictions[at] = self._ask(given, first)
            except NoAnswerError as error:
                if error.stops:
                    break
        return predictions

    def _is_doubtful(self, given: TextToClassify, first: Prediction) -> bool:
        """Tell whether to ask. A text with a person's details, found here or by the first backend, never leaves the house."""
        band = band_of(first.scores, language=given.language, thresholds=self.thresholds)
        return band is Band.CHECK and Risk.PERSONAL_DATA not in first.risks and not find_details(given.text)

    def _ask(self, given: TextToClassify, first: Prediction) -> Prediction:
        answer = self._second.ask(make_question(given), read=read_answer)
        return lay_over(first, answer, asked=self._second.name, least=self.thresholds.check)
