"""Tokens that end: where a platform says when, people are told a week before and can make a new one in time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from domain.errors import ChannelError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel, ExpiringAccess
from storage.access_alerts import ending_key, tell_ending
from storage.alerts import close_alerts
from storage.database import Database
from storage.listening import find_account
from storage.silences import read_told

log = structlog.get_logger(__name__)

WARN_BEFORE: Final = timedelta(days=7)
ASK_EVERY: Final = timedelta(days=1)


def notice_ending_access(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    time_zone: str,
) -> int:
    """Ask each platform that tells once a day when our way in ends, and tell people a week before. Returns how many were told."""
    told = 0
    for account_id, channel in channels.items():
        if isinstance(channel, ExpiringAccess):
            _ask(database, workspace_id, account_id, channel)
            told += _tell(database, workspace_id, account_id, zone=ZoneInfo(time_zone))
    return told


def _ask(database: Database, workspace_id: WorkspaceId, account_id: ChannelAccountId, channel: Channel) -> None:
    """Learn the end and keep it; an account that does not answer is asked again the next day, its polls tell what is wrong."""
    with database.transaction(workspace_id) as tx:
        account = find_account(tx, account_id)
        if account.access_asked_at is not None and tx.now - account.access_asked_at < ASK_EVERY:
            return
        account.access_asked_at = tx.now
        name = account.name
    try:
        channel.probe()
    except ChannelError as error:
        log.info("access_not_told", account=name, error=str(error))
        return
    except Exception:
        # The step's edge: a fault in one channel's code must not keep the others from being asked.
        log.exception("access_not_told", account=name)
        return
    ends_at = channel.access_expires_at if isinstance(channel, ExpiringAccess) else None
    with database.transaction(workspace_id) as tx:
        find_account(tx, account_id).access_expires_at = ends_at


def _tell(database: Database, workspace_id: WorkspaceId, account_id: ChannelAccountId, *, zone: ZoneInfo) -> int:
    with database.transaction(workspace_id) as tx:
        account = find_account(tx, account_id)
        ends_at, key = account.access_expires_at, ending_key(account_id)
        if ends_at is None or ends_at - tx.now > WARN_BEFORE:
            close_alerts(tx, key)
            return 0
        told_at = read_told(tx, [key]).get(key)
        if told_at is not None and told_at >= ends_at - WARN_BEFORE:
            return 0  # of this very end; maybe somebody took note of it
        tell_ending(tx, account_id, name=account.name, kind=account.kind, ends_at=ends_at.astimezone(zone))
    return 1
