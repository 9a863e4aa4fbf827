"""What Etsy's refusals mean, told as our errors with a remedy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.retry_after import read_retry_after

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
MOVED: Final = range(300, 400)
DAY_USED_UP_SECONDS: Final = 3600.0
"""The day's allowance is counted over the last 24 hours, so that a little of it comes back all the time."""
NEW_KEY: Final = "Compare keystring and shared secret with etsy.com/developers/your-apps."
LONGEST_QUOTE: Final = 200


def explain_refusal(status: int, *, said: str, headers: Mapping[str, str], now: datetime) -> ChannelError:
    """Return the error for an answer that is no success. ``said`` are Etsy's words, ``headers`` have lower-case names."""
    if status == TOO_MANY:
        return RetryableError(
            "Etsy asks us to wait.",
            code="rate_limited",
            retry_after_seconds=read_wait(headers, now),
            remedy="If it happens daily, raise poll_seconds.",
        )
    if status >= SERVER_ERRORS or status == REQUEST_TIMEOUT:
        wait = read_retry_after(headers.get("retry-after", ""), now=now)
        return RetryableError(f"Etsy has trouble ({status}).", code="server_error", retry_after_seconds=wait)
    if status in MOVED:
        return PermanentError("Etsy sends us elsewhere.", code="moved", remedy="Check options.service.")
    return _explain_no(status, " ".join(said.split())[:LONGEST_QUOTE])


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long to wait in seconds: as Etsy says, else an hour once the day's allowance is used up; None if it is not told."""
    wait = read_retry_after(headers.get("retry-after", ""), now=now)
    if wait is None and headers.get("x-remaining-today", "").strip() == "0":
        return DAY_USED_UP_SECONDS
    return wait


def _explain_no(status: int, said: str) -> PermanentError:
    words = said.lower()
    if "shared secret" in words or "shared_secret" in words:
        return PermanentError(
            "Etsy asks for the app's shared secret.",
            code="no_shared_secret",
            remedy="Put it into secrets.shared_secret; it stands at etsy.com/developers/your-apps.",
        )
    if "scope" in words:
        return PermanentError(
            "The sign-in lacks a right.", code="missing_scope", remedy="Sign in again with the scopes the guide names."
        )
    if status == UNAUTHORIZED:
        return PermanentError(
            "Etsy asks for a sign-in, or does not take ours.",
            code="signed_out",
            remedy="Sign in as docs/how-to/etsy.md says and put the refresh token into the secrets.",
        )
    if status == FORBIDDEN:
        return PermanentError("Etsy does not take our key.", code="forbidden", remedy=NEW_KEY)
    if status == NOT_FOUND:
        return PermanentError("Etsy knows no such shop.", code="no_such_shop", remedy="Check options.shop_id.")
    return PermanentError(
        f"Etsy refuses ({status}).", code="refused", remedy="Check options.shop_id and the app's state."
    )
