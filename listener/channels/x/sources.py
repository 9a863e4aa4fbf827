"""What a poll reads: mentions of the account, each search, and message events. X lists all of them newest first.

Replies under our own posts come with the mentions: X puts the handle of whoever is answered into a reply, so they are listed
there at the price of an owned read. ``to:`` or ``conversation_id:`` would find the same posts by search, at five times the
price and for seven days only; whoever wants either writes it as a search rule.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from domain.errors import PermanentError
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.meter import Meter
from listener.channels.x.options import XOptions
from listener.channels.x.post_reader import Batch, PostReader
from listener.channels.x.reading import MESSAGE_FIELDS, POST_FIELDS, USER_FIELDS, Ourselves, read_message, read_users

LISTED_MENTIONS: Final = 800
SEARCHED: Final = timedelta(days=7)
MESSAGES_KEPT: Final = timedelta(days=30)
REREAD: Final = 50
"""Known entries read again, where they are many, to find those that X listed late."""
LEAST_SEARCHED: Final = 10
"""Least page of a search; a mentions page may hold five."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """How much a walk would bring, asked beforehand. What the question costs is owed: the walk may fail."""

    posts: int


class Source(Protocol):
    """Something to walk through from the newest entry back."""

    name: str
    """Key in the cursor."""
    window: timedelta | None
    """How far back X can be asked; None: no limit."""
    asks_since: bool
    """X is told since when, and refuses what lies before the window."""
    ceiling: int
    """Entries that X lists at most; 0: no limit."""
    rest: timedelta
    """Least time between two walks."""
    most_posts: int
    """A walk that would bring more is not begun; 0: any is, and ``max_pages`` ends it."""
    reread: int
    """So many known entries are read again to find those that X listed late."""
    fills: bool
    """It reads nothing but holes that the mentions left."""

    def fetch(self, token: str, since: int, until: int = 0) -> Batch:
        """Return the page at ``token`` (empty: the newest) of entries whose id is above ``since``, and below ``until`` if given."""
        ...

    def weigh(self, since: int) -> Weight | None:
        """Ask how much there is above ``since``; None where that cannot be asked."""
        ...


class Mentions:
    """Posts that carry our handle, replies to us among them."""

    name = "mentions"
    window: timedelta | None = None
    asks_since = True
    ceiling = LISTED_MENTIONS
    rest = timedelta(0)
    most_posts = 0
    reread = REREAD
    fills = False

    def __init__(self, client: XClient, reader: PostReader, *, us: Ourselves, options: XOptions, meter: Meter) -> None:
        self._client = client
        self._reader = reader
        self._us = us
        self._page_size = options.page_size
        self._meter = meter

    def fetch(self, token: str, since: int, until: int = 0) -> Batch:  # noqa: ARG002 - holes are read by search
        """Return one page of ``GET /2/users/:id/mentions``."""
        answer = self._client.read_list(
            "get_users_mentions", self._us.id, **_page(token, since), **_asked(), max_results=self._page_size
        )
        return self._reader.read(answer, price=self._meter.own_post)

    def weigh(self, since: int) -> Weight | None:  # noqa: ARG002 - X has no count of mentions
        """Nothing can be asked."""
        return None


class Search:
    """Posts that a rule of the operator finds."""

    window: timedelta | None = SEARCHED
    asks_since = True
    ceiling = 0
    rest = timedelta(0)
    reread = REREAD
    fills = False

    def __init__(
        self, client: XClient, reader: PostReader, *, rule: str, us: Ourselves, options: XOptions, meter: Meter
    ) -> None:
        self.name = f"search:{rule}"
        self._query = f"({rule}) -is:retweet -from:{us.username}"
        self._client = client
        self._reader = reader
        self._meter = meter
        self._page_size = max(options.page_size, LEAST_SEARCHED)
        self.most_posts = options.search_max_posts

    def fetch(self, token: str, since: int, until: int = 0) -> Batch:
        """Return one page of ``GET /2/tweets/search/recent``."""
        page = _page(token, since) | {"until_id": until or None}
        if token:
            page["next_token"] = page.pop("pagination_token")
        answer = self._client.read_list(
            "search_recent_tweets", self._query, **page, **_asked(), max_results=self._page_size
        )
        return self._reader.read(answer, price=self._meter.prices.post_read)

    def weigh(self, since: int) -> Weight | None:
        """Ask ``GET /2/tweets/counts/recent``, where our keys are good for it."""
        if not self._client.can_count:
            return None
        try:
            answer = self._client.count(self._query, since_id=since, granularity="day")
        except PermanentError:
            return None  # the search itself says what is wrong, if anything is
        total = answers.whole(answer, "meta", "total_tweet_count")
        posts = total if total is not None else answers.whole(answer, "meta", "total_post_count")
        self._meter.owe(self._meter.prices.count)
        return Weight(posts=posts or 0)


class MissedMentions(Search):
    """Mentions that X's list of the newest ones had dropped before we came: the same posts, found by search at its price."""

    fills = True

    def __init__(self, client: XClient, reader: PostReader, *, us: Ourselves, options: XOptions, meter: Meter) -> None:
        super().__init__(client, reader, rule=f"@{us.username}", us=us, options=options, meter=meter)
        self.name = "missed"
        self.most_posts = options.fill_max_posts


class DirectMessages:
    """Message events of all our conversations. X knows no "since" here and allows 15 requests in 15 minutes."""

    name = "messages"
    window: timedelta | None = MESSAGES_KEPT
    asks_since = False
    ceiling = 0
    most_posts = 0
    fills = False

    def __init__(self, client: XClient, *, us: Ourselves, options: XOptions, meter: Meter) -> None:
        self._client = client
        self._us = us
        self._page_size = self.reread = options.direct_message_page_size
        self._meter = meter
        self.rest = timedelta(seconds=options.direct_message_seconds)

    def fetch(self, token: str, since: int, until: int = 0) -> Batch:  # noqa: ARG002 - as above
        """Return one page of ``GET /2/dm_events``; the walk ends where ``since`` is reached."""
        at = {"pagination_token": token} if token else {}
        answer = self._client.read_list(
            "get_direct_message_events",
            **at,
            event_types="MessageCreate",
            expansions=["sender_id"],
            dm_event_fields=list(MESSAGE_FIELDS),
            user_fields=list(USER_FIELDS),
            max_results=self._page_size,
        )
        events, users = answers.items(answer, "data"), read_users(answer)
        new = [event for event in events if answers.number(event, "id") > since]
        found = [message for event in new if (message := read_message(event, users, self._us))]
        return Batch(
            mentions=tuple(sorted(found, key=lambda message: message.created_at)),
            token=answers.text(answer, "meta", "next_token") if len(new) == len(events) else "",
            ids=tuple(answers.number(event, "id") for event in new),
            cost_usd=self._meter.bill_messages(answer),
        )

    def weigh(self, since: int) -> Weight | None:  # noqa: ARG002 - X has no count of messages
        """Nothing can be asked."""
        return None


def _page(token: str, since: int) -> dict[str, object]:
    return {"since_id": since or None} | ({"pagination_token": token} if token else {})


def _asked() -> dict[str, list[str]]:
    return {"tweet_fields": list(POST_FIELDS), "user_fields": list(USER_FIELDS), "expansions": ["author_id"]}
