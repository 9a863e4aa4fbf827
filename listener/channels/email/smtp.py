"""Handing an answer to the SMTP server, one command at a time, so that it is known at which point something went wrong.

Until the dot that ends the mail, the server has not taken it (RFC 5321, 4.1.1.4): whatever happens before is sure. What happens
after the dot and before a readable answer is a doubt.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.email.letter import Letter
from listener.channels.email.options import EmailOptions, Security, SentCopies
from listener.channels.email.refusals import explain_connection, explain_login, explain_spelling, quote_words, read_wait

OK: Final = 250
WILL_FORWARD: Final = 251
GO_AHEAD: Final = 354
FOR_NOW: Final = 400
"""Answers from here on say no for now, from ``FOR_GOOD`` on for good."""
FOR_GOOD: Final = 500
MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
"""Ways to sign in with a password."""
LINE_END: Final = re.compile(rb"\r\n|\r|\n")
REMEDIES: Final = {
    "sender": "Check options.address: may this account send as it?",
    "recipient": "The customer's address takes no mail. Answer in another way.",
    "content": "The server does not want this mail; its words say why.",
}


@contextmanager
def open_smtp(options: EmailOptions) -> Iterator[smtplib.SMTP]:
    """Sign in and yield a connection. Raises ``PermanentError`` or ``RetryableError`` for what goes wrong in it."""
    with explain_connection(options.smtp_host):
        try:
            with explain_spelling(options.smtp_host):
                server = _connect(options)
            try:
                with explain_spelling(options.smtp_host):
                    _sign_in(server, options)
                yield server
            finally:
                # Whatever was handed over is settled by now: how the goodbye goes changes nothing.
                server.close()
        except smtplib.SMTPResponseException as error:
            raise explain_answer(error.smtp_code, error.smtp_error, code="server", options=options) from None
        except smtplib.SMTPException as error:
            words = quote_words(error, login=options.smtp_login)
            raise RetryableError(f"{options.smtp_host} hung up: {words}", code="disconnected") from None


def hand_over(server: smtplib.SMTP, letter: Letter, options: EmailOptions) -> None:
    """Hand ``letter`` over once. Raises ``SendUncertainError`` when the server may have taken it without saying so."""
    extension = []
    if not (letter.to + options.address).isascii():
        if not server.has_extn("smtputf8"):
            raise PermanentError(
                "The server sends to plain addresses only.", code="address", remedy="Answer in another way."
            )
        extension = ["SMTPUTF8"]
        server.command_encoding = "utf-8"
    _require(server.docmd("MAIL", " ".join([f"FROM:<{options.address}>", *extension])), code="sender", options=options)
    copies = [options.address] if options.sent_copies is SentCopies.SELF else []
    for recipient in (letter.to, *copies):
        _require(server.docmd("RCPT", f"TO:<{recipient}>"), code="recipient", options=options)
    _require(server.docmd("DATA"), code="content", options=options, wanted=(GO_AHEAD,))
    _send_content(server, letter.raw, options)
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        return  # it has the mail; it need not be polite


def explain_answer(number: int, words: object, *, code: str, options: EmailOptions) -> ChannelError:
    """Return the error for an answer that says no. Its remedy is that of ``code``."""
    said = quote_words(words, login=options.smtp_login)
    if number >= FOR_GOOD:
        remedy = REMEDIES.get(code, "Check the smtp_ options.")
        return PermanentError(f"The mail server said {number} {said}", code=code, remedy=remedy)
    if number < 0:
        return RetryableError("The mail server hung up.", code="disconnected")
    return RetryableError(f"The mail server said {number} {said}", code=code, retry_after_seconds=read_wait(said))


def _connect(options: EmailOptions) -> smtplib.SMTP:
    host, port, patience = options.smtp_host, options.smtp_port, options.timeout_seconds
    if options.smtp_security is Security.TLS:
        return smtplib.SMTP_SSL(host, port, timeout=patience, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=patience)


def _sign_in(server: smtplib.SMTP, options: EmailOptions) -> None:
    server.ehlo_or_helo_if_needed()
    if options.smtp_security is Security.STARTTLS:
        if not server.has_extn("starttls"):
            raise PermanentError(
                "The SMTP server offers no encryption here.",
                code="insecure",
                remedy="Try smtp_port 465 with smtp_security 'tls'.",
            )
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    offered = server.esmtp_features.get("auth", "").upper().split()
    if not offered and options.smtp_security is Security.NONE:
        return  # a relay on this very machine
    known = [one for one in MECHANISMS if one in offered]
    if not known:
        raise PermanentError(
            "The SMTP server takes no passwords here.", code="no_sign_in", remedy="Check smtp_port and smtp_security."
        )
    # The library would try one mechanism after the other: three wrong passwords lock a mailbox.
    server.esmtp_features["auth"] = "PLAIN" if "PLAIN" in known else " ".join(known)
    try:
        server.login(*options.smtp_login)
    except smtplib.SMTPAuthenticationError as error:
        said = quote_words(error.smtp_error, login=options.smtp_login)
        if error.smtp_code < FOR_GOOD:
            wait = read_wait(said)
            raise RetryableError(
                f"The SMTP server takes no sign-in now: {said}", code="busy", retry_after_seconds=wait
            ) from None
        raise explain_login(said) from None


def _send_content(server: smtplib.SMTP, raw: bytes, options: EmailOptions) -> None:
    content, end = _stuff(raw)
    server.send(content)
    try:
        server.send(end)
        number, words = server.getreply()
    except (OSError, smtplib.SMTPException):
        raise SendUncertainError("The mail server hung up after the mail.", code="no_answer") from None
    if number < FOR_NOW and number != OK:
        raise SendUncertainError("The mail server's answer to the mail was torn.", code="no_answer")
    _require((number, words), code="content", options=options)


def _stuff(content: bytes) -> tuple[bytes, bytes]:
    """Return content and end as DATA wants them: CRLF, and a dot before a line's own dot (RFC 5321, 4.5.2)."""
    lines = LINE_END.split(content)
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return (stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"), b".\r\n"


def _require(
    answer: tuple[int, bytes], *, code: str, options: EmailOptions, wanted: tuple[int, ...] = (OK, WILL_FORWARD)
) -> None:
    if answer[0] not in wanted:
        raise explain_answer(*answer, code=code, options=options)
