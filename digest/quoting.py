"""Quoting customers in a mail: hostile text made harmless, short, and free of what could identify somebody."""

import unicodedata

import regex

MASK = "***"
LOOKED_AT = 1000
"""Characters; what comes after is never quoted, so it need not be masked."""
QUOTED_GRAPHEMES = 120

# Texts come as they were written, so full-width letters, digits and signs count like plain ones.
MAIL = regex.compile(r"[\w.+%．＋－-]{1,64}[@＠][\w－-]{1,63}(?:[.．][\w－-]{1,63}){1,8}")
LINK = regex.compile(r"(?:https?\s?[:：][/／]{2}|www[.．])[^\s<>\"'「」（）。、]+", regex.IGNORECASE)
# Ten to nineteen digits, with the signs people put between them: phone numbers, cards, accounts.
LONG_NUMBER = regex.compile(r"(?<!\d)[+＋]?[(（]?\d(?:[\s()（）/／.．·・‐‑‒–—―ー−－-]{0,2}\d){9,18}(?!\d)")
INTERNATIONAL = regex.compile(r"(?<!\d)[+＋]\d(?:[\s()（）.．－-]{0,2}\d){6,18}(?!\d)")
POSTCODE = regex.compile(r"〒\s?\d{3}[‐‑‒–—−ー－-]?\d{4}")
INVISIBLE = {"Cc", "Cs", "Co"}
BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def mask_personal_data(text: str, *, link_word: str) -> str:
    """Replace mail addresses, phone numbers, card-like numbers and postcodes by ``***``, and links by ``link_word``.

    It rather masks a long order number than show a phone number.
    """
    text = LINK.sub(link_word, text)
    for pattern in (MAIL, POSTCODE, INTERNATIONAL, LONG_NUMBER):
        text = pattern.sub(MASK, text)
    return text


def quote(text: str, *, link_word: str) -> str:
    """Return one short harmless line of ``text``: no control signs, masked, at most 120 graphemes."""
    plain = "".join(" " if sign in "\r\n\t\v\f" else sign for sign in text[:LOOKED_AT] if _is_shown(sign))
    masked = mask_personal_data(" ".join(plain.split()), link_word=link_word)
    graphemes = regex.findall(r"\X", masked)
    cut = len(graphemes) > QUOTED_GRAPHEMES or len(text) > LOOKED_AT
    return "".join(graphemes[:QUOTED_GRAPHEMES]).rstrip() + ("…" if cut else "")


def _is_shown(sign: str) -> bool:
    return sign in "\r\n\t\v\f" or (sign not in BIDI and unicodedata.category(sign) not in INVISIBLE)
