"""Answering in public: one comment, sent once. Reddit knows no key of ours: a doubt is settled by looking for our own words
under the very post they answer, among our account's comments and in the thread itself.
"""

from collections.abc import Iterator
from datetime import timedelta

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import Measure, SendRequest, SentPost
from domain.words import Visibility
from listener.channels.reddit import wire
from listener.channels.reddit.client import RedditClient, require_listing
from listener.channels.reddit.markdown import read_markdown, write_markdown
from listener.channels.reddit.reading import COMMENT, POST, fullname, link_of, permalink
from listener.channels.reddit.refusals import explain_errors

LIMITS = {Visibility.PUBLIC: 10_000, Visibility.DM: 10_000}
"""Characters of the body, marks included."""
CLOCK_SKEW = timedelta(minutes=2)
"""How far Reddit's clock may be behind ours."""
PAGES = 10
"""A listing ends after a thousand entries."""


def measure_text(text: str, visibility: Visibility) -> Measure:
    """Count the characters of the body as it is sent: signs that Reddit would take for marks count twice."""
    return Measure(length=len(write_markdown(text)), limit=LIMITS[visibility])


def write_body(request: SendRequest, visibility: Visibility) -> str:
    """Return the body to send. Raises ``PermanentError`` for a text that Reddit would not take."""
    measure = measure_text(request.text, visibility)
    if not request.text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write one.")
    if not measure.fits:
        message = f"The text has {measure.length} of {measure.limit} characters."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")
    if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in request.text):
        raise PermanentError("The text holds signs that no post can.", code="bad_text", remedy="Change the text.")
    return write_markdown(request.text)


def send_reply(client: RedditClient, request: SendRequest) -> SentPost:
    """Answer ``request.target`` in public. Raises as ``Channel.reply``."""
    body = write_body(request, Visibility.PUBLIC)
    target = request.target.external_id
    if not target.startswith((COMMENT, POST)):
        message = "A private message cannot be answered in public."
        raise PermanentError(message, code="private", remedy="Answer it in private.")
    answer = client.send("api/comment/", thing_id=target, text=body)
    if error := explain_errors(answer):
        raise error
    things = wire.items(answer, "json", "data", "things")
    sent = _as_sent(wire.part(things[0], "data")) if things else None
    if sent is None:
        # Reddit accepts and shows nothing where our account has not opened a quarantined subreddit yet.
        raise SendUncertainError("Reddit's answer to a send names no comment.", code="no_answer")
    return sent


def find_own_reply(client: RedditClient, request: SendRequest) -> SentPost | None:
    """Look for our comment of ``request``. None when neither our account's comments since the approval nor the thread hold it.

    Raises ``RetryableError`` when one of them cannot be looked at; a thread that is not there any more holds nothing.
    """
    words = comparable(read_markdown(write_markdown(request.text)))
    target = request.target.external_id
    for comment in _own_comments(client, request):
        if wire.text(comment, "parent_id") == target and _says(comment, words):
            return _as_sent(comment)
    for comment in _answers_to(client, request):
        if wire.text(comment, "author_fullname") == client.own.external_id and _says(comment, words):
            return _as_sent(comment)
    return None


def comparable(text: str) -> str:
    """Return ``text`` without what Reddit changes when it stores it: spaces and the ends of lines."""
    return " ".join(text.split())


def _says(comment: object, words: str) -> bool:
    return comparable(read_markdown(wire.text(comment, "body"))) == words


def _own_comments(client: RedditClient, request: SendRequest) -> Iterator[object]:
    """Yield our account's comments since the approval, newest first."""
    since = request.approved_at - CLOCK_SKEW
    after = ""
    for _ in range(PAGES):
        at = {"after": after} if after else {}
        answer = client.read_listing(f"user/{client.own.name}/comments", sort="new", limit=100, **at)
        for child in wire.items(answer, "data", "children"):
            comment = wire.part(child, "data")
            created = wire.moment(comment, "created_utc")
            if created is not None and created < since:
                return
            yield comment
        after = wire.text(answer, "data", "after")
        if not after:
            return
    raise RetryableError(
        "Our account wrote too much since to search through.", code="not_found_yet", remedy="Look by hand."
    )


def _answers_to(client: RedditClient, request: SendRequest) -> Iterator[object]:
    """Yield the direct answers to the target as its thread shows them: our account's own list may lag behind."""
    target = request.target.external_id
    link_id = _thread_of(client, request)
    at: dict[str, str | int] = (
        {"comment": target.removeprefix(COMMENT), "context": 0} if target.startswith(COMMENT) else {}
    )
    try:
        answer = client.read(f"comments/{link_id.removeprefix(POST)}/", sort="new", depth=2, limit=500, **at)
    except PermanentError as error:
        if error.code == "not_found":
            return  # the thread is gone: our account's own list has said what there is
        raise _thread_unseen() from error
    comments = answer[1] if isinstance(answer, list) and len(answer) > 1 else None  # before it stands the post
    require_listing(comments)
    for child in wire.items(comments, "data", "children"):
        shown = wire.part(child, "data")
        below = wire.items(shown, "replies", "data", "children")
        for comment in (shown, *(wire.part(one, "data") for one in below)):
            if wire.text(comment, "parent_id") == target:
                yield comment


def _thread_of(client: RedditClient, request: SendRequest) -> str:
    """Return the id of the post that the target stands under. Mentions from feeds may not name it: then Reddit is asked."""
    target = request.target.external_id
    told = target if target.startswith(POST) else request.target.platform_data.get("link_id", "")
    link_id = told or link_of(client.find_things([target]).things.get(target))
    if not link_id:
        raise _thread_unseen()
    return link_id


def _thread_unseen() -> RetryableError:
    return RetryableError("The thread cannot be searched for our reply.", code="not_found_yet", remedy="Look by hand.")


def _as_sent(comment: object) -> SentPost | None:
    name = fullname(comment, COMMENT)
    if not name:
        return None
    link_id = link_of(comment).removeprefix(POST)
    plain = f"https://www.reddit.com/comments/{link_id}/_/{name.removeprefix(COMMENT)}/" if link_id else ""
    return SentPost(external_id=name, url=permalink(comment) or plain)
