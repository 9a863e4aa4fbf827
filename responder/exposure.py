"""A customer's own details in a public post: they are asked kindly to take it down, and the approver is told.

The wordings are in ``config/playbooks/words/exposure.toml``, one list a language, for every playbook.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from config.playbook import Move, Playbook, Wording
from domain.cases import Case
from domain.words import Purpose, Risk, Visibility
from responder.checks.privacy import shows_number, shows_personal_data
from responder.wordlists import read_words

EXPOSED = "exposed_own"
MOVE = "exposure"
ASKS = re.compile(r"投稿[^。]{0,12}(?:削除|消して)|\b(?:delete|remove|take down)\b[^.]{0,20}\bposts?\b", re.IGNORECASE)
LAST_MOVES = frozenset({"close", "sign"})


def exposes_own(case: Case) -> bool:
    """Return whether its post shows the writer's order number, phone number, address or mail address to everybody.

    A shop's own number stands in posts, too: what is no number of an order counts only where the label says that it is theirs.
    """
    if Visibility.PUBLIC not in case.visibilities or case.purpose is not Purpose.ANSWER:
        return False
    plain = unicodedata.normalize("NFKC", case.text)
    return shows_number(plain) or (Risk.PERSONAL_DATA in case.prediction.risks and shows_personal_data(plain))


def add_request(playbook: Playbook) -> Playbook:
    """Return the playbook with the request as an optional move, behind what is said of the matter; as it is, if it asks already."""
    moves = playbook.moves
    if any(ASKS.search(wording.text) for move in moves for wording in move.wordings):
        return playbook
    place = next((place for place, move in enumerate(moves) if move.move in LAST_MOVES), len(moves))
    wordings = load_requests()[playbook.language]
    request = Move(move=MOVE, optional=True, when=("public", EXPOSED), wordings=wordings)
    return playbook.model_copy(update={"moves": (*moves[:place], request, *moves[place:])})


@cache
def load_requests() -> Mapping[str, tuple[Wording, ...]]:
    """Return the wordings of each language."""
    return {
        language: tuple(Wording(id=f"{MOVE}/{MOVE}/{number}", text=said) for number, said in enumerate(texts, start=1))
        for language, texts in read_words("exposure")["requests"].items()
    }
