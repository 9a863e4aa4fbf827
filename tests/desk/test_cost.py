"""No request of the inbox reads a whole workspace: SQLite's own plan of every statement says so."""

import re
from typing import Any

from sqlalchemy import event

from storage.database import Database
from storage.models import User
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

GROWING = (
    "mention",
    "conversation",
    "author",
    "draft",
    "draft_revision",
    "classification",
    "review",
    "reply",
    "delivery",
    "audit_event",
)
"""Tables that grow with every post; the others stay small."""
# The newest of an index and no more: the last mention, and as many approved replies as are remembered.
ENDS = re.compile(r"max\(mention\.id\)|ORDER BY delivery\.sent_at DESC\s+LIMIT")
WHOLE = re.compile(r"^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX \w+ \(workspace_id=\?\))?$")


def test_every_statement_goes_straight_to_its_rows(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    asked: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_more: object) -> None:  # noqa: ANN401 - whatever the driver takes
        if sql.lstrip().split(" ")[0] in ("SELECT", "UPDATE", "DELETE"):
            asked[sql] = values

    event.listen(database.engine, "before_cursor_execute", note)
    case = scene.coat.conversation.id
    text = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
    form = {"draft": scene.coat_drafts[0].id, "revision": 1, "text": text}
    for split in ("review", "urgent", "questions", "praise", "constructive", "mine", "follow_up"):
        assert desk.get(f"/inbox?split={split}").status_code == 200
    desk.get(f"/inbox/{case}")
    desk.get("/inbox/pulse?newest=1")
    desk.post("/measure", data=form)
    desk.post("/drafts/save", data=form)
    desk.post(f"/conversations/{case}/assign", data={"to": "me"})
    assert desk.post("/drafts/approve", data=form | {"revision": 2}).status_code == 303
    assert desk.post("/drafts/approve", data=form | {"revision": 2}).status_code == 303
    author = scene.coat.author.id
    desk.post("/customers", data={"author": author})
    desk.post("/customers/link", data={"author": author, "other": scene.student.author.id})
    assert desk.get("/customers/1").status_code == 200
    desk.post(f"/profiles/{author}/opt-out")
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(asked) > 30
    wasteful = []
    with database.engine.connect() as connection:
        for sql, values in asked.items():
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values):
                whole = WHOLE.match(str(step[3]))
                if whole and whole[2] in GROWING and not ENDS.search(sql):
                    wasteful.append(f"{step[3]}: {' '.join(sql.split())[:300]}")
    assert wasteful == [], "\n".join(wasteful)
