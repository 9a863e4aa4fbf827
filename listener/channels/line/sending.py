"""Answering by push messages, each under a retry key of its own.

LINE accepts a key once and answers every later request under it with 409, for 24 hours; a message can be neither read again nor
searched for. So what became of a send in doubt is asked under its key, with a request that LINE can never carry out: no message is
in it. 409 says that the key was accepted. Any other answer of LINE's leads to the same send under the same key, which is a 409 too
if the question was answered wrongly. After the 24 hours nobody can tell any more, and a person decides.
"""

import json
import uuid
from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, SendRequest, SendTarget, SentPost
from listener import wire
from listener.channels.line.account import Account
from listener.channels.line.client import Client
from listener.channels.line.events import Source, SourceKind
from listener.channels.line.notes import NoteKind, Notes
from listener.channels.line.people import People
from listener.channels.line.reading import CHAT, QUOTE_TOKEN, SOURCE
from listener.channels.line.refusals import BAD_REQUEST, CONFLICT, explain_refusal, quota_spent
from listener.json_http import JsonAnswer

LONGEST: Final = 5000
"""UTF-16 code units of a text message."""
KEY_LIVES: Final = timedelta(hours=23)
"""LINE forgets a retry key 24 hours after its first request; an hour is left for the way there and for clocks."""
KEYS: Final = uuid.UUID("6a0c6d0f-3c55-5d0b-9c1e-5a3f0e1b7c42")
"""Namespace of our retry keys; never to be changed."""
ACCEPTED: Final = "x-line-accepted-request-id"
log = structlog.get_logger(__name__)


def measure_text(text: str) -> Measure:
    """Count UTF-16 code units, as LINE does."""
    return Measure(length=len(text.encode("utf-16-le", "surrogatepass")) // 2, limit=LONGEST)


def retry_key_of(request: SendRequest) -> str:
    """Return the UUID under which LINE takes ``request`` once.

    LINE may look at a key before it looks at the message, and would then call another text sent. So the key stands for the chat and
    the words too: a 409 under it speaks of this very message.
    """
    said = json.dumps([request.idempotency_key, source_of(request.target).chat_id, request.text])
    return str(uuid.uuid5(KEYS, said))


def source_of(target: SendTarget) -> Source:
    """Return the chat that ``target`` was written in."""
    kind = target.platform_data.get(SOURCE, "")
    return Source(
        kind=SourceKind(kind) if kind in set(SourceKind) else SourceKind.USER,
        chat_id=target.platform_data.get(CHAT, "") or target.thread_external_id or target.author_external_id,
        user_id=target.author_external_id,
    )


class Sender:
    """Sends as one account."""

    def __init__(self, client: Client, *, account: Account, people: People, notes: Notes, clock: Clock) -> None:
        self._client = client
        self._account = account
        self._people = people
        self._notes = notes
        self._clock = clock

    def send(self, request: SendRequest) -> SentPost:
        """Push the answer once. Raises as ``Channel.direct_message``."""
        _check_text(request.text)
        source, key = source_of(request.target), retry_key_of(request)
        if self._notes.is_blocked_by(source.user_id) and source.kind is SourceKind.USER:
            raise PermanentError("This person has blocked our account.", code="blocked", remedy="Reach them elsewhere.")
        first = self._notes.first_try(key)
        if first is not None and self._clock.now() - first >= KEY_LIVES:
            raise SendUncertainError("An earlier try may have arrived, and LINE has forgotten its key.", code="key_old")
        if first is None:
            # A repeat is not counted anew: its first try may be what used the month up.
            self._check_quota(source)
            self._note_try(request, key, self._clock.now())
        try:
            sent = self._push(request, source, key)
        except (PermanentError, RetryableError) as error:
            if first is None:
                self._notes.drop(NoteKind.TRIED, key)
                self._notes.drop(NoteKind.DOUBTED, request.target.external_id)
                raise
            raise SendUncertainError(f"{error.message} An earlier try may have arrived.", code=error.code) from None
        return self._settle(request, sent)

    def has_room(self, target: SendTarget) -> bool | None:
        """Tell whether this month has room for an answer, as LINE told within the minute; None when it does not tell.

        A repeat after a doubt always has: if its first try arrived, that is counted already, and if it did not, LINE says no.
        """
        if self._notes.read(NoteKind.DOUBTED, target.external_id):
            return True
        quota = self._account.recall_quota()
        if quota is None or quota.limit is None:
            return None if quota is None else True
        return quota.has_room_for(self._people.count_in(source_of(target)))

    def find(self, request: SendRequest) -> SentPost | None:
        """Ask LINE whether it accepted ``request``; None when it did not. Raises ``RetryableError`` when it cannot be told."""
        source, key = source_of(request.target), retry_key_of(request)
        noted = self._notes.first_try(key)
        first = noted or request.approved_at
        if self._clock.now() - first >= KEY_LIVES:
            raise _cannot_tell("LINE has forgotten the key of this send by now.")
        url = self._account.chat_url(source.chat_id)
        answer = self._client.push({"to": source.chat_id, "messages": []}, retry_key=key, sends=False)
        if answer.status == CONFLICT and (sent := _read_sent(answer, key, url)):
            return self._settle(request, sent)
        if answer.status == BAD_REQUEST:
            if noted is None:
                # Another home's try, or one that ended before its note: what we send now is a repeat and must count from there.
                self._note_try(request, key, first)
            return None
        if answer.is_success or answer.status == CONFLICT:
            raise _cannot_tell("LINE's answer about this send makes no sense.")
        error = explain_refusal(answer, sends=False, now=self._clock.now())
        raise _cannot_tell(error.message) if error.code == "quota_spent" else error

    def _note_try(self, request: SendRequest, key: str, first: datetime) -> None:
        """Note, before it leaves, when ``request`` was tried first. Raises ``RetryableError``."""
        for kind, name in ((NoteKind.DOUBTED, request.target.external_id), (NoteKind.TRIED, key)):
            self._notes.write(kind, name, first.isoformat())

    def _push(self, request: SendRequest, source: Source, key: str) -> SentPost:
        message = {"type": "text", "text": request.text}
        if token := request.target.platform_data.get(QUOTE_TOKEN, ""):
            message["quoteToken"] = token
        url = self._account.chat_url(source.chat_id)  # may ask who we are, which must not fail after the send
        answer = self._client.push({"to": source.chat_id, "messages": [message]}, retry_key=key, sends=True)
        if (answer.is_success or answer.status == CONFLICT) and (sent := _read_sent(answer, key, url)):
            return sent
        if answer.status == CONFLICT:
            raise SendUncertainError("LINE says that this was sent, but not which message it is.", code="no_answer")
        raise explain_refusal(answer, sends=True, now=self._clock.now())

    def _settle(self, request: SendRequest, sent: SentPost) -> SentPost:
        """Note that ``request`` is done. It has left: nothing here changes that."""
        self._notes.drop(NoteKind.DOUBTED, request.target.external_id)
        self._account.forget_quota()
        try:
            self._notes.write(NoteKind.SENT, sent.external_id, self._clock.now().isoformat())
        except ChannelError as error:
            log.warning("sent_message_not_noted", code=error.code)
        return sent

    def _check_quota(self, source: Source) -> None:
        """Raise ``PermanentError`` when this month's messages are used up; LINE counts each person of a group."""
        quota = self._account.ask_quota()
        if quota is None or quota.limit is None:
            return
        if not quota.has_room_for(self._people.count_in(source)):
            raise quota_spent(quota.used, quota.limit)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PermanentError("The text has broken characters.", code="broken_text", remedy="Type it anew.") from None
    if not text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write something.")
    measured = measure_text(text)
    if not measured.fits:
        message = f"The text has {measured.length} of {measured.limit} characters."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")


def _read_sent(answer: JsonAnswer, key: str, url: str) -> SentPost | None:
    """Return our message by LINE's id, or by its retry key where LINE names none; None for a 409 that names nothing at all."""
    message_id = wire.text(next(iter(wire.items(answer.body, "sentMessages")), None), "id")
    if not (message_id or answer.is_success or answer.headers.get(ACCEPTED)):
        return None
    return SentPost(external_id=message_id or key, url=url)


def _cannot_tell(message: str) -> RetryableError:
    return RetryableError(message, code="cannot_tell", remedy="Look into the chat in LINE Official Account Manager.")
