"""What the customer wrote, without the mails it answers and without a signature: cut where certain, kept where not.

A mail is only cut when it is an answer; when something of the customer's own is left; and never when it is passed on to us
(then the older mail is what they want us to read). Answers between quoted lines keep everything: the quotes give them sense.
"""

import re
from itertools import islice
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import Tag
from bs4.exceptions import ParserRejectedMarkup

from listener.html_text import LIMIT

ANSWER: Final = re.compile(r"^\s*(?:re|aw|sv|antw|r|返信|回复|答复)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
PASSED_ON: Final = re.compile(r"^\s*(?:(?:re|返信)\s*[:：]\s*)*(?:fwd?|wg|tr|転送|转发)\s*[:：]", re.IGNORECASE)

ATTRIBUTION: Final = re.compile(
    r"^(?:"
    r"on\b.{6,300}\bwrote\s*:|"
    r"[（(]?\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}.{0,300}(?:<[^<>\s@]{1,254}@[^<>\s@]{1,254}>|さん)\s*(?:のメール|は?書きました|wrote)?\s*[:：]|"
    r"[（(]?\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}.{0,300}(?:のメール|は?書きました|からのメール|wrote)\s*[:：]"
    r")\s*$",
    re.IGNORECASE | re.DOTALL,
)
ORIGINAL: Final = re.compile(
    r"^\s*[-－_]{2,}\s*(?:original message|元のメッセージ|元のメール|original-nachricht)\s*[-－_]{2,}\s*$",
    re.IGNORECASE,
)
FIELD: Final = re.compile(
    r"^\s*\*?(from|差出人|送信元|sent|date|送信日時|日時|日付|to|宛先|cc|subject|件名)\s*[:：]\*?\s*\S?", re.IGNORECASE
)
FIELDS: Final = {"from": 0, "差出人": 0, "送信元": 0, "subject": 2, "件名": 2}
FIELD_LINES = 8
"""Lines of one block of headers at most (Outlook's)."""
SIGN_OFFS: Final = re.compile(
    r"^\s*(?:sent from my .{2,40}|(?:my\s+)?i(?:phone|pad)から送信|android(?:端末|スマートフォン)?から送信(?:されました)?|"
    r"get outlook for (?:ios|android)(?:\s*<\S+>)?|(?:ios|android)\s*版 ?outlook を入手.*|outlook for (?:ios|android) を入手.*|"
    r"yahoo!メール(?:アプリ)?から送信)\s*$",
    re.IGNORECASE,
)
SIGNATURE_LINES = 12
"""A longer text below ``-- `` is no signature."""
ATTRIBUTION_LINES = 3
"""Programs wrap the line that names the quoted mail."""

HISTORY: Final = (
    "div.gmail_quote",
    "blockquote[type=cite]",
    "div.moz-cite-prefix",
    "div.yahoo_quoted",
    "div#divRplyFwdMsg",
    "div#appendonsend",
)
MOST_QUOTES: Final = 60
AND_ALL_BELOW: Final = ("div#divRplyFwdMsg", "div#appendonsend")
"""Outlook puts the older mail beside its heading, not into it."""


def is_answer(subject: str, *, has_parent: bool) -> bool:
    """Tell whether a mail answers another and does not pass one on: only then there is history to cut."""
    return (has_parent or bool(ANSWER.match(subject))) and not PASSED_ON.match(subject)


def cut_text(text: str, *, answers: bool) -> str:
    """Return ``text`` without history (if it answers a mail) and without signature. Something is always left."""
    lines = text.split("\n")
    if answers:
        lines = _or_whole(_cut_history(lines), lines)
    return "\n".join(_or_whole(_cut_signature(lines), lines)).strip("\n")


def cut_markup(markup: str) -> str:
    """Return the markup of an answer without what mail programs mark as the older mail. Something is always left."""
    try:
        tree = BeautifulSoup(markup[:LIMIT], "html.parser")
        for element in tree.select(", ".join(AND_ALL_BELOW)):
            for below in list(element.find_next_siblings()):
                below.decompose()
        for element in tree.select(", ".join(HISTORY), limit=MOST_QUOTES):
            if not element.decomposed and not _is_followed(element):
                element.decompose()
        return str(tree) if tree.get_text(strip=True) else markup
    except (ParserRejectedMarkup, RecursionError, ValueError, AssertionError):
        return markup


def _is_followed(element: Tag) -> bool:
    """Tell whether people wrote on below a quote: then it stands between their words."""
    return any(
        not sibling.select_one(", ".join(HISTORY)) and sibling.get_text(strip=True)
        for sibling in islice(element.next_siblings, MOST_QUOTES)
        if isinstance(sibling, Tag) and not any(sibling.css.match(selector) for selector in HISTORY)
    )


def _or_whole(cut: list[str], lines: list[str]) -> list[str]:
    return cut if any(line.strip() for line in cut) else lines


def _cut_history(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if ORIGINAL.match(line) or _is_header_block(lines, number):
            return _without_rule(lines[:number])
        if length := _attribution_length(lines, number):
            # A sentence above it may begin in the same way: the heading is what begins last.
            inner = [later for later in range(number + 1, number + length) if _attribution_length(lines, later)]
            return _cut_quote(lines, inner[-1] if inner else number, number + length)
    first = next((number for number, line in enumerate(lines) if _is_quoted(line)), None)
    return _cut_quote(lines, first, first) if first is not None else lines


def _cut_quote(lines: list[str], heading: int, quote: int) -> list[str]:
    """Cut one quoted block with its heading, when it is the only one and the customer's words stand all above or all below."""
    rest = lines[quote:]
    quoted = [number for number, line in enumerate(rest) if _is_quoted(line)]
    if not quoted:
        return lines if heading == quote else lines[:heading] if not any(line.strip() for line in rest) else lines
    begin, end = quoted[0], quoted[-1]
    inside = rest[begin:end]
    if any(line.strip() and not _is_quoted(line) for line in inside) or any(line.strip() for line in rest[:begin]):
        return lines  # answers between the quotes
    above, below = lines[:heading], rest[end + 1 :]
    has_above, has_below = (any(line.strip() for line in part) for part in (above, below))
    if has_above and has_below and heading == quote:
        return lines  # a quote without heading in the middle: theirs, to make a point
    return [*above, *below]


def _attribution_length(lines: list[str], number: int) -> int:
    """Return how many lines from ``number`` on name the quoted mail ("On …, … wrote:"); 0 when they do not."""
    if not lines[number].strip() or _is_quoted(lines[number]):
        return 0
    for length in range(1, ATTRIBUTION_LINES + 1):
        wrapped = [line.strip() for line in lines[number : number + length]]
        if not all(wrapped):
            return 0
        if ATTRIBUTION.match(" ".join(wrapped)):
            return length
    return 0


def _is_header_block(lines: list[str], number: int) -> bool:
    """Tell whether an older mail's headers begin here: who, then something, then its subject."""
    first = FIELD.match(lines[number])
    if first is None or FIELDS.get(first[1].lower()) != 0:
        return False
    block = [found for line in lines[number + 1 : number + FIELD_LINES] if (found := FIELD.match(line))]
    return any(FIELDS.get(found[1].lower()) == 2 for found in block)  # noqa: PLR2004 - the subject


def _without_rule(lines: list[str]) -> list[str]:
    """Drop the line that programs draw above the older mail."""
    while lines and (not lines[-1].strip() or re.fullmatch(r"\s*[_＿-]{5,}\s*", lines[-1])):
        lines = lines[:-1]
    return lines


def _cut_signature(lines: list[str]) -> list[str]:
    marks = [number for number, line in enumerate(lines) if line == "-- "]
    if marks and len(lines) - marks[-1] <= SIGNATURE_LINES + 1:
        lines = lines[: marks[-1]]
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept[:-1] if kept and SIGN_OFFS.match(kept[-1]) else kept


def _is_quoted(line: str) -> bool:
    return line.lstrip(" ").startswith((">", "＞"))
