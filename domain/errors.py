"""Errors. Each says what is wrong and what to do; the remedy is part of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final


class KikiteError(Exception):
    """Anything Kikite raises on purpose.

    ``message`` says what is wrong in the reader's words, ``remedy`` the one thing to do about it.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """One line: what is wrong, then the remedy."""
        return f"{self.message} {self.remedy}".strip()


class IllegalTransitionError(KikiteError):
    """A row was asked to step where its state table has no arrow."""

    def __init__(self, *, current: str, to: str) -> None:
        super().__init__(f"'{current}' cannot become '{to}'.", remedy="Reload: somebody else was quicker.")
        self.current = current
        self.to = to


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a file something is wrong. ``line`` counts from 1; 0 when it is not known."""

    file: str
    line: int = 0
    field: str = ""

    def __str__(self) -> str:
        """``file:line (field)`` as far as known."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} ({self.field})" if self.field else where


class ConfigError(KikiteError):
    """A settings or prose file is wrong: ``place`` names file, line and field.

    ``each``: where several things are wrong, one error for each of them; else this one alone.
    """

    def __init__(self, message: str, *, place: Place, remedy: str, each: "Sequence[ConfigError]" = ()) -> None:
        super().__init__(f"{place}: {message}", remedy=remedy)
        self.place = place
        self.each: tuple[ConfigError, ...] = tuple(each) or (self,)


class ImportFileError(KikiteError):
    """A file to import cannot be read at all (a bad row alone never raises)."""


class StorageError(KikiteError):
    """The database cannot be reached, is locked, full or of the wrong revision."""


class ChannelError(KikiteError):
    """A platform said no. ``code`` is stable and short, for rules and tests."""

    def __init__(self, message: str, *, code: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


ACCESS_CODES: Final = frozenset(
    {
        "account_disabled",
        "account_suspended",
        "bad_credentials",
        "credentials",
        "key_refused",
        "missing_scope",
        "no_scope",
        "no_shared_secret",
        "other_account",
        "password_refused",
        "session_refused",
        "signed_out",
        "token_refused",
        "unauthorized",
        "wrong_app",
    }
)
"""Codes by which channels say that the platform does not take our way in, or not for this."""


class PermanentError(ChannelError):
    """Trying the same again can never work (bad credentials, forbidden, gone, too long)."""

    @property
    def ends_access(self) -> bool:
        """True when nothing of the kind will work for this account until a person gives it a new way in."""
        return self.code in ACCESS_CODES


class RetryableError(ChannelError):
    """It did not happen, and may work later. Raised by a send only when the platform surely did not accept."""

    def __init__(self, message: str, *, code: str, retry_after_seconds: float | None = None, remedy: str = "") -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class SendUncertainError(ChannelError):
    """No answer, 5xx or a torn answer to a send: it may or may not be on the platform. Never send again blindly."""


class StaleDraftError(KikiteError):
    """The text was decided on or edited since the form was opened. ``current_text`` is what stands now."""

    def __init__(self, *, current_text: str, current_revision: int) -> None:
        super().__init__("The draft changed since you opened it.", remedy="Compare, then decide again.")
        self.current_text = current_text
        self.current_revision = current_revision


class AlreadyAnsweredError(KikiteError):
    """A live reply to this post in the same place exists already: a second approval never makes a second one."""

    def __init__(self, *, mention_id: int, visibility: str) -> None:
        super().__init__("This post already has a reply on its way.", remedy="Reload to see it.")
        self.mention_id = mention_id
        self.visibility = visibility


class BlockedByCheckError(KikiteError):
    """A blocking check failed on the text to approve. ``codes`` names the checks."""

    def __init__(self, *, codes: tuple[str, ...]) -> None:
        super().__init__(f"Blocked by: {', '.join(codes)}.", remedy="Change the text.")
        self.codes = codes


class NotAllowedError(KikiteError):
    """The user's role does not carry this verb."""


class NotFoundError(KikiteError):
    """No such row in this workspace."""


def require_aware(moment: datetime) -> datetime:
    """Return ``moment`` unchanged; raise ``ValueError`` when it carries no time zone."""
    if moment.tzinfo is None:
        msg = "a naive datetime reached the domain; attach a time zone at the edge"
        raise ValueError(msg)
    return moment
