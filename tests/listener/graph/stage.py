"""The stage of Facebook's and Instagram's tests: words shared by all of them, and the other side of the contract."""

import json
from collections.abc import Callable
from typing import Any

from listener.channels.graph.channel import GraphChannel
from tests.listener.channel_contract import Break
from tests.listener.inbox import MemoryInbox
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.graph_world import SECRET, TOKEN, VERIFY, World

OpenChannel = Callable[..., GraphChannel]
KINDS = ("facebook", "instagram")
CALLS = {"poll": "GET ", "reply": "POST ", "probe": "GET "}
JSON = {"content-type": "application/json"}


def refusal(
    code: int,
    subcode: int = 0,
    *,
    status: int = 400,
    headers: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - fields of any kind
) -> Answer:
    """Return an answer of Meta's that says no."""
    error = {"message": f"(#{code}) No.", "code": code, "error_subcode": subcode} | more
    return Answer(status, json.dumps({"error": error}).encode(), {**JSON, **(headers or {})})


def fault(how: Break) -> Answer | Cut:
    """Return what the proxy does for ``how``."""
    if how in {Break.PERMANENT, Break.EXPIRED}:
        return refusal(190, 463, status=401)
    if how is Break.RETRYABLE:
        return refusal(32, headers={"retry-after": "30"})
    return ON_THE_WIRE[how]


class GraphDriver:
    """Customers comment below a post of ours; colleagues answer with the app."""

    page_size = 4
    secrets = (TOKEN, SECRET, VERIFY)

    def __init__(self, world: World, proxy: FaultyProxy) -> None:
        self.world = world
        self.proxy = proxy
        self.root = world.post("The new coats are here.")

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.world.comment(text, on=self.root, author=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.world.comment(text, on=self.root, author=author, parent=to)

    def post_as_us(self, text: str, *, to: str) -> None:
        self.world.comment(text, on=self.root, author="us", parent=to)

    def edit(self, external_id: str, text: str) -> str:
        self.world.nodes[external_id].text = text
        return external_id

    def delete(self, external_id: str) -> None:
        self.world.nodes[external_id].is_deleted = True

    def public_texts(self, *, to: str) -> list[str]:
        return [node.text for node in self.world.answers(to) if node.author == self.world.own]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        talk = self.world.talks.get(self.world.person(author), [])
        return [message.text for message in talk if message.author == self.world.own]

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


class CalledDriver(GraphDriver):
    """The same, where Meta tells of each comment by webhook."""

    def __init__(self, world: World, proxy: FaultyProxy, inbox: MemoryInbox) -> None:
        super().__init__(world, proxy)
        self._inbox = inbox
        self.channel: GraphChannel | None = None

    def post(self, text: str, *, author: str = "aya") -> str:
        return self._tell(super().post(text, author=author))

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self._tell(super().post_reply(text, to=to, author=author))

    def _tell(self, comment_id: str) -> str:
        assert self.channel is not None
        call = self.world.call(self.world.tell_comment(comment_id))
        self._inbox.keep(self.channel.receive(call), at=self.world.clock.now())
        return comment_id
