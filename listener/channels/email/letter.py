"""The mail we answer with: written by hand, header by header, so that nothing of a stranger's can become a header of ours.

Everything in it comes from the request, so a repeat of the same request is the same mail to the byte.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime
from typing import Final

import regex

from domain.errors import PermanentError
from domain.replies import Measure, SendRequest
from domain.words import Language
from listener.channels.email.headers import LONGEST_ADDRESS, SENDABLE_ID, one_line
from listener.channels.email.options import ADDRESS, EmailOptions
from listener.channels.email.quoting import ANSWER
from listener.channels.email.reading import LONGEST_SUBJECT, MADE_UP

OWN_ID: Final = "kikite."
NO_SUBJECT: Final = {Language.JA: "(件名なし)", Language.EN: "(no subject)", Language.OTHER: "(no subject)"}
DOT_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
NO_REPLY: Final = re.compile(r"^(?:no|do-?not|dont)[._-]?reply\b", re.IGNORECASE)
LINE_END: Final = "\r\n"
ENCODED_LINE: Final = 57
"""Bytes that base64 makes a line of 76 characters of."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An answer, ready to be handed over."""

    message_id: str
    """Without brackets."""
    to: str
    """As SMTP wants it; a local part that breaks the grammar is in quotes."""
    raw: bytes


def measure_text(text: str) -> Measure:
    """Count graphemes; mail has no limit."""
    return Measure(length=len(regex.findall(r"\X", text)), limit=0)


def own_id(request: SendRequest, options: EmailOptions) -> str:
    """Return the Message-ID of the answer to ``request``, without brackets: always the same one."""
    digest = hashlib.sha256(request.idempotency_key.encode()).hexdigest()[:40]
    return f"{OWN_ID}{digest}@{options.address.rpartition('@')[2]}"


def is_own_id(message_id: str, options: EmailOptions) -> bool:
    """Tell whether a mail of this id was written here."""
    return message_id.startswith(OWN_ID) and message_id.endswith(f"@{options.address.rpartition('@')[2]}")


def answer_address(author_id: str, reply_to: str) -> str:
    """Return where an answer goes; empty when nobody reads there or it is no address."""
    wanted = reply_to or author_id
    is_address = re.fullmatch(ADDRESS, wanted) is not None and len(wanted) <= LONGEST_ADDRESS
    return wanted if is_address and not NO_REPLY.match(wanted) else ""


def write_letter(request: SendRequest, options: EmailOptions) -> Letter:
    """Return the answer to ``request``. Raises ``PermanentError`` when there is nobody to write to or nothing to say."""
    data = request.target.platform_data
    address = answer_address(request.target.author_external_id, data.get("reply_to", ""))
    if not address:
        raise PermanentError(
            "The mail has no address that can be answered.",
            code="no_address",
            remedy="Answer in another way, if at all.",
        )
    if not request.text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write something.")
    to = _quote_local(address)
    message_id = own_id(request, options)
    headers = [
        f"Message-ID: <{message_id}>",
        f"Date: {format_datetime(request.approved_at)}",
        f"From: {_phrase(options.name)}<{options.address}>",
        f"To: <{to}>",
        _encode("Subject", _subject(request)),
        *_thread_headers(request),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    head = "\r\n".join(headers).encode("utf-8")
    return Letter(message_id=message_id, to=to, raw=head + b"\r\n\r\n" + _body(request.text))


def _subject(request: SendRequest) -> str:
    subject = one_line(request.target.platform_data.get("subject", ""))[:LONGEST_SUBJECT]
    if ANSWER.match(subject):
        return subject
    return f"Re: {subject or NO_SUBJECT[request.language]}"


def _thread_headers(request: SendRequest) -> list[str]:
    parent = request.target.external_id
    has_parent = not parent.startswith(MADE_UP) and SENDABLE_ID.fullmatch(parent) is not None
    above = [one for one in request.target.platform_data.get("references", "").split() if SENDABLE_ID.fullmatch(one)]
    thread = [*dict.fromkeys(one for one in above if one != parent), *([parent] if has_parent else [])]
    headers = [f"In-Reply-To: <{parent}>"] if has_parent else []
    if thread:
        headers.append("References: " + "\r\n ".join(f"<{one}>" for one in thread))
    return headers


def _quote_local(address: str) -> str:
    """Return ``address`` with its local part in quotes where it is no dot-atom (``aya..chan``: carriers once gave such)."""
    local, _, domain = address.rpartition("@")
    plain = DOT_ATOM.fullmatch(local) and ".." not in local and not local.startswith(".") and not local.endswith(".")
    if plain or not local.isascii():
        return address
    escaped = local.replace("\\", "\\\\")
    return f'"{escaped}"@{domain}'


def _phrase(name: str) -> str:
    clean = one_line(name)
    if not clean:
        return ""
    escaped = clean.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" ' if clean.isascii() else f"{Header(clean, 'utf-8').encode(linesep=LINE_END)} "


def _encode(name: str, value: str) -> str:
    """Return a header with text in it; encoded words where it is not plain ASCII."""
    clean = value.encode("utf-8", "replace").decode("utf-8")
    header = Header(clean, "us-ascii" if clean.isascii() else "utf-8", header_name=name)
    return f"{name}: {header.encode(linesep=LINE_END)}"


def _body(text: str) -> bytes:
    """Return the text in base64: every server carries it unchanged."""
    try:
        raw = re.sub(r"\r\n|\r|\n", "\r\n", text).encode("utf-8")
    except UnicodeEncodeError:
        raise PermanentError(
            "The text holds half a character.", code="text", remedy="Type the last emoji or sign again."
        ) from None
    lines = [base64.b64encode(raw[start : start + ENCODED_LINE]) for start in range(0, len(raw), ENCODED_LINE)]
    return b"\r\n".join([*lines, b""])
