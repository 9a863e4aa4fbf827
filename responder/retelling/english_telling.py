"""Which clause of a post tells the trouble, or the joy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from responder.retelling.english_clauses import LONGEST_WORDS, Run, join_words
from responder.retelling.english_hurried import make_whole
from responder.retelling.english_joys import judge_joy
from responder.retelling.english_judging import judge
from responder.retelling.english_matters import judge_matter
from responder.retelling.english_mending import mend, name_colleague
from responder.retelling.english_naming import name_things
from responder.retelling.english_passives import turn_passive
from responder.retelling.english_persons import turn_round
from responder.retelling.english_praising import GLAD, as_their_view
from responder.retelling.english_shapes import is_clause, may_end
from responder.retelling.english_statements import read_statement
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import Vocabulary
from responder.thing import CUT

FEWEST_WORDS: Final = 3
MANY_RUNS: Final = 7
MOST_STARTS: Final = 12
LONGEST_READ: Final = LONGEST_WORDS + 12
"""No clause is longer; a long run without a stop costs no more."""
FULL_CLAUSE: Final = 5
ENDING: Final = frozenset(
    [
        "and",
        "but",
        "because",
        "which",
        "so",
        "while",
        "though",
        "although",
        "until",
        "then",
        "or",
        "since",
        "when",
        "after",
        "before",
        "as",
        "where",
        "who",
    ]
)
"""Before one of these a clause may be cut."""
CUTTABLE: Final = frozenset(
    [
        "for",
        "since",
        "at",
        "on",
        "within",
        "from",
        "by",
        "in",
        "with",
        "because",
        "after",
        "regarding",
        "via",
        "per",
    ]
)
MERELY: Final = frozenset(["still", "only", "just", "now", "already", "all"])
LONGEST_PHRASE: Final = 4
BEGINNING: Final = frozenset(["and", "but", "so", "because", "that", "then"])


@dataclass(frozen=True, slots=True)
class Told:
    """One clause found, with how well it tells the trouble or the joy."""

    said: str
    score: float


def tell(runs: Sequence[Run], vocabulary: Vocabulary, *, is_praise: bool) -> str:
    """Return the clause that says best what happened, turned round; nothing where none is plain."""
    runs = name_things(runs, vocabulary)
    asked = _find_asked(runs, vocabulary)
    spoilt = {run.sentence for run in runs if _is_spoilt(run, vocabulary)}
    is_staff_named = any(vocabulary.is_of(word, "staff") for run in runs for word in run.words)
    best = Told("", 0.0)
    for run in runs:
        if run.sentence in spoilt or run in asked:
            continue
        for told in _clauses(run, vocabulary, is_praise=is_praise, is_staff_named=is_staff_named):
            # Of a long story a short clause tells too little.
            if told.score > best.score and (is_praise or len(runs) <= MANY_RUNS or told.said.count(" ") >= FULL_CLAUSE):
                best = told
    return best.said


def _find_asked(runs: Sequence[Run], vocabulary: Vocabulary) -> frozenset[Run]:
    """Return the runs that are asked: of "it's torn, can I swap it?" only the last."""
    asked: set[Run] = set()
    for place, run in enumerate(runs):
        is_last = place + 1 == len(runs) or runs[place + 1].sentence != run.sentence
        is_begun = vocabulary.can(run.words[0], "bklmh") or any(one.sentence == run.sentence for one in asked)
        if run.is_asked and (is_last or is_begun):
            asked.add(run)
    return frozenset(asked)


def _is_spoilt(run: Run, vocabulary: Vocabulary) -> bool:
    """Return whether the sentence supposes."""
    return any(vocabulary.is_of(word, "supposing") for word in run.words)


def _clauses(run: Run, vocabulary: Vocabulary, *, is_praise: bool, is_staff_named: bool) -> Iterator[Told]:
    words = strip_ends(run.words, vocabulary)
    starts = [0] + [place + 1 for place, word in enumerate(words) if word in BEGINNING]
    for order, start in enumerate(starts[:MOST_STARTS]):
        begun = begin(
            words[start : start + LONGEST_READ], vocabulary, is_first=run.is_first and start == 0, is_run=start == 0
        )
        for end in _find_ends(begun, vocabulary):
            clause = mend(strip_ends(begun[:end], vocabulary, is_open=False), vocabulary)
            score = _score(clause, vocabulary, is_praise=is_praise)
            clause = _whole(clause)
            if is_praise and score:
                clause = as_their_view(name_colleague(clause, vocabulary, is_staff_named=is_staff_named), vocabulary)
                score *= bool(clause)
            said = turn_round(clause, vocabulary) if score else None
            if said:
                yield Told(join_words(said, vocabulary), score - 0.3 * order - 0.1 * (run.sentence > 1))
                break


def _score(clause: tuple[str, ...], vocabulary: Vocabulary, *, is_praise: bool) -> float:
    """Return how well a clause tells what happened, read as a whole statement or as one in shorthand."""
    if not _is_sayable(clause, vocabulary):
        return 0.0
    statement = read_statement(clause, vocabulary)
    if statement and not is_praise:
        return judge_matter(statement, vocabulary)
    whole = judge_joy(statement, vocabulary) if statement else 0.0
    return whole or (judge(clause, vocabulary, is_praise=is_praise) if _is_shaped(clause, vocabulary) else 0.0)


def _is_sayable(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    return FEWEST_WORDS <= len(words) <= LONGEST_WORDS + 1 and all(word in vocabulary.tags for word in words)


def _whole(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words with the verb that "and still no refund" leaves out."""
    if words[:2] in {("there", "was"), ("there", "were")} and "since" in words:
        return ("there", "has" if words[1] == "was" else "have", "been", *words[2:])
    at = next((place for place in range(len(words) - 3) if words[place : place + 3] == ("and", "still", "no")), 0)
    return (*words[: at + 1], "there", "is", *words[at + 1 :]) if at else words


def _find_ends(words: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    """Return where a clause may be cut, longest first."""
    stop = words.index(CUT) if CUT in words else len(words)
    ends = [
        place
        for place in range(FEWEST_WORDS, min(stop, LONGEST_WORDS + 1))
        if (words[place] in ENDING and _begins(words, place, vocabulary)) or _begins_time(words, place)
    ]
    whole = [stop] if stop == len(words) and stop <= LONGEST_WORDS + 1 else []
    spared = _before_phrase(words, stop, vocabulary) if stop < len(words) else 0
    return whole + sorted({*ends, *([spared] if spared >= FEWEST_WORDS else [])}, reverse=True)


def _begins_time(words: Sequence[str], place: int) -> bool:
    """Return whether "every time I ...", "the second time I ...", "so pale I ..." goes on there: what stands before is whole."""
    ahead = tuple(words[place : place + 4])
    is_time = ahead[:2] in {("every", "time"), ("each", "time")} or (
        ahead[:1] == ("the",) and ahead[2:] == ("time", "i")
    )
    return is_time or (words[place] == "i" and words[place - 2] == "so")


def _before_phrase(words: Sequence[str], stop: int, vocabulary: Vocabulary) -> int:
    """Return where the phrase begins that holds the word we do not say: "for order 12345", but not "has gone from 8"."""
    places = range(stop - 1, max(0, stop - LONGEST_PHRASE) - 1, -1)
    place = next((place for place in places if words[place] in CUTTABLE), 0)
    kinds = find_kinds(words[:place], vocabulary) if place else " "
    last = kinds.rstrip("r")[-1:] if words[place - 1] in MERELY else kinds[-1]
    is_needed = last in {*"vztgbk"} or (last == "i" and not vocabulary.is_of(words[place - 1], "telling"))
    is_gone = place > 0 and (
        words[place - 1] in {"gone", "went", "left", "been"}
        or (words[place] == "after" and vocabulary.is_of(words[place - 1], "time_nouns"))
    )
    return 0 if is_needed or is_gone else place


def _begins(words: Sequence[str], place: int, vocabulary: Vocabulary) -> bool:
    """Return whether the joint there begins something new: "so" in "so small" does not."""
    if words[place] in {"after", "before"} and vocabulary.is_of(words[place - 1], "time_nouns"):
        return False
    if words[place] not in {"so", "as", "then"}:
        return True
    return place + 1 < len(words) and vocabulary.can(words[place + 1], "sd")


def strip_ends(words: Sequence[str], vocabulary: Vocabulary, *, is_open: bool = True) -> tuple[str, ...]:
    """Return words without openers and what trails behind."""
    first, last = 0, len(words)
    while is_open and first < last and vocabulary.is_of(words[first], "openers"):
        first += 1
    while last > first:
        if last - first > FEWEST_WORDS and tuple(words[last - 2 : last]) == ("as", "well"):
            last -= 2
        elif vocabulary.is_of(words[last - 1], "trailing"):
            last -= 1
        elif last - first > 1 and words[last - 2] == "this" and vocabulary.is_of(words[last - 1], "time_nouns"):
            last -= 2
        else:
            break
    return tuple(word for word in words[first:last] if not vocabulary.is_of(word, "fillers"))


def begin(words: Sequence[str], vocabulary: Vocabulary, *, is_first: bool, is_run: bool) -> tuple[str, ...]:
    """Return words with the subject that one leaves out in a hurry: "waited 50 minutes", "zip broke"."""
    words = tuple(words)
    if not words:
        return words
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first in {"you", "they"}:
        return turn_passive(words, vocabulary)
    if is_run and CUT not in words[:LONGEST_READ] and len(words) <= LONGEST_WORDS:
        words = make_whole(words, vocabulary, is_first=is_first)
        first, second = words[0], words[1] if len(words) > 1 else ""
    if is_run and (vocabulary.is_of(first, "began") or (first == "left" and vocabulary.can(second, "u"))):
        return ("i", *words)
    subject = _left_out(first, second, vocabulary, is_first=is_first, plural=_is_many(words[2:], vocabulary))
    return (*subject, *words) if subject else _with_article(words, vocabulary)


def _is_many(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether the noun that begins ``words`` is a plural."""
    last = ""
    for word in words:
        if not vocabulary.can(word, "njp"):
            break
        last = word
    return vocabulary.can(last, "p")


def _left_out(first: str, second: str, vocabulary: Vocabulary, *, is_first: bool, plural: bool) -> tuple[str, ...]:
    """Return the subject, and helper, that stand for themselves."""
    if is_first and (
        (vocabulary.is_of(first, "loved") and vocabulary.can(second, "d"))
        or (first in {"can't", "couldn't", "haven't"})
    ):
        return ("i",)
    if is_first and (first == "been" or (vocabulary.is_of(first, "bare_befallen") and vocabulary.can(second, "irT"))):
        return ("i", "'ve" if first == "been" else "was")
    if is_first and (first in GLAD or (second in GLAD and first in {"so", "really", "very", "super", "dead"})):
        return ("i", "'m")
    if first == "still" and (second in {"waiting", "without"} or vocabulary.is_of(second, "befallen")):
        return ("i", "'m")
    if first == "still" and second == "no":
        return ("there", "are" if plural else "is")
    return (
        ("there", "were" if _is_many((second,), vocabulary) else "was")
        if first == "no" and vocabulary.is_of(second, "awaited")
        else ()
    )


def _with_article(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return words with "the", or "my" before one of the family, where a noun stands bare: "zip broke"."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    if vocabulary.is_of(first, "months") and vocabulary.is_of(second, "service_nouns"):
        return ("the", *words)
    begins = vocabulary.can(first, "np") or (
        vocabulary.can(first, "j") and any(vocabulary.can(word, "np") for word in words[1:3])
    )
    is_bare = vocabulary.is_of(first, "bare_nouns") and not (
        vocabulary.can(second, "np") and (not vocabulary.can(second, "v") or vocabulary.can((*words, "", "")[2], "bk"))
    )
    is_other = vocabulary.can(first, "dsuobkmlx") or is_bare or first in vocabulary.shown
    if not begins or is_other or first in {"people", "one", "time", "none"}:
        return words
    return ("my", *words) if vocabulary.is_of(first, "kin") else ("the", *words)


def _is_shaped(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    tags = [vocabulary.tags[word] for word in words]
    return may_end(words[-1], tags[-1]) and is_clause(tags)
