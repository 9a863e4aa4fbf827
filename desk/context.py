"""What the desk is given at its start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.brand_book import BrandBook
from config.playbook import Playbook
from config.settings import Settings
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from responder.approved import Memory
from responder.drafters.model_drafter import Wording
from responder.knowledge import Shelf
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class DeskContext:
    """Everything the pages stand on. ``channels`` only measure texts and check calls here; the desk never sends."""

    database: Database
    workspace_id: WorkspaceId
    settings: Settings
    books: Mapping[str, BrandBook]
    channels: Mapping[ChannelAccountId, Channel]
    playbooks: Sequence[Playbook] = ()
    shelf: Shelf = field(default_factory=Shelf)
    """The books, searchable."""
    memory: Memory = field(default_factory=Memory)
    """What was approved, searchable."""
    wording: Wording | None = None
    """The language model that rewords what somebody types, on their wish; None: the desk offers none."""
