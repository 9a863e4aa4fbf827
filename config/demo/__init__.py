"""The demo shop: its prose under ``brand/``, and the script of what people write about it.

``script.jsonl`` is a post a line: two weeks before the demo starts, then a slow live trickle. ``expect`` says what a person
would label it by the guideline; only tests and figures read that.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from domain.errors import ConfigError, Place, require_aware
from domain.words import Engagement, Intent, MentionKind, Topic, Urgency

SCRIPT = "script.jsonl"
STARS = range(1, 6)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoAuthor:
    """Who writes. Invented, like everything here."""

    external_id: str
    handle: str
    display_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What a person labels it. Never shown to a classifier."""

    intent: Intent
    topic: Topic
    constructive: bool | None
    urgency: Urgency


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoPost:
    """One line of the script."""

    external_id: str
    offset: timedelta
    """From the start of the demo; negative in the past."""
    author: DemoAuthor
    kind: MentionKind
    engagement: Engagement
    text: str
    language: str
    """BCP 47, as a platform would hint."""
    thread_external_id: str
    """Empty: it starts its own thread."""
    parent_external_id: str
    rating: int | None
    """1-5 stars, reviews only."""
    expect: Expectation

    def moment(self, begun: datetime) -> datetime:
        """Return when it is posted in a demo that began at ``begun`` (aware)."""
        return require_aware(begun) + self.offset


def demo_script() -> tuple[DemoPost, ...]:
    """Return the posts of the demo in the order in which they are posted. Raises ``ConfigError`` naming the line."""
    return parse_script((files("config.demo") / SCRIPT).read_text(encoding="utf-8").splitlines())


def parse_script(lines: Iterable[str]) -> tuple[DemoPost, ...]:
    """Return the posts that the lines describe, in the order of time. Raises ``ConfigError`` naming the line."""
    posts: dict[str, DemoPost] = {}
    for number, line in enumerate(lines, start=1):
        try:
            post = _read_post(json.loads(line))
            _check_post(post, posts)
        except (KeyError, TypeError, ValueError) as error:
            said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            place = Place(file=SCRIPT, line=number)
            raise ConfigError(f"{said}.", place=place, remedy="Correct the line.") from None
        posts[post.external_id] = post
    return tuple(sorted(posts.values(), key=lambda post: post.offset))


def _read_post(said: Mapping[str, Any]) -> DemoPost:
    author, expect = said["author"], said["expect"]
    return DemoPost(
        external_id=said["external_id"],
        offset=_read_offset(said),
        author=DemoAuthor(**author),
        kind=MentionKind(said["kind"]),
        engagement=Engagement(said["engagement"]),
        text=said["text"],
        language=said["language"],
        thread_external_id=said.get("thread_external_id", ""),
        parent_external_id=said.get("parent_external_id", ""),
        rating=said.get("rating"),
        expect=Expectation(
            intent=Intent(expect["intent"]),
            topic=Topic(expect["topic"]),
            constructive=expect["constructive"],
            urgency=Urgency(expect["urgency"]),
        ),
    )


def _read_offset(said: Mapping[str, Any]) -> timedelta:
    if ("at_minutes_before" in said) == ("after_seconds" in said):
        msg = "give either 'at_minutes_before' or 'after_seconds'"
        raise ValueError(msg)
    if "after_seconds" in said:
        return timedelta(seconds=said["after_seconds"])
    return -timedelta(minutes=said["at_minutes_before"])


def _check_post(post: DemoPost, earlier: Mapping[str, DemoPost]) -> None:
    """Raise ``ValueError`` for what no platform would show."""
    wrong = {
        "the id is taken": post.external_id in earlier,
        "there is no text": not post.text.strip(),
        "a thread needs an earlier post": any(
            named and (named not in earlier or earlier[named].offset >= post.offset)
            for named in (post.thread_external_id, post.parent_external_id)
        ),
        "stars belong to reviews, 1 to 5": (post.rating in STARS) != (post.kind is MentionKind.REVIEW),
        "only complaints are constructive or not": (post.expect.intent is Intent.COMPLAINT)
        != (post.expect.constructive is not None),
    }
    for said, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(said)
