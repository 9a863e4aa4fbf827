"""Loading of what marketers write: ``brands/NAME/`` (voice, FAQ, policies, known issues) and playbooks.

An entry is a Markdown file: TOML between two ``+++`` lines, then the text under ``# ja`` and ``# en``.
docs/how-to/brand-voice.md is the guide for the people who write them.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from config.brand_book import (
    BrandBook,
    FaqEntry,
    KnownIssue,
    Policy,
    Product,
    ProductFile,
    Voice,
)
from config.document import Document, open_document, tables_of
from config.entries import open_entry
from config.playbook import Playbook, PlaybookFile, SharedWordings, WordingSets
from config.problems import Problem, raise_problems
from config.section import NAME_PATTERN, Section
from config.validation import find_problems, suggest
from domain.errors import ConfigError, Place

Entry = TypeVar("Entry", bound=Section)

SHIPPED_PLAYBOOKS = files("config") / "playbooks"


def load_books(home: Path) -> dict[str, BrandBook]:
    """Return the book of every folder under ``brands/``, by its name; none when there is no such folder.

    Raises one ``ConfigError`` with a line per mistake in any of the files.
    """
    problems: list[Problem] = []
    books = {}
    for folder in sorted(path for path in (home / "brands").glob("*") if path.is_dir() and path.name[0] not in "._"):
        book = _load_book(folder, problems) if _is_named_well(folder, folder.name, problems) else None
        if book is not None:
            books[folder.name] = book
    raise_problems(problems)
    return books


def brand_book_for(books: Mapping[str, BrandBook], name: str) -> BrandBook:
    """Return the book of the brand ``name``. Raises ``ConfigError`` when no folder has that name."""
    if name in books:
        return books[name]
    place = Place(file="kikite.toml", field="channel.brand")
    known = ", ".join(sorted(books)) or "none"
    remedy = f"Make the folder brands/{name}, or name one of: {known}.{suggest(name, books)}"
    raise ConfigError(f"there is no brand '{name}'.", place=place, remedy=remedy)


def load_playbooks(home: Path | None) -> tuple[Playbook, ...]:
    """Return the shipped playbooks, each replaced by the home's one of the same id, then the home's own others.

    Raises one ``ConfigError`` with a line per mistake in any of the files.
    """
    problems: list[Problem] = []
    with as_file(SHIPPED_PLAYBOOKS) as shipped:
        shared = _load_shared(shipped / "shared", problems)
        playbooks = _load_playbook_folder(shipped, shared, problems)
    if home is not None:
        playbooks |= _load_playbook_folder(home / "playbooks", shared, problems)
    raise_problems(problems)
    return tuple(playbooks.values())


def _load_book(folder: Path, problems: list[Problem]) -> BrandBook | None:
    voice = _load_voice(folder, problems)
    languages = voice.languages if voice else ("ja", "en")
    faq = _load_entries(folder / "faq", FaqEntry, body="answer", languages=languages, problems=problems)
    policies = _load_entries(folder / "policies", Policy, body="statement", languages=languages, problems=problems)
    issues = _load_entries(folder / "issues", KnownIssue, body="statement", languages=languages, problems=problems)
    products = _load_products(folder / "products.toml", languages, problems)
    if voice is None:
        return None
    return BrandBook(voice=voice, faq=faq, policies=policies, known_issues=issues, products=products)


def _load_voice(folder: Path, problems: list[Problem]) -> Voice | None:
    try:
        document = open_document(folder / "brand.toml", missing=f"Write it: how {folder.name} speaks.")
    except ConfigError as error:
        problems.append(problem_of(error))
        return None
    if "id" in document.data:
        document.add_problem(("id",), "'id' cannot be set here.", "The folder's name is the id.")
    languages = document.data.get("languages", ["ja", "en"])
    for key in ("name", "sign_off", "contact_dm", "contact_other"):
        _fill_unserved(document.data.get(key), languages)
    for persona in tables_of(document.data.get("persona")):
        for key in ("name", "sign_off"):
            _fill_unserved(persona.get(key), languages)
    return _validated(document, Voice, {"id": folder.name}, problems)


def _load_products(file: Path, languages: Sequence[str], problems: list[Problem]) -> tuple[Product, ...]:
    if not file.exists():
        return ()
    try:
        document = open_document(file, missing="Restore it.")
    except ConfigError as error:
        problems.append(problem_of(error))
        return ()
    for product in tables_of(document.data.get("product")):
        for key in ("name", "category"):
            _fill_unserved(product.get(key), languages)
    found = _validated(document, ProductFile, {}, problems)
    return found.product if found else ()


def _load_entries(
    folder: Path, model: type[Entry], *, body: str, languages: Sequence[str], problems: list[Problem]
) -> tuple[Entry, ...]:
    """Load every ``*.md`` of ``folder``; ``body`` is the field that the text under the headings fills."""
    entries = []
    for file in sorted(folder.glob("*.md")):
        if file.stem.casefold() == "readme" or not _is_named_well(file, file.stem, problems):
            continue
        try:
            document = open_entry(file, body=body)
        except ConfigError as error:
            problems.append(problem_of(error))
            continue
        for key in (body, "question", "title", "fixed"):
            said = document.data.get(key)
            unread = document.data.get("review") is True and isinstance(said, dict)
            _fill_unserved(said, list(said)[:1] if unread and said else languages)
        entry = _validated(document, model, {"id": file.stem}, problems)
        if entry is not None:
            entries.append(entry)
    return tuple(entries)


def _is_named_well(path: Path, name: str, problems: list[Problem]) -> bool:
    """Return whether ``name`` can be an id; add a problem when not."""
    if re.fullmatch(NAME_PATTERN, name):
        return True
    message = "the name is its id: small letters, digits, - and _, beginning with a letter, at most 40."
    problems.append(Problem(place=Place(file=str(path)), message=message, remedy="Rename it."))
    return False


def _fill_unserved(said: object, languages: object) -> None:
    """Let a brand of one language write that one only: the other part repeats it, and is never used."""
    if isinstance(said, dict) and isinstance(languages, (list, tuple)) and len(languages) == 1:
        only = languages[0]
        if only in said:
            for language in ("ja", "en"):
                said.setdefault(language, said[only])


def _load_shared(folder: Path, problems: list[Problem]) -> dict[str, WordingSets]:
    """Return the sets that playbooks of a language share, by language."""
    shared: dict[str, WordingSets] = {}
    for file in sorted(folder.glob("*.toml")):
        found = _validated(open_document(file, missing="Restore it."), SharedWordings, {}, problems)
        shared[file.stem] = found.wordings if found else {}
    return shared


def _load_playbook_folder(
    folder: Path, shared: Mapping[str, WordingSets], problems: list[Problem]
) -> dict[str, Playbook]:
    playbooks: dict[str, Playbook] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            document = open_document(file, missing="Restore it.")
        except ConfigError as error:
            problems.append(problem_of(error))
            continue
        book = _validated(document, PlaybookFile, {}, problems)
        numbers = {
            str(table.get("id")): number for number, table in enumerate(tables_of(document.data.get("playbook")))
        }
        faults = [*book.find_draw_faults(shared)] if book else []
        problems += [
            Problem(place=document.place_of(path), message=message, remedy="Correct the value.", path=path)
            for path, message in faults
        ]
        for playbook in book.resolved(shared) if book and not faults else ():
            if playbook.id in playbooks:
                path = ("playbook", numbers[playbook.id], "id")
                message = f"the id '{playbook.id}' is taken by another playbook in this folder."
                problems.append(Problem(place=document.place_of(path), message=message, remedy="Choose another id."))
            playbooks[playbook.id] = playbook
    return playbooks


def _validated(document: Document, model: type[Entry], given: dict[str, Any], problems: list[Problem]) -> Entry | None:
    """Return the document as ``model``, or None after adding its problems. ``given`` is not the file's to say."""
    data = {**document.data, **given}
    entry = None
    try:
        entry = model.model_validate(data)
    except ValidationError as error:
        document.problems += find_problems(error, model=model, data=data, place_of=document.place_of)
    problems += document.problems
    return entry if not document.problems else None


def problem_of(error: ConfigError) -> Problem:
    """Return a caught error as one problem among others."""
    return Problem(place=error.place, message=error.message.removeprefix(f"{error.place}: "), remedy=error.remedy)
