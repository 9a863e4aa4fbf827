"""A real SMTP server on loopback for tests: keeps what it is given, and can be told to misbehave."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER = "desk"
PASSWORD = "right"


@dataclass
class Mailbox:
    """The server's behaviour and what it took. Answers are used up one by one; None lets the mail through."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    mail_answers: list[str | None] = field(default_factory=list)
    rcpt_answers: list[str | None] = field(default_factory=list)
    data_answers: list[str | None] = field(default_factory=list)
    cut: str = ""
    """``mail``: hang up at MAIL FROM; ``before`` / ``after``: at DATA, without or after keeping the mail."""
    at_data: Callable[[], None] | None = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.cut == "mail":
            self._hang_up(server)
        envelope.mail_from = address
        return _next(self.mail_answers) or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return _next(self.rcpt_answers) or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = _next(self.data_answers)
        if refusal is None and self.cut != "before":
            self.letters.append(_parse(envelope.content))
            self.recipients.extend(envelope.rcpt_tos)
        if self.at_data is not None:
            self.at_data()
        if self.cut in ("before", "after"):
            self._hang_up(server)
        return refusal or "250 OK"

    def _hang_up(self, server: SMTP) -> None:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()


def _next(answers: list[str | None]) -> str | None:
    return answers.pop(0) if answers else None


def _parse(content: Any) -> EmailMessage:  # noqa: ANN401 - bytes, for aiosmtpd says less
    letter = message_from_bytes(content, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:  # noqa: ANN401
    right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as plug:
        return int(plug.getsockname()[1])


@contextmanager
def running_mailbox(*, tls: ssl.SSLContext | None = None, sign_in: bool = False) -> Iterator[Mailbox]:
    """Start a server; ``tls`` offers STARTTLS and asks for it, ``sign_in`` wants user and password."""
    box = Mailbox(port=free_port())
    options: dict[str, Any] = {"enable_SMTPUTF8": True, "hostname": "127.0.0.1", "port": box.port}
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    if sign_in:
        options |= {"authenticator": _authenticate, "auth_required": True}
    controller = Controller(box, loop=asyncio.new_event_loop(), **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A server that takes everything without a question."""
    with running_mailbox() as box:
        yield box


@dataclass(frozen=True)
class Certificate:
    """A server certificate for 127.0.0.1 that nobody signed but itself."""

    file: Path
    """Key and certificate (PEM)."""
    server: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-signed certificate, with a client context that trusts it."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    _write_certificate(file)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Certificate(file=file, server=server, trusting=ssl.create_default_context(cafile=str(file)))


def _write_certificate(file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
