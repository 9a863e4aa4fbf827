"""English posts."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from domain.words import Intent
from responder.retelling.english_asking import find_asked, open_questions
from responder.retelling.english_clauses import read_runs
from responder.retelling.english_joys import open_praise
from responder.retelling.english_telling import tell
from responder.retelling.english_words import read_vocabulary
from responder.thing import is_attempt

LONGEST_POST: Final = 3000
MOST_RUNS: Final = 200
"""No honest post has more; a hostile one costs no more."""
OPENED: Final[Mapping[Intent, Callable[[str], str]]] = {Intent.QUESTION: open_questions, Intent.PRAISE: open_praise}
"""What takes away the words that only lead in."""


def retell_english(text: str, intent: Intent) -> Mapping[str, str]:
    """Return the clauses of ``text``: see ``retell``."""
    if is_attempt(text, "en"):
        return {}
    vocabulary = read_vocabulary()
    said = text[:LONGEST_POST]
    if intent in OPENED:
        said = OPENED[intent](said)
    runs = tuple(islice(read_runs(said, vocabulary), MOST_RUNS))
    if intent is Intent.COMPLAINT:
        found = {"matter": tell(runs, vocabulary, is_praise=False)}
    elif intent is Intent.PRAISE:
        found = {"told": tell(runs, vocabulary, is_praise=True)}
    elif intent is Intent.QUESTION:
        found = {"asked": find_asked(runs, vocabulary)}
    else:
        found = {}
    return {name: said for name, said in found.items() if said}
