"""Writing the files of a new home, so that a kill at any point leaves either no home or one that a rerun completes."""

import json
import os
import secrets
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from config.loading import SETTINGS_FILE
from config.reference import Shop, render_settings_file
from domain.errors import ConfigError, Place

UNNAMED = ("当店", "our shop")
"""What the starter brand is called until somebody names it."""
PRIVATE = 0o700
"""A home holds customers' words, a database and secrets: nobody else on the machine reads it."""


def write_home(home: Path, *, demo: bool, shop: Shop | None = None) -> None:
    """Write settings, a brand and the folder for secrets into ``home``; with ``demo`` those of the demo shop, else of ``shop``.

    A file that is there is never changed. ``kikite.toml`` is written last: where it stands, the home is complete, and
    nothing but the folder for secrets is renewed. Raises ``ConfigError`` when the folder cannot be written.
    """
    home = home.expanduser().absolute()
    try:
        make_private(home)
        make_private(home / "secrets")
        if (home / SETTINGS_FILE).exists():
            return
        for name, content in _template_files(demo=demo):
            named = shop and shop.name and not demo and name.name == "brand.toml"
            _write_once(home / name, _name_brand(content, shop.name) if shop and named else content)
        _write_once(home / SETTINGS_FILE, render_settings_file(demo=demo, shop=shop).encode())
    except OSError as error:
        place = Place(file=error.filename or str(home))
        said = error.strerror or "unknown reason"
        remedy = "Choose another --home, or correct owner and rights."
        raise ConfigError(f"the home cannot be written ({said}).", place=place, remedy=remedy) from None


def make_private(folder: Path) -> None:
    """Make ``folder`` for its owner only; close a folder for secrets that stands open."""
    if not folder.is_dir():
        folder.mkdir(mode=PRIVATE, parents=True)
    if folder.name == "secrets":
        folder.chmod(PRIVATE)


def _name_brand(content: bytes, name: str) -> bytes:
    """Put the shop's name in the place of the template's, and among the words that mean it."""
    said = json.dumps(name, ensure_ascii=False)
    lines = content.decode().replace("words = []", f"words = [{said}]", 1)
    for unnamed in UNNAMED:
        lines = lines.replace(json.dumps(unnamed, ensure_ascii=False), said, 1)
    return lines.encode()


def _template_files(*, demo: bool) -> Iterator[tuple[Path, bytes]]:
    """Give every file of a new home but its settings."""
    template = files("config") / "home_template"
    brand = files("config") / "demo" / "brand" if demo else template / "brand"
    yield from _walk(brand, Path("brands/default"))
    yield from _walk(template / "secrets", Path("secrets"))
    yield from _walk(template / "playbooks", Path("playbooks"))


def _walk(folder: Traversable, target: Path) -> Iterator[tuple[Path, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, target / entry.name)
        else:
            yield target / entry.name, entry.read_bytes()


def _write_once(file: Path, content: bytes) -> None:
    """Create ``file`` with all of ``content`` at once; leave it alone when it is there."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        _appear(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _appear(draft: Path, file: Path) -> None:
    """Give the draft its name unless another took it meanwhile."""
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not file.exists():
            draft.rename(file)
