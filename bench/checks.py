"""How well the checks tell good replies from others, rule by rule, and what one text costs.

    python bench/checks.py [--misses] [--unseen tune|held]

The examples are tests/responder/checks/{ja,en}.toml; a third of them is held out by a hash of the text. With --unseen, the
sentences that were written before the patterns were read; misses are shown of the half that rules may be mended by.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.words import Language
from responder.checks.promises import read_promises
from responder.checks.tone import find_phrases
from tests.responder.checks.corpus import Example, load_examples, score

ROUNDS = 5


def main() -> None:
    """Print the tables."""
    part = sys.argv[sys.argv.index("--unseen") + 1] if "--unseen" in sys.argv else ""
    for language in (Language.JA, Language.EN):
        examples = load_examples(language, part)
        tuned, held = split(examples, part)
        passing = [one for one in examples if not one.catch]
        told = sum(bool(one.found) for one in passing)
        print(
            f"\n{language}: {len(examples)} replies, {told} of {len(passing)} that must pass told; {len(held)} held out"
        )
        print_scores(tuned, held)
        if "--misses" in sys.argv:
            print_misses(tuned)
        times = sorted(measure(one) for one in examples)
        worst = times[int(len(times) * 0.99)]
        print(f"one text: median {statistics.median(times):.3f} ms, p99 {worst:.3f} ms")


def split(examples: tuple[Example, ...], part: str) -> tuple[list[Example], list[Example]]:
    """Return what rules may be mended by, and what is held out."""
    held = {"tune": [], "held": list(examples)}.get(part, [one for one in examples if one.held_out])
    return [one for one in examples if one not in held], held


def print_scores(tuned: list[Example], held: list[Example]) -> None:
    """Print precision and recall of each rule on both parts."""
    seen, unseen = {one.code: one for one in score(tuned)}, {one.code: one for one in score(held)}
    print(f"{'rule':26}{'n':>4}{'prec':>7}{'rec':>7} |{'held-out n':>11}{'prec':>7}{'rec':>7}")
    for code in [*sorted({*seen, *unseen} - {"all"}), "all"]:
        cells = [
            f"{one.right + one.missed:>{width}}{one.precision:>7.2f}{one.recall:>7.2f}" if one else " " * (width + 14)
            for one, width in ((seen.get(code), 4), (unseen.get(code), 11))
        ]
        print(f"{code:26}{cells[0]} |{cells[1]}")


def print_misses(examples: list[Example]) -> None:
    """Print what went wrong on the part that rules may be tuned on; never on the other."""
    for one in examples:
        strange = one.found - {one.catch} - one.also
        if strange or (one.catch and one.catch not in one.found):
            print(f"  want {one.catch or '-'}; found {sorted(one.found)}: {one.text!r}")


def measure(example: Example) -> float:
    """Return the best of a few rounds, in milliseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        find_phrases.cache_clear()  # As a text that was never read before.
        read_promises.cache_clear()
        start = time.perf_counter()
        example.check()
        best = min(best, time.perf_counter() - start)
    return best * 1000


if __name__ == "__main__":
    main()
