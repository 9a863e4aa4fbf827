"""Drafts for real posts, to be read: every option with what it stands on, and figures of how many, how alike and how fast.

Run: .venv/bin/python bench/drafts.py [--output FILE.jsonl] [--language ja|en] [--posts N] [--seed S] [--playbook TEXT]
     [--input FILE.jsonl]   posts of your own instead: {"id", "text", "language"} and perhaps "author"

Posts are those of tests/classifier/cold and of the demo's script, understood by the model that ships, for the demo's shop, on a
platform of 300 graphemes, at a time when somebody is there. `--playbook` writes only drafts of playbooks whose id contains TEXT.

Likeness is the share of character 5-grams that two drafts have in common (of the shorter one), approved statements left out; for each topic of
a language over the first fifty posts that got a draft, public and private ones apart. Blocked must be 0.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from itertools import combinations
from pathlib import Path

import regex

from classifier.artefact import read_artefact
from classifier.backends import make_backend
from classifier.embedding import Embedder
from classifier.service import understand_texts
from config.brand_book import BrandBook
from config.demo import demo_script
from config.prose import load_books, load_playbooks
from config.settings import ClassifierSettings
from domain.cases import Case, DeskTime
from domain.replies import Measure, ProposedDraft
from domain.understanding import Understanding
from domain.words import Band, DraftKind, Language, Visibility
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.composer import Composer
from responder.knowledge import Shelf
from responder.likeness import find_likeness, list_grams
from responder.notes import say_note

ROOT = Path(__file__).resolve().parents[1]
COLD = ROOT / "tests" / "classifier" / "cold"
NAMES = {
    Language.JA: ("ゆき", "ken_0412", "さくら🌸", "まめ太", "", "山本", "chii@子育て中", "のぞみ"),
    Language.EN: ("Emma Jones", "tom_k", "Priya", "", "J. Alvarez", "sunny ☀️", "Grace O'Neil", "danny_boy77"),
}
LIMITS = {Visibility.PUBLIC: 300, Visibility.DM: 1000}
ON_TOPIC, FEWEST = 50, 10
MEMORY = 50
"""Posts on the topic whose drafts the next one is held against, as in a desk."""
AVOIDED = 2
"""Posts on the topic whose wordings are not to be repeated, as in a desk."""
WEDNESDAY = DeskTime(now=datetime(2026, 11, 18, 10, 30, tzinfo=UTC))


@dataclass(frozen=True)
class Post:
    id: str
    source: str
    text: str
    language: Language
    author: str


@dataclass(frozen=True)
class Drafted:
    post: Post
    understanding: Understanding
    case: Case
    options: Sequence[ProposedDraft]
    reason: str
    seconds: float


def read_posts(language: str, count: int, seed: int) -> list[Post]:
    posts: list[Post] = []
    for file in sorted(COLD.glob("*/*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            spoken = Language(row["language"])
            author = NAMES.get(spoken, ("",))[len(posts) % 8]
            posts.append(Post(f"{file.parent.name}/{row['id']}", file.parent.name, row["text"], spoken, author))
    posts += [
        Post(f"demo/{said.external_id}", "demo", said.text, Language(said.language), said.author.display_name)
        for said in demo_script()
    ]
    chosen = [post for post in posts if language in ("", post.language.value)]
    random.Random(seed).shuffle(chosen)
    return chosen[: count or None]


def read_file(file: Path) -> list[Post]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [
        Post(
            str(row["id"]),
            file.stem,
            row["text"],
            spoken := Language(row["language"]),
            row.get("author") or NAMES[spoken][at % 8],
        )
        for at, row in enumerate(rows)
    ]


def draft_all(posts: Sequence[Post], book: BrandBook, seed: int) -> list[Drafted]:
    backend = make_backend(ClassifierSettings())
    shelf = Shelf(lambda: Embedder(read_artefact()))
    composer = Composer(book=book, playbooks=load_playbooks(None), today=date(2026, 11, 18), shelf=shelf)
    said: dict[tuple[str, str], list[Sequence[ProposedDraft]]] = defaultdict(list)
    drafted = []
    for number, post in enumerate(posts):
        asked = [(post.text, post.language.value)]
        (understanding,) = understand_texts(backend, asked, prior=Language.JA, brand_words=book.voice.words)
        spoken = understanding.language if understanding.language is not Language.OTHER else Language.JA
        memory = said[spoken.value, understanding.prediction.topic.value]
        case = make_case(post, understanding, spoken, memory[-MEMORY:], seed + number)
        begun = time.perf_counter()
        options, reason = ([], "unknown_band") if understanding.band is Band.UNKNOWN else composer.draft(case)
        drafted.append(Drafted(post, understanding, case, options, reason, time.perf_counter() - begun))
        if options:
            memory.append(options)
    return drafted


def make_case(
    post: Post, understanding: Understanding, spoken: Language, memory: Sequence[Sequence[ProposedDraft]], seed: int
) -> Case:
    return Case(
        text=post.text,
        language=spoken,
        prediction=understanding.prediction,
        author_name=post.author,
        author_handle="somebody",
        visibilities=(Visibility.PUBLIC, Visibility.DM),
        measure=measure,
        wordings_to_avoid=frozenset(
            wording for options in memory[-AVOIDED:] for option in options for wording in option.wordings
        ),
        said_lately=tuple(
            option.text for options in reversed(memory) for option in options if option.kind is not DraftKind.SHORT
        ),
        seed=seed,
        desk=WEDNESDAY,
        channel_kind="sandbox",
    )


def measure(text: str, visibility: Visibility) -> Measure:
    return Measure(length=len(regex.findall(r"\X", text)), limit=LIMITS[visibility])


def checks_of(case: Case, option: ProposedDraft, book: BrandBook) -> tuple[str, ...]:
    found = check_text(
        option.text,
        visibility=option.visibility,
        language=option.language,
        measure=measure(option.text, option.visibility),
        voice=book.voice,
        context=make_draft_context(case, option, book=book),
    )
    stopping = set(blocks(found))
    return tuple(f"{'BLOCK' if one.code in stopping else 'warn'} {one.code}" for one in found)


def as_row(one: Drafted, book: BrandBook) -> Mapping[str, object]:
    prediction = one.understanding.prediction
    return {
        "id": one.post.id,
        "text": one.post.text,
        "author": one.post.author,
        "language": one.post.language.value,
        "understood": {
            "band": one.understanding.band.value,
            "intent": prediction.intent.value,
            "topic": prediction.topic.value,
            "constructive": prediction.constructive,
            "urgency": prediction.urgency.value,
            "abuse": prediction.abuse,
            "suggestion": prediction.suggestion,
            "needs_reply": prediction.needs_reply,
            "needs_dm": prediction.needs_dm,
            "risks": sorted(risk.value for risk in prediction.risks),
        },
        "reason": one.reason,
        "options": [
            {
                "kind": option.kind.value,
                "visibility": option.visibility.value,
                "text": option.text,
                "length": measure(option.text, option.visibility).length,
                "checks": checks_of(one.case, option, book),
                "facts": [say_note(fact, "en") for fact in option.facts_used],
                "questions": [say_note(question, "en") for question in option.open_questions],
                "citations": [f"{cited.kind}:{cited.reference}" for cited in option.citations],
                "wordings": option.wordings,
            }
            for option in one.options
        ],
    }


def approved_of(book: BrandBook) -> frozenset[str]:
    said = [policy.statement for policy in book.policies] + [issue.statement for issue in book.known_issues]
    said += [entry.answer for entry in book.faq]
    return frozenset(one.say(language).strip() for one in said for language in (Language.JA, Language.EN))


def tell_likeness(drafted: Iterable[Drafted], book: BrandBook) -> None:
    approved = approved_of(book)
    texts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    posts: Counter[tuple[Language, str]] = Counter()
    for one in drafted:
        if not one.options:
            continue
        on_topic = (one.options[0].language, one.understanding.prediction.topic.value)
        posts[on_topic] += 1
        for option in one.options if posts[on_topic] <= ON_TOPIC else ():
            key = (
                option.language.value,
                one.understanding.prediction.topic.value,
                f"{option.kind} {option.visibility}",
            )
            texts[key].append(option.text)
    print("\nlikeness (first 50 of a topic)              drafts    most   95 %  median")
    for key, said in sorted(texts.items()):
        grams = [list_grams(text, approved) for text in said]
        pairs = sorted(find_likeness(one, other) for one, other in combinations(grams, 2))
        if len(grams) >= FEWEST:
            row = (pairs[-1], pairs[int(len(pairs) * 0.95)], pairs[len(pairs) // 2])
            print(f"  {' '.join(key):42}{len(grams):6}" + "".join(f"{share:8.2f}" for share in row))


def tell(drafted: Sequence[Drafted], book: BrandBook) -> int:
    with_draft = [one for one in drafted if one.options]
    print(f"posts {len(drafted)}, with a draft {len(with_draft)}")
    print("without:", dict(Counter(one.reason for one in drafted if not one.options).most_common()))
    options = [option for one in with_draft for option in one.options]
    print("options:", dict(Counter(f"{option.kind} {option.visibility}" for option in options).most_common()))
    checked = [checks_of(one.case, option, book) for one in with_draft for option in one.options]
    found = Counter(code for codes in checked for code in codes)
    blocked = sum(any(code.startswith("BLOCK") for code in codes) for codes in checked)
    print("checks:", dict(found.most_common()))
    stopped = sum(one.reason == "checks_failed" for one in drafted)
    print(
        f"blocked by their own checks: {blocked} of {len(options)}; posts without a draft because every way was blocked: {stopped}"
    )
    took = sorted(one.seconds * 1000 for one in with_draft)
    if took:
        print(f"ms per case: median {statistics.median(took):.1f}, 95 % {took[int(len(took) * 0.95)]:.1f}")
    tell_likeness(drafted, book)
    return blocked + stopped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="JSONL, a post a line")
    parser.add_argument("--input", type=Path, help="JSONL of posts")
    parser.add_argument("--language", choices=["ja", "en"], default="")
    parser.add_argument("--posts", type=int, default=0, help="0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--playbook", default="", help="write only posts drafted by playbooks whose id contains this")
    given = parser.parse_args()
    book = load_books_of_demo()
    posts = read_file(given.input) if given.input else read_posts(given.language, given.posts, given.seed)
    drafted = draft_all(posts, book, given.seed)
    if given.output:
        rows = [as_row(one, book) for one in drafted if given.playbook in playbooks_of(one)]
        given.output.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return 1 if tell(drafted, book) else 0


def playbooks_of(one: Drafted) -> str:
    return " ".join(cited.reference for option in one.options for cited in option.citations if cited.kind == "playbook")


def load_books_of_demo() -> BrandBook:
    with tempfile.TemporaryDirectory() as home, as_file(files("config") / "demo" / "brand") as shipped:
        shutil.copytree(shipped, Path(home) / "brands" / "default")
        return load_books(Path(home))["default"]


if __name__ == "__main__":
    sys.exit(main())
