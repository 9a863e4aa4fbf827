"""Our calls: replies, the question whether one arrived, and the ping. What each answer means."""

import hashlib
import secrets
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest, SentPost
from domain.words import Visibility
from listener.channels.webhook.client import Answer, Client
from listener.channels.webhook.options import WebhookOptions
from listener.channels.webhook.reading import CUSTOM, THREAD
from listener.channels.webhook.refusals import explain
from listener.channels.webhook.schema import Accepted, PingCall, Reply, ReplyAuthor, ReplyCall, Status
from listener.channels.webhook.signatures import sign

SUCCESS: Final = range(200, 300)
ALREADY, UNKNOWN, OK = 409, 404, 200
VISIBILITIES: Final[dict[Visibility, Literal["public", "private"]]] = {
    Visibility.PUBLIC: "public",
    Visibility.DM: "private",
}


def webhook_id(request: SendRequest, visibility: Visibility) -> str:
    """Return the idempotency key of one reply at one place: the same for every attempt."""
    digest = hashlib.sha256(f"{visibility.value}:{request.idempotency_key}".encode()).hexdigest()
    return f"reply_{digest[:40]}"


class Sender:
    """Signs and sends. Keeps nothing."""

    def __init__(self, options: WebhookOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._client = Client(timeout_seconds=options.timeout_seconds, private_network=options.private_network)

    def send(self, request: SendRequest, visibility: Visibility) -> SentPost:
        """Bring a reply. 409 is success: the other side has it from an earlier attempt."""
        call_id = webhook_id(request, visibility)
        answer = self._post(call_id, _reply_call(call_id, request, visibility), sends=True)
        if answer.status in SUCCESS or answer.status == ALREADY:
            return _read_accepted(answer.body, call_id)
        raise self._explain(answer, sends=True)

    def find(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Ask the status address. Raises ``RetryableError`` where there is none, or its answer tells nothing."""
        call_id = webhook_id(request, visibility)
        if not self._options.status_address:
            raise RetryableError(
                "Whether the reply arrived cannot be asked.",
                code="cannot_tell",
                remedy="Look at the other side, or set options.status_address.",
            )
        status = self._ask_status(call_id)
        if status.state == "unknown":
            return None
        return SentPost(external_id=status.id or call_id, url=status.url)

    def ping(self) -> None:
        """Send a call that brings nothing, and ask for one that never was. Raises as every network method."""
        call_id = f"ping_{secrets.token_hex(8)}"
        answer = self._post(call_id, PingCall(timestamp=self._clock.now()), sends=False)
        if answer.status not in SUCCESS and answer.status != ALREADY:
            raise self._explain(answer, sends=False)
        if self._options.status_address and self._ask_status(f"never_{secrets.token_hex(8)}").state != "unknown":
            raise PermanentError(
                "The status address claims a reply that was never sent.",
                code="bad_status",
                remedy='Answer 404 with {"state": "unknown"} for an id that never came.',
            )

    def _post(self, call_id: str, call: BaseModel, *, sends: bool) -> Answer:
        body = call.model_dump_json().encode()
        signed = sign(self._options.reply_keys, call_id, body, now=self._clock.now())
        headers = {"Content-Type": "application/json", **signed}
        return self._client.ask("POST", self._options.reply_address, headers=headers, body=body, sends=sends)

    def _ask_status(self, call_id: str) -> Status:
        signed = sign(self._options.reply_keys, call_id, b"", now=self._clock.now())
        answer = self._client.ask("GET", f"{self._options.status_address.rstrip('/')}/{call_id}", headers=signed)
        status = _read_status(answer)
        if status is not None:
            return status
        refused = self._explain(answer, sends=False)
        if answer.status in SUCCESS or isinstance(refused, PermanentError):
            # A wrong address answers 404, too: only the word says that the reply is not there.
            raise RetryableError(
                f"The status address answers nothing that can be used ({answer.status}).",
                code="cannot_tell",
                remedy="Check options.status_address and what is said of it in docs/how-to/webhook.md.",
            )
        raise refused

    def _explain(self, answer: Answer, *, sends: bool) -> ChannelError:
        host = urlsplit(self._options.reply_address).hostname or ""
        error = explain(answer, host=host, options=self._options, now=self._clock.now())
        if isinstance(error, SendUncertainError) and not sends:
            return RetryableError(error.message, code=error.code, remedy=error.remedy)
        return error


def _reply_call(call_id: str, request: SendRequest, visibility: Visibility) -> ReplyCall:
    target = request.target
    custom = {
        name.removeprefix(CUSTOM): value for name, value in target.platform_data.items() if name.startswith(CUSTOM)
    }
    reply = Reply(
        id=call_id,
        visibility=VISIBILITIES[visibility],
        text=request.text,
        language=request.language.value,
        message_id=target.external_id,
        thread_id=target.platform_data.get(THREAD, ""),
        author=ReplyAuthor(id=target.author_external_id, handle=target.author_handle),
        url=target.url,
        custom=custom,
    )
    return ReplyCall(timestamp=request.approved_at, reply=reply)


def _read_accepted(body: bytes, call_id: str) -> SentPost:
    """Return what the other side calls our reply; what it said is no condition for having accepted."""
    try:
        accepted = Accepted.model_validate_json(body)
    except ValidationError:
        accepted = Accepted()
    return SentPost(external_id=accepted.id or call_id, url=accepted.url)


def _read_status(answer: Answer) -> Status | None:
    wanted = {OK: "accepted", UNKNOWN: "unknown"}.get(answer.status)
    try:
        status = Status.model_validate_json(answer.body)
    except ValidationError:
        return None
    return status if status.state == wanted else None
