"""What is kept of a buyer's mail address: a hash keyed with a secret of this home, never the address.

The same address gives the same key in every shop and file of one home, and nobody without ``secrets/buyer_key`` can try addresses out.
"""

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path
from typing import Final

from domain.errors import ConfigError, Place
from domain.purchases import BuyerKey

FILE: Final = "buyer_key"
SHORTEST: Final = 32
"""Characters of a key; ours are 64."""


def load_buyer_key(home: Path) -> BuyerKey:
    """Return what makes keys out of addresses with this home's secret, which is made if there is none. Raises ``ConfigError``."""
    file = home / "secrets" / FILE
    try:
        key = file.read_text(encoding="utf-8").strip() if file.exists() else _make(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "cannot be read or made.", place=Place(file=str(file)), remedy="Check owner and rights of the file."
        ) from error
    if len(key) < SHORTEST:
        raise ConfigError(
            f"holds fewer than {SHORTEST} characters.",
            place=Place(file=str(file)),
            remedy="Restore it from your backup. Deleting it makes a new one: orders and profiles known before no longer find each other.",
        )
    return make_buyer_key(key)


def find_buyer_key(home: Path) -> BuyerKey:
    """Return what makes keys out of addresses where this home has a secret for it; else what knows no address.

    For those who only look: a home without orders needs no secret, and a broken one is for ``kikite doctor`` to tell.
    """
    try:
        key = (home / "secrets" / FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    return make_buyer_key(key) if len(key) >= SHORTEST else lambda _address: ""


def make_buyer_key(key: str) -> BuyerKey:
    """Return what makes keys out of addresses with ``key``."""

    def of_address(address: str) -> str:
        plain = unicodedata.normalize("NFKC", address).strip().casefold()
        if "@" not in plain:
            return ""
        return hmac.new(key.encode(), plain.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    return of_address


def _make(file: Path) -> str:
    """Write a new secret that only its owner reads. Of two processes that do it at once, both return what the first wrote."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_hex(32)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{fresh}\n")
    try:
        os.link(part, file)  # whole or not at all, and never over another's
    except FileExistsError:
        fresh = file.read_text(encoding="utf-8").strip()
    finally:
        part.unlink()
    return fresh
