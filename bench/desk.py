"""How long the desk takes for one request, with few and with many open conversations.

    python bench/desk.py [OPEN ...]      (default: 1000 and 100000)

Server time of whole requests (session, queries, template), median and 95th percentile of 40, on SQLite in a temporary folder.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import insert
from starlette.testclient import TestClient

from desk.app import make_app
from domain.clock import SystemClock
from domain.words import Engagement, Intent, MentionKind, Role, Route, UrgencyRank
from storage.database import Database
from storage.models import Author, Base, Conversation, Draft, DraftRevision, Mention, Workspace
from tests.cast import OURS
from tests.desk.setting import hire, make_context, sign_in
from tests.rows import make_account

REPEATS = 40
TEXT = "緑の冬コートを注文したのに青が届きました。交換できますか？" * 2
REPLY = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"


def fill(database: Database, count: int) -> str:
    """Store ``count`` open conversations, each with a mention and a draft; return a session of an approver."""
    with database.transaction(OURS) as tx:
        account = make_account(tx, kind="sandbox").id
        ben = hire(tx, "ben", Role.ADMIN)
        now = tx.now
    chance = random.Random(5)
    scope = {"workspace_id": OURS}
    with database.engine.begin() as connection:
        for start in range(1, count + 1, 5000):
            numbers = range(start, min(start + 5000, count + 1))
            rows: dict[type[Base], list[dict[str, object]]] = {
                Author: [],
                Conversation: [],
                Mention: [],
                Draft: [],
                DraftRevision: [],
            }
            for number in numbers:
                since = now - timedelta(minutes=chance.randrange(10_000))
                rank = chance.choice(list(UrgencyRank))
                common = {**scope, "id": number, "channel_account_id": account}
                rows[Author].append(
                    common | {"external_id": f"a{number}", "handle": f"a{number}", "first_seen_at": now}
                )
                rows[Conversation].append(
                    common
                    | {
                        "thread_external_id": f"t{number}",
                        "author_id": number,
                        "waiting": True,
                        "waiting_since": since,
                        "due_at": None if rank is UrgencyRank.UNKNOWN else since + timedelta(hours=1),
                        "urgency_rank": int(rank),
                        "lead_mention_id": number,
                        "intent": chance.choice(list(Intent)).value,
                        "sentiment": "negative",
                        "constructive": chance.choice((True, False, False)),
                        "language": "ja",
                        "created_at": since,
                        "updated_at": now,
                    }
                )
                rows[Mention].append(
                    common
                    | {
                        "conversation_id": number,
                        "author_id": number,
                        "external_id": f"m{number}",
                        "kind": MentionKind.POST.value,
                        "engagement": Engagement.MENTIONED.value,
                        "text": TEXT,
                        "text_original": TEXT,
                        "created_at": since,
                        "collected_at": since,
                        "state": "drafted",
                    }
                )
                rows[Draft].append(
                    scope
                    | {
                        "id": number,
                        "mention_id": number,
                        "conversation_id": number,
                        "kind": "full",
                        "position": 0,
                        "visibility": "public",
                        "language": "ja",
                        "drafter_id": "bench",
                        "route": Route.API_PUBLIC.value,
                        "rule_id": "bench",
                        "reason_code": "sandbox",
                        "created_at": now,
                    }
                )
                rows[DraftRevision].append(scope | {"draft_id": number, "number": 1, "text": REPLY, "created_at": now})
            for model, batch in rows.items():
                connection.execute(insert(model.__table__), batch)  # type: ignore[arg-type]  # every model has its table
    return sign_in(database, ben)


def measure(name: str, count: int, ask: Callable[[int], int]) -> None:
    """Print the time of one kind of request."""
    for warm in range(3):
        ask(-warm - 1)
    spent = []
    for turn in range(REPEATS):
        before = time.perf_counter()
        status = ask(turn)
        spent.append((time.perf_counter() - before) * 1000)
        assert status in (200, 303), (name, status)
    spent.sort()
    print(f"{count:>8}  {name:<34} {statistics.median(spent):7.1f} ms  {spent[int(len(spent) * 0.95)]:7.1f} ms")


def run(count: int) -> None:
    """Measure every kind of request with ``count`` open conversations."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/kikite.db", clock=SystemClock())
        Base.metadata.create_all(database.engine)
        with database.transaction(OURS) as tx:
            tx.session.add(Workspace(name="bench", created_at=tx.now))
        token = fill(database, count)
        app = make_app(make_context(database, OURS, Path(folder)))
        headers = {"Sec-Fetch-Site": "same-origin"}
        client = TestClient(app, headers=headers, cookies={"kikite_session": token}, follow_redirects=False)
        part = {"HX-Request": "true", "HX-Target": "div#work"}

        def approve(turn: int) -> int:
            form = {"draft": count // 2 + turn, "revision": 1, "text": REPLY}
            return client.post("/drafts/approve", data=form).status_code

        measure("inbox, whole page", count, lambda _turn: client.get("/inbox").status_code)
        measure("inbox, split of questions", count, lambda _turn: client.get("/inbox?split=questions").status_code)
        measure(
            "conversation, part",
            count,
            lambda turn: client.get(f"/inbox/{count // 3 + turn}", headers=part).status_code,
        )
        measure("news of arrivals", count, lambda _turn: client.get(f"/inbox/pulse?newest={count}").status_code)
        measure(
            "measure a typed text",
            count,
            lambda turn: client.post("/measure", data={"draft": 10 + turn, "text": REPLY}).status_code,
        )
        measure("approve", count, approve)
        cursor = client.get("/inbox").text.split("after=")[1].split('"')[0]
        for _page in range(min(100, count // 60)):
            cursor = client.get(f"/inbox/rows?after={cursor}").text.split("after=")[1].split('"')[0]
        measure("a page deep in the queue", count, lambda _turn: client.get(f"/inbox/rows?after={cursor}").status_code)
        client.close()
        database.close()


if __name__ == "__main__":
    print(f"{'open':>8}  {'request':<34} {'median':>10}  {'95 %':>10}")
    for wanted in [int(given) for given in sys.argv[1:]] or [1_000, 100_000]:
        run(wanted)
