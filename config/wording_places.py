"""Where a wording stands: file and line, for whoever is to put it otherwise."""

from importlib.resources import as_file
from pathlib import Path

from config.prose import SHIPPED_PLAYBOOKS
from domain.errors import Place


class WordingPlaces:
    """The playbook files of a home and those that came with the product, read once."""

    def __init__(self, home: Path | None) -> None:
        self._lines: list[tuple[str, list[str]]] = []
        if home is not None:
            self._read(home / "playbooks", shown="playbooks")
        with as_file(SHIPPED_PLAYBOOKS) as shipped:
            self._read(shipped, shown="config/playbooks")

    def find(self, wording: str) -> Place | None:
        """Return where ``wording`` is written, the home's own files first; None where nobody can tell."""
        written = wording.replace("\\", "\\\\").replace('"', '\\"').split("\n")[0].strip()
        for file, lines in self._lines:
            for number, line in enumerate(lines, start=1):
                if written and (written in line or wording in line):
                    return Place(file=file, line=number)
        return None

    def _read(self, folder: Path, *, shown: str) -> None:
        for file in (*sorted(folder.glob("*.toml")), *sorted(folder.glob("shared/*.toml"))):
            self._lines.append(
                (f"{shown}/{file.relative_to(folder).as_posix()}", file.read_text(encoding="utf-8").splitlines())
            )
