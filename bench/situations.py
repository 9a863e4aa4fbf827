"""How well the head of situations reads posts whose family it never saw; and writing it.

Run: .venv/bin/python bench/situations.py [--write]

Five folds over families of posts: how often the likeliest situation is one of those a reader named, and how often where the head is sure.
With --write the head of the model that ships is fitted on all posts and written beside its encoder.
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from classifier.artefact import SHIPPED, read_artefact
from classifier.heads import Floats
from classifier.situations import SITUATIONS_FILE
from classifier.training.situation_head import (
    Situated,
    cross_validate,
    embed_posts,
    find_temperature,
    list_names,
    make_situation_head,
    read_situated,
    softmax,
)

SURE = (0.5, 0.7, 0.9)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", action="store_true", help="fit on all posts and write the head that ships")
    options = asked.parse_args()
    posts, artefact = read_situated(), read_artefact()
    rows, names = embed_posts(artefact, posts), list_names(posts)
    scores = cross_validate(rows, posts, names)
    tell(scores, posts, names, find_temperature(scores, posts, names))
    if options.write:
        make_situation_head(artefact, posts)
        print(f"written: {SITUATIONS_FILE}, {(SHIPPED / SITUATIONS_FILE).stat().st_size / 1024:.0f} kB")
    return 0


def tell(scores: Floats, posts: Sequence[Situated], names: Sequence[str], temperature: float) -> None:
    chances = softmax(scores / temperature)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    right = np.array([names[at] in post.named for at, post in zip(best, posts, strict=True)])
    print(f"{len(posts)} posts, {len(names)} situations, temperature {temperature:.2f}")
    for language in ("ja", "en"):
        of = np.array([post.language == language for post in posts])
        parts = [f"{language}: {right[of].mean():.3f} right"]
        for bound in SURE:
            firm = of & (sure >= bound)
            parts.append(f"from {bound}: {right[firm].mean():.3f} of {firm.sum() / of.sum():.2f}")
        print(", ".join(parts))


if __name__ == "__main__":
    sys.exit(main())
