"""Cutting an English post into runs of words that may hold a clause."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from responder.retelling.english_words import NUMBERS, Vocabulary
from responder.thing import CUT, QUOTED

SENTENCES: Final = re.compile(r"(?:[^.!?…\n]|\.(?=\d))+[.!?…]*")
RUNS: Final = re.compile(r"[,;:()*~–—]|\s-+\s|--+|(?=[^\w\s'£$€%&/+=#@<>{}\[\]|\\^`._〓-])[^\w]")
TOKENS: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+(?:st|nd|rd|th)\b|\d+|\S")
CONTRACTED: Final = re.compile(r"^(.+)('(?:m|re|ve|s|d|ll))$")
HANDLES: Final = re.compile(r"^(?:\s*[@#]\w[\w.]*)+|(?:\s*[@#]\w[\w.]*)+\s*$")
ORDINAL: Final = re.compile(r"^(?:[12]?\d|3[01])(?:st|nd|rd|th)$")
JOINED: Final = re.compile(
    r"\b(?:(?:apple|google) pay|boxing day|tumble dryer|black friday|cyber monday|new (?:york|zealand|year)|gift wrap|grown up(?= (?:siz|version|cloth|range|colour))|thank[ -]you card|(?:dairy|gluten|sugar|nut|lactose) free|(?:northern|southern) ireland|channel islands|isle of (?:man|skye|wight)"
    r"|(?:south|north) (?:africa|america|wales|korea)|hong kong|saudi arabia|united (?:states|kingdom)|costa rica|sri lanka|puerto rico)\b",
    re.IGNORECASE,
)
WHOM: Final = re.compile(r"\b(you|yous|u|ya)(?: lot| guys| people| folks| all)\b", re.IGNORECASE)
OWN_ORDER: Final = re.compile(
    r"\b(?P<before>for|has|is|on|of|about|cancelled|with|from|did|will|where is|my|the|your)? ?\border (?:no\.? ?|number |ref )?#?[A-Z]{0,3}-?\d[\w-]*",
    re.IGNORECASE,
)
"""An order by its number: it is theirs."""
TIMES: Final = re.compile(r"\b(\d{1,2}) ?x\b(?! ?\d)")
SIGHS: Final = re.compile(
    r"^\s*(?:(?:oh|ah|well|wow)[, ]+)?(?:good|great|brilliant|lovely|fantastic|wonderful|nice|perfect|amazing|well done|congrats|congratulations)\b(?: stuff| job| work| one)?(?: guys| lads| all)?[,.! ]+(?=the|my|your|another|no|an?|you|i|we)\b",
    re.IGNORECASE,
)
"""What is said with a sigh before the trouble."""
SIZES: Final = frozenset(["s", "m", "l"])
GOT_ANOTHER: Final = re.compile(
    r"\b((?:(?:i|we) )?(?:ordered|asked for|paid for|bought)(?: [\w'-]+){1,5}), ?(?:(?:but|and) )?(?:(?:i|we) )?(got|received)\b",
    re.IGNORECASE,
)
"""Behind "ordered one melon" a comma stands for "and"."""
SUMS: Final = re.compile(
    r"\b(?P<before>an?|my|the|your|charged|billed|me|another|extra) ?[£$€]\s?\d+(?:[.,]\d+)*k? (?=(?!(?:for|from|on|in|to|and|at|per|each|of|by|with|when|but|instead|extra|more|less|off|back)\b)[a-z]{3})",
    re.IGNORECASE,
)
"""A sum before the thing it is the price of: "charged $38 customs", "a £60 sweater"."""
SITES: Final = frozenset(
    [
        "store",
        "shop",
        "branch",
        "stall",
        "depot",
        "warehouse",
        "counter",
        "cafe",
        "restaurant",
        "outlet",
        "station",
        "site",
    ]
)
SIDES: Final = frozenset(["side", "end", "bar", "counter"])
MAKER: Final = re.compile(
    r"\b(?P<whose>[Tt]he|[Mm]y|[Oo]ur|[Yy]our) (?P<names>(?:[A-Z][\w&-]+ ){1,3})(?=(?P<thing>[a-z]+)\b)"
)
"""A thing by the name of its maker."""
OF_MANY: Final = re.compile(r"\b(kids|girls|boys|ladies)'(?= [a-z])", re.IGNORECASE)
""" "The kids' raincoat"."""
OF_SHOPS: Final = frozenset(
    ["fitting", "changing", "app", "website", "newsletter", "team", "staff", "label", "catalogue", "points", "window"]
)
"""What a shop has, and may be called by its name."""
MOST_NAMED: Final = 3
LONGEST_WORDS: Final = 16


@dataclass(frozen=True, slots=True)
class Run:
    """Words between two stops: lower case, contractions taken apart; what is not in the vocabulary stands as ``CUT``."""

    words: tuple[str, ...]
    sentence: int
    is_first: bool
    """It begins its sentence."""
    is_asked: bool
    """Its sentence ends in a question mark."""


def read_runs(text: str, vocabulary: Vocabulary) -> Iterator[Run]:
    """Yield the runs of ``text`` in their order."""
    bare = HANDLES.sub(
        "",
        QUOTED.sub(CUT, HANDLES.sub("", JOINED.sub(lambda found: "-".join(found[0].split()), text.replace("’", "'")))),
    )
    bare = MAKER.sub(lambda found: _leave_out_maker(found, vocabulary), OF_MANY.sub(r"\1-own", bare))
    bare = TIMES.sub(r"\1 times", SIGHS.sub("", bare, count=1))
    bare = OWN_ORDER.sub(_name_order, WHOM.sub("you", bare))
    bare = SUMS.sub(_leave_out_sum, GOT_ANOTHER.sub(r"\1 and \2", bare))
    for number, sentence in enumerate(SENTENCES.findall(bare)):
        is_shouted = sentence.isupper()
        for place, run in enumerate(one for one in RUNS.split(sentence.rstrip(".!?… ")) if one.strip()):
            words = tuple(
                _point(
                    _leave_out_names(list(_read_words(run, vocabulary, is_first=place == 0, is_shouted=is_shouted))),
                    vocabulary,
                )
            )
            if words:
                yield Run(words, number, place == 0, "?" in sentence[-3:])


def _name_order(found: re.Match[str]) -> str:
    """Return "my order" for an order's number."""
    before = found["before"]
    if not before:
        return found[0] if found.start() else CUT
    return f"{before} order" if before.casefold() in {"my", "the", "your"} else f"{before} my order"


def _leave_out_maker(found: re.Match[str], vocabulary: Vocabulary) -> str:
    """Return "my coat" for the coat of a maker, "the fitting rooms" for those of a shop."""
    names, thing = found["names"].casefold().split(), found["thing"]
    is_thing = thing in OF_SHOPS or (vocabulary.is_of(thing, "goods_nouns") and thing not in SIDES)
    is_name = all(name not in vocabulary.tags for name in names)
    return f"{found['whose']} " if is_thing and is_name else found[0]


def _leave_out_sum(found: re.Match[str]) -> str:
    """Return what stood before the sum, with the article that fits what comes now."""
    before = found["before"]
    if before.casefold() not in {"a", "an"}:
        return f"{before} "
    return "an " if found.string[found.end()] in "aeiou" else "a "


def _leave_out_names(words: list[str]) -> list[str]:
    """Return words with "your store" for "your Camden Street store"."""
    kept: list[str] = []
    for place, word in enumerate(words):
        behind = next((one for one in words[place : place + MOST_NAMED + 1] if one != CUT), "")
        is_named = word == CUT and behind in SITES and bool(kept) and kept[-1] in {"your", "the"}
        if not is_named:
            kept.append(word)
    return kept


def _point(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield words with "the" for "this" before a thing: we do not have it in our hands."""
    for word, behind in zip(words, [*words[1:], ""], strict=False):
        if word in {"this", "these"} and behind in {"one", "ones"}:
            yield CUT
            continue
        points = (
            word in {"this", "these"} and vocabulary.can(behind, "npj") and not vocabulary.is_of(behind, "time_nouns")
        )
        yield "the" if points else word


def _read_words(run: str, vocabulary: Vocabulary, *, is_first: bool, is_shouted: bool) -> Iterator[str]:
    tokens = TOKENS.findall(run)
    for place, token in enumerate(tokens):
        if _leads_in(token.casefold(), tokens[place + 1 : place + 2], vocabulary, is_begun=place > 0):
            continue
        # A capital inside a sentence is a name's.
        is_name = (
            token[:1].isupper()
            and token[1:2] != "-"
            and not token.isupper()
            and not (is_first and place == 0)
            and not is_shouted
        )
        yield from _read_word(
            token.casefold(),
            tokens[place + 1 : place + 3],
            vocabulary,
            is_name=is_name,
            is_size=token.isupper(),
            before=tokens[place - 1] if place else "",
        )


def _leads_in(word: str, behind: list[str], vocabulary: Vocabulary, *, is_begun: bool) -> bool:
    """Return whether ``word`` only leads in, or fills: "ok", "honestly", "y'all" before "these"."""
    if vocabulary.is_of(word, "fillers"):
        return True
    is_opener = vocabulary.is_of(word, "openers") and word not in vocabulary.tags
    is_call = word == "y'all" and bool(behind) and behind[0].casefold() in {"this", "these", "that", "the", "my"}
    return not is_begun and (is_opener or is_call)


def _read_word(
    word: str, behind: list[str], vocabulary: Vocabulary, *, is_name: bool, is_size: bool, before: str
) -> Iterator[str]:
    word = vocabulary.said.get(word, word)
    if word == "may" and is_name and before.casefold() in {"in", "since", "of", "last"}:
        yield "may-month"
        return
    if word in SIZES and is_size and before.casefold() in {"in", "an", "a", "size"}:
        yield f"size-{word}"
        return
    if word.isdecimal():
        yield _read_number(word, behind, before.casefold(), vocabulary)
        return
    if ORDINAL.match(word):
        yield word if before.casefold() == "the" else CUT
        return
    contracted = CONTRACTED.match(word)
    if contracted and word not in vocabulary.tags:
        yield contracted[1] if contracted[1] in vocabulary.tags and not is_name else CUT
        yield contracted[2] if contracted[2] in vocabulary.tags else CUT
        return
    if "-" in word and word not in vocabulary.tags:
        parts = word.split("-")
        yield from parts if all(part in vocabulary.tags and part != "you" for part in parts) and not is_name else (CUT,)
        return
    is_kept = word in vocabulary.tags and (not is_name or word == "i" or word in vocabulary.shown)
    yield word if is_kept else CUT


def _read_number(word: str, behind: list[str], before: str, vocabulary: Vocabulary) -> str:
    """Return a small number of hours, days or things in words; any other is not said."""
    if len(word) > 2:  # noqa: PLR2004 - three digits are a sum or a reference
        return CUT
    is_counted = behind[:1] not in (["a"], ["an"], ["per"]) and any(
        vocabulary.is_of(one.casefold(), "units") for one in behind[:2]
    )
    is_counted = is_counted or (before == "of" and not behind) or _are_goods(behind, vocabulary)
    is_size = before == "size" or (before in {"a", "an"} and not behind and int(word) % 2 == 0)
    if not is_counted and not is_size and before not in {"day", "week", "month"}:
        return CUT
    if is_size:
        return str(int(word) or CUT)
    return NUMBERS[int(word)] if 0 < int(word) < len(NUMBERS) else word if int(word) else CUT


def _are_goods(behind: list[str], vocabulary: Vocabulary) -> bool:
    """Return whether things follow that one counts: "12 eggs"."""
    word = behind[0].casefold() if behind else ""
    return vocabulary.is_of(word, "goods_nouns") and vocabulary.can(word, "p") and not vocabulary.can(word, "n")


def join_words(words: list[str], vocabulary: Vocabulary) -> str:
    """Return words as one writes them."""
    shown = [vocabulary.shown.get(word, word) for word in words]
    return re.sub(r" (?=')", "", " ".join(shown))
