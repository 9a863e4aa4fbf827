"""Facebook's side of the Graph API: what events mean, and how a comment is answered and asked about."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.errors import PermanentError
from domain.replies import PlatformFacts, SendRequest, SentPost
from domain.words import Visibility
from listener import wire
from listener.channels.facebook.options import FacebookOptions
from listener.channels.facebook.reading import (
    COMMENT_FIELDS,
    POST_FIELDS,
    TAGGED,
    read_comment,
    read_comment_event,
    read_post,
)
from listener.channels.facebook.sources import Feed, Tagged
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import COMMENT, MENTION, TOP, WAY, Taken, as_path, read_id, read_moment
from listener.channels.graph.sending import find_comment, post_comment
from listener.channels.graph.sources import Source
from listener.reviews import count_units

FIELDS: Final = frozenset({"feed", "mention"})
"""Fields of the Page's webhooks that are read; messages beside."""
LONGEST_COMMENT, LONGEST_MESSAGE = 8000, 2000
POSTS: Final = frozenset({"status", "post", "photo", "video", "share", "link", "note"})
NEW, CHANGED, TAKEN_AWAY = frozenset({"add", "unhide"}), frozenset({"edited", "edit"}), frozenset({"remove", "delete"})


class Facebook:
    """One Page."""

    needed = (
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_manage_metadata",
        "pages_messaging",
    )
    message_permission = "pages_messaging"

    def __init__(self, options: FacebookOptions, *, client: Client) -> None:
        self._options = options
        self._client = client

    def sources(self) -> list[Source]:
        """Return the feed and what names us elsewhere."""
        return [Feed(self._client, self._options), Tagged(self._client, self._options)]

    def read_change(self, change: object, moment: datetime) -> Taken:
        """Return what an event of the fields ``feed`` and ``mention`` says."""
        value = wire.part(change, "value")
        if wire.text(change, "field") == "mention":
            return self._read_mention(value, moment)
        item, verb = wire.text(value, "item"), wire.text(value, "verb")
        if item not in {*POSTS, COMMENT}:
            return Taken()
        named = read_id(value, "comment_id" if item == COMMENT else "post_id")
        if verb in TAKEN_AWAY:
            return Taken(removed=named)  # whoever did it: what nobody knows is passed over
        # "hide" says nothing: what a moderator hides is still there, and a case; it is only not answered while it is hidden.
        if verb not in NEW | CHANGED or read_id(value, "from", "id") == self._options.page_id:
            return Taken()
        if item == COMMENT:
            return Taken(mention=read_comment_event(value, page_id=self._options.page_id, moment=moment))
        return Taken(mention=read_post(value, post_id=named, page_id=self._options.page_id, moment=moment))

    def send_comment(self, request: SendRequest) -> SentPost:
        """Answer below the comment or post."""
        target = request.target.external_id.removeprefix(TAGGED)
        comment_id = post_comment(self._client, f"{as_path(target)}/comments", {"message": request.text})
        return SentPost(external_id=comment_id, url=f"https://www.facebook.com/{comment_id}")

    def find_comment(self, request: SendRequest) -> SentPost | None:
        """Look below the comment, or the one that it answers itself: Facebook puts all answers there."""
        top = request.target.platform_data.get(TOP) or request.target.external_id.removeprefix(TAGGED)
        params = {"filter": "stream", "order": "reverse_chronological", "fields": COMMENT_FIELDS}
        found = find_comment(
            self._client,
            f"{as_path(top)}/comments",
            params,
            request,
            is_own=self._is_own,
            check_reading=self.check_reading,
        )
        return SentPost(external_id=found, url=f"https://www.facebook.com/{found}") if found else None

    def tell_facts(self, request_target_id: str, way: str) -> tuple[PlatformFacts, datetime | None]:
        """Ask for the comment, whether it can be answered in public, which a hidden one cannot, and in private."""
        if request_target_id.startswith(TAGGED):
            return PlatformFacts(), None
        fields = "id,created_time,can_comment,can_reply_privately,is_hidden" if way == COMMENT else "id,created_time"
        try:
            found = self._client.get(as_path(request_target_id), {"fields": fields})
        except PermanentError as error:
            if error.code != "gone":
                raise
            return PlatformFacts(exists=False, replies_allowed=False, dm_allowed=False), None
        facts = PlatformFacts(
            exists=True,
            replies_allowed=False if wire.part(found, "is_hidden") is True else _fact(found, "can_comment"),
            dm_allowed=_fact(found, "can_reply_privately"),
        )
        return facts, read_moment(found, "created_time")

    def check_reading(self) -> None:
        """Ask for our newest post with a comment. Raises ``PermanentError`` where we may not."""
        self._client.get(f"{self._options.page_id}/feed", {"fields": "id,comments.limit(1){id}", "limit": 1})

    def limit(self, visibility: Visibility) -> int:
        """Return the longest text."""
        return LONGEST_MESSAGE if visibility is Visibility.DM else LONGEST_COMMENT

    def count(self, text: str, visibility: Visibility) -> int:
        """Count characters, an emoji as two or more."""
        del visibility
        return count_units(text)

    def describe(self) -> str:
        """Name the Page. Raises ``PermanentError`` for a token of another one."""
        found = self._client.get("me", {"fields": "id,name"})
        if read_id(found, "id") != self._options.page_id:
            raise PermanentError(
                "The access token is not one of this Page.",
                code="wrong_page",
                remedy="Make a Page token of options.page_id, not a user's: GET /me/accounts tells it.",
            )
        return f"Facebook Page {wire.text(found, 'name')} ({self._options.page_id})"

    def _is_own(self, node: object) -> bool:
        return read_id(node, "from", "id") == self._options.page_id

    def _read_mention(self, value: object, moment: datetime) -> Taken:
        """Return the post or comment elsewhere that names the Page; the call often holds no text, so it is asked for."""
        post_id, comment_id = read_id(value, "post_id"), read_id(value, "comment_id")
        if not post_id or read_id(value, "sender_id") == self._options.page_id:
            return Taken()
        if comment_id and not post_id.startswith(f"{self._options.page_id}_"):
            node = self._client.get(as_path(comment_id), {"fields": COMMENT_FIELDS})
            found = read_comment(node, post_id=post_id, page_id=self._options.page_id, moment=moment)
            if found is None:
                return Taken()
            data = {WAY: MENTION, TOP: found.platform_data[TOP]}
            return Taken(mention=replace(found, external_id=f"{TAGGED}{found.external_id}", platform_data=data))
        if comment_id or wire.text(value, "verb") in TAKEN_AWAY:  # what stands on the Page itself comes by the feed
            return Taken()
        node = self._client.get(as_path(post_id), {"fields": POST_FIELDS})
        return Taken(mention=read_post(node, post_id=post_id, page_id=self._options.page_id, moment=moment))


def _fact(node: object, name: str) -> bool | None:
    found = wire.part(node, name)
    return found if isinstance(found, bool) else None
