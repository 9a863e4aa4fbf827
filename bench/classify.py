"""How many texts a second the keyword backend reads on one core, with and without language identification.

Run: .venv/bin/python bench/classify.py [FILE.jsonl]   (default: the labelled posts of the tests)
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from classifier.backends.keyword import KeywordBackend
from classifier.service import understand_texts
from domain.understanding import TextToClassify
from domain.words import Language

ROUNDS = 5
AT_LEAST = 5_000


def read_texts(arguments: list[str]) -> list[str]:
    if arguments:
        lines = Path(arguments[0]).read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    else:
        folder = Path(__file__).parents[1] / "tests" / "classifier"
        lines = [
            line
            for file in sorted(folder.glob("labelled_*.tsv"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        texts = [line.split("\t")[6] for line in lines if not line.startswith("#")]
    return texts * (1 + AT_LEAST // len(texts))


def measure(name: str, work: Callable[[], object], count: int) -> None:
    work()
    best = min(_seconds(work) for _ in range(ROUNDS))
    print(f"{name:<28}{count / best:>12,.0f} texts/s{1e6 * best / count:>10.1f} us a text")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    texts = read_texts(sys.argv[1:])
    backend = KeywordBackend()
    for language in (Language.JA, Language.EN):
        given = [TextToClassify(text=text, language=language) for text in texts]
        measure(f"keyword, read as {language}", lambda given=given: backend.classify(given), len(texts))  # type: ignore[misc]
    pairs = [(text, "") for text in texts]
    measure("language and keyword", lambda: understand_texts(backend, pairs, prior=Language.JA), len(texts))


if __name__ == "__main__":
    main()
