"""One mail as one of our mentions: who wrote, what they wrote, which thread it belongs to, and what an answer needs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import Message
from typing import Final
from urllib.parse import quote

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.channels.email.automatic import why_ignored
from listener.channels.email.headers import Mailbox, raw_header, read_header, read_ids, read_mailbox, read_own_id
from listener.channels.email.inbox import Fetched
from listener.channels.email.messages import parse_headers, parse_mail
from listener.channels.email.options import EmailOptions
from listener.channels.email.parts import Attachment, list_attachments, read_body
from listener.channels.email.quoting import cut_text, is_answer
from listener.channels.email.structure import read_structure

MADE_UP: Final = "made:"
"""Begins the id of a mail that has none of its own."""
NOBODY: Final = "unknown"
"""Stands for the author of a mail whose sender cannot be read."""
KEPT_REFERENCES: Final = 12
MOST_LISTED: Final = 10
LONGEST_SUBJECT: Final = 300
UNITS: Final = ("B", "KB", "MB", "GB")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that a person wrote to us."""

    mention: IncomingMention
    references: tuple[str, ...]
    """The mails above it in its thread, the first one first."""


def read_mail(fetched: Fetched, options: EmailOptions) -> Mail | None:
    """Return the mail; None when no person wrote it to us. Never raises for what a sender made up."""
    try:
        message = parse_mail(fetched.raw)
        if why_ignored(message, own_addresses=options.own_addresses, accept_lists=options.accept_lists):
            return None
        return _read_message(message, fetched, options)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # Nested or torn on purpose: people still see that something came, and from whom.
        return _read_message(parse_headers(fetched.raw), fetched, options)


def with_thread(mail: Mail, *, root: str, is_ours: bool, options: EmailOptions) -> IncomingMention:
    """Return the mail's mention in the thread ``root``; below a mail of ours, each person has a thread of their own."""
    if not is_ours:
        return replace(mail.mention, thread_external_id=root)
    data = {**mail.mention.platform_data, "root_author": options.address}
    return replace(mail.mention, thread_external_id=root, platform_data=data)


def with_own_id(mail: Mail) -> Mail:
    """Return the mail under an id made of itself: another one of the same page claims the id it came with."""
    mention = mail.mention
    made = _make_id(mention.author.external_id, mention.external_id, mention.text)
    return replace(mail, mention=replace(mention, external_id=made, thread_external_id=made))


def mail_url(message_id: str, options: EmailOptions) -> str:
    """Return the address that opens a mail in the browser; empty where there is none."""
    if not options.webmail_url or message_id.startswith(MADE_UP):
        return ""
    return options.webmail_url.replace("{id}", quote(message_id, safe=""))


def _read_message(message: Message, fetched: Fetched, options: EmailOptions) -> Mail:
    sender = read_mailbox(message, "From")
    subject = read_header(message, "Subject")[:LONGEST_SUBJECT]
    parents = read_ids(message, "In-Reply-To")
    references = _thread(read_ids(message, "References"), parents)
    text = _read_text(message, fetched, subject=subject, answers=is_answer(subject, has_parent=bool(references)))
    own_id = read_own_id(message)
    message_id = own_id or _make_id(sender.address, raw_header(message, "Date"), subject, text)
    references = tuple(one for one in references if one != message_id)
    data = {"subject": subject, "references": " ".join(_shorten(references))}
    if reply_to := _reply_address(message, sender, options):
        data["reply_to"] = reply_to
    author_id = sender.address or NOBODY
    mention = IncomingMention(
        external_id=message_id,
        kind=MentionKind.MESSAGE,
        text=text,
        author=IncomingAuthor(external_id=author_id, handle=author_id, display_name=sender.name),
        created_at=fetched.received,
        engagement=Engagement.WROTE_DM,
        thread_external_id=references[0] if references else message_id,
        parent_external_id=references[-1] if references else "",
        url=mail_url(message_id, options),
        platform_data=data,
    )
    return Mail(mention=mention, references=references)


def _thread(references: Sequence[str], parents: Sequence[str]) -> tuple[str, ...]:
    """Return the mails above, the parent last: some programs leave it out of References, and some have no References."""
    above = [one for one in dict.fromkeys(references) if one not in parents[:1]]
    return (*above, *parents[:1])


def _shorten(references: Sequence[str]) -> Sequence[str]:
    """Return the root and the last ones, which is what programs need (RFC 5322, 3.6.4, lets us trim)."""
    return references if len(references) <= KEPT_REFERENCES else (references[0], *references[1 - KEPT_REFERENCES :])


def _reply_address(message: Message, sender: Mailbox, options: EmailOptions) -> str:
    wanted = read_mailbox(message, "Reply-To").address
    return "" if wanted in {"", sender.address, *options.own_addresses} else wanted


def _read_text(message: Message, fetched: Fetched, *, subject: str, answers: bool) -> str:
    body = cut_text(read_body(message, answers=answers), answers=answers)
    pieces = [body] if body.strip() else []
    if subject and not (answers and pieces) and not body.lstrip().startswith(subject):
        pieces.insert(0, subject)
    attached = list_attachments(message, is_whole=fetched.is_whole)
    listed = read_structure(fetched.structure) if fetched.structure is not None else []
    if line := _list_line(listed or attached):
        pieces.append(line)
    return "\n\n".join(pieces)


def _list_line(attachments: Sequence[Attachment]) -> str:
    if not attachments:
        return ""
    names = [
        one.name if one.size is None else f"{one.name} ({_measure(one.size)})" for one in attachments[:MOST_LISTED]
    ]
    more = f" + {len(attachments) - MOST_LISTED}" if len(attachments) > MOST_LISTED else ""
    return f"📎 {', '.join(names)}{more}"


def _measure(size: int) -> str:
    number, unit = float(size), 0
    while number >= 1000 and unit < len(UNITS) - 1:  # noqa: PLR2004 - a thousand of a unit make the next
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {UNITS[unit]}" if unit > 1 else f"{number:.0f} {UNITS[unit]}"


def _make_id(*facts: str) -> str:
    """Return an id for a mail without one: the same whenever and wherever the same mail is read."""
    digest = hashlib.sha256("\x00".join(facts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{MADE_UP}{digest[:40]}"
