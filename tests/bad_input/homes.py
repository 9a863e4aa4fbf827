"""A home on disk as an operator has it, the installed command run on it, and what is left in it afterwards."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kikite.cli import main
from listener.channels.sandbox import SandboxAuthor, SandboxPlatform, SandboxPost

KIKITE = Path(sys.executable).with_name("kikite")
"""The installed command."""
WIDE = {"COLUMNS": "400", "TERM": "dumb"}
"""So that sentences come without line breaks."""
MIKA = SandboxAuthor(external_id="mika-id", handle="mika", display_name="Mika")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def tells(self, *sentences: str) -> None:
        """Require that people read these on the error stream, and never a traceback."""
        assert "Traceback" not in self.err
        read = re.sub(r"\s+", " ", self.err)
        for sentence in sentences:
            assert sentence in read, self.err

    def prints(self, *sentences: str) -> None:
        """Require that these stand among the results."""
        assert "Traceback" not in self.err
        for sentence in sentences:
            assert sentence in self.out, self.out


@dataclass(frozen=True, kw_only=True)
class Home:
    """A home made by ``kikite init --yes --demo``."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "kikite.toml"

    @property
    def platform(self) -> SandboxPlatform:
        """The sandbox that the home's account is on."""
        return SandboxPlatform(self.folder / "state" / "sandbox.sandbox.db")

    def set(self, section: str, line: str) -> None:
        """Write a setting under ``[section]``."""
        written = self.settings.read_text(encoding="utf-8")
        assert f"[{section}]\n" in written
        self.settings.write_text(written.replace(f"[{section}]\n", f"[{section}]\n{line}\n", 1), encoding="utf-8")

    def add(self, text: str) -> None:
        """Write at the end of the settings."""
        with self.settings.open("a", encoding="utf-8") as file:
            file.write(text)

    def post(self, *texts: str) -> list[str]:
        """Let Mika post on the sandbox; returns the ids."""
        return self.platform.add_posts([SandboxPost(text=text, author=MIKA) for text in texts])

    def run(self, *words: str | Path) -> Ran:
        """Run the command in this process: as quick as it gets, through the same ``main``."""
        return run_main(self.capture, self.patch, *words, "--home", self.folder)

    def program(self, *words: str | Path, environ: Mapping[str, str] | None = None) -> Ran:
        """Run the installed command as a program of its own."""
        return run_program(*words, "--home", self.folder, environ=environ)

    @contextmanager
    def running(self, *words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Keep ``kikite run`` going with its words in ``log``; it is killed at the end if it still runs."""
        with log.open("wb") as file:
            command: list[str | Path] = [KIKITE, "run", "--port", "0", *words, "--home", self.folder]
            process = subprocess.Popen(command, stdout=file, stderr=file, env=os.environ | WIDE)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what the database holds, read past the product."""
        with closing(sqlite3.connect(self.folder / "kikite.db")) as connection:
            return connection.execute(query).fetchall()

    def write(self, statement: str) -> None:
        """Change the database past the product."""
        with closing(sqlite3.connect(self.folder / "kikite.db")) as connection:
            connection.execute(statement)
            connection.commit()

    def texts(self) -> list[object]:
        """Return the texts of all mentions, as they came."""
        return [text for (text,) in self.rows("SELECT text FROM mention ORDER BY id")]


def run_main(capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, *words: str | Path) -> Ran:
    """Run the command's ``main`` in this process."""
    patch.setattr(sys, "argv", ["kikite", *map(str, words)])
    capture.readouterr()
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    said = capture.readouterr()
    return Ran(code=code, out=said.out, err=said.err)


def run_program(*words: str | Path, environ: Mapping[str, str] | None = None) -> Ran:
    """Run the installed command as a program of its own."""
    ended = subprocess.run(
        [KIKITE, *words],
        env={**os.environ, **WIDE, **(environ or {})},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return Ran(code=ended.returncode, out=ended.stdout, err=ended.stderr)
