"""Alerts about our way into a platform: taken away, or about to end. Their words name the settings and the guide."""

from datetime import datetime

from config.setup import setup_of
from domain.ids import ChannelAccountId
from domain.words import AlertSeverity
from storage.alerts import close_alerts, is_alert_open, raise_alert
from storage.database import Transaction

REFUSED, ENDING = "channel_refused", "access_ending"
NO_GUIDE = "channels"
"""Page for channels of third parties."""


def tell_refusal(tx: Transaction, account_id: ChannelAccountId, *, name: str, kind: str, detail: str) -> None:
    """Tell that the platform refuses us, in its own words (``detail``). ``settle_refusal`` takes it back."""
    values = {"channel": name, "detail": detail, **_way_in(kind)}
    raise_alert(tx, REFUSED, dedupe_key=_key(account_id), severity=AlertSeverity.CRITICAL, values=values)


def settle_refusal(tx: Transaction, account_id: ChannelAccountId) -> None:
    """Take it back: a poll went well."""
    close_alerts(tx, _key(account_id))


def tell_send_refusal(tx: Transaction, account_id: ChannelAccountId, *, name: str, kind: str, detail: str) -> None:
    """Tell that the platform takes no reply of ours. Of its own: a token that may read closes nothing by a good poll."""
    if is_alert_open(tx, _key(account_id)):
        return  # nothing more to do about it than for the polls
    values = {"channel": name, "detail": detail, **_way_in(kind)}
    raise_alert(tx, REFUSED, dedupe_key=_send_key(account_id), severity=AlertSeverity.CRITICAL, values=values)


def settle_send_refusal(tx: Transaction, account_id: ChannelAccountId) -> None:
    """Take it back: a reply was sent."""
    close_alerts(tx, _send_key(account_id))


def tell_ending(tx: Transaction, account_id: ChannelAccountId, *, name: str, kind: str, ends_at: datetime) -> None:
    """Tell that the way in ends at ``ends_at``, given in the workspace's zone."""
    values = {"channel": name, "until": f"{ends_at:%Y-%m-%d}", **_way_in(kind)}
    raise_alert(tx, ENDING, dedupe_key=ending_key(account_id), severity=AlertSeverity.WARNING, values=values)


def ending_key(account_id: ChannelAccountId) -> str:
    """Return the dedupe key of the alert about an end."""
    return f"{ENDING}:{account_id}"


def _way_in(kind: str) -> dict[str, str]:
    """Return the settings that hold the way in, and the page that tells how to make a new one."""
    setup = setup_of(kind, "en")
    return {"settings": ", ".join(setup.access) or "secrets", "guide": kind if setup.steps else NO_GUIDE}


def _key(account_id: ChannelAccountId) -> str:
    return f"{REFUSED}:{account_id}"


def _send_key(account_id: ChannelAccountId) -> str:
    return f"{REFUSED}:send:{account_id}"
