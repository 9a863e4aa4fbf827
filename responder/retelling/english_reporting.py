"""A question turned into what one asks: "does the coat fit" into "whether the coat fits"."""

import re
from collections.abc import Sequence
from typing import Final

from responder.retelling.english_persons import BODY, OWN_TO_US, TURNED
from responder.retelling.english_shapes import SHAPES, is_clause
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import BE, Vocabulary

PLACED_STATE: Final = re.compile(r"d[jn]*[np](?:id[jn]*[np])+[ej]")
"""In "is the lining of the coat recycled" all but the last word is the subject."""
FEWEST_WORDS: Final = 3
EXTRA_WORDS: Final = 3
INSIDE: Final = frozenset(
    ["subj", "subn", "subu", "subp", "head", "one", "pron", "rel", "relk", "relx", "gaps", "gapp", "gapn"]
)
SUBJECTS: Final = frozenset(["head", "one", "pron", "gaps"])
WHETHER: Final = frozenset(["if", "whether"])
REQUESTS: Final = frozenset(["could", "would", "may"])
STARTS: Final = {"b": "be", "k": "have", "m": "can", "l": "do"}
NEGATIVE: Final = "n't"
ODD_BEHIND: Final = frozenset(["who", "which", "that", "what", "where", "how", "not", "ask", "of", "up"])
REQUESTED: Final = frozenset(["have", "get", "add", "bring", "send"])
DOING: Final = frozenset(["do", "does", "did"])


def report_question(words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    """Return the words of a question as they stand behind "ask"; None where that is not plain."""
    first = words[0]
    if tuple(words[:2]) == ("how", "to"):
        turned = _turn_words(words[2:], vocabulary)
        return ["how", "to", *turned] if turned and words[2] in vocabulary.forms else None
    if first == "who" and len(words) > FEWEST_WORDS and _is_of_subject(words, vocabulary):
        return _turn_words(words, vocabulary)
    if first == "whether":
        return _indirect("whether", words[1:], vocabulary)
    if vocabulary.can(first, "h") and first not in WHETHER:
        return _turn_open(words, vocabulary)
    if first in BE or vocabulary.can(first, "klm"):
        return _direct((), words, vocabulary)
    return _indirect("whether", words, vocabulary) if first == "you" else None


def _is_of_subject(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it asks who does it: "who pays the postage"."""
    tags = [vocabulary.tags[word] for word in words[1:]]
    return vocabulary.tags[words[1]] in {"z", "zp", "pz"} and is_clause(tags, start="one")


def _turn_open(words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    """Turn "how long does it take", "which size fits", "when my order comes"."""
    for place in range(1, min(len(words), EXTRA_WORDS + 2)):
        if vocabulary.can(words[place], "bklm") and all(vocabulary.can(word, "njrpiu") for word in words[1:place]):
            if place > 1 and words[place] in BE and vocabulary.can((*words, "")[place + 1], "e"):
                return _turn_words(words, vocabulary)
            said = _direct(words[:place], words[place:], vocabulary)
            if said is None and words[0] in {"what", "which", "who"} and words[place] not in {*DOING, "have"}:
                is_told = is_clause([vocabulary.tags[word] for word in words[place:]], start="head")
                said = (
                    _turn_words(
                        (*words[:place], "is" if words[place] == "'s" else words[place], *words[place + 1 :]),
                        vocabulary,
                    )
                    if is_told
                    else None
                )
            return said
    return _indirect(words[0], words[1:], vocabulary)


def _indirect(asking: str, words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    """Turn what stands in the order of a statement already."""
    if len(words) < FEWEST_WORDS - 1 or not is_clause([vocabulary.tags[word] for word in words]):
        return None
    said = _turn_subject(words[:1], vocabulary, words[1:]) if words[0] == "you" else _turn_words(words[:1], vocabulary)
    rest = _turn_words(_agree(words[0], words[1:]), vocabulary)
    return [asking, *said, *rest] if said and rest else None


def _agree(subject: str, rest: Sequence[str]) -> Sequence[str]:
    agreeing = {"am": "are", "'m": "'re", "was": "were"}
    return (agreeing[rest[0]], *rest[1:]) if subject == "i" and rest and rest[0] in agreeing else rest


def _direct(asking: Sequence[str], words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    """Turn "does the coat fit" into "whether the coat fits"."""
    helper = {"'s": "is", "'re": "are", "'ve": "have", "'m": "am"}.get(words[0], words[0])
    if helper.endswith(NEGATIVE) or helper in {"'d", "had"}:
        return None
    ends = _subject_ends(words, vocabulary)
    if helper in BE and not asking and PLACED_STATE.fullmatch(find_kinds(words[1:], vocabulary)):
        ends = [len(words) - 1]
    # "is the night light safe" before "is the dress cream".
    whole = [
        place for place in ends if not _cuts_noun(words, place, vocabulary, spared="riv" if helper not in BE else "ri")
    ]
    for place in [*whole, *(place for place in ends if place not in whole and vocabulary.can(words[place], "j"))]:
        subject, rest = words[1:place], words[place:]
        if not _may_follow(helper, rest, vocabulary, is_open=bool(asking)):
            continue
        if (asking and helper in BE and rest[:1] in {("i",), ("you",), ("we",)}) or (
            vocabulary.is_of(subject[-1], "counted") and not vocabulary.can(subject[0], "dsu")
        ):
            continue
        if asking and helper in BE and vocabulary.tags[subject[0]] == "j" and not vocabulary.can(subject[-1], "p"):
            continue
        said = _say_direct(asking, helper, subject, rest, vocabulary)
        if said and not (vocabulary.tags[subject[0]].strip("n") == "j" and vocabulary.can(subject[-1], "n")):
            return said
    return None


def _subject_ends(words: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    """Return where the subject behind the helper may end, shortest first."""
    places, ends = {"subj"}, []
    for number, word in enumerate(words[1:], start=1):
        places = {
            behind
            for place in places
            for letter in vocabulary.tags[word]
            for behind in SHAPES[place].get(letter, ())
            if behind not in {"be", "have", "can", "do"}
        }
        if places & SUBJECTS:
            ends.append(number + 1)
        if not places & INSIDE:
            break
    return ends


def _cuts_noun(words: Sequence[str], place: int, vocabulary: Vocabulary, *, spared: str) -> bool:
    """Return whether a noun stands on both sides of the cut."""
    behind = words[place] if place < len(words) else ""
    return (
        vocabulary.can(words[place - 1], "npu") and vocabulary.can(behind, "np") and not vocabulary.can(behind, spared)
    )


def _may_follow(helper: str, rest: Sequence[str], vocabulary: Vocabulary, *, is_open: bool) -> bool:
    if not rest:
        return is_open and helper in BE
    start = STARTS[next(letter for letter in "bklm" if vocabulary.can(helper, letter))]
    is_cut = (
        vocabulary.can(rest[0], "j")
        and len(rest) > 1
        and vocabulary.can(rest[1], "np")
        and not vocabulary.can(rest[1], "riv")
        and not vocabulary.is_of(rest[1], "capitals")
    )
    is_odd = rest[0] in ODD_BEHIND or (start == "be" and (is_cut or rest[0] == "cost"))
    is_foreign = (
        start == "be"
        and vocabulary.can(rest[0], "i")
        and vocabulary.can(rest[-1], "j")
        and len(rest) > FEWEST_WORDS
        and not vocabulary.can(rest[-1], "np")
    )
    if is_foreign or is_odd or (helper in REQUESTS and REQUESTED & set(rest)):
        return False
    if start == "be" and vocabulary.tags[rest[0]] == "d" and is_open:
        return False
    tags = [vocabulary.tags[word] for word in rest]
    if is_clause(tags, start=start):
        return True
    return is_open and vocabulary.is_of(rest[-1], "asked_ends") and is_clause([*tags, "o"], start=start)


def _say_direct(
    asking: Sequence[str], helper: str, subject: Sequence[str], rest: Sequence[str], vocabulary: Vocabulary
) -> list[str] | None:
    question = list(asking) or ["whether"]
    if helper == "do" and asking and asking[0] in {"how", "where"} and len(asking) == 1 and rest[0] in vocabulary.forms:
        mine = subject in {("i",), ("we",)} or (subject == ("you",) and not vocabulary.is_of(rest[0], "shop"))
        if mine and rest[0] not in {"have", "need"}:
            turned = _turn_words(rest, vocabulary)
            return [*question, "to", *turned] if turned else None
    if subject == ("you",) and not _is_ours_to_do(helper, rest, vocabulary):
        return None
    said = _turn_subject(subject, vocabulary, rest)
    adverb: list[str] = []
    if helper in {"am", "was"} and subject == ("i",):
        helper = {"am": "are", "was": "were"}[helper]
    if helper in DOING and vocabulary.tags[rest[0]] == "r" and len(rest) > 1 and rest[1] in vocabulary.forms:
        adverb, rest = [rest[0]], rest[1:]
    verb = _inflect("can" if helper == "could" and subject == ("you",) else helper, rest, vocabulary)
    behind = _turn_words(rest[1:] if helper in DOING else rest, vocabulary)
    if said is None or behind is None or not verb:
        return None
    if asking and helper in BE and rest[:1] == ("to",):
        return [*question, *said, *behind, *verb]
    return [*question, *said, *adverb, *verb, *behind]


def _inflect(helper: str, rest: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Return the verb as it stands in a statement: "does ... fit" is "fits"."""
    if helper not in DOING:
        return [helper]
    forms = vocabulary.forms.get(rest[0])
    if helper == "do":
        return [rest[0]]
    if rest[0] == "have":
        return ["has" if helper == "does" else "had"]
    return [forms["z" if helper == "does" else "t"]] if forms else []


def _is_ours_to_do(helper: str, rest: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether they ask what we do, not that we do something."""
    if helper in {"are", "were", "have"}:
        return True
    verb = next((word for word in rest if not vocabulary.can(word, "r") or vocabulary.can(word, "v")), "")
    if helper in {"can", "could"}:
        return vocabulary.is_of(verb, "acts") and not vocabulary.is_of(verb, "requested")
    return vocabulary.is_of(verb, "shop") and (
        helper == "do" or (helper in {"will", "did"} and not {"me", "my", "it"} & set(rest))
    )


def _turn_subject(subject: Sequence[str], vocabulary: Vocabulary, rest: Sequence[str]) -> list[str] | None:
    if tuple(subject) == ("you",):
        return ["we"] if rest else None
    named = {"this": "it", "that": "it", "these": "they", "those": "they"}
    return [named[subject[0]]] if len(subject) == 1 and subject[0] in named else _turn_words(subject, vocabulary)


def _turn_words(words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    turned: list[str] = []
    for place, word in enumerate(words):
        before, behind = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        if word == "you":
            is_subject = vocabulary.can(behind, "tbkmlv") and before not in OWN_TO_US
            turned.append("we" if is_subject else "us")
            continue
        if (word == "your" and behind in BODY) or (word == "am" and before != "i"):
            return None
        turned.append({"am": "are", "'m": "'re"}.get(word, TURNED.get(word, word)))
    return turned
