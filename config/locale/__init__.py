"""Words people read, both languages side by side: one TOML file per area, ``[area.key]`` with ``ja`` and ``en``.

``text("desk.approve", "ja")`` looks in ``desk.toml``. Values in braces are filled: ``{count}``. For English plurals an entry
may also carry ``en_one``, used when ``count`` is 1. A key missing in either language is an error at load, not at use.
Dates, numbers and spans are formatted by Babel (``moment``, ``ago``, ``span``). See docs/adr/0002.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta

from config.toml_text import index_lines, line_of, parse_toml
from domain.errors import ConfigError, Place

LANGUAGES = ("ja", "en")


@cache
def catalogue(area: str) -> dict[str, dict[str, str]]:
    """Return the entries of one area, keys flattened with dots. Raises ``ConfigError`` naming file, line and key."""
    name = f"{area}.toml"
    said = (files("config.locale") / name).read_text(encoding="utf-8")
    lines = index_lines(said)
    entries = {}
    for path, entry in _entries_of(parse_toml(said, name), ()):
        place = Place(file=name, line=line_of(lines, path), field=".".join(path))
        if not isinstance(entry, dict):
            raise ConfigError("text outside an entry", place=place, remedy="Nest it.")
        words = {language: str(form) for language, form in entry.items()}
        missing = [language for language in LANGUAGES if not words.get(language)]
        if missing:
            raise ConfigError(f"no text for {', '.join(missing)}", place=place, remedy="Write it natively.")
        entries[".".join(path)] = words
    return entries


def _entries_of(table: dict[str, object], prefix: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Give path and table of every entry, and whatever stands where an entry should be."""
    for key, value in table.items():
        # A group may itself have a key "ja" (the names of languages); only text makes an entry.
        if isinstance(value, dict) and not any(isinstance(value.get(language), str) for language in LANGUAGES):
            yield from _entries_of(value, (*prefix, key))
        else:
            yield (*prefix, key), value


def text(code: str, language: str, **values: object) -> str:
    """Return what ``code`` (``area.key``) says in ``language`` ("ja", else English), filled with ``values``."""
    area, _, key = code.partition(".")
    entry = catalogue(area)[key]
    if language != "ja" and values.get("count") == 1 and "en_one" in entry:
        said = entry["en_one"]
    else:
        said = entry["ja" if language == "ja" else "en"]
    return said.format(**values) if values else said


def moment(value: datetime, language: str, time_zone: str, form: str = "medium") -> str:
    """Return an aware moment in the reader's language and zone; ``form`` as Babel's format_datetime."""
    return format_datetime(value.astimezone(ZoneInfo(time_zone)), form, locale=language)


def day(value: date, language: str) -> str:
    """Return month and day as people say them ("11月22日", "Nov 22")."""
    return format_date(value, "M月d日" if language == "ja" else "MMM d", locale=language)


def ago(value: datetime, now: datetime, language: str) -> str:
    """Return how long ago ``value`` was ("12分前", "12 minutes ago")."""
    return format_timedelta(value - now, add_direction=True, locale=language)


def span(value: timedelta, language: str) -> str:
    """Return a length of time in words ("3 分", "3 min")."""
    return format_timedelta(value, locale=language, format="short")
