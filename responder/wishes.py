"""What the customer wants done: cancelled, refunded, exchanged, called back; said in words of our own list (``wishes.toml``).

Each sentence is read by itself: one that asks how things go in general, or says what is not wanted, has no wish.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from domain.words import Language
from responder.thing import CUT, QUOTED, is_attempt
from responder.wordlists import read_words

SENTENCES = re.compile(r"[^。!！?？\n]+[。!！?？\n]*")
ENGLISH_SENTENCES = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?\n]*")
ASK, CAN = "{ask}", "{can}"
SLOT = re.compile(r"\{([a-z]+)\}")
SECOND = "2"
"""Behind the name of a group that says the same in another place of the pattern."""


@dataclass(frozen=True, slots=True)
class _Wish:
    asked: re.Pattern[str]
    """As a plea or a demand."""
    possible: re.Pattern[str] | None
    """As a question whether it can be done."""
    within: re.Pattern[str]
    without: re.Pattern[str]
    say: str
    key: re.Pattern[str]

    def may_fit(self, text: str) -> bool:
        """Return whether the whole post allows it."""
        return bool(self.within.search(text)) and not self.without.search(text)


def find_wish(text: str, language: Language) -> str:
    """Return the wish of ``text`` (NFKC, untrusted) in our words: see ``{wish}``; nothing where none is plain."""
    said = _code(language)
    if is_attempt(text, said):
        return ""
    bare = QUOTED.sub(CUT, text.replace("’", "'"))
    is_own = _guard(f"own_{said}").search(bare) is not None
    sentences = (SENTENCES if said == "ja" else ENGLISH_SENTENCES).findall(bare)
    plain = [part for one in sentences for part in _list_plain(one, said)]
    found = (_read(wish, one, said, is_own=is_own) for wish in _wishes(said) if wish.may_fit(bare) for one in plain)
    return next((say for say in found if say), "")


def _list_plain(sentence: str, said: str) -> list[str]:
    """Return the sentence where it may hold a wish; of one that says what is not wanted, the parts that say what is."""
    if not _guard(said).search(sentence):
        return [sentence]
    parts = _guard(f"turn_{said}").split(sentence)
    return [part for part in parts[1:] if not _guard(said).search(part)]


def speaks_of(wish: str, reply: str, language: Language) -> bool:
    """Return whether ``reply`` speaks of ``wish`` (one that ``find_wish`` gave) already."""
    fitting = (one for one in _wishes(_code(language)) if _form(one.say).fullmatch(wish))
    return any(one.key.search(reply) for one in fitting)


def is_remedy(wish: str, language: Language) -> bool:
    """Return whether ``wish`` (one that ``find_wish`` gave) is that something be put right, for which one looks at their order."""
    return _remedies(_code(language)).fullmatch(wish) is not None


@cache
def _remedies(said: str) -> re.Pattern[str]:
    return re.compile(read_words("wishes")["remedies"][said])


def _code(language: Language) -> str:
    return "ja" if language is Language.JA else "en"


def _read(wish: _Wish, sentence: str, said: str, *, is_own: bool) -> str:
    match = wish.asked.search(sentence)
    if match is None and is_own and wish.possible is not None:
        match = wish.possible.search(sentence)
    return _say(wish.say, match.groupdict(""), said) if match else ""


def _say(say: str, groups: Mapping[str, str], said: str) -> str:
    """Return the words with their slots filled from our lists; nothing where a slot holds what no list has."""
    named: Mapping[str, Mapping[str, str]] = read_words("wishes")["named"][said]
    for slot in SLOT.findall(say):
        written = groups.get(slot, "") or groups.get(f"{slot}{SECOND}", "")
        filling = named[slot].get(written if said == "ja" else written.casefold(), "") if slot in named else ""
        if slot == "count" and said == "ja":
            filling = written
        if not filling:
            return ""
        say = say.replace(f"{{{slot}}}", filling)
    return say


@cache
def _form(say: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, SLOT.sub(CUT, say).split(CUT))))


@cache
def _guard(name: str) -> re.Pattern[str]:
    return re.compile(read_words("wishes")["guards"][name], re.IGNORECASE)


@cache
def _wishes(said: str) -> tuple[_Wish, ...]:
    forms = read_words("wishes")["forms"][said]
    return tuple(_compile(entry, forms) for entry in read_words("wishes")[said])


def _compile(entry: Mapping[str, str], forms: Mapping[str, str]) -> _Wish:
    pattern = entry["pattern"]
    asked = pattern.replace(ASK, forms["ask"]).replace(CAN, "(?!)")
    possible = pattern.replace(ASK, forms["ask"]).replace(CAN, forms["can"])
    return _Wish(
        asked=re.compile(asked, re.IGNORECASE),
        possible=re.compile(possible, re.IGNORECASE) if CAN in pattern else None,
        within=re.compile(entry.get("within", ""), re.IGNORECASE),
        without=re.compile(entry.get("without", "(?!)"), re.IGNORECASE),
        say=entry["say"],
        key=re.compile(entry["key"], re.IGNORECASE),
    )
