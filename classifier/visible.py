"""A text as its reader sees it: without what cannot be seen, and letters borrowed from another script read as what they look like.

Both hide words from whoever looks for them ("hos" and "pital" with a null byte between, "bаttery" with a Cyrillic а), so the model,
the word lists and the detection of languages all read texts through here.
"""

import re
from typing import Final

# Controls but white space, soft hyphens, joiners, direction marks, fillers, halves of characters, variation selectors, tags.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_BORROWED: Final = {
    "a": "\u0430\u03b1",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435\u0451",
    "h": "\u04bb\u0570",
    "i": "\u0456\u03b9",
    "j": "\u0458\u03f3",
    "k": "\u043a\u03ba",
    "l": "\u04cf",
    "m": "\u043c",
    "n": "\u03b7\u0578",
    "o": "\u043e\u03bf\u0585",
    "p": "\u0440\u03c1",
    "q": "\u051b",
    "r": "\u0433",
    "s": "\u0455",
    "t": "\u0442\u03c4",
    "u": "\u03c5\u057d",
    "v": "\u03bd\u0475",
    "w": "\u051d\u0461\u03c9",
    "x": "\u0445\u03c7",
    "y": "\u0443\u03b3",
    "A": "\u0410\u0391",
    "B": "\u0412\u0392",
    "C": "\u0421\u03f9",
    "E": "\u0415\u0395",
    "H": "\u041d\u0397",
    "I": "\u0406\u0399\u04c0",
    "J": "\u0408",
    "K": "\u041a\u039a",
    "M": "\u041c\u039c",
    "N": "\u039d",
    "O": "\u041e\u039f",
    "P": "\u0420\u03a1",
    "S": "\u0405",
    "T": "\u0422\u03a4",
    "X": "\u0425\u03a7",
    "Y": "\u04ae\u03a5",
    "Z": "\u0396",
}
_AS_SEEN: Final = {ord(borrowed): letter for letter, many in _BORROWED.items() for borrowed in many}
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0531-\u0587]")
_SUSPECT = re.compile(f"{_UNSEEN.pattern[:-2]}{_FOREIGN.pattern[1:]}")
# A Latin letter and a foreign one in one word: no language writes so.
_MIXED = re.compile(
    "[A-Za-z]+[\u0370-\u03ff\u0400-\u052f\u0531-\u0587][A-Za-z\u0370-\u03ff\u0400-\u052f\u0531-\u0587]*"
)
_MIXED_BEGUN = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0531-\u0587]+[A-Za-z][A-Za-z\u0370-\u03ff\u0400-\u052f\u0531-\u0587]*"
)


def show(text: str) -> str:
    """Return ``text`` as it is seen. White space stays; words that mix Latin letters with look-alikes become Latin. Never raises."""
    if text.isascii() and text.isprintable():
        return text
    if not _SUSPECT.search(text):
        return text
    seen = _UNSEEN.sub("", text)
    if _FOREIGN.search(seen):
        seen = _MIXED_BEGUN.sub(_fold, _MIXED.sub(_fold, seen))
    return seen


def has_address(seen: str) -> bool:
    """Tell whether there may be a link, a mail address or a handle in ``seen``, which most posts lack: looking for them takes time."""
    return "@" in seen or "://" in seen or "www." in seen.lower()


def _fold(word: re.Match[str]) -> str:
    return word[0].translate(_AS_SEEN)
