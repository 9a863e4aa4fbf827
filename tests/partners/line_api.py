"""A LINE Messaging API of our own over real HTTP: keeps chats, profiles, friends, retry keys and the month's messages as LINE's
documentation tells, and makes the signed calls that LINE makes at our door. It was never compared with the live service.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import Clock
from domain.webhooks import WebhookCall

SECRET: Final = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN: Final = "long-lived+token/of=the-shop"
BOT: Final = f"U{'b' * 32}"
KEY_LIVES: Final = timedelta(hours=24)
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def user_id(name: str) -> str:
    """Return the user id of somebody by a name of letters."""
    return f"U{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def group_id(name: str) -> str:
    """Return a group's id."""
    return f"C{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def sign(body: bytes, secret: str = SECRET) -> str:
    """Return what LINE puts into the header."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def make_call(events: list[dict[str, Any]], *, secret: str = SECRET) -> WebhookCall:
    """Return LINE's call for ``events``."""
    body = json.dumps({"destination": BOT, "events": events}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    headers = {"x-line-signature": sign(body, secret), "content-type": "application/json"}
    return WebhookCall(method="POST", query={}, headers=headers, body=body)


@dataclass(frozen=True)
class Pushed:
    """A message of ours."""

    id: str
    to: str
    text: str
    quote_token: str = ""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, to hold against the vendor's description."""

    method: str
    route: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any


@dataclass
class LineApi:
    """One account's LINE."""

    clock: Clock
    pushed: list[Pushed] = field(default_factory=list)
    """All that was accepted, those nobody is shown too."""
    shown: list[Pushed] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    limit: int | None = 200
    used: int = 0
    counts: bool = True
    """False: the month's count lags behind, as LINE's does."""
    webhook: tuple[str, bool] | None = ("https://desk.test/hooks/shop", True)
    validates_first: bool = False
    """LINE does not say whether it looks at the body or at the retry key first."""
    names_sent: bool = True
    """False: a 409 tells the accepted request, and no message."""
    token: str = TOKEN
    exchanges: list[Exchange] = field(default_factory=list)
    keys: dict[str, tuple[datetime, Pushed]] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    # -- people ----------------------------------------------------------------------------------------------------------

    def event(self, kind: str, *, author: str = "aya", chat: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - events hold anything
        """Return an event by ``author``, alone with us or in the group ``chat``."""
        self.names.setdefault(user_id(author), author)
        source = {"type": "user", "userId": user_id(author)}
        if chat:
            self.members.setdefault(group_id(chat), [])
            if user_id(author) not in self.members[group_id(chat)]:
                self.members[group_id(chat)].append(user_id(author))
            source = {"type": "group", "groupId": group_id(chat), "userId": user_id(author)}
        return {
            "type": kind,
            "mode": "active",
            "timestamp": int(self.clock.now().timestamp() * 1000) + self.numbers["event"],
            "source": source,
            "webhookEventId": f"01H{self._number('event'):023d}",
            "deliveryContext": {"isRedelivery": False},
            "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
            **more,
        }

    def message(self, content: dict[str, Any] | str, *, author: str = "aya", chat: str = "") -> dict[str, Any]:
        """Return a message event; a string is a text."""
        said: dict[str, Any] = {"type": "text", "text": content} if isinstance(content, str) else content
        message = {"id": self.new_id(), "quoteToken": f"q3Plxr4AgKd{self.numbers['message']}", **said}
        return self.event("message", author=author, chat=chat, message=message)

    def unsend(self, message_id: str, *, author: str = "aya") -> dict[str, Any]:
        """Return the event of a message taken back."""
        event = self.event("unsend", author=author, unsend={"messageId": message_id})
        del event["replyToken"]
        return event

    def block(self, author: str) -> dict[str, Any]:
        """Let ``author`` block us; return the event."""
        event = self.event("unfollow", author=author)
        self.blocked.add(user_id(author))
        return event

    def texts_to(self, chat_id: str) -> list[str]:
        """Return what a chat shows of us."""
        return [one.text for one in self.shown if one.to == chat_id]

    # -- the API -----------------------------------------------------------------------------------------------------------

    def app(self) -> Starlette:
        """Return the API as an app."""
        member = "/v2/bot/{kind:str}/{chat:str}/member/{user:str}"
        return Starlette(
            routes=[
                self._route("/v2/bot/message/push", self._push, method="POST"),
                self._route("/v2/bot/message/quota", self._quota),
                self._route("/v2/bot/message/quota/consumption", self._consumption),
                self._route("/v2/bot/info", self._info),
                self._route("/v2/bot/channel/webhook/endpoint", self._endpoint),
                self._route("/v2/bot/profile/{user:str}", self._profile),
                self._route(member, self._member),
                self._route("/v2/bot/{kind:str}/{chat:str}/members/count", self._count),
            ]
        )

    def new_id(self) -> str:
        """Return the id of a new message."""
        return str(444573844083572000 + self._number("message"))

    def _number(self, what: str) -> int:
        self.numbers[what] += 1
        return self.numbers[what]

    def _route(self, path: str, answer: Any, *, method: str = "GET") -> Route:  # noqa: ANN401 - one of the methods below
        async def respond(request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw) if raw else None
            if request.headers.get("authorization") != f"Bearer {self.token}":
                status, told, headers = (
                    401,
                    {"message": "Authentication failed. Confirm that the access token is valid."},
                    {},
                )
            else:
                status, told, headers = answer(request, body)
            self.exchanges.append(Exchange(method, path, dict(request.headers), body, status, told))
            return JSONResponse(told, status, {"x-line-request-id": f"r-{len(self.exchanges)}", **headers})

        return Route(path, respond, methods=[method])

    def _push(self, request: Request, body: Any) -> tuple[int, Any, dict[str, str]]:  # noqa: ANN401 - JSON
        key = request.headers.get("x-line-retry-key", "")
        if key and not UUID.fullmatch(key):
            return 400, {"message": "The value of X-Line-Retry-Key is invalid"}, {}
        fault = _find_fault(body)
        if fault and self.validates_first:
            return 400, fault, {}
        accepted, first = self.keys.get(key, (None, None))
        if accepted and first and self.clock.now() - accepted < KEY_LIVES:
            told = {"message": "The retry key is already accepted"}
            return (
                409,
                {**told, "sentMessages": [{"id": first.id}]} if self.names_sent else told,
                {"x-line-accepted-request-id": "r-0"},
            )
        if fault:
            return 400, fault, {}
        people = len(self.members.get(body["to"], [""]))
        if self.limit is not None and self.used + people > self.limit:
            return 429, {"message": "You have reached your monthly limit."}, {}
        message = body["messages"][0]
        pushed = Pushed(self.new_id(), body["to"], message["text"], message.get("quoteToken", ""))
        self._accept(key, pushed, people)
        return 200, {"sentMessages": [{"id": pushed.id, "quoteToken": "IStG5h1Tz7b"}]}, {}

    def _accept(self, key: str, pushed: Pushed, people: int) -> None:
        self.keys[key] = (self.clock.now(), pushed)
        self.pushed.append(pushed)
        if pushed.to not in self.blocked:  # accepted all the same, and shown to nobody
            self.shown.append(pushed)
            self.used += people

    def _quota(self, _request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        return 200, {"type": "none"} if self.limit is None else {"type": "limited", "value": self.limit}, {}

    def _consumption(self, _request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        return 200, {"totalUsage": self.used if self.counts else 0}, {}

    def _info(self, _request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        told = {"userId": BOT, "basicId": "@216ruxyz", "displayName": "ミズナラ 公式", "chatMode": "chat"}
        return 200, {**told, "markAsReadMode": "manual"}, {}

    def _endpoint(self, _request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        if self.webhook is None:
            return 404, {"message": "Not found"}, {}
        return 200, {"endpoint": self.webhook[0], "active": self.webhook[1]}, {}

    def _profile(self, request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        user = request.path_params["user"]
        if user not in self.names or user in self.blocked:
            return 404, {"message": "Not found"}, {}
        return 200, {"userId": user, "displayName": self.names[user], "language": "ja"}, {}

    def _member(self, request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        user, chat = request.path_params["user"], request.path_params["chat"]
        if user not in self.members.get(chat, []):
            return 404, {"message": "Not found"}, {}
        return 200, {"userId": user, "displayName": self.names[user]}, {}

    def _count(self, request: Request, _body: object) -> tuple[int, Any, dict[str, str]]:
        return 200, {"count": len(self.members.get(request.path_params["chat"], []))}, {}


def _find_fault(body: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    """Return what LINE says of a body it cannot take."""
    messages = body.get("messages") or []
    details = [] if 1 <= len(messages) <= 5 else [{"message": "Size must be between 1 and 5", "property": "messages"}]
    for number, message in enumerate(messages):
        length = len(message.get("text", "").encode("utf-16-le")) // 2
        if not 1 <= length <= 5000:
            fault = "Length must be between 0 and 5000" if length else "May not be empty"
            details.append({"message": fault, "property": f"messages[{number}].text"})
    if not re.fullmatch(r"[UCR][0-9a-f]{32}", str(body.get("to"))):
        return {"message": "The property, 'to', in the request body is invalid (line: -, column: -)"}
    return {"message": f"The request body has {len(details)} error(s)", "details": details} if details else None
