"""Finding out how a file's characters are encoded: UTF-8 with or without mark, UTF-16, or Shift_JIS as Windows writes it."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 20

BAD_BYTES = re.compile("[\udc80-\udcff]")
"""What stands in a text for a byte that does not belong to its encoding."""

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NULLS_IN_UTF16 = 0.2
"""Share of null bytes from which text without a mark is UTF-16: each ASCII letter and line end carries one."""

NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp932": "Shift_JIS"}


def detect_encoding(binary: BinaryIO) -> str:
    """Return Python's name of the encoding. Reads the whole file in chunks: Japanese may begin on its last line.

    Where neither UTF-8 nor Shift_JIS fits everywhere, the one with fewer bad places is taken; their rows are rejected.
    """
    binary.seek(0)
    head = binary.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if head and head.count(0) / len(head) > NULLS_IN_UTF16:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    if (in_utf8 := _count_bad(binary, "utf-8")) == 0:
        return "utf-8"
    return "cp932" if _count_bad(binary, "cp932") < in_utf8 else "utf-8"


def encoding_name(encoding: str) -> str:
    """Return what people call it."""
    return NAMES.get(encoding, "UTF-16")


def _count_bad(binary: BinaryIO, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
    return sum(len(BAD_BYTES.findall(decoder.decode(chunk, not chunk))) for chunk in _chunks(binary))


def _chunks(binary: BinaryIO) -> Iterator[bytes]:
    binary.seek(0)
    while chunk := binary.read(CHUNK_BYTES):
        yield chunk
    yield b""
