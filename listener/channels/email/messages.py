"""Bytes as a parsed mail, in no time whatever a sender made up: floods of headers, of parameters and of nested parts are bounded.

The standard library reads all of them honestly, which takes it minutes.
"""

import re
from email import message_from_bytes
from email.header import Header
from email.message import Message
from typing import Any, Final

HEADER_BYTES: Final = 65_536
LONGEST_FIELD: Final = 2_000
"""Characters of a header that says what a part is."""
CONTENT_FIELD: Final = re.compile(rb"^content-.*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
MOST_BOUNDARIES: Final = 100
"""Parts with parts in them; an honest mail has three."""


class BoundedMessage(Message):
    """A mail, or a part of one, whose ``Content-`` headers are never long: their parameters are parsed slowly."""

    def get(self, name: str, failobj: Any = None) -> Any:  # noqa: ANN401 - as the library has it
        """Return the first header ``name``."""
        value = super().get(name, failobj)
        if isinstance(value, str | Header) and name.lower().startswith("content-") and len(str(value)) > LONGEST_FIELD:
            return str(value)[:LONGEST_FIELD]
        return value


def parse_mail(raw: bytes) -> Message:
    """Return ``raw`` as a mail. May raise ``RecursionError`` and ``ValueError`` for what is torn on purpose."""
    return message_from_bytes(_bounded(raw), _class=BoundedMessage)


def parse_headers(raw: bytes) -> Message:
    """Return the headers of ``raw`` as a mail without parts and without text."""
    return message_from_bytes(_headers_only(_bounded(raw)), _class=BoundedMessage)


def _bounded(raw: bytes) -> bytes:
    if raw.lower().count(b"boundary=") > MOST_BOUNDARIES:
        return _headers_only(raw)
    end = min((found for mark in (b"\r\n\r\n", b"\n\n") if (found := raw.find(mark)) >= 0), default=len(raw))
    if end <= HEADER_BYTES:
        return raw
    return raw[: raw.rfind(b"\n", 0, HEADER_BYTES) + 1] + b"\r\n" + raw[end:].lstrip(b"\r\n")


def _headers_only(raw: bytes) -> bytes:
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0][:HEADER_BYTES]
    return CONTENT_FIELD.sub(b"", head + b"\n") + b"\n"
