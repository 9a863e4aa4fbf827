"""Answering, once: a comment below a comment, a message in private; and finding again what we sent.

Meta knows no key of ours for a send. After a doubt only our own words below the post, or in the conversation, tell.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest, SentPost
from listener import wire
from listener.channels.graph.client import Client
from listener.channels.graph.nodes import COMMENT, MESSAGE, UNKNOWN, WAY, read_id, read_list, read_moment
from listener.channels.graph.options import GraphOptions
from listener.channels.graph.refusals import window_closed
from listener.channels.graph.talks import WINDOW, WINDOW_HUMAN, Talks, Told
from listener.reviews import is_same_text

CLOCK_SKEW = timedelta(minutes=2)
"""How far Meta's clock may be behind ours."""
MOST_PAGES: Final = 10
"""Pages of answers that are looked through."""
HUMAN_AGENT: Final = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def post_comment(client: Client, path: str, body: Mapping[str, str]) -> str:
    """Post a comment once; return its id. Raises as ``Channel.reply``."""
    comment_id = read_id(client.post(path, dict(body)), "id")
    if not comment_id:
        raise SendUncertainError("Meta's answer to a send names no comment.", code="no_answer")
    return comment_id


def find_comment(
    client: Client,
    path: str,
    params: Mapping[str, str],
    request: SendRequest,
    *,
    is_own: Callable[[object], bool],
    check_reading: Callable[[], None],
) -> str:
    """Return the id of our comment of ``request`` in the list at ``path``; empty when it surely is not there.

    ``params`` name the fields, among them ``timestamp`` or ``created_time``. ``check_reading`` raises where we may read no more:
    Meta answers alike for what is deleted and for what is not for us.
    """
    since = request.approved_at - CLOCK_SKEW
    after = ""
    for _ in range(MOST_PAGES):
        asked: dict[str, str | int] = {**params, "limit": 100, **({"after": after} if after else {})}
        try:
            listed = read_list(client.get(path, asked))
        except PermanentError as error:
            if error.code != "gone":
                raise
            check_reading()
            return ""  # deleted, and everything below it
        for node in listed.nodes:
            said = wire.text(node, "message") or wire.text(node, "text")
            written = read_moment(node, "created_time") or read_moment(node, "timestamp")
            if is_own(node) and is_same_text(said, request.text) and (written is None or written >= since):
                return read_id(node, "id")
        after = listed.after
        if not after:
            return ""
    raise RetryableError(
        "There are more answers than were looked through.", code="cannot_tell", remedy="Look at the post by hand."
    )


class Messenger:
    """Writes in private: to who wrote to us, or once to who commented."""

    def __init__(self, client: Client, talks: Talks, *, options: GraphOptions, clock: Clock, has_thread: bool) -> None:
        self._client = client
        self._talks = talks
        self._options = options
        self._clock = clock
        self._has_thread = has_thread
        """True where a comment names the conversation of its private reply."""

    def send(self, request: SendRequest) -> SentPost:
        """Send ``request`` once. Raises as ``Channel.direct_message``."""
        way = request.target.platform_data.get(WAY)
        if way == MESSAGE:
            recipient = {"id": request.target.author_external_id}
            body = {"recipient": recipient, **self._kind_of_message(request.target.author_external_id)}
        elif way == COMMENT:
            body = {"recipient": {"comment_id": request.target.external_id}}
        else:
            raise PermanentError(
                "Nobody can be written to in private because of this post.",
                code="no_private_reply",
                remedy="Answer in public: Meta allows private replies to comments on our own posts.",
            )
        answer = self._client.post("me/messages", {**body, "message": {"text": request.text}})
        message_id = wire.text(answer, "message_id")
        if not message_id:
            raise SendUncertainError("Meta's answer to a send names no message.", code="no_answer")
        return SentPost(external_id=message_id)

    def find(self, request: SendRequest) -> SentPost | None:
        """Look for our message of ``request``; None when it surely is not there."""
        target = request.target
        since = request.approved_at - CLOCK_SKEW
        looked_through: list[Told] = []
        if target.author_external_id and not target.author_external_id.startswith(UNKNOWN):
            looked_through.append(self._talks.find(target.author_external_id))
        if self._has_thread and target.platform_data.get(WAY) == COMMENT:
            looked_through.append(self._talks.find_of_comment(target.external_id))
        for said in (one for talk in looked_through for one in talk.said):
            if self._talks.is_own(said) and is_same_text(said.text, request.text) and said.created_at >= since:
                return SentPost(external_id=said.id)
        is_cut = not all(talk.holds_all_since(since) for talk in looked_through)
        is_odd = target.platform_data.get(WAY) == MESSAGE and not any(
            talk.said for talk in looked_through
        )  # they wrote, so something is there
        if is_cut or is_odd or not looked_through:
            raise RetryableError(
                "The conversation cannot be looked through.", code="cannot_tell", remedy="Look at the inbox by hand."
            )
        return None

    def may_write(self, person: str) -> bool | None:
        """Tell whether ``person``, who wrote to us, may be written to now; None when it is not told."""
        last = self._talks.last_of(person)
        return None if last is None else self._clock.now() - last < self._window

    @property
    def _window(self) -> timedelta:
        return WINDOW_HUMAN if self._options.human_agent else WINDOW

    def _kind_of_message(self, person: str) -> dict[str, str]:
        last: datetime | None = self._talks.last_of(person)
        age = timedelta() if last is None else self._clock.now() - last
        if age >= self._window:
            raise window_closed()
        return HUMAN_AGENT if age >= WINDOW else {"messaging_type": "RESPONSE"}
