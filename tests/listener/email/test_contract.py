"""Email passes what every channel must pass: a real IMAP server, and an SMTP server that delivers into its mailboxes."""

from collections.abc import Iterator

import pytest

from domain.ports import Channel
from listener.channels.email import EmailChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.email.stage import Shop, plain_mail
from tests.partners.mail_post import LOST, NO_ANSWER
from tests.partners.mail_server import PASSWORD
from tests.partners.mail_wire import Cut, Say

pytestmark = pytest.mark.partner

WAIT = "try again in 30 seconds"
ON_IMAP = {
    Break.PERMANENT: "NO [AUTHENTICATIONFAILED] Invalid credentials",
    Break.RETRYABLE: "NO Request is throttled. Suggested Backoff Time: 30000 milliseconds",
    Break.UNTOLD: "NO [LIMIT] Too many simultaneous connections",
    Break.BROKEN: "* BYE Internal error occurred. Refer to server log for more information.",
    Break.EXPIRED: "NO [AUTHENTICATIONFAILED] The password has expired",
}
ON_SMTP = {
    Break.PERMANENT: "550 5.1.1 No such user here",
    Break.RETRYABLE: f"451 4.7.1 Greylisted, {WAIT}",
    Break.LOST: LOST,
    Break.AMBIGUOUS: NO_ANSWER,
}


class MailDriver:
    """Customers deliver into the shop's mailbox; our answers arrive at the post office."""

    page_size = 3
    secrets = (PASSWORD,)

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.threads: dict[str, str] = {}

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.shop.receive(text, author=f"{author}@customer.test")

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        above = f"{self.threads.get(to, '')} <{to}>".strip()
        message_id = self.shop.receive(text, author=f"{author}@customer.test", In_Reply_To=f"<{to}>", References=above)
        self.threads[message_id] = above
        return message_id

    def post_as_us(self, text: str, *, to: str) -> None:
        raw = plain_mail(text, author=self.shop.address, message_id=f"by-hand-{to}", In_Reply_To=f"<{to}>")
        self.shop.maildir.deliver(raw, into="Sent")
        self.shop.maildir.deliver(raw)

    def edit(self, external_id: str, text: str) -> str:
        del external_id, text
        return ""  # a letter that went out stays as it is

    def delete(self, external_id: str) -> None:
        self.shop.maildir.remove(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        return [text for parent, _, text in self._sent() if parent == f"<{to}>"]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        return [text for _, recipient, text in self._sent() if recipient.strip("<>") == f"{author}@customer.test"]

    def break_next(self, call: str, how: Break) -> None:
        if call == "reply":
            self.shop.post.faults["RCPT" if how in {Break.PERMANENT, Break.RETRYABLE} else "DATA"] = ON_SMTP[how]
        else:
            self.shop.wire.fail_next("LOGIN", Cut.HALF if how is Break.TORN else Say(ON_IMAP[how]))

    def _sent(self) -> list[tuple[str, str, str]]:
        return [
            (str(mail["In-Reply-To"]), str(mail["To"]), mail.get_content().replace("\r\n", "\n"))
            for mail in self.shop.post.parsed()
        ]


class TestEmail(ChannelContract):
    """At a provider that files what its SMTP server takes."""

    sent_copies = "server"

    @pytest.fixture
    def platform(self, shop: Shop) -> MailDriver:
        self.prepare(shop)
        return MailDriver(shop)

    def prepare(self, shop: Shop) -> None:
        shop.post.file_sent = lambda raw: shop.maildir.deliver(raw, into="Sent")

    @pytest.fixture
    def channel(self, platform: MailDriver) -> Iterator[Channel]:
        made: EmailChannel = platform.shop.channel(
            page_size=platform.page_size,
            sent_copies=self.sent_copies,
            webmail_url="https://mail.test/#search/rfc822msgid:{id}",
        )
        yield made
        made.close()


class TestEmailThatFilesItsOwnCopies(TestEmail):
    """At a provider that does not: we file a copy, and our own address gets one with the same handing over."""

    sent_copies = "self"

    def prepare(self, shop: Shop) -> None:
        shop.post.deliver[shop.address] = shop.maildir.deliver
