"""Rich text: facets mark byte ranges of the UTF-8 text as links, mentions or tags. Read with distrust, written exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from listener.channels.bluesky import wire

FEATURE = "app.bsky.richtext.facet"

# Only ASCII: Japanese runs on directly behind an address.
LINK = regex.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
LINK_END = ".,;:!?'"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HANDLE = regex.compile(rf"(?<![A-Za-z0-9._%+@/-])@((?:{LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?)")
TAG = regex.compile(r"(?:(?<=^)|(?<=[\s(（「『【]))[#＃]([\p{L}\p{M}\p{N}_ー]{1,64})")


@dataclass(frozen=True)
class Span:
    """A stretch of a text, in bytes of its UTF-8 form."""

    start: int
    end: int


def expand_links(text: str, facets: Sequence[object]) -> str:
    """Return ``text`` with every link written out whole: apps shorten what they show and keep the address in a facet.

    Ranges that do not fit the text are left alone.
    """
    raw = text.encode("utf-8", "surrogatepass")
    links = sorted({found for facet in facets if (found := _read_link(facet, len(raw)))}, key=lambda one: one[0])
    pieces: list[bytes] = []
    position = 0
    for start, end, address in links:
        if start < position or _cuts_character(raw, start) or _cuts_character(raw, end):
            continue
        pieces += [raw[position:start], address.encode("utf-8", "surrogatepass")]
        position = end
    return b"".join([*pieces, raw[position:]]).decode("utf-8", "surrogatepass")


def _read_link(facet: object, length: int) -> tuple[int, int, str] | None:
    start, end = wire.whole(facet, "index", "byteStart"), wire.whole(facet, "index", "byteEnd")
    if start is None or end is None or not 0 <= start < end <= length:
        return None
    for feature in wire.items(facet, "features"):
        address = wire.text(feature, "uri")
        if wire.text(feature, "$type") == f"{FEATURE}#link" and address.startswith(("https://", "http://")):
            return start, end, address
    return None


def _cuts_character(raw: bytes, position: int) -> bool:
    return position < len(raw) and raw[position] & 0xC0 == 0x80  # noqa: PLR2004 - a continuation byte of UTF-8


def mentions_account(facets: Sequence[object], did: str) -> bool:
    """Tell whether a facet mentions the account ``did``."""
    features = [feature for facet in facets for feature in wire.items(facet, "features")]
    return any(
        wire.text(feature, "$type") == f"{FEATURE}#mention" and wire.text(feature, "did") == did for feature in features
    )


def make_facets(text: str, resolve_handle: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the facets of a text of ours: addresses, mentions of existing handles, tags; none overlaps another.

    ``resolve_handle`` returns a handle's DID, empty when there is no such account.
    """
    facets: list[dict[str, Any]] = []
    taken: list[Span] = []

    def add(begin: int, end: int, kind: str, **values: str) -> None:
        span = Span(_byte(text, begin), _byte(text, end))
        if all(span.end <= other.start or span.start >= other.end for other in taken):
            taken.append(span)
            index = {"byteStart": span.start, "byteEnd": span.end}
            facets.append({"index": index, "features": [{"$type": f"{FEATURE}#{kind}", **values}]})

    for found in LINK.finditer(text):
        address = _trim_link(found.group())
        if len(address) > len("https://"):
            add(found.start(), found.start() + len(address), "link", uri=address)
    for found in HANDLE.finditer(text):
        if did := resolve_handle(found.group(1).lower()):
            add(found.start(), found.end(), "mention", did=did)
    for found in TAG.finditer(text):
        if not found.group(1).isdecimal():
            add(found.start(), found.end(), "tag", tag=found.group(1))
    return sorted(facets, key=lambda facet: int(facet["index"]["byteStart"]))


def _trim_link(address: str) -> str:
    """Drop what ends the sentence, and a closing bracket that was opened before the address."""
    while address:
        last = address[-1]
        opened = {")": "(", "]": "["}.get(last)
        if last in LINK_END or (opened and address.count(last) > address.count(opened)):
            address = address[:-1]
        else:
            break
    return address


def _byte(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))
