"""May a text teach a model? The one rule, asked when a person's label is recorded and again when it is read to learn from.

X forbids training on its content (its developer agreement, "Restrictions on use"), however the text reached us: by its own
channel, in an exported file, through another platform that quotes its address, or with a link to it among its words. The word
"twitter" in a text says nothing: people write about X everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote

ORIGIN: Final = "origin"
"""Key of ``platform_data`` under which intake notes what a file told of a row's origin."""
FROM_X: Final = "x"

UNTEACHING_KINDS: Final = frozenset({"x", "xexport", "エックス"})
"""Platforms whose texts never teach, as whole words of a name; and, as parts of one:"""
UNTEACHING_PARTS: Final = ("twitter", "tweet", "ツイッター", "ツイート")

_MIRRORS: Final = (
    "fxtwitter.com", "vxtwitter.com", "fixupx.com", "fixvx.com", "twittpr.com", "xcancel.com", "twiiit.com", "twstalker.com",
    "sotwe.com", "twilog.org", "twilog.togetter.com", "togetter.com", "threadreaderapp.com", "rattibha.com", "bird.makeup",
)  # fmt: skip
"""Sites whose pages are other people's posts on X; besides every host with "nitter" in its name."""
_HOSTS: Final = "|".join(re.escape(host) for host in ("x.com", "twitter.com", "t.co", "twimg.com", *_MIRRORS))
_HOST = re.compile(
    rf"(?<![a-z0-9-])(?:{_HOSTS}|(?:[a-z0-9-]+\.)*[a-z0-9-]*nitter[a-z0-9-]*\.[a-z0-9.-]*[a-z])(?!\.?[a-z0-9-])"
)
_WORDS = re.compile(r"[\W_]+")

_OF_X_ALONE: Final = frozenset(
    {"post", "posts", "id", "url", "link", "permalink", "handle", "user", "username", "account", "name"}
)
"""A column ``x_id`` or ``X post link`` tells of X; one called ``x`` may be a coordinate."""
_OF_X_ALONE_JA: Final = ("ポスト", "投稿", "アカウント", "ユーザー")
_SOURCES: Final = frozenset(
    {
        "source", "client", "via", "app", "platform", "channel", "network", "site", "media", "sns", "service", "provider", "origin",
        "ソース", "投稿元", "クライアント", "アプリ", "媒体", "チャネル", "プラットフォーム", "サイト", "サービス", "取得元",
    }
)  # fmt: skip
"""Words of a column's name that say that its cells name where a row is from."""
_AFTER_X: Final = frozenset(
    {"for", "web", "app", "pro", "lite", "formerly", "旧", "post", "posts", "com", "dm", "reply"}
)
_LIKELY: Final = frozenset(
    {
        "id str", "full text", "screen name", "in reply to status id", "in reply to user id", "in reply to screen name",
        "favorite count", "possibly sensitive", "quote count", "public metrics", "edit history", "status id", "reposts",
        "repost count", "detail expands", "permalink clicks", "ポスト本文", "リポスト", "リポスト数",
    }
)  # fmt: skip
"""Columns that X's exports and its API have and others may have, too: a sign only beside an id of X's shape."""
_SNOWFLAKE = re.compile(r"[1-9][0-9]{14,19}")
_SNOWFLAKES_BEGAN: Final = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
_SAME_DAY: Final = timedelta(hours=26)
"""Between the moment in an id and a row's own time: a file rarely says its time zone."""


def may_train(*, kind: str, account: str, addresses: Iterable[str], texts: Iterable[str] = ()) -> bool:
    """Tell whether a post may teach, as far as its origin says.

    ``kind`` is the channel's platform, ``account`` our name for it (an import account called ``x-export`` says where its rows
    come from), ``addresses`` whatever points at the post or its author: URLs, external ids; ``texts`` its words, in which a link
    to X is enough. A doubt counts as no.
    """
    if is_named_for_x(f"{kind} {account}"):
        return False
    return not (any(map(_is_on_x, addresses)) or any(map(has_link_to_x, texts)))


def is_named_for_x(name: str) -> bool:
    """Tell whether the name of an account or a file says that what is in it comes from X."""
    plain = _plain(name)
    return any(part in plain for part in UNTEACHING_PARTS) or not UNTEACHING_KINDS.isdisjoint(_WORDS.split(plain))


def is_column_of_x(name: str) -> bool:
    """Tell whether a column of that name holds something about posts on X (``Tweet permalink``, ``x_id``)."""
    plain = _plain(name)
    if any(part in plain for part in UNTEACHING_PARTS):
        return True
    first, *rest = [word for word in _WORDS.split(plain) if word] or [""]
    after_x = first == "x" and (
        not _OF_X_ALONE.isdisjoint(rest) or any(word.startswith(_OF_X_ALONE_JA) for word in rest)
    )
    return after_x or (first.startswith("x") and first[1:].startswith(_OF_X_ALONE_JA))


def is_likely_column_of_x(name: str) -> bool:
    """Tell whether X's exports have such a column; others may, too."""
    return " ".join(word for word in _WORDS.split(_plain(name)) if word) in _LIKELY


def tells_of_x(column: str, cell: str) -> bool:
    """Tell whether one cell says that its row comes from X: a link, or the name of X where a column names the source."""
    if has_link_to_x(cell):
        return True
    if _SOURCES.isdisjoint(_WORDS.split(_plain(column))):
        return False
    plain = _plain(cell)
    first, second = [*(word for word in _WORDS.split(plain) if word), "", ""][:2]
    named = first == "x" and (not second or second in _AFTER_X or any(part in second for part in UNTEACHING_PARTS))
    return named or first == "エックス" or any(part in plain for part in UNTEACHING_PARTS)


def has_link_to_x(text: str) -> bool:
    """Tell whether an address on X or on a mirror of it stands in ``text``."""
    said = unicodedata.normalize("NFKC", text).lower()
    return _HOST.search(said) is not None or ("%" in said and _HOST.search(_plain(unquote(said))) is not None)


def has_shape_of_x(external_id: str) -> bool:
    """Tell whether an id has the shape of X's: 15 to 20 digits. Other platforms have such ids, too."""
    return _SNOWFLAKE.fullmatch(_plain(external_id)) is not None


def is_made_when_x_says(external_id: str, moment: datetime) -> bool:
    """Tell whether an id of X's shape, read as X writes it, names the day of ``moment``: hardly chance."""
    if not has_shape_of_x(external_id):
        return False
    since = timedelta(milliseconds=int(_plain(external_id)) >> 22)
    return since > _SAME_DAY and abs(moment - _SNOWFLAKES_BEGAN - since) < _SAME_DAY


def _is_on_x(address: str) -> bool:
    return has_link_to_x(address) or _plain(unquote(address)).split(":", 1)[0] in {"x", "twitter"}


def _plain(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip().lower()
