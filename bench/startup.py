"""Start of `kikite run` to the first page, memory of the process, size of the environment.

usage: python bench/startup.py [--home DIR]     (a demo home is made in a temporary folder without it)
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

KIKITE = Path(sys.executable).with_name("kikite")


def first_page(home: Path) -> tuple[float, subprocess.Popen[str], str]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(KIKITE), "run", "--home", str(home), "--port", "0"], stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stderr is not None
    url = ""
    for line in process.stderr:
        if found := re.search(r"http://[\d.:]+", line):
            url = found.group()
            break
    while True:
        try:
            with urllib.request.urlopen(f"{url}/sign-in", timeout=5) as page:
                page.read()
            return time.perf_counter() - began, process, url
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.01)


def memory(pid: int) -> dict[str, float]:
    """Return MB: resident as it is, and private alone (without page cache that others share)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    read = {key: int(value) / 1024 for key, value in re.findall(r"^(\w+):\s+(\d+) kB", rollup, re.MULTILINE)}
    return {"resident": read["Rss"], "private": read["Private_Clean"] + read["Private_Dirty"]}


def environment_size(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder) / "home"
        if not given.home:
            subprocess.run(
                [str(KIKITE), "init", "--yes", "--demo", "--home", str(home)], check=True, capture_output=True
            )
        for run in (1, 2, 3):
            seconds, process, _ = first_page(home)
            fresh = memory(process.pid)
            time.sleep(10)
            settled = memory(process.pid)
            process.send_signal(signal.SIGTERM)
            began = time.perf_counter()
            process.wait(timeout=30)
            print(
                f"run {run}: first page {seconds:.2f} s; resident {fresh['resident']:.0f} MB, after 10 s "
                f"{settled['resident']:.0f} MB (private {settled['private']:.0f} MB); stopped in {time.perf_counter() - began:.1f} s"
            )
    print(f"environment: {environment_size(Path(sys.prefix)):.0f} MB at {os.path.relpath(sys.prefix)}")


if __name__ == "__main__":
    main()
