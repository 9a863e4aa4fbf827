"""A stand-in for Bluesky's chat service, which is closed source: the calls a reply desk makes, kept in memory.

The real PDS carries ``chat.bsky.*`` here and signs each call in the name of the account. Like the real service, the stand-in
believes nothing else: it checks the token's signature against the account's key in the directory, its audience, method and
end of life. It obeys the inbox setting of the recipient (the real record on the PDS) and says no with the lexicon's errors.
"""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from atproto_crypto.verify import verify_signature

Answer = dict[str, Any]
PAGE = 100


class RefusedError(Exception):
    """An XRPC error answer."""

    def __init__(self, status: int, name: str, message: str = "") -> None:
        super().__init__(name)
        self.status = status
        self.answer = {"error": name, "message": message or name}


@dataclass
class Convo:
    """A conversation of two; messages oldest first."""

    id: str
    members: frozenset[str]
    messages: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One accepted call: who asked for what."""

    method: str
    caller: str


class ChatStandIn:
    """The service on a free port of loopback. ``connect`` tells it the rest of the network once that runs."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._convos: dict[str, Convo] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._web = httpx2.Client(timeout=30)
        self._did = ""
        self._plc = self._pds = self._appview = ""
        chat = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                chat.answer(self, {})

            def do_POST(self) -> None:
                chat.answer(self, json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, name="chat stand-in").start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.server_address[1]}"

    def connect(self, *, did: str, plc: str, pds: str, appview: str) -> None:
        """Name the servers it asks about people, and the DID it answers to."""
        self._did, self._plc, self._pds, self._appview = did, plc, pds, appview

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._web.close()

    def answer(self, door: BaseHTTPRequestHandler, body: Answer) -> None:
        """Answer one request, errors in the XRPC way."""
        url = urlsplit(door.path)
        method = url.path.rsplit("/", 1)[-1]
        try:
            caller = self._caller(door.headers.get("authorization", ""), method)
            said = self._do(method, caller, parse_qs(url.query), body)
            status = 200
            self.calls.append(Call(method, caller))
        except RefusedError as error:
            said, status = error.answer, error.status
        content = json.dumps(said).encode()
        door.send_response(status)
        door.send_header("content-type", "application/json")
        door.send_header("content-length", str(len(content)))
        door.end_headers()
        door.wfile.write(content)

    def _caller(self, authorization: str, method: str) -> str:
        """Return who signed the token; refuse any token that was not made for this call."""
        parts = authorization.removeprefix("Bearer ").split(".")
        if len(parts) != 3:
            raise RefusedError(401, "AuthMissing")
        claims = json.loads(_decode(parts[1]))
        if claims.get("aud") != self._did or claims.get("lxm") != method:
            raise RefusedError(401, "BadJwtAudience", f"{claims.get('aud')} {claims.get('lxm')}")
        if claims.get("exp", 0) < time.time():
            raise RefusedError(401, "JwtExpired")
        key = self._web.get(f"{self._plc}/{claims['iss']}/data").json()["verificationMethods"]["atproto"]
        if not verify_signature(key, ".".join(parts[:2]).encode(), _decode(parts[2])):
            raise RefusedError(401, "BadJwtSignature")
        return str(claims["iss"])

    def _do(self, method: str, caller: str, query: dict[str, list[str]], body: Answer) -> Answer:
        with self._lock:
            match method:
                case "chat.bsky.convo.getConvoForMembers":
                    return {"convo": self._view(self._open(caller, query["members"]), caller)}
                case "chat.bsky.convo.listConvos":
                    return self._list(caller, query)
                case "chat.bsky.convo.getMessages":
                    return self._messages(self._mine(caller, query["convoId"][0]), query)
                case "chat.bsky.convo.sendMessage":
                    return self._send(self._mine(caller, body["convoId"]), caller, body["message"])
        raise RefusedError(501, "MethodNotImplemented")

    def _open(self, caller: str, members: list[str]) -> Convo:
        everybody = frozenset([*members, caller])
        for convo in self._convos.values():
            if convo.members == everybody:
                return convo
        for other in everybody - {caller}:
            self._check_inbox(other, caller)
        convo = Convo(id=f"convo{next(self._numbers)}", members=everybody)
        self._convos[convo.id] = convo
        return convo

    def _check_inbox(self, owner: str, caller: str) -> None:
        """Refuse as the owner's ``chat.bsky.actor.declaration`` says; without one, people they follow may write."""
        asked = {"repo": owner, "collection": "chat.bsky.actor.declaration", "rkey": "self"}
        found = self._web.get(f"{self._pds}/xrpc/com.atproto.repo.getRecord", params=asked)
        setting = found.json()["value"]["allowIncoming"] if found.status_code == 200 else "following"
        if setting == "none":
            raise RefusedError(400, "MessagesDisabled", "recipient has disabled incoming messages")
        if setting == "following":
            between = {"actor": owner, "others": caller}
            answer = self._web.get(f"{self._appview}/xrpc/app.bsky.graph.getRelationships", params=between)
            if not answer.json()["relationships"][0].get("following"):
                raise RefusedError(400, "NotFollowedBySender", "recipient requires incoming messages from followed")

    def _mine(self, caller: str, convo_id: str) -> Convo:
        convo = self._convos.get(convo_id)
        if convo is None or caller not in convo.members:
            raise RefusedError(400, "InvalidConvo")
        return convo

    def _list(self, caller: str, query: dict[str, list[str]]) -> Answer:
        mine = [convo for convo in self._convos.values() if caller in convo.members and convo.messages]
        mine.sort(key=lambda convo: str(convo.messages[-1]["rev"]), reverse=True)
        return _page("convos", [self._view(convo, caller) for convo in mine], query)

    def _messages(self, convo: Convo, query: dict[str, list[str]]) -> Answer:
        return _page("messages", convo.messages[::-1], query)

    def _send(self, convo: Convo, caller: str, message: Answer) -> Answer:
        number = next(self._numbers)
        sent: Answer = {
            **{key: message[key] for key in ("text", "facets") if key in message},
            "$type": "chat.bsky.convo.defs#messageView",
            "id": f"message{number}",
            "rev": f"{number:013d}",
            "sender": {"did": caller},
            "sentAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        convo.messages.append(sent)
        return sent

    def _view(self, convo: Convo, caller: str) -> Answer:
        view: Answer = {
            "id": convo.id,
            "rev": convo.messages[-1]["rev"] if convo.messages else "0",
            "members": [self._profile(did) for did in sorted(convo.members)],
            "muted": False,
            "unreadCount": sum(message["sender"]["did"] != caller for message in convo.messages),
            "status": "accepted",
        }
        if convo.messages:
            view["lastMessage"] = convo.messages[-1]
        return view

    def _profile(self, did: str) -> Answer:
        found = self._web.get(f"{self._appview}/xrpc/app.bsky.actor.getProfile", params={"actor": did}).json()
        return {key: found[key] for key in ("did", "handle", "displayName") if key in found}


def _page(name: str, items: list[Answer], query: dict[str, list[str]]) -> Answer:
    start = int(query.get("cursor", ["0"])[0])
    end = start + min(int(query.get("limit", ["50"])[0]), PAGE)
    answer: Answer = {name: items[start:end]}
    if end < len(items):
        answer["cursor"] = str(end)
    return answer


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
