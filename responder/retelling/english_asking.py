"""What a post asks, as a clause behind "ask": "whether you can return it in a shop", "how long it takes"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_clauses import LONGEST_WORDS, Run, join_words
from responder.retelling.english_excluding import INFORMAL
from responder.retelling.english_judging import speaks_of_offers
from responder.retelling.english_refusing import PERSONS
from responder.retelling.english_reporting import FEWEST_WORDS, report_question
from responder.retelling.english_shapes import may_end
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
ODD_BEGINNINGS: Final = frozenset([("you", "don't")])
FEWEST_CUT: Final = 6
FEWEST_SAID: Final = 4
UNNAMED: Final = re.compile(
    r".* it\b|\S+(?: \w+){0,3}? (?:they|them|one|he|she|someone|somebody|nobody|this|that)\b(?! (?:size|day))"
)
"""Nobody who reads only our reply knows what "it" is."""
NAMED_ONE: Final = re.compile(r"\bthe (?!other|same|new|old|first|last|next)\w+ one\b")
SUPPOSED: Final = re.compile(
    r" it (?:takes?|costs?|is (?:still |also )?(?:possible|cheaper|better|ok|okay|too late))\b"
)
TURNABLE_AT: Final = frozenset(
    ["and", "but", "because", "so", "as", "or", "which", "when", "if", "once", "after", "before", "while"]
)


SOME_OF: Final = re.compile(r"\bany of (?=(?:your|the|these|those) [a-z]+s\b)", re.IGNORECASE)
RUN_ON: Final = re.compile(
    r"(?<!do)(?<!did)(?<!would)(?<!if)(?<!when)(?<!that) (?=i (?:can'?t|cannot|couldn'?t|don'?t|need|just|wanted?) )|,? or (?:nah|not|no|what)\b",
    re.IGNORECASE,
)
"""Where a question has ended though no mark says so."""


def open_questions(text: str) -> str:
    """Return ``text`` with "could you tell me", "any idea" taken away from before a question, and what runs on behind it cut off."""
    text = SOME_OF.sub("", text.replace("’", "'"))
    opened = PREFACE.sub(lambda found: f". {'whether' if found['asked'].casefold() == 'if' else found['asked']}", text)
    return RUN_ON.sub("? ", opened)


def find_asked(runs: Sequence[Run], vocabulary: Vocabulary) -> str:
    """Return the first question that is plain, turned round; the named one before one about "it"."""
    is_story = len(runs) > MANY_RUNS
    found = [
        said
        for run in runs
        if (not is_story or len(run.words) >= FEWEST_IN_STORY) and _is_question(run, vocabulary)
        for said in _read(run, vocabulary)
    ]
    return next(
        (said for said in found if not UNNAMED.match(said) or SUPPOSED.search(said) or NAMED_ONE.search(said)), ""
    )


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
            len(asked) < FEWEST_CUT - _begins_another(words[stop : stop + 2], vocabulary)
            or vocabulary.is_of(asked[-1], "asked_ends")
            or (words[stop] == "or" and CUT in words[stop : stop + 3] and stop + 2 < len(words))
        ):
            continue
        if not FEWEST_WORDS <= len(asked) <= LONGEST_WORDS or CUT in asked or not _may_be_asked(asked, vocabulary):
            continue
        said = report_question(asked, vocabulary)
        if said and len(said) >= FEWEST_SAID:
            yield join_words(said, vocabulary)
            return


def _begins_another(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether another question begins there: "and would I pay customs"."""
    return words[0] == "and" and len(words) > 1 and vocabulary.can(words[1], "bklmh")


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
        or bool({"anything", "everything"} & set(words[:3]))
        or ("something" in words[:4] and ("something", "i") not in pairs)
        or (words[0] in BE and words[-1] in {"available", "solved", "included"} and vocabulary.can(words[-2], "n"))
        or (words[0] in {"what", "which"} and not any(vocabulary.can(word, "bklm") for word in words[1:5]))
    )
