"""Length as X counts it (twitter-text, configuration v3): weights of 100 and 200, addresses always 23, a limit of 280."""

import unicodedata
from typing import Final

import regex

from domain.replies import Measure
from domain.words import Visibility

POST_LIMIT: Final = 280
MESSAGE_LIMIT: Final = 10_000
LINK_LENGTH: Final = 23
LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that count one; every other counts two."""
LINK: Final = regex.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/_=&#%-]", regex.IGNORECASE)
BARE_LINK: Final = regex.compile(
    r"(?<![@A-Za-z0-9_.-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
    r"(?:[a-z]{2}|com|net|org|info|biz|app|dev|shop|store|online|site|blog|news|tokyo|page|link)(?![A-Za-z0-9-])(?:/[A-Za-z0-9\-._~/?#&=%]*)?",
    regex.IGNORECASE,
)
"""X also takes addresses without a scheme; not every ending is known here, so theirs counts 23 or what it has, whichever is more."""
EMOJI: Final = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3")


def measure_text(text: str, visibility: Visibility) -> Measure:
    """Count ``text``: weighted in public, in code points in a message."""
    if visibility is Visibility.DM:
        return Measure(length=len(text), limit=MESSAGE_LIMIT)
    text = unicodedata.normalize("NFC", text)
    rest, links = LINK.subn("\n", text)
    length = links * (LINK_LENGTH - 1)  # the line feed left in its place counts one
    for bare in BARE_LINK.findall(rest):
        length += max(0, LINK_LENGTH - len(bare))
    return Measure(length=length + sum(map(_weigh, regex.findall(r"\X", rest))), limit=POST_LIMIT)


def has_link(text: str) -> bool:
    """Tell whether ``text`` holds an address: such a post costs more."""
    return bool(LINK.search(text) or BARE_LINK.search(text))


def drop_links(text: str) -> str:
    """Return ``text`` with each address as one mark: X rewrites them."""
    return str(BARE_LINK.sub("\x00", LINK.sub("\x00", text)))


def _weigh(grapheme: str) -> int:
    """Count one character as people see it: an emoji is two, however many code points it takes."""
    if EMOJI.search(grapheme):
        return 2
    return sum(1 if any(low <= ord(sign) <= high for low, high in LIGHT) else 2 for sign in grapheme)
