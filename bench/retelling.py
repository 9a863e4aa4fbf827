"""How often our grammar says a post back where a writer would, and how near it comes to what the writer said.

Run: .venv/bin/python bench/retelling.py [--show N]      (about half a minute)

Posts are those of `classifier/corpus/retold.jsonl`: of the train and dev splits, complaints and praise, with the clause that a writer made of each, or none. `said`: our
grammar finds a clause where the writer made one; `besides`: where the writer made none; `F1`: what its clause has in common with the writer's
(words in English, characters in Japanese); `known`: no clause, but our lists know the trouble. --show prints N of the clauses least like the writer's.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from classifier.examples import OWN_FILES, Example, read_corpus
from domain.words import Intent, Language
from responder.retelling import retell
from responder.said_back import find_listed

WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A post with the writer's clause and ours; either may be empty."""

    post: Example
    written: str
    found: str
    known: str

    @property
    def likeness(self) -> float:
        """F1 of the two, 0 to 1."""
        one, other = (_count(text, self.post.language) for text in (self.written, self.found))
        both = sum((one & other).values())
        return 2 * both / (sum(one.values()) + sum(other.values())) if both else 0.0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--show", type=int, default=0)
    given = asked.parse_args()
    compared = [compare(post, clause) for post, clause in read_retold()]
    print(f"  {'':18}{'posts':>7}{'said':>7}{'F1':>7}{'known':>7}{'besides':>9}")
    for language in (Language.JA, Language.EN):
        for intent in (Intent.COMPLAINT, Intent.PRAISE):
            rows = [
                one for one in compared if one.post.language is language and one.post.labels["intent"] == intent.value
            ]
            tell(f"{language.value} {intent.value}", rows)
    unlike = sorted((one for one in compared if one.found and one.written), key=lambda one: one.likeness)
    for one in unlike[: given.show]:
        print(
            f"\n  {one.likeness:.2f} {' '.join(one.post.text.split())}\n       writer: {one.written}\n       ours:   {one.found}"
        )
    return 0


def tell(name: str, rows: Sequence[Compared]) -> None:
    written, unwritten = ([one for one in rows if bool(one.written) is is_written] for is_written in (True, False))
    said = [one for one in written if one.found]
    likeness = sum(one.likeness for one in said) / max(1, len(said))
    known = sum(bool(one.known) and not one.found for one in written)
    besides = sum(bool(one.found) for one in unwritten)
    print(
        f"  {name:18}{len(rows):7}{len(said) / max(1, len(written)):7.2f}{likeness:7.2f}"
        f"{known / max(1, len(written)):7.2f}{besides / max(1, len(unwritten)):9.2f}"
    )


def read_retold() -> list[tuple[Example, str]]:
    """Return posts of the corpus with the writer's clause, in the order of the corpus."""
    folder = files("classifier") / "corpus"
    clauses = {
        row["id"]: row["clause"] for row in map(json.loads, (folder / "retold.jsonl").read_text("utf-8").splitlines())
    }
    ids = [json.loads(line)["id"] for name in OWN_FILES for line in (folder / name).read_text("utf-8").splitlines()]
    return [(post, clauses[name]) for name, post in zip(ids, read_corpus(OWN_FILES), strict=True) if name in clauses]


def compare(post: Example, clause: str) -> Compared:
    said = retell(post.text, post.language, Intent(post.labels["intent"]))
    listed = find_listed(post.text, post.language, product="")
    return Compared(post=post, written=clause, found=next(iter(said.values()), ""), known=listed.get("matter", ""))


def _count(text: str, language: Language) -> Counter[str]:
    return Counter(text if language is Language.JA else WORDS.findall(text.lower()))


if __name__ == "__main__":
    sys.exit(main())
