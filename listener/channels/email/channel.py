"""The email channel: what the port promises, put together from the inbox, the reading of mails and the handing over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.email.inbox import Inbox, open_inbox
from listener.channels.email.letter import Letter, answer_address, measure_text, own_id, write_letter
from listener.channels.email.options import EmailOptions, SentCopies
from listener.channels.email.polling import take_page
from listener.channels.email.reading import MADE_UP, mail_url
from listener.channels.email.smtp import hand_over, open_smtp

COPY_ARRIVES: Final = timedelta(hours=1)
"""After an approval, how long our own blind copy may be held back (greylisting, a queue) before its absence means something."""

log = structlog.get_logger(__name__)


class EmailChannel:
    """One mailbox. Thread-safe: every call has connections of its own, closed at its end."""

    def __init__(self, options: EmailOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock

    def __repr__(self) -> str:
        """Without secrets."""
        return f"EmailChannel({self._options.address} on {self._options.imap_host})"

    @property
    def kind(self) -> str:
        """Always ``email``."""
        return "email"

    @property
    def own_author_id(self) -> str:
        """Our address."""
        return self._options.address

    @property
    def capabilities(self) -> Capabilities:
        """Everything is private; without an SMTP server we only read. Mail in other folders was filed, not taken back."""
        return Capabilities(can_reply=False, can_direct_message=bool(self._options.smtp_host), tells_deletions=False)

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of the inbox."""
        with open_inbox(self._options) as inbox:
            return take_page(inbox, cursor, options=self._options, now=self._clock.now())

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse: a mail is answered by ``direct_message``."""
        del request
        raise PermanentError("A mail is not answered in public.", code="no_public", remedy="Answer by mail.")

    def direct_message(self, request: SendRequest) -> SentPost:
        """Answer a mail that still lies in the inbox or an archive; when the very answer was sent before, only say so."""
        if not self._options.smtp_host:
            raise PermanentError(
                "This mailbox is only read.", code="read_only", remedy="Set options.smtp_host to answer from here."
            )
        letter = write_letter(request, self._options)
        with open_inbox(self._options) as inbox:
            if self._find_sent(inbox, letter.message_id):
                return self._sent(letter.message_id)
            if not self._is_there(inbox, request.target.external_id):
                raise PermanentError(
                    "The mail is neither in the inbox nor in an archive: a colleague has filed or deleted it.",
                    code="gone",
                    remedy="Move it back to the inbox to answer it from here.",
                )
        with open_smtp(self._options) as server:
            hand_over(server, letter, self._options)
        self._file_copy(letter, request)
        return self._sent(letter.message_id)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Look for our answer by its Message-ID. Raises ``RetryableError`` where, or while, nothing need show a send."""
        if visibility is Visibility.PUBLIC:
            return None
        message_id = own_id(request, self._options)
        with open_inbox(self._options) as inbox:
            if self._find_sent(inbox, message_id) or self._has_trace(inbox, message_id):
                return self._sent(message_id)
            has_sent = bool(inbox.find_sent())
        copies = self._options.sent_copies
        if copies is SentCopies.SERVER and has_sent:
            return None
        if copies is SentCopies.SELF:
            if self._clock.now() - request.approved_at >= COPY_ARRIVES:
                return None
            raise RetryableError(
                "Our own copy of the answer has not come in, but it may still be on its way.",
                code="too_early",
                remedy="Look for it in the junk folder, or ask the provider's log or the customer.",
            )
        raise RetryableError(
            "The answer is not among the sent mails, but only sure sends are filed there.",
            code="cannot_tell",
            remedy="Ask the provider's log or the customer. Settle open doubts first, then change options.sent_copies to "
            "'self' or 'server': with these it can be told.",
        )

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the mails that lie in the inbox or an archive; those without an id of their own cannot be asked for."""
        asked = [one for one in external_ids if not one.startswith(MADE_UP)]
        there = set(external_ids) - set(asked)
        if asked:
            with open_inbox(self._options) as inbox:
                for folder in (self._options.inbox, *inbox.find_archives()):
                    inbox.open_folder(folder)
                    there |= {one for one in asked if one not in there and inbox.find_mail(one) is not None}
        return frozenset(there)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Tell whether the mail is at hand (never that it is gone: it may be in any folder) and can be answered at all."""
        is_there = target.external_id in self.still_there([target.external_id])
        address = answer_address(target.author_external_id, target.platform_data.get("reply_to", ""))
        return PlatformFacts(exists=True if is_there else None, dm_allowed=bool(address))

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes; mail has no limit."""
        del visibility
        return measure_text(text)

    def probe(self) -> str:
        """Sign in at both servers and open the folders; say whose mailbox it is and what was found."""
        with open_inbox(self._options) as inbox:
            count = inbox.open_folder(self._options.inbox).count
            sent = inbox.find_sent()
            if sent:
                inbox.open_folder(sent)
        told = [f"{self._options.address}: {count} mails in {self._options.inbox}"]
        if not self._options.smtp_host:
            return f"{told[0]}; read only"
        with open_smtp(self._options) as server:
            server.noop()
        told.append(f"sends by {self._options.smtp_host}")
        told.append(f"copies in {sent}" if sent else "no folder of sent mail (name it in options.sent)")
        return "; ".join(told)

    def close(self) -> None:
        """Nothing is kept open between calls."""

    def _sent(self, message_id: str) -> SentPost:
        return SentPost(external_id=message_id, url=mail_url(message_id, self._options))

    def _find_sent(self, inbox: Inbox, message_id: str) -> bool:
        folder = inbox.find_sent()
        if not folder:
            return False
        inbox.open_folder(folder)
        return inbox.find_mail(message_id) is not None

    def _has_trace(self, inbox: Inbox, message_id: str) -> bool:
        """Tell whether a copy of our answer, or the customer's answer to it, came in; a filter may have filed it."""
        for folder in (self._options.inbox, *inbox.find_archives()):
            inbox.open_folder(folder)
            if inbox.find_mail(message_id) is not None or inbox.has_answer_to(message_id):
                return True
        return False

    def _is_there(self, inbox: Inbox, message_id: str) -> bool:
        if message_id.startswith(MADE_UP):
            return True
        for folder in (self._options.inbox, *inbox.find_archives()):
            inbox.open_folder(folder)
            if inbox.find_mail(message_id) is not None:
                return True
        return False

    def _file_copy(self, letter: Letter, request: SendRequest) -> None:
        """Put a copy among the sent mails. The answer has left: whatever goes wrong here changes nothing about that."""
        if self._options.sent_copies is SentCopies.SERVER:
            return
        try:
            with open_inbox(self._options) as inbox:
                folder = inbox.find_sent()
                if folder:
                    inbox.append_sent(letter.raw, folder=folder, sent_at=request.approved_at)
                else:
                    log.warning("sent_copy_without_folder", address=self._options.address)
        except Exception as error:  # noqa: BLE001 - an error here would make a sure send look like a doubt
            code = error.code if isinstance(error, ChannelError) else type(error).__name__
            log.warning("sent_copy_failed", address=self._options.address, code=code)
