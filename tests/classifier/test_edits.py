"""Posts as units, the edits that lead from a post to a writer's clause, and back."""

import pytest

from classifier.artefact import SHIPPED
from classifier.clauses import read_units
from classifier.edits import DROP, KEEP, Edit, Unit, apply_edits
from classifier.preparation import prepare_text
from classifier.text_tokens import TextTokens
from classifier.training.edit_lesson import FOLDS, Retold, find_edits, fold_of, list_phrases, read_retold, teach
from domain.words import Intent, Language

EN, JA = Language.EN, Language.JA


@pytest.fixture(scope="module")
def tokens() -> TextTokens:
    return TextTokens(SHIPPED / "tokenizer.json")


def units_of(text: str, language: Language, tokens: TextTokens) -> list[Unit]:
    return read_units(prepare_text(text), Intent.COMPLAINT, language, tokens)[1]


@pytest.mark.parametrize(
    ("text", "language", "clause"),
    [
        ("so u charged me £40 for returning a coat u sent", EN, "we charged you for returning a coat we sent"),
        ("Avocados were rocks then they were soup, no middle bit", EN, "the avocados were rocks and then soup"),
        ("I was told a nurse would ring me. Nobody has.", EN, "you were told a nurse would ring you and nobody has"),
        ("Waiting 5 weeks!!", EN, "you've waited five weeks"),
        (
            "袖口のボタンが取れて赤ちゃんの口に入ってました。無事です",
            JA,
            "袖口のボタンが取れて赤ちゃんの口に入っていた",
        ),
        ("先月28日に頼んだ物がまだ届きません", JA, "先月28日にご注文になった物がまだ届かない"),
    ],
)
def test_edits_lead_to_the_clause(text: str, language: Language, clause: str, tokens: TextTokens) -> None:
    units = units_of(text, language, tokens)
    edits = find_edits(units, clause, language)
    assert len(edits) == len(units) + 1
    assert apply_edits(units, edits, language) == clause
    assert sum(edit.act != DROP for edit in edits) >= 3


def test_every_clause_of_the_corpus_is_led_to(tokens: TextTokens) -> None:
    posts = read_retold()
    for post, taught in zip(posts, teach(posts, tokens), strict=True):
        if not post.clause:
            assert taught.edits is None
            continue
        made = apply_edits(taught.units, taught.edits or (), post.language)
        wanted = prepare_text(post.clause).replace("’", "'")
        assert made.lower().replace(" ", "") == wanted.lower().replace(" ", ""), post.text


def test_what_is_kept_is_turned_round_and_keeps_the_capitals_of_names(tokens: TextTokens) -> None:
    units = units_of("My zip broke in Leeds. I was late for the PTA.", EN, tokens)
    kept = [Edit(DROP if unit.text == "." else KEEP) for unit in units]
    assert apply_edits(units, [*kept, Edit(DROP)], EN) == "your zip broke in Leeds you were late for the PTA"


def test_units_know_their_pieces(tokens: TextTokens) -> None:
    for text, language in (("The avocados weren't ripe :( 3x", EN), ("2回目なのに、まだ届かない😡", JA)):
        ids, units = read_units(prepare_text(text), Intent.PRAISE, language, tokens)
        assert all(0 < unit.first <= unit.last < len(ids) for unit in units)
        assert [unit.first for unit in units] == sorted(unit.first for unit in units)
        assert "".join(unit.text for unit in units) == "".join(prepare_text(text).split())


def test_only_what_was_seen_often_enough_is_learned(tokens: TextTokens) -> None:
    def told(text: str, clause: str) -> Retold:
        return Retold(text=text, language=EN, intent=Intent.COMPLAINT, clause=clause, family="F")

    often = [told("Coat torn", "the coat is torn"), told("Bag torn", "the bag is torn")]
    once = told("Hat torn", "a whole hat was quite torn")
    acts, phrases = list_phrases(teach([*often, once], tokens))
    assert set(acts) == {KEEP, DROP}
    assert set(phrases) == {"", "the", "is"}


def test_folds_hold_families_together() -> None:
    folds = [fold_of(post.family) for post in read_retold()]
    assert set(folds) == set(range(FOLDS))
    assert fold_of("E1-001") == fold_of("E1-001")
