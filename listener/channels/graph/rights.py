"""What our token may do and how long it lives, by ``/debug_token``."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.errors import PermanentError
from listener import wire
from listener.channels.graph.nodes import read_moment

WARN_BEFORE = timedelta(days=7)


def describe_token(found: object, *, app_id: str, needed: Sequence[str], now: datetime) -> str:
    """Return a few words on the token: missing permissions, and its end where it is near.

    Raises ``PermanentError`` for one that is over, or of another app (its calls would not carry our signature).
    """
    if wire.part(found, "is_valid") is not True:
        raise PermanentError(
            "Meta says that our access token is not valid.", code="token_refused", remedy="Make a new one."
        )
    if wire.text(found, "app_id") not in {"", app_id}:
        raise PermanentError(
            "The access token belongs to another app.",
            code="wrong_app",
            remedy="Make the token with the app of options.app_id.",
        )
    has = {scope for scope in wire.items(found, "scopes") if isinstance(scope, str)}
    missing = [scope for scope in needed if scope not in has]
    words = [f"permissions missing: {', '.join(missing)}" if missing else "permissions: complete"]
    words += [
        said
        for said in (
            _end(found, "expires_at", "token", now),
            _end(found, "data_access_expires_at", "access to data", now),
        )
        if said
    ]
    return "; ".join(words)


def read_end(found: object) -> datetime | None:
    """Return when the token or its access to data ends, whichever is first; None for one without end."""
    ends = [read_moment(found, key) for key in ("expires_at", "data_access_expires_at")]
    return min((end for end in ends if end is not None), default=None)


def _end(found: object, key: str, what: str, now: datetime) -> str:
    """Return a warning; a token without end has 0."""
    end = read_moment(found, key)
    if end is None or end - now > WARN_BEFORE:
        return ""
    days = max((end - now).days, 0)
    return f"ATTENTION: {what} ends on {end:%Y-%m-%d}, in {days} days; make a new token"
