"""Instagram's side of the Graph API: what events mean, and how a comment or mention is answered and asked about."""

import threading
from datetime import datetime
from typing import Final

from domain.errors import PermanentError, RetryableError
from domain.replies import PlatformFacts, SendRequest, SentPost
from domain.words import Visibility
from listener import wire
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import MENTION, POST, TOP, WAY, Taken, as_path, is_node, read_id, read_moment
from listener.channels.graph.sending import find_comment, post_comment
from listener.channels.graph.sources import Source
from listener.channels.instagram.options import InstagramOptions
from listener.channels.instagram.reading import (
    COMMENT_FIELDS,
    MEDIA,
    MENTIONED,
    TAGGED,
    read_comment,
    read_mentioned,
    read_tagged,
    read_writer,
)
from listener.channels.instagram.sources import Media, Tags
from listener.reviews import count_units

FIELDS: Final = frozenset({"comments", "live_comments", "mentions"})
"""Fields of Instagram's webhooks that are read; messages beside."""
LONGEST_COMMENT = 2200
LONGEST_MESSAGE_BYTES = 1000
MOST_ADDRESSES = 500


class Instagram:
    """One professional account."""

    needed = (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_read_engagement",
        "pages_manage_metadata",
        "pages_show_list",
    )
    message_permission = "instagram_manage_messages"

    def __init__(self, options: InstagramOptions, *, client: Client) -> None:
        self._options = options
        self._client = client
        self._lock = threading.Lock()
        self._name = ""
        self._urls: dict[str, str] = {}

    @property
    def me(self) -> tuple[str, str]:
        """Our id and name. Asks for the name once."""
        if not self._name:
            found = self._client.get(self._options.account_id, {"fields": "id,username"})
            self._name = wire.text(found, "username")
            if not self._name:
                raise RetryableError("Meta does not tell our account's name.", code="no_answer")
        return self._options.account_id, self._name

    def note_url(self, media_id: str, url: str) -> None:
        """Remember the address of a media of ours."""
        with self._lock:
            self._urls[media_id] = url if url.startswith("https://") else ""
            while len(self._urls) > MOST_ADDRESSES:
                del self._urls[next(iter(self._urls))]

    def find_url(self, media_id: str) -> str:
        """Return the address of a media of ours, asking for it once; empty when it cannot be told."""
        with self._lock:
            known = self._urls.get(media_id)
        if known is not None:
            return known
        try:
            url = wire.text(self._client.get(as_path(media_id), {"fields": "permalink"}), "permalink")
        except PermanentError as error:
            if error.code == "token_refused":
                raise
            url = ""  # an advertisement's media, or one that was deleted
        self.note_url(media_id, url)
        return url

    def sources(self) -> list[Source]:
        """Return our media and those that name us."""
        return [Media(self._client, self._options, self), Tags(self._client, self._options, self)]

    def read_change(self, change: object, moment: datetime) -> Taken:
        """Return what an event of the fields ``comments``, ``live_comments`` and ``mentions`` says."""
        value = wire.part(change, "value")
        if wire.text(change, "field") == "mentions":
            return self._read_mention(value, moment)
        # Below an advertisement of a media of ours, the media itself is the place where people see it.
        media_id = read_id(value, "media", "original_media_id") or read_id(value, "media", "id")
        if not media_id or read_id(value, "from", "id") == self._options.account_id:
            return Taken()
        url = self.find_url(media_id)
        return Taken(mention=read_comment(value, media_id=media_id, own=self.me, url=url, moment=moment))

    def send_comment(self, request: SendRequest) -> SentPost:
        """Answer below the comment, or below the mention."""
        data, target = request.target.platform_data, request.target
        way = data.get(WAY)
        if way == POST:
            raise PermanentError(
                "Instagram takes no comments from apps below photos in which we are tagged.",
                code="tag_only",
                remedy="Answer by hand in the app.",
            )
        if way == MENTION:
            body = {"media_id": data.get(MEDIA, ""), "message": request.text}
            if "comment" in data:
                body["comment_id"] = data["comment"]
            comment_id = post_comment(self._client, f"{self._options.account_id}/mentions", body)
        else:
            comment_id = post_comment(self._client, f"{as_path(target.external_id)}/replies", {"message": request.text})
        return SentPost(external_id=comment_id, url=target.url)

    def find_comment(self, request: SendRequest) -> SentPost | None:
        """Look below the comment, or the one that it answers itself. Below other people's media nothing can be seen."""
        target = request.target
        if target.platform_data.get(WAY) == MENTION:
            raise RetryableError(
                "Instagram does not show what stands below other people's media.",
                code="cannot_tell",
                remedy="Look at the post by hand.",
            )
        if target.platform_data.get(WAY) == POST:  # never sent
            return None
        top = target.platform_data.get(TOP) or target.external_id
        found = find_comment(
            self._client,
            f"{as_path(top)}/replies",
            {"fields": COMMENT_FIELDS},
            request,
            is_own=self._is_own,
            check_reading=self.check_reading,
        )
        return SentPost(external_id=found, url=target.url) if found else None

    def tell_facts(self, request_target_id: str, way: str) -> tuple[PlatformFacts, datetime | None]:
        """Ask for the comment and whether it is hidden: a hidden one cannot be answered."""
        if request_target_id.startswith((TAGGED, MENTIONED)):
            return PlatformFacts(exists=None, replies_allowed=way == MENTION), None
        try:
            found = self._client.get(as_path(request_target_id), {"fields": "id,hidden,timestamp"})
        except PermanentError as error:
            if error.code != "gone":
                raise
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False), None
        is_hidden = wire.part(found, "hidden") is True
        return PlatformFacts(exists=True, replies_allowed=not is_hidden), read_moment(found, "timestamp")

    def check_reading(self) -> None:
        """Ask for our newest post with a comment. Raises ``PermanentError`` where we may not."""
        self._client.get(f"{self._options.account_id}/media", {"fields": "id,comments.limit(1){id}", "limit": 1})

    def limit(self, visibility: Visibility) -> int:
        """Return the longest text."""
        return LONGEST_MESSAGE_BYTES if visibility is Visibility.DM else LONGEST_COMMENT

    def count(self, text: str, visibility: Visibility) -> int:
        """Count a comment's characters, an emoji as two or more; a message's bytes."""
        return len(text.encode("utf-8", "replace")) if visibility is Visibility.DM else count_units(text)

    def describe(self) -> str:
        """Name the account."""
        found = self._client.get(self._options.account_id, {"fields": "id,username"})
        return f"Instagram @{wire.text(found, 'username')} ({self._options.account_id})"

    def _is_own(self, node: object) -> bool:
        return read_writer(node, of="", own=self.me).external_id == self._options.account_id

    def _read_mention(self, value: object, moment: datetime) -> Taken:
        """Return the comment or caption that names us: the call holds ids only."""
        media_id, comment_id = read_id(value, "media_id"), read_id(value, "comment_id")
        if not is_node(media_id) or (comment_id and not is_node(comment_id)):
            return Taken()
        field = f"mentioned_comment.comment_id({comment_id})" if comment_id else f"mentioned_media.media_id({media_id})"
        asked = "{id,text,timestamp}" if comment_id else "{id,caption,timestamp,username}"
        found = self._client.get(self._options.account_id, {"fields": field + asked})
        if comment_id:
            node = wire.part(found, "mentioned_comment")
            mention = read_mentioned(node, comment_id=comment_id, media_id=media_id, own=self.me, moment=moment)
            return Taken(mention=mention)
        return Taken(mention=read_tagged(wire.part(found, "mentioned_media"), own=self.me, moment=moment))
