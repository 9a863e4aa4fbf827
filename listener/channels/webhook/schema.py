"""What is said over the wire, in both directions. ``docs/reference/webhook.schema.json`` is made from these models.

Fields nobody knows are ignored, so that a sender may say more than we read.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MOST_EVENTS = 1000
"""In one call."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Times before it are mistakes (an empty field read as 1970)."""

PLAIN = r"^[^\x00-\x1f\x7f]+$"
PLAIN_OR_EMPTY = r"^[^\x00-\x1f\x7f]*$"
EventId = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[!-~]+$")]
MessageId = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=PLAIN)]
OtherId = Annotated[str, StringConstraints(max_length=512, pattern=PLAIN_OR_EMPTY)]
Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^$|^https?://[^\s\x00-\x1f\x7f]+$")]
CustomName = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9_.-]+$")]
CustomValue = Annotated[str, StringConstraints(max_length=500)]


class Said(BaseModel):
    """Anything on the wire. Frozen; a number is not taken for a text, nor a text for a number."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class MessageAuthor(Said):
    """Who wrote a message."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=PLAIN)] = Field(
        description="Stable id of the person at the sender, never reused."
    )
    name: str = Field("", max_length=200, description="Name as shown.")
    handle: str = Field("", max_length=200, description="Short name; empty: the name, else the id.")
    url: Address = Field("", description="The person's page.")


class Attachment(Said):
    """A file that came with a message. It is named in the text, never fetched or stored."""

    name: str = Field(min_length=1, max_length=200, description="File name.")
    type: str = Field("", max_length=100, description="Media type, such as image/png.")
    url: Address = Field("", description="Where the sender keeps it.")


class Message(Said):
    """One message, comment or review, whole."""

    id: MessageId = Field(description="Stable id of the message, unique within the account, never used again.")
    thread_id: OtherId = Field(
        "",
        description="Id of the conversation; empty: private ones by author, others by parent_id, else one of its own.",
    )
    parent_id: OtherId = Field("", description="Id of the message it answers.")
    author: MessageAuthor = Field(description="Who wrote it.")
    text: str = Field(max_length=100_000, description="Plain text, no markup; may be empty.")
    language: str = Field("", max_length=16, description="BCP 47 tag such as ja, where known; a hint.")
    created_at: AwareDatetime = Field(description="When it was written: ISO 8601 with a zone, not before 1990.")
    url: Address = Field("", description="Where people open it; needed to answer by hand there.")
    visibility: Literal["public", "private"] = Field(
        "public", description="private: only its author and the shop read it; it is never answered in public."
    )
    private_reply: bool | None = Field(
        None, description="Whether the author can be written to in private; null: yes for private ones, else unknown."
    )
    rating: int | None = Field(None, ge=1, le=5, description="Stars, 1 to 5: the message is a review.")
    attachments: tuple[Attachment, ...] = Field((), max_length=20, fail_fast=True, description="Files, named only.")
    custom: dict[CustomName, CustomValue] = Field(
        default_factory=dict, max_length=20, description="Texts of the sender's own; they come back with the reply."
    )


class DeletedMessage(Said):
    """Which message is gone."""

    id: MessageId = Field(description="Id of the message.")


class MessageCreated(Said):
    """Somebody wrote."""

    id: EventId = Field(description="Id of this event: the same when it is sent again, another for every other event.")
    type: Literal["message.created"] = Field(description="message.created")
    message: Message = Field(description="The message.")


class MessageEdited(Said):
    """A message reads differently now. It is sent whole."""

    id: EventId = Field(description="Id of this event; not that of the creation.")
    type: Literal["message.edited"] = Field(description="message.edited")
    message: Message = Field(description="The message as it is now, whole. Only its text is taken over.")


class MessageDeleted(Said):
    """A message was taken away: its text is blanked, its drafts are voided, replies that have not left are cancelled."""

    id: EventId = Field(description="Id of this event; not that of the creation.")
    type: Literal["message.deleted"] = Field(description="message.deleted")
    message: DeletedMessage = Field(description="Which one.")


Event = Annotated[MessageCreated | MessageEdited | MessageDeleted, Field(discriminator="type")]


class Call(Said):
    """The body of a call to us. One event alone, and a list of events, are taken too."""

    events: list[Event] = Field(
        min_length=1, max_length=MOST_EVENTS, description="In the order in which they happened."
    )


class ReplyAuthor(Said):
    """Whom a reply is for."""

    id: str = Field(description="As it came with the message.")
    handle: str = Field(description="As it came with the message; without one the name, else the id.")


class Reply(Said):
    """An approved reply."""

    id: str = Field(
        description="Equal to the header webhook-id: drop a reply whose id was there before, and answer 409."
    )
    visibility: Literal["public", "private"] = Field(description="private: for the author's eyes only.")
    text: str = Field(description="Exactly as approved; plain text.")
    language: str = Field(description="ja, en or other.")
    message_id: str = Field(description="The message it answers.")
    thread_id: str = Field(description="As it came with the message; may be empty.")
    author: ReplyAuthor = Field(description="Who wrote that message.")
    url: str = Field(description="As it came with the message; may be empty.")
    custom: dict[str, str] = Field(description="As it came with the message.")


class ReplyCall(Said):
    """The body of our call that brings a reply."""

    type: Literal["reply.created"] = Field("reply.created", description="reply.created")
    timestamp: AwareDatetime = Field(description="When the reply was approved.")
    reply: Reply = Field(description="The reply.")


class PingCall(Said):
    """The body of our call that only asks whether calls arrive; answer 2xx and do nothing."""

    type: Literal["ping"] = Field("ping", description="ping")
    timestamp: AwareDatetime = Field(description="Now.")


class Accepted(Said):
    """What the other side may answer to a reply, with 2xx or 409. Any other body with 2xx is as good as none."""

    id: OtherId = Field("", description="Id of the reply at the other side.")
    url: Address = Field("", description="Where people open it.")


class Status(Said):
    """The answer at the status address: 200 with accepted, 404 with unknown. Anything else tells nothing."""

    state: Literal["accepted", "unknown"] = Field(description="Whether the reply with this webhook-id was accepted.")
    id: OtherId = Field("", description="Id of the reply at the other side.")
    url: Address = Field("", description="Where people open it.")
