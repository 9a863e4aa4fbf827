"""How often drafts cited each entry of the brands' books, lately."""

from collections import Counter
from typing import Final

from sqlalchemy import select

from storage.database import Transaction
from storage.models import Draft

LATEST_DRAFTS: Final = 2_000
"""How far back is counted: what is read must not grow with what is stored."""

Cited = Counter[tuple[str, str]]
"""By kind (``faq``, ``policy``, ``known_issue``) and id.."""


def count_citations(tx: Transaction) -> Cited:
    """Return how many mentions among those of the latest drafts had an option that cites each entry."""
    newest = select(Draft.mention_id, Draft.citations).where(Draft.workspace_id == tx.workspace_id)
    rows = tx.session.execute(newest.order_by(Draft.id.desc()).limit(LATEST_DRAFTS))
    seen = {
        (row.mention_id, str(cited.get("kind", "")), str(cited.get("reference", "")))
        for row in rows
        for cited in row.citations
        if isinstance(cited, dict)
    }
    return Counter((kind, reference) for _mention, kind, reference in seen)
