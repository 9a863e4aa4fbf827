"""What a poll reads: mentions of the account, each search, and message events. X lists all of them newest first.

Replies under our own posts come with the mentions: X puts the handle of whoever is answered into a reply, so they are listed
there at the price of an owned read. ``to:`` or ``conversation_id:`` would find the same posts by search, at five times the
price and for seven days only; whoever wants either writes it as a search rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.memory import Memory
from listener.channels.x.meter import Meter
from listener.channels.x.options import XOptions
from listener.channels.x.reading import (
    MESSAGE_FIELDS,
    POST_FIELDS,
    USER_FIELDS,
    Ourselves,
    read_message,
    read_post,
    read_users,
)
from listener.intake import ROOT_AUTHOR

LISTED_MENTIONS: Final = 800
SEARCHED: Final = timedelta(days=7)
MESSAGES_KEPT: Final = timedelta(days=30)
LEAST_SEARCHED: Final = 10
"""Least page of a search; a mentions page may hold five."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a source."""

    mentions: tuple[IncomingMention, ...]
    token: str
    """Continues it; empty at the end."""
    newest: int = 0
    taken: int = 0
    """Entries X listed, ours and others'."""
    requests: int = 1
    cost_usd: float = 0.0


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
    """A walk that would bring more is not begun; 0: any is."""

    def fetch(self, token: str, since: int) -> Batch:
        """Return the page at ``token`` (empty: the newest) of entries whose id is above ``since``."""
        ...

    def weigh(self, since: int) -> Weight | None:
        """Ask how much there is above ``since``; None where that cannot be asked."""
        ...


class PostReader:
    """Turns an answer with posts into a batch, bills it, and finds out who began their conversations."""

    def __init__(self, client: XClient, *, us: Ourselves, memory: Memory, meter: Meter) -> None:
        self._client = client
        self._us = us
        self._memory = memory
        self._meter = meter

    def read(self, answer: object, *, price: float) -> Batch:
        """Return the batch that ``answer`` holds, oldest first; each post costs ``price``."""
        posts, users = answers.items(answer, "data"), read_users(answer)
        cost = self._meter.bill_posts(answer, price=price)
        try:
            mentions = [mention for post in posts if (mention := read_post(post, users, self._us))]
        except ChannelError:
            self._meter.owe(cost)  # X bills what we cannot read, too
            raise
        roots, requests, more_cost = self._find_roots(posts, mentions)
        placed = [_with_root(mention, roots.get(mention.thread_external_id, "")) for mention in mentions]
        return Batch(
            mentions=tuple(sorted(placed, key=lambda mention: mention.created_at)),
            token=answers.text(answer, "meta", "next_token"),
            newest=max((answers.number(post, "id") for post in posts), default=0),
            taken=len(posts),
            requests=1 + requests,
            cost_usd=cost + more_cost,
        )

    def _find_roots(
        self, posts: Sequence[object], mentions: Iterable[IncomingMention]
    ) -> tuple[dict[str, str], int, float]:
        """Return who began each conversation, the requests it took and their cost.

        Below a post of ours every person is a case of their own, so it matters; most posts tell it by themselves.
        """
        told = {
            answers.text(post, "conversation_id"): author
            for post in posts
            if (author := _told_root(post)) and answers.text(post, "conversation_id")
        }
        self._memory.learn_roots(told)
        asked = dict.fromkeys(one.thread_external_id for one in mentions if one.thread_external_id not in told)
        known = told | self._memory.roots(list(asked))
        unknown = [one for one in asked if one not in known and answers.is_id(one)]
        if not unknown:
            return known, 0, 0.0
        try:
            answer = self._client.look_up(unknown[:100], tweet_fields=["author_id"])
        except ChannelError:
            return known, 1, 0.0  # only the grouping suffers; asked again with the next post there
        found = {answers.text(post, "id"): answers.text(post, "author_id") for post in answers.items(answer, "data")}
        learned = {one: found.get(one, "") for one in unknown[:100]}
        self._memory.learn_roots(learned)
        return known | learned, 1, self._meter.bill_posts(answer, price=self._meter.prices.post_read)


class Mentions:
    """Posts that carry our handle, replies to us among them."""

    name = "mentions"
    window: timedelta | None = None
    asks_since = True
    ceiling = LISTED_MENTIONS
    rest = timedelta(0)
    most_posts = 0

    def __init__(self, client: XClient, reader: PostReader, *, us: Ourselves, options: XOptions, meter: Meter) -> None:
        self._client = client
        self._reader = reader
        self._us = us
        self._page_size = options.page_size
        self._meter = meter

    def fetch(self, token: str, since: int) -> Batch:
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

    def fetch(self, token: str, since: int) -> Batch:
        """Return one page of ``GET /2/tweets/search/recent``."""
        page = _page(token, since)
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


class DirectMessages:
    """Message events of all our conversations. X knows no "since" here and allows 15 requests in 15 minutes."""

    name = "messages"
    window: timedelta | None = MESSAGES_KEPT
    asks_since = False
    ceiling = 0
    most_posts = 0

    def __init__(self, client: XClient, *, us: Ourselves, options: XOptions, meter: Meter) -> None:
        self._client = client
        self._us = us
        self._page_size = options.direct_message_page_size
        self._meter = meter
        self.rest = timedelta(seconds=options.direct_message_seconds)

    def fetch(self, token: str, since: int) -> Batch:
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
            newest=max((answers.number(event, "id") for event in events), default=0),
            taken=len(new),
            cost_usd=self._meter.bill_messages(answer),
        )

    def weigh(self, since: int) -> Weight | None:  # noqa: ARG002 - X has no count of messages
        """Nothing can be asked."""
        return None


def _page(token: str, since: int) -> dict[str, object]:
    return {"since_id": since or None} | ({"pagination_token": token} if token else {})


def _asked() -> dict[str, list[str]]:
    return {"tweet_fields": list(POST_FIELDS), "user_fields": list(USER_FIELDS), "expansions": ["author_id"]}


def _told_root(post: object) -> str:
    """Return who began a post's conversation, as far as the post itself tells: its author, or whom it answers."""
    conversation = answers.text(post, "conversation_id")
    history = answers.items(post, "edit_history_tweet_ids") or answers.items(post, "edit_history_post_ids")
    if conversation == answers.text(post, "id") or conversation in history:
        return answers.text(post, "author_id")
    references = answers.items(post, "referenced_tweets") or answers.items(post, "referenced_posts")
    answered = (answers.text(one, "id") for one in references if answers.text(one, "type") == "replied_to")
    return answers.text(post, "in_reply_to_user_id") if conversation in answered else ""


def _with_root(mention: IncomingMention, author: str) -> IncomingMention:
    if not author:
        return mention
    return replace(mention, platform_data={**mention.platform_data, ROOT_AUTHOR: author})
