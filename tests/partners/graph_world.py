"""What stands on the fake of Meta: a Page and a professional account with posts, comments, mentions and private messages."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.clock import FixedClock
from domain.webhooks import WebhookCall

PAGE, ACCOUNT, APP = "102030405060", "17841400000000001", "555000555"
TOKEN, SECRET, VERIFY = "EAAB-page-token-123", "app-secret-456", "our-verify-word"
NAMES = {PAGE: "Mizunara Store", ACCOUNT: "mizunara"}
WINDOW, WINDOW_HUMAN = timedelta(hours=24), timedelta(days=7)


@dataclass(kw_only=True)
class Node:
    """A post, media or comment."""

    id: str
    author: str
    text: str
    created: datetime
    post: str = ""
    """Empty: it is a post itself."""
    parent: str = ""
    is_hidden: bool = False
    is_deleted: bool = False


@dataclass(kw_only=True)
class Message:
    """A private message."""

    id: str
    author: str
    text: str
    created: datetime


@dataclass
class World:
    """One side of the fake: ``facebook`` or ``instagram``."""

    clock: FixedClock
    kind: str
    nodes: dict[str, Node] = field(default_factory=dict)
    tagged: dict[str, Node] = field(default_factory=dict)
    elsewhere: dict[str, Node] = field(default_factory=dict)
    """Comments below other people's posts that name us."""
    talks: dict[str, list[Message]] = field(default_factory=dict)
    private_replies: dict[str, str] = field(default_factory=dict)
    """Comment, then the person it went to."""
    blocked: set[str] = field(default_factory=set)
    names_told: bool = True
    can_human_agent: bool = False
    token: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and query of each request."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of messages."""
    number: int = 1000

    @property
    def own(self) -> str:
        return PAGE if self.kind == "facebook" else ACCOUNT

    def next_moment(self) -> datetime:
        """Return a moment a second after the last thing that happened."""
        said = [message.created for talk in self.talks.values() for message in talk]
        known = [node.created for node in (*self.nodes.values(), *self.tagged.values())] + said
        return max([self.clock.now(), *(one + timedelta(seconds=1) for one in known)])

    def person(self, name: str) -> str:
        """Return the id of somebody by name."""
        return self.own if name == "us" else f"9{int(hashlib.sha256(name.encode()).hexdigest()[:12], 16):016d}"

    def name_of(self, person: str) -> str:
        return NAMES.get(person) or next((name for name in self.known_names if self.person(name) == person), "")

    known_names: list[str] = field(default_factory=lambda: ["aya", "emi", "ken"])

    def post(self, text: str = "our post", *, author: str = "us", created: datetime | None = None) -> str:
        """Let somebody post on the Page, or us a media; return its id."""
        self.number += 1
        node_id = f"{PAGE}_{self.number}" if self.kind == "facebook" else f"1790{self.number}"
        created = created or self.next_moment()
        self.nodes[node_id] = Node(id=node_id, author=self.person(author), text=text, created=created)
        return node_id

    def comment(
        self, text: str, *, on: str, author: str = "aya", parent: str = "", created: datetime | None = None
    ) -> str:
        """Let somebody comment; an answer to an answer stands below the first comment. Return its id."""
        self.number += 1
        top = (self.nodes | self.elsewhere)[parent].parent or parent if parent else ""
        node_id = f"{on.rpartition('_')[2]}_{self.number}" if self.kind == "facebook" else f"1785{self.number}"
        created = created or self.next_moment()
        self.nodes[node_id] = Node(
            id=node_id, author=self.person(author), text=text, created=created, post=on, parent=top
        )
        return node_id

    def tag(self, text: str, *, author: str = "emi", created: datetime | None = None) -> str:
        """Let somebody name us in a post of their own; return its id."""
        self.number += 1
        node_id = f"8800_{self.number}" if self.kind == "facebook" else f"1799{self.number}"
        created = created or self.next_moment()
        self.tagged[node_id] = Node(id=node_id, author=self.person(author), text=text, created=created)
        return node_id

    def mention_elsewhere(self, text: str, *, parent: str = "") -> str:
        """Let somebody name us below another's post; return the comment's id."""
        self.number += 1
        node_id = f"8801_{self.number}" if self.kind == "facebook" else f"1786{self.number}"
        self.elsewhere[node_id] = Node(
            id=node_id, author=self.person("ken"), text=text, created=self.next_moment(), post="8801", parent=parent
        )
        return node_id

    def write(self, text: str, *, author: str = "aya", to: str = "", created: datetime | None = None) -> str:
        """Let somebody write to us, or us ``to`` somebody; return the message's id."""
        self.number += 1
        message = Message(
            id=f"m_{self.number}" if self.kind == "facebook" else f"aWdfZAG{self.number}",
            author=self.person(author),
            text=text,
            created=created or self.next_moment(),
        )
        self.talks.setdefault(to or message.author, []).append(message)
        return message.id

    def below(self, post_id: str) -> list[Node]:
        """Return the comments below a post that stand, the newest first."""
        found = [node for node in self.nodes.values() if node.post == post_id and not node.is_deleted]
        return sorted(found, key=lambda node: node.created, reverse=True)

    def answers(self, comment_id: str) -> list[Node]:
        """Return the answers below a comment that stand, the newest first."""
        found = [node for node in self.nodes.values() if node.parent == comment_id and not node.is_deleted]
        return sorted(found, key=lambda node: node.created, reverse=True)

    # -- webhooks ------------------------------------------------------------------------------------------------------

    def call(self, *events: dict[str, Any], secret: str = SECRET, own: str = "") -> WebhookCall:
        """Return a call as Meta makes it: changes and messages of one entry, signed over escaped unicode."""
        changes = [event for event in events if "field" in event]
        messaging = [event for event in events if "field" not in event]
        entry: dict[str, Any] = {"id": own or self.own, "time": int(self.clock.now().timestamp())}
        entry |= ({"changes": changes} if changes else {}) | ({"messaging": messaging} if messaging else {})
        body = {"object": "page" if self.kind == "facebook" else "instagram", "entry": [entry]}
        return self.sign(json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode(), secret=secret)

    def sign(self, body: bytes, *, secret: str = SECRET) -> WebhookCall:
        """Return a signed call with these bytes."""
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": signature, "content-type": "application/json"}
        return WebhookCall(method="POST", query={}, headers=headers, body=body)

    def tell_comment(self, comment_id: str, verb: str = "add") -> dict[str, Any]:
        """Return the change that tells of a comment."""
        node = self.nodes[comment_id]
        if self.kind == "instagram":
            value: dict[str, Any] = {"id": node.id, "text": node.text, "media": {"id": node.post}}
            value |= {"from": {"id": node.author, "username": self.name_of(node.author)}}
            return {"field": "comments", "value": value | ({"parent_id": node.parent} if node.parent else {})}
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": node.id,
            "post_id": node.post,
            "parent_id": node.parent or node.post,
            "created_time": int(node.created.timestamp()),
            "message": node.text,
        }
        if self.names_told:
            value["from"] = {"id": node.author, "name": self.name_of(node.author)}
        return {"field": "feed", "value": value}

    def tell_message(self, message_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any kind
        """Return the event that tells of a message."""
        message = next(one for talk in self.talks.values() for one in talk if one.id == message_id)
        return {
            "sender": {"id": message.author},
            "recipient": {"id": self.own},
            "timestamp": int(message.created.timestamp() * 1000),
            "message": {"mid": message.id, "text": message.text, **more},
        }
