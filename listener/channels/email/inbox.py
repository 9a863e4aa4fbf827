"""One IMAP session: signed in, asked a few things, closed. Folders are opened read-only; nothing is marked as seen.

The library is imported here only, inside functions.
"""

import logging
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from domain.errors import PermanentError, RetryableError
from listener.channels.email.headers import read_own_id
from listener.channels.email.messages import HEADER_BYTES, parse_headers
from listener.channels.email.options import EmailOptions, Security
from listener.channels.email.refusals import explain_connection, explain_login, explain_spelling, quote_words, read_wait

READ_BYTES: Final = 262_144
"""Of one mail: its headers and text. What is attached to a longer one is asked from the server."""
LOOKED_AT: Final = 5
"""Mails that a search for one Message-ID may bring and that are looked at: servers search for parts of words."""
SEARCHABLE: Final = re.compile(r"[\x20-\x7e]+")
"""What a search may ask for in quotes: anything else would end the command or want a charset."""
SENT_NAMES: Final = frozenset(
    {
        "sent",
        "sent items",
        "sent mail",
        "sent messages",
        "送信済み",
        "送信済みアイテム",
        "送信済みメール",
        "送信済メール",
    }
)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """An opened folder."""

    count: int
    validity: int
    """Mails keep their numbers as long as this stays the same."""
    next_uid: int
    """Mails that come later have this number or a higher one; 0 when the server does not tell."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A mail as it lies in the mailbox."""

    uid: int
    raw: bytes
    """Its first ``READ_BYTES``."""
    size: int
    received: datetime
    """By the server's clock; aware."""
    structure: object = None
    """The server's list of its parts; asked only when ``raw`` is not the whole mail."""

    @property
    def is_whole(self) -> bool:
        """Whether ``raw`` is all of it."""
        return self.size <= len(self.raw)


class Inbox:
    """A session. Made by ``open_inbox``."""

    def __init__(self, client: Any, options: EmailOptions) -> None:  # noqa: ANN401 - the library carries no types
        self._client = client
        self._options = options
        self.requests = 1
        """Commands sent so far."""

    def open_folder(self, name: str) -> Folder:
        """Open a folder read-only. Raises ``PermanentError`` when there is none of that name."""
        self.requests += 1
        try:
            said = self._client.select_folder(name, readonly=True)
        except (self._client.AbortError, self._client.ReadOnlyError):
            raise
        except self._client.Error as error:
            words = quote_words(error, login=self._options.imap_login)
            if wait := read_wait(words):
                raise RetryableError(
                    f"The mail server is busy: {words}", code="busy", retry_after_seconds=wait
                ) from None
            raise PermanentError(
                f"The folder '{name}' cannot be opened: {words}",
                code="no_folder",
                remedy="Mend options.inbox, sent or archives.",
            ) from None
        return Folder(
            count=_number(said, b"EXISTS"), validity=_number(said, b"UIDVALIDITY"), next_uid=_number(said, b"UIDNEXT")
        )

    def find_sent(self) -> str:
        """Return the name of the folder of sent mail; empty when there is none to tell."""
        return self._options.sent or next(iter(self._find_folders(b"\\Sent", SENT_NAMES)), "")

    def list_mails(self, *, after: int, since: date) -> list[int]:
        """Return the numbers of the opened folder's mails above ``after`` that came on ``since`` or later, ascending."""
        self.requests += 1
        found = self._client.search(["UID", f"{after + 1}:*", "SINCE", since])
        # "n:*" always names the last mail, also when its number is lower (RFC 3501, 6.4.8).
        return sorted({uid for uid in found if uid > after})

    def fetch_mails(self, uids: Sequence[int]) -> list[Fetched]:
        """Return these mails, in order; those that have gone meanwhile are left out."""
        if not uids:
            return []
        self.requests += 1
        answer = self._client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[]<0.{READ_BYTES}>"])
        mails = [_read_fetched(uid, answer[uid]) for uid in uids if uid in answer]
        return [mail if mail.is_whole else self._with_structure(mail) for mail in mails]

    def find_mail(self, message_id: str) -> bytes | None:
        """Return the headers of the opened folder's mail of exactly this Message-ID; None when it is not there."""
        for uid in self._search_header("Message-ID", message_id)[-LOOKED_AT:]:
            self.requests += 1
            headers = self._client.fetch([uid], [f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"]).get(uid, {})
            raw = next((value for key, value in headers.items() if key.startswith(b"BODY[")), b"")
            if read_own_id(parse_headers(raw)) == message_id:
                return bytes(raw)
        return None

    def has_answer_to(self, message_id: str) -> bool:
        """Tell whether a mail of the opened folder answers the mail of this id."""
        return any(self._search_header(name, message_id) for name in ("References", "In-Reply-To"))

    def find_archives(self) -> tuple[str, ...]:
        """Return the folders where a mail is kept and not thrown away: those of the options, else what the server marks so."""
        return self._options.archives or (*self._find_folders(b"\\Archive"), *self._find_folders(b"\\All"))

    def append_sent(self, raw: bytes, *, folder: str, sent_at: datetime) -> None:
        """Put a copy of what was sent into ``folder``."""
        self._client.append(folder, raw, flags=(b"\\Seen",), msg_time=sent_at)

    def _search_header(self, name: str, value: str) -> list[int]:
        """Return the numbers of the opened folder's mails with ``value`` in the header ``name``, ascending."""
        if SEARCHABLE.fullmatch(value) is None:
            return []
        # The library leaves out quotes where it sees no need for them; a stranger's id may hold brackets and braces.
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        self.requests += 1
        return sorted(self._client.search(f'HEADER {name} "{escaped}"'))

    def _find_folders(self, mark: bytes, names: frozenset[str] = frozenset()) -> tuple[str, ...]:
        self.requests += 1
        listed = self._client.list_folders()
        marked = tuple(name for flags, _, name in listed if mark.lower() in {bytes(flag).lower() for flag in flags})
        if marked:
            return marked
        return tuple(
            name
            for _, separator, name in listed
            if str(name).rsplit(separator.decode() if separator else "/", 1)[-1].lower() in names
        )

    def _with_structure(self, mail: Fetched) -> Fetched:
        """Ask for the parts of a long mail. A structure that makes no sense costs the names of what is attached, no more."""
        self.requests += 1
        try:
            answer = self._client.fetch([mail.uid], ["BODYSTRUCTURE"]).get(mail.uid, {})
        except self._client.AbortError:
            raise
        except (self._client.Error, ValueError, RecursionError, IndexError, TypeError, AttributeError):
            return mail
        return Fetched(
            uid=mail.uid, raw=mail.raw, size=mail.size, received=mail.received, structure=answer.get(b"BODYSTRUCTURE")
        )


@contextmanager
def open_inbox(options: EmailOptions) -> Iterator[Inbox]:
    """Sign in and yield a session. Raises ``PermanentError`` or ``RetryableError``, also for what goes wrong inside."""
    from imapclient.exceptions import IMAPClientError  # noqa: PLC0415 - only who reads mail needs the library

    with explain_connection(options.imap_host):
        try:
            with explain_spelling(options.imap_host):
                client = _sign_in(options)
            try:
                yield Inbox(client, options)
                client.logout()
            finally:
                _hang_up(client)
        except IMAPClientError as error:
            words = quote_words(error, login=options.imap_login)
            raise RetryableError(
                f"The mail server gave no whole answer: {words}", code="no_answer", retry_after_seconds=read_wait(words)
            ) from None


def _sign_in(options: EmailOptions) -> Any:  # noqa: ANN401 - the library carries no types
    from imapclient import IMAPClient  # noqa: PLC0415 - as above
    from imapclient.exceptions import CapabilityError, LoginError  # noqa: PLC0415 - as above

    # At its debug level the library repeats whole mails of customers.
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    context = ssl.create_default_context()
    client = IMAPClient(
        options.imap_host,
        options.imap_port,
        ssl=options.imap_security is Security.TLS,
        ssl_context=context,
        timeout=options.timeout_seconds,
    )
    try:
        # A search goes out in pieces: each would wait for the acknowledgement of the one before.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.normalise_times = False
        if options.imap_security is Security.STARTTLS:
            client.starttls(context)
        client.login(*options.imap_login)
    except CapabilityError:
        _hang_up(client)
        raise PermanentError(
            "The IMAP server offers no encryption here.",
            code="insecure",
            remedy="Try imap_port 993 with imap_security 'tls'.",
        ) from None
    except LoginError as error:
        _hang_up(client)
        words = quote_words(error, login=options.imap_login)
        if isinstance(error.__context__, client.AbortError):
            # The library tells a connection that broke meanwhile as a refusal, too; that says nothing of the password.
            raise RetryableError(
                f"The mail server hung up during the sign-in: {words}",
                code="no_answer",
                retry_after_seconds=read_wait(words),
            ) from None
        raise explain_login(words) from None
    except BaseException:
        _hang_up(client)
        raise
    return client


def _hang_up(client: Any) -> None:  # noqa: ANN401 - the library carries no types
    try:
        client.shutdown()
    except OSError:
        return  # it hung up first


def _read_fetched(uid: int, answer: dict[bytes, Any]) -> Fetched:
    raw = next((value for key, value in answer.items() if key.startswith(b"BODY[")), b"")
    received = answer.get(b"INTERNALDATE")
    moment = received if isinstance(received, datetime) else datetime.now(UTC)
    return Fetched(
        uid=uid,
        raw=bytes(raw or b""),
        size=_number(answer, b"RFC822.SIZE"),
        received=moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC),
    )


def _number(answer: dict[bytes, Any], key: bytes) -> int:
    value = answer.get(key)
    return value if isinstance(value, int) else 0
