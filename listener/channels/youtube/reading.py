"""Comments as YouTube sends them, turned into mentions. Anything may be missing, wrong or hostile."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.youtube import wire
from listener.channels.youtube.account import Me

UNPUBLISHED = frozenset({"heldForReview", "likelySpam", "rejected"})
HANDLE = re.compile(r"@[^\s@/:]{1,30}")
"""A handle as YouTube gives them. An old channel's title may begin with ``@`` too, and that must never stand in our answer."""
CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, kw_only=True)
class Thread:
    """Where a comment stands: what its replies do not tell of themselves."""

    id: str
    root_author: str = ""
    video_id: str = ""
    channel_id: str = ""
    """Whose video it is."""


def read_thread(item: object) -> Thread:
    """Return the thread of an entry of ``commentThreads.list``."""
    top = wire.part(item, "snippet", "topLevelComment")
    return Thread(
        id=wire.text(top, "id") or wire.text(item, "id"),
        root_author=read_author_id(top),
        video_id=wire.text(item, "snippet", "videoId") or wire.text(top, "snippet", "videoId"),
        channel_id=wire.text(item, "snippet", "channelId") or wire.text(top, "snippet", "channelId"),
    )


def read_comment(comment: object, thread: Thread, *, me: Me, is_signed_in: bool) -> IncomingMention | None:
    """Return the mention that ``comment`` is; None when it is ours, not published, or nothing that can be read."""
    comment_id, author = wire.text(comment, "id"), read_author(comment)
    if not comment_id or author.external_id == me.id:
        return None
    if wire.text(comment, "snippet", "moderationStatus") in UNPUBLISHED:
        return None
    parent = "" if comment_id == thread.id else thread.id
    said = read_text(comment)
    data = {"root_author": thread.root_author, "video_id": thread.video_id, "likes": str(_likes(comment))}
    name = wire.text(comment, "snippet", "authorDisplayName")
    if parent and HANDLE.fullmatch(name) and name.isprintable():
        data["address"] = name
    return IncomingMention(
        external_id=comment_id,
        kind=MentionKind.COMMENT,
        text=said,
        author=author,
        created_at=wire.moment(comment, "snippet", "publishedAt") or wire.EPOCH,
        engagement=_engagement(said, thread, me=me, is_reply=bool(parent)) if is_signed_in else Engagement.POSTED,
        thread_external_id=thread.id,
        parent_external_id=parent,
        url=comment_url(comment_id, video_id=thread.video_id, channel_id=thread.channel_id),
        platform_data=data,
    )


def read_text(comment: object) -> str:
    """Return what the author wrote.

    ``textOriginal`` is that, but is promised for our own comments only; ``textDisplay`` is asked for as plain text, in which
    YouTube may have put a video's title in the place of its address.
    """
    original = wire.part(comment, "snippet", "textOriginal")
    return original if isinstance(original, str) else wire.text(comment, "snippet", "textDisplay")


def read_author_id(comment: object) -> str:
    """Return the channel id of whoever wrote ``comment``; empty when YouTube does not tell."""
    return wire.text(comment, "snippet", "authorChannelId", "value")


def read_author(comment: object) -> IncomingAuthor:
    """Return the author. Whoever has no channel any more is somebody else in each comment."""
    name = wire.text(comment, "snippet", "authorDisplayName")
    channel_id = read_author_id(comment)
    return IncomingAuthor(
        external_id=channel_id or f"unknown:{wire.text(comment, 'id')}",
        handle=name.removeprefix("@"),
        display_name="" if name.startswith("@") else name,
        url=f"https://www.youtube.com/channel/{channel_id}" if CHANNEL_ID.fullmatch(channel_id) else "",
    )


def comment_url(comment_id: str, *, video_id: str, channel_id: str = "") -> str:
    """Return where people read the comment: under its video, at the top."""
    if video_id:
        return f"https://www.youtube.com/watch?v={quote(video_id, safe='')}&lc={quote(comment_id, safe='')}"
    return f"https://www.youtube.com/channel/{quote(channel_id, safe='')}" if channel_id else ""


def names_us(text: str, me: Me) -> bool:
    """Tell whether ``text`` names our handle."""
    return bool(me.handle) and re.search(rf"@{re.escape(me.handle)}(?![\w.\-·])", text, re.IGNORECASE) is not None


def _engagement(text: str, thread: Thread, *, me: Me, is_reply: bool) -> Engagement:
    """Return how the author engaged with us. Who writes under our video turns to us; elsewhere, who answers or names us."""
    if is_reply and me.id in {thread.channel_id, thread.root_author}:
        return Engagement.REPLIED
    if thread.channel_id == me.id or names_us(text, me):
        return Engagement.MENTIONED
    return Engagement.POSTED


def _likes(comment: object) -> int:
    return wire.whole(comment, "snippet", "likeCount") or 0
