"""Words for the pages: the one place where a code becomes a sentence."""

from collections.abc import Mapping

from config.locale import catalogue, text
from domain.errors import ConfigError


def say(code: str, language: str, **values: object) -> str:
    """Return what ``area.key`` says in ``language``.

    Stored codes may be older or newer than this program's catalogues (a rule that an operator added, a label of a later
    version), so an unknown one is shown as it is, without its area, instead of breaking the page.
    """
    area, _, key = code.partition(".")
    try:
        known = key in catalogue(area)
    except (FileNotFoundError, ConfigError):
        known = False
    if not known:
        return key.rpartition(".")[2] or code
    try:
        return text(code, language, **values)
    except (KeyError, IndexError):
        # Values stored with an older wording do not fill a newer one: show it with its braces.
        return text(code, language)


def check_words(code: str, language: str, values: Mapping[str, str]) -> str:
    """Return the sentence of a check: the desk's own checks speak from ``desk.toml``, all others from ``checks.toml``."""
    own = f"checks.{code}" in catalogue("desk")
    return say(f"desk.checks.{code}" if own else f"checks.{code}", language, **values)


def say_done(code: str, language: str) -> str:
    """Return what the desk says of something just done; nothing for a code that an address made up."""
    return text(f"desk.said.{code}", language) if f"said.{code}" in catalogue("desk") else ""
