"""The stage of the email tests: a mailbox of a shop's own on a real IMAP server, customers' mails in it, and a post office."""

import base64
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count

from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import Clock, SystemClock
from listener.channels.email import EmailChannel
from listener.channels.email.options import EmailOptions, read_options
from tests.partners.mail_post import PostOffice
from tests.partners.mail_server import PASSWORD, Maildir
from tests.partners.mail_wire import MailWire

Option = str | int | float | bool | list[str]
OPTIONS: dict[str, Option] = {
    "address": "care@shop.test",
    "imap_host": "127.0.0.1",
    "imap_security": "none",
    "smtp_host": "127.0.0.1",
    "smtp_security": "none",
}


def settings(**options: str | float | bool | list[str]) -> ChannelSettings:
    """Return the settings of a mailbox."""
    return ChannelSettings(
        name="care", kind="email", options={**OPTIONS, **options}, secrets={"password": SecretStr(PASSWORD)}
    )


def options(**given: str | float | bool | list[str]) -> EmailOptions:
    """Return checked options of a mailbox."""
    return read_options(settings(**given))


def plain_mail(text: str, *, message_id: str = "", author: str = "aya@customer.test", **headers: str) -> bytes:
    """Return a mail in plain text, every character as given (base64, so that nothing is folded or filled)."""
    lines = [f"From: {author.split('@', maxsplit=1)[0].title()} <{author}>", "To: care@shop.test", "MIME-Version: 1.0"]
    lines += [f"Message-ID: <{message_id}>"] if message_id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", ""]
    return "\r\n".join(lines).encode() + base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")


def written(mail: EmailMessage) -> bytes:
    """Return a composed mail as it travels."""
    return mail.as_bytes(policy=SMTP)


@dataclass
class Shop:
    """A shop's mailbox, the way to it and the way out."""

    address: str
    maildir: Maildir
    wire: MailWire
    post: PostOffice
    clock: Clock = field(default_factory=SystemClock)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def channel(self, **given: str | float | bool | list[str]) -> EmailChannel:
        """Return a channel connected to the mailbox, through the wire that can fail."""
        ports: dict[str, Option] = {"address": self.address, "imap_port": self.wire.port, "smtp_port": self.post.port}
        merged = {"timeout_seconds": 5, **ports, **given}
        return EmailChannel(options(**merged), clock=self.clock)

    def receive(
        self, text: str, *, author: str = "aya@customer.test", received: float | None = None, **headers: str
    ) -> str:
        """Deliver a customer's mail; return its Message-ID."""
        message_id = f"{next(self.numbers)}.{author}"
        self.maildir.deliver(plain_mail(text, message_id=message_id, author=author, **headers), received=received)
        return message_id
