"""A live chat that speaks our webhook: it brings messages by signed calls, and takes replies at an address of its own.

It signs and checks with code of its own, not the channel's, and drops what it had before, as the guide asks of a receiver.
"""

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import Clock

SECRET = "whsec_" + base64.b64encode(b"the chat signs what it brings").decode()
REPLY_SECRET = "whsec_" + base64.b64encode(b"the desk signs what it brings").decode()
REPLIES, STATUS = "/kikite/replies", "/kikite/status"


def sign(secret: str, call_id: str, timestamp: str, body: bytes) -> str:
    """Return a signature as the specification describes it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{call_id}.{timestamp}.".encode() + body, "sha256")).decode()


@dataclass
class WebhookChat:
    """What the chat knows. ``once`` holds answers it gives instead of doing anything, ``accept_with`` its answer to replies."""

    clock: Clock
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By webhook-id, as accepted."""
    posts: int = 0
    """Replies shown to people: a repeat is not shown again."""
    pings: int = 0
    deleted: set[str] = field(default_factory=set)
    once: deque[Response] = field(default_factory=deque)
    accept_with: dict[str, Any] | None = None
    secrets: tuple[str, ...] = (REPLY_SECRET,)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def event(self, kind: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event with an id of its own."""
        return {"id": f"evt-{next(self._numbers)}", "type": kind, "message": dict(message)}

    def message(self, text: str, *, author: str | dict[str, str] = "aya", **fields: object) -> dict[str, Any]:
        """Return a message with an id of its own."""
        number = next(self._numbers)
        who = {"id": f"{author}-id", "name": author.title(), "handle": author} if isinstance(author, str) else author
        whole = {
            "id": f"msg-{number}",
            "author": who,
            "text": text,
            "created_at": self.clock.now().isoformat(),
            "url": f"https://chat.example/messages/{number}",
        }
        return whole | fields

    def call(
        self, events: Sequence[Mapping[str, Any]] | object, *, secret: str = SECRET
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a signed call that brings ``events``."""
        body = json.dumps({"events": events}).encode()
        return self.headers(body, secret=secret), body

    def headers(self, body: bytes, *, secret: str = SECRET) -> dict[str, str]:
        """Return the headers of a signed call."""
        call_id, timestamp = f"call-{hashlib.sha256(body).hexdigest()[:12]}", str(int(self.clock.now().timestamp()))
        return {
            "content-type": "application/json",
            "webhook-id": call_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(secret, call_id, timestamp, body),
        }

    def app(self) -> Starlette:
        """Return the chat's own door."""
        return Starlette(
            routes=[
                Route(REPLIES, self._take, methods=["POST"]),
                Route(STATUS + "/{call_id}", self._tell, methods=["GET"]),
            ]
        )

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        refused = self._refuse(request, body)
        if refused is not None:
            return refused
        said, call_id = json.loads(body), request.headers["webhook-id"]
        if said["type"] == "ping":
            self.pings += 1
            return Response(status_code=204)
        reply = said["reply"]
        if reply["message_id"] in self.deleted:
            return JSONResponse({"error": "The message was deleted."}, status_code=410)
        is_known = call_id in self.replies
        if not is_known:
            self.replies[call_id] = reply
            self.posts += 1
        answer = self._name(call_id) if self.accept_with is None else self.accept_with
        return JSONResponse(answer, status_code=409 if is_known else 201)

    async def _tell(self, request: Request) -> Response:
        refused = self._refuse(request, b"")
        if refused is not None:
            return refused
        call_id = request.path_params["call_id"]
        if call_id not in self.replies:
            return JSONResponse({"state": "unknown"}, status_code=404)
        return JSONResponse({"state": "accepted", **self._name(call_id)})

    def _name(self, call_id: str) -> dict[str, str]:
        number = list(self.replies).index(call_id) + 1
        return {"id": f"answer-{number}", "url": f"https://chat.example/answers/{number}"}

    def _refuse(self, request: Request, body: bytes) -> Response | None:
        """Return an armed answer, or the refusal of a call that is not the desk's."""
        self.asked.append((request.method, request.url.path, dict(request.headers), body))
        if self.once:
            return self.once.popleft()
        head = [request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
        given = set(head[2].split())
        expected = {sign(secret, head[0], head[1], body) for secret in self.secrets}
        late = abs(self.clock.now().timestamp() - int(head[1] or 0)) > 300
        return JSONResponse({"error": "wrong signature"}, status_code=401) if late or not expected & given else None
