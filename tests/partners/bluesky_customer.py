"""People on the Bluesky network of the tests, acting through the SDK's own high-level client, not through our channel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from atproto_client import Client, models
from atproto_client.exceptions import BadRequestError
from atproto_client.utils import TextBuilder


@dataclass(frozen=True, kw_only=True)
class PublicPost:
    """A post as a reader sees it."""

    uri: str
    cid: str
    text: str
    author_did: str
    author_handle: str
    links: tuple[str, ...] = ()
    mentioned_dids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReceivedMessage:
    """A direct message somebody sent to this person."""

    text: str
    sender_did: str


class Customer:
    """One account. Whatever it writes is visible to everybody when the method returns."""

    def __init__(
        self,
        *,
        client: Client,
        handle: str,
        display_name: str,
        password: str,
        chat_did: str,
        settle: Callable[[], None],
    ) -> None:
        self.handle = handle
        self.display_name = display_name
        self.password = password
        self.client: Any = client
        self.did: str = client.me.did if client.me else ""
        self._chat: Any = client.with_proxy("bsky_chat", chat_did)
        self._settle = settle

    def app_password(self, *, direct_messages: bool = True) -> str:
        """Make an app password, with or without the right to direct messages."""
        made = self.client.com.atproto.server.create_app_password(
            models.ComAtprotoServerCreateAppPassword.Data(
                name=f"kikite {direct_messages} {len(self._passwords())}", privileged=direct_messages
            )
        )
        return str(made.password)

    def revoke_app_passwords(self) -> None:
        """Take back every app password: their sessions end."""
        for name in self._passwords():
            self.client.com.atproto.server.revoke_app_password(models.ComAtprotoServerRevokeAppPassword.Data(name=name))

    def _passwords(self) -> list[str]:
        return [str(one.name) for one in self.client.com.atproto.server.list_app_passwords().passwords]

    def post(self, text: str, *, mention: "Customer | None" = None, languages: Sequence[str] = ()) -> PublicPost:
        """Post ``text``; with ``mention``, "@handle " stands before it as a real mention."""
        return self._publish(self._compose(text, mention), languages=languages)

    def post_mentioning(self, text: str, other: "Customer") -> PublicPost:
        """Post exactly ``text``; its first character is the mention, as an app allows that links names."""
        return self._publish(self._hide_mention(text, other))

    def reply(self, uri: str, text: str, *, mention: "Customer | None" = None) -> PublicPost:
        """Answer the post ``uri``, whoever wrote it; the text stays as it is."""
        parent = self._view(uri)
        reference = models.create_strong_ref(parent)
        root = parent.record.reply.root if parent.record.reply else reference
        place = models.AppBskyFeedPost.ReplyRef(parent=reference, root=root)
        builder = self._hide_mention(text, mention) if mention else TextBuilder().text(text)
        return self._publish(builder, reply_to=place)

    def quote(self, uri: str, text: str) -> PublicPost:
        """Quote the post ``uri``."""
        quoted = models.create_strong_ref(self._view(uri))
        return self._publish(TextBuilder().text(text), embed=models.AppBskyEmbedRecord.Main(record=quoted))

    def like(self, uri: str) -> None:
        """Like the post ``uri``."""
        self.client.like(uri, self._view(uri).cid)
        self._settle()

    def delete(self, uri: str) -> None:
        """Delete one's own post."""
        self.client.delete_post(uri)
        self._settle()

    def follow(self, other: "Customer") -> None:
        """Follow somebody: by default, only people one follows may write a direct message."""
        self.client.follow(other.did)
        self._settle()

    def block(self, other: "Customer") -> None:
        """Block somebody."""
        record = models.AppBskyGraphBlock.Record(created_at=self.client.get_current_time_iso(), subject=other.did)
        self.client.app.bsky.graph.block.create(self.did, record)
        self._settle()

    def allow_messages(self, whose: str) -> None:
        """Set the inbox: ``all``, ``following`` or ``none``."""
        self._put("chat.bsky.actor.declaration", "self", {"allowIncoming": whose})

    def allow_no_replies(self, uri: str) -> None:
        """Close one's own post for replies."""
        self._put("app.bsky.feed.threadgate", uri.rsplit("/", 1)[1], {"post": uri, "allow": []})

    def _put(self, collection: str, rkey: str, fields: dict[str, Any]) -> None:
        record = {"$type": collection, "createdAt": self.client.get_current_time_iso(), **fields}
        self.client.com.atproto.repo.put_record(
            {"repo": self.did, "collection": collection, "rkey": rkey, "record": record}
        )
        self._settle()

    def read(self, uri: str) -> PublicPost:
        """Read any post as a person sees it. Raises ``LookupError`` when it is not there."""
        return _public(self._view(uri))

    def replies_to(self, uri: str) -> list[PublicPost]:
        """Read the direct replies under a post, oldest first."""
        self._settle()
        thread = self.client.get_post_thread(uri, depth=1).thread
        posts = [reply.post for reply in thread.replies or []]
        return [_public(post) for post in sorted(posts, key=lambda post: str(post.record.created_at))]

    def posts(self) -> list[PublicPost]:
        """Read one's own posts and replies, newest first."""
        self._settle()
        return [_public(item.post) for item in self.client.get_author_feed(self.did, limit=100).feed]

    def send_message(self, other: "Customer", text: str) -> None:
        """Write a direct message."""
        convo = self._chat.chat.bsky.convo.get_convo_for_members({"members": [other.did]}).convo
        self._chat.chat.bsky.convo.send_message({"convo_id": convo.id, "message": {"text": text}})

    def messages(self) -> list[ReceivedMessage]:
        """Read every direct message others sent, oldest first."""
        found: list[tuple[str, ReceivedMessage]] = []
        for convo in self._chat.chat.bsky.convo.list_convos().convos:
            listed = self._chat.chat.bsky.convo.get_messages({"convo_id": convo.id, "limit": 100}).messages
            found += [
                (one.rev, ReceivedMessage(text=one.text, sender_did=one.sender.did))
                for one in listed
                if one.sender.did != self.did
            ]
        return [message for _, message in sorted(found, key=lambda pair: pair[0])]

    def close(self) -> None:
        """Give back the connections."""
        self.client.request.close()
        self._chat.request.close()

    def _compose(self, text: str, mention: "Customer | None") -> TextBuilder:
        builder = TextBuilder()
        if mention is not None:
            builder.mention(f"@{mention.handle}", mention.did).text(" ")
        return builder.text(text)

    def _hide_mention(self, text: str, other: "Customer") -> TextBuilder:
        return TextBuilder().mention(text[:1], other.did).text(text[1:])

    def _publish(self, builder: TextBuilder, *, languages: Sequence[str] = (), **parts: Any) -> PublicPost:  # noqa: ANN401 - the SDK's own parts of a post
        made = self.client.send_post(builder, langs=list(languages) or None, **parts)
        return self.read(made.uri)

    def _view(self, uri: str) -> Any:  # noqa: ANN401 - the SDK carries no types
        self._settle()
        try:
            found = self.client.get_posts([uri]).posts
        except BadRequestError as error:
            raise LookupError(uri) from error
        if not found:
            raise LookupError(uri)
        return found[0]


def _public(post: Any) -> PublicPost:  # noqa: ANN401 - the SDK carries no types
    features = [feature for facet in post.record.facets or [] for feature in facet.features]
    return PublicPost(
        uri=post.uri,
        cid=post.cid,
        text=post.record.text,
        author_did=post.author.did,
        author_handle=post.author.handle,
        links=tuple(feature.uri for feature in features if hasattr(feature, "uri")),
        mentioned_dids=tuple(feature.did for feature in features if hasattr(feature, "did")),
        tags=tuple(feature.tag for feature in features if hasattr(feature, "tag")),
        languages=tuple(post.record.langs or ()),
    )
