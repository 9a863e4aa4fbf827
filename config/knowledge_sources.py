"""Reading of questions and answers from Markdown, CSV and the saved HTML of a web page. Any of them may be hostile: they are text.

HTML is read with the parser that mails and feeds are read with. Nothing is fetched, nothing in it is run.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import Tag

from config.entries import LANGUAGES
from config.knowledge_import import Pair, clean
from domain.errors import ImportFileError

LARGEST_BYTES: Final = 5_000_000
MOST_TAGS: Final = 20_000
"""A page of questions has a few thousand; more is no help page, and slow to go through."""
MOST_PAIRS: Final = 1_000
FIELDS: Final = (
    "question",
    "answer",
    *(f"{name}_{one}" for name in ("question", "answer", "keywords") for one in LANGUAGES),
    "topic",
    "id",
    "url",
)
HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
_MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_MARK = re.compile(r"^(?:q|a|質問|回答|問|答)\s*[.:：．、)]\s*", re.IGNORECASE)


def read_pairs(file: Path, columns: Mapping[str, str]) -> list[Pair]:
    """Return the questions and answers of a file, by its ending: .md, .csv, .html or .htm.

    ``columns`` names the CSV's column of each of ``FIELDS``. Raises ``ImportFileError`` when it cannot be read.
    """
    text = _read(file)
    ending = file.suffix.casefold()
    if ending in {".md", ".markdown"}:
        return list(islice(_from_markdown(text), MOST_PAIRS))
    if ending == ".csv":
        return list(islice(_from_csv(text, columns), MOST_PAIRS))
    if ending in {".html", ".htm"}:
        return list(islice(_from_html(text), MOST_PAIRS))
    raise ImportFileError(
        f"{file.name} is no kind of file that is known here.", remedy="Give a .md, .csv or .html file."
    )


def _read(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ImportFileError(f"{file} cannot be read ({error.strerror}).", remedy="Check the path.") from None
    if len(raw) > LARGEST_BYTES:
        raise ImportFileError(f"{file.name} is larger than 5 MB.", remedy="Split it.")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise ImportFileError(f"{file.name} is neither UTF-8 nor Shift_JIS.", remedy="Save the file as UTF-8.")


def _pair(question: str, answer: str, place: str) -> Pair:
    asked, said = (_MARK.sub("", clean(text)) for text in (question, answer))
    language = "ja" if _JAPANESE.search(asked + said) else "en"
    return Pair(question={language: " ".join(asked.split())}, answer={language: said} if said else {}, place=place)


def _from_markdown(text: str) -> Iterator[Pair]:
    """Take each heading with text under it; a heading that only holds others is a chapter."""
    heading, line_of_heading, gathered = "", 0, list[str]()
    for number, line in enumerate([*text.split("\n"), "# "], start=1):
        found = _MARKDOWN_HEADING.match(line)
        if found is None and line.strip() != "#":
            gathered.append(line)
            continue
        if heading and any(one.strip() for one in gathered):
            yield _pair(heading, re.sub(r"[*_`]{1,3}", "", "\n".join(gathered)), f"line {line_of_heading}")
        heading, line_of_heading, gathered = found[2] if found else "", number, []


def _from_csv(text: str, columns: Mapping[str, str]) -> Iterator[Pair]:
    if strange := [name for name in columns if name not in FIELDS]:
        raise ImportFileError(f"There is no field '{strange[0]}'.", remedy=f"Fields are: {', '.join(FIELDS)}.")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        named = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
        mapped = {name: columns.get(name, named.get(name, "")) for name in FIELDS}
        missing = [column for column in columns.values() if column not in (rows.fieldnames or ())]
        if missing or not any(mapped[name] for name in FIELDS if name.startswith("question")):
            said = f"There is no column '{missing[0]}'." if missing else "No column holds the questions."
            shown = ", ".join(name for name in (rows.fieldnames or ())[:12] if name)
            raise ImportFileError(said, remedy=f"Map them with --map question=COLUMN,answer=COLUMN. Columns: {shown}.")
        for row in rows:
            yield _from_row(
                {name: clean(row.get(column) or "") for name, column in mapped.items() if column}, rows.line_num
            )
    except csv.Error as error:
        raise ImportFileError(f"The CSV cannot be read ({error}).", remedy="Export it anew.") from None


def _from_row(values: Mapping[str, str], line: int) -> Pair:
    plain = _pair(values.get("question", ""), values.get("answer", ""), f"line {line}")
    spoken = {language: values.get(f"question_{language}", "") for language in LANGUAGES}
    answers = {language: values.get(f"answer_{language}", "") for language in LANGUAGES}
    return Pair(
        question={
            **{one: said for one, said in plain.question.items() if said},
            **{one: said for one, said in spoken.items() if said},
        },
        answer={**plain.answer, **{one: said for one, said in answers.items() if said}},
        place=plain.place,
        name=values.get("id", ""),
        topic=values.get("topic", "").casefold(),
        url=values.get("url", ""),
        keywords={one: re.split(r"[,、;|]", values.get(f"keywords_{one}", "")) for one in LANGUAGES},
    )


def _from_html(text: str) -> Iterator[Pair]:
    """Take what the page marks as questions: schema.org's FAQPage, details, dt and dd, accordions; else headings with text."""
    if text.count("<") > MOST_TAGS:
        raise ImportFileError("The page has too many tags.", remedy="Save the part with the questions only.")
    try:
        # The parser does not know that these end where the next one begins.
        page = BeautifulSoup(re.sub(r"<(?=d[td]\b)", "</dt></dd><", text, flags=re.IGNORECASE), "html.parser")
        found = list(_from_json(page))
        for unseen in page(["script", "style", "template", "noscript", "nav", "header", "footer", "form"]):
            unseen.decompose()
        marked = chain(_from_details(page), _from_lists(page), _from_accordions(page))
        found += islice(marked, MOST_PAIRS)
        yield from found or _from_headings(page)
    except RecursionError:
        raise ImportFileError(
            "The page is nested too deeply.", remedy="Save the part with the questions only."
        ) from None


def _from_json(page: BeautifulSoup) -> Iterator[Pair]:
    for script in page.find_all("script", type="application/ld+json"):
        try:
            data = json.loads(script.string or "")
        except (ValueError, RecursionError):
            continue
        for entity in data if isinstance(data, list) else [data]:
            asked = entity.get("mainEntity") if isinstance(entity, dict) else None
            for one in asked if isinstance(asked, list) else []:
                answer = one.get("acceptedAnswer") if isinstance(one, dict) else None
                if isinstance(answer, dict) and isinstance(one.get("name"), str):
                    said = BeautifulSoup(str(answer.get("text", "")), "html.parser")
                    yield _pair(one["name"], _text(said), "FAQPage")


def _from_details(page: BeautifulSoup) -> Iterator[Pair]:
    for summary in page.find_all("summary"):
        details = summary.parent
        # One that holds others is a chapter.
        if details is not None and details.name == "details" and details.find("details") is None:
            question = _text(summary)
            summary.extract()
            yield _pair(question, _text(details), "details")


def _from_lists(page: BeautifulSoup) -> Iterator[Pair]:
    for term in page.find_all("dt"):
        said = []
        for sibling in _tags_after(term):
            if sibling.name == "dt":
                break
            if sibling.name == "dd":
                said.append(_text(sibling))
        yield _pair(_text(term), "\n".join(said), "dt")


def _from_accordions(page: BeautifulSoup) -> Iterator[Pair]:
    """Take buttons that open a part of the page."""
    panels = {str(tag["id"]): tag for tag in page.select("[id]")}
    for button in page.select("[aria-controls]"):
        panel = panels.get(str(button["aria-controls"]))
        if panel is not None and panel is not button and panel not in button.parents:
            yield _pair(_text(button), _text(panel), "accordion")


def _from_headings(page: BeautifulSoup) -> Iterator[Pair]:
    for heading in page.select(",".join(HEADINGS)):
        said = []
        for sibling in _tags_after(heading):
            if sibling.name in {"h1", *HEADINGS}:
                break
            said.append(_text(sibling))
        if any(said):
            yield _pair(_text(heading), "\n".join(said), str(heading.name))


def _tags_after(tag: Tag) -> Iterator[Tag]:
    return (sibling for sibling in tag.next_siblings if isinstance(sibling, Tag))


def _text(tag: Tag) -> str:
    return clean(" ".join(tag.get_text(" ").split()))
