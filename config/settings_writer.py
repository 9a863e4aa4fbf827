"""Adding to a home's ``kikite.toml``: what stands there stays byte for byte, and a kill leaves the old file or the new one."""

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from config.home_writer import make_private
from config.loading import SETTINGS_FILE
from domain.errors import ConfigError, KikiteError, Place

OWNER_ONLY = 0o600


def append_to_settings(home: Path, lines: Sequence[str], *, verify: Callable[[Path], object]) -> int:
    """Put ``lines`` at the end of the home's settings in one step; return the line they begin at.

    ``verify`` is given the draft of the whole file and raises when it must not become the settings. Raises ``ConfigError`` when
    nothing can be written, ``KikiteError`` when somebody else wrote meanwhile. Whatever is raised, nothing was changed.
    """
    file = (home / SETTINGS_FILE).resolve()  # a link to a file kept elsewhere stays a link
    draft = file.with_name(f".{SETTINGS_FILE}.{secrets.token_hex(4)}")
    try:
        before = file.read_bytes()
        kept = _closed(before)
        end = _line_end(before)
        _write_draft(draft, kept + end.join(line.encode() for line in lines) + end, like=file)
        verify(draft)
        if file.read_bytes() != before:
            raise KikiteError(f"{file} was changed by somebody else just now.", remedy="Run the command again.")
        draft.replace(file)
        with suppress(OSError):  # the block stands; some file systems refuse to flush a folder
            _flush_folder(file.parent)
    except OSError as error:
        raise _unwritable(error, file) from None
    finally:
        draft.unlink(missing_ok=True)
    return kept.count(b"\n") + 1


def make_secret_files(home: Path, names: Sequence[str]) -> list[str]:
    """Make the files of ``names`` (within the home) that are not there, empty and for their owner only; return those empty.

    The folder ``secrets/`` is closed to others. Raises ``ConfigError`` when they cannot be made.
    """
    try:
        make_private(home / "secrets")
        for name in names:
            (home / name).touch(mode=OWNER_ONLY)
        return [name for name in names if not (home / name).stat().st_size]
    except OSError as error:
        raise _unwritable(error, home / "secrets") from None


def _closed(before: bytes) -> bytes:
    """Return the file with its last line ended and an empty line behind it."""
    end = _line_end(before)
    if not before.strip():
        return before
    return before + (b"" if before.endswith(b"\n") else end) + end


def _line_end(before: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in before else b"\n"


def _write_draft(draft: Path, content: bytes, *, like: Path) -> None:
    """Write all of ``content`` down to the disk, with rights and owner of ``like``."""
    rights = like.stat()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as written:
        made = draft.stat()
        if (rights.st_uid, rights.st_gid) != (made.st_uid, made.st_gid):
            os.chown(draft, rights.st_uid, rights.st_gid)
        draft.chmod(rights.st_mode & 0o777)
        written.write(content)
        written.flush()
        os.fsync(written.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(error: OSError, file: Path) -> ConfigError:
    said = error.strerror or "unknown reason"
    remedy = "Correct owner and rights of the home, or make room; nothing was changed."
    return ConfigError(f"cannot be written ({said}).", place=Place(file=error.filename or str(file)), remedy=remedy)
