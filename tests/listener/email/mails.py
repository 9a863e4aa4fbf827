"""Mails made up for tests that need no server."""

from datetime import UTC, datetime
from email.message import EmailMessage, Message

from domain.mentions import IncomingMention
from listener.channels.email.inbox import READ_BYTES, Fetched
from listener.channels.email.messages import parse_mail
from listener.channels.email.parts import read_body
from listener.channels.email.reading import read_mail
from tests.listener.email.stage import Option, options

HIS = "From: Aya <aya@customer.test>\r\nMessage-ID: <1@customer.test>\r\n"
RECEIVED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def message_of(raw: bytes) -> Message:
    """Return a mail as the reading sees it."""
    return parse_mail(raw)


def body_of(text: str, subtype: str, *, answers: bool) -> str:
    """Return what is read of a mail with one body."""
    mail = EmailMessage()
    mail.set_content(text, subtype=subtype)
    return read_body(message_of(mail.as_bytes()), answers=answers).strip()


def mention_of(raw: bytes, *, structure: object = None, **given: Option) -> IncomingMention | None:
    """Return the mention of a mail, as far as it is fetched."""
    fetched = Fetched(uid=1, raw=raw[:READ_BYTES], size=len(raw), received=RECEIVED, structure=structure)
    mail = read_mail(fetched, options(**given))
    return mail.mention if mail else None


def read(head: str, more: str, text: str) -> str:
    """Return the text of the mention of a plain mail."""
    mention = mention_of(f"{head}{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode())
    assert mention is not None
    return mention.text
