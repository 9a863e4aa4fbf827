"""The top-level names are common words: the wheel must hold exactly ours, and each must be ours when imported."""

import importlib
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from kikite.doctor import OUR_PACKAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    return zipfile.ZipFile(next(iter(WheelBuilder(str(ROOT)).build(directory=str(target), versions=["standard"]))))


def test_the_wheel_holds_our_top_level_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(OUR_PACKAGES)


def test_the_wheel_carries_what_is_read_at_run_time(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for needed in (
        "desk/static/vendor/htmx.min.js",
        "storage/migrations/env.py",
        "config/demo/script.jsonl",
        "config/locale/desk.toml",
    ):
        assert needed in names, needed


def test_every_top_level_package_is_ours_when_imported() -> None:
    for name in OUR_PACKAGES:
        (place,) = importlib.import_module(name).__path__
        assert Path(place).resolve().parent == ROOT, name


def test_the_import_contracts_and_the_wheel_name_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["importlinter"]["root_packages"]) == set(OUR_PACKAGES)
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(OUR_PACKAGES)


def test_the_base_install_names_no_torch_and_no_platform_sdk() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base = " ".join(project["project"]["dependencies"])
    for heavy in ("torch", "transformers", "atproto", "tweepy", "praw"):
        assert heavy not in base


def test_lock_files_name_no_host_and_pin_every_package_by_hash() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        content = lock.read_text(encoding="utf-8")
        assert "://" not in content
        assert "--index" not in content
        pins = [line for line in content.splitlines() if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in line for line in pins)
        assert content.count("--hash=sha256:") >= len(pins)
