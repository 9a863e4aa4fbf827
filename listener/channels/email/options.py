"""What the settings of a mailbox may say."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import LOOPBACK, check_options

ADDRESS = r"^[^@\s<>\",;:\x00-\x1f\x7f]+@[A-Za-z0-9][A-Za-z0-9.-]*$"
LABEL = r"[A-Za-z0-9-]{1,63}"
IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f]{0,4}(?:\.[0-9]{1,3}){0,3}"
HOST = rf"^(?:{LABEL}(?:\.{LABEL})*|{IPV6})?$"
Address = Annotated[str, Field(pattern=ADDRESS, max_length=254)]


class Security(StrEnum):
    """How a connection is encrypted."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"
    """Only on this very machine."""


class SentCopies(StrEnum):
    """Who puts a copy of what we sent where it can be found again: that settles whether a doubtful send happened."""

    APPEND = "append"
    """We do, after a sure send. After a doubtful one nothing can be found, so a person has to look."""
    SERVER = "server"
    """The provider files whatever its SMTP server takes (Gmail, Microsoft 365)."""
    SELF = "self"
    """As ``append``; and our own address gets a blind copy with the very same handing over."""


class EmailOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``email``."""

    address: Address = Field(description="Our address, e.g. `support@shop.example.com`.")
    name: str = Field("", max_length=120, description="Our name as customers see it, e.g. `Mizunara Coats`.")
    aliases: tuple[str, ...] = Field((), description="Other addresses of ours: mails from them are our own.")
    imap_host: str = Field(description="The IMAP server.", pattern=HOST, min_length=1, max_length=253)
    imap_port: int = Field(993, ge=1, le=65535, description="Its port.")
    imap_security: Security = Field(Security.TLS, description="`tls`, `starttls`; `none` on this machine only.")
    smtp_host: str = Field("", description="The SMTP server; empty: read only.", pattern=HOST, max_length=253)
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Security = Field(Security.STARTTLS, description="`starttls`, `tls`; `none` on this machine only.")
    username: str = Field("", max_length=254, description="Name to sign in with; empty: the address.")
    password: SecretStr = Field(description="Password of the mailbox; where there are two factors, an app password.")
    smtp_username: str = Field("", max_length=254, description="Name at the SMTP server, if another.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the SMTP server, if another.")
    inbox: str = Field("INBOX", min_length=1, max_length=500, description="The folder that is read.")
    sent: str = Field("", max_length=500, description="The folder of sent mail; empty: the one marked so.")
    archives: tuple[str, ...] = Field((), description="Folders where a mail still counts as open to an answer.")
    sent_copies: SentCopies = Field(SentCopies.APPEND, description="`append`, `server` or `self`.")
    accept_lists: tuple[str, ...] = Field((), description="Ids of mailing lists through which customers write to us.")
    webmail_url: str = Field(
        "", max_length=500, description="Address that opens a mail in a browser; `{id}` is its Message-ID."
    )
    first_poll_days: int = Field(7, ge=0, le=365, description="How far back the very first poll reads.")
    page_size: int = Field(25, ge=1, le=200, description="Mails taken in one page.")
    timeout_seconds: float = Field(20, gt=0, le=60, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages of the first poll, and of one after a lost cursor.")

    @field_validator("address")
    @classmethod
    def lower(cls, value: str) -> str:
        """Addresses are compared without regard to case."""
        return value.lower()

    @field_validator("aliases", "archives", "accept_lists", mode="before")
    @classmethod
    def clean_lines(cls, value: object) -> object:
        """Drop empty entries; a single one may stand without a list."""
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, list | tuple):
            return value
        return tuple(dict.fromkeys(str(entry).strip() for entry in entries if str(entry).strip()))

    @field_validator("password", "smtp_password")
    @classmethod
    def require_plain_password(cls, value: SecretStr) -> SecretStr:
        """Both protocols carry passwords of printable ASCII without doubt, and no others."""
        if not all(" " <= letter <= "~" for letter in value.get_secret_value()):
            message = "may have printable ASCII characters only"
            raise ValueError(message)
        return value

    @field_validator("name", "username", "smtp_username", "inbox", "sent")
    @classmethod
    def require_one_line(cls, value: str) -> str:
        """Refuse what would end a command or a header."""
        if any(ord(letter) < ord(" ") or letter == "\x7f" for letter in value):
            message = "must be one line of text"
            raise ValueError(message)
        return value.strip()

    @field_validator("webmail_url")
    @classmethod
    def require_web_address(cls, value: str) -> str:
        """Insist on TLS and one place for the id: it becomes a link in the desk."""
        if value and (
            not value.startswith("https://") or value.count("{id}") != 1 or set("{}") & set(value.replace("{id}", ""))
        ):
            message = "must be https://… with {id} once, where the Message-ID goes"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def require_encryption(self) -> Self:
        """Insist on TLS, except on this very machine: a password goes there."""
        for protocol, host, security in (
            ("imap", self.imap_host, self.imap_security),
            ("smtp", self.smtp_host, self.smtp_security),
        ):
            if security is Security.NONE and host and host not in LOOPBACK:
                message = f"{protocol}_security = 'none' is for this machine only; use 'tls' or 'starttls'"
                raise ValueError(message)
        return self

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address of ours, in lower case."""
        return frozenset({self.address, *(alias.lower() for alias in self.aliases)})

    @property
    def imap_login(self) -> tuple[str, str]:
        """Name and password for the IMAP server."""
        return self.username or self.address, self.password.get_secret_value()

    @property
    def smtp_login(self) -> tuple[str, str]:
        """Name and password for the SMTP server."""
        name, password = self.imap_login
        return self.smtp_username or name, self.smtp_password.get_secret_value() or password


def read_options(settings: ChannelSettings) -> EmailOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(EmailOptions, settings, secrets=("password", "smtp_password"))
