"""What a fake YouTube knows: people with channels, videos, comments in threads of one level."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from domain.clock import FixedClock


@dataclass(eq=False)
class Person:
    """Somebody with a channel."""

    id: str
    handle: str
    title: str
    has_channel: bool = True
    is_closed: bool = False

    @property
    def shown_name(self) -> str:
        """What stands above a comment: the handle, or in old data the title."""
        return f"@{self.handle}" if self.handle else self.title


@dataclass(eq=False)
class Video:
    """One video."""

    id: str
    owner: Person
    has_comments: bool = True
    """False: its owner switched them off."""


@dataclass(eq=False)
class Comment:
    """One comment; a reply names the top-level one as its parent."""

    id: str
    author: Person
    video: Video
    text: str
    published_at: datetime
    updated_at: datetime
    parent: "Comment | None" = None
    likes: int = 0
    is_held: bool = False
    """Waits for the video's owner to let it through."""
    takes_replies: bool = True
    has_author: bool = True
    """False: the author's channel is gone."""
    shown_text: str = ""
    """What others are shown where YouTube changed it; empty: the text."""


@dataclass
class World:
    """All of it. Each post is a second younger than the one before."""

    clock: FixedClock
    people: dict[str, Person] = field(default_factory=dict)
    videos: dict[str, Video] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    pinned: Comment | None = None

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._last = self.clock.now() - timedelta(hours=1)

    def tick(self) -> datetime:
        """Return the moment of the next thing that happens, in whole seconds as YouTube tells them."""
        self._last = max(self._last + timedelta(seconds=1), (self.clock.now() - timedelta(hours=1))).replace(
            microsecond=0
        )
        return self._last

    def person(self, handle: str) -> Person:
        """Return the person with this handle; makes one when there is none."""
        if handle not in self.people:
            self.people[handle] = Person(id=f"UC{handle:x<22}"[:24], handle=handle, title=handle.title())
        return self.people[handle]

    def video(self, owner: Person, video_id: str = "") -> Video:
        """Add a video."""
        video = Video(id=video_id or f"vid{next(self._numbers):08d}", owner=owner)
        self.videos[video.id] = video
        return video

    def add(
        self, author: Person, text: str, *, video: Video, parent: Comment | None = None, at: datetime | None = None
    ) -> Comment:
        """Add a comment, or a reply in the thread of ``parent``."""
        top = parent.parent or parent if parent else None
        number = next(self._numbers)
        comment_id = f"{top.id}.9{number:06d}" if top else f"Ugx{number:018d}AaABAg"
        moment = at or self.tick()
        comment = Comment(
            id=comment_id, author=author, video=video, text=text, published_at=moment, updated_at=moment, parent=top
        )
        self.comments[comment_id] = comment
        return comment

    def edit(self, comment: Comment, text: str) -> None:
        """Let its author change a comment."""
        comment.text, comment.updated_at = text, self.tick()

    def delete(self, comment_id: str) -> None:
        """Take a comment away, and its thread with it."""
        gone = self.comments.pop(comment_id)
        for reply in [one for one in self.comments.values() if one.parent is gone]:
            del self.comments[reply.id]

    def threads(self, videos: list[Video]) -> list[Comment]:
        """Return the published top-level comments of ``videos``, newest first; a pinned one stands in front."""
        found = [
            one
            for one in self.comments.values()
            if one.parent is None and not one.is_held and one.video in videos and one.video.has_comments
        ]
        return sorted(found, key=lambda one: (one is self.pinned, one.published_at), reverse=True)

    def replies(self, top: Comment) -> list[Comment]:
        """Return the published replies of a thread, newest first."""
        found = [one for one in self.comments.values() if one.parent is top and not one.is_held]
        return sorted(found, key=lambda one: one.published_at, reverse=True)
