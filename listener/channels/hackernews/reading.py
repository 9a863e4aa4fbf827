"""What the search finds, turned into mentions. Anything may be missing or of another type."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind
from listener.html_text import read_html
from listener.terms import Terms

SITE = "https://news.ycombinator.com"
SHORTENED_LINK = re.compile(r"""<a href="([^"<>]+)"[^<>]*>[^<>]*\.\.\.</a>""")
"""Long addresses are cut where they are shown; the whole one stands behind."""
LATEST = 253_402_300_799
"""The last second of the year 9999: no time lies behind it."""


class Hit(BaseModel):
    """One story or comment, as far as it is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    objectID: str  # noqa: N815 - the search's own name
    created_at_i: int = Field(ge=0, le=LATEST)
    """Seconds since 1970."""
    author: str
    title: str | None = None
    url: str | None = None
    story_text: str | None = None
    comment_text: str | None = None
    story_id: int | None = None
    story_title: str | None = None
    story_url: str | None = None
    parent_id: int | None = None

    @property
    def is_comment(self) -> bool:
        """True for a comment; else a story."""
        return self.comment_text is not None

    @property
    def text(self) -> str:
        """The post as its author means it."""
        if self.comment_text is not None:
            return _read(self.comment_text)
        # A title carries entities but no markup: a tag in it is meant to be read.
        title = html.unescape(self.title or "")
        body = _read(self.story_text or "")
        return f"{title}\n\n{body}" if title and body else title or body


class Found(BaseModel):
    """One answer of the search."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hits: list[object]


ONE_HIT = TypeAdapter(Hit)
SAID = ("title", "story_text", "comment_text")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one answer of the search holds."""

    count: int
    """All hits, also those that nobody reads."""
    hits: tuple[Hit, ...]
    """Those that can be read, in the order of the search."""
    unreadable: tuple[str, ...]
    """What the others are known by, without those whose author took them away."""


def read_answer(answer: object) -> Answer | None:
    """Return what ``answer`` holds; None when it is no answer of the search."""
    try:
        found = Found.model_validate(answer)
    except ValidationError:
        return None
    read = [(hit, _read_hit(hit)) for hit in found.hits]
    unreadable = [_known_by(raw) for raw, hit in read if hit is None and not _is_taken_away(raw)]
    return Answer(count=len(read), hits=tuple(hit for _, hit in read if hit is not None), unreadable=tuple(unreadable))


def is_for_us(hit: Hit, terms: Terms, *, whole_threads: bool) -> bool:
    """Tell whether ``hit`` names a term itself; the search also finds posts by their author, their story or a similar word."""
    own = [hit.text] if hit.is_comment else [hit.text, hit.url or ""]
    story = [hit.story_title or "", hit.story_url or ""] if whole_threads and hit.is_comment else []
    return any(terms.named_in(said) for said in (*own, *story) if said)


def read_mentions(hits: Sequence[Hit]) -> tuple[IncomingMention, ...]:
    """Return ``hits`` as mentions, oldest first."""
    return tuple(_read_mention(hit) for hit in sorted(hits, key=lambda one: (one.created_at_i, int(one.objectID))))


def _read_hit(raw: object) -> Hit | None:
    try:
        hit = ONE_HIT.validate_python(raw)
    except ValidationError:
        return None
    return hit if hit.objectID.isascii() and hit.objectID.isdecimal() and hit.author and hit.text else None


def _is_taken_away(raw: object) -> bool:
    """Tell whether a post has no author or no text any more: the search says so with null, it does not leave them out."""
    if not isinstance(raw, Mapping):
        return False
    said = [raw[name] for name in SAID if name in raw]
    return ("author" in raw and raw["author"] is None) or (bool(said) and not any(said))


def _known_by(raw: object) -> str:
    """Return the id of a hit that cannot be read, else all of it."""
    number = raw.get("objectID") if isinstance(raw, Mapping) else None
    return number if isinstance(number, str) else json.dumps(raw)


def _read_mention(hit: Hit) -> IncomingMention:
    about = {"link": hit.url} if hit.url and not hit.is_comment else {}
    about |= {"story_title": html.unescape(hit.story_title)} if hit.story_title and hit.is_comment else {}
    return IncomingMention(
        external_id=hit.objectID,
        kind=MentionKind.COMMENT if hit.is_comment else MentionKind.POST,
        text=hit.text,
        author=IncomingAuthor(external_id=hit.author, handle=hit.author, url=f"{SITE}/user?id={hit.author}"),
        created_at=datetime.fromtimestamp(hit.created_at_i, UTC),
        engagement=Engagement.POSTED,
        thread_external_id=str(hit.story_id) if hit.is_comment and hit.story_id else "",
        parent_external_id=str(hit.parent_id) if hit.is_comment and hit.parent_id else "",
        url=f"{SITE}/item?id={hit.objectID}",
        platform_data=about,
    )


def _read(markup: str) -> str:
    return read_html(SHORTENED_LINK.sub(lambda link: link.group(1), markup))
