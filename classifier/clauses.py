"""The clause of a post that a reply may say back, found by a small transformer that edits: it keeps, leaves out and turns round units of the post.

It writes nothing of its own: what it says are units of the post and phrases of a closed list (``clauses.json``). None ships yet: ``bench/clauses.py``
makes one and measures it, and docs/adr/0013 says what it must reach. onnxruntime and numpy only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from classifier.artefact import ModelError, remedy_for
from classifier.edits import DROP, Edit, Unit, apply_edits, split_units
from classifier.heads import Floats
from classifier.preparation import prepare_text
from classifier.text_tokens import TextTokens
from domain.words import Intent, Language

CLAUSES_FILE: Final = "clauses.onnx"
PHRASES_FILE: Final = "clauses.json"
"""Beside the encoder whose tokenizer they share."""
INTENTS: Final = frozenset({Intent.COMPLAINT, Intent.PRAISE})
OUTPUTS: Final = ("acts", "phrases", "sayable")
MOST_UNITS: Final = 160

Places = np.typing.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrases:
    """What ``clauses.json`` says."""

    acts: Sequence[str]
    phrases: Sequence[str]
    chance: Mapping[Language, Sequence[float]]
    """By language the weights of a logistic regression: see ``weigh``."""


def read_units(text: str, intent: Intent, language: Language, tokens: TextTokens) -> tuple[list[int], list[Unit]]:
    """Return the ids that the network reads, and the units of ``text`` (prepared), whose places count from the first id."""
    lead = f"{intent.value}: "
    ids, spans = tokens.encode_with_spans(lead + text)
    own = [
        (max(0, begin - len(lead)), end - len(lead)) if begin < end and end > len(lead) else (-1, -1)
        for begin, end in spans
    ]
    return ids, split_units(text, own, language)[:MOST_UNITS]


class ClauseModel:
    """Thread-safe. Raises ``ModelError`` when the files of ``folder`` are broken."""

    def __init__(self, folder: Path, tokens: TextTokens) -> None:
        self._tokens = tokens
        self._phrases = read_phrases(folder / PHRASES_FILE)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        file = folder / CLAUSES_FILE
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no common base for its errors
            raise ModelError(f"{file} cannot be loaded: {type(error).__name__}.", remedy=remedy_for(file)) from error

    def tell(self, text: str, language: Language, intent: Intent) -> tuple[str, Sequence[float]]:
        """Return a clause, and what its chance hangs on (see ``weigh``); nothing where ``text`` has no unit, or ``intent`` tells neither trouble nor joy.

        Any text will do. The clause is untrusted: it is made of words of the post.
        """
        ids, units = read_units(prepare_text(text), intent, language, self._tokens)
        if not units or intent not in INTENTS:
            return "", ()
        acts, phrases, sayable = self._session.run(OUTPUTS, as_inputs(ids, units))
        edits, costs = choose(acts[0], phrases[0], self._phrases)
        said = apply_edits(units, edits, language)
        return said, features_of(costs, float(sayable[0]), said)


def as_inputs(ids: Sequence[int], units: Sequence[Unit]) -> dict[str, Places]:
    """Return one post as the graph takes it: the end of the post stands behind its units as one more."""
    end = len(ids) - 1
    return {
        "input_ids": np.array([ids], dtype=np.int64),
        "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
        "first": np.array([[*(min(unit.first, end) for unit in units), end]], dtype=np.int64),
        "last": np.array([[*(min(unit.last, end) for unit in units), end]], dtype=np.int64),
    }


def choose(acts: Floats, phrases: Floats, known: Phrases) -> tuple[list[Edit], Floats]:
    """Return the likeliest edit of each unit, and what each choice costs: (units + 1, 2) negative logarithms of chances."""
    told, led = _logarithms(acts), _logarithms(phrases)
    best, first = told.argmax(axis=1), led.argmax(axis=1)
    rows = np.arange(len(told))
    edits = [
        Edit(known.acts[one], known.phrases[other]) for one, other in zip(best.tolist(), first.tolist(), strict=True)
    ]
    costs = -np.stack([told[rows, best], led[rows, first]], axis=1)
    edits[-1], costs[-1, 0] = Edit(DROP, edits[-1].led_by), 0.0  # the end of a post is neither kept nor left out
    return edits, costs.astype(np.float32)


def _logarithms(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


def features_of(costs: Floats, sayable: float, said: str) -> list[float]:
    """Return what the chance hangs on: all doubts, the greatest one, whether anything is sayable at all, the length."""
    return [1.0, float(costs.sum()), float(costs.max()), sayable, len(said) / 50]


def weigh(features: Sequence[float], weights: Sequence[float]) -> float:
    """Return the chance, 0 to 1, that a clause stands as it is."""
    score = sum(one * other for one, other in zip(features, weights, strict=True))
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def read_phrases(file: Path) -> Phrases:
    """Read ``clauses.json``. Raises ``ModelError`` when it is broken."""
    try:
        said = json.loads(file.read_text("utf-8"))
        return Phrases(
            acts=tuple(map(str, said["acts"])),
            phrases=tuple(map(str, said["phrases"])),
            chance={Language(name): tuple(map(float, weights)) for name, weights in said["chance"].items()},
        )
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}.", remedy=remedy_for(file)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file} is damaged ({type(error).__name__}).", remedy=remedy_for(file)) from error
