"""An answer with posts, turned into a batch: billed, and with the beginners of its conversations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.errors import ChannelError
from domain.mentions import IncomingMention
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.memory import Memory
from listener.channels.x.meter import Meter
from listener.channels.x.reading import Ourselves, read_post, read_users
from listener.intake import ROOT_AUTHOR


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a source."""

    mentions: tuple[IncomingMention, ...]
    token: str
    """Continues it; empty at the end."""
    ids: tuple[int, ...] = ()
    """Of all entries X listed, ours and others', in any order."""
    requests: int = 1
    cost_usd: float = 0.0


class PostReader:
    """Turns an answer with posts into a batch, bills it, and finds out who began their conversations."""

    def __init__(self, client: XClient, *, us: Ourselves, memory: Memory, meter: Meter) -> None:
        self._client = client
        self._us = us
        self._memory = memory
        self._meter = meter

    def read(self, answer: object, *, price: float) -> Batch:
        """Return the batch that ``answer`` holds, oldest first; each post costs ``price``."""
        posts, users = answers.items(answer, "data"), read_users(answer)
        cost = self._meter.bill_posts(answer, price=price)
        try:
            mentions = [mention for post in posts if (mention := read_post(post, users, self._us))]
        except ChannelError:
            self._meter.owe(cost)  # X bills what we cannot read, too
            raise
        roots, requests, more_cost = self._find_roots(posts, mentions)
        placed = [_with_root(mention, roots.get(mention.thread_external_id, "")) for mention in mentions]
        return Batch(
            mentions=tuple(sorted(placed, key=lambda mention: mention.created_at)),
            token=answers.text(answer, "meta", "next_token"),
            ids=tuple(answers.number(post, "id") for post in posts),
            requests=1 + requests,
            cost_usd=cost + more_cost,
        )

    def _find_roots(
        self, posts: Sequence[object], mentions: Iterable[IncomingMention]
    ) -> tuple[dict[str, str], int, float]:
        """Return who began each conversation, the requests it took and their cost.

        Below a post of ours every person is a case of their own, so it matters; most posts tell it by themselves.
        """
        told = {
            answers.text(post, "conversation_id"): author
            for post in posts
            if (author := _told_root(post)) and answers.text(post, "conversation_id")
        }
        self._memory.learn_roots(told)
        asked = dict.fromkeys(one.thread_external_id for one in mentions if one.thread_external_id not in told)
        known = told | self._memory.roots(list(asked))
        unknown = [one for one in asked if one not in known and answers.is_id(one)]
        if not unknown:
            return known, 0, 0.0
        try:
            answer = self._client.look_up(unknown[:100], tweet_fields=["author_id"])
        except ChannelError:
            return known, 1, 0.0  # only the grouping suffers; asked again with the next post there
        found = {answers.text(post, "id"): answers.text(post, "author_id") for post in answers.items(answer, "data")}
        learned = {one: found.get(one, "") for one in unknown[:100]}
        self._memory.learn_roots(learned)
        return known | learned, 1, self._meter.bill_posts(answer, price=self._meter.prices.post_read)


def _told_root(post: object) -> str:
    """Return who began a post's conversation, as far as the post itself tells: its author, or whom it answers."""
    conversation = answers.text(post, "conversation_id")
    history = answers.items(post, "edit_history_tweet_ids") or answers.items(post, "edit_history_post_ids")
    if conversation == answers.text(post, "id") or conversation in history:
        return answers.text(post, "author_id")
    references = answers.items(post, "referenced_tweets") or answers.items(post, "referenced_posts")
    answered = (answers.text(one, "id") for one in references if answers.text(one, "type") == "replied_to")
    return answers.text(post, "in_reply_to_user_id") if conversation in answered else ""


def _with_root(mention: IncomingMention, author: str) -> IncomingMention:
    if not author:
        return mention
    return replace(mention, platform_data={**mention.platform_data, ROOT_AUTHOR: author})
