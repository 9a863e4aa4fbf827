"""Import: whatever wrote the file, good rows come in once and bad ones are kept aside with their line and reason."""

import csv
import io
import json
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from domain.cleaning import clean_original
from domain.errors import ImportFileError, NotFoundError
from domain.ids import ChannelAccountId
from domain.words import Engagement, MentionKind
from listener import import_file as importing
from listener.accounts import sync_accounts
from listener.import_file import ImportSummary, import_file
from listener.import_rows import read_moment
from listener.import_source import RECORD_LIMIT, open_source
from listener.intake import store_mentions
from storage.database import Database
from storage.models import Author, ChannelAccount, Conversation, Mention
from tests.cast import NOON, OURS, THEIRS
from tests.listener.posts import make_post

TOKYO = ZoneInfo("Asia/Tokyo")
HEADER = "id,text,author,created_at\n"
COAT = "緑のコートを注文したのに、①青が届きました。"
WHEN = "2026/11/20 11:34"
FOUR_MINUTES = datetime(2026, 11, 20, 2, 34, tzinfo=UTC)


class Files:
    """A folder to import from, and what came of it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.progress: list[tuple[int, int]] = []
        with database.transaction(OURS) as tx:
            self.account_id = sync_accounts(tx, [])["import"]

    def bring_in(
        self, content: str | bytes, name: str = "posts.csv", mapping: Mapping[str, str] | None = None
    ) -> ImportSummary:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.bring_in_file(path, mapping)

    def bring_in_file(self, path: Path, mapping: Mapping[str, str] | None = None) -> ImportSummary:
        self.progress.clear()
        return import_file(
            self.database,
            OURS,
            path=path,
            account_id=self.account_id,
            mapping=mapping or {},
            rejects=None,
            progress=lambda done, total: self.progress.append((done, total)),
            time_zone="Asia/Tokyo",
        )

    def mentions(self) -> list[Mention]:
        with self.database.snapshot(OURS) as tx:
            found = list(tx.session.scalars(select(Mention).order_by(Mention.id)))
            tx.session.expunge_all()
            return found

    def originals(self) -> dict[str, str]:
        return {mention.external_id: mention.text_original for mention in self.mentions()}


@pytest.fixture
def files(database: Database, tmp_path: Path) -> Files:
    return Files(database, tmp_path)


def row(number: object = 1, text: str = COAT, author: str = "綾", when: str = WHEN) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([number, text, author, when])  # so that both get quoted
    return out.getvalue().removesuffix("\r\n") + "\n"


def counts(summary: ImportSummary) -> tuple[int, int, int, int]:
    return summary.rows, summary.new, summary.seen, summary.rejected


# -- good files --------------------------------------------------------------------------------------------------------------


def test_a_csv_row_becomes_a_mention(any_database: Database, tmp_path: Path) -> None:
    files = Files(any_database, tmp_path)
    header = "id,text,author,created_at,lang,thread,url,rating\n"
    summary = files.bring_in(f"{header}r1,{COAT},綾,{WHEN},ja,t9,https://shop.example/r1,2\n")
    assert counts(summary) == (1, 1, 0, 0)
    assert (summary.encoding, summary.delimiter, summary.missing, summary.rejects_file) == ("UTF-8", ",", (), None)
    mention = files.mentions()[0]
    assert (mention.external_id, mention.text_original) == ("r1", COAT)
    assert mention.text == COAT.replace("①", "1")
    assert mention.created_at == FOUR_MINUTES
    assert (mention.kind, mention.engagement) == (MentionKind.REVIEW, Engagement.REVIEWED)
    assert (mention.rating, mention.url, mention.language_hint) == (2, "https://shop.example/r1", "ja")
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Conversation.thread_external_id)).all() == ["t9"]
        assert tx.session.execute(select(Author.handle, Author.display_name)).all() == [("綾", "綾")]


def test_a_jsonl_line_becomes_a_mention(files: Files) -> None:
    line = json.dumps({"id": 7, "text": COAT, "author": "aya", "created_at": FOUR_MINUTES.timestamp(), "rating": 5})
    summary = files.bring_in(f"{line}\n\n", "posts.jsonl")
    assert (counts(summary), summary.delimiter) == ((1, 1, 0, 0), "")
    mention = files.mentions()[0]
    assert (mention.external_id, mention.text_original, mention.created_at) == ("7", COAT, FOUR_MINUTES)


def test_importing_again_changes_nothing(files: Files) -> None:
    content = HEADER + row(1) + row(2)
    assert counts(files.bring_in(content)) == (2, 2, 0, 0)
    assert counts(files.bring_in(content)) == (2, 0, 2, 0)


def test_an_id_twice_is_one_mention_and_importing_again_does_not_swap_its_texts(files: Files) -> None:
    content = HEADER + row(1, "first") + row(1, "second")
    assert counts(files.bring_in(content)) == (2, 1, 1, 0)
    files.bring_in(content)
    assert files.originals() == {"1": "first"}


def test_columns_are_mapped_by_name(files: Files) -> None:
    summary = files.bring_in(f"row,comment\n5,{COAT}\n", mapping={"text": "comment", "id": "row"})
    assert counts(summary) == (1, 1, 0, 0)
    assert files.originals() == {"5": COAT}
    assert set(summary.missing) >= {"author", "created_at"}
    assert files.mentions()[0].created_at == NOON


def test_names_of_columns_are_found_whatever_their_case(files: Files) -> None:
    assert counts(files.bring_in(f" ID ,Text\n5,{COAT}\n"))[1] == 1


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp932", "Shift_JIS")],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end_is_found_out(files: Files, encoding: str, said: str, line_end: str) -> None:
    quoted = f'"{COAT}{line_end}二行目、""引用""です"'
    content = line_end.join(["id,text,created_at", f"1,{quoted},{WHEN}", f"2,{COAT},{WHEN}", ""])
    summary = files.bring_in(content.encode(encoding))
    assert (counts(summary), summary.encoding) == ((2, 2, 0, 0), said)
    assert files.originals() == {"1": f'{COAT}{line_end}二行目、"引用"です', "2": COAT}
    assert files.mentions()[0].text.splitlines()[1] == '二行目、"引用"です'


def test_japanese_that_begins_late_in_the_file_is_found_too(files: Files) -> None:
    filler = "".join(f"a{number},plain English,aya,{WHEN}\n" for number in range(3000))
    summary = files.bring_in((HEADER + filler + row()).encode("cp932"))
    assert (summary.encoding, summary.new) == ("Shift_JIS", 3001)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(files: Files, delimiter: str) -> None:
    content = delimiter.join(["id", "text"]) + "\n" + delimiter.join(["1", '"a, b; c\td"']) + "\n"
    summary = files.bring_in(content)
    assert (summary.delimiter, files.originals()) == (delimiter, {"1": "a, b; c\td"})


def test_a_field_of_more_than_a_million_characters_comes_in_whole(files: Files) -> None:
    long = "長い" * 600_000
    assert counts(files.bring_in(HEADER + row(1, long) + row(2)))[1] == 2
    mention = files.mentions()[0]
    assert mention.text_original == long
    assert len(mention.text) == 20_000
    assert mention.text.endswith("…")


def test_rows_without_an_author_are_different_people(files: Files) -> None:
    files.bring_in("id,text\n1,a\n2,b\n")
    assert len({mention.author_id for mention in files.mentions()}) == 2


def test_our_own_posts_in_an_export_of_a_connected_account_are_left_out(files: Files) -> None:
    with files.database.transaction(OURS) as tx:
        tx.session.get_one(ChannelAccount, files.account_id).own_external_id = "our_shop"
    summary = files.bring_in(HEADER + row(1, author="our_shop") + row(2))
    assert (summary.rows, summary.own, summary.new) == (2, 1, 1)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T02:34:00Z",
        "2026-11-20T11:34:00+09:00",
        "2026-11-20 11:34",
        "2026-11-20T113400",
        "2026/11/20 11:34",
        "2026/11/20 11:34:00 JST",
        "2026-11-20 02:34:00 UTC",
        "2026.11.20 11:34",
        "2026年11月20日 11時34分",
        "２０２６/１１/２０　１１：３４",
        "1795142040",
        "1795142040.0",
        "1795142040000",
        "2026-11-19T21:34:00-0500",
    ],
)
def test_dates_are_read_as_they_are_written(written: str) -> None:
    assert read_moment(written, TOKYO) == FOUR_MINUTES


def test_a_date_alone_is_midnight_in_the_workspaces_zone() -> None:
    assert read_moment("2026/1/2", TOKYO) == read_moment("20260102", TOKYO) == datetime(2026, 1, 1, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "yesterday", "2026-13-40", "11/20/2026", "2026/11/20 25:00", "9" * 5000, "0001-01-01"]
)
def test_what_is_no_date_is_none_or_out_of_range(written: str) -> None:
    moment = read_moment(written, TOKYO)
    assert moment is None or moment.year < 1990


# -- history -----------------------------------------------------------------------------------------------------------------


def cases(database: Database) -> dict[str, tuple[bool, str, str]]:
    with database.snapshot(OURS) as tx:
        return {
            case.thread_external_id: (case.waiting, case.state, case.resolved_reason)
            for case in tx.session.scalars(select(Conversation))
        }


WAITS, IS_HISTORY = (True, "open", ""), (False, "resolved", "history")


def test_rows_older_than_a_week_are_history_and_nobody_waits(any_database: Database, tmp_path: Path) -> None:
    files = Files(any_database, tmp_path)
    rows = row(1, when="2019-04-01") + row(2, when="2026-11-01") + row(3)
    summary = files.bring_in(HEADER + rows)
    assert (summary.new, summary.history) == (3, 2)
    assert cases(any_database) == {"1": IS_HISTORY, "2": IS_HISTORY, "3": WAITS}
    with any_database.snapshot(OURS) as tx:
        old = tx.session.scalars(select(Conversation).where(Conversation.thread_external_id == "1")).one()
        assert (old.waiting_since, old.due_at) == (None, None)
        assert old.lead_mention_id is not None
    assert {mention.state for mention in files.mentions()} == {"collected"}  # figures need them understood
    again = files.bring_in(HEADER + rows)
    assert (again.seen, again.history) == (3, 0)


@pytest.mark.parametrize(("days", "history"), [(0, 2), (30, 1), (3650, 0)])
def test_how_long_somebody_waits_can_be_said(files: Files, days: int, history: int) -> None:
    path = files.folder / "days.csv"
    path.write_text(HEADER + row(1, when="2019-04-01") + row(2, when="2026-11-01"), encoding="utf-8")
    summary = import_file(
        files.database,
        OURS,
        path=path,
        account_id=files.account_id,
        mapping={},
        rejects=None,
        progress=lambda *_: None,
        waiting_days=days,
    )
    assert summary.history == history


def test_rows_without_a_date_are_from_now_and_wait(files: Files) -> None:
    assert files.bring_in("id,text\n1,a\n").history == 0
    assert cases(files.database) == {"1": WAITS}


@pytest.mark.parametrize("batch", [1, 1000])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_newer_row_of_the_thread_waits_whichever_comes_first(
    files: Files, monkeypatch: pytest.MonkeyPatch, order: tuple[int, int], batch: int
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", batch)
    lines = ["1,old,t,2019-04-01\n", f"2,new,t,{WHEN}\n"]
    summary = files.bring_in("id,text,thread,created_at\n" + "".join(lines[place] for place in order))
    assert (summary.new, summary.history) == (2, 1)
    assert cases(files.database) == {"t": WAITS}
    with files.database.snapshot(OURS) as tx:
        case = tx.session.scalars(select(Conversation)).one()
        lead = tx.session.get_one(Mention, case.lead_mention_id)
        assert (case.waiting_since, lead.external_id) == (FOUR_MINUTES, "2")


def test_a_later_post_brings_history_back_to_the_queue(files: Files) -> None:
    files.bring_in("id,text,thread,created_at\n1,old,t,2019-04-01\n")
    assert cases(files.database) == {"t": IS_HISTORY}
    with files.database.transaction(OURS) as tx:
        late = make_post("p9", thread_external_id="t", created_at=datetime(2019, 4, 2, tzinfo=UTC))
        store_mentions(tx, account_id=files.account_id, own_external_id="", mentions=[late])
    assert cases(files.database) == {"t": WAITS}


# -- bad rows ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("", "text"), "no id"),
        (row(2, "  "), "no text"),
        (row(2, when="yesterday"), "created_at 'yesterday' is no date"),
        (row(2, when=""), "created_at '' is no date"),
        (row(2, when="1970-01-01"), "before 1990"),
        (row(2, when="2126-01-01"), "in the future"),
        ("2,text\n", "2 fields, but the header has 4"),
        (f"2,a,b,{WHEN},extra\n", "5 fields, but the header has 4"),
        ('2,"never closed\n', "quotation mark"),
        (f'2,"closed"too early,b,{WHEN}\n', "quotation mark"),
    ],
)
def test_a_bad_row_is_kept_aside_with_line_and_reason_and_the_rest_comes_in(
    files: Files, bad: str, reason: str
) -> None:
    two_lines = row(1, "one\ntwo")
    summary = files.bring_in(HEADER + two_lines + "\n" + bad + row(3))
    assert counts(summary) == (3, 2, 0, 1)
    assert set(files.originals()) == {"1", "3"}
    assert [problem.line for problem in summary.problems] == [5]
    assert reason in summary.problems[0].reason
    assert summary.rejects_file == files.folder / "posts.rejects.csv"
    kept = summary.rejects_file.read_text(encoding="utf-8").splitlines()
    assert kept[0] == "kikite_line,kikite_reason,id,text,author,created_at"
    assert kept[1].startswith('"5","')
    assert reason in kept[1]
    assert kept[1].endswith(bad.rstrip("\n"))
    assert not list(files.folder.glob("*.part"))


def test_a_rating_that_is_none_is_a_bad_row(files: Files) -> None:
    summary = files.bring_in("id,text,rating\n1,a,★★★☆☆\n2,b,6\n3,c,4.0\n4,d,\n5,e,５\n")
    assert counts(summary) == (5, 4, 0, 1)
    assert [mention.rating for mention in files.mentions()] == [3, 4, None, 5]


def test_mended_rejects_are_imported_and_the_reason_column_is_ignored(files: Files) -> None:
    files.bring_in(HEADER + row(1) + row(2, when="20 Nov") + '3,"open\n' + row(4, when="soon"))
    rejects = files.folder / "posts.rejects.csv"
    again = files.bring_in_file(rejects)
    assert counts(again) == (3, 0, 0, 3)
    assert again.rejects_file is not None
    assert [problem.line for problem in again.problems] == [2, 3, 4]
    own, kept = (path.read_text(encoding="utf-8").splitlines() for path in (rejects, again.rejects_file))
    assert kept[0] == own[0] == f"kikite_line,kikite_reason,{HEADER.rstrip()}"
    assert [line.split(",", 2)[2] for line in kept[2:]] == [line.split(",", 2)[2] for line in own[2:]]
    mended = rejects.read_text(encoding="utf-8").replace("20 Nov", WHEN)
    rejects.write_text(mended, encoding="utf-8")
    assert counts(files.bring_in_file(rejects)) == (3, 1, 0, 2)
    assert set(files.originals()) == {"1", "2"}


def test_a_short_row_mended_in_a_spreadsheet_never_makes_its_reason_a_customers_words(files: Files) -> None:
    files.bring_in("id,text\n1\n2,fine\n")
    rejects = files.folder / "posts.rejects.csv"
    with rejects.open(encoding="utf-8", newline="") as lines:
        kept = list(csv.reader(lines))
    assert kept == [["kikite_line", "kikite_reason", "id", "text"], ["2", "1 fields, but the header has 2", "1"]]
    padded = io.StringIO()  # a spreadsheet fills every row up to the width of the header
    csv.writer(padded).writerows([line + [""] * (4 - len(line)) for line in kept])
    assert counts(files.bring_in(padded.getvalue(), "padded.csv")) == (1, 0, 0, 1)
    mended = padded.getvalue().replace('has 2",1,', 'has 2",1,mended')
    assert counts(files.bring_in(mended, "mended.csv")) == (1, 1, 0, 0)
    assert files.originals() == {"1": "mended", "2": "fine"}


def test_every_bad_line_is_in_the_file_and_the_first_twenty_are_told(files: Files) -> None:
    summary = files.bring_in("id,text\n" + "".join(f"{number},\n" for number in range(50)))
    assert (summary.rejected, [problem.line for problem in summary.problems]) == (50, list(range(2, 22)))
    assert summary.rejects_file is not None
    with summary.rejects_file.open(encoding="utf-8", newline="") as lines:
        kept = list(csv.DictReader(lines))
    assert [int(line["kikite_line"]) for line in kept] == list(range(2, 52))
    assert {line["kikite_reason"] for line in kept} == {"no text"}


def test_rejects_keep_encoding_bytes_and_line_ends(files: Files) -> None:
    content = (HEADER + row(1)).replace("\n", "\r\n").encode("cp932") + b"2,\x81\xff broken\xfe,\x88\xbb," + b"x\r\n"
    summary = files.bring_in(content)
    assert counts(summary) == (2, 1, 0, 1)
    assert "not Shift_JIS" in summary.problems[0].reason
    assert summary.rejects_file is not None
    assert b'Shift_JIS",2,\x81\xff broken\xfe,\x88\xbb,x\r\n' in summary.rejects_file.read_bytes()
    assert summary.rejects_file.read_bytes().count(b"\r\n") == 2


def test_an_open_quotation_mark_gives_up_one_line_not_the_rest_of_the_file(files: Files) -> None:
    summary = files.bring_in(
        HEADER + '0,"open,b,c\n' + "".join(row(number, "plain", "aya") for number in range(1, 500))
    )
    assert counts(summary) == (500, 499, 0, 1)
    assert summary.problems[0].line == 2


def test_bad_json_lines_are_kept_after_a_note_that_a_further_import_skips(files: Files) -> None:
    good = json.dumps({"id": "1", "text": "good"})
    bad = ["{torn", "[1]", '"text"', "{}", '{"id": "2"}', '{"id": {"a": 1}, "text": "x"}', "[" * 100_000, "1" * 5000]
    summary = files.bring_in("\n".join([good, *bad]) + "\n", "posts.jsonl")
    assert counts(summary) == (9, 1, 0, 8)
    assert [problem.line for problem in summary.problems] == list(range(2, 10))
    assert summary.rejects_file is not None
    lines = summary.rejects_file.read_text(encoding="utf-8").splitlines()
    assert lines[1::2] == bad
    assert json.loads(lines[0]) == {"kikite_line": 2, "kikite_reason": "not JSON"}
    mended = [line for line in lines if line.startswith('{"kikite_line"')] + ['{"id": "2", "text": "mended"}']
    assert counts(files.bring_in("\n".join(mended), "mended.jsonl")) == (1, 1, 0, 0)


def test_a_json_line_beyond_the_limit_is_rejected_and_the_next_comes_in(files: Files) -> None:
    first, last = (json.dumps({"id": name, "text": "ok"}) for name in "ab")
    huge = '{"id": "huge", "text": "' + "x" * (RECORD_LIMIT * 2) + '"}'
    summary = files.bring_in(f"{first}\n{huge}\n{last}\n", "posts.jsonl")
    assert counts(summary) == (3, 2, 0, 1)
    assert [problem.line for problem in summary.problems] == [2]


# -- files that cannot be used -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "a.csv", "empty"),
        ("\n\n", "a.csv", "empty"),
        ("row,comment\n1,x\n", "a.csv", "Found: row, comment"),
        ('{"row": 1, "comment": "x"}\n', "a.jsonl", "Found: row, comment"),
        ("id,text,text\n1,x,y\n", "a.csv", "two columns"),
        ('[{"id": 1}]', "a.json", "array"),
        (b"PK\x03\x04 anything", "a.csv", "spreadsheet"),
        (b"\x1f\x8b anything", "a.csv", "compressed"),
        ('"id,text\n', "a.csv", "no header"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_with_its_remedy_and_nothing_comes_in(
    files: Files, content: str | bytes, name: str, says: str
) -> None:
    with pytest.raises(ImportFileError, match=says) as caught:
        files.bring_in(content, name)
    assert caught.value.remedy
    assert files.mentions() == []
    assert not list(files.folder.glob("*reject*"))


def test_a_missing_column_tells_how_to_map_it(files: Files) -> None:
    with pytest.raises(ImportFileError) as caught:
        files.bring_in("row,comment\n1,x\n")
    assert "--map id=" in caught.value.remedy


@pytest.mark.parametrize("mapping", [{"texte": "comment"}, {"author": "nobody"}])
def test_a_mapping_that_names_nothing_is_an_error(files: Files, mapping: dict[str, str]) -> None:
    with pytest.raises(ImportFileError):
        files.bring_in("id,text\n1,x\n", mapping=mapping)


def test_a_file_that_is_not_there_or_a_folder_is_said(files: Files) -> None:
    for path in (files.folder / "missing.csv", files.folder):
        with pytest.raises(ImportFileError):
            files.bring_in_file(path)


def test_rejects_never_overwrite_the_source(files: Files) -> None:
    path = files.folder / "a.csv"
    path.write_text(HEADER, encoding="utf-8")
    with pytest.raises(ImportFileError):
        import_file(
            files.database,
            OURS,
            path=path,
            account_id=files.account_id,
            mapping={},
            rejects=files.folder / "." / "a.csv",
            progress=lambda *_: None,
        )


def test_chika_cannot_import_into_our_account(files: Files) -> None:
    path = files.folder / "a.csv"
    path.write_text(HEADER + row(), encoding="utf-8")
    with pytest.raises(NotFoundError):
        import_file(
            files.database,
            THEIRS,
            path=path,
            account_id=ChannelAccountId(files.account_id),
            mapping={},
            rejects=None,
            progress=lambda *_: None,
        )


# -- size, kills and hostility -----------------------------------------------------------------------------------------------


def test_an_import_killed_midway_is_run_again_and_leaves_no_torn_rejects(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = HEADER + row("", "bad") + "".join(row(number) for number in range(1, 2200))
    with monkeypatch.context() as patch:
        patch.setattr(importing, "store_mentions", _stop_at_second(store_mentions))
        with pytest.raises(KeyboardInterrupt):
            files.bring_in(content)
    assert len(files.mentions()) == importing.BATCH_ROWS
    assert [path.name for path in files.folder.iterdir() if "reject" in path.name] == []
    summary = files.bring_in(content)
    assert counts(summary) == (2200, 2199 - importing.BATCH_ROWS, importing.BATCH_ROWS, 1)


def _stop_at_second(store: object) -> object:
    calls: list[int] = []

    def stop(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        assert callable(store)
        return store(*arguments, **options)

    return stop


def test_progress_goes_from_nothing_to_all(files: Files) -> None:
    files.bring_in(HEADER + "".join(row(number) for number in range(2200)))
    done = [done for done, _ in files.progress]
    assert done == sorted(done)
    assert len(done) >= 4
    assert files.progress[0][0] == 0
    assert files.progress[-1][0] == files.progress[-1][1] == (files.folder / "posts.csv").stat().st_size


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        path.write_text(HEADER + "".join(row(number, "x" * 200) for number in range(rows)), encoding="utf-8")
        tracemalloc.start()
        source = open_source(path)
        assert sum(1 for _ in source.rows()) == rows
        source.close()
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(20_000) < peak(6_000) + 500_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=6))
def test_any_text_survives_a_csv_and_its_quoting(files: Files, texts: list[str]) -> None:
    _forget(files)
    files.bring_in(HEADER + "".join(row(number, text) for number, text in enumerate(texts)))
    wanted = {str(number): clean_original(text) for number, text in enumerate(texts) if text.strip()}
    assert files.originals() == wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl", "a.txt"]))
def test_no_bytes_crash_an_import(files: Files, content: bytes, name: str) -> None:
    with suppress(ImportFileError):
        files.bring_in(b"id,text\n" + content if name == "a.csv" else content, name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text('",;a\n\r1', max_size=12), max_size=12))
def test_every_line_of_a_broken_csv_is_either_in_a_row_or_rejected(files: Files, lines: list[str]) -> None:
    content = "id,text\n" + "\n".join(lines)
    path = files.folder / "b.csv"
    path.write_bytes(content.encode())
    source = open_source(path)
    raws = "".join(found.raw for found in source.rows())
    source.close()
    letters = [character for character in content.removeprefix("id,text\n") if character not in "\r\n"]
    assert [character for character in raws if character not in "\r\n"] == letters


def _forget(files: Files) -> None:
    with files.database.transaction(OURS) as tx:
        for model in (Mention, Conversation, Author):
            tx.session.execute(delete(model))
    with files.database.snapshot(OURS) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Mention)) == 0
