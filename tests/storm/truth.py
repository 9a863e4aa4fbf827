"""What must be stored in the end."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Truth:
    """Kept by whoever makes the posts."""

    texts: dict[str, str] = field(default_factory=dict)
    """By external id, as they stand last."""
    deleted: dict[str, datetime] = field(default_factory=dict)
    """When."""
    out_of_reach: set[str] = field(default_factory=set)
    """Deleted before anybody could have read them: no list they stood in was shown meanwhile."""
