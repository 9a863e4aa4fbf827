"""Reading of the responder's word lists (``config/playbooks/words/*.toml``)."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_words(name: str) -> dict[str, Any]:
    """Return one shipped list as its file's tables; callers turn it into types of their own."""
    file = files("config") / "playbooks" / "words" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
