"""The running product among other programs: a taken port, a second product on the home, a kill in the middle."""

import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_input.homes import Home
from tests.bad_input.table import row

PATIENCE_SECONDS = 120
DONE = "SELECT count(*) FROM mention WHERE state IN ('drafted', 'undrafted')"


def wait_for(done: Callable[[], bool], log: Path) -> None:
    """Wait for a program of its own to get somewhere."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.02)


def says(log: Path, word: str) -> Callable[[], bool]:
    return lambda: word in log.read_text(encoding="utf-8")


@row("port-taken")
def test_a_taken_port_is_told_with_the_remedy(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = home.program("run", "--only", "desk", "--port", str(port))
    assert ran.code == 1
    ran.tells(f"The desk cannot listen on 127.0.0.1:{port} (Address already in use).", "Choose another desk.port")


@row("product-twice")
@pytest.mark.partner
def test_two_products_on_one_home_share_the_work_and_one_clock_leads(home: Home, tmp_path: Path) -> None:
    texts = [f"@our_shop Wrong coat! {number}" for number in range(12)]
    home.post(*texts)
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    with home.running(log=logs[0]), home.running(log=logs[1]) as second:
        for log in logs:
            wait_for(says(log, "Kikite is at"), log)
            wait_for(says(log, "clock_"), log)
        wait_for(lambda: home.rows(DONE) == [(12,)], logs[0])
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_SECONDS) == 0
    written = [log.read_text(encoding="utf-8") for log in logs]
    assert sorted("clock_leads" in log for log in written) == [False, True]
    assert sorted("clock_stands_by" in log for log in written) == [False, True]
    assert sorted(map(str, home.texts())) == sorted(texts)
    assert home.rows("SELECT count(*), count(DISTINCT mention_id) FROM classification") == [(12, 12)]


@row("killed")
@pytest.mark.kill
def test_a_product_killed_in_the_middle_goes_on_where_it_was(home: Home, tmp_path: Path) -> None:
    export = tmp_path / "posts.csv"
    export.write_text("id,text\n" + "\n".join(f"{number},Wrong coat! {number}" for number in range(240)))
    assert home.run("import", export).code == 0
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    with home.running("--only", "worker", log=first) as killed:
        wait_for(lambda: home.rows("SELECT count(*) > 0 FROM classification") == [(1,)], first)
        killed.kill()
        killed.wait(PATIENCE_SECONDS)
    assert home.rows("PRAGMA integrity_check") == [("ok",)]
    assert home.rows(DONE) != [(240,)]
    # What the killed one had claimed is free again when its lease is over: as if that time had passed.
    home.write("UPDATE mention SET claimed_until = '2020-01-01 00:00:00.000000' WHERE claimed_until IS NOT NULL")
    with home.running("--only", "worker", log=second):
        wait_for(lambda: home.rows(DONE) == [(240,)], second)
    assert home.rows("SELECT count(*), count(DISTINCT mention_id) FROM classification") == [(240, 240)]
    assert not re.search("Traceback", second.read_text(encoding="utf-8"))
