"""Rate of `kikite import` on a made export: texts of public sets, invented authors and times.

usage: python bench/import_csv.py --data FOLDER [--rows 12000]
FOLDER holds JSONL or JSONL.GZ files with a "text" field (searched recursively). The demo posts are used without it.
"""

import argparse
import csv
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.demo import demo_script

KIKITE = Path(sys.executable).with_name("kikite")


def texts(folder: Path | None) -> Iterator[str]:
    if folder is None:
        while True:
            yield from (post.text for post in demo_script())
    for file in sorted(folder.rglob("*.jsonl*")):
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def write_export(target: Path, rows: int, folder: Path | None, *, broken_every: int = 0) -> list[int]:
    """Write the export; every ``broken_every``-th row has no date. Returns the lines of the broken rows."""
    pick = random.Random(7)
    start = datetime(2026, 10, 1, tzinfo=UTC)
    source = texts(folder)
    broken: list[int] = []
    with target.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(["row", "comment", "who", "when"])
        line = 2
        for number in range(rows):
            text = next(source)
            when = (start + timedelta(minutes=number, seconds=pick.randrange(60))).isoformat()
            if broken_every and number % broken_every == broken_every - 1:
                broken.append(line)
                when = "not a date"
            table.writerow([f"r{number}", text, f"author{pick.randrange(rows // 3)}", when])
            line += 1 + text.count("\n")
    return broken


def run(home: Path, file: Path) -> tuple[dict[str, object], float]:
    command = [
        KIKITE,
        "import",
        file,
        "--map",
        "id=row,text=comment,author=who,created_at=when",
        "--home",
        home,
        "--json",
    ]
    began = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return json.loads(done.stdout), time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--rows", type=int, default=12_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, export = Path(folder) / "home", Path(folder) / "export.csv"
        subprocess.run([str(KIKITE), "init", "--yes", "--home", str(home)], check=True, capture_output=True)
        write_export(export, given.rows, given.data)
        print(f"{'run':34} {'rows':>7} {'new':>7} {'seen':>7} {'bad':>5} {'s':>6} {'rows/s':>8}")
        for name in ("first import", "the same again"):
            summary, seconds = run(home, export)
            show(name, summary, seconds)
        bad = Path(folder) / "broken.csv"
        lines = write_export(bad, given.rows, given.data, broken_every=100)
        subprocess.run([str(KIKITE), "init", "--yes", "--home", f"{home}2"], check=True, capture_output=True)
        summary, seconds = run(Path(f"{home}2"), bad)
        show("1 % broken rows, new home", summary, seconds)
        print(f"broken rows made: {len(lines)}, reported: {summary['rejected']}")


def show(name: str, summary: dict[str, object], seconds: float) -> None:
    rows = int(str(summary["rows"]))
    print(
        f"{name:34} {rows:>7} {summary['new']:>7} {summary['seen']:>7} {summary['rejected']:>5} "
        f"{seconds:>6.2f} {rows / seconds:>8.0f}"
    )


if __name__ == "__main__":
    main()
