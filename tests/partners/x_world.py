"""People, posts and messages on a made-up X, as the platform keeps them. What is shown of them is in ``x_views.py``."""

import heapq
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from domain.clock import Clock

EPOCH_MILLISECONDS = 1_288_834_974_657
LINK = re.compile(r"https?://[!-~]+")
LISTED_MENTIONS = 800
SEARCHED = timedelta(days=7)


class RefusedError(Exception):
    """The platform says no: status, a problem's short type, and its words."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.headers = headers or {}
        self.status = status
        self.kind = kind
        self.detail = detail


@dataclass
class Person:
    id: str
    username: str
    name: str
    protected: bool = False
    receives_dm: bool = True


@dataclass
class Post:
    history: list[str]
    """Ids of all versions; the last one is in force."""
    author: str
    text: str
    created_at: datetime
    conversation_id: str
    mentions: list[str] = field(default_factory=list)
    replied_to: str = ""
    quoted: str = ""
    retweeted: str = ""
    reply_settings: str = "everyone"
    lang: str = "en"

    @property
    def id(self) -> str:
        return self.history[-1]


@dataclass
class Message:
    id: str
    conversation_id: str
    sender: str
    text: str
    created_at: datetime


class XWorld:
    """The state. ``us`` is the shop's account."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.messages: list[Message] = []
        self._listed: list[int] = []
        """Ids that lists show, oldest first."""
        self._coming: list[tuple[datetime, int, Callable[[], object]]] = []
        self._usernames: dict[str, Person] = {}
        self._last_id = 0
        self._given: set[str] = set()
        self.us = self.person("shop", name="コートの店")

    def new_id(self, moment: datetime | None = None) -> str:
        """Return an id of ``moment`` (now), above all others of that millisecond."""
        milliseconds = int((moment or self.clock.now()).timestamp() * 1000) - EPOCH_MILLISECONDS
        fresh = milliseconds << 22
        if moment is None:
            self._last_id = fresh = max(fresh, self._last_id + 1)
        while str(fresh) in self._given:
            fresh += 1
        self._given.add(str(fresh))
        return str(fresh)

    def person(self, username: str, *, name: str = "") -> Person:
        """Return the account ``username``, made when it is not there."""
        if username in self._usernames:
            return self._usernames[username]
        made = Person(id=str(7_000 + len(self.people)), username=username, name=name or username.title())
        self.people[made.id] = self._usernames[username] = made
        return made

    def plan(self, moment: datetime, happen: Callable[[], object]) -> None:
        """Let something happen at ``moment``: whoever looks later finds it done."""
        heapq.heappush(self._coming, (moment, len(self._coming), happen))

    def catch_up(self) -> None:
        """Let happen what is due by the clock."""
        while self._coming and self._coming[0][0] <= self.clock.now():
            heapq.heappop(self._coming)[2]()

    def post(
        self,
        text: str,
        *,
        author: str = "aya",
        mention: bool = True,
        reply_to: str = "",
        quotes: str = "",
        repeats: str = "",
        at: datetime | None = None,
        lang: str = "en",
    ) -> Post:
        """Let ``author`` post; ``mention``: our handle is among its mentions, as a tag if not in the text.

        With ``at`` the post is from then, though nobody saw it before now: as X lists some late.
        """
        post_id = self.new_id(at)
        parent = self.find(reply_to) if reply_to else None
        made = Post(
            history=[post_id],
            author=self.person(author).id,
            text=text,
            created_at=at or self.clock.now(),
            conversation_id=parent.conversation_id if parent else post_id,
            mentions=[self.us.id] if mention else [],
            replied_to=reply_to,
            quoted=quotes,
            retweeted=repeats,
            lang=lang,
        )
        self.posts[post_id] = made
        insort(self._listed, int(post_id))
        return made

    def edit(self, post_id: str, text: str) -> str:
        """Let the author change a post: it gets another id. Returns that."""
        post = self.posts[post_id]
        post.text = text
        post.history.append(self.new_id())
        self.posts[post.id] = post
        insort(self._listed, int(post.id))
        return post.id

    def delete(self, post_id: str) -> None:
        """Let the author delete a post with all its versions."""
        for version in self.posts[post_id].history:
            self.posts.pop(version)

    def find(self, post_id: str) -> Post | None:
        """Return a post that we can see."""
        post = self.posts.get(post_id)
        return None if post is None or self.people[post.author].protected else post

    def newest_first(self, *, since: int = 0, until: int = 0) -> Iterator[Post]:
        """Yield every post that we can see, each in its newest version; with ids above ``since``, and below ``until`` if given."""
        end = bisect_left(self._listed, until) if until else len(self._listed)
        for index in range(end - 1, -1, -1):
            number = self._listed[index]
            if number <= since:
                return
            post = self.find(str(number))
            if post is not None and post.id == str(number):
                yield post

    def mentions_of_us(self) -> list[Post]:
        """Return what the mentions list holds: the newest eight hundred."""
        return list(islice((post for post in self.newest_first() if self.us.id in post.mentions), LISTED_MENTIONS))

    def search(self, query: str, *, since: int = 0, until: int = 0) -> list[Post]:
        """Return the posts of the last seven days that ``(a OR b) -is:retweet -from:handle`` finds; ``@handle`` finds mentions."""
        found = re.fullmatch(r"\((.*)\) -is:retweet -from:(\w+)", query)
        if found is None:
            raise RefusedError(400, "invalid-request", "There were errors processing your request: query")
        words, excluded = [word.strip().lower() for word in found[1].split(" OR ")], self.person(found[2]).id
        farthest = (int((self.clock.now() - SEARCHED).timestamp() * 1000) - EPOCH_MILLISECONDS) << 22
        return [
            post
            for post in self.newest_first(since=max(since, farthest - 1), until=until)
            if post.author != excluded and not post.retweeted and any(self._has(post, word) for word in words)
        ]

    def _has(self, post: Post, word: str) -> bool:
        if word.startswith("@") and word[1:] in self._usernames:
            return self._usernames[word[1:]].id in post.mentions
        return word in post.text.lower()

    def write(self, text: str, *, reply_to: str = "") -> Post:
        """Post as our account by API, under the platform's rules."""
        if weigh(text) > 280:
            raise RefusedError(403, "about:blank", "Your Tweet text is too long.")
        if not reply_to:
            return self.post(text, author=self.us.username, mention=False)
        target = self.find(reply_to)
        if target is None:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise RefusedError(403, "about:blank", detail)
        if self.us.id not in target.mentions and not self._quotes_us(target):
            detail = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to."
            raise RefusedError(403, "about:blank", detail)
        if target.reply_settings == "following":
            raise RefusedError(403, "about:blank", "The original Tweet author restricted who can reply to this Tweet.")
        handle = f"@{self.people[target.author].username} "
        if any(post.text == handle + text and post.replied_to == reply_to for post in self.our_posts()):
            raise RefusedError(403, "about:blank", "You are not allowed to create a Tweet with duplicate content.")
        made = self.post(handle + text, author=self.us.username, mention=False, reply_to=reply_to)
        made.mentions = [target.author]
        return made

    def our_posts(self) -> list[Post]:
        """Return our account's posts, newest first."""
        return [post for post in self.newest_first() if post.author == self.us.id]

    def say(self, text: str, *, sender: str, to: str, at: datetime | None = None) -> Message:
        """Let one person write to another."""
        one, other = self.person(sender), self.person(to)
        if sender == self.us.username and not other.receives_dm:
            raise RefusedError(403, "about:blank", "You do not have permission to DM one or more participants.")
        conversation = "-".join(sorted((one.id, other.id), key=int))
        message = Message(self.new_id(at), conversation, one.id, text, at or self.clock.now())
        self.messages.append(message)
        return message

    def conversations(self, person_id: str = "") -> list[Message]:
        """Return our messages, newest first; with one person, or with everybody, thirty days back."""
        since = self.clock.now() - timedelta(days=30)
        return sorted(
            (
                one
                for one in self.messages
                if one.created_at >= since and (not person_id or person_id in one.conversation_id.split("-"))
            ),
            key=lambda one: int(one.id),
            reverse=True,
        )

    def _quotes_us(self, post: Post) -> bool:
        quoted = self.find(post.quoted) if post.quoted else None
        return quoted is not None and quoted.author == self.us.id


def weigh(text: str) -> int:
    """Count roughly as X does: enough to refuse what is surely too long."""
    rest, links = LINK.subn("", text)
    return links * 23 + sum(1 if ord(sign) <= 4351 or 8192 <= ord(sign) <= 8223 else 2 for sign in rest)


def moment_of(given: str) -> datetime:
    """Return when an id was given."""
    return datetime.fromtimestamp(((int(given) >> 22) + EPOCH_MILLISECONDS) / 1000, UTC)


def ids(posts: Iterable[Post]) -> list[str]:
    """Return the ids of ``posts``."""
    return [post.id for post in posts]
