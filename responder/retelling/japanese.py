"""Japanese posts."""

from collections.abc import Mapping

from domain.words import Intent


def retell_japanese(text: str, intent: Intent) -> Mapping[str, str]:  # noqa: ARG001 - nothing is read yet
    """Return the clauses of ``text``: see ``retell``."""
    return {}
