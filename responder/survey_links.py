"""Signed addresses of surveys: one per survey, good until it expires, and nothing in them but its number and that day.

``<number>.<seconds>.<mark>``: the mark is an HMAC-SHA256 over the two, made with a key that is kept in the home. Who changes a
sign of it, or makes one up, reads nothing and changes nothing.
"""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from domain.errors import KikiteError

KEY_FILE: Final = Path("secrets") / "survey_key"
KEY_BYTES: Final = 32
MARK_BYTES: Final = 16
"""128 bits: nobody guesses one."""
LONGEST_TOKEN: Final = 100
PURPOSE: Final = b"kikite survey 1:"


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyToken:
    """What an address says, its mark proved."""

    survey_id: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyLinks:
    """Makes and reads the addresses of one home. ``base`` is empty where customers could not open them."""

    key: bytes = field(repr=False)
    base: str = ""

    def address(self, survey_id: int, expires_at: datetime) -> str:
        """Return the address of a survey; empty where there is no public one."""
        return f"{self.base}/s/{self.token(survey_id, expires_at)}" if self.base else ""

    def token(self, survey_id: int, expires_at: datetime) -> str:
        """Return the signed token of a survey."""
        said = f"{survey_id}.{int(expires_at.timestamp())}"
        return f"{said}.{self._mark(said)}"

    def read(self, token: str) -> SurveyToken | None:
        """Return what a token says; None for one that is not ours, whatever is wrong with it. Its day is not looked at."""
        said, _, mark = token[:LONGEST_TOKEN].rpartition(".")
        if not hmac.compare_digest(mark.encode(errors="replace"), self._mark(said).encode()):
            return None
        number, _, seconds = said.partition(".")
        return SurveyToken(survey_id=int(number), expires_at=datetime.fromtimestamp(int(seconds), UTC))

    def _mark(self, said: str) -> str:
        mark = hmac.digest(self.key, PURPOSE + said.encode(errors="replace"), hashlib.sha256)[:MARK_BYTES]
        return base64.urlsafe_b64encode(mark).decode().rstrip("=")


def open_links(home: Path, public_url: str) -> SurveyLinks:
    """Return the links of a home; its key is made at the first use, readable by its owner only.

    ``public_url`` is ``desk.public_url``: without one, or with one of this machine only, there are no addresses for customers.
    Raises ``KikiteError`` when the key cannot be kept.
    """
    return SurveyLinks(key=_ensure_key(home / KEY_FILE), base=public_url.rstrip("/") if is_public(public_url) else "")


def is_public(address: str) -> bool:
    """Tell whether people elsewhere could open an address: it has a host, and not one that means this machine."""
    host = urlsplit(address).hostname or ""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not (ip_address(host).is_loopback or ip_address(host).is_unspecified)
    except ValueError:
        return True


def _ensure_key(file: Path) -> bytes:
    remedy = "Check that the folder can be written and is not full."
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _place(file, secrets.token_hex(KEY_BYTES))
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KikiteError(f"The key of the surveys in {file} cannot be used.", remedy=remedy) from error
    if len(key) < KEY_BYTES:
        raise KikiteError(f"The key of the surveys in {file} is too short.", remedy="Delete it: links sent so far end.")
    return key


def _place(file: Path, key: str) -> None:
    """Put a whole key there at once: of two processes that begin together, both then read the one that was first."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(key)
        with suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
