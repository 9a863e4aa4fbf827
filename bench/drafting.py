"""How long a draft takes with 500 FAQ entries and 20,000 approved replies in mind, and what they cost in memory.

Run: .venv/bin/python bench/drafting.py [--replies N] [--entries N] [--drafts N] [--without-meaning]

Posts are those of tests/classifier/cold with a thing, a colour and a time of many put behind them, so that no two are the same; replies are the
composer's. A row is one drafter over the same cases, one after the other in one process: the composer alone, and with what was approved
before it; searching by words alone, and with embeddings (a question is embedded for every draft anew). "Similar cases" is what a page of the
desk looks up besides. The goal is a median of 30 ms.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from itertools import product
from pathlib import Path

from sqlalchemy import insert

from classifier.artefact import read_artefact
from classifier.backends import make_backend
from classifier.embedding import Embedder
from classifier.service import understand_texts
from config.brand_book import Bilingual, BrandBook, FaqEntry
from config.prose import load_books, load_playbooks
from config.settings import ClassifierSettings
from domain.cases import Case, DeskTime, Drafter
from domain.ids import WorkspaceId
from domain.replies import Measure, ProposedDraft, hash_text
from domain.understanding import Understanding
from domain.words import Band, Language, Role, Topic, Visibility
from responder.approved import ApprovedDrafter, Asked, Memory, Recall
from responder.composer import Composer
from responder.knowledge import Shelf
from storage.database import Database
from storage.migrate import upgrade
from storage.models import (
    Author,
    Base,
    ChannelAccount,
    Classification,
    Conversation,
    Delivery,
    Draft,
    DraftRevision,
    Mention,
    Reply,
    Review,
    User,
)
from storage.workspaces import ensure_workspace

ROOT = Path(__file__).resolve().parents[1]
COLD = ROOT / "tests" / "classifier" / "cold"
TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
BEHIND = {
    Language.JA: [f"{colour}の{thing}、{time}。" for colour, thing, time in product(
        ("赤", "青", "緑", "黒", "白", "紺", "灰色", "茶色"), ("コート", "マフラー", "セーター", "手袋", "鞄", "靴", "帽子"),
        ("先週のことです", "昨日のことです", "もう一か月前です", "三日前です", "連休中です"))],
    Language.EN: [f"It is about the {colour} {thing}, {time}." for colour, thing, time in product(
        ("red", "blue", "green", "black", "white", "navy", "grey", "brown"),
        ("coat", "scarf", "sweater", "gloves", "bag", "shoes", "hat"),
        ("last week", "yesterday", "a month ago", "three days ago", "over the holidays"))],
}  # fmt: skip


def read_posts() -> list[tuple[str, Language]]:
    rows = [
        json.loads(line) for file in sorted(COLD.glob("*/*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    return [(row["text"], Language(row["language"])) for row in rows if row["language"] in tuple(BEHIND)]


def load_book(entries: int) -> BrandBook:
    with tempfile.TemporaryDirectory() as home, as_file(files("config") / "demo" / "brand") as shipped:
        shutil.copytree(shipped, Path(home) / "brands" / "default")
        book = load_books(Path(home))["default"]
    pairs = zip(BEHIND[Language.JA] * 2, BEHIND[Language.EN] * 2, strict=True)
    more = [
        FaqEntry(
            id=f"more-{number}",
            topic=list(Topic)[number % len(Topic)],
            question=Bilingual(
                ja=f"{ja}どうすればよいですか（{number}）", en=f"{en} What can I do about number {number}?"
            ),
            answer=Bilingual(ja=f"{number}番の窓口へどうぞ。", en=f"Please go to desk {number}."),
        )
        for number, (ja, en) in enumerate(pairs)
    ]
    return book.model_copy(update={"faq": (*book.faq, *more)[:entries]})


def measure(text: str, visibility: Visibility) -> Measure:
    return Measure(length=len(text), limit=300 if visibility is Visibility.PUBLIC else 1000)


def make_case(text: str, understanding: Understanding, seed: int) -> Case:
    spoken = understanding.language if understanding.language in BEHIND else Language.JA
    return Case(
        text=text,
        language=spoken,
        prediction=understanding.prediction,
        author_name="",
        author_handle="somebody",
        visibilities=(Visibility.PUBLIC, Visibility.DM),
        measure=measure,
        seed=seed,
        desk=DeskTime(now=NOW),
        channel_kind="bluesky",
    )


def understand(posts: Sequence[tuple[str, Language]]) -> list[Understanding]:
    backend = make_backend(ClassifierSettings())
    found: list[Understanding] = []
    for start in range(0, len(posts), 32):
        asked = [(text, language.value) for text, language in posts[start : start + 32]]
        found += understand_texts(backend, asked, prior=Language.JA, brand_words=())
    return found


def store(database: Database, cases: Sequence[tuple[Case, ProposedDraft]], count: int) -> WorkspaceId:
    """Store ``count`` approved replies: the cases again and again, each time with something else behind."""
    workspace_id = ensure_workspace(database, "bench")
    made: dict[type[Base], list[dict[str, object]]] = {}

    def add(model: type[Base], **row: object) -> None:
        made.setdefault(model, []).append({"workspace_id": workspace_id, **row})

    add(User, id=1, login="ben", display_name="Ben", password_hash="!", role=Role.APPROVER, created_at=NOW)  # noqa: S106 - no hash of anything
    add(ChannelAccount, id=1, name="shop", kind="bluesky", brand="default", own_external_id="us", active=True)
    for number in range(1, count + 1):
        case, option = cases[number % len(cases)]
        text = f"{case.text} {BEHIND[case.language][(number // len(cases)) % len(BEHIND[case.language])]}"
        at = NOW - timedelta(minutes=number)
        of_case = {"conversation_id": number, "mention_id": number}
        said = {"visibility": option.visibility, "language": option.language, "purpose": "answer"}
        label = case.prediction
        add(
            Author,
            id=number,
            channel_account_id=1,
            external_id=f"a{number}",
            handle=f"a{number}",
            display_name="",
            first_seen_at=at,
        )
        add(
            Conversation,
            id=number,
            channel_account_id=1,
            author_id=number,
            thread_external_id=f"p{number}",
            created_at=at,
            updated_at=at,
        )
        add(Mention, id=number, channel_account_id=1, conversation_id=number, author_id=number, external_id=f"p{number}",
            kind="post", engagement="mentioned", text=text, text_original=text, created_at=at, collected_at=at, state="drafted")  # fmt: skip
        add(Classification, mention_id=number, source="model", model_id="bench", language=case.language, sentiment=label.sentiment,
            intent=label.intent, constructive=label.constructive, suggestion=label.suggestion, abuse=label.abuse, topic=label.topic,
            urgency=label.urgency, needs_reply=label.needs_reply, needs_dm=label.needs_dm, band="high", created_at=at)  # fmt: skip
        add(Draft, id=number, **of_case, kind="full", position=0, **said, state="approved", drafter_id=option.drafter_id,
            route="api_public", rule_id="bench", reason_code="mentioned_us", created_at=at, wordings=list(option.wordings),
            facts_used=list(option.facts_used),
            citations=[{"kind": one.kind, "reference": one.reference, "title": one.title} for one in option.citations])  # fmt: skip
        add(DraftRevision, draft_id=number, number=1, text=option.text, created_at=at)
        add(
            Review,
            id=number,
            **of_case,
            draft_id=number,
            draft_revision=1,
            user_id=1,
            verdict="approved",
            created_at=at,
        )
        add(
            Reply,
            id=number,
            **of_case,
            review_id=number,
            draft_id=number,
            text=option.text,
            text_hash=hash_text(option.text),
            **said,
            created_at=at,
        )
        add(Delivery, **of_case, reply_id=number, channel_account_id=1, visibility=option.visibility, purpose="answer", route="api_public",
            state="sent", idempotency_key=f"k{number}", approved_by=1, approved_at=at, hold_until=at, sent_at=at, created_at=at)  # fmt: skip
    with database.engine.begin() as connection:
        for model, rows in made.items():
            connection.execute(insert(model.__table__), rows)  # type: ignore[arg-type]
    return workspace_id


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


def clock(act: Callable[[Case], object], cases: Sequence[Case]) -> list[float]:
    taken = []
    for case in cases:
        begun = time.perf_counter()
        act(case)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def tell(name: str, taken: Sequence[float], note: str = "") -> None:
    ordered = sorted(taken)
    p95 = ordered[int(0.95 * len(ordered))]
    print(f"| {name} | {statistics.median(ordered):.1f} | {p95:.1f} | {ordered[-1]:.1f} | {note} |", flush=True)


def fill(memory: Memory, database: Database, workspace_id: WorkspaceId) -> tuple[float, float]:
    """Take everything in; return seconds and megabytes."""
    before, begun = resident_mb(), time.perf_counter()
    while True:
        with database.snapshot(workspace_id) as tx:
            if memory.refresh(tx) == 0 and memory.is_complete(workspace_id):
                break
    return time.perf_counter() - begun, resident_mb() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--without-meaning", action="store_true")
    chosen = parser.parse_args()
    book, playbooks, posts = load_book(chosen.entries), load_playbooks(None), read_posts()
    understood = understand(posts)
    cases = [
        make_case(text, one, number)
        for number, ((text, _), one) in enumerate(zip(posts, understood, strict=True))
        if one.band is not Band.UNKNOWN
    ]
    plain = Composer(book=book, playbooks=playbooks, today=TODAY, shelf=Shelf())
    drafted = [(case, options[0]) for case in cases if (options := plain.draft(case)[0])]
    asked = [
        replace(case, text=f"{case.text} {BEHIND[case.language][-1 - number % 40]}", seed=10**6 + number)
        for number, (case, _) in enumerate(drafted)
    ][:: max(1, len(drafted) // chosen.drafts)][: chosen.drafts]
    print(
        f"{len(book.faq)} entries, {chosen.replies} approved replies of {len(drafted)} texts, {len(asked)} drafts; {sys.platform}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        upgrade(database)
        workspace_id = store(database, drafted, chosen.replies)
        print("| drafter | median ms | p95 ms | longest ms | |\n|---|---|---|---|---|")
        for meaning in (False,) if chosen.without_meaning else (False, True):
            compare(database, workspace_id, book=book, asked=asked, meaning=meaning)
        database.close()


def compare(
    database: Database, workspace_id: WorkspaceId, *, book: BrandBook, asked: Sequence[Case], meaning: bool
) -> None:
    playbooks = load_playbooks(None)
    embedder = Embedder(read_artefact()) if meaning else None
    shelf = Shelf(lambda: embedder)
    memory = Memory(lambda: embedder)
    named = "words and meaning" if meaning else "words"
    composer = Composer(book=book, playbooks=playbooks, today=TODAY, shelf=shelf)
    clock(composer.draft, asked[:10])
    tell(f"composer, {named}", clock(composer.draft, asked))
    seconds, megabytes = fill(memory, database, workspace_id)
    recall = Recall(memory=memory, database=database, workspace_id=workspace_id, brand="default")
    approved: Drafter = ApprovedDrafter(
        composer, recall=recall, book=book, playbooks=playbooks, today=TODAY, shelf=shelf
    )
    clock(approved.draft, asked[:10])
    offered = []
    taken = clock(lambda case: offered.append(approved.draft(case)[0][:1]), asked)
    first = sum(bool(options) and options[0].drafter_id.startswith("approved") for options in offered)
    tell(f"approved before composer, {named}", taken, f"{first} of {len(asked)} begin with an approved text")

    def look_up(case: Case) -> None:
        similar = Asked(brand="default", text=case.text, language=case.language, visibility=case.visibilities[0])
        with database.snapshot(workspace_id) as tx:
            memory.find(tx, similar)

    tell(f"similar cases, {named}", clock(look_up, asked), f"taken in within {seconds:.0f} s, {megabytes:.0f} MB")
    begun = time.perf_counter()
    with database.snapshot(workspace_id) as tx:
        memory.refresh(replace(tx, now=tx.now + timedelta(hours=1)))
    tell(f"looking for what is new, {named}", [1000 * (time.perf_counter() - begun)], "once a minute")


if __name__ == "__main__":
    main()
