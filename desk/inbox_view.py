"""What the inbox template is given: the queue, the conversation in view, the option being worked on, and any refusal."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from desk.after_view import NOTHING_AFTER, AfterAnswer, read_after
from desk.customer_view import Person, read_beside
from desk.differences import Stretch, compare
from desk.perhaps_view import Perhaps, find_perhaps
from desk.similar_view import find_similar
from desk.text_rules import Destination, Findings
from desk.visits import Visit, read_frame
from domain.errors import NotFoundError
from domain.lifecycle import MentionState
from domain.words import DraftKind, Language, Purpose, Visibility
from responder.approved import EarlierCase
from storage.database import Transaction
from storage.inbox import EXCERPT_LENGTH, QueueKey, QueueRow, Split, count_splits, list_queue
from storage.models import Mention
from storage.thread_shapes import DraftOption, Thread
from storage.threads import read_thread


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the inbox a page stands: everything that links and forms carry along."""

    split: Split = Split.REVIEW
    after: QueueKey | None = None
    option: int = 0
    said: str = ""
    """Key under ``desk.said``: what was just done."""
    done: int | None = None
    """A conversation that was just dealt with: its row goes."""
    gathered_after: int = 0
    """Of the cases gathered under the one in view, those after this one are listed."""

    def address(self, conversation_id: int | None = None, **more: object) -> str:
        """Return the inbox address of a conversation (or of the list) in this split."""
        query: dict[str, object] = {} if self.split is Split.REVIEW else {"split": str(self.split)}
        query |= {name: value for name, value in more.items() if value not in ("", None)}
        path = f"/inbox/{conversation_id}" if conversation_id else "/inbox"
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a decision was not taken, with the reader's text."""

    kind: str
    """``stale``, ``decided``, ``answered``, ``gone``, ``opted_out``, ``block`` or ``warn``: keys under ``desk.notice``."""
    status: int
    by: str = ""
    stretches: tuple[Stretch, ...] = ()
    accepted: tuple[str, ...] = ()
    """Warnings that the next press accepts."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Text from a form that must not be lost."""

    draft_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class DraftPanel:
    """The option being worked on."""

    option: DraftOption
    index: int
    count: int
    text: str
    findings: Findings
    changes: tuple[Stretch, ...]
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """The conversation in view."""

    thread: Thread
    panel: DraftPanel | None
    refusal: Refusal | None = None
    orphan_text: str = field(default="")
    """Typed text whose draft is no longer open."""
    being_written: bool = False
    """The drafter is about to write for the label as it is now."""
    person: Person | None = None
    """Who wrote the post in view."""
    row: QueueRow | None = None
    """Its row in the list, when something that shows there was just changed by this reader."""
    after: AfterAnswer = NOTHING_AFTER
    perhaps: tuple[Perhaps, ...] = ()
    """What the book may have on it and the option does not cite."""
    similar: tuple[EarlierCase, ...] = ()
    """Earlier cases like this one and what was approved for them."""


def show_inbox(
    visit: Visit,
    place: Place,
    *,
    conversation_id: int | None = None,
    refusal: Refusal | None = None,
    typed: Typed | None = None,
) -> HTMLResponse:
    """Answer with the inbox, or with the part of it that the page's script asks for. Raises ``NotFoundError``."""
    with visit.reading() as tx:
        part = "work" if visit.wants("work") else "draft" if visit.wants("draft") else ""
        values = _queue_values(visit, tx, place) if not part else {}
        opened = conversation_id or (
            values["queue"].rows[0].conversation_id if values and values["queue"].rows else None
        )
        case = _read_case(visit, tx, opened, place=place, refusal=refusal, typed=typed) if opened else None
        if conversation_id and case is None:
            raise NotFoundError("There is no such conversation.", remedy="Go back to the inbox.")
        counts = count_splits(tx, user_id=visit.user.user_id)
        frame = read_frame(tx, visit.user)
    template = {"work": "parts/work_answer.html", "draft": "parts/draft.html"}.get(part, "inbox.html")
    return visit.page(
        template,
        status=refusal.status if refusal else 200,
        headers=_history(place, conversation_id, part=part, refusal=refusal),
        frame=frame,
        counts=counts,
        place=place,
        case=case,
        part=part,
        viewing="case" if conversation_id else "queue",
        **values,
    )


def _history(place: Place, conversation_id: int | None, *, part: str, refusal: Refusal | None) -> dict[str, str]:
    """Tell the script which address to show: never that of a form, nor what was said once."""
    if part == "work" and refusal is None:
        return {"HX-Push-Url": place.address(conversation_id)}
    if part and refusal is not None:
        return {"HX-Push-Url": "false"}
    return {}


def _queue_values(visit: Visit, tx: Transaction, place: Place) -> dict[str, Any]:
    queue = list_queue(tx, split=place.split, user_id=visit.user.user_id, after=place.after)
    return {"queue": queue, "cursor": write_cursor(queue.rows[-1].key) if queue.more else ""}


def _read_case(
    visit: Visit, tx: Transaction, conversation_id: int, *, place: Place, refusal: Refusal | None, typed: Typed | None
) -> Case | None:
    thread = read_thread(tx, conversation_id, gathered_after=place.gathered_after)
    if thread is None:
        return None
    index = min(max(place.option, 0), max(len(thread.options) - 1, 0))
    orphan = ""
    if typed is not None:
        mine = [i for i, option in enumerate(thread.options) if option.draft_id == typed.draft_id]
        index = mine[0] if mine else index
        orphan = "" if mine else typed.text
    panel = None
    if thread.options:
        option = thread.options[index]
        text = typed.text if typed is not None and not orphan else option.text
        panel = make_panel(visit, thread, index=index, text=text, refusal=refusal)
    lead = tx.session.get(Mention, thread.lead.mention_id) if thread.lead else None
    return Case(
        thread=thread,
        panel=panel,
        refusal=refusal,
        orphan_text=orphan,
        person=read_beside(visit, tx, lead) if lead is not None else None,
        being_written=lead is not None and lead.state == MentionState.UNDERSTOOD,
        row=_row(thread) if place.said and thread.waiting else None,
        after=read_after(tx, thread, visit.context.settings.follow_up),
        perhaps=find_perhaps(visit, thread, panel.option if panel else None),
        similar=find_similar(visit, tx, thread, panel.option if panel else None),
    )


def _row(thread: Thread) -> QueueRow:
    """Return the row of a conversation as the list shows it now."""
    lead, label = thread.lead, thread.label
    return QueueRow(
        key=thread.key,
        channel_kind=thread.channel_kind,
        author_name=lead.author_name if lead else "",
        author_handle=lead.author_handle if lead else "",
        text=lead.text[:EXCERPT_LENGTH] if lead else "",
        text_language=thread.language,
        posted_at=lead.at if lead else None,
        intent=label.intent if label else "",
        sentiment=label.sentiment if label else "",
        constructive=label.constructive if label else None,
        topic=label.topic if label else "",
        band=label.band if label else "",
        assignee_name=thread.assignee_name,
        gathered_count=thread.gathered.count,
        drafts=sum(option.kind != DraftKind.BLANK for option in thread.options),
    )


def make_panel(visit: Visit, thread: Thread, *, index: int, text: str, refusal: Refusal | None = None) -> DraftPanel:
    """Return the panel for one option with a text in its field."""
    option = thread.options[index]
    destination = Destination(
        account_id=thread.account_id,
        brand=thread.brand,
        visibility=Visibility(option.visibility),
        language=Language(option.language),
        purpose=Purpose(option.purpose),
        citations=option.citations,
        surroundings=thread.surroundings,
    )
    stored = option.checks if text == option.text else ()
    return DraftPanel(
        option=option,
        index=index,
        count=len(thread.options),
        text=text,
        findings=visit.rules.inspect(text, destination, stored=stored),
        changes=compare(option.proposed_text, text) if option.proposed_text else (),
        accepted=refusal.accepted if refusal else (),
    )


def read_split(said: str) -> Split:
    """Return the split of that name; the whole queue for any other."""
    return Split(said) if said in tuple(Split) else Split.REVIEW


def write_cursor(key: QueueKey) -> str:
    """Return a place in the queue as text for an address."""
    moments = [moment.isoformat() if moment else None for moment in (key.due_at, key.waiting_since)]
    return base64.urlsafe_b64encode(json.dumps([key.urgency_rank, *moments, key.conversation_id]).encode()).decode()


def read_cursor(cursor: str) -> QueueKey | None:
    """Return the place an address names; None for none or one that is no place."""
    if not cursor:
        return None
    try:
        rank, due_at, since, conversation_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return QueueKey(
            urgency_rank=int(rank),
            due_at=_moment(due_at),
            waiting_since=_moment(since),
            conversation_id=int(conversation_id),
        )
    except (ValueError, TypeError, binascii.Error):
        return None


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        msg = "a cursor without a zone"
        raise ValueError(msg)
    return moment
