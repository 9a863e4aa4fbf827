"""What a post asks, as a clause behind "ask": "whether you can return it in a shop", "how long it takes"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_clauses import LONGEST_WORDS, Run, join_words
from responder.retelling.english_excluding import INFORMAL
from responder.retelling.english_judging import speaks_of_offers
from responder.retelling.english_persons import BODY, OWN_TO_US, TURNED
from responder.retelling.english_refusing import PERSONS
from responder.retelling.english_shapes import SHAPES, is_clause, may_end
from responder.retelling.english_telling import strip_ends
from responder.retelling.english_words import BE, Vocabulary
from responder.thing import CUT

PREFACE: Final = re.compile(
    r"\b(?:(?:(?:can|could|would|will) (?:you|u|someone|anyone|anybody|somebody)(?: guys)?(?: please| pls| kindly| possibly)? (?:tell me|let me know|advise|confirm|say|explain))"
    r"|(?:do|would) you(?: guys)?(?: happen to)? know|(?:does |do )?(?:any ?one|any1|anybody)(?: here| out there)? know|(?:any|no) (?:idea|clue)(?: of| on)?"
    r"|(?:i(?:'m|m| am| was)? )?(?:just )?(?:wondering|wondered)|i(?:'d| would) (?:like|love|be interested) to (?:know|ask)|(?:may|can|could|might) i(?: just)? ask(?: you)?"
    r"|i (?:just )?(?:want|wanted|need) to (?:know|ask|check)|(?:just )?checking|please (?:tell me|let me know|advise|confirm)|tell me|quick (?:one|question)|question)\b[ ,:-]*"
    r"(?P<asked>if|whether|when|how|what|where|which|who|why|is|are|do|does|can|will)\b",
    re.IGNORECASE,
)
FEWEST_WORDS: Final = 3
MANY_RUNS: Final = 7
FEWEST_IN_STORY: Final = 7
"""Of a long story a short question asks too little."""
ODD_PAIRS: Final = frozenset(
    [
        ("to", "jersey"),
        ("reset", "me"),
        ("new", "one"),
        ("good", "friday"),
        ("get", "back"),
        ("it", "cost"),
        ("must", "do"),
        ("speaks", "polish"),
        ("you", "people"),
    ]
)
ODD_BEGINNINGS: Final = frozenset([("you", "don't"), ("how", "to")])
FEWEST_CUT: Final = 6
FEWEST_SAID: Final = 4
EXTRA_WORDS: Final = 3
INSIDE: Final = frozenset(
    ["subj", "subn", "subu", "subp", "head", "one", "pron", "rel", "relk", "relx", "gaps", "gapp", "gapn"]
)
SUBJECTS: Final = frozenset(["head", "one", "pron", "gaps"])
WHETHER: Final = frozenset(["if", "whether"])
UNNAMED: Final = re.compile(
    r".* it\b|\S+(?: \w+){0,3}? (?:they|them|one|he|she|someone|somebody|nobody|this|that)\b(?! (?:size|day))"
)
"""Nobody who reads only our reply knows what "it" is."""
SUPPOSED: Final = re.compile(
    r" it (?:takes?|costs?|is (?:still |also )?(?:possible|cheaper|better|ok|okay|too late))\b"
)
REQUESTS: Final = frozenset(["could", "would", "may"])
STARTS: Final = {"b": "be", "k": "have", "m": "can", "l": "do"}
TURNABLE_AT: Final = frozenset(["and", "but", "because", "so", "as", "or", "which", "when", "if"])
NEGATIVE: Final = "n't"
ODD_BEHIND: Final = frozenset(["who", "which", "that", "what", "where", "how", "not", "ask", "of", "up"])
REQUESTED: Final = frozenset(["have", "get", "add", "bring", "send"])
DOING: Final = frozenset(["do", "does", "did"])


def open_questions(text: str) -> str:
    """Return ``text`` with "could you tell me", "any idea" taken away from before a question."""
    return PREFACE.sub(
        lambda found: f". {'whether' if found['asked'].casefold() == 'if' else found['asked']}", text.replace("’", "'")
    )


def find_asked(runs: Sequence[Run], vocabulary: Vocabulary) -> str:
    """Return the first question that is plain, turned round; the named one before one about "it"."""
    is_story = len(runs) > MANY_RUNS
    found = [
        said
        for run in runs
        if (not is_story or len(run.words) >= FEWEST_IN_STORY) and _is_question(run, vocabulary)
        for said in _read(run, vocabulary)
    ]
    return next((said for said in found if not UNNAMED.match(said) or SUPPOSED.search(said)), "")


def _is_question(run: Run, vocabulary: Vocabulary) -> bool:
    """Return whether it is asked; many leave the mark out."""
    words = strip_ends(run.words, vocabulary)
    begins = len(words) > 1 and (
        vocabulary.can(words[0], "h") or (vocabulary.can(words[0], "bklm") and vocabulary.can(words[1], "ds"))
    )
    return run.is_asked or run.words[0] == "whether" or (run.is_first and begins)


def _read(run: Run, vocabulary: Vocabulary) -> Iterator[str]:
    words = strip_ends(run.words, vocabulary)
    stops = [place for place, word in enumerate(words) if word in TURNABLE_AT and place > FEWEST_WORDS]
    for stop in [len(words), *stops[::-1]]:
        asked = words[:stop]
        if stop < len(words) and (
            len(asked) < FEWEST_CUT
            or vocabulary.is_of(asked[-1], "asked_ends")
            or (words[stop] == "or" and CUT in words[stop : stop + 3] and stop + 2 < len(words))
        ):
            continue
        if not FEWEST_WORDS <= len(asked) <= LONGEST_WORDS or CUT in asked or not _may_be_asked(asked, vocabulary):
            continue
        said = _turn(asked, vocabulary)
        if said and len(said) >= FEWEST_SAID:
            yield join_words(said, vocabulary)
            return


def _may_be_asked(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    if any(vocabulary.is_of(word, "unasked") for word in words) or speaks_of_offers(words, vocabulary):
        return False
    if _is_odd_question(words, vocabulary):
        return False
    return may_end(words[-1], vocabulary.tags[words[-1]]) or vocabulary.is_of(words[-1], "asked_ends")


def _is_odd_question(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether two questions run together, or what is asked would read oddly said back."""
    pairs = set(pairwise(words))
    begins = tuple(words[:3])
    return (
        any(one in {"and", "or"} and (two in BE or vocabulary.can(two, "ml")) for one, two in pairs)
        or bool(ODD_PAIRS & pairs)
        or begins[:2] in ODD_BEGINNINGS
        or begins == ("what", "'s", "a")
        or bool({"bit", "happen"} & set(words))
        or bool(INFORMAL & set(words))
        or (bool(PERSONS & set(words)) and not any(vocabulary.is_of(word, "kin") for word in words))
        or words[-2:] in {("as", "far"), ("some", "time")}
        or words[-1] in {"yours", "mine", "at"}
        or bool({"anything", "something", "everything"} & set(words[:3]))
        or (words[0] in BE and words[-1] in {"available", "solved", "included"} and vocabulary.can(words[-2], "n"))
        or (words[0] in {"what", "which"} and not any(vocabulary.can(word, "bklm") for word in words[1:5]))
    )


def _turn(words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    first = words[0]
    if first == "whether":
        return _indirect("whether", words[1:], vocabulary)
    if vocabulary.can(first, "h") and first not in WHETHER:
        return _turn_open(words, vocabulary)
    if first in BE or vocabulary.can(first, "klm"):
        return _direct((), words, vocabulary)
    return _indirect("whether", words, vocabulary) if first == "you" else None


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
    if helper in {"am", "was"} and subject == ("i",):
        helper = {"am": "are", "was": "were"}[helper]
    verb = _inflect("can" if helper == "could" and subject == ("you",) else helper, rest, vocabulary)
    behind = _turn_words(rest[1:] if helper in DOING else rest, vocabulary)
    if said is None or behind is None or not verb:
        return None
    return [*question, *said, *verb, *behind]


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
