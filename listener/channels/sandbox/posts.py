"""What lives on the sandbox platform: authors, their posts, and what our account sent."""

from dataclasses import dataclass
from datetime import datetime

from domain.words import Engagement, MentionKind, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxAuthor:
    """A profile. Posting with another handle under the same id renames the profile, as on real platforms."""

    external_id: str
    handle: str
    display_name: str = ""

    @property
    def url(self) -> str:
        """Address of the profile (a reserved name: it leads nowhere)."""
        return f"https://sandbox.example/@{self.handle}"


OWN_ACCOUNT = SandboxAuthor(external_id="own-account", handle="our_shop", display_name="Our shop")
"""The account that the channel answers from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxPost:
    """One post, comment, review or message on the platform."""

    text: str
    author: SandboxAuthor
    kind: MentionKind = MentionKind.POST
    engagement: Engagement = Engagement.MENTIONED
    created_at: datetime | None = None
    """Aware. In the future: nobody sees it before. None: now."""
    external_id: str = ""
    """Empty: the platform gives one."""
    parent_external_id: str = ""
    thread_external_id: str = ""
    """Empty: the parent's thread, else its own."""
    language: str = ""
    rating: int | None = None
    replies_allowed: bool = True
    dm_allowed: bool = True
    root_author_id: str = ""
    """Who began the thread; told by the platform, not set by who posts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxSent:
    """One post or message that our account made through the channel. Two of the same key are two posts."""

    external_id: str
    visibility: Visibility
    text: str
    target_external_id: str
    idempotency_key: str
    created_at: datetime
