"""From a message on the wire to a mention."""

from collections.abc import Collection, Sequence
from typing import Final

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.webhook.schema import Attachment, Message

CUSTOM: Final = "custom."
"""Begins the names of the sender's own fields in ``platform_data``."""
VISIBILITY: Final = "visibility"
THREAD: Final = "thread_id"
"""As it came: where none came, intake makes up one of its own, which the sender does not know."""
PRIVATE_REPLY: Final = "private_reply"
OURS: Final = "\x7fours"
"""Author of what we wrote ourselves. The schema takes no control character in an id, so that no customer is called this."""
PRIVATE: Final = "private"
YES, NO = "yes", "no"


def read_message(message: Message, *, own_ids: Collection[str] = ()) -> IncomingMention:
    """Return ``message`` as a mention. Whoever writes by this channel turns to us, but for ``own_ids``: these are we."""
    author = message.author
    return IncomingMention(
        external_id=message.id,
        kind=_kind(message),
        text=_text(message),
        author=IncomingAuthor(
            external_id=OURS if author.id in own_ids else author.id,
            handle=author.handle or author.name or author.id,
            display_name=author.name,
            url=author.url,
        ),
        created_at=message.created_at,
        engagement=_engagement(message),
        thread_external_id=message.thread_id,
        parent_external_id=message.parent_id,
        url=message.url,
        language_hint=message.language,
        rating=message.rating,
        platform_data=_platform_data(message),
    )


def _kind(message: Message) -> MentionKind:
    if message.rating is not None:
        return MentionKind.REVIEW
    if message.visibility == PRIVATE:
        return MentionKind.MESSAGE
    return MentionKind.COMMENT if message.parent_id else MentionKind.POST


def _engagement(message: Message) -> Engagement:
    if message.visibility == PRIVATE:
        return Engagement.WROTE_DM
    if message.rating is not None:
        return Engagement.REVIEWED
    return Engagement.REPLIED if message.parent_id else Engagement.MENTIONED


def _platform_data(message: Message) -> dict[str, str]:
    told = message.private_reply
    may = told if told is not None else (True if message.visibility == PRIVATE else None)
    facts = {VISIBILITY: message.visibility} | ({} if may is None else {PRIVATE_REPLY: YES if may else NO})
    facts |= {THREAD: message.thread_id} if message.thread_id else {}
    return facts | {f"{CUSTOM}{name}": value for name, value in message.custom.items()}


def _text(message: Message) -> str:
    return "\n\n".join(part for part in (message.text, _list_line(message.attachments)) if part)


def _list_line(attachments: Sequence[Attachment]) -> str:
    named = [" ".join(filter(None, (one.name, one.type and f"({one.type})", one.url))) for one in attachments]
    return f"📎 {', '.join(named)}" if named else ""
