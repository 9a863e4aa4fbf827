"""Makes mentions of Instagram's comments and media, as the API gives them and as webhooks tell them."""

import re
from dataclasses import replace
from datetime import datetime

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener import wire
from listener.channels.graph.nodes import COMMENT, MENTION, POST, TOP, UNKNOWN, WAY, WORDLESS, read_id, read_moment

COMMENT_FIELDS = "id,text,timestamp,username,from,hidden,parent_id"
TAGGED, MENTIONED = "tag:", "mention:"
"""Fronts of the ids of a post that names us, and of a comment elsewhere that does: only Meta's fields of mentions show them."""
MEDIA = "media"
"""Key of ``platform_data``: id of the media a mention stands below."""
SITE = "https://www.instagram.com/"


def read_comment(
    node: object,
    *,
    media_id: str,
    own: tuple[str, str],
    url: str,
    moment: datetime | None = None,
    parent_id: str = "",
) -> IncomingMention | None:
    """Return a comment below our own media. ``own``: our id and name; ``moment`` stands in where it has no time."""
    comment_id = read_id(node, "id")
    created_at = read_moment(node, "timestamp") or moment
    if not comment_id or not media_id or created_at is None:
        return None
    parent = parent_id or read_id(node, "parent_id")
    parent = "" if parent == media_id else parent
    return IncomingMention(
        external_id=comment_id,
        kind=MentionKind.COMMENT,
        text=wire.text(node, "text") or WORDLESS,
        author=read_writer(node, of=comment_id, own=own),
        created_at=created_at,
        engagement=Engagement.REPLIED if parent else Engagement.MENTIONED,
        thread_external_id=media_id,
        parent_external_id=parent or media_id,
        url=url,
        platform_data={WAY: COMMENT, TOP: parent or comment_id, "root_author": own[0]},
    )


def read_tagged(node: object, *, own: tuple[str, str], moment: datetime | None = None) -> IncomingMention | None:
    """Return somebody's media that names us. It can be answered where the caption itself does."""
    media_id = read_id(node, "id")
    created_at = read_moment(node, "timestamp") or moment
    if not media_id or created_at is None:
        return None
    caption = wire.text(node, "caption")
    url = wire.text(node, "permalink")
    return IncomingMention(
        external_id=f"{TAGGED}{media_id}",
        kind=MentionKind.POST,
        text=caption or WORDLESS,
        author=read_writer(node, of=f"{TAGGED}{media_id}", own=own),
        created_at=created_at,
        engagement=Engagement.MENTIONED,
        url=url if url.startswith("https://") else "",
        platform_data={WAY: MENTION if names(caption, own[1]) else POST, MEDIA: media_id},
    )


def read_mentioned(
    node: object, *, comment_id: str, media_id: str, own: tuple[str, str], moment: datetime
) -> IncomingMention:
    """Return a comment below somebody else's media that names us. Meta does not tell who wrote it."""
    external_id = f"{MENTIONED}{comment_id}"
    return IncomingMention(
        external_id=external_id,
        kind=MentionKind.COMMENT,
        text=wire.text(node, "text") or WORDLESS,
        author=read_writer(node, of=external_id, own=own),
        created_at=read_moment(node, "timestamp") or moment,
        engagement=Engagement.MENTIONED,
        platform_data={WAY: MENTION, MEDIA: media_id, "comment": comment_id},
    )


def read_writer(node: object, *, of: str, own: tuple[str, str]) -> IncomingAuthor:
    """Return who wrote ``node``; ourselves by our account's id, whichever id Meta uses for us there."""
    own_id, own_name = own
    name = wire.text(node, "from", "username") or wire.text(node, "username")
    author_id = read_id(node, "from", "id") or (f"@{name}" if name else f"{UNKNOWN}{of}")
    author = IncomingAuthor(external_id=author_id, handle=name, display_name=name, url=f"{SITE}{name}/" if name else "")
    return replace(author, external_id=own_id) if name and name == own_name else author


def names(text: str, username: str) -> bool:
    """Tell whether ``text`` names us."""
    return bool(username) and re.search(rf"@{re.escape(username)}(?![\w.]*\w)", text, re.IGNORECASE) is not None
