"""``--help`` in the language of whoever asks: the one place between the commands, which speak English, and the screen."""

from collections.abc import Iterator, Mapping
from typing import Protocol, cast

import typer

from config.locale import catalogue

LANGUAGE = "KIKITE_LANGUAGE"
"""``ja`` or ``en``; without it the locale's variables are asked, in the order in which they override each other."""
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


class Helped(Protocol):
    """A command or one of its options."""

    help: str | None


def help_language(environ: Mapping[str, str]) -> str:
    """Return ``ja`` or ``en``."""
    asked = (environ.get(name, "") for name in (LANGUAGE, *LOCALE))
    return "ja" if next(filter(None, asked), "").lower().startswith("ja") else "en"


def helped_parts(command: object) -> Iterator[Helped]:
    """Return a command, its options and arguments, and those of every command below it."""
    top = cast("typer.core.TyperGroup", command)
    yield cast("Helped", top)
    yield from (cast("Helped", one) for one in top.get_params(typer.Context(top)) if hasattr(one, "help"))
    for below in getattr(top, "commands", {}).values():
        yield from helped_parts(below)


def translate_help(command: object, language: str) -> None:
    """Let the help of ``command`` and of all below it speak ``language``. What has no translation stays as it is."""
    if language == "en":
        return
    said = {entry["en"]: entry[language] for entry in catalogue("help").values()}
    for part in helped_parts(command):
        if part.help:
            part.help = said.get(part.help, part.help)
