"""May a text teach a model? The one rule, asked when a person's label is recorded and again when it is read to learn from.

X forbids training on its content (its developer agreement, "Restrictions on use"), however the text reached us: by its own
channel, in an exported file, or through another platform that quotes its address.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

UNTEACHING_KINDS: Final = frozenset({"x", "xexport", "エックス"})
"""Platforms whose texts never teach, as whole words of a name; and, as parts of one:"""
UNTEACHING_PARTS: Final = ("twitter", "tweet", "ツイッター", "ツイート")

_HOST = re.compile(
    r"(?:^|[/@.\s\\])(?:x\.com|twitter\.com|t\.co|twimg\.com|fxtwitter\.com|vxtwitter\.com|fixupx\.com|nitter\.net)\.?(?=$|[/:?#%\s\\])"
)
_NAME = re.compile(r"[\W_]+")


def may_train(*, kind: str, account: str, addresses: Iterable[str]) -> bool:
    """Tell whether a post may teach, as far as its origin says.

    ``kind`` is the channel's platform, ``account`` our name for it (an import account called ``x-export`` says where its rows
    come from), ``addresses`` whatever points at the post or its author: URLs, external ids. A doubt counts as no.
    """
    name = f"{kind} {unicodedata.normalize('NFKC', account)}".lower()
    if any(part in name for part in UNTEACHING_PARTS) or not UNTEACHING_KINDS.isdisjoint(_NAME.split(name)):
        return False
    return not any(map(_is_on_x, addresses))


def _is_on_x(address: str) -> bool:
    said = unicodedata.normalize("NFKC", unquote(address)).strip().lower()
    return _HOST.search(said) is not None or said.split(":", 1)[0] in {"x", "twitter"}
