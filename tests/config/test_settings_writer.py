"""What is added to ``kikite.toml`` stands at its end; nothing else in it moves, whatever happens meanwhile."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings_writer import append_to_settings, make_secret_files
from domain.errors import ConfigError, KikiteError

BLOCK = ("[[channel]]", 'name = "新しい"')
KILLED = """
import os, pathlib, sys
from config.settings_writer import append_to_settings
pathlib.Path.replace = lambda *_: os._exit(9)
append_to_settings(pathlib.Path(sys.argv[1]), ["[[channel]]"], verify=lambda draft: None)
"""


def settings(home: Path, content: bytes) -> Path:
    file = home / "kikite.toml"
    file.write_bytes(content)
    return file


def accept(draft: Path) -> None:
    assert draft.is_file()


@pytest.mark.parametrize(
    ("before", "added", "line"),
    [
        (b"[log]\n", '\n[[channel]]\nname = "新しい"\n', 3),
        (b"[log]", '\n\n[[channel]]\nname = "新しい"\n', 3),
        (b"[log]\r\n# x\r\n", '\r\n[[channel]]\r\nname = "新しい"\r\n', 4),
        (b"\xef\xbb\xbf[log]\n", '\n[[channel]]\nname = "新しい"\n', 3),
        (b"", '[[channel]]\nname = "新しい"\n', 1),
    ],
    ids=["a file", "no line end", "windows", "byte order mark", "empty"],
)
def test_what_stood_there_stays_byte_for_byte(tmp_path: Path, before: bytes, added: str, line: int) -> None:
    file = settings(tmp_path, before)
    assert append_to_settings(tmp_path, BLOCK, verify=accept) == line
    assert file.read_bytes() == before + added.encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["kikite.toml"]


def test_the_draft_that_is_verified_is_the_whole_file(tmp_path: Path) -> None:
    settings(tmp_path, b"[log]\n")
    seen: list[str] = []
    append_to_settings(tmp_path, ["[[channel]]"], verify=lambda draft: seen.append(draft.read_text(encoding="utf-8")))
    assert seen == ["[log]\n\n[[channel]]\n"]


def test_a_draft_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    file = settings(tmp_path, b"[log]\n")

    def refuse(_draft: Path) -> None:
        raise KikiteError("no")

    with pytest.raises(KikiteError, match="no"):
        append_to_settings(tmp_path, BLOCK, verify=refuse)
    assert file.read_bytes() == b"[log]\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kikite.toml"]


def test_what_somebody_else_saves_meanwhile_is_kept(tmp_path: Path) -> None:
    file = settings(tmp_path, b"[log]\n")
    with pytest.raises(KikiteError, match=r"changed by somebody else just now\. Run the command again"):
        append_to_settings(tmp_path, BLOCK, verify=lambda _: file.write_bytes(b"[mail]\n"))
    assert file.read_bytes() == b"[mail]\n"


def test_rights_stay_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    real = settings(tmp_path / "kept", b"[log]\n")
    real.chmod(0o640)
    (tmp_path / "kikite.toml").symlink_to(real)
    append_to_settings(tmp_path, BLOCK, verify=accept)
    assert (tmp_path / "kikite.toml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes().startswith(b"[log]\n\n[[channel]]\n")


def test_a_kill_before_the_new_file_takes_its_place_leaves_the_old_one_and_the_next_try_works(tmp_path: Path) -> None:
    file = settings(tmp_path, b"[log]\n")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == 9
    assert file.read_bytes() == b"[log]\n"
    append_to_settings(tmp_path, BLOCK, verify=accept)
    assert file.read_bytes().startswith(b"[log]\n\n[[channel]]\n")


def test_a_home_that_cannot_be_written_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(tmp_path, b"[log]\n")

    def refuse(path: Path, *_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr("config.settings_writer.os.open", refuse)
    with pytest.raises(ConfigError, match=r"Read-only file system.*nothing was changed"):
        append_to_settings(tmp_path, BLOCK, verify=accept)
    assert file.read_bytes() == b"[log]\n"


def test_files_for_secrets_are_their_owners_only_and_a_filled_one_is_kept(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    (tmp_path / "secrets" / "b").write_text("kept", encoding="utf-8")
    assert make_secret_files(tmp_path, ["secrets/a", "secrets/b"]) == ["secrets/a"]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets" / "b").read_text(encoding="utf-8") == "kept"


def test_something_else_in_the_place_of_the_folder_for_secrets_is_told(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"secrets: cannot be written \(File exists\)"):
        make_secret_files(tmp_path, ["secrets/a"])
