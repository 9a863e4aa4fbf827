"""What platforms call things, made storable: ids and web addresses, of what comes in and of what we sent alike."""

import hashlib
import re

ID_LIMIT = 512
"""Characters of a post's id."""
ADDRESS_LIMIT = 2_000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNFIT = re.compile("[\\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What no address holds: blanks, control characters, marks that reorder what is shown, halves of characters."""


def clean_original(received: str) -> str:
    """Return ``received`` with what no database takes replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", received)


def clean_id(received: str, limit: int = ID_LIMIT) -> str:
    """Return a platform's id, storable in ``limit`` characters: a longer one keeps its beginning and gets a digest."""
    storable = clean_original(received)
    if len(storable) <= limit:
        return storable
    digest = hashlib.sha256(storable.encode()).hexdigest()
    return f"{storable[: limit - len(digest) - 1]}~{digest}"


def clean_address(received: str) -> str:
    """Return a web address, or nothing when it is not http(s): it becomes a link in the desk."""
    address = received.strip()
    web = address[:8].lower().startswith(("https://", "http://"))
    return address if web and len(address) <= ADDRESS_LIMIT and not _UNFIT.search(address) else ""
