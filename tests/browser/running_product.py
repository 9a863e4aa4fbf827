"""The product as people run it: ``kikite run`` in a process of its own on a home of its own."""

import json
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

KIKITE = Path(sys.executable).with_name("kikite")
START_SECONDS = 30
STOP_SECONDS = 40


class RunningProduct:
    """``with RunningProduct(home) as product`` starts it and stops it by its id, with SIGTERM as a person's Ctrl+C would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url = ""
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [str(KIKITE), "run", "--home", str(self.home), "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._wait_for_address()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        assert self._process.stderr is not None
        self._process.stderr.close()
        assert code == 0, "\n".join(self.said)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said.append(line.rstrip())
            self._lines.put(line)

    def _wait_for_address(self) -> str:
        while True:
            try:
                line = self._lines.get(timeout=START_SECONDS)
            except queue.Empty:
                self._process.kill()
                raise AssertionError("\n".join(self.said)) from None
            if found := re.search(r"http://[\d.:]+", line):
                return found.group()

    def sign_in_address(self, login: str) -> str:
        """A one-time link for ``login``, as an admin makes it."""
        link = str(run_kikite("people", "link", login, "--home", str(self.home))["link"])
        return self.url + "/sign-in/link/" + link.rsplit("/", 1)[1]


def run_kikite(*arguments: str) -> dict[str, object]:
    """Run one command with ``--json`` and return what it printed."""
    done = subprocess.run(
        [str(KIKITE), *arguments, "--json"], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer
