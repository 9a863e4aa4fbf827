"""A Mastodon-compatible server of somebody else's making (PyPI mastodon-mock), as a process of its own on loopback."""

import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.partners.missing import PartnerMissingError

DOMAIN = "mastodon.test"
START_SECONDS = 60


class MastodonServer:
    """The server, in memory, with its demo community. Accounts are made as needed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mastodon-")
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        if find_spec("mastodon_mock") is None:
            message = "mastodon-mock is not installed: pip install mastodon-mock"
            raise PartnerMissingError(message)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        folder = Path(self._folder.name)
        # Posts have the addresses of a server behind TLS, as everywhere.
        (folder / "server.toml").write_text('url_scheme = "https"\n', encoding="utf-8")
        command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", "server.toml", "--in-memory", "--demo"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--domain", DOMAIN, "--log-level", "error"]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process. Harmless when repeated."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
        self._folder.cleanup()

    def sign_up(self, name: str) -> "Person":
        """Make the account ``name`` and sign it in."""
        form = {"username": name, "email": f"{name}@{DOMAIN}", "password": "right", "agreement": "true"}
        answer = httpx2.post(f"{self.url}/api/v1/accounts", data=form, timeout=30)
        return Person(self.url, name, answer.raise_for_status().json()["access_token"])

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                httpx2.get(f"{self.url}/api/v2/instance", timeout=5).raise_for_status()
            except httpx2.TransportError:
                time.sleep(0.1)
            else:
                return
        message = "mastodon-mock did not start: python -m mastodon_mock serve --in-memory --demo tells why"
        raise PartnerMissingError(message)


class Person:
    """Somebody with an account, using it as an app does."""

    def __init__(self, url: str, name: str, token: str) -> None:
        self.name = name
        self.token = token
        self._client = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.id = str(self.get("/api/v1/accounts/verify_credentials")["id"])

    def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 - the API's JSON
        return self._client.get(path, params=params).raise_for_status().json()

    def post(self, text: str, **params: str) -> str:
        """Post and return the id."""
        answer = self._client.post("/api/v1/statuses", data={"status": text, **params})
        return str(answer.raise_for_status().json()["id"])

    def edit(self, status_id: str, text: str) -> None:
        self._client.put(f"/api/v1/statuses/{status_id}", data={"status": text}).raise_for_status()

    def delete(self, status_id: str) -> None:
        self._client.delete(f"/api/v1/statuses/{status_id}").raise_for_status()

    def boost(self, status_id: str) -> None:
        self._client.post(f"/api/v1/statuses/{status_id}/reblog").raise_for_status()

    def own_sources(self, **wanted: str) -> list[str]:
        """Return what this person posted, as typed, oldest first: those whose fields have the values in ``wanted``."""
        statuses = self.get(f"/api/v1/accounts/{self.id}/statuses", limit=40)
        picked = [one for one in statuses if all(one[name] == value for name, value in wanted.items())]
        return [str(self.get(f"/api/v1/statuses/{one['id']}/source")["text"]) for one in reversed(picked)]

    def close(self) -> None:
        self._client.close()
