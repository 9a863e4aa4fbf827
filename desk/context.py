"""What the desk is given at its start."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.brand_book import BrandBook
from config.settings import Settings
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class DeskContext:
    """Everything the pages stand on. ``channels`` only measure texts and check calls here; the desk never sends."""

    database: Database
    workspace_id: WorkspaceId
    settings: Settings
    books: Mapping[str, BrandBook]
    channels: Mapping[ChannelAccountId, Channel]
