"""Which of a page's reviews are customers' answers in a thread: WooCommerce lists them alike, WordPress knows their parents."""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from domain.errors import PermanentError
from listener.channels.woocommerce.client import Client
from listener.channels.woocommerce.reading import Place, Review
from listener.wire import whole

log = structlog.get_logger(__name__)

DEEPEST: Final = 10
"""WordPress' own limit of levels."""
AT_ONCE: Final = 100


def find_places(client: Client, reviews: Sequence[Review]) -> dict[int, Place]:
    """Return the places of those of ``reviews`` that answer something. A review with stars never does, so it is not asked about.

    Where WordPress does not tell, everything is a review: nothing is held up. Raises ``RetryableError``.
    """
    asked = {one.id for one in reviews if one.rating is None}
    parents: dict[int, int] = {}
    wanted = sorted(asked)
    try:
        for _ in range(DEEPEST):
            if not wanted:
                break
            for start in range(0, len(wanted), AT_ONCE):
                parents |= _ask_parents(client, wanted[start : start + AT_ONCE])
            wanted = sorted({parent for parent in parents.values() if parent and parent not in parents})
    except PermanentError as error:
        log.warning("review_threads_unknown", code=error.code)
        return {}
    return {one: Place(parent=parents[one], root=_root(one, parents)) for one in asked if parents.get(one)}


def _ask_parents(client: Client, ids: Sequence[int]) -> dict[int, int]:
    """Return the parent of each of ``ids``, 0 for none and for those that WordPress does not know."""
    parameters: dict[str, str | int] = {
        "include": ",".join(map(str, ids)),
        "type": "all",
        "status": "all",
        "per_page": AT_ONCE,
        "_fields": "id,parent",
    }
    found = client.ask_wordpress("/comments", parameters).body
    told = {whole(one, "id"): whole(one, "parent") for one in (found if isinstance(found, list) else [])}
    return {one: told.get(one) or 0 for one in ids}


def _root(review: int, parents: Mapping[int, int]) -> int:
    met = {review}
    while (parent := parents.get(review, 0)) and parent not in met:
        met.add(parent)
        review = parent
    return review
