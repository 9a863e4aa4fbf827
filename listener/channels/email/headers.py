"""Headers of a mail as senders really write them: unencoded bytes, torn encoded words, addresses that no grammar allows.

Nothing here raises; what makes no sense is simply not there.
"""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from typing import Final

from listener.channels.email.charsets import decode_bytes

LONGEST: Final = 20_000
"""Characters of one header that are read: floods of references or encoded words end here."""
LONGEST_LINE: Final = 2_000
"""Characters of a header that people read."""
LONGEST_ADDRESS: Final = 254
LONGEST_ID: Final = 500
QUOTED: Final = re.compile(r'"((?:\\.|[^"\\])*)"')
ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\"@\x00-\x1f\x7f]+")
QUOTED_LOCAL: Final = re.compile(r'<?"([^"\s\\<>@]+)"@([^\s<>@",;]+)>?')
"""``"aya..chan"@docomo.ne.jp``: how Japanese carriers' own addresses are written rightly."""
SENDABLE_ID: Final = re.compile(rf"[\x21-\x3b\x3d\x3f-\x7e]{{1,{LONGEST_ID}}}")
"""Printable ASCII but for angle brackets."""
MESSAGE_ID: Final = re.compile(r"<\s*([^<>\s\x00-\x1f\x7f]+)\s*>")
UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Mailbox:
    """An address with the name its owner gave it."""

    address: str
    """In lower case; empty when there is none to read."""
    name: str = ""


def raw_header(message: Message, name: str) -> str:
    """Return the first header ``name`` unfolded and undecoded; empty when there is none."""
    value = message.get(name)
    return re.sub(r"[\r\n]+[ \t]*", " ", _as_text(value)[:LONGEST]).strip() if value is not None else ""


def read_header(message: Message, name: str) -> str:
    """Return the header ``name`` as people read it: one line, encoded words decoded."""
    return decode_words(raw_header(message, name))


def decode_words(value: str) -> str:
    """Return ``value`` with its encoded words (RFC 2047) decoded, as one clean line."""
    # Some senders leave no space between two encoded words, or put them into quotes.
    spaced = re.sub(r"\?=(?==\?)", "?= ", value[:LONGEST_LINE])
    try:
        pieces = decode_header(spaced)
    except (HeaderParseError, ValueError, LookupError):
        return one_line(value)
    text = "".join(piece if isinstance(piece, str) else decode_bytes(piece, charset or "") for piece, charset in pieces)
    return one_line(text)


def read_mailbox(message: Message, name: str) -> Mailbox:
    """Return the first address of the header ``name``. A name that looks like an address is never taken for it."""
    value = raw_header(message, name)[:LONGEST_LINE]
    if quoted := QUOTED_LOCAL.search(value):
        return Mailbox(
            f"{quoted[1]}@{quoted[2]}".lower()[:LONGEST_ADDRESS], decode_words(value[: quoted.start()].strip(' "'))
        )
    bare = QUOTED.sub(lambda found: " " * len(found.group()), value)
    angled = re.search(r"<\s*(" + ADDRESS.pattern + r")\s*>", bare)
    found = angled or ADDRESS.search(bare)
    if found is None:
        return Mailbox("")
    address = (found[1] if angled else found.group()).lower()
    if len(address) > LONGEST_ADDRESS:
        return Mailbox("")
    written = value[bare.rfind(",", 0, found.start()) + 1 : found.start()] if angled else ""
    return Mailbox(address, decode_words(re.sub(r"\\(.)", r"\1", written.strip().strip('"'))))


def read_ids(message: Message, name: str) -> tuple[str, ...]:
    """Return the Message-IDs in the header ``name``, in order, without their brackets."""
    return tuple(found for found in MESSAGE_ID.findall(raw_header(message, name)) if len(found) <= LONGEST_ID)


def read_own_id(message: Message) -> str:
    """Return the mail's own Message-ID without brackets; empty when it has none that a search could ask for."""
    ids = read_ids(message, "Message-ID")
    written = ids[0] if ids else raw_header(message, "Message-ID").strip("<> ")
    is_id = SENDABLE_ID.fullmatch(written) is not None and (bool(ids) or "@" in written)
    return written if is_id else ""


def one_line(text: str) -> str:
    """Return ``text`` as one line without marks that nobody sees."""
    return " ".join(UNSEEN.sub(" ", text).split())


def _as_text(value: str | Header) -> str:
    """Return a header's value; what is there in bytes of a charset of its own, without saying so, is read in that one."""
    if isinstance(value, str):
        written = value
    else:  # what the parser wrapped because of bytes beyond ASCII
        pieces = [piece if isinstance(piece, bytes) else piece.encode("utf-8") for piece, _ in decode_header(value)]
        return decode_bytes(b"".join(pieces), "")
    return decode_bytes(written.encode("ascii"), "") if "\x1b$" in written and written.isascii() else written
