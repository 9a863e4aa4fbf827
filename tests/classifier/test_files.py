"""Files: line for line, whatever stands in a line."""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.backends.brand import ANTI_WORDS
from classifier.backends.keyword import KeywordBackend
from classifier.files import classify_file
from config.brand_book import Bilingual, Voice
from domain.errors import ImportFileError
from domain.ports import ClassifierBackend
from domain.text_lines import LONGEST_LINE, MOST_REJECTED_KEPT, FileSummary
from domain.understanding import Prediction, TextToClassify
from domain.words import Language

FIELDS = [
    "id", "text", "language", "sentiment", "intent", "constructive", "suggestion", "abuse", "topic", "urgency", "needs_reply",
    "needs_dm", "risks", "band", "scores", "model_id",
]  # fmt: skip


SAID = Bilingual(ja="水楢", en="Mizunara")


def silent(_done: int, _total: int) -> None:
    """Show no progress."""


def run(
    tmp_path: Path, content: bytes, *, backend: ClassifierBackend | None = None
) -> tuple[FileSummary, list[dict[str, object]]]:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(content)
    summary = classify_file(backend or KeywordBackend(), source, target, progress=silent)
    written = target.read_text(encoding="utf-8")
    assert written == "" or written.endswith("\n")
    lines = written.split("\n")[:-1]
    assert written.splitlines() == lines
    return summary, [json.loads(line) for line in lines]


def test_every_line_gets_its_labels_in_order(tmp_path: Path) -> None:
    texts = ["注文したコートがまだ届きません", "Love it, thank you!", "在庫はありますか？"]
    content = "".join(json.dumps({"id": at, "text": text}) + "\n" for at, text in enumerate(texts)).encode()
    summary, rows = run(tmp_path, content)
    assert [list(row) for row in rows] == [FIELDS] * 3
    assert [(row["id"], row["intent"], row["constructive"]) for row in rows] == [
        (0, "complaint", True),
        (1, "praise", None),
        (2, "question", None),
    ]
    assert (summary.lines, summary.rejected, summary.rejected_count) == (3, (), 0)
    assert summary.target == tmp_path / "out.jsonl"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json}", "not JSON"),
        (b"", "blank line"),
        (b"   \t", "blank line"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"id": 1}', "no text"),
        (b'{"id": 1, "text": null}', "text is not a string"),
        (b'{"id": 1, "text": 5}', "text is not a string"),
        (b'{"id": NaN, "text": "a"}', "not JSON"),
        (b'{"id": 1, "text": "a"', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": ' + b"9" * 5_000 + b', "text": "a"}', "not JSON"),
        (b'{"text": "' + b"a" * (LONGEST_LINE + 10) + b'"}', f"longer than {LONGEST_LINE} bytes"),
    ],
    ids=lambda value: value[:24].decode(errors="replace") if isinstance(value, bytes) else None,
)
def test_a_line_that_cannot_be_read_keeps_its_place_and_says_why(tmp_path: Path, line: bytes, reason: str) -> None:
    good = b'{"id": "a", "text": "thanks"}'
    summary, rows = run(tmp_path, b"\n".join([good, line, good]) + b"\n")
    known = {"id": 1} if b'"id": 1' in line and reason != "not JSON" else {}
    assert rows[1] == {**known, "line": 2, "error": reason}
    assert [row.get("id") for row in rows] == ["a", known.get("id"), "a"]
    assert (summary.lines, summary.rejected, summary.rejected_count) == (3, ((2, reason),), 1)


@pytest.mark.parametrize("value", [1, 1.5, "x", None, True, ["a", 1], {"k": "v"}, "\ud800", "日本", "a\u2028b", ""])
def test_an_id_of_any_json_type_comes_back_as_it_was(tmp_path: Path, value: object) -> None:
    _, rows = run(tmp_path, json.dumps({"id": value, "text": "ok"}).encode())
    assert rows[0]["id"] == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\x00",
        "a\x00b",
        "\ud800",
        "😡 \udfff",
        "あ" * 100_000,
        "a " * 50_000,
        "a\u2028b\x85c\nd",
        "\u202e\ufeff",
    ],
)
def test_hostile_text_is_one_line_with_labels(tmp_path: Path, text: str) -> None:
    _, rows = run(tmp_path, json.dumps({"id": 1, "text": text}).encode())
    assert rows[0]["text"] == text
    assert rows[0]["model_id"] == "keyword-ja-en-1"


def test_a_byte_order_mark_windows_line_ends_and_a_missing_last_line_end_are_taken(tmp_path: Path) -> None:
    _, rows = run(tmp_path, b'\xef\xbb\xbf{"text": "thanks"}\r\n{"text": "great"}')
    assert [row["text"] for row in rows] == ["thanks", "great"]


def test_an_empty_file_gives_an_empty_file(tmp_path: Path) -> None:
    summary, rows = run(tmp_path, b"")
    assert (summary.lines, rows) == (0, [])


def test_other_fields_stay_and_lang_is_a_hint(tmp_path: Path) -> None:
    _, rows = run(tmp_path, '{"text": "返品希望", "lang": "zh", "shop": "A"}\n{"text": "返品希望", "lang": 3}'.encode())
    assert [(row["language"], row.get("shop")) for row in rows] == [("other", "A"), ("ja", None)]


class Fails:
    """Cannot read texts with ``bad`` in them."""

    model_id = "fails-1"

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        if any("bad" in text.text for text in texts):
            raise ValueError("no")
        return KeywordBackend().classify(texts)


def test_a_text_the_model_fails_on_is_reported_and_the_rest_is_classified(tmp_path: Path) -> None:
    content = b'{"text": "thanks"}\n{"text": "bad"}\n{"text": "great"}\n'
    summary, rows = run(tmp_path, content, backend=Fails())
    assert rows[1] == {"line": 2, "error": "the model failed: ValueError"}
    assert [row.get("model_id") for row in rows] == ["fails-1", None, "fails-1"]
    assert summary.rejected_count == 1


def test_only_so_many_rejected_lines_are_listed_but_all_are_counted(tmp_path: Path) -> None:
    summary, rows = run(tmp_path, b"x\n" * (MOST_REJECTED_KEPT + 5))
    assert len(summary.rejected) == MOST_REJECTED_KEPT
    assert summary.rejected_count == len(rows) == MOST_REJECTED_KEPT + 5


def test_nothing_is_left_behind_and_the_old_target_stays_when_it_is_interrupted(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "thanks"}\n')
    target.write_text("old")

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify_file(KeywordBackend(), source, target, progress=stop)
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.files.LINES_AT_ONCE", 256)
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "thanks"}\n' * 600)
    told: list[tuple[int, int]] = []
    classify_file(KeywordBackend(), source, tmp_path / "o", progress=lambda done, total: told.append((done, total)))
    assert len(told) == 3
    assert told == sorted(told)
    assert told[-1] == (source.stat().st_size, source.stat().st_size)


def test_a_missing_source_and_a_target_that_cannot_be_written_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        classify_file(KeywordBackend(), tmp_path / "none.jsonl", tmp_path / "o", progress=silent)
    source = tmp_path / "in.jsonl"
    source.write_text("")
    for target in (tmp_path / "no" / "folder" / "o", tmp_path):
        with pytest.raises(ImportFileError, match="cannot be written"):
            classify_file(KeywordBackend(), source, target, progress=silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


class Constant:
    """Answers every text with the same prediction: the file handling is measured, not a model."""

    model_id = "constant-1"

    def __init__(self) -> None:
        self.answer = KeywordBackend().classify([TextToClassify(text="thanks", language=Language.EN)])[0]

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        return [self.answer] * len(texts)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.files.LINES_AT_ONCE", 256)
    source = tmp_path / "in.jsonl"
    line = json.dumps({"text": "🙂" * 200}) + "\n"
    peaks = []
    for lines in (600, 2_000):
        source.write_text(line * lines)
        tracemalloc.start()
        classify_file(Constant(), source, tmp_path / "o", progress=silent)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_few_but_huge_lines_are_not_held_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.text_lines.MOST_AT_ONCE", 100_000)
    source = tmp_path / "in.jsonl"
    source.write_text((json.dumps({"text": "a" * 60_000}) + "\n") * 10)
    told: list[int] = []
    classify_file(Constant(), source, tmp_path / "o", progress=lambda done, _total: told.append(done))
    assert len(told) == 5


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.one_of(st.binary(max_size=30), st.fixed_dictionaries({"id": JSON_VALUES, "text": JSON_VALUES})))
)
def test_as_many_lines_come_out_as_went_in(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes | dict[str, object]]
) -> None:
    raw = [line.replace(b"\n", b" ") if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    summary, rows = run(tmp_path_factory.mktemp("files"), b"".join(line + b"\n" for line in raw))
    assert len(rows) == summary.lines == len(raw)
    for line, row in zip(lines, rows, strict=True):
        if isinstance(line, dict) and isinstance(line["text"], str):
            assert row["id"] == line["id"]


def test_a_home_of_ours_words_and_anti_words_and_language_count(tmp_path: Path) -> None:
    class Listening(KeywordBackend):
        def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
            heard.extend(texts)
            return super().classify(texts)

    heard: list[TextToClassify] = []
    backend, source = Listening(), tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "😡"}) + "\n", "utf-8")
    voice = Voice(id="mizunara", name=SAID, sign_off=SAID, contact_dm=SAID, words=("水楢",), anti_words=("ウイスキー",))
    classify_file(backend, source, tmp_path / "out.jsonl", progress=silent, voice=voice, prior=Language.EN)
    (one,) = heard
    assert (one.brand_words, one.extra[ANTI_WORDS], one.language) == (("水楢",), "ウイスキー", Language.EN)


@pytest.mark.parametrize("link", ["same", "symbolic", "hard"])
def test_the_file_that_is_read_is_never_written(tmp_path: Path, link: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'{"id": 1, "text": "thanks"}\n')
    if link == "symbolic":
        target.symlink_to(source)
    elif link == "hard":
        target.hardlink_to(source)
    else:
        target = tmp_path / "sub" / ".." / "in.jsonl"
        (tmp_path / "sub").mkdir()
    with pytest.raises(ImportFileError, match="is the file that is read"):
        classify_file(KeywordBackend(), source, target, progress=silent)
    assert source.read_bytes() == b'{"id": 1, "text": "thanks"}\n'
