"""Which comments still stand: asked for by their ids; a reply that this does not bring is looked for in its thread.

Google's reference does not say that ``comments.list`` finds replies by their ids, so an absence there proves nothing for them.
"""

from collections.abc import Iterable, Sequence

from domain.errors import ChannelError
from listener.channels.youtube import wire
from listener.channels.youtube.account import IDS_AT_ONCE
from listener.channels.youtube.client import Client

UNREADABLE = frozenset({"gone", "comments_disabled"})
UNTOLD = frozenset({"refused", "replies_not_allowed", "page_lost", "processing_failed"})
"""Refusals that say nothing about whether a comment stands."""
PAGES = 10
"""Of one thread: a thousand replies. What is not found among so many is taken to stand."""


def find_standing(client: Client, ids: Iterable[str], *, thread_id: str = "") -> frozenset[str]:
    """Return those of ``ids`` that can still be read, by us or by anybody. ``thread_id``: where they stand, if that is known."""
    asked = [one for one in ids if one and "," not in one]  # a comma would make two of it
    there: set[str] = set()
    for start in range(0, len(asked), IDS_AT_ONCE):
        there |= _ask_by_ids(client, asked[start : start + IDS_AT_ONCE])
    missing: dict[str, set[str]] = {}
    for one in asked:
        root = thread_id or one.partition(".")[0]  # a reply's id begins with its thread's
        if one not in there and root != one:
            missing.setdefault(root, set()).add(one)
    for root, replies in missing.items():
        there |= _look_in_thread(client, root, replies)
    return frozenset(there)


def _ask_by_ids(client: Client, ids: Sequence[str]) -> set[str]:
    """Ask for at most 50. One comment that makes YouTube refuse the question must not hide the others."""
    try:
        found = client.list("comments", part="id", id=",".join(ids))
    except ChannelError as error:
        if error.code not in UNREADABLE | UNTOLD:
            raise
        if len(ids) > 1:
            half = len(ids) // 2
            return _ask_by_ids(client, ids[:half]) | _ask_by_ids(client, ids[half:])
        return set() if error.code in UNREADABLE else set(ids)  # refused: not told, so nothing is taken away
    return {wire.text(item, "id") for item in found.items} & set(ids)


def _look_in_thread(client: Client, root: str, replies: set[str]) -> set[str]:
    """Return those of ``replies`` that stand in the thread of ``root``, or of which that cannot be told."""
    there: set[str] = set()
    page: dict[str, str] = {}
    for _ in range(PAGES):
        try:
            found = client.list("comments", part="id", parentId=root, maxResults=100, **page)
        except ChannelError as error:
            if error.code not in UNREADABLE | UNTOLD:
                raise
            return there if error.code in UNREADABLE else replies
        there |= {wire.text(item, "id") for item in found.items} & replies
        if there == replies or not found.next_page:
            return there
        page = {"pageToken": found.next_page}
    return replies
