"""Posts are hostile text: made storable and readable once, here, before anything else reads them; ids and addresses in
``domain.cleaning``.

Two forms are kept. The *original* is the post as received, except that null bytes and lone surrogates, which no database takes,
become U+FFFD. The *text*, which every stage reads, is NFKC, has no control characters but newline and tab, no invisible marks
that reorder what is shown (bidirectional embeddings, overrides and isolates), at most 30 combining marks in a row (the bound of
Unicode's stream-safe format, UAX 15), and at most ``TEXT_LIMIT`` characters: a longer post is cut and ends in "…".
"""

import re
import unicodedata
from datetime import UTC, datetime

import regex

from domain.cleaning import clean_original
from domain.errors import require_aware

TEXT_LIMIT = 20_000
"""Characters kept in the text. The longest posts of any platform we read (a Reddit self post) are 40,000; care needs the
beginning, and the original keeps the rest."""

READ_LIMIT = 3 * TEXT_LIMIT
"""Characters of the original looked at: NFKC can shorten, e.g. kana with a separate sound mark."""

NAME_LIMIT = 200

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_PILED_MARKS = regex.compile(r"(\p{M}{30})\p{M}+")


def clean_text(original: str) -> str:
    """Return the form of a cleaned original that every stage reads."""
    head = _PILED_MARKS.sub(r"\1", original[:READ_LIMIT])
    plain = _LINE_ENDS.sub("\n", unicodedata.normalize("NFKC", head))
    plain = _UNSEEN.sub("", plain).strip()
    if len(plain) > TEXT_LIMIT or len(original) > READ_LIMIT:
        plain = plain[: TEXT_LIMIT - 1].rstrip() + "…"
    return plain


def clean_name(received: str) -> str:
    """Return a handle or display name as one line of at most ``NAME_LIMIT`` characters. Not NFKC: names are shown as chosen."""
    head = _PILED_MARKS.sub(r"\1", clean_original(received[: 4 * NAME_LIMIT]))
    return " ".join(_UNSEEN.sub("", head).split())[:NAME_LIMIT]


def clean_moment(received: datetime, *, now: datetime) -> datetime:
    """Return a platform's time in UTC; ``now`` when no calendar holds it. A time without zone is taken as UTC."""
    aware = received.replace(tzinfo=UTC) if received.tzinfo is None else received
    try:
        return require_aware(aware).astimezone(UTC)
    except OverflowError:
        return now
