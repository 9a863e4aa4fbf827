"""The tables. Import models from here."""

from storage.models.base import Base, Claimable, UtcDateTime, WorkspaceScoped
from storage.models.customers import Customer, CustomerLink, CustomerNote, OptOut, Purchase, ShopAccount
from storage.models.following import FaqGap, FollowUp, Survey, Testimonial
from storage.models.guards import add_guards
from storage.models.listening import (
    AccountHour,
    Author,
    ChannelAccount,
    Conversation,
    EarlyDeletion,
    Mention,
    MentionRevision,
    MentionSketch,
    PollRecord,
    WebhookParcel,
)
from storage.models.people import SignInFailure, SignInLink, User, UserSession, Workspace
from storage.models.replying import Classification, Delivery, Draft, DraftRevision, Reply, Review
from storage.models.reporting import Alert, AuditEvent, Digest, Lease, LiveEvent

__all__ = [
    "AccountHour",
    "Alert",
    "AuditEvent",
    "Author",
    "Base",
    "ChannelAccount",
    "Claimable",
    "Classification",
    "Conversation",
    "Customer",
    "CustomerLink",
    "CustomerNote",
    "Delivery",
    "Digest",
    "Draft",
    "DraftRevision",
    "EarlyDeletion",
    "FaqGap",
    "FollowUp",
    "Lease",
    "LiveEvent",
    "Mention",
    "MentionRevision",
    "MentionSketch",
    "OptOut",
    "PollRecord",
    "Purchase",
    "Reply",
    "Review",
    "ShopAccount",
    "SignInFailure",
    "SignInLink",
    "Survey",
    "Testimonial",
    "User",
    "UserSession",
    "UtcDateTime",
    "WebhookParcel",
    "Workspace",
    "WorkspaceScoped",
]

add_guards(Base.metadata)
