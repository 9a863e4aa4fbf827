"""May a text teach a model? The one rule, asked when a person's label is recorded and again when it is read to learn from.

X forbids training on its content (its developer agreement, "Restrictions on use"), however the text reached us: by its own
channel, in an exported file, or through another platform that quotes its address.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

UNTEACHING_KINDS: Final = frozenset({"x", "twitter", "tweet", "tweets", "xexport", "ツイッター", "ツイート"})
"""Platforms whose texts never teach."""

_HOST = re.compile(
    r"(?:^|[/@.\s\\])(?:x\.com|twitter\.com|t\.co|twimg\.com|fxtwitter\.com|vxtwitter\.com|fixupx\.com|nitter\.net)\.?(?=$|[/:?#%\s\\])"
)
_NAME = re.compile(r"[\W_]+")


def may_train(*, kind: str, account: str, addresses: Iterable[str]) -> bool:
    """Tell whether a post may teach, as far as its origin says.

    ``kind`` is the channel's platform, ``account`` our name for it (an import account called ``x-export`` says where its rows
    come from), ``addresses`` whatever points at the post or its author: URLs, external ids. A doubt counts as no.
    """
    named = {kind.lower(), *_NAME.split(unicodedata.normalize("NFKC", account).lower())}
    return named.isdisjoint(UNTEACHING_KINDS) and not any(map(_is_on_x, addresses))


def _is_on_x(address: str) -> bool:
    said = unicodedata.normalize("NFKC", address).strip().lower()
    return _HOST.search(said) is not None or said.split(":", 1)[0] in UNTEACHING_KINDS
