"""How long a text is, as the server counts: characters as people see them, addresses as if of one length, handles without
their server. What a server allows is asked of it once and kept on disk, so that every process counts alike.
"""

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import regex

from domain.replies import Measure
from listener.channels.mastodon import wire

# Only what every address may consist of, and ASCII: Japanese runs on directly behind an address. Where a server takes more
# for one, we count too much, never too little.
LINK = regex.compile(
    r"(?<![A-Za-z0-9@$#＠＃])https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?"
    r"(?:/(?:[A-Za-z0-9\-._~%+&=/#]*[A-Za-z0-9/])?(?:\?[A-Za-z0-9\-._~%+&=/:;,#]*[A-Za-z0-9])?)?"
)
NAME = r"(?<![/\w=])@([A-Za-z0-9_]+(?:[A-Za-z0-9_.-]+[A-Za-z0-9_]+)?)"
HANDLE = regex.compile(rf"{NAME}(?:@[A-Za-z0-9.-]+[A-Za-z0-9]+)?")
HANDLE_ANYWHERE = regex.compile(rf"{NAME}(?:@[\w.-]*\w)?")
"""With servers in any script, as the server reads them: for telling who is named, where too much is safe."""
MENTION_ROOM = 32
"""Characters kept free for ``@name`` and a space in front: Mastodon's own names have 30 at most."""
SANE = range(100, 1_000_001)
"""Limits that are believed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a server allows. The defaults are those of Mastodon as it is shipped."""

    max_characters: int = 500
    characters_per_link: int = 23


def read_limits(instance: object) -> Limits:
    """Return the limits in an answer of ``/api/v2/instance``, the default for each that is missing or absurd."""
    longest = wire.whole(instance, "configuration", "statuses", "max_characters")
    link = wire.whole(instance, "configuration", "statuses", "characters_reserved_per_url")
    limits = Limits()
    if longest is not None and longest in SANE:
        limits = replace(limits, max_characters=longest)
    if link is not None and 0 < link < SANE.start:
        limits = replace(limits, characters_per_link=link)
    return limits


def count(text: str, limits: Limits) -> int:
    """Return the length of ``text`` against ``limits.max_characters``."""
    counted = HANDLE.sub(r"@\1", LINK.sub("x" * limits.characters_per_link, text))
    return len(regex.findall(r"\X", counted))


def measure_text(text: str, limits: Limits) -> Measure:
    """Measure a reply without the ``@name`` that is put before it; room for that is kept."""
    return Measure(length=count(text, limits), limit=limits.max_characters - MENTION_ROOM)


class LimitsFile:
    """The limits of one server on disk."""

    def __init__(self, path: Path, *, instance: str) -> None:
        self._path = path
        self._instance = instance

    def load(self) -> Limits:
        """Return the stored limits; the default ones when there are none for this server."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Limits()
        if wire.text(stored, "instance") != self._instance:
            return Limits()
        return read_limits(stored)

    def save(self, limits: Limits) -> None:
        """Replace the file in one step. It has the shape of the server's own answer: one reader reads both."""
        statuses = {
            "max_characters": limits.max_characters,
            "characters_reserved_per_url": limits.characters_per_link,
        }
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".limits-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"instance": self._instance, "configuration": {"statuses": statuses}}, file)
        Path(name).replace(self._path)
