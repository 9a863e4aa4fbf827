"""Questions and answers that a shop has already written, taken over as FAQ entries for a person to read.

Files are read by ``config/knowledge_sources.py``; here they become ``faq/*.md`` with ``review = true``, which nothing cites.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.brand_book import BrandBook
from config.entries import LANGUAGES
from config.section import NAME_PATTERN
from domain.words import Topic

LONGEST_QUESTION: Final = 300
LONGEST_ANSWER: Final = 2_000
LONGEST_NAME: Final = 40
MOST_WRITTEN: Final = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SAME = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One question with its answer, in one language or in both."""

    question: Mapping[str, str]
    """By language, ``ja`` and ``en``."""
    answer: Mapping[str, str]
    place: str
    """Where it stands in the file, for people: ``line 12``, ``dt``, ``details``."""
    name: str = ""
    topic: str = ""
    url: str = ""
    keywords: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A pair that was not taken over."""

    place: str
    question: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSummary:
    """What became of a file."""

    written: tuple[str, ...]
    """Names of the new files."""
    skipped: tuple[Skipped, ...]
    lacking: Mapping[str, tuple[str, ...]]
    """Files without a language the brand speaks, by that language."""


def write_entries(pairs: Iterable[Pair], folder: Path, book: BrandBook) -> ImportSummary:
    """Write a file per new question into ``folder`` (a brand's ``faq``); files that are there are never touched.

    Questions that the book already has, and what has no answer or is too long, are skipped with the reason.
    """
    known = {_same(said) for entry in book.faq for said in (entry.question.ja, entry.question.en)}
    written: list[str] = []
    skipped: list[Skipped] = []
    lacking: dict[str, list[str]] = {}
    for pair in pairs:
        said = next(iter(pair.question.values()), "")
        reason = _find_fault(pair, known, written)
        if reason:
            skipped.append(Skipped(place=pair.place, question=said[:80], reason=reason))
            continue
        known |= {_same(one) for one in pair.question.values()}
        name = _write(pair, folder)
        written.append(name)
        for language in book.voice.languages:
            if not (pair.question.get(language) and pair.answer.get(language)):
                lacking.setdefault(language, []).append(name)
    gaps = {language: tuple(names) for language, names in lacking.items()}
    return ImportSummary(written=tuple(written), skipped=tuple(skipped), lacking=gaps)


def clean(text: str) -> str:
    """Return text without control signs, its lines trimmed and blank ones at the ends cut."""
    plain = _CONTROL.sub(" ", unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode()))
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _find_fault(pair: Pair, known: set[str], written: Sequence[str]) -> str:
    """Return why a pair is not taken over, or nothing."""
    answered = any(pair.question.get(language) and pair.answer.get(language) for language in LANGUAGES)
    faults = (
        ("no question", not any(pair.question.values())),
        ("no answer", not answered),
        (f"the question is longer than {LONGEST_QUESTION} signs", _longest(pair.question) > LONGEST_QUESTION),
        (f"the answer is longer than {LONGEST_ANSWER} signs", _longest(pair.answer) > LONGEST_ANSWER),
        ("the question is there already", any(_same(said) in known for said in pair.question.values())),
        (f"the topic is none of {', '.join(Topic)}", bool(pair.topic) and pair.topic not in set(Topic)),
        (f"more than {MOST_WRITTEN} at once", len(written) >= MOST_WRITTEN),
    )
    return next((reason for reason, holds in faults if holds), "")


def _longest(said: Mapping[str, str]) -> int:
    return max(map(len, said.values()), default=0)


def _same(text: str) -> str:
    return _SAME.sub("", unicodedata.normalize("NFKC", text).casefold())


def _write(pair: Pair, folder: Path) -> str:
    """Write one file under a name that is free; exclusive creation, so that nothing is ever overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    content = _lay_out(pair)
    wanted = _name(pair)
    for number in range(1, 1000):
        name = wanted if number == 1 else f"{wanted[: LONGEST_NAME - 4]}-{number}"
        try:
            with (folder / f"{name}.md").open("x", encoding="utf-8") as file:
                file.write(content)
        except FileExistsError:
            continue
        return f"{name}.md"
    msg = f"{folder} has a thousand files named {wanted}"
    raise FileExistsError(msg)


def _name(pair: Pair) -> str:
    said = pair.name or pair.question.get("en", "") or next(iter(pair.question.values()))
    ascii_only = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().casefold()
    name = "-".join(re.findall(r"[a-z0-9]+", ascii_only.replace("'", "")))[:LONGEST_NAME].strip("-")
    if re.fullmatch(NAME_PATTERN, name) and name != "readme":
        return name
    return f"faq-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:10]}"


def _lay_out(pair: Pair) -> str:
    lines = ["+++", f"topic = {_toml(pair.topic or Topic.OTHER.value)}", "review = true"]
    lines += [
        f"question.{language} = {_toml(pair.question[language])}"
        for language in LANGUAGES
        if pair.question.get(language)
    ]
    for language in LANGUAGES:
        if words := [clean(word) for word in pair.keywords.get(language, ()) if clean(word)]:
            lines.append(f"keywords_{language} = [{', '.join(map(_toml, words))}]")
    if pair.url:
        lines.append(f"url = {_toml(pair.url)}")
    lines += [
        "+++",
        "",
        f"<!-- imported from {_remark(pair.place)}; delete `review = true` once somebody has read it -->",
    ]
    for language in LANGUAGES:
        if pair.answer.get(language):
            lines += ["", f"# {language}", "", _body(pair.answer[language])]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are among TOML's, and control signs are gone."""
    return json.dumps(clean(text).replace("\n", " "), ensure_ascii=False)


def _remark(text: str) -> str:
    return clean(text).replace("--", "-").replace("\n", " ")[:80]


def _body(text: str) -> str:
    """Return an answer whose lines mean nothing to the reader of entries: no headings, no remarks, no fences."""
    lines = (re.sub(r"^[#+\s]+", "", line) for line in clean(text).split("\n"))
    return re.sub(r"<!-+|-+>", "", "\n".join(lines)).strip()
