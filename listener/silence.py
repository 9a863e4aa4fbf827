"""Sources that fell silent: an account that is read well and brings nothing for much longer than it ever did.

A wrong search word, a token that lost a right, a webhook whose address nobody changed at the platform: all of them look like a
quiet day. So the present silence is held against the longest of the weeks before it.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.settings import Settings
from domain.ids import ChannelAccountId, WorkspaceId
from domain.words import AlertSeverity
from storage.alerts import close_alerts, raise_alert
from storage.database import Database, Transaction
from storage.silences import LastSign, read_last_parcels, read_last_signs, read_open, read_rhythm, read_told

KIND: Final = "source_silent"
REMEMBERED: Final = timedelta(days=28)
SHORTEST: Final = timedelta(hours=24)
"""No silence is told before it is this long."""
TIMES: Final = 3
"""How much longer than ever before."""
ENOUGH_POSTS: Final = 20
ENOUGH_HOURS: Final = 8
"""Posts of fewer different hours are no rhythm: a first poll brings many at once."""


def notice_silence(database: Database, workspace_id: WorkspaceId, *, settings: Settings) -> int:
    """Tell of accounts that fell silent, each silence once; take back what settled. Returns how many alerts it opened or closed."""
    zone = ZoneInfo(settings.workspace.time_zone)
    with database.transaction(workspace_id) as tx:
        signs = read_last_signs(tx)
        open_since = read_open(tx, KIND)
        quiet = [sign for sign in signs if _silence(sign, sign.last_new_at) > SHORTEST]
        parcels = read_last_parcels(
            tx, [sign.account_id for sign in signs if _key(sign) in open_since or sign in quiet]
        )
        told = read_told(tx, [_key(sign) for sign in quiet])
        closed = _close_settled(tx, signs, open_since, parcels)
        opened = 0
        for sign in quiet:
            alive_at = _alive_at(sign, parcels)
            if alive_at is None or told.get(_key(sign), alive_at) > alive_at:
                continue  # this silence was told, and maybe somebody took note of it
            if _silence(sign, alive_at) > _allowed(tx, sign, settings.clock.silent_days):
                _tell(tx, sign, since=alive_at.astimezone(zone))
                opened += 1
    return opened + closed


def _allowed(tx: Transaction, sign: LastSign, silent_days: int) -> timedelta:
    """Return the longest silence that is nothing to tell."""
    rhythm = read_rhythm(tx, sign, within=REMEMBERED)
    if rhythm.posts >= ENOUGH_POSTS and rhythm.hours >= ENOUGH_HOURS:
        return max(SHORTEST, TIMES * rhythm.longest)
    return timedelta(days=silent_days) if silent_days else timedelta.max


def _silence(sign: LastSign, alive_at: datetime | None) -> timedelta:
    """Return for how long it surely brought nothing; not at all for one that fails or never brought anything."""
    if alive_at is None or sign.looked_until is None or not sign.is_well:
        return timedelta(0)
    return sign.looked_until - alive_at


def _alive_at(sign: LastSign, parcels: dict[ChannelAccountId, datetime]) -> datetime | None:
    """Return the last sign of life: a post, or a call by its platform."""
    known = [at for at in (sign.last_new_at, parcels.get(sign.account_id)) if at is not None]
    return max(known) if sign.last_new_at else None


def _close_settled(
    tx: Transaction,
    signs: list[LastSign],
    open_since: dict[str, datetime],
    parcels: dict[ChannelAccountId, datetime],
) -> int:
    """Close the alerts of accounts that gave a sign of life since, and of those that the settings no longer name."""
    alive = {_key(sign): _alive_at(sign, parcels) for sign in signs}
    settled = [key for key, since in open_since.items() if (at := alive.get(key, since)) is None or at >= since]
    for key in settled:
        close_alerts(tx, key)
    return len(settled)


def _tell(tx: Transaction, sign: LastSign, *, since: datetime) -> None:
    values = {"channel": sign.name, "since": f"{since:%Y-%m-%d %H:%M}"}
    raise_alert(tx, KIND, dedupe_key=_key(sign), severity=AlertSeverity.WARNING, values=values)


def _key(sign: LastSign) -> str:
    return f"{KIND}:{sign.account_id}"
