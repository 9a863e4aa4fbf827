"""The lists of a Page: its feed with the comments below each post, and posts elsewhere that name it."""

from datetime import datetime

from domain.mentions import IncomingMention
from listener import wire
from listener.channels.facebook.options import FacebookOptions
from listener.channels.facebook.reading import COMMENT_FIELDS, POST_FIELDS, read_comment, read_post
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import Listed, as_path, read_id, read_list, read_moment
from listener.channels.graph.progress import Inner
from listener.channels.graph.sources import Batch, Reach

POSTS_AT_ONCE = 10
"""More posts, each with its comments, make an answer that Meta refuses as too large."""


class Feed:
    """Posts on the Page, ours and visitors', the newest first, each with its newest comments."""

    name = "feed"

    def __init__(self, client: Client, options: FacebookOptions) -> None:
        self._client = client
        self._options = options

    def read(self, after: str, reach: Reach) -> Batch:
        """Return a page of ``/{page}/feed``."""
        nested = f"comments.filter(stream).order(reverse_chronological).limit({self._options.page_size})"
        params: dict[str, str | int] = {
            "fields": f"{POST_FIELDS},{nested}{{{COMMENT_FIELDS}}}",
            "limit": min(POSTS_AT_ONCE, self._options.page_size),
        }
        if after:
            params["after"] = after
        listed = read_list(self._client.get(f"{self._options.page_id}/feed", params))
        mentions: list[IncomingMention] = []
        inner: list[Inner] = []
        unreadable = 0
        is_old = False
        for node in listed.nodes:
            post_id, created = read_id(node, "id"), read_moment(node, "created_time")
            is_old = is_old or (created is not None and created < reach.watched)
            post = read_post(node, post_id=post_id, page_id=self._options.page_id)
            unreadable += post is None
            if post is not None and post.author.external_id != self._options.page_id:
                mentions.append(post)
            comments = self._read_comments(read_list(node, "comments"), post_id=post_id, since=reach.since)
            mentions += comments.mentions
            inner += comments.inner
            unreadable += comments.unreadable
        return Batch(
            mentions=tuple(mentions), after="" if is_old else listed.after, inner=tuple(inner), unreadable=unreadable
        )

    def read_inner(self, inner: Inner, reach: Reach) -> Batch:
        """Return a page of ``/{post}/comments``."""
        params: dict[str, str | int] = {
            "filter": "stream",
            "order": "reverse_chronological",
            "fields": COMMENT_FIELDS,
            "limit": self._options.page_size,
            "after": inner.after,
        }
        listed = read_list(self._client.get(f"{as_path(inner.id)}/comments", params))
        return self._read_comments(listed, post_id=inner.id, since=reach.since)

    def _read_comments(self, listed: Listed, *, post_id: str, since: datetime) -> Batch:
        mentions: list[IncomingMention] = []
        unreadable = 0
        is_old = False
        for node in listed.nodes:
            comment = read_comment(node, post_id=post_id, page_id=self._options.page_id)
            if comment is None:
                unreadable += 1
                continue
            is_old = is_old or comment.created_at < since
            if self._options.hidden_comments or wire.part(node, "is_hidden") is not True:
                mentions.append(comment)
        rest = (Inner(id=post_id, after=listed.after),) if listed.after and not is_old else ()
        return Batch(mentions=tuple(mentions), inner=rest, unreadable=unreadable)


class Tagged:
    """Posts elsewhere in which the Page is tagged."""

    name = "tagged"

    def __init__(self, client: Client, options: FacebookOptions) -> None:
        self._client = client
        self._options = options

    def read(self, after: str, reach: Reach) -> Batch:
        """Return a page of ``/{page}/tagged``."""
        params: dict[str, str | int] = {"fields": POST_FIELDS, "limit": self._options.page_size}
        if after:
            params["after"] = after
        listed = read_list(self._client.get(f"{self._options.page_id}/tagged", params))
        read = [read_post(node, post_id=read_id(node, "id"), page_id=self._options.page_id) for node in listed.nodes]
        posts = [post for post in read if post is not None]
        is_old = any(post.created_at < reach.since for post in posts)
        return Batch(
            mentions=tuple(post for post in posts if post.author.external_id != self._options.page_id),
            after="" if is_old else listed.after,
            unreadable=len(read) - len(posts),
        )
