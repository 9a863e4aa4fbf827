"""Carrying a mail to an SMTP server, one command at a time, so that it is known at which point something went wrong."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from ipaddress import ip_address

from config.settings import MailSettings
from digest.letters import write_letter
from domain.clock import Clock, SystemClock
from domain.errors import PermanentError, RetryableError, SendUncertainError

OK = 250
GO_AHEAD = 354
WILL_FORWARD = 251
REFUSED = 400
"""Answers from here on say no for now, from ``FOR_GOOD`` on for good."""
FOR_GOOD = 500
LINE_END = re.compile(rb"\r\n|\r|\n")


class SmtpNotifier:
    """Hands mails to the configured server. A connection a mail; nothing is kept open between two."""

    def __init__(
        self,
        settings: MailSettings,
        *,
        desk_url: str = "",
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._desk_url = desk_url
        self._clock = clock or SystemClock()
        self._tls = tls

    def send(self, *, message_id: str, to: str, subject: str, text: str, html: str) -> None:
        """Hand over once. Raises ``PermanentError``, ``RetryableError`` (surely not taken) or ``SendUncertainError``."""
        letter = write_letter(
            message_id=message_id,
            sender=self._settings.from_address or self._settings.username,
            to=to,
            subject=subject,
            text=text,
            html=html,
            sent_at=self._clock.now(),
            desk_url=self._desk_url,
        )
        sender = letter["From"].addresses[0].addr_spec
        with _explained(), self._connected() as server:
            self._sign_in(server)
            _hand_over(server, letter, sender=sender, to=to)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        if settings.security == "none" and not _is_loopback(settings.host):
            raise PermanentError(
                "Mail without encryption is for this machine only.", code="insecure", remedy="Use starttls or tls."
            )
        if settings.security == "tls":
            context = self._tls or ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        try:
            yield server
        finally:
            # Whatever was handed over is settled by now: how the goodbye goes changes nothing.
            server.close()

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._settings.security == "starttls":
            server.starttls(context=self._tls or ssl.create_default_context())
            server.ehlo()
        if self._settings.username:
            server.login(self._settings.username, self._settings.password.get_secret_value())


def _hand_over(server: smtplib.SMTP, letter: EmailMessage, *, sender: str, to: str) -> None:
    options = [] if sender.isascii() and to.isascii() else ["SMTPUTF8"]
    if options and not server.has_extn("smtputf8"):
        raise PermanentError("The server takes plain addresses only.", code="address", remedy="Use an ASCII address.")
    _require(server.mail(sender, options), code="sender")
    _require(server.rcpt(to), code="recipient")
    server.putcmd("data")
    _require(server.getreply(), code="content", wanted=(GO_AHEAD,))
    try:
        server.send(_stuffed(letter.as_bytes()))
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise SendUncertainError("The mail server hung up after taking the mail.", code="no_answer") from error
    if answer[0] < REFUSED and answer[0] != OK:
        raise SendUncertainError("The mail server's answer to the mail was torn.", code="no_answer")
    _require(answer, code="content")
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        # It has the mail; it need not be polite.
        return


def _stuffed(content: bytes) -> bytes:
    """Return the content as DATA wants it: CRLF, a dot before a line's own dot, a dot alone at the end (RFC 5321, 4.5.2)."""
    lines = LINE_END.split(content)
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _require(answer: tuple[int, bytes], *, code: str, wanted: tuple[int, ...] = (OK, WILL_FORWARD)) -> None:
    number, words = answer
    if number in wanted:
        return
    said = f"The mail server said {number} {words.decode(errors='replace')}"
    if number >= FOR_GOOD:
        raise PermanentError(said, code=code, remedy="Check addresses and mail settings.")
    if number < 0:
        raise RetryableError("The mail server hung up.", code="disconnected")
    raise RetryableError(said, code=code)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the library raises before the mail is handed over into our errors."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        _require((error.smtp_code, _words(error.smtp_error)), code="credentials", wanted=())
    except smtplib.SMTPResponseException as error:
        _require((error.smtp_code, _words(error.smtp_error)), code="server", wanted=())
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentError(
            f"The mail server cannot do this: {error}", code="unsupported", remedy="Change [mail] security or username."
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise PermanentError(
            f"The mail server's certificate is not trusted: {error.verify_message}",
            code="certificate",
            remedy="Use the name that its certificate carries.",
        ) from error
    except (OSError, smtplib.SMTPException, socket.gaierror) as error:
        raise RetryableError(f"The mail server is not reachable: {error}", code="unreachable") from error


def _words(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
