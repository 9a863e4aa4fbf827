"""How often the model of clauses says a post back as a writer would, on families it never saw; and making the one that ships.

Run: .venv-torch/bin/python bench/clauses.py --work FOLDER [--write] [--show N]      (about 20 minutes on two cores)

A first model learns from six of seven parts of the families; what it makes of the seventh is held against the writers' clauses: `like` is the
share with F1 of at least 0.85 (words in English, characters in Japanese), `mean` the mean F1. With --write the model that ships is then
fitted on all posts. FOLDER keeps the base encoder; --show prints the N surest clauses that are unlike the writer's.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from classifier.artefact import SHIPPED
from classifier.clauses import CLAUSES_FILE, PHRASES_FILE, read_phrases, weigh
from classifier.training.clause_model import LIKE, Judged, make_clause_model
from classifier.training.edit_lesson import read_retold
from classifier.training.fetch import fetch_base
from domain.words import Language
from kikite.commands.options import progress

SURE = (0.5, 0.6, 0.7, 0.8, 0.9)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--show", type=int, default=0)
    given = asked.parse_args()
    base = given.work / "base"
    if not (base / "model.safetensors").is_file():
        fetch_base(base, packages=given.work / "packages")
    with tempfile.TemporaryDirectory() as folder:
        target = SHIPPED if given.write else Path(folder)
        with progress("Clauses") as bar:
            judged = make_clause_model(base, target, read_retold(), progress=bar.renamed)
        tell(judged, read_phrases(target / PHRASES_FILE).chance, given.show)
        if given.write:
            print(f"written: {CLAUSES_FILE}, {(target / CLAUSES_FILE).stat().st_size / 1e6:.0f} MB")
    return 0


def tell(judged: Sequence[Judged], chance: dict[Language, Sequence[float]], show: int) -> None:
    for language, weights in chance.items():
        posts = [(weigh(one.features, weights), one) for one in judged if one.post.language is language]
        print(f"\n{language.value}: {len(posts)} posts of families never seen\n  from  share   like   mean")
        for bound in SURE:
            sure = [one for sureness, one in posts if sureness >= bound]
            like = sum(one.likeness >= LIKE for one in sure) / max(1, len(sure))
            mean = sum(one.likeness for one in sure) / max(1, len(sure))
            print(f"  {bound:.1f} {len(sure) / len(posts):7.2f}{like:7.2f}{mean:7.2f}")
        unlike = sorted((pair for pair in posts if pair[1].likeness < LIKE), key=lambda pair: -pair[0])
        for sureness, one in unlike[:show]:
            print(f"  {sureness:.2f} {one.post.text}\n       writer: {one.post.clause}\n       model:  {one.said}")


if __name__ == "__main__":
    sys.exit(main())
