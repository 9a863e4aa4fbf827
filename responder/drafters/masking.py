"""Names, handles, numbers, addresses and links are replaced before a text goes to a language model, and put back afterwards."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from responder.checks.privacy import CARD, SHOWN

_PLACE: Final = re.compile(r"\[([A-Z]{3,8}_\d{1,3})\]")
_SPLIT: Final = re.compile(r"(\[[A-Z]{3,8}_\d{1,3}\])")
_HALF: Final = re.compile(r"\[[A-Z_0-9]*$")
_LOOKALIKE: Final = re.compile(r"\[(\s*[A-Za-z]+_\d+\s*)\]")
_LINK: Final = re.compile(
    r"(?:https?://|www\.)[^\s、。「」<>()（）]+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|jp|io|co|app|social|example|test)\b\S*",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"@[A-Za-z0-9_](?:[\w.\-]*\w)?", re.ASCII)
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,4}[-#]?[0-9](?:[ \-()]?[0-9]){3,}")
_ACCOUNT: Final = re.compile(
    r"(?<=line id)[:： ]*[\w.\-]{4,40}|(?<=ラインID)[はが:： ]*[A-Za-z][\w.\-]{3,40}", re.IGNORECASE
)
_KINDS: Final = (
    ("LINK", (_LINK,)),
    ("DETAIL", (*SHOWN, CARD)),
    ("HANDLE", (_HANDLE,)),
    ("NUMBER", (_NUMBER, _ACCOUNT)),
)
LEAST_NAME: Final = 2
"""Characters; a shorter name would take letters out of other words."""


class Mask:
    """The replacements of one case: what is hidden once is hidden the same way everywhere."""

    def __init__(self, names: Iterable[str] = (), *, active: bool = True) -> None:
        self._active = active
        self._place_of: dict[str, str] = {}
        self._hidden: dict[str, str] = {}
        if active:
            for name in sorted({_plain(name).strip() for name in names}, key=len, reverse=True):
                if len(name) >= LEAST_NAME:
                    self._hide(name, "NAME")

    def hide_post(self, text: str) -> str:
        """Return what somebody wrote, without anything that tells who or where they are. Look-alikes of our marks are undone."""
        plain = _LOOKALIKE.sub(r"(\1)", _plain(text))
        if not self._active:
            return plain
        plain = self.hide_known(plain)
        for kind, patterns in _KINDS:
            for pattern in patterns:
                plain = _outside_marks(plain, partial(self._hide_all, pattern=pattern, kind=kind))
        return plain

    def hide_known(self, text: str) -> str:
        """Return a text of ours with whatever was hidden before hidden here too; its own facts stay."""
        for value in sorted(self._place_of, key=len, reverse=True):
            text = _outside_marks(text, partial(self._hide_all, pattern=_word(value), kind="NAME"))
        return text

    def hide_own(self, text: str) -> str:
        """Return a text of ours without what was hidden before, and always without its links: one may be signed for one person."""
        return _outside_marks(self.hide_known(text), partial(self._hide_all, pattern=_LINK, kind="LINK"))

    def restore(self, text: str, *, allowed: frozenset[str]) -> str | None:
        """Return ``text`` with the marks in ``allowed`` put back; None when it carries any other."""
        if any(mark.group(1) not in allowed for mark in _PLACE.finditer(text)):
            return None
        return _PLACE.sub(lambda mark: self._hidden[mark.group(1)], text)

    def show(self, text: str, *, allowed: frozenset[str]) -> str:
        """Return an unfinished ``text`` for people to read: known marks put back, one that is half written left out."""
        whole = _HALF.sub("", text)
        return _PLACE.sub(lambda mark: self._hidden[mark.group(1)] if mark.group(1) in allowed else "…", whole)

    def _hide_all(self, text: str, *, pattern: re.Pattern[str], kind: str) -> str:
        return pattern.sub(lambda found: self._hide(found.group(), kind), text)

    def _hide(self, value: str, kind: str) -> str:
        if value not in self._place_of:
            mark = f"{kind}_{len(self._place_of) + 1}"
            self._place_of[value] = f"[{mark}]"
            self._hidden[mark] = value
        return self._place_of[value]


def links_in(text: str) -> frozenset[str]:
    """Return the marks of links that stand in a hidden text."""
    return frozenset(mark for mark in marks_in(text) if mark.startswith("LINK_"))


def marks_in(text: str) -> frozenset[str]:
    """Return the marks that stand in a hidden text."""
    return frozenset(mark.group(1) for mark in _PLACE.finditer(text))


def _word(value: str) -> re.Pattern[str]:
    """Match ``value``, a Latin one only as a word of its own: Em must not be found in them."""
    edge = r"(?<![A-Za-z0-9])" if value[0].isascii() and value[0].isalnum() else ""
    end = r"(?![A-Za-z0-9])" if value[-1].isascii() and value[-1].isalnum() else ""
    return re.compile(f"{edge}{re.escape(value)}{end}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _outside_marks(text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` changed everywhere but within marks."""
    parts = _SPLIT.split(text)
    return "".join(part if _PLACE.fullmatch(part) else change(part) for part in parts)
