"""Our channel on YouTube: who it is, and what is read of it."""

import threading
from dataclasses import dataclass

from domain.errors import PermanentError, RetryableError
from listener.channels.youtube import wire
from listener.channels.youtube.client import Client
from listener.channels.youtube.options import YouTubeOptions
from listener.channels.youtube.refusals import HOW_TO_SIGN_IN, NO_CHANNEL

IDS_AT_ONCE = 50
"""Ids in one question, as YouTube allows."""


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who we are."""

    id: str
    """``UC…``."""
    handle: str = ""
    """Without ``@``; empty when it is not known."""
    title: str = ""


class Account:
    """Our channel. Asks who it is at the first call that needs it. Thread-safe."""

    def __init__(self, options: YouTubeOptions, *, client: Client) -> None:
        self.options = options
        self.client = client
        self._lock = threading.Lock()
        self._me: Me | None = None

    @property
    def me(self) -> Me:
        """Who we are. With an API key this is what the settings say: nobody is asked. Raises as every network method."""
        with self._lock:
            if self._me is None:
                self._me = self._ask_who() if self.options.can_write else Me(id=self.options.channel)
            return self._me

    def describe(self) -> str:
        """Check credentials and rights, and say in one line who we are, what is read, and what it costs."""
        me = self._ask_who()
        self.client.list("commentThreads", part="id", allThreadsRelatedToChannelId=me.id, maxResults=1)
        options, videos = self.options, self._describe_videos()
        used = self.client.meter.used()
        questions = 1 + len(options.videos) * max(1, len(options.search))
        said = [
            f"{me.title or me.id} (@{me.handle or '?'}, {me.id}) on YouTube",
            videos,
            "replies: yes" if options.can_write else "replies: no, an API key only reads",
            f"units today: {used.read} of {options.daily_units} for reading, {used.sent} for replies",
            f"a quiet poll takes {questions}",
        ]
        return " ".join("; ".join(said).split())

    def _ask_who(self) -> Me:
        options = self.options
        if options.can_write:
            found = self.client.list("channels", part="snippet", mine="true")
        else:
            found = self.client.list("channels", part="snippet", id=options.channel)
        mine = found.items[0] if found.items else None
        me = Me(
            id=wire.text(mine, "id"),
            handle=wire.text(mine, "snippet", "customUrl").removeprefix("@"),
            title=wire.text(mine, "snippet", "title"),
        )
        if mine is None and not options.can_write:
            raise PermanentError(
                f"There is no channel {options.channel}.", code="no_channel", remedy="Check options.channel."
            )
        if mine is None:
            raise PermanentError(NO_CHANNEL.message, code=NO_CHANNEL.code, remedy=NO_CHANNEL.remedy)
        if not me.id:
            raise RetryableError("YouTube's answer about our channel makes no sense.", code="no_answer")
        if options.channel and me.id != options.channel:
            raise PermanentError(
                f"The token belongs to the channel {me.id}.",
                code="other_account",
                remedy=f"Choose the right channel when you sign in. {HOW_TO_SIGN_IN}",
            )
        return me

    def _describe_videos(self) -> str:
        videos = self.options.videos
        if not videos:
            return "reads the comments on its videos"
        there: set[str] = set()
        for start in range(0, len(videos), IDS_AT_ONCE):
            found = self.client.list("videos", part="id", id=",".join(videos[start : start + IDS_AT_ONCE]))
            there |= {wire.text(item, "id") for item in found.items}
        missing = [video for video in videos if video not in there]
        said = f"reads the comments on its videos and on others' videos: {len(videos) - len(missing)}"
        return f"{said}; not there: {', '.join(missing)}" if missing else said
