"""The corpus keeps its promises: enough of everything, families apart, no near duplicates, nothing from X."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from classifier.examples import CORPUS_FILES, OWN_FILES, Example, Split, example_of, read_corpus, split_of
from domain.words import Intent, Language, Risk, Topic, Urgency

NEAR = 0.5
COLD = Path(__file__).with_name("cold")


@cache
def records(name: str) -> tuple[dict[str, object], ...]:
    lines = (files("classifier") / "corpus" / name).read_text("utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def own(language: Language) -> list[Example]:
    return [example for example in read_corpus(OWN_FILES) if example.language is language]


def grams(text: str) -> set[str]:
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).lower())
    return {folded[at : at + 5] for at in range(max(1, len(folded) - 4))}


def near_duplicates(texts: list[str]) -> list[tuple[str, str]]:
    """Two texts of which one shares more than half of all grams have one of the rarer half of each in common: only these are compared."""
    all_grams = [grams(text) for text in texts]
    common = Counter(gram for mine in all_grams for gram in mine)
    found: list[tuple[str, str]] = []
    seen: dict[str, list[int]] = defaultdict(list)
    for at, mine in enumerate(all_grams):
        rarest = sorted(mine, key=lambda gram: (common[gram], gram))[: len(mine) // 2 + 1]
        for other in {place for gram in rarest for place in seen[gram]}:
            shared = len(mine & all_grams[other])
            if shared / (len(mine) + len(all_grams[other]) - shared) > NEAR:
                found.append((texts[other], texts[at]))
        for gram in rarest:
            seen[gram].append(at)
    return found


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_there_is_enough_of_everything(language: Language) -> None:
    examples = own(language)
    cells = Counter((example.labels["topic"], example.labels["intent"]) for example in examples)
    urgency = Counter(example.labels["urgency"] for example in examples)
    risks = Counter(risk for example in examples for risk in example.risks or ())

    assert len(examples) >= 2_400
    assert min(cells[topic, intent] for topic in Topic for intent in Intent) >= 40, sorted(cells.items())
    assert urgency[Urgency.CRITICAL] >= 150
    assert urgency[Urgency.HIGH] >= 300
    assert sum(len(example.text) < 60 for example in examples) >= len(examples) / 2
    assert min(risks[risk] for risk in Risk) >= 15, risks
    assert len({record["shop"] for record in records(f"{language}.jsonl")}) >= 14


@pytest.mark.parametrize("name", CORPUS_FILES)
def test_every_line_is_a_labelled_text_with_an_id_of_its_own(name: str) -> None:
    rows = records(name)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        example = example_of(row)
        assert example.text.strip()
        assert (example.labels.get("constructive") is None) == (example.labels["intent"] != "complaint")


def test_no_family_stands_in_two_splits_and_test_is_what_the_hash_says() -> None:
    splits: dict[str, set[Split]] = defaultdict(set)
    for example in read_corpus():
        splits[example.family].add(example.split)
        assert example.split is Split.TRAIN or example.split is split_of(example.family)

    assert [family for family, found in splits.items() if len(found) > 1] == []


def test_no_two_texts_are_near_duplicates_nor_is_any_a_cold_post() -> None:
    cold = [
        json.loads(line)["text"] for file in COLD.glob("*/*.jsonl") for line in file.read_text("utf-8").splitlines()
    ]

    assert len(cold) > 1_000
    assert near_duplicates([example.text for example in read_corpus()] + cold) == []


def test_the_check_for_near_duplicates_finds_one() -> None:
    assert (
        near_duplicates(
            ["先週注文した冬のコートがまだ届きません", "先週注文した冬のコートがまだ届きませんよ", "where is it"]
        )
        != []
    )


def test_nothing_came_from_x() -> None:
    named = re.compile(r"\b(?:twitter|tweet|x\.com)\b", re.IGNORECASE)
    assert [
        row["id"] for name in CORPUS_FILES for row in records(name) if named.search(json.dumps({**row, "text": ""}))
    ] == []


def test_posts_with_a_clause_are_complaints_and_praise_outside_the_test_split() -> None:
    folder = files("classifier") / "corpus"
    rows = {
        row["id"]: row for name in OWN_FILES for row in map(json.loads, (folder / name).read_text("utf-8").splitlines())
    }
    told = [json.loads(line) for line in (folder / "retold.jsonl").read_text("utf-8").splitlines()]
    assert len({one["id"] for one in told}) == len(told) >= 3200
    for one in told:
        post = rows[one["id"]]
        assert post["labels"]["intent"] in {"complaint", "praise"}
        assert post["split"] != "test"
        assert len(one["clause"]) < 200
        assert not one["clause"].endswith((".", "。"))
