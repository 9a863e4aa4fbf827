"""Making the model of ``classifier/clauses.py``: fitted on the clauses of the corpus, its chances on families that a first one never saw."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from classifier.artefact import TOKENIZER_FILE, replace_text
from classifier.clauses import CLAUSES_FILE, PHRASES_FILE, ClauseModel
from classifier.edits import WORDS
from classifier.preparation import prepare_text
from classifier.text_tokens import TextTokens
from classifier.training.edit_lesson import Retold, fold_of, list_phrases, teach
from classifier.training.edit_network import EditRecipe, export_edits, fit_edits, load_edit_network
from domain.words import Language

LIKE: Final = 0.85
"""A clause counts as standing where it has so much in common with the writer's (F1 of words, in Japanese of characters)."""
RIDGE: Final = 1e-2
NEWTON_STEPS: Final = 30

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A clause that a model made of a post it never saw."""

    post: Retold
    said: str
    features: Sequence[float]
    likeness: float
    """With the writer's clause; 0 where the writer made none."""


def make_clause_model(
    base: Path, target: Path, posts: Sequence[Retold], *, progress: Progress, recipe: EditRecipe | None = None
) -> list[Judged]:
    """Write graph and phrases to ``target``; return what a first model, whose chances it takes over, made of the families kept from it.

    ``base``: the folder of the base encoder, whose tokenizer is that of ``target``.
    """
    recipe = recipe or EditRecipe()
    tokens = TextTokens(base / TOKENIZER_FILE)
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder)
        seen = [post for post in posts if fold_of(post.family)]
        _make(base, first, seen, recipe, chance={}, progress=lambda at, of: progress("Clauses, to judge", at, of))
        judged = judge(ClauseModel(first, tokens), [post for post in posts if not fold_of(post.family)])
    languages = sorted({one.post.language for one in judged})
    chance = {one.value: fit_chance([each for each in judged if each.post.language is one]) for one in languages}
    _make(base, target, posts, recipe, chance=chance, progress=lambda at, of: progress("Clauses", at, of))
    return judged


def _make(
    base: Path,
    target: Path,
    posts: Sequence[Retold],
    recipe: EditRecipe,
    *,
    chance: dict[str, list[float]],
    progress: Callable[[int, int], None],
) -> None:
    taught = teach(posts, TextTokens(base / TOKENIZER_FILE))
    acts, phrases = list_phrases(taught)
    network = load_edit_network(base, recipe, acts=len(acts), phrases=len(phrases))
    fit_edits(network, taught, acts, phrases, recipe, done=progress)
    export_edits(network, target / CLAUSES_FILE)
    told = {"acts": acts, "phrases": phrases, "chance": chance}
    replace_text(target / PHRASES_FILE, json.dumps(told, ensure_ascii=False) + "\n")


def judge(model: ClauseModel, posts: Sequence[Retold]) -> list[Judged]:
    """Return what ``model`` makes of ``posts`` where it makes anything."""
    judged = []
    for post in posts:
        said, features = model.tell(post.text, post.language, post.intent)
        if said:
            likeness = compare(said, post.clause, post.language)
            judged.append(Judged(post=post, said=said, features=features, likeness=likeness))
    return judged


def compare(said: str, clause: str, language: Language) -> float:
    """Return how much two clauses have in common, 0 to 1: F1 of their words, in Japanese of their characters."""
    one, other = (_count(text, language) for text in (said, clause))
    both = sum((one & other).values())
    return 2 * both / (sum(one.values()) + sum(other.values())) if both else 0.0


def _count(text: str, language: Language) -> Counter[str]:
    plain = prepare_text(text).lower()
    return Counter(plain if language is Language.JA else WORDS.findall(plain))


def fit_chance(judged: Sequence[Judged]) -> list[float]:
    """Return the weights by which ``weigh`` tells the chance that a clause is like the writer's: a logistic regression, by Newton's steps."""
    rows = np.array([one.features for one in judged], dtype=np.float64)
    wanted = np.array([one.likeness >= LIKE for one in judged], dtype=np.float64)
    weights = np.zeros(rows.shape[1])
    for _step in range(NEWTON_STEPS):
        chances = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chances - wanted) + RIDGE * weights
        curve = (rows * (chances * (1 - chances))[:, None]).T @ rows + RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return [round(float(weight), 4) for weight in weights]
