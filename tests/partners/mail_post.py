"""An SMTP server in process that behaves as a provider's: it asks for a sign-in, delivers to mailboxes on this machine, may
file what we send, and fails once when told.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.partners.smtp import free_port

NO_ANSWER = "no answer"
LOST = "lost"


@dataclass
class PostOffice:
    """What the server took, whom it delivers to, and which fault comes next."""

    port: int
    password: str
    letters: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sign_ins: int = 0
    deliver: dict[str, Callable[[bytes], object]] = field(default_factory=dict)
    """How mail to an address on this machine is delivered."""
    file_sent: Callable[[bytes], object] | None = None
    """Files a copy of whatever was taken, as Gmail does."""
    faults: dict[str, str] = field(default_factory=dict)
    """By command (``LOGIN``, ``MAIL``, ``RCPT``, ``DATA``), used once: an answer that says no, ``NO_ANSWER`` after taking the
    mail, or ``LOST`` without."""

    def parsed(self) -> list[EmailMessage]:
        """Return the mails taken."""
        mails = [message_from_bytes(raw, policy=default) for raw in self.letters]
        return [mail for mail in mails if isinstance(mail, EmailMessage)]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said = self._answer(server, "RCPT")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        fault = self.faults.pop("DATA", "")
        if fault not in {"", NO_ANSWER, LOST}:
            return fault
        if fault != LOST:
            self._take(envelope)
        if fault:
            _hang_up(server)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        self.sign_ins += 1
        if fault := self.faults.pop("LOGIN", ""):
            return AuthResult(success=False, handled=False, message=fault)
        right = isinstance(given, LoginPassword) and given.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    def _take(self, envelope: Envelope) -> None:
        raw = bytes(envelope.original_content or b"")
        self.letters.append(raw)
        self.recipients.extend(envelope.rcpt_tos)
        for recipient in envelope.rcpt_tos:
            if recipient in self.deliver:
                self.deliver[recipient](raw)
        if self.file_sent is not None:
            self.file_sent(raw)

    def _answer(self, server: SMTP, command: str) -> str:
        fault = self.faults.pop(command, "250 OK")
        if fault == LOST:
            _hang_up(server)
        return fault


class TokenOffice(PostOffice):
    """A server whose sign-in wants a token."""

    async def auth_XOAUTH2(self, _server: SMTP, _args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        return AuthResult(success=False, handled=False)


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@contextmanager
def running_post_office(
    *, password: str, tls: ssl.SSLContext | None = None, takes_passwords: bool = True
) -> Iterator[PostOffice]:
    """Start a server; with ``tls`` it insists on STARTTLS. One that takes no passwords offers XOAUTH2 only."""
    kind = PostOffice if takes_passwords else TokenOffice
    office = kind(port=free_port(), password=password)
    options: dict[str, Any] = {
        "enable_SMTPUTF8": True,
        "hostname": "127.0.0.1",
        "port": office.port,
        "authenticator": office.authenticate,
        "auth_require_tls": tls is not None,
        "auth_exclude_mechanism": [] if takes_passwords else ["LOGIN", "PLAIN"],
    }
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = Controller(office, loop=asyncio.new_event_loop(), **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
