"""What LINE tells once and never again, kept in the account's folder: messages taken back, who blocks us, what we tried to send.

Each note is a small file of its own under a hash of its id, replaced as a whole: processes that share the home need no lock, and
nothing of a message is in it.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import RetryableError
from listener.channels.line.events import Event, EventKind, SourceKind, unsent_ids

KEPT: Final = timedelta(days=90)
"""Longer than any post stays open; who blocks us is asked of LINE as well."""
PROOFS: Final = frozenset({EventKind.FOLLOW, EventKind.MESSAGE})
"""Who does this does not block us."""
log = structlog.get_logger(__name__)


class NoteKind(StrEnum):
    """What a note is about."""

    UNSENT = "unsent"
    """A message that its author took back."""
    BLOCKED = "blocked"
    """A person, with the moment and whether they block us since."""
    TRIED = "tried"
    """A retry key, with the moment of its first try."""
    DOUBTED = "doubted"
    """A message whose answer was on its way when we last heard of it."""
    SENT = "sent"
    """A message of ours: who quotes it turns to us."""


class Notes:
    """The notes of one account."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._pruned_at: datetime | None = None

    def learn(self, events: Iterable[Event]) -> None:
        """Note what ``events`` tell of messages taken back and of who blocks us. Learning the same again changes nothing.

        Raises ``RetryableError`` when it cannot be kept.
        """
        events = list(events)
        for message_id in unsent_ids(events):
            self.write(NoteKind.UNSENT, message_id, self._clock.now().isoformat())
        for event in events:
            is_alone, is_unfollow = event.source.kind is SourceKind.USER, event.kind is EventKind.UNFOLLOW
            if is_alone and (
                is_unfollow or (event.kind in PROOFS and self.read(NoteKind.BLOCKED, event.source.user_id))
            ):
                self._note_block(event.source.user_id, event)
        self._prune()

    def is_unsent(self, message_id: str) -> bool:
        """Tell whether a message was taken back."""
        return bool(self.read(NoteKind.UNSENT, message_id))

    def is_blocked_by(self, user_id: str) -> bool:
        """Tell whether the last we heard of a person is that they blocked us."""
        return self.read(NoteKind.BLOCKED, user_id).endswith(" yes")

    def first_try(self, retry_key: str) -> datetime | None:
        """Return when a send was tried first, as far as this home knows."""
        with suppress(ValueError):
            found = datetime.fromisoformat(self.read(NoteKind.TRIED, retry_key))
            return found if found.tzinfo else None
        return None

    def read(self, kind: NoteKind, name: str) -> str:
        """Return a note; empty when there is none. Raises ``RetryableError``."""
        try:
            return self._file(kind, name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise self._trouble(error) from None

    def write(self, kind: NoteKind, name: str, value: str) -> None:
        """Keep a note. Raises ``RetryableError``."""
        file = self._file(kind, name)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(dir=file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as new:
                new.write(value)
                new.flush()
                os.fsync(new.fileno())  # what was tried must outlive a power cut, as the row that tells of it does
            Path(made).replace(file)
        except OSError as error:
            raise self._trouble(error) from None

    def drop(self, kind: NoteKind, name: str) -> None:
        """Forget a note; harmless when there is none."""
        try:
            self._file(kind, name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("note_not_dropped", kind=kind.value, error=type(error).__name__)

    def _note_block(self, user_id: str, event: Event) -> None:
        """Keep the latest word on whether a person blocks us: events may come late and in any order."""
        known, _, _ = self.read(NoteKind.BLOCKED, user_id).partition(" ")
        with suppress(ValueError, TypeError):  # a spoilt note stops no poll
            if datetime.fromisoformat(known) > event.occurred_at:
                return
        blocks = event.kind is EventKind.UNFOLLOW
        self.write(NoteKind.BLOCKED, user_id, f"{event.occurred_at.isoformat()} {'yes' if blocks else 'no'}")

    def _prune(self) -> None:
        """Delete what is very old, once a day."""
        now = self._clock.now()
        if self._pruned_at and now - self._pruned_at < timedelta(days=1):
            return
        self._pruned_at = now
        oldest = (now - KEPT).timestamp()
        with suppress(OSError):
            for file in self._folder.glob("*/*"):
                if file.stat().st_mtime < oldest:
                    file.unlink(missing_ok=True)

    def _file(self, kind: NoteKind, name: str) -> Path:
        return self._folder / kind.value / hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:40]

    def _trouble(self, error: Exception) -> RetryableError:
        return RetryableError(
            f"The notes in {self._folder} cannot be kept ({type(error).__name__}).",
            code="notes_not_kept",
            remedy="Check the disk and the rights of the home.",
        )
