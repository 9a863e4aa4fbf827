"""``/drafts/rewrite``: rewords what somebody is typing, on their wish, as it is written (Server-Sent Events).

Nothing is stored: what comes back is an unsaved edit in their field, and the checks read it there like any other.
"""

import json
import threading
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from typing import Annotated, Final

import anyio
from fastapi import APIRouter, Depends, Form
from fastapi.sse import EventSourceResponse, ServerSentEvent

from config.locale import text as say
from desk.pages.draft_decide import conversation_of
from desk.text_rules import LONGEST_TEXT, clean_typed
from desk.visits import AtDesk, FormNumber, Visit
from domain.errors import NotAllowedError, NotFoundError
from domain.words import Language, Role
from responder.drafters.model_drafter import Wording
from responder.drafters.rewriting import Typed, UnusableRewordingError, Wish, reword
from storage.threads import read_thread

router = APIRouter()
OWN_WORDS: Final = "own_words"
"""Why nothing was drafted where a platform takes a person's own words only: a model must not touch them either."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be reworded, and by whom."""

    typed: Typed
    wish: Wish
    wording: Wording
    visit: Visit


def read_order(
    visit: AtDesk,
    draft: FormNumber,
    wish: Annotated[Wish, Form()],
    text: Annotated[str, Form(min_length=1, max_length=LONGEST_TEXT)],
) -> Order:
    """Read the form before anything is streamed. Raises where there is no such draft, no right or no model."""
    visit.require(Role.AGENT)
    if visit.context.wording is None:
        raise NotFoundError("There is no language model here.", remedy="Name one under [drafter] in kikite.toml.")
    with visit.reading() as tx:
        thread = read_thread(tx, conversation_of(tx, draft))
    option = next((one for one in thread.options if one.draft_id == draft), None) if thread else None
    if thread is None or option is None:
        raise NotFoundError("There is no such draft.", remedy="Open the conversation again.")
    if thread.lead_problem == OWN_WORDS:
        raise NotAllowedError("Edited text is forbidden there.", remedy="Write it in your own words.")
    lead = thread.lead
    names = (lead.author_name, lead.author_handle) if lead else ()
    typed = Typed(text=clean_typed(text), language=Language(option.language), names=names)
    return Order(typed=typed, wish=wish, wording=visit.context.wording, visit=visit)


@router.post("/drafts/rewrite", response_class=EventSourceResponse)
async def rewrite_draft(order: Annotated[Order, Depends(read_order)]) -> AsyncIterator[ServerSentEvent]:
    """Stream ``piece`` (the text so far), then ``done`` (all of it) or ``failed`` (why, in the reader's language)."""
    stopping: threading.Event = order.visit.request.app.state.stopping
    pieces = reword(order.typed, order.wish, wording=order.wording)
    try:
        while not stopping.is_set():
            event = await anyio.to_thread.run_sync(_advance, pieces, order.visit.language)
            yield event
            if event.event != "piece":
                return
    finally:
        pieces.close()


def _advance(pieces: Generator[str, None, str], language: str) -> ServerSentEvent:
    try:
        return _event("piece", next(pieces))
    except StopIteration as end:
        return _event("done", str(end.value))
    except UnusableRewordingError as error:
        return _event("failed", say(f"drafting.fallback.{error.code}", language))


def _event(kind: str, text: str) -> ServerSentEvent:
    return ServerSentEvent(event=kind, raw_data=json.dumps({"text": text}, ensure_ascii=False))
