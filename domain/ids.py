"""Typed identities of our own rows. All are positive integers given by the database."""

from typing import NewType

WorkspaceId = NewType("WorkspaceId", int)
UserId = NewType("UserId", int)
BrandId = NewType("BrandId", int)
ChannelAccountId = NewType("ChannelAccountId", int)
AuthorId = NewType("AuthorId", int)
ConversationId = NewType("ConversationId", int)
MentionId = NewType("MentionId", int)
ClassificationId = NewType("ClassificationId", int)
DraftId = NewType("DraftId", int)
DraftRevisionId = NewType("DraftRevisionId", int)
ReviewId = NewType("ReviewId", int)
ReplyId = NewType("ReplyId", int)
DeliveryId = NewType("DeliveryId", int)
AlertId = NewType("AlertId", int)
DigestId = NewType("DigestId", int)
