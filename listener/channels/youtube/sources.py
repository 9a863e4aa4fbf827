"""What a poll reads: the threads on our channel's videos, and those on named videos, each as pages from the newest back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from domain.errors import PermanentError
from domain.mentions import IncomingMention
from domain.words import Engagement
from listener.channels.youtube import wire
from listener.channels.youtube.account import Account
from listener.channels.youtube.client import is_refused
from listener.channels.youtube.progress import Waiting, fingerprint
from listener.channels.youtube.reading import Thread, read_comment, read_thread
from listener.terms import Terms

log = structlog.get_logger(__name__)

REPLIES_AT_ONCE = 100
OURS_REMEMBERED, OTHERS_REMEMBERED = 1_500, 200
"""Threads whose state is kept in the cursor: of our channel, of each other source."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thread as a list shows it, with the few replies that come along."""

    mark: str
    moment: datetime | None
    mentions: tuple[IncomingMention, ...]
    waiting: Waiting | None = None
    """Set when the thread has more replies than came along."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page. ``next_page`` leads to the one behind it; empty at the end."""

    entries: tuple[Entry, ...] = ()
    next_page: str = ""


@dataclass(frozen=True, kw_only=True)
class Replies:
    """One page of a thread's replies."""

    mentions: tuple[IncomingMention, ...]
    next_page: str = ""


class Source(Protocol):
    """Something to walk through."""

    @property
    def name(self) -> str:
        """Key in the cursor: another question is another source."""
        ...

    @property
    def remembered(self) -> int:
        """Threads whose state is kept."""
        ...

    def fetch(self, page: str) -> Batch:
        """Return the page of threads that ``page`` leads to; empty: the newest."""
        ...

    def fetch_replies(self, waiting: Waiting) -> Replies:
        """Return the next page of a thread's replies."""
        ...


@dataclass(frozen=True, kw_only=True)
class Threads:
    """``commentThreads.list`` with one filter."""

    account: Account
    name: str
    filter: str
    """``allThreadsRelatedToChannelId`` or ``videoId``."""
    value: str
    remembered: int = OTHERS_REMEMBERED
    term: str = ""
    """Of replies, only those that name it are taken; YouTube itself chooses the threads."""

    def fetch(self, page: str) -> Batch:
        """Return one page. A video without comments is an empty one: it must not hold up the others."""
        params: dict[str, str | int] = {self.filter: self.value, "maxResults": self.account.options.page_size}
        if self.term:
            params["searchTerms"] = self.term
        if page:
            params["pageToken"] = page
        try:
            found = self.account.client.list(
                "commentThreads", part="snippet,replies", order="time", textFormat="plainText", **params
            )
        except PermanentError as error:
            if not is_refused(error, "comments_disabled"):
                raise
            log.info("comments_disabled", source=self.name)
            return Batch()
        entries = [self._read_entry(item) for item in found.items]
        return Batch(entries=tuple(entry for entry in entries if entry is not None), next_page=found.next_page)

    def fetch_replies(self, waiting: Waiting) -> Replies:
        """Return one page of ``comments.list`` with ``parentId``. A thread that is gone has no more replies."""
        at = {"pageToken": waiting.page} if waiting.page else {}
        try:
            found = self.account.client.list(
                "comments",
                part="snippet",
                parentId=waiting.thread.id,
                maxResults=REPLIES_AT_ONCE,
                textFormat="plainText",
                **at,
            )
        except PermanentError as error:
            if not is_refused(error, "gone", "comments_disabled"):
                raise
            return Replies(mentions=())
        mentions = [self._read(comment, waiting.thread) for comment in found.items]
        return Replies(mentions=tuple(one for one in mentions if one is not None), next_page=found.next_page)

    def _read_entry(self, item: object) -> Entry | None:
        thread = read_thread(item)
        if not thread.id:
            return None
        top, replies = wire.part(item, "snippet", "topLevelComment"), wire.items(item, "replies", "comments")
        comments = [top, *replies]
        total = wire.whole(item, "snippet", "totalReplyCount") or 0
        mentions = [self._read(comment, thread) for comment in comments]
        return Entry(
            mark=fingerprint(thread.id, [str(total), *(_state(comment) for comment in comments)]),
            moment=wire.moment(top, "snippet", "publishedAt"),
            mentions=tuple(one for one in mentions if one is not None),
            waiting=Waiting(thread=thread) if total > len(replies) else None,
        )

    def _read(self, comment: object, thread: Thread) -> IncomingMention | None:
        mention = read_comment(comment, thread, me=self.account.me, is_signed_in=self.account.options.can_write)
        if mention is None or not self.term or not mention.parent_external_id:
            return mention
        is_wanted = mention.engagement is not Engagement.POSTED or Terms([self.term]).named_in(mention.text)
        return mention if is_wanted else None


def make_sources(account: Account) -> list[Threads]:
    """Return what the settings ask for, our own channel first."""
    options = account.options
    ours = Threads(
        account=account,
        name="channel",
        filter="allThreadsRelatedToChannelId",
        value=account.me.id,
        remembered=OURS_REMEMBERED,
    )
    others = [
        Threads(
            account=account,
            name=f"video:{video}:{term}" if term else f"video:{video}",
            filter="videoId",
            value=video,
            term=term,
        )
        for video in options.videos
        for term in options.search or ("",)
    ]
    return [ours, *others]


def _state(comment: object) -> str:
    """Return what of a comment changes when it is edited; its likes are not."""
    return f"{wire.text(comment, 'id')} {wire.text(comment, 'snippet', 'updatedAt')}"
