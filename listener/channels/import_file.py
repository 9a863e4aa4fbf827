"""The channel of imported files: mentions come in by ``kikite import``; nothing is polled and nothing can be sent."""

from collections.abc import Sequence

from config.settings import ChannelSettings
from domain.errors import PermanentError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.registry import ChannelContext


def make_channel(settings: ChannelSettings, context: ChannelContext) -> "ImportChannel":
    """Return the channel; it has no options."""
    del settings, context
    return ImportChannel()


class ImportChannel:
    """Answers are written by hand where the posts came from; this channel only says so."""

    @property
    def kind(self) -> str:
        """Always ``import``."""
        return "import"

    @property
    def own_author_id(self) -> str:
        """Nobody: a file does not say who we are."""
        return ""

    @property
    def capabilities(self) -> Capabilities:
        """None."""
        return Capabilities(can_reply=False, can_direct_message=False, reads_by_poll=False)

    def poll(self, cursor: str | None) -> Page:
        """Return nothing: files come by command."""
        return Page(mentions=(), cursor=cursor, more=False, requests=0)

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse."""
        raise _no_sending(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse."""
        raise _no_sending(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Nothing was ever sent from here."""
        del request, visibility
        return None

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return all: a file does not tell deletions."""
        return frozenset(external_ids)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Nothing is known, and nothing can be sent."""
        del target
        return PlatformFacts(replies_allowed=False, dm_allowed=False)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count characters; a file sets no limit."""
        del visibility
        return Measure(length=len(text), limit=0)

    def probe(self) -> str:
        """Say what it is for."""
        return "files by `kikite import`"

    def close(self) -> None:
        """Nothing is open."""


def _no_sending(request: SendRequest) -> PermanentError:
    return PermanentError(
        f"Post {request.target.external_id} came from a file; it cannot be answered by API.",
        code="import_only",
        remedy="Answer it where it was written.",
    )
