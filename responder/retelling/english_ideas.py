"""What somebody suggests, as a noun phrase or "-ing": "spare drawstrings", "putting a spare length of matching yarn in with the knitwear"."""

import re
from collections.abc import Sequence
from typing import Final

from responder.retelling.english_clauses import join_words, read_runs
from responder.retelling.english_excluding import INFORMAL
from responder.retelling.english_judging import speaks_of_offers
from responder.retelling.english_persons import TURNED
from responder.retelling.english_refusing import PERSONS, is_refused
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import Vocabulary, read_vocabulary
from responder.thing import CUT, is_attempt

LONGEST_POST: Final = 1000
LEAD: Final = re.compile(
    r"\b(?:(?:just )?(?:an? |one |my )?(?:small |little |quick )?(?:idea|suggestion|feature request)\b(?: (?:for|from) [^:.!?\n]{1,40}(?=:))?(?: for \w+)? ?[:,.!-]+ ?(?:(?:could|can|would|what if|why not|please|maybe|how about) ?(?:you )?)?"
    r"|(?:could|can|would) you (?:please |maybe |possibly |ever |consider )*|please (?:could|can|would) you |please (?=(?:do|make|sell|stock|add|offer|put|show|bring|print|include)\b)"
    r"|what if you |why (?:don'?t|not) you |why not |how about (?:you )?|you (?:should|could|ought to) (?:really |maybe |also )*|(?:i |really |just )*wish (?:you|you'd|you would|you could) "
    r"|(?:would|'d|it'?d) (?:be |love it )(?:\w+ ){0,2}if you (?:could |would |'d )?|love it if you (?:could |would )?|(?:have you )?(?:ever )?(?:thought (?:about|of)|considered) )"
    r"(?P<idea>[^.!?\n;]{6,200})",
    re.IGNORECASE,
)
"""What leads a suggestion in, and the rest of its sentence."""
SOME_OF: Final = re.compile(r"\b(?:a few|some|any|all) of (?=(?:the|your)\b)", re.IGNORECASE)
HAVING: Final = frozenset(["sell", "stock", "offer", "include", "make", "do", "introduce", "have", "bring"])
"""What is suggested is the thing: "sell spare drawstrings"."""
DOING: Final = frozenset(
    ["add", "put", "show", "use", "print", "give", "list", "open", "label", "send", "tell", "keep", "sew"]
)
"""What is suggested is to do so: "put the sizes on the hangers"."""
NOUNS: Final = r"(?:[du]{0,2}[rjegn]{0,4}(?:[np]a[jn]{0,3})?[np])"
THING: Final = re.compile(rf"{NOUNS}(?:[ri]?i(?:{NOUNS}|[rj]{{1,2}}(?![npjrc]))){{0,3}}")
"""A noun phrase with phrases behind it; letters of kinds."""
GOES_ON: Final = frozenset(
    ["so", "because", "like", "rather", "please", "too", "instead", "then", "since", "as", "when", "if", "which", "who", "that", "i", "we", "my"]
)  # fmt: skip
"""Before one of these the thing is whole."""
UNCLEAR: Final = frozenset(["it", "this", "that", "these", "those", "them", "something", "anything", "stuff", "thing", "things", "ones", "way", "my", "me", "our", "mine", "i"])  # fmt: skip
FOR_WHOM: Final = ("for", "people")
FEWEST_WORDS: Final = 2
MOST_WORDS: Final = 13


def find_idea(text: str) -> str:
    """Return what ``text`` (NFKC, untrusted) suggests; nothing where that is not plain, or a word of it is none of ours."""
    if is_attempt(text, "en"):
        return ""
    vocabulary = read_vocabulary()
    found = LEAD.search(text[:LONGEST_POST].replace("’", "'"))
    run = next(read_runs(SOME_OF.sub("", found["idea"]), vocabulary), None) if found else None
    return _say(run.words, vocabulary) if run else ""


def _say(words: Sequence[str], vocabulary: Vocabulary) -> str:
    verb = vocabulary.bases.get(words[0], words[0])
    is_verb = verb in HAVING | DOING
    behind = words[1:] if is_verb else words
    behind = behind[1:] if verb == "bring" and behind[:1] == ("back",) else behind
    thing = _find_thing(behind, vocabulary)
    if not thing:
        return ""
    is_done = is_verb and verb not in HAVING
    said = [vocabulary.forms[verb]["g"] if verb in vocabulary.forms else "", *thing] if is_done else list(thing)
    return "" if "" in said else join_words([TURNED.get(word, word) for word in said], vocabulary)


def _find_thing(words: Sequence[str], vocabulary: Vocabulary) -> Sequence[str]:
    """Return the thing that ``words`` begin with; nothing where it does not end plainly, or must not be said."""
    known = words[: words.index(CUT)] if CUT in words else words
    kinds = find_kinds(known[: MOST_WORDS + 4], vocabulary) if known else ""
    found = THING.match(kinds)
    if not found:
        return ()
    thing, rest = words[: found.end()], words[found.end() :]
    if CUT in rest[:2] and (rest[0] == CUT or not vocabulary.can(rest[0], "i")):
        return ()
    if CUT in rest[:2]:
        # "For people with" what we do not say.
        thing, rest = (thing[:-2] if thing[-2:] == FOR_WHOM else thing), ()
    is_whole = not rest or rest[0] in GOES_ON
    is_short = len(thing) < FEWEST_WORDS and not vocabulary.can(thing[0], "p")
    is_unsaid = (
        thing[-1] == "one" or bool((UNCLEAR | PERSONS | INFORMAL) & set(thing)) or speaks_of_offers(thing, vocabulary)
    )
    if is_short or is_unsaid or not is_whole or len(thing) > MOST_WORDS or is_refused(thing, vocabulary):
        return ()
    return thing
