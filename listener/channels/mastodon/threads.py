"""Which thread a status belongs to: it names its parent only, so the root is asked for, once for each thread."""

import threading
from collections import OrderedDict
from urllib.parse import quote

import structlog

from domain.errors import ChannelError
from listener.channels.mastodon import wire
from listener.channels.mastodon.client import Client
from listener.channels.mastodon.reading import Root

log = structlog.get_logger(__name__)

REMEMBERED = 2_000
OF_EVERY_REQUEST = frozenset({"rate_limited", "token_refused", "missing_scope"})
"""Refusals that are not about one thread: the poll has to stop for them."""


class Threads:
    """Roots of statuses; those found lately are remembered. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._roots: OrderedDict[str, Root] = OrderedDict()

    def find_root(self, status: object) -> Root:
        """Return the root of the thread of ``status``; its parent when nothing further up can be read.

        A thread that cannot be read never holds up the mentions. Raises only for ``OF_EVERY_REQUEST``.
        """
        status_id = wire.text(status, "id")
        parent_id = wire.text(status, "in_reply_to_id")
        if not parent_id:
            root = Root(status_id=status_id, author_id=wire.text(status, "account", "id"))
        else:
            try:
                root = self._recall(parent_id) or self._ask(status_id) or self._parent(status)
            except ChannelError as error:
                if error.code in OF_EVERY_REQUEST:
                    raise
                log.warning("thread_not_read", status=status_id, code=error.code)
                return self._parent(status)  # not remembered: the next answer in the thread asks again
        self._remember(status_id, root)
        return root

    def _ask(self, status_id: str) -> Root | None:
        context = self._client.ask(lambda api: api.status_context(quote(status_id, safe="")))
        ancestors = wire.items(context, "ancestors")
        if not ancestors or not wire.text(ancestors[0], "id"):
            return None
        root = Root(status_id=wire.text(ancestors[0], "id"), author_id=wire.text(ancestors[0], "account", "id"))
        for ancestor in ancestors:
            self._remember(wire.text(ancestor, "id"), root)
        return root

    def _parent(self, status: object) -> Root:
        return Root(
            status_id=wire.text(status, "in_reply_to_id"), author_id=wire.text(status, "in_reply_to_account_id")
        )

    def _recall(self, status_id: str) -> Root | None:
        with self._lock:
            return self._roots.get(status_id)

    def _remember(self, status_id: str, root: Root) -> None:
        with self._lock:
            self._roots[status_id] = root
            self._roots.move_to_end(status_id)
            while len(self._roots) > REMEMBERED:
                self._roots.popitem(last=False)
