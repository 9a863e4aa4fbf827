"""Private messages: best effort, since Reddit has merged them into its chat. Only people who wrote to us first are written to."""

from collections.abc import Iterator
from datetime import datetime

from domain.errors import ChannelError, PermanentError, RetryableError
from domain.replies import SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.reddit import wire
from listener.channels.reddit.client import RedditClient
from listener.channels.reddit.markdown import read_markdown, write_markdown
from listener.channels.reddit.reading import MESSAGE, WWW, fullname, read_author
from listener.channels.reddit.refusals import explain_errors
from listener.channels.reddit.sending import CLOCK_SKEW, PAGES, comparable, write_body

SUBJECT_LIMIT = 100
INBOX_PAGES = 3
"""How far back a message of theirs is looked for: 300 entries of our inbox."""


def wrote_first(client: RedditClient, target: SendTarget) -> bool:
    """Tell whether the author of ``target`` has written us a private message: then an answer is no unasked contact."""
    if target.external_id.startswith(MESSAGE):
        return True
    for message in _messages(client, "message/inbox/", pages=INBOX_PAGES):
        author = read_author(message)
        if author and target.author_external_id in {author.external_id, f"u/{author.handle.lower()}"}:
            return True
    return False


def send_message(client: RedditClient, request: SendRequest) -> SentPost:
    """Write to the author of the target. Raises as ``Channel.direct_message``; ``dm_not_first`` when they never wrote to us."""
    body = write_body(request, Visibility.DM)
    if not wrote_first(client, request.target):
        message = "This person has not written to us in private: we do not begin."
        raise PermanentError(message, code="dm_not_first", remedy="Answer in public.")
    subject = request.target.platform_data.get("subject", "")
    about = subject if subject.lower().startswith("re:") else f"re: {subject or 'your message'}"
    answer = client.send("api/compose/", to=request.target.author_handle, subject=about[:SUBJECT_LIMIT], text=body)
    if error := explain_errors(answer):
        raise error
    return _look_up(client, request)


def find_message(client: RedditClient, request: SendRequest) -> SentPost | None:
    """Look for our message with this text since its approval; None when we wrote nothing to the person since then.

    Raises ``RetryableError`` when we wrote another text: a person must look whether it is this message.
    """
    words = comparable(read_markdown(write_markdown(request.text)))
    to = request.target.author_handle.lower()
    since = request.approved_at - CLOCK_SKEW
    wrote_other = False
    for message in _messages(client, "message/sent/", pages=PAGES, since=since, whole=True):
        if wire.text(message, "dest").lower().removeprefix("u/") != to:
            continue
        if comparable(read_markdown(wire.text(message, "body"))) == words:
            name = fullname(message, MESSAGE)
            return SentPost(external_id=name, url=f"{WWW}/message/messages/{name.removeprefix(MESSAGE)}")
        wrote_other = True
    if wrote_other:
        raise RetryableError(
            "We cannot tell whether our message is among those we sent.", code="not_found_yet", remedy="Look by hand."
        )
    return None


def _look_up(client: RedditClient, request: SendRequest) -> SentPost:
    """Return the message just accepted: Reddit's answer does not name it. That it was accepted is sure, found or not."""
    try:
        found = find_message(client, request)
    except ChannelError:
        found = None
    return found or SentPost(external_id=f"accepted:{request.idempotency_key}", url=f"{WWW}/message/sent/")


def _messages(
    client: RedditClient, path: str, *, pages: int, since: datetime | None = None, whole: bool = False
) -> Iterator[object]:
    """Yield messages, newest first, back to ``since``. With ``whole``, not reaching the end is a ``RetryableError``."""
    after = ""
    for _ in range(pages):
        at = {"after": after} if after else {}
        answer = client.read_listing(path, mark="false", limit=100, **at)
        for child in wire.items(answer, "data", "children"):
            message = wire.part(child, "data")
            created = wire.moment(message, "created_utc")
            if since is not None and created is not None and created < since:
                return
            if wire.text(child, "kind") == "t4":
                yield message
        after = wire.text(answer, "data", "after")
        if not after:
            return
    if whole:
        raise RetryableError("Too many messages to search through.", code="not_found_yet", remedy="Look by hand.")
