"""Words that a short English text contains: the language of a post, and of our own reply, is told by them where there is little else."""

from functools import cache
from importlib.resources import files


@cache
def common_english() -> frozenset[str]:
    """Return them in lower case, with straight apostrophes."""
    return frozenset((files("config") / "common_english.txt").read_text(encoding="utf-8").split())
