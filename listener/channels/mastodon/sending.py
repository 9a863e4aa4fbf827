"""Answering: one status, with the author's name in front, under the request's idempotency key; and finding it again.

Servers remember a key for an hour at most, and some never do. So after a doubt nothing but our own statuses tells whether a
reply is there.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

import regex

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest, SentPost
from domain.words import Language, Visibility
from listener.channels.mastodon import wire
from listener.channels.mastodon.account import Account
from listener.channels.mastodon.lengths import HANDLE, HANDLE_ANYWHERE, count
from listener.channels.mastodon.reading import DIRECT, read_content

WIDEST_FIRST: Final = ("public", "unlisted", "private", DIRECT)
CLOCK_SKEW = timedelta(minutes=2)
"""How far the server's clock may be behind ours."""
PAGE, PAGES = 40, 10
"""How far back our own statuses are looked through."""


@dataclass(frozen=True, kw_only=True)
class _Composed:
    """A status ready to be sent."""

    text: str
    visibility: str
    parent_id: str


def send_status(account: Account, request: SendRequest, visibility: Visibility) -> SentPost:
    """Answer ``request.target`` in public or in private. Raises as ``Channel.reply``."""
    composed = _compose(account, request, visibility)
    language = None if request.language is Language.OTHER else str(request.language)
    answer = account.client.ask(
        lambda api: api.status_post(
            composed.text,
            in_reply_to_id=composed.parent_id,
            visibility=composed.visibility,
            language=language,
            idempotency_key=request.idempotency_key,
        ),
        sends=True,
    )
    if not wire.text(answer, "id"):
        raise SendUncertainError("The server's answer to a send names no post.", code="no_answer")
    return _sent(answer)


def find_status(account: Account, request: SendRequest, visibility: Visibility) -> SentPost | None:
    """Look through our own statuses since the approval for the one of ``request``; None when it surely is not there."""
    since = request.approved_at - CLOCK_SKEW
    own_id = account.me.id
    position: str | None = None
    for _ in range(PAGES):
        statuses = _own_statuses(account, own_id, position)
        for status in statuses:
            created_at = wire.moment(status, "created_at")
            if created_at is not None and created_at < since:
                return None
            if _is_of(account, request, visibility, status):
                return _sent(status)
        position = wire.text(statuses[-1], "id") if statuses else ""
        if not position:
            return None
    raise RetryableError("We posted too much since to search through.", code="not_found_yet", remedy="Look by hand.")


def find_target(account: Account, status_id: str) -> object | None:
    """Return a status as it stands now; None when it cannot be read."""
    try:
        found = account.client.ask(lambda api: api.status(quote(status_id, safe="")))
    except PermanentError as error:
        if error.code == "gone":
            return None
        raise
    if wire.text(found, "id") != status_id:
        raise RetryableError("The server's answer makes no sense.", code="no_answer")
    return found


def narrow(wanted: str, answered: str) -> str:
    """Return the narrower of two visibilities: an answer is never seen by more people than what it answers.

    What other software calls by names of its own counts as seen by followers only.
    """
    known = answered if answered in WIDEST_FIRST else "private"
    return max(wanted, known, key=WIDEST_FIRST.index)


def _compose(account: Account, request: SendRequest, visibility: Visibility) -> _Composed:
    """Return what to send. Raises ``PermanentError`` for what may not leave."""
    _check_characters(request.text)
    target = find_target(account, request.target.external_id)
    if target is None:
        raise PermanentError("The post is not there any more.", code="gone")
    answered = wire.text(target, "visibility")
    if visibility is Visibility.PUBLIC and answered == DIRECT:
        raise PermanentError(
            "A private message is never answered in public.", code="private", remedy="Answer by direct message."
        )
    handle = wire.text(target, "account", "acct")
    if not handle or wire.text(target, "account", "id") != request.target.author_external_id:
        raise PermanentError(
            "The post is not by the person we answer.", code="wrong_author", remedy="Look at the post."
        )
    text = _address(request.text, handle)
    if visibility is Visibility.DM:
        own = account.me.handle
        _check_nobody_else(text, allowed=(handle, f"{handle}@{account.host}", own, f"{own}@{account.host}"))
    length, limit = count(text, account.limits), account.limits.max_characters
    if length > limit:
        message = f"With @{handle} in front the text has {length} of {limit} characters."
        raise PermanentError(message, code="too_long", remedy="Shorten it.")
    wanted = DIRECT if visibility is Visibility.DM else account.options.reply_visibility
    return _Composed(text=text, visibility=narrow(wanted, answered), parent_id=request.target.external_id)


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PermanentError("The text has broken characters.", code="broken_text", remedy="Type it anew.") from None
    if not text.strip():
        raise PermanentError("The text is empty.", code="empty", remedy="Write something.")


def _address(text: str, handle: str) -> str:
    """Put the author's name in front, unless it stands there: only whoever is named is told of an answer."""
    named = regex.match(rf"@{regex.escape(handle)}(?![\w@.-])", text, flags=regex.IGNORECASE)
    return text if named else f"@{handle} {text}"


def _check_nobody_else(text: str, *, allowed: tuple[str, ...]) -> None:
    """Refuse a private message that names others: everybody named in it would get it."""
    named = {found.group().lower() for found in HANDLE_ANYWHERE.finditer(text)}
    if others := sorted(named - {f"@{handle}".lower() for handle in allowed}):
        raise PermanentError(
            f"Everybody named in a private message gets it: {', '.join(others)}.",
            code="names_others",
            remedy="Write the name without @.",
        )


def _own_statuses(account: Account, own_id: str, position: str | None) -> list[object]:
    return account.client.ask_list(
        lambda api: api.account_statuses(own_id, exclude_reblogs=True, max_id=position, limit=PAGE)
    )


def _is_of(account: Account, request: SendRequest, visibility: Visibility, status: object) -> bool:
    """Tell whether a status of ours is the one of ``request``: answers the same post, as privately, in the same words.

    When a post is deleted the server forgets its id in our answer, and keeps only whose it was.
    """
    answered = wire.text(status, "in_reply_to_id")
    is_orphan = not answered and wire.text(status, "in_reply_to_account_id") == request.target.author_external_id
    is_private = wire.text(status, "visibility") == DIRECT
    if not (is_orphan or answered == request.target.external_id) or is_private is not (visibility is Visibility.DM):
        return False
    if not _has_words(account, status, request.text):
        return False
    # The same words may have answered another post of the same person, deleted while this one stands.
    return not is_orphan or find_target(account, request.target.external_id) is None


def _has_words(account: Account, status: object, text: str) -> bool:
    wanted = _bare(text)
    if _bare(read_content(wire.text(status, "content"))) == wanted:
        return True
    # Rendering changes words (short addresses, other software's markup): the source is what we sent.
    try:
        source = account.client.ask(lambda api: api.status_source(quote(wire.text(status, "id"), safe="")))
    except PermanentError as error:
        if error.code == "gone" and find_target(account, wire.text(status, "id")) is None:
            return False
        raise RetryableError(
            "An answer of ours stands there whose words the server does not tell.",
            code="cannot_tell",
            remedy="Look by hand.",
        ) from None
    return _bare(wire.text(source, "text")) == wanted


def _bare(text: str) -> str:
    """Return a text without what a server may change: names in front, the servers of names, white space."""
    local = HANDLE.sub(r"@\1", text)
    return "".join(regex.sub(r"\A(?:\s*@[\w.-]+)+", "", local).split())


def _sent(status: object) -> SentPost:
    return SentPost(external_id=wire.text(status, "id"), url=wire.address(status, "url") or wire.address(status, "uri"))
