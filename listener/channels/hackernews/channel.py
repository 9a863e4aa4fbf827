"""The Hacker News channel: what the port promises of a site that can only be read."""

from collections.abc import Sequence

import regex

from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.hackernews.client import Client
from listener.channels.hackernews.options import HackerNewsOptions
from listener.channels.hackernews.polling import Poller
from listener.channels.hackernews.reading import SITE
from listener.registry import ChannelContext

NOBODY = "(no account)"
"""No user can be called so."""


class HackerNewsChannel:
    """Terms listened for on Hacker News. Thread-safe; needs no sign-in."""

    def __init__(self, options: HackerNewsOptions, *, context: ChannelContext) -> None:
        self._options = options
        self._client = Client(clock=context.clock, timeout_seconds=options.timeout_seconds)
        self._poller = Poller(options, client=self._client, clock=context.clock)

    def __repr__(self) -> str:
        """Name the terms."""
        return f"HackerNewsChannel({', '.join(self._options.terms)})"

    @property
    def kind(self) -> str:
        """Always ``hackernews``."""
        return "hackernews"

    @property
    def own_author_id(self) -> str:
        """Our user name, which is the site's only id of a user; a name nobody can have if we have none."""
        return self._options.account or NOBODY

    @property
    def capabilities(self) -> Capabilities:
        """Reading: the site has no interface for writing, and no private messages."""
        return Capabilities(
            can_reply=False, can_direct_message=False, can_search=True, tells_deletions=True, asked_at_once=1
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of stories and comments that name a term."""
        return self._poller.poll(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse: there is no interface for writing."""
        raise _no_sending(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: there are no private messages."""
        raise _no_sending(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Nothing was ever sent from here."""
        del request, visibility
        return None

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the posts that anybody can read: neither deleted nor taken down. One request for each."""
        return frozenset(one for one in external_ids if self._stands(one))

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Tell whether the post stands. Whether its thread is still open for comments is not told."""
        return PlatformFacts(exists=self._stands(target.external_id), dm_allowed=False)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes; nothing limits what is posted by hand."""
        del visibility
        return Measure(length=len(regex.findall(r"\X", text)), limit=0)

    def probe(self) -> str:
        """Ask the search and, for our own name, the official API. Raises ``PermanentError`` for a name nobody has."""
        account = self._options.account
        self._poller.search(self._options.terms[0], since=0, until=None, page=0, size=1)
        if account and not isinstance(self._client.get(f"{self._options.item_service}/v0/user/{account}.json"), dict):
            raise PermanentError(
                f"Hacker News has no user '{account}'.",
                code="no_such_user",
                remedy="Check options.account: capitals and small letters differ.",
            )
        who = f"our user is {account}" if account else "no user of ours"
        return f"Hacker News: {', '.join(self._options.terms)}; {who}; read only"

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _stands(self, external_id: str) -> bool:
        if not (external_id.isascii() and external_id.isdecimal()):
            return True  # not one of the site's own ids: nobody to ask
        item = self._client.get(f"{self._options.item_service}/v0/item/{external_id}.json")
        return isinstance(item, dict) and not item.get("deleted") and not item.get("dead")


def _no_sending(request: SendRequest) -> PermanentError:
    return PermanentError(
        "Hacker News has no interface for writing.",
        code="read_only",
        remedy=f"Answer by hand at {request.target.url or SITE}.",
    )
