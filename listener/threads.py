"""Which conversation each arriving post belongs to: the platform's thread, else what its parents and answers tell."""

from collections.abc import Mapping, Sequence

from domain.cleaning import ID_LIMIT, clean_id
from domain.ids import ChannelAccountId
from domain.mentions import IncomingMention
from domain.words import MentionKind
from storage.database import Transaction
from storage.known_threads import find_threads, find_threads_below

ROOT_AUTHOR = "root_author"
"""Key of ``platform_data``: id of the author of the thread's root. When that is us (comments under our own announcement), each
person who writes there is a case of their own, since each waits for an answer."""


class Threads:
    """The threads of one page of one account.

    A post joins its parent's thread; where nobody has seen the parent (deleted, or not for us), that of the answers to it which
    came before it; else the thread is named after the parent, so that its answers hold together. Two cases that both exist
    are never put together: people may be at work on either.
    """

    def __init__(
        self,
        tx: Transaction,
        account_id: ChannelAccountId,
        *,
        own_external_id: str,
        arriving: Mapping[str, IncomingMention],
        own: Sequence[IncomingMention],
    ) -> None:
        self._own_external_id = own_external_id
        self._arriving = {**{clean_id(post.external_id, ID_LIMIT): post for post in own}, **arriving}
        unthreaded = [name for name, post in self._arriving.items() if not _has_thread(post)]
        parents = {_parent(self._arriving[name]) for name in unthreaded} - {"", *self._arriving}
        self._known = find_threads(tx, account_id, sorted(parents))
        below = find_threads_below(tx, account_id, unthreaded)
        self._below: dict[str, str] = {}
        """By the top of a chain in this page: the thread of answers to any post of the chain that are stored."""
        for name in sorted(below):
            self._below.setdefault(self._top(name), below[name])

    def of(self, mention: IncomingMention) -> str:
        """Return the key of the conversation."""
        root = self._root(mention)
        ours = mention.platform_data.get(ROOT_AUTHOR) == self._own_external_id != ""
        return clean_id(f"{root}#{mention.author.external_id}", ID_LIMIT) if ours else root

    def _root(self, mention: IncomingMention) -> str:
        name = self._top(clean_id(mention.external_id, ID_LIMIT), mention)
        top = self._arriving.get(name, mention)
        parent = _parent(top)
        if top.thread_external_id:
            return clean_id(top.thread_external_id, ID_LIMIT)
        if top.kind is MentionKind.MESSAGE:
            return clean_id(f"dm:{top.author.external_id}", ID_LIMIT)
        if parent in self._known:
            return self._known[parent]
        return self._below.get(name) or (parent if parent not in self._arriving else "") or name

    def _top(self, name: str, mention: IncomingMention | None = None) -> str:
        """Return the post of this page where the chain of parents ends. Of a ring it is the least id: the same for all in it."""
        path = [name]
        post = self._arriving.get(name, mention)
        while post is not None and not _has_thread(post):
            parent = _parent(post)
            if parent in path:
                return min(path[path.index(parent) :])
            if parent not in self._arriving:
                break
            path.append(parent)
            post = self._arriving[parent]
        return path[-1]


def _has_thread(post: IncomingMention) -> bool:
    return bool(post.thread_external_id) or post.kind is MentionKind.MESSAGE


def _parent(post: IncomingMention) -> str:
    return clean_id(post.parent_external_id, ID_LIMIT)
