"""Answering: a reply or a message, sent once; and looking for one that may have been sent.

X knows no key of ours. A doubt is settled by our own posts: the one that answers the target since the approval.
"""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.measuring import drop_links, has_link, measure_text
from listener.channels.x.meter import Meter
from listener.channels.x.reading import (
    MESSAGE_FIELDS,
    MESSAGE_PREFIX,
    POST_FIELDS,
    PREFIX,
    Ourselves,
    read_text,
    referenced,
)

CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far X's clock may be behind ours."""
PAGES: Final = 10
OWN_POSTS: Final = 100
OWN_MESSAGES: Final = 20


class Sender:
    """Writes as our account. Keeps nothing."""

    def __init__(self, client: XClient, meter: Meter) -> None:
        self._client = client
        self._meter = meter

    def reply(self, request: SendRequest) -> SentPost:
        """Answer in public. Raises as ``Channel.reply``."""
        check_length(request, Visibility.PUBLIC)
        target = answered_id(request.target)
        prices = self._meter.prices
        price = prices.reply_with_link if has_link(request.text) else prices.reply
        answer = self._send("create_tweet", price=price, text=request.text, in_reply_to_tweet_id=target)
        post_id = answers.text(answer, "data", "id")
        if not post_id:
            raise SendUncertainError("X's answer to a send names no post.", code="no_answer")
        return _sent_post(post_id)

    def message(self, request: SendRequest) -> SentPost:
        """Write to the author of the target. Raises as ``Channel.direct_message``."""
        check_length(request, Visibility.DM)
        person, price = _path_id(request.target.author_external_id), self._meter.prices.message
        answer = self._send("create_direct_message", price=price, participant_id=person, text=request.text)
        event_id = answers.text(answer, "data", "dm_event_id")
        if not event_id:
            raise SendUncertainError("X's answer to a send names no message.", code="no_answer")
        return _sent_message(event_id, answers.text(answer, "data", "dm_conversation_id"))

    def find_reply(self, request: SendRequest, us: Ourselves) -> SentPost | None:
        """Look through our posts since the approval; None when none of them answers the target.

        Raises ``RetryableError`` when one does with another text: a person must look whether it is this reply.
        """
        targets = {request.target.external_id, request.target.platform_data.get("post_id", "")} - {""}
        since = request.approved_at - CLOCK_SKEW
        token, other = "", False
        for _ in range(PAGES):
            at = {"pagination_token": token} if token else {}
            answer = self._client.read_list(
                "get_users_tweets", us.id, **at, start_time=since, exclude=["retweets"],
                tweet_fields=list(POST_FIELDS), max_results=OWN_POSTS,
            )  # fmt: skip
            posts = answers.items(answer, "data")
            self._meter.owe(self._meter.bill_posts(answer, price=self._meter.own_post))
            for post in (post for post in posts if referenced(post, "replied_to") in targets):
                if _is_text(request.text, read_text(post)):
                    return _sent_post(answers.text(post, "id"))
                other = True
            token = answers.text(answer, "meta", "next_token")
            if not token:
                break
        if token or other:
            raise _cannot_tell("our reply is among our posts")
        return None

    def find_message(self, request: SendRequest, us: Ourselves) -> SentPost | None:
        """Look for our own message with this text since its approval; None when we wrote nothing to that person since.

        Raises ``RetryableError`` when we wrote another text: a person must look whether it is this message.
        """
        since = request.approved_at - CLOCK_SKEW
        token, other = "", False
        for _ in range(PAGES):
            try:
                answer = self._read_conversation(request.target.author_external_id, token)
            except PermanentError as error:
                if error.code == "not_found" and not token:  # no conversation yet
                    return None
                raise
            events = answers.items(answer, "data")
            recent = [event for event in events if _sent_at(event) >= since]
            for event in (event for event in recent if answers.text(event, "sender_id") == us.id):
                if _is_text(request.text, read_text(event)):
                    return _sent_message(answers.text(event, "id"), answers.text(event, "dm_conversation_id"))
                other = True
            token = answers.text(answer, "meta", "next_token") if len(recent) == len(events) else ""
            if not token:
                break
        if token or other:
            raise _cannot_tell("our message is among those to this person")
        return None

    def _read_conversation(self, person: str, token: str) -> object:
        at = {"pagination_token": token} if token else {}
        answer = self._client.read_list(
            "get_direct_message_events", participant_id=_path_id(person), **at,
            event_types="MessageCreate", dm_event_fields=list(MESSAGE_FIELDS), max_results=OWN_MESSAGES,
        )  # fmt: skip
        self._meter.owe(self._meter.bill_messages(answer))
        return answer

    def _send(self, call: str, *, price: float, **params: str) -> object:
        """Send once. A doubtful send is charged, too: it may stand."""
        try:
            answer = self._client.send(call, **params)
        except SendUncertainError:
            self._meter.owe(price)
            raise
        self._meter.owe(price)
        return answer


def answered_id(target: SendTarget) -> str:
    """Return the id to answer: the newest version of an edited post. Raises ``PermanentError`` for what is no post."""
    found = target.platform_data.get("post_id", "") or target.external_id
    if not answers.is_id(found):
        raise PermanentError(
            "This is no post that can be answered in public.", code="not_a_post", remedy="Answer in a message."
        )
    return found


def check_length(request: SendRequest, visibility: Visibility) -> None:
    """Raise ``PermanentError`` for a text that X would not take."""
    measure = measure_text(request.text, visibility)
    if not request.text.strip() or not measure.fits:
        message = f"The text has {measure.length} of {measure.limit} characters."
        raise PermanentError(message, code="too_long" if measure.length else "empty", remedy="Change the text.")


def _is_text(ours: str, found: str) -> bool:
    """Tell whether ``found`` is ``ours`` as X shows it: handles before it, links rewritten, blanks at the ends gone."""
    shown, written = ({_plain(text), _plain(PREFIX.sub("", text, count=1))} for text in (found, ours))
    return not shown.isdisjoint(written - {""})


def _plain(text: str) -> str:
    return " ".join(drop_links(unicodedata.normalize("NFC", text)).split())


def _sent_at(event: object) -> datetime:
    return answers.moment(event, "created_at") or datetime.max.replace(tzinfo=UTC)


def _cannot_tell(what: str) -> RetryableError:
    return RetryableError(f"We cannot tell whether {what}.", code="not_found_yet", remedy="Look on X by hand.")


def _path_id(person: str) -> str:
    if not answers.is_id(person):
        raise PermanentError("This is no person on X.", code="no_person", remedy="Answer in public.")
    return person


def _sent_post(post_id: str) -> SentPost:
    return SentPost(external_id=post_id, url=f"https://x.com/i/status/{post_id}")


def _sent_message(event_id: str, conversation: str) -> SentPost:
    url = f"https://x.com/messages/{conversation}" if conversation else ""
    return SentPost(external_id=f"{MESSAGE_PREFIX}{event_id}", url=url)
