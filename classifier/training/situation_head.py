"""Fitting the head that tells situations apart, on the encoder's whole embeddings. numpy only; ``bench/situations.py`` measures and writes it."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from classifier.artefact import Artefact
from classifier.encoder import Encoder
from classifier.heads import Floats
from classifier.situations import SITUATIONS_FILE, SituationHead, write_situations
from classifier.text_tokens import TextTokens

LABELS: Final = "situations.jsonl"
"""In the corpus: what readers called posts of it, and some more posts of their own."""
SECOND: Final = 0.3
"""How much of a post the second situation has where a reader named two."""
WEIGHT_DECAY: Final = 1e-2
RATE: Final = 3e-3
STEPS: Final = 400
FOLDS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Situated:
    """A post with what readers called it."""

    text: str
    language: str
    family: str
    named: tuple[str, ...]
    """The situation, and perhaps one nearly as fitting."""


def read_situated() -> list[Situated]:
    """Return the labelled posts; those of the corpus by their id, the others with their text."""
    folder = files("classifier") / "corpus"
    told = [json.loads(line) for line in (folder / LABELS).read_text("utf-8").splitlines()]
    wanted = {row["id"] for row in told}
    corpus = {}
    for name in ("ja.jsonl", "en.jsonl"):
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["id"] in wanted:
                corpus[row["id"]] = row
    return [
        Situated(
            text=post["text"],
            language=post["language"],
            family=post.get("family", row["id"]),
            named=tuple(row["situations"]),
        )
        for row in told
        for post in [corpus.get(row["id"], row)]
    ]


def fit_situations(
    rows: Floats, posts: Sequence[Situated], names: Sequence[str], *, temperature: float
) -> SituationHead:
    """Return the head that gives ``posts``, whose whole embeddings are ``rows``, their situations: a regression with decaying weights.

    Scores are divided by ``temperature``. Deterministic.
    """
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    given, wanted = (rows - centre) / spread, _share(posts, names)
    weights, constant = np.zeros((given.shape[1], len(names)), np.float32), np.log(wanted.mean(axis=0) + 1e-4)
    moved, squared = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = given.T @ (softmax(given @ weights + constant) - wanted) / len(given) + WEIGHT_DECAY * weights
        moved = 0.9 * moved + 0.1 * slope
        squared = 0.99 * squared + 0.01 * slope**2
        weights -= RATE * (moved / (1 - 0.9**step)) / (np.sqrt(squared / (1 - 0.99**step)) + 1e-8)
    bare = weights / spread[:, None]
    whole = np.vstack([bare, constant - centre @ bare]) / temperature
    return SituationHead(names=tuple(names), weights=whole.astype(np.float32))


def embed_posts(artefact: Artefact, posts: Sequence[Situated]) -> Floats:
    """Return the whole embeddings of ``posts``, row for row, by the encoder of ``artefact``."""
    ids = TextTokens(artefact.tokenizer_file).encode([post.text for post in posts])
    return Encoder(artefact.encoder_file).embed(ids, whole=True)


def list_names(posts: Sequence[Situated]) -> list[str]:
    """Return every situation that was named."""
    return sorted({name for post in posts for name in post.named})


def _share(posts: Sequence[Situated], names: Sequence[str]) -> npt.NDArray[np.float32]:
    place = {name: at for at, name in enumerate(names)}
    wanted = np.zeros((len(posts), len(names)), np.float32)
    for row, post in zip(wanted, posts, strict=True):
        shares = (1 - SECOND, SECOND) if len(post.named) > 1 else (1.0,)
        for name, share in zip(post.named, shares, strict=False):
            row[place[name]] += share
    return wanted


def softmax(scores: Floats) -> Floats:
    """Return (posts, situations) shares that sum to 1 a post."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def cross_validate(
    rows: Floats, posts: Sequence[Situated], names: Sequence[str], *, done: Callable[[int], None] = lambda _folds: None
) -> Floats:
    """Return (posts, situations) raw scores, each post's by a head that saw no post of its family; ``done`` hears of each of ``FOLDS``."""
    fold = np.array([int(hashlib.sha256(post.family.encode()).hexdigest()[:8], 16) % FOLDS for post in posts])
    scores = np.zeros((len(posts), len(names)), np.float32)
    for one in range(FOLDS):
        seen, unseen = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        head = fit_situations(rows[seen], [posts[at] for at in seen.tolist()], names, temperature=1.0)
        scores[unseen] = rows[unseen] @ head.weights[:-1] + head.weights[-1]
        done(one + 1)
    return scores


def find_temperature(scores: Floats, posts: Sequence[Situated], names: Sequence[str]) -> float:
    """Return what scores are divided by so that chances are as often right as they say."""
    wanted = _share(posts, names)
    losses = {
        temperature: -float((wanted * np.log(softmax(scores / temperature) + 1e-9)).sum())
        for temperature in np.arange(0.5, 2.55, 0.05)
    }
    return float(min(losses, key=lambda one: losses[one]))


def make_situation_head(
    artefact: Artefact, posts: Sequence[Situated], *, done: Callable[[int], None] = lambda _folds: None
) -> None:
    """Fit the head on all ``posts``, its temperature by folds, and write it beside the encoder of ``artefact``."""
    rows, names = embed_posts(artefact, posts), list_names(posts)
    temperature = find_temperature(cross_validate(rows, posts, names, done=done), posts, names)
    head = fit_situations(rows, posts, names, temperature=temperature)
    file = artefact.encoder_file.parent / SITUATIONS_FILE
    write_situations(file, head, encoder_sha256=artefact.description.encoder_sha256)
