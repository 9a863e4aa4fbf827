"""Rows that come from X are imported like the rest and never learned from, whatever of the file was mapped."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.words import Intent
from listener.accounts import sync_accounts
from listener.import_file import ImportSummary, import_file
from storage.corrections import LeftOut, list_human_labels
from storage.database import Database
from storage.models import Mention
from storage.understanding import correct_classification
from tests.cast import OURS

AOI = 7
ID = "1991234567890123456"
WHEN = "2026-11-20 11:34"


def bring_in(
    database: Database, folder: Path, content: str, *, name: str = "posts.csv", **mapping: str
) -> ImportSummary:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    with database.transaction(OURS) as tx:
        account_id = sync_accounts(tx, [])["import"]
    return import_file(
        database, OURS, path=path, account_id=account_id, mapping=mapping, rejects=None, progress=lambda *_: None
    )


def learned(database: Database) -> list[bool]:
    """Correct every mention as Aoi; return in order whether it is learned from."""
    with database.transaction(OURS) as tx:
        for mention_id in list(tx.session.scalars(select(Mention.id))):
            correct_classification(tx, mention_id=mention_id, user_id=AOI, intent=Intent.QUESTION, trainable=True)
    with database.snapshot(OURS) as tx:
        labels = sorted(list_human_labels(tx), key=lambda label: label.mention_id)
    assert all(label.left_out in {None, LeftOut.ORIGIN} for label in labels)
    return [label.left_out is None for label in labels]


def test_the_columns_of_a_tweet_export_that_were_not_mapped_tell(any_database: Database, tmp_path: Path) -> None:
    content = (
        '"Tweet id","Tweet permalink","Tweet text","time"\n'
        f'"{ID}","https://twitter.com/chie/status/{ID}","The coat is blue.","{WHEN}"\n'
        f'"1991234567890123457","","And the sleeve is torn.","{WHEN}"\n'
    )
    mapping = {"text": "Tweet text", "id": "Tweet id", "created_at": "time"}
    summary = bring_in(any_database, tmp_path, content, **mapping)
    assert (summary.new, summary.from_x) == (2, 2)
    assert learned(any_database) == [False, False]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("permalink", "https://x.com/chie/status/1"),
        ("permalink", "https://xcancel.com/chie/status/1"),
        ("permalink", "https://fixvx.com/chie/status/1"),
        ("permalink", "https://fxtwitter.com/chie/status/1"),
        ("permalink", "https://nitter.poast.org/chie/status/1"),
        ("source", "Twitter for iPhone"),
        ("source", '<a href=""https://mobile.example"">Twitter for Android</a>'),
        ("投稿元", "X"),
    ],
)
def test_a_row_is_judged_by_each_of_its_cells(database: Database, tmp_path: Path, header: str, cell: str) -> None:
    content = f'id,text,{header}\n1,The coat is blue.,"{cell}"\n2,The coat is torn.,"a mail"\n'
    summary = bring_in(database, tmp_path, content)
    assert (summary.rows, summary.from_x) == (2, 1)
    assert learned(database) == [False, True]


@pytest.mark.parametrize("text", ["Blue again https://t.co/abc", "この投稿 https://x.com/chie/status/1 と同じです"])
def test_a_link_in_the_text_is_enough(database: Database, tmp_path: Path, text: str) -> None:
    assert bring_in(database, tmp_path, f"id,text\n1,{text}\n2,Twitterにも書きましたが届きません\n").from_x == 1
    assert learned(database) == [False, True]


@pytest.mark.parametrize("name", ["tweets.csv", "x-export.csv", "twitter_2026.csv", "ツイート.csv"])
def test_a_file_named_for_x_is_x(database: Database, tmp_path: Path, name: str) -> None:
    assert bring_in(database, tmp_path, "id,text\n1,The coat is blue.\n", name=name).from_x == 1


def test_an_id_that_names_the_rows_own_day_as_x_would_tells(database: Database, tmp_path: Path) -> None:
    moment = datetime(2026, 11, 20, 2, 34, tzinfo=UTC)
    snowflake = (int(moment.timestamp() * 1000) - 1_288_834_974_657) << 22
    rows = f"{snowflake},The coat is blue.,{WHEN}\n{snowflake},Twice,{WHEN}\n20261120113400001,Torn.,{WHEN}\n"
    summary = bring_in(database, tmp_path, f"id,text,created_at\n{rows}")
    assert (summary.new, summary.seen, summary.from_x) == (2, 1, 2)
    assert learned(database) == [True, False]  # rows go in sorted by id


def test_long_numbers_alone_tell_nothing_and_beside_a_column_of_xs_api_they_do(
    database: Database, tmp_path: Path
) -> None:
    assert bring_in(database, tmp_path, f"id,text\n{ID},The coat is blue.\n").from_x == 0
    content = f"id_str,full_text\n{ID}1,The coat is torn.\n"
    assert bring_in(database, tmp_path, content, name="more.csv", id="id_str", text="full_text").from_x == 1
    assert learned(database) == [True, False]


def test_objects_within_a_line_tell_too(database: Database, tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "blue", "entities": {"urls": [{"expanded": "https://x.com/chie/status/1"}]}},
        {"id": 2, "text": "torn", "entities": {"urls": []}},
        {"id": 3, "text": "late", "about": {"tweet": {"likes": 1}}},
    ]
    content = "\n".join(json.dumps(row) for row in rows)
    assert bring_in(database, tmp_path, content, name="posts.jsonl").from_x == 2
    assert learned(database) == [False, True, False]


def test_a_fuller_file_marks_what_an_emptier_one_brought_in(any_database: Database, tmp_path: Path) -> None:
    assert bring_in(any_database, tmp_path, "id,text\n1\x00,The coat is blue.\n").from_x == 0
    summary = bring_in(any_database, tmp_path, "id,text,link\n1\x00,The coat is blue.,https://x.com/chie\n")
    assert (summary.seen, summary.from_x) == (1, 1)
    assert learned(any_database) == [False]


def test_what_the_senders_own_fields_tell_counts_also_without_an_import(database: Database, tmp_path: Path) -> None:
    bring_in(database, tmp_path, "id,text\n1,The coat is blue.\n2,The coat is torn.\n")
    with database.transaction(OURS) as tx:
        first, second = tx.session.scalars(select(Mention).order_by(Mention.id))
        first.platform_data = {"custom.tweet_id": "17"}
        second.platform_data = {"custom.order_id": "17"}
    assert learned(database) == [False, True]
