"""The model beside what else one could use: keyword lists, asari, VADER, TextBlob, logistic regression on the frozen base.

Run: PYTHON bench/peers.py [--model FOLDER] [--base FOLDER] [--corpus FOLDER] [--only corpus|cold] [--json FILE]

PYTHON is an interpreter that has Kikite and the peers (`pip install asari vaderSentiment textblob scikit-learn`, and for the
frozen base torch and transformers: `pip install kikite[torch]`); what it lacks is named and left out. asari needs the locale
en_US.UTF-8 (`locale-gen en_US.UTF-8`). BASE is the folder of the base encoder, as `kikite train` builds it.

Measured on the corpus' test split, whose families no model saw, and on the cold posts, whose writers saw no corpus. Peers that
know only polarity get their bounds of "neutral" from the corpus' dev split, which no other competitor needs: that favours them.
"""

# ruff: noqa: PLC0415 - a peer that is not installed must not keep the others from running

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifier.artefact import SHIPPED, read_artefact
from classifier.backends.keyword import KeywordBackend
from classifier.backends.model import ModelBackend
from classifier.evaluation.judging import ask_backend, put_side_by_side
from classifier.evaluation.labelled import CLASSES, SEVERAL, LabelledText, labelled_example
from classifier.evaluation.measures import Answers, draw_weights, score_head
from classifier.evaluation.scores import HeadScores
from classifier.examples import OWN_FILES, Example, Split, example_of, read_corpus, read_examples
from classifier.text_tokens import TextTokens
from domain.ports import ClassifierBackend
from domain.words import Language

ROOT = Path(__file__).resolve().parents[1]
COLD = ROOT / "tests" / "classifier" / "cold"
SHOWN = (
    "intent",
    "sentiment",
    "constructive",
    "suggestion",
    "abuse",
    "topic",
    "urgency",
    "needs_dm",
    "needs_reply",
    "risks",
)
LANGUAGES = (Language.JA, Language.EN)
BOUNDS = np.linspace(0.0, 0.95, 20)

Said = Mapping[str, Sequence[frozenset[str]]]
"""Per head, an answer per text; heads a peer knows nothing of are missing."""
Peer = Callable[[Sequence[LabelledText]], Said]
Polarity = Callable[[str], float]
"""A text's polarity, -1 to 1."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A peer that cannot be asked here."""

    name: str
    why: str


def of_backend(backend: ClassifierBackend) -> Peer:
    def answer(texts: Sequence[LabelledText]) -> Said:
        given = ask_backend(backend, texts)
        return {head: _read(put_side_by_side(head, texts, given), len(texts)) for head in SHOWN}

    return answer


def _read(asked: Answers, count: int) -> list[frozenset[str]]:
    said = [frozenset[str]()] * count
    for row, place in enumerate(asked.places.tolist()):
        said[place] = frozenset(np.array(asked.classes)[asked.answered[row]].tolist())
    return said


def of_polarity(polarity: Polarity, language: Language, dev: Sequence[Example]) -> Peer:
    """Return a peer on one language's sentiment; its two bounds are those of the best macro-F1 on the dev split."""
    known = [one for one in dev if one.language is language and "sentiment" in one.labels]
    values = np.array([polarity(one.text) for one in known])
    wanted = np.array([one.labels["sentiment"] for one in known])
    low, high = max(
        ((-below, above) for below in BOUNDS for above in BOUNDS),
        key=lambda bounds: _macro_f1(wanted, _words(values, *bounds)),
    )

    def answer(texts: Sequence[LabelledText]) -> Said:
        words = _words(np.array([polarity(one.text) for one in texts]), low, high)
        return {"sentiment": [frozenset({str(word)}) for word in words]}

    return answer


def _words(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.str_]:
    return np.where(values < low, "negative", np.where(values > high, "positive", "neutral"))


def _macro_f1(wanted: npt.NDArray[np.str_], said: npt.NDArray[np.str_]) -> float:
    found = []
    for name in CLASSES["sentiment"]:
        hit = ((wanted == name) & (said == name)).sum()
        found.append(2 * hit / max(1, (wanted == name).sum() + (said == name).sum()))
    return float(np.mean(found))


def make_asari() -> Polarity:
    from asari.api import Sonar

    sonar = Sonar()

    def polarity(text: str) -> float:
        chances = {one["class_name"]: one["confidence"] for one in sonar.ping(text)["classes"]}
        return float(chances["positive"] - chances["negative"])

    return polarity


def make_vader() -> Polarity:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


def make_textblob() -> Polarity:
    from textblob import TextBlob

    return lambda text: float(TextBlob(text).sentiment.polarity)


def make_frozen(base: Path, train: Sequence[Example], dev: Sequence[Example]) -> Peer:
    """Return logistic regression on the base's own embeddings, its strength chosen per head on the dev split."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    embed = _embedder(base)
    seen = {"train": embed([one.text for one in train]), "dev": embed([one.text for one in dev])}
    fitted: dict[str, object] = {}
    for head in SHOWN:
        if head in SEVERAL:
            continue
        rows = {name: _labelled(head, part) for name, part in (("train", train), ("dev", dev))}
        tried = []
        for strength in (1.0, 10.0, 100.0):
            model = LogisticRegression(C=strength, max_iter=2_000, class_weight="balanced")
            model.fit(seen["train"][rows["train"][0]], rows["train"][1])
            guess = model.predict(seen["dev"][rows["dev"][0]])
            tried.append((f1_score(rows["dev"][1], guess, average="macro"), strength, model))
        fitted[head] = max(tried, key=lambda one: one[:2])[2]

    def answer(texts: Sequence[LabelledText]) -> Said:
        rows = embed([one.text for one in texts])
        said = {head: [frozenset({str(word)}) for word in model.predict(rows)] for head, model in fitted.items()}  # type: ignore[attr-defined]
        # As in the product: what is not taken for a complaint has no answer on constructive.
        both = zip(said["constructive"], said["intent"], strict=True)
        return {**said, "constructive": [one if intent == {"complaint"} else frozenset() for one, intent in both]}

    return answer


def _labelled(head: str, examples: Sequence[Example]) -> tuple[list[int], list[str]]:
    asked = [labelled_example(one).labels for one in examples]
    places = [at for at, labels in enumerate(asked) if head in labels]
    return places, [asked[at][head] for at in places]


def _embedder(base: Path) -> Callable[[Sequence[str]], npt.NDArray[np.float32]]:
    import torch

    from classifier.training.loop import read
    from classifier.training.network import load_network

    network, tokens = load_network(base), TextTokens(base / "tokenizer.json")

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            # The base was trained with this word before every text.
            pooled, _ = read(network, tokens.encode([f"query: {text}" for text in texts]))
        rows = pooled.numpy().astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return embed


def score(texts: Sequence[LabelledText], said: Said) -> dict[str, HeadScores]:
    """Return the figures of a peer on texts of one language."""
    numbers = {name: at for at, name in enumerate(dict.fromkeys(one.family or str(at) for at, one in enumerate(texts)))}
    families = np.array([numbers[one.family or str(at)] for at, one in enumerate(texts)])
    weights = draw_weights(len(numbers))
    found = {}
    for head, answered in said.items():
        blank = put_side_by_side(head, texts, [LookupError()] * len(texts))
        if not len(blank.places):
            continue
        flags = np.zeros_like(blank.answered)
        for row, place in enumerate(blank.places.tolist()):
            flags[row, [blank.classes.index(name) for name in answered[place]]] = True
        asked = Answers(
            head=head,
            classes=blank.classes,
            several=blank.several,
            places=blank.places,
            given=blank.given,
            answered=flags,
            scores=np.full(len(flags), np.nan),
        )
        found[head] = score_head(asked, families=families, weights=weights, detailed=False)
    return found


def gather(arguments: argparse.Namespace, corpus: Sequence[Example]) -> dict[str, Peer | Missing]:
    """Return every peer by name, in the order of the table."""
    train, dev = ([one for one in corpus if one.split is split] for split in (Split.TRAIN, Split.DEV))
    peers: dict[str, Peer | Missing] = {
        "kikite": of_backend(ModelBackend(read_artefact(arguments.model))),
        "keyword lists": of_backend(KeywordBackend()),
    }
    polarities = (
        ("asari", make_asari, Language.JA, "pip install asari; locale-gen en_US.UTF-8"),
        ("VADER", make_vader, Language.EN, "pip install vaderSentiment"),
        ("TextBlob", make_textblob, Language.EN, "pip install textblob"),
    )
    for name, make, language, remedy in polarities:
        try:
            peers[name] = of_polarity(make(), language, dev)
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the table says so
            peers[name] = Missing(name=name, why=f"{type(error).__name__}; {remedy}")
    frozen = "frozen base + LR"
    if arguments.base is None:
        peers[frozen] = Missing(name=frozen, why="no --base FOLDER was given")
        return peers
    try:
        peers[frozen] = make_frozen(arguments.base, train, dev)
    except ImportError as error:
        peers[frozen] = Missing(name=frozen, why=f"{error}; pip install kikite[torch] scikit-learn")
    return peers


ONE_LANGUAGE = {"asari": Language.JA, "VADER": Language.EN, "TextBlob": Language.EN}


def compare(sets: Mapping[str, Sequence[LabelledText]], peers: Mapping[str, Peer | Missing]) -> list[dict[str, object]]:
    """Print a line per set, language, head and peer; return the same as rows."""
    rows: list[dict[str, object]] = []
    for name, posts in sets.items():
        for language in LANGUAGES:
            texts = [one for one in posts if one.language is language]
            if not texts:
                continue
            able = {
                peer: ask
                for peer, ask in peers.items()
                if not isinstance(ask, Missing) and ONE_LANGUAGE.get(peer, language) is language
            }
            found = {peer: score(texts, ask(texts)) for peer, ask in able.items()}
            print(f"\n{name}, {language}: {len(texts)} posts; macro-F1 (95 % interval)")
            print(f"{'':<14}" + "".join(f"{peer:>24}" for peer in able))
            for head in SHOWN:
                cells = [found[peer].get(head) for peer in able]
                print(f"{head:<14}" + "".join(f"{_cell(one):>24}" for one in cells))
                rows += [
                    {"set": name, "language": language, "head": head, "peer": peer, "macro_f1": one.macro_f1,
                     "interval": one.interval, "accuracy": one.accuracy, "count": one.count}
                    for peer, one in zip(able, cells, strict=True) if one
                ]  # fmt: skip
    return rows


def _cell(scored: HeadScores | None) -> str:
    if scored is None:
        return "-"
    return f"{scored.macro_f1:.3f}" + (
        f" ({scored.interval[0]:.3f}-{scored.interval[1]:.3f})" if scored.interval else ""
    )


def read_sets(only: str | None, corpus: Sequence[Example]) -> dict[str, list[LabelledText]]:
    sets = {"corpus, test split": [labelled_example(one) for one in corpus if one.split is Split.TEST]}
    for folder in sorted(COLD.iterdir()):
        posts = [labelled_example(one) for file in sorted(folder.glob("*.jsonl")) for one in read_examples(file)]
        sets[f"cold posts, {folder.name} set"] = posts
    return {name: posts for name, posts in sets.items() if only is None or name.startswith(only)}


def read_folder(folder: Path | None) -> list[Example]:
    if folder is None:
        return read_corpus(OWN_FILES)
    lines = (line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines())
    return [example_of(json.loads(line)) for line in lines if line.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=SHIPPED, help="model folder; default: what ships")
    parser.add_argument("--base", type=Path, help="folder of the base encoder")
    parser.add_argument("--corpus", type=Path, help="folder of labelled lines; default: the corpus that ships")
    parser.add_argument("--only", choices=("corpus", "cold"))
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    corpus = read_folder(arguments.corpus)
    peers = gather(arguments, corpus)
    for peer in peers.values():
        if isinstance(peer, Missing):
            print(f"!! {peer.name} is left out: {peer.why}", file=sys.stderr)
    rows = compare(read_sets(arguments.only, corpus), peers)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
