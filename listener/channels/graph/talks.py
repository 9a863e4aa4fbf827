"""Conversations in private: read, looked through for our own message, and asked whether the person may still be answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import PermanentError
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener import wire
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import (
    MESSAGE,
    UNKNOWN,
    WAY,
    WORDLESS,
    Listed,
    Taken,
    as_path,
    read_author,
    read_id,
    read_list,
    read_moment,
)
from listener.channels.graph.sources import Batch, Reach

MOST_TOLD: Final = 20
"""Messages of a conversation that Meta gives with their text; older ones look as if they were deleted."""
FIELDS: Final = "id,message,from,created_time"
WINDOW, WINDOW_HUMAN = timedelta(hours=24), timedelta(days=7)
"""How long after a person's last message we may write: always, and with Human Agent."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of a conversation."""

    id: str
    author: IncomingAuthor
    text: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Told:
    """What Meta tells of one conversation, the newest first."""

    said: tuple[Said, ...] = ()
    is_cut: bool = False
    """Older messages are not told."""
    unreadable: tuple[datetime | None, ...] = ()
    """When those were written that cannot be read; None where that is not told either."""

    def holds_all_since(self, moment: datetime) -> bool:
        """Tell whether every message from ``moment`` on was told."""
        is_reached = not self.is_cut or (bool(self.said) and self.said[-1].created_at < moment)
        return is_reached and not any(written is None or written >= moment for written in self.unreadable)


class Talks:
    """The conversations of one account on one platform (``messenger`` or ``instagram``)."""

    name = "messages"

    def __init__(
        self,
        client: Client,
        *,
        platform: str,
        account_id: str,
        own_name: Callable[[], str],
        inbox_url: str,
        page_size: int,
    ) -> None:
        self._client = client
        self._platform = platform
        self._account_id = account_id
        self._own_name = own_name
        """Our name where Meta may give us a second id; else nothing."""
        self._inbox_url = inbox_url
        self._page_size = min(page_size, MOST_TOLD)
        self._name_field = "username" if platform == "instagram" else "name"

    def read(self, after: str, reach: Reach) -> Batch:
        """Return a page of conversations, the one that was written in last first."""
        asked = f"id,updated_time,messages.limit({MOST_TOLD}){{{FIELDS}}}"
        params: dict[str, str | int] = {"platform": self._platform, "fields": asked, "limit": self._page_size}
        if after:
            params["after"] = after
        listed = read_list(self._client.get("me/conversations", params))
        mentions: list[IncomingMention] = []
        unreadable = 0
        is_old = False
        for talk in listed.nodes:
            updated = read_moment(talk, "updated_time")
            is_old = is_old or (updated is not None and updated < reach.since)
            for node in read_list(talk, "messages").nodes:
                said = self._read_said(node)
                if said is None:
                    written = read_moment(node, "created_time")
                    unreadable += written is None or written >= reach.since
                elif not self.is_own(said):
                    mentions.append(self._mention(said))
        return Batch(mentions=tuple(mentions), after="" if is_old else listed.after, unreadable=unreadable)

    def read_event(self, event: object, moment: datetime) -> Taken:
        """Return what an event of a webhook says: a message, a changed one, or one taken back."""
        body = wire.part(event, "message") or wire.part(event, "message_edit")
        message_id, sender = wire.text(body, "mid"), read_id(event, "sender", "id")
        if not message_id or not sender or sender == self._account_id or wire.part(body, "is_echo") is True:
            return Taken()
        if wire.part(body, "is_deleted") is True:
            return Taken(removed=message_id)
        said = Said(
            id=message_id,
            author=IncomingAuthor(external_id=sender, handle=""),
            text=wire.text(body, "text") or WORDLESS,
            created_at=read_moment(event, "timestamp") or moment,
        )
        return Taken(mention=self._mention(said))

    def find(self, person: str) -> Told:
        """Return the newest messages between us and ``person``; none where nobody wrote yet."""
        asked = f"id,messages.limit({MOST_TOLD}){{{FIELDS}}}"
        params = {"platform": self._platform, "user_id": person, "fields": asked}
        try:
            talks = read_list(self._client.get("me/conversations", params)).nodes
        except PermanentError as error:
            if error.code in {"gone", "not_reachable"}:
                return Told()
            raise
        return self._read_all([read_list(talk, "messages") for talk in talks])

    def find_of_comment(self, comment_id: str) -> Told:
        """Return the messages that began with a private reply to a comment on a Page."""
        asked = f"private_reply_conversation{{messages.limit({MOST_TOLD}){{{FIELDS}}}}}"
        try:
            found = self._client.get(as_path(comment_id), {"fields": asked})
        except PermanentError as error:
            if error.code == "gone":
                return Told()
            raise
        return self._read_all([read_list(found, "private_reply_conversation", "messages")])

    def last_of(self, person: str) -> datetime | None:
        """Return when ``person`` last wrote to us; None when it is not told."""
        if not person or person.startswith(UNKNOWN):
            return None
        return max((said.created_at for said in self.find(person).said if not self.is_own(said)), default=None)

    def is_own(self, said: Said) -> bool:
        """Tell whether we wrote it."""
        return said.author.external_id == self._account_id or said.author.handle == (self._own_name() or None)

    def _read_all(self, lists: list[Listed]) -> Told:
        read = [(node, self._read_said(node)) for listed in lists for node in listed.nodes]
        said = [one for _, one in read if one is not None]
        return Told(
            said=tuple(sorted(said, key=lambda one: one.created_at, reverse=True)),
            is_cut=any(listed.after or len(listed.nodes) >= MOST_TOLD for listed in lists),
            unreadable=tuple(read_moment(node, "created_time") for node, one in read if one is None),
        )

    def _read_said(self, node: object) -> Said | None:
        message_id, created_at = wire.text(node, "id"), read_moment(node, "created_time")
        if not message_id or created_at is None or not read_id(node, "from", "id"):
            return None
        return Said(
            id=message_id,
            author=read_author(node, of=message_id, name=self._name_field),
            text=wire.text(node, "message") or WORDLESS,
            created_at=created_at,
        )

    def _mention(self, said: Said) -> IncomingMention:
        return IncomingMention(
            external_id=said.id,
            kind=MentionKind.MESSAGE,
            text=said.text,
            author=said.author,
            created_at=said.created_at,
            engagement=Engagement.WROTE_DM,
            url=self._inbox_url,
            platform_data={WAY: MESSAGE},
        )
