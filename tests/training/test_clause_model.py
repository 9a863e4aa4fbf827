"""The model of clauses, made with a tiny encoder: it learns what is to be left out, and its chances are those of what it makes unseen."""

from pathlib import Path

import pytest

from classifier.artefact import TOKENIZER_FILE
from classifier.clauses import PHRASES_FILE, ClauseModel, read_phrases, weigh
from classifier.text_tokens import TextTokens
from classifier.training.base import build_base
from classifier.training.clause_model import LIKE, compare, fit_chance, make_clause_model
from classifier.training.edit_lesson import Retold, fold_of
from classifier.training.edit_network import EditRecipe
from domain.words import Intent, Language
from tests.training.tiny import write_packages

pytestmark = pytest.mark.torch

QUICK = EditRecipe(layers=2, epochs=30, batch=8, encoder_rate=5e-4, heads_rate=1e-2)


def posts() -> list[Retold]:
    """Of "my refund is late, thanks" all is said but the thanks; of "thanks" nothing."""
    made = []
    for at in range(64):
        thing, language = ("refund", "parcel")[at % 2], (Language.EN, Language.JA)[at // 2 % 2]
        text, clause = (f"my {thing} is late, thanks", f"your {thing} is late")
        if language is Language.JA:
            text, clause = "返金 late 届かない", "返金届かない"
        if at % 8 == 7:
            text, clause = "thanks, thanks", ""
        made.append(Retold(text=text, language=language, intent=Intent.COMPLAINT, clause=clause, family=f"F{at}"))
    return made


def test_a_model_is_made_that_edits(tmp_path: Path) -> None:
    packed, tokenizer = write_packages(tmp_path / "packages")
    build_base(packed=packed, tokenizer=tokenizer, target=tmp_path / "base")
    target = tmp_path / "model"
    target.mkdir()
    heard: list[tuple[str, int, int]] = []
    judged = make_clause_model(
        tmp_path / "base",
        target,
        posts(),
        progress=lambda name, done, total: heard.append((name, done, total)),
        recipe=QUICK,
    )
    model = ClauseModel(target, TextTokens(tmp_path / "base" / TOKENIZER_FILE))
    weights = read_phrases(target / PHRASES_FILE).chance[Language.EN]
    said, features = model.tell("my parcel is late, thanks", Language.EN, Intent.COMPLAINT)
    assert said == "your parcel is late"
    nothing, doubts = model.tell("thanks, thanks", Language.EN, Intent.COMPLAINT)
    assert not nothing or weigh(doubts, weights) < weigh(features, weights)
    assert model.tell("where is my parcel?", Language.EN, Intent.QUESTION) == ("", ())
    for hostile in ("", "\u202e\x00" * 50, "late " * 3000, "<script>"):
        assert len(model.tell(hostile, Language.JA, Intent.COMPLAINT)[0]) < 4000
    assert {name for name, _done, _total in heard} == {"Clauses, to judge", "Clauses"}
    assert heard[-1][1] == heard[-1][2]
    assert judged
    assert all(fold_of(one.post.family) == 0 for one in judged)


def test_likeness_counts_what_both_say() -> None:
    assert compare("the zip broke", "the zip broke", Language.EN) == 1
    assert compare("the zip broke", "your zip broke", Language.EN) == pytest.approx(2 / 3)
    assert compare("届かない", "", Language.JA) == 0
    assert 0.8 < compare("袖のボタンが取れた", "袖口のボタンが取れた", Language.JA) < 1


def test_chances_follow_what_was_judged() -> None:
    class One:
        def __init__(self, cost: float, likeness: float) -> None:
            self.features, self.likeness = [1.0, cost, cost, 0.0, 1.0], likeness

    judged = [One(at / 10, LIKE if at < 30 else 0.0) for at in range(60)]
    weights = fit_chance(judged)  # type: ignore[arg-type]
    assert weights[1] + weights[2] < -1
