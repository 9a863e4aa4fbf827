"""Bytes of a mail as text, in the charset they are really in: senders name the wrong one, or one that is wider than its name.

Japanese mail says ``iso-2022-jp`` or ``shift_jis`` and then holds what only Microsoft's tables know (①, ㈱, 髙), so a strict
reading is tried first and the wide one next. Nothing here raises.
"""

import codecs
import re
from typing import Final

KANJI, KANA, ASCII = "kanji", "kana", "ascii"
ESCAPES: Final = {
    b"\x1b$@": KANJI,
    b"\x1b$B": KANJI,
    b"\x1b&@\x1b$B": KANJI,
    b"\x1b(B": ASCII,
    b"\x1b(J": ASCII,
    b"\x1b(I": KANA,
}
ESCAPE: Final = re.compile(rb"(\x1b&@\x1b\$B|\x1b\$[@B]|\x1b\([BJI])")
SEVEN_BIT_KANA: Final = range(0x21, 0x60)
ALIASES: Final = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "utf8": "utf-8",
    "x-sjis": "shift_jis",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "x-euc-jp": "euc_jp",
    "cp51932": "euc_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
}
WIDER: Final = {"shift_jis": "cp932", "iso8859-1": "cp1252", "euc_kr": "cp949"}
UNSAFE: Final = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
"""Codecs that are no charset of a mail, or read text out of text."""
TILDE, WAVE_DASH = "\uff5e", "\u301c"
"""Microsoft's table reads 〜 (10時〜12時) as a wide tilde, which NFKC would turn into ``~``."""


def decode_bytes(raw: bytes, charset: str) -> str:
    """Return ``raw`` as text: in ``charset`` where it fits, else in the one it is really in, else with signs for what is lost."""
    named = _known(charset)
    if ESCAPE.search(raw) and named in {"", "utf-8", "iso2022_jp", "cp932", "shift_jis", "ascii"}:
        return _read_japanese_mail(raw)
    for candidate in dict.fromkeys((named, WIDER.get(named, ""), "utf-8")):
        if candidate and (text := _try(raw, candidate)) is not None:
            return text
    if named == "euc_jp":
        return _read_extended_unix(raw)
    if named not in {"", "utf-8"}:
        return _settle(raw.decode(WIDER.get(named, named), "replace"))
    return _guess(raw)


def _known(charset: str) -> str:
    """Return the codec's own name; empty when there is none that makes text of bytes."""
    name = charset.strip().strip("\"'").lower()
    try:
        b"".decode(ALIASES.get(name, name))  # refuses what is no charset (hex, zip)
        known = codecs.lookup(ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return ""
    return "" if known in UNSAFE else known


def _try(raw: bytes, charset: str) -> str | None:
    try:
        return _settle(raw.decode(charset))
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _settle(text: str) -> str:
    return text.replace(TILDE, WAVE_DASH)


def _guess(raw: bytes) -> str:
    """Return text of bytes without a usable name: nothing but UTF-8 or Japanese is likely to come unnamed."""
    for candidate in ("cp932", "euc_jp"):
        text = _try(raw, candidate)
        if text is not None and re.search(r"[ぁ-んァ-ン一-龥]", text):
            return text
    return raw.decode("utf-8", "replace")


def _read_japanese_mail(raw: bytes) -> str:
    """Return ISO-2022-JP as text, by the standard's table, else by Microsoft's."""
    strict = _try(raw, "iso2022_jp")
    if strict is not None:
        return strict
    pieces: list[str] = []
    mode = ASCII
    for piece in ESCAPE.split(raw):
        if piece in ESCAPES:
            mode = ESCAPES[piece]
        elif mode == KANJI:
            pieces.append(_read_kanji(piece))
        elif mode == KANA:
            high = bytes(byte | 0x80 if byte in SEVEN_BIT_KANA else byte for byte in piece)
            pieces.append(high.decode("cp932", "replace"))
        else:
            pieces.append(piece.decode("ascii", "replace"))
    return _settle("".join(pieces))


def _read_kanji(piece: bytes) -> str:
    """Return pairs of seven-bit JIS bytes as text. A line's end ends them: senders forget to switch back."""
    found: list[str] = []
    for line in re.split(rb"([\r\n]+)", piece):
        if line[:1] in (b"\r", b"\n"):
            found.append(line.decode("ascii"))
            continue
        pairs = [line[start : start + 2] for start in range(0, len(line), 2)]
        found.append(b"".join(_shift(pair) for pair in pairs).decode("cp932", "replace"))
    return "".join(found)


def _read_extended_unix(raw: bytes) -> str:
    """Return EUC-JP with rows that only Microsoft's table knows."""
    pieces: list[str] = []
    for found in re.finditer(rb"[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|[\x00-\x7f]+|.", raw, re.DOTALL):
        piece = found.group()
        if piece[0] >= 0xA1 and len(piece) == 2:  # noqa: PLR2004 - a pair
            piece = _shift(bytes(byte & 0x7F for byte in piece))
        elif piece[0] == 0x8E:  # noqa: PLR2004 - single shift to half-width kana
            piece = piece[1:]
        pieces.append(piece.decode("cp932", "replace"))
    return _settle("".join(pieces))


def _shift(pair: bytes) -> bytes:
    """Return one pair of JIS X 0208 bytes in the Shift_JIS form (the arithmetic of the standard's annex)."""
    if len(pair) < 2 or not all(0x21 <= byte <= 0x7E for byte in pair):  # noqa: PLR2004 - a pair
        return b"?"
    row, cell = pair
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)  # noqa: PLR2004 - where Shift_JIS skips the kana
    if row % 2:
        return bytes((lead, cell + (0x20 if cell > 0x5F else 0x1F)))  # noqa: PLR2004 - it skips 0x7F too
    return bytes((lead, cell + 0x7E))
