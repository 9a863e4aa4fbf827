"""A poll: the events that LINE brought since the last one, made mentions of; and a question to LINE whether it still calls us."""

from collections.abc import Iterator, Sequence
from typing import Final

import structlog

from domain.mentions import IncomingMention, Page
from domain.ports import Inbox
from domain.webhooks import KeptParcel
from listener import wire
from listener.channels.line.account import Account
from listener.channels.line.events import Event, EventKind, SourceKind, read_event, unsent_ids
from listener.channels.line.notes import NoteKind, Notes
from listener.channels.line.options import GroupMessages
from listener.channels.line.people import NamesOfAPage, People
from listener.channels.line.progress import read_cursor, write_cursor
from listener.channels.line.reading import make_mention, names_us, quoted_id, read_message

UNREAD_AT_ONCE: Final = 500
log = structlog.get_logger(__name__)


class Poller:
    """Reads one account's parcels."""

    def __init__(
        self,
        inbox: Inbox,
        *,
        account: Account,
        people: People,
        notes: Notes,
        page_size: int,
        group_messages: GroupMessages,
    ) -> None:
        self._inbox = inbox
        self._account = account
        self._people = people
        self._notes = notes
        self._page_size = page_size
        self._group_messages = group_messages

    def poll(self, cursor: str | None) -> Page:
        """Return the next page. Raises as ``Channel.poll``."""
        gaps = [self._account.find_fault_in_calls()]
        after = read_cursor(cursor)
        if after is None:
            gaps.append("the place reached was lost: what is still unread is read")
            after = 0
        parcels = self._inbox.read(after, limit=self._page_size)
        read = [(parcel, read_event(parcel.text)) for parcel in parcels]
        unreadable = [parcel for parcel, event in read if event is None or not self._is_whole(event)]
        gaps.append(_tell_unreadable(unreadable))
        events = [event for _, event in read if event is not None and self._is_whole(event)]
        self._notes.learn(events)
        last = parcels[-1].number if parcels else 0
        return Page(
            mentions=tuple(self._mentions(events)),
            cursor=write_cursor(max(after, last)),
            more=len(parcels) >= self._page_size,
            gap="; ".join(gap for gap in gaps if gap),
            gone=tuple(sorted(unsent_ids(events))),
            parcels_read=last,
        )

    def unread_unsent(self) -> set[str]:
        """Return the messages taken back by events that no poll has read yet."""
        found: set[str] = set()
        after = 0
        while parcels := self._inbox.read(after, limit=UNREAD_AT_ONCE):
            told = [read_event(parcel.text) for parcel in parcels if EventKind.UNSEND.value in parcel.text]
            found |= unsent_ids(event for event in told if event is not None)
            after = parcels[-1].number
        return found

    def _mentions(self, events: Sequence[Event]) -> Iterator[IncomingMention]:
        names = NamesOfAPage(self._people)
        for event in events:
            if event.kind is not EventKind.MESSAGE or self._notes.is_unsent(wire.text(read_message(event), "id")):
                continue
            is_to_us = self._is_to_us(event)
            if is_to_us or self._group_messages is GroupMessages.ALL:
                url = self._account.chat_url(event.source.chat_id)
                yield make_mention(event, names.look_up(event.source), url=url, is_to_us=is_to_us)

    def _is_to_us(self, event: Event) -> bool:
        if event.source.kind is SourceKind.USER:
            return True
        if self._group_messages is GroupMessages.NONE:
            return False
        message = read_message(event)
        quoted = quoted_id(message)
        return names_us(message) or bool(quoted and self._notes.read(NoteKind.SENT, quoted))

    def _is_whole(self, event: Event) -> bool:
        return event.kind is not EventKind.MESSAGE or bool(wire.text(read_message(event), "id"))


def _tell_unreadable(parcels: Sequence[KeptParcel]) -> str:
    """Log and say which events could not be read: they are passed over and hold up nobody."""
    for parcel in parcels:
        log.warning("event_unreadable", parcel=parcel.number)
    return f"{len(parcels)} events of LINE's could not be read" if parcels else ""
