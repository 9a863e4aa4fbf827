"""What App Store Connect's refusals mean, told as our errors with a remedy."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener import wire
from listener.json_http import JsonAnswer
from listener.retry_after import read_retry_after

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = frozenset({404, 410})
REQUEST_TIMEOUT: Final = 408
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500
LONGEST_QUOTE: Final = 200
"""Characters of the server's own words that are repeated."""
HOUR_FULL_WAIT, MINUTE_FULL_WAIT = 600.0, 60.0
"""Seconds to wait where Apple names none: its hour rolls, so that requests come back little by little."""
REMAINING: Final = re.compile(r"user-hour-rem:\s*(\d{1,9})")
GUIDE: Final = "see docs/how-to/app_store.md"


def read_remaining(headers: Mapping[str, str]) -> int | None:
    """Return how many requests this key has left within the rolling hour; None where it is not told."""
    found = REMAINING.search(headers.get("x-rate-limit", ""))
    return int(found[1]) if found else None


def explain_refusal(answer: JsonAnswer, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``answer``. A refused send (4xx) surely did nothing; a failed one (5xx) may have."""
    status = answer.status
    if status == TOO_MANY:
        return _too_many(answer, now)
    if status >= SERVER_ERRORS or status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"App Store Connect failed during a send ({status}).", code="server_error")
        wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
        return RetryableError(
            f"App Store Connect has trouble ({status}).", code="server_error", retry_after_seconds=wait
        )
    return _explain_no(answer)


def _explain_no(answer: JsonAnswer) -> PermanentError:
    """Return the error for a 4xx: Apple understood and says no."""
    status = answer.status
    if status == UNAUTHORIZED:
        return PermanentError(
            "App Store Connect does not take our key.",
            code="key_refused",
            remedy=f"Check issuer_id, key_id, that the key is not revoked, and this machine's clock; {GUIDE}.",
        )
    if status == FORBIDDEN:
        return PermanentError(
            f"Our key may not do this: {_quote(answer)}",
            code="no_right",
            remedy=f"Give the key the role Customer Support, or accept Apple's newest agreement; {GUIDE}.",
        )
    if status in NOT_FOUND:
        return PermanentError("It is not there, or not for our key.", code="gone", remedy="Check options.app_id.")
    return PermanentError(
        f"App Store Connect refuses: {_quote(answer)}", code="refused", remedy="Read what Apple says."
    )


def _too_many(answer: JsonAnswer, now: datetime) -> RetryableError:
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    if wait is None and (remaining := read_remaining(answer.headers)) is not None:
        wait = MINUTE_FULL_WAIT if remaining else HOUR_FULL_WAIT
    return RetryableError("App Store Connect asks us to wait.", code="rate_limited", retry_after_seconds=wait)


def _quote(answer: JsonAnswer) -> str:
    """Return Apple's own words, short and on one line."""
    first = next(iter(wire.items(answer.body, "errors")), None)
    said = wire.text(first, "detail") or wire.text(first, "title") or f"status {answer.status}"
    return " ".join(said.split())[:LONGEST_QUOTE]
