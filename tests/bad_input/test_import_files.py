"""Exports as they really come: bad rows kept aside with the reason, the rest imported, nothing guessed."""

import json
import time
from pathlib import Path

from tests.bad_input.homes import Home, Ran
from tests.bad_input.table import row


def bring_in(home: Home, content: str | bytes, name: str = "posts.csv", *words: str) -> Ran:
    """Import a file of this content."""
    file = home.folder.parent / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return home.run("import", file, *words)


def rejects(home: Home, name: str = "posts.rejects.csv") -> Path:
    return home.folder.parent / name


@row("csv-other-delimiter")
def test_an_unknown_delimiter_is_a_missing_column(home: Home) -> None:
    ran = bring_in(home, "id|text\n1|hello\n")
    assert ran.code == 1
    ran.tells("posts.csv has no column 'id'. Found: id|text.", "Separate the columns by comma, semicolon or tab.")
    assert home.texts() == []
    assert not rejects(home).exists()


@row("csv-missing-column")
def test_a_missing_column_imports_nothing_and_tells_how_to_map_it(home: Home) -> None:
    ran = bring_in(home, "id,comment\n1,hello\n")
    assert ran.code == 1
    ran.tells("posts.csv has no column 'text'. Found: id, comment.", "Say which column it is: --map text=comment")
    assert home.texts() == []
    assert bring_in(home, "id,comment\n1,hello\n", "posts.csv", "--map", "text=comment").code == 0
    assert home.texts() == ["hello"]


@row("csv-encoding")
def test_bytes_of_another_encoding_cost_their_row_only_and_are_kept_as_they_are(home: Home) -> None:
    ran = bring_in(home, b"id,text\n1,caf\xe9\n2,fine\n")
    assert ran.code == 0
    ran.prints("2 rows: 1 new, 0 already there, 1 rejected.", "line 2: bytes that are not UTF-8")
    assert home.texts() == ["fine"]
    assert b'"2","bytes that are not UTF-8",1,caf\xe9' in rejects(home).read_bytes()


@row("csv-open-quote")
def test_a_quotation_mark_without_its_pair_costs_its_line_only(home: Home) -> None:
    ran = bring_in(home, 'id,text\n1,one\n2,"two\n3,three\n')
    assert ran.code == 0
    ran.prints("3 rows: 2 new", "line 3: a quotation mark without its pair")
    assert home.texts() == ["one", "three"]
    assert '2,"two' in rejects(home).read_text(encoding="utf-8")


@row("csv-huge-field")
def test_a_giant_field_is_refused_quickly_and_the_rest_comes_in(home: Home) -> None:
    began = time.monotonic()
    ran = bring_in(home, "id,text\n1," + "x" * 4_100_000 + "\n2,fine\n")
    assert ran.code == 0
    ran.prints("line 2: over 4,000,000 characters long")
    assert home.texts() == ["fine"]
    assert time.monotonic() - began < 10


@row("csv-twice")
def test_an_id_that_comes_twice_is_one_mention_as_it_was_first(home: Home) -> None:
    ran = bring_in(home, "id,text\n1,first\n1,second\n")
    assert ran.code == 0
    ran.prints("2 rows: 1 new, 1 already there, 0 rejected.")
    assert bring_in(home, "id,text\n1,third\n").code == 0
    assert home.texts() == ["first"]


@row("csv-null-bytes")
def test_null_bytes_do_not_reach_the_text(home: Home) -> None:
    ran = bring_in(home, "id,text\n1,a\0b\n")
    assert ran.code == 0
    ran.prints("1 new")
    assert home.rows("SELECT text, text_original FROM mention") == [("a\ufffdb", "a\ufffdb")]


@row("csv-dates")
def test_dates_that_cannot_be_are_rejected_by_row(home: Home) -> None:
    ran = bring_in(
        home, "id,text,created_at\n1,a,2199-01-01\n2,b,yesterday\n3,c,1960-01-01\n4,d,2026-02-30\n5,e,2020-01-01\n"
    )
    assert ran.code == 0
    ran.prints(
        "created_at '2199-01-01' is before 1990 or in the future",
        "created_at 'yesterday' is no date",
        "created_at '1960-01-01' is before 1990 or in the future",
        "created_at '2026-02-30' is no date",
    )
    assert home.texts() == ["e"]


@row("csv-not-text")
def test_a_spreadsheet_an_empty_file_and_no_file_are_told_apart(home: Home) -> None:
    for content, name, says in (
        (b"PK\x03\x04...", "book.xlsx", "book.xlsx is a spreadsheet or archive."),
        (b"", "none.csv", "none.csv is empty."),
    ):
        ran = bring_in(home, content, name)
        assert ran.code == 1
        ran.tells(says, "→")
    ran = home.run("import", home.folder.parent / "lost.csv")
    assert ran.code == 1
    ran.tells("lost.csv cannot be read: No such file or directory.")
    assert "%" not in ran.err
    assert home.texts() == []


@row("import-unknown-channel")
def test_a_channel_that_is_not_there_is_told_with_those_that_are(home: Home) -> None:
    ran = bring_in(home, "id,text\n1,a\n", "posts.csv", "--channel", "shp")
    assert ran.code == 1
    ran.tells("There is no channel named 'shp'.", "Choose one of: import, sandbox.")
    assert home.texts() == []


@row("jsonl-bad-lines")
def test_bad_lines_of_jsonl_are_kept_aside_with_their_reasons(home: Home) -> None:
    ran = bring_in(home, '{"id":"1","text":"ok"}\n{"id":"2"\n[1]\n{"id":"3"}\n{"id":"4","text":{}}\n', "posts.jsonl")
    assert ran.code == 0
    ran.prints("line 2: not JSON", "line 3: not a JSON object", "line 4: no text", "line 5: text is neither text")
    assert home.texts() == ["ok"]
    kept = rejects(home, "posts.rejects.jsonl")
    assert '{"id":"2"\n' in kept.read_text(encoding="utf-8")
    mended = kept.read_text(encoding="utf-8").replace('{"id":"2"\n', '{"id":"2","text":"mended"}\n')
    assert bring_in(home, mended, "mended.jsonl").code == 0
    assert home.texts() == ["ok", "mended"]


@row("lines-bad")
def test_bad_lines_of_a_file_to_classify_or_draft_for_keep_their_place(home: Home) -> None:
    source = home.folder.parent / "lines.jsonl"
    source.write_bytes(b'{"id":"a","text":"Wrong coat!"}\nno\n{"id":"c"}\n\xff\n{"id":"e","text":"\\ud800\\u0000"}\n')
    for command in ("classify", "draft"):
        target = home.folder.parent / f"{command}.jsonl"
        ran = home.run(command, "--input", source, "--output", target)
        assert ran.code == 0
        ran.prints("5 lines written", "line 2: not JSON", "line 3: no text", "line 4: not UTF-8")
        written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
        assert [one.get("id") for one in written] == ["a", None, "c", None, "e"]
        assert written[1] == {"line": 2, "error": "not JSON"}


@row("lines-itself")
def test_a_file_is_never_written_over_while_it_is_read(home: Home) -> None:
    source, link = home.folder.parent / "lines.jsonl", home.folder.parent / "link.jsonl"
    source.write_bytes(b'{"id":"a","text":"Wrong coat!"}\n')
    link.symlink_to(source)
    for command, target in (("classify", source), ("draft", link)):
        ran = home.run(command, "--input", source, "--output", target)
        assert ran.code == 1
        ran.tells("is the file that is read.", "Choose another --output FILE.")
    assert source.read_bytes() == b'{"id":"a","text":"Wrong coat!"}\n'
