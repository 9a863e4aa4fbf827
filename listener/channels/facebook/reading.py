"""Makes mentions of a Page's posts and comments, as the API gives them and as webhooks tell them."""

from datetime import datetime

from domain.mentions import IncomingMention
from domain.words import Engagement, MentionKind
from listener import wire
from listener.channels.graph.nodes import COMMENT, POST, TOP, WAY, WORDLESS, read_author, read_id, read_moment

COMMENT_FIELDS = "id,message,created_time,from,parent{id},permalink_url,is_hidden"
POST_FIELDS = "id,message,created_time,updated_time,from,permalink_url"
TAGGED = "tag:"
"""Front of the id of a post that stands elsewhere and names us: Meta does not show us whether it still stands."""
SITE = "https://www.facebook.com/"


def read_comment(node: object, *, post_id: str, page_id: str, moment: datetime | None = None) -> IncomingMention | None:
    """Return a comment of the API's; ``moment`` stands in where it has no time."""
    return _comment(
        node,
        comment_id=read_id(node, "id"),
        post_id=post_id,
        parent_id=read_id(node, "parent", "id"),
        page_id=page_id,
        created_at=read_moment(node, "created_time") or moment,
        url=wire.text(node, "permalink_url"),
    )


def read_comment_event(value: object, *, page_id: str, moment: datetime) -> IncomingMention | None:
    """Return a comment of a webhook's."""
    return _comment(
        value,
        comment_id=read_id(value, "comment_id"),
        post_id=read_id(value, "post_id"),
        parent_id=read_id(value, "parent_id"),
        page_id=page_id,
        created_at=read_moment(value, "created_time") or moment,
        url="",
    )


def read_post(node: object, *, post_id: str, page_id: str, moment: datetime | None = None) -> IncomingMention | None:
    """Return a post by somebody else, on our Page or with our name in it."""
    created_at = read_moment(node, "created_time") or moment
    if not post_id or created_at is None:
        return None
    is_here = post_id.startswith(f"{page_id}_")
    external_id = post_id if is_here else f"{TAGGED}{post_id}"
    return IncomingMention(
        external_id=external_id,
        kind=MentionKind.POST,
        text=wire.text(node, "message") or WORDLESS,
        author=read_author(node, of=external_id, name="name"),
        created_at=created_at,
        engagement=Engagement.MENTIONED,
        thread_external_id=post_id,
        url=_https(wire.text(node, "permalink_url")) or f"{SITE}{post_id}",
        platform_data={WAY: POST, TOP: post_id, **({"root_author": page_id} if is_here else {})},
    )


def _comment(
    node: object,
    *,
    comment_id: str,
    post_id: str,
    parent_id: str,
    page_id: str,
    created_at: datetime | None,
    url: str,
) -> IncomingMention | None:
    if not comment_id or not post_id or created_at is None:
        return None
    parent = parent_id if parent_id not in {"", post_id} else ""
    # Webhooks do not tell who wrote the post. On our Page each person is a case of their own, whoever began.
    root = {"root_author": page_id} if post_id.startswith(f"{page_id}_") else {}
    return IncomingMention(
        external_id=comment_id,
        kind=MentionKind.COMMENT,
        text=wire.text(node, "message") or WORDLESS,
        author=read_author(node, of=comment_id, name="name"),
        created_at=created_at,
        engagement=Engagement.REPLIED if parent else Engagement.MENTIONED,
        thread_external_id=post_id,
        parent_external_id=parent or post_id,
        url=_https(url) or f"{SITE}{comment_id}",
        platform_data={WAY: COMMENT, TOP: parent or comment_id, **root},
    )


def _https(url: str) -> str:
    return url if url.startswith("https://") else ""
