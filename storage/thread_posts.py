"""The posts of one conversation: those from outside, with what they quote, and our replies."""

from sqlalchemy import func, select

from domain.lifecycle import DeliveryState
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, Conversation, Delivery, Mention, Reply, User
from storage.quoted_posts import read_quoted
from storage.thread_shapes import QuotedPost, ThreadPost

POSTS_SHOWN = 60


def read_posts(tx: Transaction, conversation: Conversation, lead_id: int) -> tuple[tuple[ThreadPost, ...], int]:
    """Return the newest posts and our replies, oldest first, the post being answered among them; and how many older there are."""
    newest = (
        select(Mention, Author)
        .join(Author, Author.id == Mention.author_id)
        .where(Mention.conversation_id == conversation.id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(POSTS_SHOWN)
    )
    mentions = [*tx.session.execute(of_ours(newest))]
    full = len(mentions) == POSTS_SHOWN
    if lead_id and not any(mention.id == lead_id for mention, _ in mentions):
        lead = select(Mention, Author).join(Author, Author.id == Mention.author_id).where(Mention.id == lead_id)
        mentions += tx.session.execute(of_ours(lead)).all()
    quoted = read_quoted(tx, [mention for mention, _ in mentions])
    posts = [_mention_post(mention, author, lead_id, quoted[mention.id]) for mention, author in mentions]
    total = len(posts)
    if full:
        counted = select(func.count()).select_from(Mention).where(Mention.conversation_id == conversation.id)
        total = tx.session.scalar(of_ours(counted)) or total
    hidden = total - len(posts)
    posts += _own_posts(tx, conversation.id)
    return tuple(sorted(posts, key=lambda post: (post.at, post.own))), hidden


def _mention_post(mention: Mention, author: Author, lead_id: int, quoted: tuple[QuotedPost, ...]) -> ThreadPost:
    return ThreadPost(
        own=False,
        mention_id=mention.id,
        author_name=author.display_name or author.handle,
        author_handle=author.handle,
        author_url=author.url,
        text=mention.text,
        language=mention.language_hint,
        at=mention.created_at,
        url=mention.url,
        lead=mention.id == lead_id,
        gone=mention.gone_at is not None,
        forgotten=mention.forgotten_at is not None,
        rating=mention.rating,
        quoted=quoted,
    )


def _own_posts(tx: Transaction, conversation_id: int) -> list[ThreadPost]:
    sent = (
        select(Reply, Delivery, User.display_name)
        .join(Delivery, Delivery.reply_id == Reply.id)
        .join(User, User.id == Delivery.approved_by)
        .where(Reply.conversation_id == conversation_id, Delivery.state != DeliveryState.CANCELLED)
        .order_by(Delivery.id.desc())
        .limit(POSTS_SHOWN)
    )
    return [
        ThreadPost(
            own=True,
            mention_id=delivery.mention_id,
            author_name=approver,
            author_handle="",
            author_url="",
            text=reply.text,
            language=reply.language,
            at=delivery.sent_at or delivery.approved_at,
            url=delivery.url,
            visibility=reply.visibility,
            delivery_state=delivery.state,
        )
        for reply, delivery, approver in tx.session.execute(of_ours(sent))
    ]
