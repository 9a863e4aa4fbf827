"""What a site's answer holds. Sites print PHP's warnings before the JSON, and pages of HTML in its place."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from listener.wire import text

START: Final = re.compile(r"(?:^|[\n>])[ \t\r]*(?P<json>\[\s*\{\s*\"|\{\s*\"|\[\s*\]\s*$)")
"""Where JSON begins behind something else: an object or a list of objects, at the start of a line or behind a tag.

Every line feed begins anew; to pass over several of them at once would take the square of a page of empty lines.
"""
CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. ``headers`` have lower-case names; ``body`` is None where there was no whole JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    @property
    def code(self) -> str:
        """WordPress' own name of a refusal; empty when it is not WordPress that answers."""
        found = text(self.body, "code")
        return found if CODE.fullmatch(found) else ""

    def number(self, header: str) -> int | None:
        """Return what a header counts; None when it is not there."""
        value = self.headers.get(header, "").strip()
        return int(value) if value.isascii() and value.isdecimal() else None


def read_body(content: bytes) -> object:
    """Return the JSON of an answer; None when there is none, or when it is torn.

    What begins as JSON must be JSON from beginning to end: the inside of a torn list is no answer.
    """
    written = content.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    start = 0
    if not written.startswith(("[", "{")):
        found = START.search(written)
        if found is None:
            return None
        start = found.start("json")
    try:
        body: object = json.loads(written[start:])
    except (ValueError, RecursionError):
        return None
    return body
