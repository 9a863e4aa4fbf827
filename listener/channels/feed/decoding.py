"""A feed's bytes as text, made harmless. Declared encodings are believed when they fit; Japanese ones are recognised undeclared."""

import codecs
import re
import sys
from collections.abc import Sequence

from domain.errors import PermanentError, RetryableError

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
TEXT_ENCODING = re.compile(
    r"(x-)?(utf|iso|windows|cp|ms|shift|sjis|s-jis|euc|gb|big5|koi8|us-ascii|ascii|latin|tis|macintosh)", re.IGNORECASE
)
"""Python knows codecs that are no encodings of documents, and slow ones."""
AS_WRITTEN = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "cp943c"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp", "eucjp", "eucjp-ms", "cp51932"), "euc_jis_2004"),
    "iso-2022-jp": "iso2022_jp_ext",
}
"""What is meant in practice: Windows wrote more signs into these than their standards hold."""
WEAK = frozenset({"iso8859-1", "cp1252", "ascii"})
"""Claimed by servers that never looked; UTF-8 is tried first."""
KANA = re.compile("[\u3040-\u30ff]")
ESCAPE = b"\x1b$"

NUMBERED = re.compile(r"&#([0-9]{7,40}|[xX][0-9a-fA-F]{6,40});?")
TAG = re.compile(r"<!\[CDATA\[|<!--|<\?|<!|</?[A-Za-z][\w:.-]*|/>")
LONG = {
    "<![CDATA[": re.compile(r"\]\]>"),
    "<!--": re.compile(r"--\s{0,9}>"),
    "<?": re.compile(">"),
    "<!": re.compile(">"),
}
"""Where these end for the more forgiving of feedparser's two parsers, which is never later than for the other."""
BEFORE_DOCTYPE = re.compile(r"\ufeff|\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
DOCTYPE = re.compile("<!DOCTYPE", re.IGNORECASE)
ENTRIES = frozenset({"item", "entry"})
SIGNATURES = frozenset({"author", "creator", "managingeditor", "webmaster", "publisher", "owner", "name"})
"""Elements in whose text feedparser looks for a mail address, in a time that grows with the square of its length."""
LONGEST_SIGNATURE, SIGNED_LENGTH = 1_000, 300
"""Characters: a signature with more of them, markup included, is cut down to so many of its text."""
MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>|<[^<>]*$")
UNFINISHED = re.compile(r"&[^&;]{0,20}$")
REST_OF_TAG = re.compile(r"""(?:[^'"<>]|"[^"]{0,500}"|'[^']{0,500}')*>""")
DEEPEST = 2_000
MOST_ENTRIES = 3_000
ROOT = re.compile(r"<(?:[\w-]{1,20}:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
ROOT_END = re.compile(r"</(?:[\w-]{1,20}:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
HEAD_CHARACTERS, TAIL_CHARACTERS = 20_000, 2_000


def decode_document(body: bytes, content_type: str) -> str:
    """Return ``body`` as text. Never raises: bytes that fit nowhere become U+FFFD."""
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    if body[:2] in {b"<\0", b"\0<"}:
        return body.decode("utf-16-le" if body[:1] == b"<" else "utf-16-be", "replace")
    declared = DECLARED.match(body[:1000])
    said = CHARSET.search(content_type)
    claims = [declared.group(1).decode() if declared else "", said.group(1) if said else ""]
    encodings = [encoding for claim in claims if (encoding := _python_name(claim))]
    strong = [encoding for encoding in encodings if encoding not in WEAK]
    weak = [encoding for encoding in encodings if encoding in WEAK]
    guesses = ["iso2022_jp_ext"] if ESCAPE in body else []
    for encoding in (*strong, *guesses, "utf-8", *weak):
        if (text := _decode(body, encoding)) is not None:
            return text
    japanese = [text for name in ("cp932", "euc_jis_2004") if (text := _decode(body, name)) is not None]
    # Either often reads as the other, and Western text as both, but only the right one is full of kana.
    likely = max(japanese, key=lambda text: len(KANA.findall(text)), default="")
    return likely if KANA.search(likely) else body.decode(strong[0] if strong else "cp1252", "replace")


def disarm(text: str, shown: str) -> str:
    """Return a document without its DOCTYPE: entities declared there could unfold without end or name files.

    Raises ``PermanentError`` for a page that is no feed, and for shapes that would keep the parser busy for minutes;
    ``RetryableError`` for a torn document.
    """
    text = _without_doctype(text)
    if not ROOT.search(text[:HEAD_CHARACTERS]):
        raise not_a_feed(shown)
    text = _cut_signatures(text, _check_shape(text, shown))
    if not ROOT_END.search(text[-TAIL_CHARACTERS:]):
        raise RetryableError(f"{shown} breaks off in the middle.", code="torn")
    return NUMBERED.sub(_keep_character, text)


def _keep_character(reference: re.Match[str]) -> str:
    """Return a reference to a character that there is; U+FFFD for a number beyond all, at which feedparser would fail."""
    digits = reference.group(1).lower()
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    return reference.group() if number <= sys.maxunicode else "\ufffd"


def not_a_feed(shown: str) -> PermanentError:
    """Return the error for a page of another kind."""
    return PermanentError(
        f"What stands at {shown} is no RSS or Atom feed.",
        code="not_a_feed",
        remedy="Open the site and look for its feed's address.",
    )


def _check_shape(text: str, shown: str) -> list[tuple[int, int]]:
    """Return where the too long signatures begin and end. Raises ``PermanentError`` for shapes that are not read."""
    depth = entries = position = 0
    opened: dict[str, list[tuple[int, int]]] = {name: [] for name in SIGNATURES}
    long: list[tuple[int, int]] = []
    while found := TAG.search(text, position):
        tag, position = found.group(), found.end()
        name = tag.strip("</>").rpartition(":")[2].lower()
        if tag in LONG:
            end = LONG[tag].search(text, position)
            position = end.end() if end else len(text)
        elif tag == "/>":
            depth = max(0, depth - 1)
        elif tag.startswith("</"):
            depth = max(0, depth - 1)
            begin, entries_before = opened[name].pop() if opened.get(name) else (position, entries)
            if found.start() - begin > LONGEST_SIGNATURE:
                if entries_before != entries:
                    raise _too_big(shown)
                long.append((begin, found.start()))
        else:
            depth += 1
            entries += name in ENTRIES
            rest = REST_OF_TAG.match(text, position) if name in SIGNATURES else None
            if rest and not rest.group().endswith("/>"):
                opened[name].append((rest.end(), entries))
        if depth > DEEPEST or entries > MOST_ENTRIES:
            raise _too_big(shown)
    return long


def _too_big(shown: str) -> PermanentError:
    return PermanentError(
        f"{shown} has more than {MOST_ENTRIES} entries, or elements within elements without end.",
        code="too_big",
        remedy="Look for a shorter feed of the same site.",
    )


def _cut_signatures(text: str, long: Sequence[tuple[int, int]]) -> str:
    """Return ``text`` with only the beginning of what is said at the places ``long``."""
    pieces, position = [], 0
    for begin, end in sorted(long, key=lambda place: (place[0], -place[1])):
        if begin < position:
            continue  # within one that is cut already
        said = MARKUP.sub(" ", text[begin : min(end, begin + LONGEST_SIGNATURE)])
        pieces += [text[position:begin], UNFINISHED.sub("", said[:SIGNED_LENGTH])]
        position = end
    return "".join((*pieces, text[position:]))


def _without_doctype(text: str) -> str:
    """Return ``text`` without the DOCTYPE that stands before its root, behind whatever comments."""
    position = 0
    while before := BEFORE_DOCTYPE.match(text, position):
        position = before.end()
    if not DOCTYPE.match(text, position):
        return text
    return text[:position] + text[_end_of_doctype(text, position) :]


def _end_of_doctype(text: str, start: int) -> int:
    """Return where the DOCTYPE at ``start`` ends: quotes and the brackets of its inner part are respected."""
    depth = 0
    position = start
    while found := re.compile(r"""["'\[\]>]|<!--""").search(text, position):
        sign, position = found.group(), found.end()
        if sign in {'"', "'", "<!--"}:
            end = text.find("-->" if sign == "<!--" else sign, position)
            position = end + 1 if end >= 0 else len(text)
        elif sign == ">" and depth <= 0:
            return position
        else:
            depth += {"[": 1, "]": -1}.get(sign, 0)
    return len(text)


def _python_name(claim: str) -> str:
    if not claim or not TEXT_ENCODING.match(claim):
        return ""
    try:
        return AS_WRITTEN.get(claim.lower()) or codecs.lookup(claim).name
    except LookupError:
        return ""


def _decode(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):
        return None
