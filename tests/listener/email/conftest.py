"""Fixtures of the email tests."""

import secrets
from collections.abc import Iterator

import pytest

from tests.listener.email.stage import Shop
from tests.partners.mail_post import running_post_office
from tests.partners.mail_server import PASSWORD, MailServer
from tests.partners.mail_wire import MailWire


@pytest.fixture
def shop(mail_server: MailServer) -> Iterator[Shop]:
    """A shop with an empty mailbox."""
    address = f"care-{secrets.token_hex(4)}@shop.test"
    maildir = mail_server.mailbox(address)
    with MailWire(mail_server.port) as wire, running_post_office(password=PASSWORD) as post:
        yield Shop(address=address, maildir=maildir, wire=wire, post=post)
