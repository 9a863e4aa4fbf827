"""How a fake YouTube shows things: resources of the Data API v3 as its reference describes them, and Google's errors."""

import html
from collections.abc import Sequence
from datetime import datetime

from starlette.responses import JSONResponse

from tests.partners.youtube_world import Comment, Person, Video


def refuse(status: int, reason: str, message: str = "", /, **details: str) -> JSONResponse:
    """Return an error as Google writes it."""
    error: dict[str, object] = {
        "code": status,
        "message": message or reason,
        "errors": [{"message": message or reason, "domain": "youtube.api", "reason": reason}],
    }
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **details}]
    return JSONResponse({"error": error}, status_code=status)


def show_list(kind: str, items: Sequence[object], next_page: str = "") -> JSONResponse:
    """Return a list's answer."""
    body: dict[str, object] = {"kind": f"youtube#{kind}ListResponse", "etag": "x", "items": list(items)}
    if next_page:
        body["nextPageToken"] = next_page
    return JSONResponse(body)


def show_channel(person: Person) -> dict[str, object]:
    """Return a ``channel`` resource."""
    snippet = {"title": person.title, "customUrl": f"@{person.handle}", "publishedAt": "2020-01-01T00:00:00Z"}
    return {"kind": "youtube#channel", "id": person.id, "snippet": snippet}


def show_video(video: Video) -> dict[str, object]:
    """Return a ``video`` resource."""
    return {"kind": "youtube#video", "id": video.id}


def show_comment(comment: Comment, *, viewer: Person | None, is_plain: bool) -> dict[str, object]:
    """Return a ``comment`` resource. The original text is shown to its author only, as is promised."""
    shown = comment.shown_text or comment.text
    snippet: dict[str, object] = {
        "channelId": comment.video.owner.id,
        "videoId": comment.video.id,
        "textDisplay": shown if is_plain else html.escape(shown).replace("\n", "<br>"),
        "authorDisplayName": comment.author.shown_name,
        "authorProfileImageUrl": "https://yt3.example/photo.jpg",
        "authorChannelUrl": f"http://www.youtube.com/{comment.author.shown_name}",
        "canRate": True,
        "viewerRating": "none",
        "likeCount": comment.likes,
        "publishedAt": write_moment(comment.published_at),
        "updatedAt": write_moment(comment.updated_at),
    }
    if comment.has_author:
        snippet["authorChannelId"] = {"value": comment.author.id}
    if viewer is comment.author:
        snippet["textOriginal"] = comment.text
    if comment.parent is not None:
        snippet["parentId"] = comment.parent.id
    if comment.is_held:
        snippet["moderationStatus"] = "heldForReview"
    return {"kind": "youtube#comment", "etag": "x", "id": comment.id, "snippet": snippet}


def show_thread(
    top: Comment, replies: Sequence[Comment], *, total: int, viewer: Person | None, is_plain: bool
) -> dict[str, object]:
    """Return a ``commentThread`` resource with some of its ``total`` replies."""
    item: dict[str, object] = {
        "kind": "youtube#commentThread",
        "etag": "x",
        "id": top.id,
        "snippet": {
            "channelId": top.video.owner.id,
            "videoId": top.video.id,
            "topLevelComment": show_comment(top, viewer=viewer, is_plain=is_plain),
            "canReply": viewer is not None and top.takes_replies,
            "totalReplyCount": total,
            "isPublic": True,
        },
    }
    if replies:
        item["replies"] = {"comments": [show_comment(one, viewer=viewer, is_plain=is_plain) for one in replies]}
    return item


def write_moment(moment: datetime) -> str:
    """Return a time as YouTube writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
