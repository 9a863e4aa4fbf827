"""Writing a mail: headers that nobody can inject into, and two parts that any mail program reads."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from domain.errors import PermanentError


def write_letter(
    *, message_id: str, sender: str, to: str, subject: str, text: str, html: str, sent_at: datetime, desk_url: str = ""
) -> EmailMessage:
    """Return the mail. Raises ``PermanentError`` (code ``address``) for a sender or reader that is no mail address."""
    from_name, from_address = parseaddr(sender)
    own, reader = _address(from_address, from_name), _address(to)
    plain_ascii = from_address.isascii() and to.isascii()
    letter = EmailMessage(policy=SMTP if plain_ascii else SMTPUTF8)
    letter["Subject"] = one_line(subject)
    letter["From"] = own
    letter["To"] = reader
    letter["Date"] = format_datetime(sent_at)
    letter["Message-ID"] = one_line(message_id)
    letter["Auto-Submitted"] = "auto-generated"
    ways_out = [f"<mailto:{from_address}?subject=unsubscribe>"]
    if desk_url.startswith(("https://", "http://")):
        ways_out.append(f"<{one_line(desk_url)}>")
    letter["List-Unsubscribe"] = ", ".join(ways_out)
    letter.set_content(text, cte=_encoding(text))
    letter.add_alternative(html, subtype="html", cte=_encoding(html))
    return letter


def one_line(value: str) -> str:
    """Return a header's value without line breaks or other control signs: nothing can start a header of its own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def _encoding(body: str) -> str:
    """Return a transfer encoding that every server takes: no line too long, no eighth bit."""
    return "quoted-printable" if body.isascii() else "base64"


def _address(address: str, name: str = "") -> Address:
    if one_line(address) != address or "@" not in address:
        raise _no_address(address)
    if not address.isascii():
        # The library reads ASCII only; the server judges the rest.
        local, _, domain = address.rpartition("@")
        return Address(display_name=one_line(name), username=local, domain=domain)
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise _no_address(address) from error


def _no_address(address: str) -> PermanentError:
    said = f"{one_line(address)!r} is no mail address."
    return PermanentError(said, code="address", remedy="Mend it in the settings.")
