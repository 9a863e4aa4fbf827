"""Does a question find its answer: the model's embeddings beside its base, beside matching by words, and together with it.

Run: .venv/bin/python bench/retrieval.py [--model FOLDER] [--base-graph FILE --base-tokenizer FILE] [--json FILE]

Sixty answers of invented shops and a hundred and sixty questions a language, written for this (tests/classifier/retrieval);
beside this they tuned the weights of responder/knowledge. Three questions in four share no word with their answer: words alone cannot find those. BASE-GRAPH is
the base encoder in ONNX (inputs input_ids and attention_mask, output of pooled embeddings); without it the base is left out.

Columns: recall@1, recall@3, mean reciprocal rank, and recall@3 over the questions that share no word; in percent. Ties count against.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifier.artefact import SHIPPED, read_artefact
from classifier.embedding import Embedder
from classifier.encoder import Encoder
from classifier.examples import Split, read_corpus
from classifier.heads import Floats
from classifier.text_tokens import TextTokens
from config.brand_book import Bilingual, BrandBook, FaqEntry, Voice
from domain.words import Language, Topic
from responder.knowledge import Retriever
from responder.knowledge.terms import find_terms

SETS = Path(__file__).resolve().parents[1] / "tests" / "classifier" / "retrieval"
LANGUAGES = (Language.JA, Language.EN)
TYPICAL = 400
"""Posts of the corpus' dev split whose mean row is the centre: any text lies far along it."""
SATURATION, LENGTH_SHARE = 1.2, 0.5
"""BM25's constants, as usual."""
FUSION = 20
"""Reciprocal rank fusion: the constant beside the rank, small because the lists are."""
SHRINKAGE = 0.2

Scores = npt.NDArray[np.float64]
"""(questions, entries), the higher the better; minus infinity: not found at all."""


@dataclass(frozen=True)
class RetrievalSet:
    language: Language
    questions: Sequence[str]
    answers: Sequence[str]
    asked: Sequence[str]
    right: npt.NDArray[np.int64]
    """Place of the one right entry per query."""

    @property
    def whole(self) -> list[str]:
        return [f"{question} {answer}" for question, answer in zip(self.questions, self.answers, strict=True)]

    def shares_nothing(self) -> npt.NDArray[np.bool_]:
        own = [frozenset(find_terms(text, self.language)) for text in self.whole]
        rows = zip(self.asked, self.right, strict=True)
        return np.array([not own[at].intersection(find_terms(text, self.language)) for text, at in rows])


@dataclass(frozen=True)
class EmbeddedSet:
    """Rows of length 1."""

    asked: Floats
    parts: tuple[Floats, Floats, Floats]
    """Question, answer, both as one text: entries in order."""
    typical: Floats


@dataclass(frozen=True)
class Figures:
    recall_1: float
    recall_3: float
    reciprocal: float
    recall_3_unshared: float


Embed = Callable[[Sequence[str]], Floats]


def read_set(language: Language) -> RetrievalSet:
    lines = [json.loads(line) for line in (SETS / f"{language}.jsonl").read_text("utf-8").splitlines()]
    entries = [line for line in lines if line["kind"] == "entry"]
    queries = [line for line in lines if line["kind"] == "query"]
    places = {entry["id"]: at for at, entry in enumerate(entries)}
    return RetrievalSet(
        language,
        [entry["question"] for entry in entries],
        [entry["answer"] for entry in entries],
        [query["text"] for query in queries],
        np.array([places[query["entry"]] for query in queries]),
    )


# Matching by words


def by_responder(given: RetrievalSet) -> Scores:
    """What drafts are made with now, without the keywords that a team may add to an entry."""
    entries = [
        FaqEntry(
            id=f"e{at}",
            topic=Topic.OTHER,
            question=Bilingual(ja=question, en=question),
            answer=Bilingual(ja=answer, en=answer),
        )
        for at, (question, answer) in enumerate(zip(given.questions, given.answers, strict=True))
    ]
    shop = Bilingual(ja="店", en="Shop")
    voice = Voice(id="bench", name=shop, sign_off=shop, contact_dm=shop)
    retriever = Retriever(BrandBook(voice=voice, faq=tuple(entries)), given.language)
    scores = np.full((len(given.asked), len(entries)), -np.inf)
    for row, text in enumerate(given.asked):
        for hit in retriever.search(text):
            scores[row, int(hit.entry.id[1:])] = hit.score
    return scores


def by_pieces(given: RetrievalSet) -> Scores:
    """BM25 over runs of two and three signs of question and answer."""
    entries = [Counter(pieces(text)) for text in given.whole]
    seen = Counter(piece for entry in entries for piece in entry)
    usual = sum(entry.total() for entry in entries) / len(entries)
    scores = np.full((len(given.asked), len(entries)), -np.inf)
    for row, text in enumerate(given.asked):
        wanted = set(pieces(text))
        for at, entry in enumerate(entries):
            drag = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * entry.total() / usual)
            shared = [piece for piece in wanted if entry[piece]]
            if shared:
                scores[row, at] = sum(
                    math.log(1 + (len(entries) - seen[piece] + 0.5) / (seen[piece] + 0.5))
                    * entry[piece] * (SATURATION + 1) / (entry[piece] + drag)
                    for piece in shared
                )  # fmt: skip
    return scores


def pieces(text: str) -> list[str]:
    plain = f" {' '.join(text.casefold().split())} "
    return [plain[at : at + length] for length in (2, 3) for at in range(len(plain) - length + 1)]


# Matching by embeddings


def embed_set(given: RetrievalSet, embed: Embed, *, asked: str = "", entry: str = "") -> EmbeddedSet:
    def rows(texts: Sequence[str], prefix: str) -> Floats:
        return unit(embed([prefix + text for text in texts]))

    parts = rows(given.questions, entry), rows(given.answers, entry), rows(given.whole, entry)
    return EmbeddedSet(rows(given.asked, asked), parts, rows(typical_texts(given.language), asked))


def typical_texts(language: Language) -> list[str]:
    dev = [one.text for one in read_corpus((f"{language}.jsonl",)) if one.split is Split.DEV]
    return dev[:: max(1, len(dev) // TYPICAL)][:TYPICAL]


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)


def by_question(found: EmbeddedSet) -> Scores:
    return (found.asked @ found.parts[0].T).astype(np.float64)


def by_all_parts(found: EmbeddedSet) -> Scores:
    return np.asarray(np.mean([found.asked @ part.T for part in found.parts], axis=0), dtype=np.float64)


def centred_on_posts(found: EmbeddedSet) -> EmbeddedSet:
    middle = found.typical.mean(axis=0)
    first, second, third = (unit(part - middle) for part in found.parts)
    return EmbeddedSet(unit(found.asked - middle), (first, second, third), found.typical)


def centred_apart(found: EmbeddedSet) -> EmbeddedSet:
    """Each kind of text on its own mean: customers write in another manner than entries are written in."""
    first, second, third = (unit(part - part.mean(axis=0)) for part in found.parts)
    return EmbeddedSet(unit(found.asked - found.typical.mean(axis=0)), (first, second, third), found.typical)


def whitened(found: EmbeddedSet) -> EmbeddedSet:
    """Centred and brought to equal spread over the entries; a share of the mean spread is added, for they are few."""
    entries = np.vstack(found.parts)
    middle = entries.mean(axis=0)
    spread = np.cov((entries - middle).T)
    values, axes = np.linalg.eigh(spread + SHRINKAGE * np.trace(spread) / len(spread) * np.eye(len(spread)))
    turn = axes / np.sqrt(values)
    first, second, third = (unit((part - middle) @ turn) for part in found.parts)
    return EmbeddedSet(unit((found.asked - middle) @ turn), (first, second, third), found.typical)


WAYS: Mapping[str, Callable[[EmbeddedSet], Scores]] = {
    "question only": by_question,
    "question, answer, both": by_all_parts,
    "  centred on posts": lambda found: by_all_parts(centred_on_posts(found)),
    "  centred apart": lambda found: by_all_parts(centred_apart(found)),
    "  whitened on entries": lambda found: by_all_parts(whitened(found)),
}


# Together, and the figures


def ranks(scores: Scores) -> Scores:
    """Return places from 1, the worst of those that tie; what was not found stands last."""
    return np.stack([(row >= row[:, None]).sum(axis=1) for row in scores]).astype(np.float64)


def fuse(*lists: Scores) -> Scores:
    return np.asarray(sum(1 / (FUSION + ranks(scores)) for scores in lists), dtype=np.float64)


def mean_rank(*lists: Scores) -> Scores:
    return np.asarray(-np.mean([ranks(scores) for scores in lists], axis=0), dtype=np.float64)


def measure(scores: Scores, given: RetrievalSet) -> Figures:
    place = ranks(scores)[np.arange(len(given.right)), given.right]
    near = place <= 3  # noqa: PLR2004 - recall@3
    shown = (place == 1).mean(), near.mean(), (1 / place).mean(), near[given.shares_nothing()].mean()
    return Figures(*(round(float(100 * value), 1) for value in shown))


def measure_all(
    given: RetrievalSet, encoders: Mapping[str, Callable[[RetrievalSet], EmbeddedSet]]
) -> dict[str, Figures]:
    words, signs = by_responder(given), by_pieces(given)
    found = {"words: responder": words, "words: BM25 of signs": signs}
    for name, read in encoders.items():
        embedded = read(given)
        for way, score in WAYS.items():
            found[f"{name}: {way}"] = score(embedded)
        best = by_all_parts(centred_apart(embedded))
        found[f"{name}: apart + responder, reciprocal"] = fuse(best, words)
        found[f"{name}: apart + BM25, reciprocal"] = fuse(best, signs)
        found[f"{name}: apart + BM25, mean rank"] = mean_rank(best, signs)
    return {name: measure(scores, given) for name, scores in found.items()}


def show(figures: Mapping[Language, Mapping[str, Figures]]) -> None:
    print(f"{'':52}" + "".join(f"{language:>4}  @1    @3   MRR  @3 unshared " for language in figures))
    for name in next(iter(figures.values())):
        cells = [figures[language][name] for language in figures]
        print(
            f"{name:52}"
            + "".join(
                f"{one.recall_1:8.1f}{one.recall_3:6.1f}{one.reciprocal:6.1f}{one.recall_3_unshared:13.1f}"
                for one in cells
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--base-graph", type=Path)
    parser.add_argument("--base-tokenizer", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    model = Embedder(read_artefact(asked.model))
    encoders: dict[str, Callable[[RetrievalSet], EmbeddedSet]] = {"model": partial(embed_set, embed=model.embed)}
    if asked.base_graph:
        tokens = TextTokens(asked.base_tokenizer or asked.base_graph.with_name("tokenizer.json"))
        base = Encoder(asked.base_graph)

        def embed(texts: Sequence[str]) -> Floats:
            return base.embed(tokens.encode(texts))

        encoders["base"] = partial(embed_set, embed=embed)
        encoders["base, prefixes"] = partial(embed_set, embed=embed, asked="query: ", entry="passage: ")
    else:
        print("The base encoder is left out: name it with --base-graph.")
    figures = {language: measure_all(read_set(language), encoders) for language in LANGUAGES}
    show(figures)
    if asked.json:
        plain = {language: {name: vars(one) for name, one in by_name.items()} for language, by_name in figures.items()}
        asked.json.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
