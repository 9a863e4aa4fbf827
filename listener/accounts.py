"""Keeping the accounts in the database as the settings name them."""

from collections.abc import Sequence

from config.settings import ChannelSettings
from domain.ids import ChannelAccountId
from storage.database import Transaction
from storage.listening import ConnectedAccount, store_accounts

IMPORT = "import"
"""Name and kind of the account that every home has, for files."""


def sync_accounts(tx: Transaction, channels: Sequence[ChannelSettings]) -> dict[str, ChannelAccountId]:
    """Bring the accounts in line with the settings; return their ids by name.

    New ones are added, known ones refreshed; one no longer named becomes inactive and keeps its history, and comes back with it
    when it is named again. ``import`` always exists.
    """
    named = [ConnectedAccount(name=channel.name, kind=channel.kind, brand=channel.brand) for channel in channels]
    if not any(account.name == IMPORT for account in named):
        named.append(ConnectedAccount(name=IMPORT, kind=IMPORT, brand="default"))
    return store_accounts(tx, named)
