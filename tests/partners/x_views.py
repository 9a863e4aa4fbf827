"""How X shows posts, people and messages: its escapes, short links, long notes, and two generations of names."""

import hashlib
from dataclasses import dataclass
from typing import Any

from tests.partners.x_world import LINK, Message, Person, Post, XWorld, weigh


@dataclass(frozen=True)
class Names:
    """What things are called. X renamed them in 2026."""

    fields: str
    references: str
    history: str
    note: str
    posts: str
    count: str
    total: str
    problems: str
    always: frozenset[str]
    """Fields of a post that come unasked."""
    askable: frozenset[str]


SHARED = frozenset({"id", "text", "created_at", "conversation_id", "entities", "lang", "reply_settings"})
TWEETS = Names(
    "tweet.fields", "referenced_tweets", "edit_history_tweet_ids", "note_tweet", "tweets", "tweet_count",
    "total_tweet_count", "https://api.twitter.com/2/problems", frozenset({"id", "text", "edit_history_tweet_ids"}),
    SHARED | {"author_id", "in_reply_to_user_id", "referenced_tweets", "note_tweet", "edit_history_tweet_ids"},
)  # fmt: skip
POSTS = Names(
    "post.fields", "referenced_posts", "edit_history_post_ids", "note_post", "posts", "post_count",
    "total_post_count", "https://api.x.com/2/problems", frozenset({"id", "text", "edit_history_post_ids"}),
    SHARED | {"note_post"},
)  # fmt: skip
RELATIONS = frozenset({"author_id", "in_reply_to_user_id", "referenced_posts"})


class Views:
    """Shows what is in ``world``."""

    def __init__(self, world: XWorld, names: Names) -> None:
        self._world = world
        self._names = names

    def post(self, post: Post, fields: set[str], expansions: set[str]) -> dict[str, Any]:
        """Return a post with the fields asked for."""
        names = self._names
        text, entities = self._text(post.text, post)
        whole: dict[str, Any] = {
            "id": post.id,
            "text": text,
            names.history: post.history,
            "author_id": post.author,
            "created_at": post.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "conversation_id": post.conversation_id,
            "lang": post.lang,
            "reply_settings": post.reply_settings,
            "entities": entities,
        }
        references = {"replied_to": post.replied_to, "quoted": post.quoted, "retweeted": post.retweeted}
        if any(references.values()):
            whole[names.references] = [{"type": kind, "id": one} for kind, one in references.items() if one]
        parent = self._world.posts.get(post.replied_to)
        if parent is not None:
            whole["in_reply_to_user_id"] = parent.author
        if weigh(post.text) > 280:
            whole[names.note] = {"text": text, "entities": entities}
            whole["text"] = text[:139] + "…"
            whole["entities"] = {}
        shown = names.always | fields | (expansions & RELATIONS)
        return {name: value for name, value in whole.items() if name in shown}

    def along(self, posts: list[Post], expansions: set[str]) -> dict[str, Any]:
        """Return ``includes``: the people, and with the new names the posts that were referred to."""
        people = {post.author for post in posts} if "author_id" in expansions else set()
        parents = [self._world.posts[post.replied_to] for post in posts if post.replied_to in self._world.posts]
        includes: dict[str, Any] = {}
        if "in_reply_to_user_id" in expansions:
            people |= {parent.author for parent in parents}
        if "referenced_posts" in expansions and parents:
            includes["posts"] = [
                self.post(parent, set(), set()) for parent in {one.id: one for one in parents}.values()
            ]
        if people:
            includes["users"] = [self.person(self._world.people[one]) for one in sorted(people)]
        return includes

    def person(self, person: Person) -> dict[str, Any]:
        """Return a profile."""
        return {
            "id": person.id,
            "username": person.username,
            "name": person.name,
            "protected": person.protected,
            "receives_your_dm": person.receives_dm,
        }

    def message(self, message: Message) -> dict[str, Any]:
        """Return a message event."""
        text, entities = self._text(message.text)
        return {
            "id": message.id,
            "event_type": "MessageCreate",
            "text": text,
            "sender_id": message.sender,
            "dm_conversation_id": message.conversation_id,
            "created_at": message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "entities": entities,
        }

    def problem(self, kind: str, detail: str, *, post_id: str = "") -> dict[str, Any]:
        """Return a problem; with ``post_id`` one that comes in an answer of success."""
        made = {
            "type": kind if kind == "about:blank" else f"{self._names.problems}/{kind}",
            "title": kind,
            "detail": detail,
        }
        if post_id:
            made |= {"resource_type": "post", "resource_id": post_id, "value": post_id, "parameter": "ids"}
        return made

    def _text(self, text: str, post: Post | None = None) -> tuple[str, dict[str, Any]]:
        """Return the text as X writes it, and its entities."""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        urls = []
        for link in LINK.findall(escaped):
            short = f"https://t.co/{hashlib.sha256(link.encode()).hexdigest()[:10]}"
            start = escaped.index(link)
            escaped = escaped.replace(link, short, 1)
            plain = link.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            urls.append({"start": start, "end": start + len(short), "url": short, "expanded_url": plain})
        if post is not None and post.quoted in self._world.posts:
            quoted = self._world.posts[post.quoted]
            address = f"https://twitter.com/{self._world.people[quoted.author].username}/status/{quoted.id}"
            short = f"https://t.co/q{quoted.id[-9:]}"
            urls.append({"start": len(escaped) + 1, "end": len(escaped) + 24, "url": short, "expanded_url": address})
            escaped = f"{escaped} {short}"
        mentions = []
        for person_id in post.mentions if post else []:
            username = self._world.people[person_id].username
            start = max(escaped.find(f"@{username}"), 0)
            mentions.append({"start": start, "end": start + len(username) + 1, "username": username, "id": person_id})
        entities = {"urls": urls, "mentions": mentions}
        return escaped, {name: found for name, found in entities.items() if found}
