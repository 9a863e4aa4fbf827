"""A home under construction: write what a person would write, then load it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.loading import load_settings
from config.settings import Settings
from domain.errors import ConfigError


@dataclass
class DraftHome:
    """A home folder that a test fills."""

    path: Path
    environ: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the home; the first newline of a text is cut."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        file.write_bytes(raw.removeprefix(b"\n"))
        return file

    def load(self, environ: Mapping[str, str] | None = None) -> Settings:
        """Load the settings; the machine's own environment has no part in it."""
        return load_settings(self.path, environ=environ or {})

    def refuse(self, environ: Mapping[str, str] | None = None) -> ConfigError:
        """Load, and return the error that this must give."""
        with pytest.raises(ConfigError) as caught:
            self.load(environ)
        return caught.value

    def complaints(self, environ: Mapping[str, str] | None = None) -> list[str]:
        """Return the lines of the error, the home's path cut away."""
        return str(self.refuse(environ)).replace(f"{self.path}/", "").split("\n")


@pytest.fixture
def home(tmp_path: Path) -> DraftHome:
    path = tmp_path / "home"
    path.mkdir()
    return DraftHome(path)
