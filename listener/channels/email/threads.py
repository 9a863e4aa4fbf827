"""Which thread an answer belongs to, where its headers alone do not tell: the mail it answers may be one of ours.

Programs of mobile carriers name only the mail they answer, not the thread. If that is one of ours, the folder of sent mail
knows what we answered; and a thread that we began ourselves (a newsletter, an order's notice) holds a case per person.
"""

from collections.abc import Sequence

from domain.errors import PermanentError
from domain.mentions import IncomingMention
from listener.channels.email.headers import read_ids
from listener.channels.email.inbox import Inbox
from listener.channels.email.letter import is_own_id
from listener.channels.email.messages import parse_headers
from listener.channels.email.options import EmailOptions
from listener.channels.email.reading import Mail, with_thread


def place_mails(mails: Sequence[Mail], inbox: Inbox, options: EmailOptions) -> tuple[IncomingMention, ...]:
    """Return the mentions of ``mails``, each in its thread."""
    here = {mail.mention.external_id for mail in mails}
    asked = dict.fromkeys(mail.references[0] for mail in mails if mail.references and mail.references[0] not in here)
    ours = _look_up(list(asked), inbox)
    placed = []
    for mail in mails:
        first = mail.references[0] if mail.references else ""
        root = ours.get(first, first) or mail.mention.external_id
        # A mail of ours that answers nothing began the thread; one that is lost from the folder is known by its id.
        is_ours = root == first and (first in ours or is_own_id(first, options))
        placed.append(with_thread(mail, root=root, is_ours=is_ours, options=options))
    return tuple(placed)


def _look_up(message_ids: Sequence[str], inbox: Inbox) -> dict[str, str]:
    """Return those of ``message_ids`` that we sent, with the root of the thread in which we did."""
    sent = inbox.find_sent() if message_ids else ""
    if not sent:
        return {}
    try:
        inbox.open_folder(sent)
    except PermanentError:
        return {}
    found: dict[str, str] = {}
    for message_id in message_ids:
        headers = inbox.find_mail(message_id)
        if headers is not None:
            message = parse_headers(headers)
            above = (*read_ids(message, "References"), *read_ids(message, "In-Reply-To"))
            found[message_id] = above[0] if above else message_id
    return found
