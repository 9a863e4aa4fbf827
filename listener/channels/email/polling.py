"""One page of a poll: the mails whose numbers come next, oldest first."""

from datetime import datetime, timedelta

from domain.mentions import Page
from listener.channels.email.inbox import Fetched, Folder, Inbox
from listener.channels.email.options import EmailOptions
from listener.channels.email.progress import Progress, read_progress
from listener.channels.email.reading import Mail, read_mail, with_own_id
from listener.channels.email.threads import place_mails

OVERLAP = timedelta(days=2)
"""Read again behind the newest known mail when the mailbox was numbered anew."""
SERVER_DAY = timedelta(days=1)
"""IMAP searches by whole days of a time zone that only the server knows."""
CURSOR_LOST = "the cursor was not readable; read again from the first poll's days"
NUMBERED_ANEW = (
    "the server numbered the mailbox anew (UIDVALIDITY); mails moved meanwhile may be missing. Read again from"
)


def take_page(inbox: Inbox, cursor: str | None, *, options: EmailOptions, now: datetime) -> Page:
    """Return the next page after ``cursor``."""
    folder = inbox.open_folder(options.inbox)
    stored = read_progress(cursor) if cursor is not None else None
    gap = CURSOR_LOST if cursor is not None and stored is None else ""
    if stored is not None and stored.validity != folder.validity:
        # A mail from a clock that is ahead must not hide those that came since.
        floor = max(stored.floor, min(stored.newest, now) - OVERLAP)
        gap = f"{NUMBERED_ANEW} {floor:%Y-%m-%d %H:%M} UTC"
        progress, ceiling = _begin(inbox, folder, floor, options)
    elif stored is not None:
        progress, ceiling = stored, ""
    else:
        progress, ceiling = _begin(inbox, folder, now - timedelta(days=options.first_poll_days), options)
    uids = inbox.list_mails(after=progress.uid, since=(progress.floor - SERVER_DAY).date())
    wanted = uids[: options.page_size]
    fetched = [mail for mail in inbox.fetch_mails(wanted) if mail.received >= progress.floor]
    mentions = place_mails(_read_mails(fetched, options), inbox, options)
    progress = Progress(
        validity=folder.validity,
        uid=wanted[-1] if wanted else progress.uid,
        floor=progress.floor,
        newest=max((progress.newest, *(mail.received for mail in fetched))),
    )
    return Page(
        mentions=mentions,
        cursor=progress.write(),
        more=len(uids) > len(wanted),
        requests=inbox.requests,
        gap="; ".join(filter(None, (gap, ceiling))),
    )


def _begin(inbox: Inbox, folder: Folder, floor: datetime, options: EmailOptions) -> tuple[Progress, str]:
    """Return where to begin with the mails since ``floor``, and the gap when there are more than may be read."""
    uids = inbox.list_mails(after=0, since=(floor - SERVER_DAY).date())
    most = options.page_size * options.max_pages
    ceiling = ""
    if len(uids) > most:
        ceiling = f"{len(uids)} mails since {floor:%Y-%m-%d}; only the newest {most} are read (max_pages)"
        uids = uids[-most:]
    before = uids[0] - 1 if uids else max(folder.next_uid - 1, 0)
    return Progress(validity=folder.validity, uid=before, floor=floor, newest=floor), ceiling


def _read_mails(fetched: list[Fetched], options: EmailOptions) -> list[Mail]:
    """Return what people wrote. Two people cannot have one id: the second mail gets one of its own."""
    mails: dict[str, Mail] = {}
    for one in fetched:
        mail = read_mail(one, options)
        if mail is None:
            continue
        earlier = mails.get(mail.mention.external_id)
        if earlier and earlier.mention.author.external_id != mail.mention.author.external_id:
            mail = with_own_id(mail)
        mails.setdefault(mail.mention.external_id, mail)
    return list(mails.values())
