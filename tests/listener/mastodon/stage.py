"""How the Mastodon tests speak: which request is which call, how each goes wrong, what an address in front is."""

from datetime import UTC, datetime, timedelta

from tests.listener.channel_contract import Break
from tests.partners.faulty_proxy import Answer, Cut

CALLS = {
    "poll": "GET /api/v1/notifications",
    "reply": "POST /api/v1/statuses",
    "probe": "GET /api/v1/accounts/verify_credentials",
}
JSON = {"content-type": "application/json"}


def fault(how: Break) -> Answer | Cut:
    """Return what the proxy does for ``how``, as Mastodon would."""
    if how is Break.PERMANENT:
        return Answer(401, b'{"error": "The access token was revoked"}', JSON)
    if how is Break.RETRYABLE:
        until = datetime.now(UTC) + timedelta(seconds=30)
        return Answer(429, b'{"error": "Too many requests"}', {**JSON, "x-ratelimit-reset": until.isoformat()})
    return Cut.BEFORE if how is Break.LOST else Cut.AFTER


def without_address(text: str, author: str) -> str:
    """Return a sent text without the name that must stand in front."""
    assert text.startswith(f"@{author} ")
    return text.removeprefix(f"@{author} ")
