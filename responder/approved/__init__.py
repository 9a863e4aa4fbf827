"""What was approved in earlier cases: found by the customer's post, shown to approvers, told again where no fact of theirs is in it."""

from responder.approved.memory import Asked, EarlierCase, Memory, Recall
from responder.approved.retelling import ApprovedDrafter

__all__ = ["ApprovedDrafter", "Asked", "EarlierCase", "Memory", "Recall"]
