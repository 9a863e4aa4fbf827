"""What is attached to a mail too long to be read whole, as its server tells it (BODYSTRUCTURE, RFC 3501, 7.4.2)."""

from urllib.parse import unquote_to_bytes

from listener.channels.email.charsets import decode_bytes
from listener.channels.email.parts import DEEPEST, MOST_PARTS, SIGNATURES, Attachment, clean_file_name

TYPE, SUBTYPE, PARAMETERS, CONTENT_ID, SIZE = 0, 1, 2, 3, 6
SHORTEST = 7
"""Fields of a part that are always there."""
BASE64 = 5


def read_structure(structure: object) -> list[Attachment]:
    """Return what is attached. Whatever is not as it should be is left out; nothing is raised."""
    found: list[Attachment] = []
    waiting: list[tuple[object, int]] = [(structure, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            break
        part, depth = waiting.pop()
        if not isinstance(part, tuple) or not part:
            continue
        if isinstance(part[0], list):
            waiting.extend((one, depth + 1) for one in reversed(part[0]) if depth < DEEPEST)
        elif len(part) >= SHORTEST and (attachment := _attachment(part)):
            found.append(attachment)
    return found


def _attachment(part: tuple[object, ...]) -> Attachment | None:
    kind = _text(part[TYPE]).lower()
    if f"{kind}/{_text(part[SUBTYPE]).lower()}" in SIGNATURES:
        return None
    disposition, named = _disposition(part)
    name = clean_file_name(named or _pairs(part[PARAMETERS]).get("name", ""))
    decorates = kind == "text" or part[CONTENT_ID] is not None
    if disposition != "attachment" and not name and decorates:
        return None
    told = part[SIZE]
    size = told if isinstance(told, int) else None
    if size is not None and _text(part[BASE64]).lower() == "base64":
        size = size * 3 // 4 * 76 // 78  # without the ends of lines
    return Attachment(name=name or f"{kind}/{_text(part[SUBTYPE]).lower()}"[:80], size=size)


def _disposition(part: tuple[object, ...]) -> tuple[str, str]:
    """Return the disposition and the file's name: ``(b"attachment", (b"filename", b"a.pdf"))`` somewhere behind the size."""
    for field in part[SHORTEST:]:
        if isinstance(field, tuple) and len(field) > 1 and _text(field[0]).lower() in {"attachment", "inline"}:
            pairs = _pairs(field[1])
            return _text(field[0]).lower(), pairs.get("filename", "")
    return "", ""


def _pairs(value: object) -> dict[str, str]:
    """Return parameters by name; the extended form (``filename*``) is put under the plain name."""
    if not isinstance(value, tuple):
        return {}
    texts = [_text(one) for one in value]
    pairs: dict[str, str] = {}
    for name, written in zip(texts[::2], texts[1::2], strict=False):
        plain = name.lower().split("*")[0]
        pairs[plain] = pairs.get(plain, "") + (_extended(written) if "*" in name else written)
    return pairs


def _extended(written: str) -> str:
    """Return ``utf-8''%E5%86%99.jpg`` as text (RFC 2231)."""
    charset, quote, rest = written.partition("'")
    _, second, value = rest.partition("'")
    return (
        decode_bytes(unquote_to_bytes(value), charset)
        if quote and second
        else decode_bytes(unquote_to_bytes(written), "")
    )


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
