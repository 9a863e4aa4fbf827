"""How strict readers judged the drafts: the table of every round, from what each of two independent readers wrote down.

Run: .venv/bin/python bench/readings.py [--faults N]     N: as many drafts a round and language that both would write anew

The files under bench/readings hold each post, the draft that stood first, and both verdicts: `as_is` (would be approved untouched), `small` (one
small change), `rewrite`; where nothing was drafted `missing` or `rightly_none`. docs/explanation/readings.md reads them.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "readings"
VERDICTS = ("as_is", "small", "rewrite")
HEADER = "round  language  posts     reader  drafts   as is   small  rewrite  invented  in public  missing"


def read_round(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def tell_reader(name: str, number: int, verdicts: Sequence[dict[str, Any]]) -> None:
    """Print what one reader said of one set; ``in public``: something private was asked or shown there."""
    drafted = [one for one in verdicts if one["verdict"] in VERDICTS]
    counted = Counter(one["verdict"] for one in drafted)
    shares = "".join(f"{100 * counted[verdict] / len(drafted):7.0f}%" for verdict in VERDICTS)
    invented = sum(bool(one.get("invented")) for one in drafted)
    private = sum(one.get("visibility") is False for one in drafted)
    missing = sum(one["verdict"] == "missing" for one in verdicts)
    print(f"{name:28}{number:4}{len(drafted):8}{shares}{invented:10}{private:11}{missing:9}")


def tell_agreement(rows: Sequence[dict[str, Any]]) -> None:
    pairs = [tuple(one["verdict"] for one in row["readers"]) for row in rows]
    pairs = [pair for pair in pairs if set(pair) <= set(VERDICTS)]
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(first[verdict] * second[verdict] for verdict in VERDICTS) / len(pairs) ** 2
    print(f"{'':28}both the same {agreed:.2f}, kappa {(agreed - chance) / (1 - chance):.2f}")


def tell_faults(rows: Sequence[dict[str, Any]], count: int) -> None:
    worst = [row for row in rows if all(one["verdict"] == "rewrite" for one in row["readers"])]
    worst.sort(key=lambda row: sum(one.get("tone", 2) + one.get("act", 2) for one in row["readers"]))
    for row in worst[:count]:
        print(f"  {row['id']}: {row['post']}\n    → {row['draft']}\n    {row['readers'][0].get('why', '')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=0)
    given = parser.parse_args()
    print(HEADER)
    for file in sorted(FOLDER.glob("round*.jsonl")):
        rows = read_round(file)
        name, language = file.stem.removeprefix("round").split("_")
        for posts in ("cold", "fresh"):
            chosen = [row for row in rows if row["set"] == posts]
            if not chosen:
                continue
            readers = min(len(row["readers"]) for row in chosen)
            for number in range(readers):
                tell_reader(f"{name:7}{language:10}{posts}", number + 1, [row["readers"][number] for row in chosen])
            if readers > 1:
                tell_agreement(chosen)
        tell_faults(rows, given.faults)


if __name__ == "__main__":
    main()
