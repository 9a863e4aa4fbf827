"""What a thing did when it went wrong, or what was done to it."""

from typing import Final

from responder.retelling.english_excluding import BODIES
from responder.retelling.english_signs import LIKELY, NEGATIONS, SURE, count_signs
from responder.retelling.english_statements import Statement
from responder.retelling.english_words import Vocabulary

FEWEST_WORDS: Final = 5
FEWEST_IN_STATE: Final = 3
"""Behind "was": "green inside when I opened it"."""
FIGURATIVE: Final = frozenset(["wallet", "wallets", "heart", "patience", "purse"])
OWN: Final = frozenset(["mine", "yours", "ours", "theirs"])
INSIDE: Final = frozenset(["it", "them", "inside"])
PLANNED: Final = frozenset(["scheduled", "booked", "due", "promised"])
DONE_BY_THINGS: Final = frozenset(
    ["had", "went", "opened", "got", "rang", "returned", "found", "received", "sent", "asked", "cancelled"]
)
SAYING: Final = frozenset(["says", "said", "say", "shows", "showed", "reads", "told", "tells"])
WORN_OUT: Final = frozenset(["after", "within"])
"""Behind "went": "the zip went after three wears"."""
TIME_TAKEN: Final = frozenset(["up", "rn", "ru"])
UNNAMED_LESS: Final = 0.3
"""What is called "it" tells less."""


def judge_thing(statement: Statement, vocabulary: Vocabulary) -> float:
    """Return how well it tells what a thing, or one of theirs or ours, did or suffered; 0 where it does not."""
    if not _is_of_thing(statement, vocabulary) or _is_other(statement):
        return 0.0
    behind = statement.head + 1
    signs = count_signs(statement.words[behind:], statement.kinds[behind:], vocabulary)
    verb = statement.words[statement.verb]
    if signs:
        is_quoting = verb in SAYING and statement.rest[:1] == ("not",)
        return 0.0 if is_quoting else SURE + 0.2 * min(signs, 3)
    return LIKELY if verb not in SAYING and _is_mishap(statement, vocabulary) else 0.0


def _is_of_thing(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether the subject is a thing, or somebody of whom this may be said."""
    head, second = statement.words[statement.head], statement.words[1]
    if (
        statement.kinds[statement.head] not in "np"
        or _is_elsewhere(statement.words)
        or head in FIGURATIVE
        or vocabulary.is_of(head, "headless")
    ):
        return False
    is_joined = "c" in statement.kinds[: statement.verb] and vocabulary.is_of(second, "turns")
    if is_joined or OWN & set(statement.subject):
        return False
    if _is_doing_of_theirs(statement, vocabulary):
        return False
    return not vocabulary.is_of(head, "persons") or vocabulary.is_of(_find_base(statement, vocabulary), "slips")


def _is_elsewhere(words: tuple[str, ...]) -> bool:
    """Return whether it points away, or "the arm" is somebody's: not "the arm of the chair", "one leg"."""
    return words[0] in {"that", "those"} or (words[0] == "the" and words[1] in BODIES and words[2] != "of")


def _is_doing_of_theirs(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether it is what people do, a verb left out: "the sofa ordered in October", "the monitor charged twice"."""
    verb, head = statement.words[statement.verb], statement.words[statement.head]
    is_done = vocabulary.is_of(verb, "done") or verb in PLANNED
    is_charged = verb == "charged" and vocabulary.is_of(head, "goods_nouns")
    return statement.kinds[statement.verb] == "t" and (is_charged or (is_done and verb not in DONE_BY_THINGS))


def _is_other(statement: Statement) -> bool:
    """Return whether it supposes ("could"), or has somebody do something ("had me restart it")."""
    verb = statement.words[statement.verb]
    is_having = verb == "had" and statement.kinds[statement.verb + 1 : statement.verb + 2] == "o"
    return is_having or (statement.kinds[statement.verb] == "m" and verb not in NEGATIONS)


def _is_mishap(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether it tells what happened, though no word of it says trouble."""
    verb, rest = statement.words[statement.verb], statement.rest
    kind, deed = statement.kinds[statement.verb], _find_deed(statement)
    if not rest or len(statement.words) < FEWEST_WORDS - (kind == "b" and bool(deed)):
        return False
    is_state = verb in {"was", "were"} and statement.kinds[statement.verb + 1] == "j" and len(rest) >= FEWEST_IN_STATE
    if is_state or (verb == "had" and rest[-1] in INSIDE) or (deed in {"went", "gone"} and rest[0] in WORN_OUT):
        return True
    only_came = (
        deed in {"came", "arrived"}
        and (vocabulary.is_of(rest[-1], "time_nouns") or rest[-1][0].isdigit())
        and len(rest) <= FEWEST_IN_STATE
    )
    is_aged = deed == "turned" and statement.kinds[-1] == "u"
    if not deed or is_aged or only_came or "already" in rest or vocabulary.is_of(deed, "neutral"):
        return False
    is_known = vocabulary.is_of(deed, "mishaps") or vocabulary.is_of(f"{deed}-{rest[0]}", "mishap_pairs")
    return kind != "z" or is_known


def judge_unnamed(statement: Statement, vocabulary: Vocabulary) -> float:
    """Return how well "it came in a grey mailing bag" tells the trouble: only what a thing can do."""
    verb, kind = statement.words[statement.verb], statement.kinds[statement.verb]
    is_they = statement.words[0] == "they"
    if _is_other(statement) or (is_they and not NEGATIONS & {*statement.rest, verb}):
        return 0.0
    if len(statement.words) >= FEWEST_WORDS and (
        _took_long(statement) or (kind in "bk" and _is_in_trouble(statement, vocabulary))
    ):
        return SURE - UNNAMED_LESS
    signs = count_signs(statement.words[statement.verb :], statement.kinds[statement.verb :], vocabulary)
    is_told = (signs or len(statement.words) >= FEWEST_WORDS) and (kind != "b" or "e" in statement.kinds)
    if not is_told or not vocabulary.is_of(_find_base(statement, vocabulary), "of_things"):
        return 0.0
    return (SURE if signs else LIKELY) - UNNAMED_LESS


def _took_long(statement: Statement) -> bool:
    """Return whether it is "it took me forty minutes to ..."."""
    behind = statement.verb + 2
    is_theirs = statement.words[statement.verb] == "took" and statement.rest[:1] in {("me",), ("us",)}
    return is_theirs and statement.kinds[behind : behind + 2] in TIME_TAKEN


def _is_in_trouble(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether it is plainly said to be broken: "it's bobbled after two wears"."""
    kinds = statement.kinds[statement.verb + 1 :]
    said = next((word for word, kind in zip(statement.rest, kinds, strict=True) if kind != "r"), "")
    return vocabulary.is_of(said, "trouble")


def _find_deed(statement: Statement) -> str:
    """Return the verb that tells what happened: past, or a participle behind "was" or "has"."""
    kinds = statement.kinds
    if kinds[statement.verb] in "tz":
        return statement.words[statement.verb]
    if kinds[statement.verb] not in "bk":
        return ""
    place = next((place for place in range(statement.verb + 1, len(kinds)) if kinds[place] not in "ry"), 0)
    return statement.words[place] if place and kinds[place] == "e" else ""


def _find_base(statement: Statement, vocabulary: Vocabulary) -> str:
    """Return the base form of what was done, or not done."""
    deed = _find_deed(statement) or next((word for word in statement.rest if vocabulary.can(word, "v")), "")
    return vocabulary.bases.get(deed, deed)
