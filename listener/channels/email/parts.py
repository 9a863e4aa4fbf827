"""A mail's parts: the one that people read as text, and the names and sizes of what is attached. Nothing attached is decoded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.message import Message
from typing import Final

from listener.channels.email.charsets import decode_bytes
from listener.channels.email.headers import decode_words, one_line, raw_header
from listener.channels.email.quoting import cut_markup
from listener.html_text import read_html

MOST_PARTS: Final = 500
DEEPEST: Final = 30
LONGEST_NAME: Final = 80
SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came with a mail. It stays in the mailbox."""

    name: str
    size: int | None
    """Bytes; None when the mail was not read to its end."""


def walk_parts(message: Message) -> Iterator[Message]:
    """Yield the leaves, without going into attached mails; a bounded number, to a bounded depth."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            if depth < DEEPEST:
                waiting.extend((one, depth + 1) for one in reversed(inner) if isinstance(one, Message))
        else:
            yield part


def read_body(message: Message, *, answers: bool) -> str:
    """Return the text: every plain part one after the other, else the first HTML one (without history if it ``answers``)."""
    bodies = [part for part in walk_parts(message) if not _is_attached(part)]
    plain = [text for part in bodies if part.get_content_type() == "text/plain" and (text := _read_plain(part)).strip()]
    if plain:
        return "\n".join(plain)
    for part in bodies:
        if part.get_content_type() == "text/html":
            markup = _decoded(part)
            text = read_html(cut_markup(markup) if answers else markup)
            if text.strip():
                return text
    other = (part for part in bodies if part.get_content_maintype() == "text")
    return next((text for part in other if (text := _decoded(part)).strip()), "")


def list_attachments(message: Message, *, is_whole: bool) -> list[Attachment]:
    """Return what is attached. Pictures that only decorate the text (with an id for it, without a name) are none."""
    parts = [part for part in walk_parts(message) if _is_attached(part)]
    return [
        Attachment(name=file_name(part), size=_size(part) if is_whole or part is not parts[-1] else None)
        for part in parts
    ]


def file_name(part: Message) -> str:
    """Return an attachment's name in one line; its type when it has none."""
    return (
        clean_file_name(_parameter(part, "content-disposition", "filename") or _parameter(part, "content-type", "name"))
        or (part.get_content_type()[:LONGEST_NAME])
    )


def clean_file_name(written: str) -> str:
    """Return a name as it may be shown: decoded, one line, without folders; a long one keeps its ending."""
    name = one_line(decode_words(written)).replace("\\", "/").rsplit("/", 1)[-1]
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 13]}…{name[-12:]}"


def _is_attached(part: Message) -> bool:
    disposition = part.get_content_disposition() or ""
    if part.get_content_type() in SIGNATURES:
        return False
    has_name = bool(_parameter(part, "content-disposition", "filename") or _parameter(part, "content-type", "name"))
    if part.get_content_type() in {"text/plain", "text/html"}:
        return disposition == "attachment" or (
            has_name and disposition != "inline" and part.get_content_type() != "text/plain"
        )
    if part.get_content_maintype() == "text":
        return disposition == "attachment" or has_name
    return disposition == "attachment" or has_name or part.get("Content-ID") is None


def _parameter(part: Message, header: str, name: str) -> str:
    """Return a parameter of a header, in any of the ways in which programs write names beyond ASCII."""
    if isinstance(part.get(header), Header):  # bytes of some charset, without saying which
        found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^;\s]*))', raw_header(part, header), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""
    try:
        value = part.get_param(name, header=header)
        if isinstance(value, tuple):
            charset, _, text = value
            return decode_bytes(text.encode("latin-1"), charset or "")
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError, IndexError):
        return ""
    return value if isinstance(value, str) else ""


def _read_plain(part: Message) -> str:
    text = _decoded(part)
    if str(_parameter(part, "content-type", "format")).lower() != "flowed":
        return text
    return unflow(text, joins_without_space=str(_parameter(part, "content-type", "delsp")).lower() == "yes")


def _decoded(part: Message) -> str:
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        raw = None
    if not isinstance(raw, bytes):
        return ""
    text = decode_bytes(raw, _parameter(part, "content-type", "charset"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _size(part: Message) -> int:
    """Return the size in bytes without decoding: what is attached may be anything."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return 0
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return len(payload)
    letters = sum(not letter.isspace() for letter in payload)
    return letters * 3 // 4 - payload.rstrip()[-2:].count("=")


def unflow(text: str, *, joins_without_space: bool) -> str:
    """Return ``format=flowed`` text (RFC 3676) with its paragraphs in one line each. Quoted lines stay apart by their depth."""
    paragraphs: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if flows and joins_without_space:
            content = content[:-1]
        if open_depth == depth and content != "-- ":
            paragraphs[-1] += content
        else:
            paragraphs.append(f"{'>' * depth} {content}" if depth else content)
        open_depth = depth if flows else -1
    return "\n".join(paragraphs)
