"""What comes in: the shapes a channel hands to intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.words import Engagement, MentionKind

QUOTED_TEXT: Final = "quoted_text"
QUOTED_AUTHOR: Final = "quoted_author"
"""Keys of ``platform_data``: words and name of the post that is quoted, where the platform sends them along."""
QUOTED_LIMIT: Final = 500
"""Characters kept of them: enough to see what it is about."""


def keep_quoted(text: str, author: str) -> dict[str, str]:
    """Return what ``platform_data`` keeps of a quoted post; nothing of one without words."""
    return {QUOTED_TEXT: text[:QUOTED_LIMIT], QUOTED_AUTHOR: author[:QUOTED_LIMIT]} if text.strip() else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingAuthor:
    """A public profile as one channel knows it."""

    external_id: str
    """The platform's stable id (a DID, a numeric id), never the handle."""
    handle: str
    display_name: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingMention:
    """One post, comment, review or message from outside, as the platform means it (entities resolved)."""

    external_id: str
    """Unique within its channel account."""
    kind: MentionKind
    text: str
    """As received; intake stores this and an NFKC form."""
    author: IncomingAuthor
    created_at: datetime
    """Aware; by the platform's clock."""
    engagement: Engagement
    thread_external_id: str = ""
    """Root of the thread; empty means this mention starts its own."""
    parent_external_id: str = ""
    quoted_external_id: str = ""
    """The post that this one quotes; empty when it quotes none or one of ours."""
    url: str = ""
    language_hint: str = ""
    """BCP 47 tag given by the platform or the file; a hint only."""
    rating: int | None = None
    """1-5 stars, reviews only."""
    platform_data: Mapping[str, str] = field(default_factory=dict)
    """What the channel needs back to answer (for example a DM conversation id)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of a poll. Recording it and ``cursor`` is one transaction."""

    mentions: tuple[IncomingMention, ...]
    cursor: str | None
    """Where the next page or the next poll begins; opaque to everybody but the channel."""
    more: bool
    """True when another page waits right now."""
    requests: int = 1
    cost_usd: float = 0.0
    gap: str = ""
    """Why posts may have been missed before this page (ceiling reached, cursor lost); empty if none."""
    filled: str = ""
    """What an earlier page's list had dropped and this one read another way, in words; empty if none. It closes no gap told before."""
    unread: str = ""
    """On a poll's last page: what had to be left for a later poll, which will read it. No gap, but nothing is complete up to it."""
    again_seconds: float | None = None
    """At the pace posts come, the platform's list would overrun: poll again within so long. None: no hurry."""
    gone: tuple[str, ...] = ()
    """External ids of posts that the platform tells to be deleted, where it tells so by itself. Ids nobody knows are passed over."""
    parcels_read: int = 0
    """The last parcel of the ``Inbox`` that this page is made of: it and all before it are done with. 0: none."""
