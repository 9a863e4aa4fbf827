"""From a message event to a mention: its words, or what it is where it has none; whom it turns to; what hangs on it."""

import re
import unicodedata
from typing import Final

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener import wire
from listener.channels.line.events import Event, Source, SourceKind
from listener.channels.line.people import Profile

CHAT, SOURCE, QUOTE_TOKEN, ATTACHMENT = "chat", "source", "quote_token", "attachment"
"""Keys of ``platform_data``."""
MOST_KEYWORDS: Final = 5
"""Of a sticker's up to fifteen: LINE draws them by lot, and the first few say enough."""
MOST_EMOJIS: Final = 1000
NAMELESS: Final = "(emoji)"
"""For a LINE emoji without a word of its own."""
UNKNOWN_PERSON: Final = "unknown"
WORD: Final = re.compile(r"[a-zA-Z]{1,20}")
PLACEHOLDERS: Final = frozenset({"$", "\ufffc"})


def read_message(event: Event) -> object:
    """Return the message of an event."""
    return wire.part(event.body, "message")


def names_us(message: object) -> bool:
    """Tell whether our account is named with ``@`` in a message."""
    return any(wire.part(one, "isSelf") is True for one in wire.items(message, "mention", "mentionees"))


def quoted_id(message: object) -> str:
    """Return the message that is quoted; empty when none is."""
    return wire.text(message, "quotedMessageId")


def make_mention(event: Event, profile: Profile, *, url: str, is_to_us: bool) -> IncomingMention:
    """Return the mention. ``is_to_us`` False: people in a group talk among themselves.

    It is a message wherever it was written, and no stranger's to read; but only alone with us was it written in private: in a group
    everybody reads what is answered.
    """
    message, source = read_message(event), event.source
    return IncomingMention(
        external_id=wire.text(message, "id"),
        kind=MentionKind.MESSAGE,
        text=describe(message),
        author=_author(source, profile),
        created_at=event.occurred_at,
        engagement=_engagement(source, message) if is_to_us else Engagement.POSTED,
        thread_external_id=source.chat_id,
        parent_external_id=quoted_id(message),
        url=url,
        language_hint=profile.language,
        platform_data=_platform_data(message, source),
    )


def _engagement(source: Source, message: object) -> Engagement:
    if source.kind is SourceKind.USER:
        return Engagement.WROTE_DM
    return Engagement.MENTIONED if names_us(message) else Engagement.REPLIED


def describe(message: object) -> str:
    """Return the text of a message; for what is no text, in brackets what it is and says."""
    kind = wire.text(message, "type")
    if kind == "text":
        return _name_emojis(wire.text(message, "text"), wire.items(message, "emojis"))
    said = {
        "image": _describe_image,
        "video": _describe_length,
        "audio": _describe_length,
        "file": lambda found: wire.text(found, "fileName"),
        "location": _describe_place,
        "sticker": _describe_sticker,
    }.get(kind)
    name = kind if WORD.fullmatch(kind) else "message"
    words = " ".join(said(message).split()) if said else ""
    return f"[{name}: {words}]" if words else f"[{name}]"


def _author(source: Source, profile: Profile) -> IncomingAuthor:
    external_id = source.user_id or f"{UNKNOWN_PERSON}:{source.chat_id}"
    return IncomingAuthor(
        external_id=external_id, handle=profile.display_name or external_id, display_name=profile.display_name
    )


def _platform_data(message: object, source: Source) -> dict[str, str]:
    data = {CHAT: source.chat_id, SOURCE: source.kind.value}
    # In a group our answer shows what it answers; alone with a person it is clear.
    if source.kind is not SourceKind.USER and (token := wire.text(message, "quoteToken")):
        data[QUOTE_TOKEN] = token
    if attachment := _describe_attachment(message):
        data[ATTACHMENT] = attachment
    return data


def _describe_attachment(message: object) -> str:
    """Return what hangs on a message and where LINE has it; it is never fetched."""
    kind = wire.text(message, "type")
    if kind == "sticker":
        return f"sticker {wire.text(message, 'packageId')}/{wire.text(message, 'stickerId')}"
    if kind not in {"image", "video", "audio", "file"}:
        return ""
    size = wire.whole(message, "fileSize")
    details = (wire.text(message, "fileName"), f"{size} bytes" if size is not None else "")
    where = wire.text(message, "contentProvider", "originalContentUrl")
    return " ".join(part for part in (kind, wire.text(message, "id"), *details, where) if part)


def _describe_image(message: object) -> str:
    index, total = wire.whole(message, "imageSet", "index"), wire.whole(message, "imageSet", "total")
    return f"{index}/{total}" if index and total else ""


def _describe_length(message: object) -> str:
    duration = wire.whole(message, "duration")
    # In whole numbers: JSON holds some that no float does.
    return f"{max(1, round(duration, -3) // 1000)} s" if duration else ""


def _describe_place(message: object) -> str:
    told = [part for part in (wire.text(message, "title"), wire.text(message, "address")) if part]
    if not told:
        told = [str(place) for name in ("latitude", "longitude") if (place := wire.part(message, name)) is not None]
    return ", ".join(told)


def _describe_sticker(message: object) -> str:
    written = wire.text(message, "text")
    keywords = [word for word in wire.items(message, "keywords") if isinstance(word, str)]
    return written or ", ".join(keywords[:MOST_KEYWORDS])


def _name_emojis(text: str, emojis: list[object]) -> str:
    """Return the text with a word for each LINE emoji. LINE itself writes one in brackets, ``(love)``, which stays; what has none
    comes as a placeholder. Places are counted in UTF-16, as everywhere at LINE.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    places = [(wire.whole(one, "index"), wire.whole(one, "length")) for one in emojis[:MOST_EMOJIS]]
    known = [(index, length) for index, length in places if index is not None and length is not None]
    for index, length in sorted(known, reverse=True):
        if index < 0 or length < 1 or 2 * (index + length) > len(units):
            continue
        piece = units[2 * index : 2 * (index + length)].decode("utf-16-le", "replace")
        if all(sign in PLACEHOLDERS or unicodedata.category(sign) == "Co" for sign in piece):
            units = units[: 2 * index] + NAMELESS.encode("utf-16-le") + units[2 * (index + length) :]
    return units.decode("utf-16-le", "surrogatepass")
