"""The partner itself: nothing of it can be reached from another machine, and nothing outlives it."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.partners import bluesky_install
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.missing import ALLOW, PartnerMissingError, give_up
from tests.partners.postgres import Postgres

LOCK = Path(bluesky_install.FOLDER, "package-lock.json")


def test_the_lock_file_names_no_registry() -> None:
    content = LOCK.read_text(encoding="utf-8")
    assert '"resolved"' not in content
    assert not re.search(r"registry|npmjs|\.tgz", content)


def test_a_missing_partner_fails_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW, raising=False)
    with pytest.raises(PartnerMissingError):
        give_up(PartnerMissingError("no compiler"))
    monkeypatch.setenv(ALLOW, "1")
    with pytest.raises(pytest.skip.Exception, match="no compiler"):
        give_up(PartnerMissingError("no compiler"))


LISTENING = "0A"


def process_runs(number: int) -> bool:
    return Path("/proc", str(number)).exists()


def addresses_listened_on(leaders: list[int]) -> set[str]:
    """Return the addresses, in hexadecimal, that the process groups of ``leaders`` listen on."""
    numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    members = [number for number in numbers if process_runs(number) and os.getpgid(number) in leaders]
    links = {str(link.readlink()) for number in members for link in Path(f"/proc/{number}/fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in links}


@pytest.mark.partner
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's own table of sockets")
def test_every_listener_is_on_loopback(bluesky_network: BlueskyNetwork) -> None:
    assert addresses_listened_on(bluesky_network.process_ids) == {"0100007F"}


@pytest.mark.partner
def test_the_end_of_the_network_ends_its_processes(postgres: Postgres) -> None:
    name = postgres.make_database()
    with BlueskyNetwork(postgres.url(name)) as network:
        numbers = network.process_ids
        assert all(process_runs(number) for number in numbers)
    assert not any(process_runs(number) for number in numbers)
    assert not network.folder.exists()
    postgres.drop_database(name)


@pytest.mark.partner
def test_a_network_that_cannot_start_says_why_and_leaves_nothing_running() -> None:
    network = BlueskyNetwork("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(PartnerMissingError, match="ECONNREFUSED"):
        network.__enter__()
    assert not any(process_runs(number) for number in network.process_ids)
