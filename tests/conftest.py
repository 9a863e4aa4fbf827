"""Fixtures of every tier: a clock that stands still, databases, and the cast (Aoi, Ben, Chika).

``database`` is SQLite. ``any_database`` runs the test twice: on SQLite, and on PostgreSQL (marked ``partner``).
No test reaches the network: pytest-socket (see pyproject.toml) lets connections to loopback and unix sockets through, and
``no_name_lookups`` stops questions to a name server, which pytest-socket does not see.
"""

import shutil
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from domain.clock import FixedClock
from domain.ids import WorkspaceId
from domain.words import Role
from storage.database import Database
from storage.models import User
from tests.cast import NOON, OURS, THEIRS, furnish

__all__ = ["NOON", "OURS", "THEIRS"]

pytest_plugins = [
    "tests.partners.postgres",
    "tests.partners.bluesky_network",
    "tests.partners.smtp",
    "tests.partners.mail_server",
]

LOCAL_NAMES = ("localhost", "ip6-localhost", socket.gethostname())


@pytest.fixture(scope="session", autouse=True)
def no_name_lookups() -> Iterator[None]:
    """Refuse to resolve names of other machines; ``*.invalid`` never resolves, as everywhere."""
    ask = socket.getaddrinfo

    def ask_locally(host: bytes | str | None, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - passed through
        name = host.decode() if isinstance(host, bytes) else host or ""
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and name not in LOCAL_NAMES and not _is_address(name):
            pytest.fail(f"a test asked for the address of {name!r}; tests use no network", pytrace=True)
        return ask(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", ask_locally)
        yield


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and both workspaces, to copy from."""
    file = tmp_path_factory.mktemp("template") / "kikite.db"
    template = Database(f"sqlite:///{file}", clock=FixedClock(NOON))
    furnish(template)
    template.close()
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh SQLite file with every table and both workspaces."""
    file = tmp_path / "kikite.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def database(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """A fresh SQLite database with both workspaces."""
    opened = Database(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.partner)])
def any_database(request: pytest.FixtureRequest, clock: FixedClock) -> Iterator[Database]:
    """The same test on each database we promise."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    opened = Database(url, clock=clock)
    yield opened
    opened.close()


def _hire(request: pytest.FixtureRequest, workspace_id: WorkspaceId, login: str, role: Role) -> User:
    where = "any_database" if "any_database" in request.fixturenames else "database"
    database: Database = request.getfixturevalue(where)
    with database.transaction(workspace_id) as tx:
        # No password signs in with this: it is no hash of anything.
        user = User(login=login, display_name=login.title(), password_hash="!", role=role, created_at=tx.now)
        tx.session.add(user)
    return user


@pytest.fixture
def aoi(request: pytest.FixtureRequest) -> User:
    """Agent of our workspace."""
    return _hire(request, OURS, "aoi", Role.AGENT)


@pytest.fixture
def ben(request: pytest.FixtureRequest) -> User:
    """Approver of our workspace."""
    return _hire(request, OURS, "ben", Role.APPROVER)


@pytest.fixture
def chika(request: pytest.FixtureRequest) -> User:
    """Approver of the other workspace; must see nothing of ours."""
    return _hire(request, THEIRS, "chika", Role.APPROVER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded, whichever process ran them."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "figures":
                terminalreporter.write_line(str(value))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put whatever lies in ``tests/bad_input`` into its own tier, so that the fast one stays fast; and keep to one Bluesky network.

    In the browser tier the two stories that need it wait most of their time: there each worker starts one.
    """
    for item in items:
        if "bluesky_network" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("bluesky"))
        if item.path.parent.name == "bad_input":
            item.add_marker(pytest.mark.outer)
