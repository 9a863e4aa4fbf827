"""A real IMAP server (Debian's Dovecot) on loopback for tests, with a Maildir per address that tests deliver into.

Started with a configuration of its own in a temporary folder and stopped by its own process id.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.partners.missing import PartnerMissingError, give_up
from tests.partners.smtp import Certificate, free_port

GET = (
    "Dovecot is not installed, so email was not tried against a real IMAP server. "
    "Get it: apt-get install dovecot-imapd (Debian, Ubuntu)."
)
KNOWN_VERSION = "2.3."
"""Dovecot 2.4 wants another configuration."""
PASSWORD = "mailbox-password-9c1f"
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
instance_name = {name}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_failure_delay = 0
mail_max_userip_connections = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir:LAYOUT=fs
mail_fsync = never
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 500
  process_min_avail = 2
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/homes/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Archive {{
    auto = subscribe
    special_use = \\Archive
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
"""


@dataclass(frozen=True)
class Maildir:
    """One address's mailbox on disk."""

    folder: Path
    owner: tuple[int, int]
    numbers: Iterator[int] = field(default_factory=count)

    def deliver(self, raw: bytes, *, into: str = "", received: float | None = None) -> Path:
        """Put a mail in, as a delivery agent does: written aside, then moved. Return its file."""
        home = self.folder / into
        for name in ("tmp", "new", "cur"):
            self._make(home / name)
        now = time.time()
        name = f"{int(now)}.M{next(self.numbers):08d}P{os.getpid()}.{secrets.token_hex(4)}.test"
        aside = home / "tmp" / name
        aside.write_bytes(raw)
        os.chown(aside, *self.owner)
        if received is not None:
            os.utime(aside, (received, received))
        return aside.rename(home / "new" / name)

    def mails(self, folder: str = "") -> list[bytes]:
        """Return the mails of a folder, oldest first."""
        home = self.folder / folder
        files = [file for name in ("new", "cur") if (home / name).is_dir() for file in (home / name).iterdir()]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.name)]

    def flags(self) -> list[str]:
        """Return the flags of every mail of the inbox; an empty string for one that nobody touched."""
        files = [file for name in ("new", "cur") for file in (self.folder / name).iterdir()]
        return [file.name.partition(":2,")[2] for file in files]

    def remove(self, message_id: str) -> None:
        """Delete a mail, as with another mail program."""
        self._find(message_id).unlink()

    def move(self, message_id: str, into: str) -> None:
        """Move a mail to another folder."""
        file = self._find(message_id)
        self.deliver(file.read_bytes(), into=into)
        file.unlink()

    def number_anew(self) -> None:
        """Lose the numbering: the server makes another one, with another UIDVALIDITY."""
        (self.folder / "dovecot-uidlist").write_text(
            f"3 V{int(time.time()) + next(self.numbers) + 9999} N1 G{secrets.token_hex(16)}\n"
        )
        os.chown(self.folder / "dovecot-uidlist", *self.owner)
        for file in self.folder.glob("dovecot.index*"):
            file.unlink()

    def _find(self, message_id: str) -> Path:
        for name in ("new", "cur"):
            for file in (self.folder / name).iterdir():
                if f"Message-ID: <{message_id}>".encode() in file.read_bytes():
                    return file
        raise LookupError(message_id)

    def _make(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in missing:
            os.chown(one, *self.owner)


class MailServer:
    """A running Dovecot. Every address signs in with the same password and has a mailbox of its own."""

    password = PASSWORD

    def __init__(self, folder: Path, certificate: Path) -> None:
        self._folder = folder
        self.port, self.tls_port = free_port(), free_port()
        # Dovecot serves no mail to root.
        self._owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        (folder / "homes").mkdir()
        for one in (folder, folder / "homes"):
            one.chmod(0o755)
            os.chown(one, self._owner.pw_uid, self._owner.pw_gid)
        file = folder / "dovecot.conf"
        file.write_text(
            CONFIGURATION.format(
                folder=folder,
                name=folder.name,
                certificate=certificate,
                user=self._owner.pw_name,
                group=_group_name(self._owner.pw_gid),
                port=self.port,
                tls_port=self.tls_port,
                password=PASSWORD,
            )
        )
        self._process = subprocess.Popen([_dovecot(), "-F", "-c", str(file)], stderr=subprocess.PIPE)
        self._wait()

    def mailbox(self, address: str) -> Maildir:
        """Return the Maildir of an address; it is made by the first delivery or sign-in."""
        return Maildir(self._folder / "homes" / address / "Maildir", (self._owner.pw_uid, self._owner.pw_gid))

    def stop(self) -> None:
        """Stop this very server by its process id."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _wait(self) -> None:
        until = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as door:
                    door.settimeout(5)
                    if door.recv(4).startswith(b"* OK"):
                        return
            except OSError:
                pass
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self._folder / "log").read_text() if (self._folder / "log").exists() else ""
                words = (
                    self._process.stderr.read().decode()
                    if self._process.poll() is not None and self._process.stderr
                    else ""
                )
                self.stop()
                raise PartnerMissingError(f"Dovecot does not start here: {words}{said[-800:]}")
            time.sleep(0.02)


def _group_name(group_id: int) -> str:
    import grp  # noqa: PLC0415 - POSIX only, as Dovecot is

    return grp.getgrgid(group_id).gr_name


def _dovecot() -> str:
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise PartnerMissingError(GET)
    version = subprocess.run([found, "--version"], check=True, capture_output=True, text=True).stdout
    if not version.startswith(KNOWN_VERSION):
        raise PartnerMissingError(f"Dovecot {version.split()[0]} is here; the tests can set up {KNOWN_VERSION}x only.")
    return found


@pytest.fixture(scope="session")
def mail_server(certificate: Certificate) -> Iterator[MailServer]:
    """The session's IMAP server, started when the first test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="kikite-mail-"))
    try:
        server = MailServer(folder, certificate.file)
    except (PartnerMissingError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        give_up(error if isinstance(error, PartnerMissingError) else PartnerMissingError(f"Dovecot: {error!r}"))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
