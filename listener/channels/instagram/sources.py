"""The lists of an account: its media with the comments and answers below each, and media that name it."""

from datetime import datetime
from typing import Protocol

from domain.mentions import IncomingMention
from listener import wire
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import Listed, as_path, read_id, read_list, read_moment
from listener.channels.graph.progress import Inner
from listener.channels.graph.sources import Batch, Reach
from listener.channels.instagram.options import InstagramOptions
from listener.channels.instagram.reading import COMMENT_FIELDS, read_comment, read_tagged

MEDIA_AT_ONCE = 10
"""More media, each with its comments, make an answer that Meta refuses as too large."""
BELOW = "/"
"""Between the id of a media and that of the comment whose answers are listed."""


class Own(Protocol):
    """Who we are, and where our media stand."""

    @property
    def me(self) -> tuple[str, str]:
        """Our id and name."""
        ...

    def find_url(self, media_id: str) -> str:
        """Return the address of a media of ours; empty when it cannot be told."""
        ...

    def note_url(self, media_id: str, url: str) -> None:
        """Remember the address of a media."""
        ...


class Media:
    """Our media, the newest first, each with its newest comments and their answers."""

    name = "media"

    def __init__(self, client: Client, options: InstagramOptions, own: Own) -> None:
        self._client = client
        self._options = options
        self._own = own
        size = options.page_size
        self._fields = f"{COMMENT_FIELDS},replies.limit({size}){{{COMMENT_FIELDS}}}"

    def read(self, after: str, reach: Reach) -> Batch:
        """Return a page of ``/{account}/media``."""
        size = self._options.page_size
        params: dict[str, str | int] = {
            "fields": f"id,timestamp,permalink,comments.limit({size}){{{self._fields}}}",
            "limit": min(MEDIA_AT_ONCE, size),
        }
        if after:
            params["after"] = after
        listed = read_list(self._client.get(f"{self._options.account_id}/media", params))
        batches: list[Batch] = []
        is_old = False
        for node in listed.nodes:
            media_id, created = read_id(node, "id"), read_moment(node, "timestamp")
            is_old = is_old or (created is not None and created < reach.watched)
            self._own.note_url(media_id, wire.text(node, "permalink"))
            batches.append(self._read_comments(read_list(node, "comments"), media_id=media_id, since=reach.since))
        return Batch(
            mentions=tuple(mention for batch in batches for mention in batch.mentions),
            after="" if is_old else listed.after,
            inner=tuple(inner for batch in batches for inner in batch.inner),
            unreadable=sum(batch.unreadable for batch in batches),
        )

    def read_inner(self, inner: Inner, reach: Reach) -> Batch:
        """Return a page of ``/{media}/comments``, or of ``/{comment}/replies``."""
        media_id, _, comment_id = inner.id.partition(BELOW)
        path = f"{as_path(comment_id)}/replies" if comment_id else f"{as_path(media_id)}/comments"
        params: dict[str, str | int] = {
            "fields": COMMENT_FIELDS if comment_id else self._fields,
            "limit": self._options.page_size,
            "after": inner.after,
        }
        listed = read_list(self._client.get(path, params))
        if comment_id:
            return self._read_replies(listed, media_id=media_id, comment_id=comment_id)
        return self._read_comments(listed, media_id=media_id, since=reach.since)

    def _read_comments(self, listed: Listed, *, media_id: str, since: datetime) -> Batch:
        mentions: list[IncomingMention] = []
        inner: list[Inner] = []
        unreadable = 0
        is_old = False
        for node in listed.nodes:
            created = read_moment(node, "timestamp")
            is_old = is_old or (created is not None and created < since)
            found = self._take(node, media_id=media_id)
            unreadable += found is None
            mentions += found or []
            replies = self._read_replies(read_list(node, "replies"), media_id=media_id, comment_id=read_id(node, "id"))
            mentions += replies.mentions
            inner += replies.inner
            unreadable += replies.unreadable
        rest = [Inner(id=media_id, after=listed.after)] if listed.after and not is_old else []
        return Batch(mentions=tuple(mentions), inner=(*inner, *rest), unreadable=unreadable)

    def _read_replies(self, listed: Listed, *, media_id: str, comment_id: str) -> Batch:
        """Answers stand with the oldest first, so that all of them are read to find the newest."""
        found = [self._take(node, media_id=media_id, parent_id=comment_id) for node in listed.nodes]
        return Batch(
            mentions=tuple(mention for taken in found if taken for mention in taken),
            inner=(Inner(id=f"{media_id}{BELOW}{comment_id}", after=listed.after),) if listed.after else (),
            unreadable=sum(taken is None for taken in found),
        )

    def _take(self, node: object, *, media_id: str, parent_id: str = "") -> list[IncomingMention] | None:
        """Return the comment, nothing for one that is hidden; None for one that cannot be read."""
        if wire.part(node, "hidden") is True and not self._options.hidden_comments:
            return []
        url = self._own.find_url(media_id)
        found = read_comment(node, media_id=media_id, own=self._own.me, url=url, parent_id=parent_id)
        return None if found is None else [found]


class Tags:
    """Media of others in which we are tagged."""

    name = "tags"

    def __init__(self, client: Client, options: InstagramOptions, own: Own) -> None:
        self._client = client
        self._options = options
        self._own = own

    def read(self, after: str, reach: Reach) -> Batch:
        """Return a page of ``/{account}/tags``."""
        params: dict[str, str | int] = {
            "fields": "id,caption,timestamp,permalink,username",
            "limit": self._options.page_size,
        }
        if after:
            params["after"] = after
        listed = read_list(self._client.get(f"{self._options.account_id}/tags", params))
        read = [read_tagged(node, own=self._own.me) for node in listed.nodes]
        tagged = [one for one in read if one is not None]
        is_old = any(one.created_at < reach.since for one in tagged)
        return Batch(mentions=tuple(tagged), after="" if is_old else listed.after, unreadable=len(read) - len(tagged))
