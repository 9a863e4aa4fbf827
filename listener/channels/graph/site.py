"""What differs between Facebook and Instagram, as one channel for both asks for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.replies import PlatformFacts, SendRequest, SentPost
from domain.words import Visibility
from listener.channels.graph.nodes import Taken
from listener.channels.graph.sources import Source


class Site(Protocol):
    """One platform of Meta's, with one account of ours on it."""

    @property
    def needed(self) -> Sequence[str]:
        """Permissions without which something does not work."""
        ...

    @property
    def message_permission(self) -> str:
        """The one of them for private messages."""
        ...

    def sources(self) -> Sequence[Source]:
        """Return the lists to sweep through, the most important first; conversations apart."""
        ...

    def read_change(self, change: object, moment: datetime) -> Taken:
        """Return what an event of a webhook says, one that is no message. May ask Meta. ``moment``: when Meta wrote it."""
        ...

    def send_comment(self, request: SendRequest) -> SentPost:
        """Answer in public, once."""
        ...

    def find_comment(self, request: SendRequest) -> SentPost | None:
        """Look for our public answer of ``request``; None when it surely is not there."""
        ...

    def tell_facts(self, request_target_id: str, way: str) -> tuple[PlatformFacts, datetime | None]:
        """Ask about a post or comment; and when it was written."""
        ...

    def check_reading(self) -> None:
        """Raise ``PermanentError`` unless we may still read comments below our own posts."""
        ...

    def limit(self, visibility: Visibility) -> int:
        """Return the longest text."""
        ...

    def count(self, text: str, visibility: Visibility) -> int:
        """Count ``text`` the platform's way."""
        ...

    def describe(self) -> str:
        """Return who we are there. Asks Meta."""
        ...
