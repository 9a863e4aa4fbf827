"""Notes beside a draft (facts used, open questions): stored as a code and a value, said in the reader's language."""

from config.locale import catalogue, text

SEPARATOR = "|"


def note(code: str, value: str = "") -> str:
    """Return the stored form; ``code`` is a key of ``config/locale/drafting.toml``."""
    return f"{code}{SEPARATOR}{value}" if value else code


def say_note(stored: str, language: str) -> str:
    """Return the note in ``language``; a text that carries no known code is returned as it is."""
    code, _, value = stored.partition(SEPARATOR)
    return text(f"drafting.{code}", language, value=value) if code in catalogue("drafting") else stored
