"""Posts and messages as X sends them, turned into mentions. Anything may be missing, wrong or hostile.

Names of both generations are read: ``referenced_tweets`` and ``referenced_posts``, ``note_tweet`` and ``note_post``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.errors import PermanentError
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.x import answers
from listener.channels.x.snowflakes import moment_of

MESSAGE_PREFIX: Final = "dm:"
"""Begins the external id of a direct message, ``dm:EVENT``, and of its thread. Posts are plain numbers."""
POST_FIELDS: Final = (
    "id", "text", "author_id", "created_at", "conversation_id", "in_reply_to_user_id", "referenced_tweets",
    "entities", "lang", "note_tweet", "reply_settings",
)  # fmt: skip
USER_FIELDS: Final = ("id", "username", "name", "protected", "receives_your_dm")
MESSAGE_FIELDS: Final = ("id", "text", "event_type", "created_at", "sender_id", "dm_conversation_id", "entities")
NO_LANGUAGE: Final = frozenset({"", "und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"})
"""X's marks for a text without words: only hashtags, only media and so on."""
POST_ADDRESS: Final = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/([A-Za-z0-9_]{1,15})/status/\d+")
PREFIX: Final = re.compile(r"(?:@\w{1,15}\s+)+")
"""The handles that X puts before a reply by itself."""


@dataclass(frozen=True, kw_only=True)
class Ourselves:
    """Our account."""

    id: str
    username: str


def read_users(answer: object) -> dict[str, object]:
    """Return the profiles that came along, by id."""
    users = answers.items(answer, "includes", "users")
    return {found: user for user in users if (found := answers.text(user, "id"))}


def read_author(author_id: str, users: Mapping[str, object]) -> IncomingAuthor:
    """Return the author; one whose profile did not come along is known by the id."""
    user = users.get(author_id)
    return IncomingAuthor(
        external_id=author_id,
        handle=answers.text(user, "username") or author_id,
        display_name=answers.text(user, "name"),
        url=f"https://x.com/i/user/{author_id}",
    )


def first_id(post: object) -> str:
    """Return the id a post began with: every edit gets a new one."""
    history = answers.items(post, "edit_history_tweet_ids") or answers.items(post, "edit_history_post_ids")
    first = next((given for given in history if isinstance(given, str) and answers.is_id(given)), "")
    return first or answers.text(post, "id")


def referenced(post: object, kind: str) -> str:
    """Return the id of the post that this one answers (``replied_to``), quotes or repeats; empty if none."""
    references = answers.items(post, "referenced_tweets") or answers.items(post, "referenced_posts")
    return next((answers.text(one, "id") for one in references if answers.text(one, "type") == kind), "")


def read_text(post: object) -> str:
    """Return the whole text as people read it: long posts in full, entities resolved, short links spelled out."""
    note = answers.part(post, "note_tweet") or answers.part(post, "note_post")
    whole = note if answers.text(note, "text") else post
    text = answers.text(whole, "text")
    # X writes these three, and only these, as HTML does.
    for written, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(written, meant)
    for link in answers.items(whole, "entities", "urls"):
        short, spelled = answers.text(link, "url"), answers.text(link, "expanded_url")
        if short.startswith("https://t.co/") and spelled:
            text = text.replace(short, spelled)
    return text


def read_post(post: object, users: Mapping[str, object], us: Ourselves) -> IncomingMention | None:
    """Return the mention that a post is; None for our own posts and for repeats of others'.

    Raises ``PermanentError`` (``fields_missing``) when X left out what was asked for: a made-up time or author is worse.
    """
    check_fields(post)
    author_id = answers.text(post, "author_id")
    created_at = answers.moment(post, "created_at")
    if created_at is None or author_id == us.id or referenced(post, "retweeted"):
        return None
    external_id, parent = first_id(post), referenced(post, "replied_to")
    conversation = answers.text(post, "conversation_id")
    language = answers.text(post, "lang")
    return IncomingMention(
        external_id=external_id,
        kind=MentionKind.COMMENT if parent else MentionKind.POST,
        text=read_text(post),
        author=read_author(author_id, users),
        created_at=created_at,
        engagement=read_engagement(post, us),
        thread_external_id=conversation or external_id,
        parent_external_id=parent,
        quoted_external_id=read_quoted(post, us),
        url=f"https://x.com/i/status/{answers.text(post, 'id')}",
        language_hint="" if language in NO_LANGUAGE else language[:16],
        platform_data={"post_id": answers.text(post, "id")},
    )


def read_quoted(post: object, us: Ourselves) -> str:
    """Return the id of the post that this one quotes; nothing for one of ours.

    Its words are not asked for: X bills every post that an answer carries along.
    """
    quoted = referenced(post, "quoted")
    return quoted if answers.is_id(quoted) and not _links_to_us(post, us) else ""


def check_fields(post: object) -> None:
    """Raise ``PermanentError`` unless author and time came back."""
    missing = [name for name in ("id", "author_id", "created_at") if not answers.text(post, name)]
    if missing:
        raise PermanentError(
            f"X does not return {', '.join(missing)} of posts, though they were asked for.",
            code="fields_missing",
            remedy="X renamed its fields: change options.post_fields to the other value.",
        )


def read_engagement(post: object, us: Ourselves) -> Engagement:
    """Return how the author engaged with us, by the post alone, so that search and mentions always agree.

    A reply to us always carries our handle, put there by X; it counts as a mention only where the person wrote it as well.
    """
    ours = [one for one in answers.items(post, "entities", "mentions") if _is_us(one, us)]
    prefix = PREFIX.match(answers.text(post, "text"))
    written = [one for one in ours if (answers.whole(one, "start") or 0) >= (prefix.end() if prefix else 0)]
    if answers.text(post, "in_reply_to_user_id") == us.id:
        return Engagement.MENTIONED if written else Engagement.REPLIED
    if ours:
        return Engagement.MENTIONED
    if referenced(post, "quoted") and _links_to_us(post, us):
        return Engagement.QUOTED
    return Engagement.POSTED


def read_message(event: object, users: Mapping[str, object], us: Ourselves) -> IncomingMention | None:
    """Return the mention that a message event is; None for our own messages and for anything else."""
    event_id, sender = answers.text(event, "id"), answers.text(event, "sender_id")
    kind = answers.text(event, "event_type") or "MessageCreate"
    if not answers.is_id(event_id) or not sender or sender == us.id or kind != "MessageCreate":
        return None
    conversation = answers.text(event, "dm_conversation_id")
    return IncomingMention(
        external_id=f"{MESSAGE_PREFIX}{event_id}",
        kind=MentionKind.MESSAGE,
        text=read_text(event),
        author=read_author(sender, users),
        created_at=answers.moment(event, "created_at") or moment_of(int(event_id)),
        engagement=Engagement.WROTE_DM,
        thread_external_id=f"{MESSAGE_PREFIX}{conversation}" if conversation else "",
        url=f"https://x.com/messages/{conversation}" if conversation else "",
        platform_data={"conversation_id": conversation} if conversation else {},
    )


def _is_us(mention: object, us: Ourselves) -> bool:
    return answers.text(mention, "id") == us.id or answers.text(mention, "username").lower() == us.username.lower()


def _links_to_us(post: object, us: Ourselves) -> bool:
    """Tell whether a post carries the address of a post of ours: a quote does, and reading it from there costs nothing."""
    for link in answers.items(post, "entities", "urls"):
        found = POST_ADDRESS.match(answers.text(link, "expanded_url"))
        if found and found.group(1).lower() == us.username.lower():
            return True
    return False
