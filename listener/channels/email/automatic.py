"""Which mails no person wrote to us: answering machines, bounces, lists, newsletters, and what we sent ourselves.

RFC 3834 names the signs; Precedence and the X- headers are older habits that are still in use.
"""

from collections.abc import Collection
from email.message import Message
from typing import Final

from listener.channels.email.headers import raw_header, read_mailbox

LISTS: Final = ("List-Id", "List-Post", "List-Unsubscribe")
MACHINES: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply")
MACHINE_NAMES: Final = frozenset({"mailer-daemon", "postmaster", "mdaemon"})
REPORTS: Final = frozenset({"multipart/report", "message/delivery-status", "message/disposition-notification"})


def why_ignored(message: Message, *, own_addresses: Collection[str], accept_lists: Collection[str]) -> str:
    """Return why a mail is not for people (a stable word); empty when it is."""
    sender = read_mailbox(message, "From").address
    submitted = raw_header(message, "Auto-Submitted").split(";")[0].strip().lower()
    precedence = raw_header(message, "Precedence").lower()
    is_listed = precedence in {"bulk", "junk", "list"} or _has_any(message, LISTS)
    signs = {
        "own": sender in own_addresses,
        "report": message.get_content_type() in REPORTS,
        "bounce": raw_header(message, "Return-Path") == "<>" or sender.split("@")[0] in MACHINE_NAMES,
        "automatic": submitted not in {"", "no"} or precedence == "auto_reply" or _has_any(message, MACHINES),
        "list": is_listed and not _is_accepted(message, accept_lists),
    }
    return next((word for word, holds in signs.items() if holds), "")


def _has_any(message: Message, names: Collection[str]) -> bool:
    return any(message.get(name) is not None for name in names)


def _is_accepted(message: Message, accept_lists: Collection[str]) -> bool:
    """Tell whether a mail came through a list that customers write to (a group address)."""
    listed = raw_header(message, "List-Id").lower()
    return any(one.lower() in listed for one in accept_lists) if listed else False
