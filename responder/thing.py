"""The thing a post is about, as a noun phrase to say back: バッグの持ち手, the changing rooms, our size guide.

A phrase is put together from our own lists (``things.toml``) in the order of the post, so nothing else of a post ever
reaches a reply; where a word next to it is not in the lists the phrase may be cut in two, and there is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from domain.words import Language
from responder.wordlists import read_words

LONGEST_JAPANESE = 12
MOST_ENGLISH_WORDS = 3
ENOUGH = (3.5, 5.0, 6.0)
"""How plain it must be in the first sentence, in the second, further on: a story wanders."""
SHORT_SENTENCE = 8
"""Greetings and sighs are no first sentence."""
QUOTED = re.compile(
    "「[^」]*」|『[^』]*』|【[^】]*】|\"[^\"\n]*\"|“[^”]*”|(?<![A-Za-z0-9])'[^'\n]{3,}'(?![A-Za-z])|https?://\\S+|www\\.\\S+|\\S+@\\S+|[@#＃]\\S+"
)
CUT = "〓"
"""Stands for what was taken out; part of no phrase."""
SENTENCES = re.compile(r"[^。!?！？\n]+[。!?！？\n]*")
ENGLISH_SENTENCES = re.compile(r"[^.!?\n]+[.!?\n]*")
JOINED = re.compile(r"[一-龥々ァ-ヶーA-Za-z0-9〓〆ヶ]")
HIRAGANA = re.compile(r"[ぁ-ん]+")
PARTICLES_BEFORE = frozenset("はがをにのでともやへ")
FOLLOW = re.compile(
    r"(?:が|は|も|を|に|の|で|って|だけ|まで|すら|さえ|と|や|から|じゃ|、|,|。|!|\?|！|？|\s|〓|$|壊|割|破|取れ|届|動|消|まだ|また|もう|ない|どこ|いつ|いくら|おそ|遅|高|薄|小さ|使え|最高|うま|おいし|美味|かわい|可愛|やば)"
)
QUESTION = re.compile(r"^(?:だけ)?(?:は|って|が|の)[^。]{0,18}(?:か(?:な|ね|しら)?[??。!、〜~]|[??]|$)")
PERSON = re.compile(
    "の(?:[^、。]{0,2})?(?:店員|スタッフ|人|方|かた|おっちゃん|おばちゃん|おじ|おば|お?兄|お?姉|子|女|男|担当|先生|職人)"
)
"""The post is about somebody: 眼鏡の店員, レジの人."""
TOPIC = re.compile("は(?!ず)|が|って")
"""Behind what a sentence begins with."""
ABOUT = re.compile(r"^(?:について|に関して|の件|のことで)")
TOKENS = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*|\S")
OWNERS = {"my": "your", "our": "your", "your": "our", "ur": "our"}
THEIRS = frozenset(
    [
        "order",
        "orders",
        "parcel",
        "parcels",
        "package",
        "refund",
        "refunds",
        "booking",
        "bookings",
        "appointment",
        "basket",
    ]
)
"""Theirs even where a customer repeats our words: "your order is being prepared"."""
DETERMINERS = frozenset(["the", "this", "that", "these", "those", "a", "an", "any", "some", "new", "two", "both"])


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase found, with how well the words around it show that the post is about it."""

    said: str
    score: float


# Given so that somebody can be found in the records: it is not what the post is about.
DETAIL = re.compile(r"(?:注文|受注|会員|電話|お客様|受付|予約)番号$|\b(?:order|account|phone|booking) numbers?$")


def find_thing(text: str, language: Language) -> str:
    """Return what ``text`` (NFKC, untrusted) is about, or nothing where that is not plain."""
    said = "ja" if language is Language.JA else "en"
    if is_attempt(text, said):
        return ""
    bare = QUOTED.sub(CUT, text.replace("’", "'"))
    read = _read_ja if said == "ja" else _read_en
    pattern = SENTENCES if said == "ja" else ENGLISH_SENTENCES
    place, best = 0, Phrase("", 0.0)
    for sentence in pattern.findall(bare):
        # max keeps the first of equals.
        found = max(read(sentence), key=lambda one: one.score, default=best)
        if found.score >= ENOUGH[min(place, 2)] and found.score > best.score:
            best = found
        place += len(sentence) >= SHORT_SENTENCE
    return "" if DETAIL.search(best.said) else best.said


def is_attempt(text: str, said: str) -> bool:
    """Return whether ``text`` gives orders to the desk, or hides something."""
    return bool(read_pattern(said, "attempt").search(text))


@cache
def read_pattern(said: str, name: str, form: str = "{}") -> re.Pattern[str]:
    """Return the pattern of that name in ``things.toml``, put into ``form``."""
    return re.compile(form.replace("{}", f"(?:{read_words('things')[said][name]})"), re.IGNORECASE)


@cache
def _words(said: str, *names: str) -> frozenset[str]:
    return frozenset(word for name in names for word in read_words("things")[said][name])


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """Return how long the Japanese words are that begin with a letter, longest first."""
    found: dict[str, set[int]] = {}
    for word in _words("ja", "nouns", "vague", "before"):
        found.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def _read_ja(sentence: str) -> Iterator[Phrase]:
    for start, end, said, is_rich in _phrases_ja(sentence):
        if read_pattern("ja", "elsewhere").search(sentence[:start]):
            continue
        begins = (
            0.0 if start else 5.0 if sentence[end : end + 1] == "、" else 3.5 if TOPIC.match(sentence, end) else 0.0
        )
        score = 0.0 if PERSON.match(sentence, end) else max(_score_ja(sentence[end:]), begins)
        if score:
            yield Phrase(said, score + (1.0 if is_rich else 0.0))


def _phrases_ja(sentence: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield each whole phrase: where it begins and ends, how it is said, whether more than one word is in it."""
    runs = list(_runs_ja(sentence))
    for number, (start, end, parts) in enumerate(runs):
        if parts[-1] in _words("ja", "before") and parts[-1] not in _words("ja", "nouns", "vague"):
            continue
        said = sentence[start:end]
        owner = runs[number - 1] if number else None
        is_owned = owner is not None and sentence[owner[1] : start] == "の" and _may_own(owner[2])
        if owner and is_owned and end - owner[0] <= LONGEST_JAPANESE:
            yield owner[0], end, sentence[owner[0] : end], True
        elif len(said) <= LONGEST_JAPANESE and (len(parts) > 1 or parts[0] not in _words("ja", "vague")):
            yield start, end, said, len(parts) > 1


def _may_own(parts: list[str]) -> bool:
    return len(parts) > 1 or parts[0] in _words("ja", "nouns", "before")


def _runs_ja(sentence: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield runs of listed words that nothing unlisted is grown together with."""
    at, size = 0, len(sentence)
    while at < size:
        word = _longest(sentence, at)
        if not word:
            at += 1
            continue
        start, parts = at, []
        while word:
            parts.append(word)
            at += len(word)
            word = _longest(sentence, at)
        if sentence[start - 1 : start] in {"お", "ご"} and start:
            start -= 1
        if _is_whole(sentence, start, at):
            yield start, at, parts


def _longest(sentence: str, at: int) -> str:
    for length in _lengths().get(sentence[at : at + 1], ()):
        word = sentence[at : at + length]
        if word in _words("ja", "nouns", "vague", "before"):
            return word
    return ""


def _is_whole(sentence: str, start: int, end: int) -> bool:
    before = sentence[start - 1 : start] if start else ""
    if JOINED.match(before) or not FOLLOW.match(sentence, end):
        return False
    is_hiragana = HIRAGANA.match(sentence[start])
    return not (is_hiragana and HIRAGANA.match(before) and before not in PARTICLES_BEFORE)


def _score_ja(behind: str) -> float:
    """Return how well what stands behind a phrase shows that the post is about it."""
    return next((score for score, pattern in _signs_ja() if pattern.search(behind)), 0.0)


@cache
def _signs_ja() -> tuple[tuple[float, re.Pattern[str]], ...]:
    subject = "^(?:だけ|まで|すら|さえ)?(?:が|は|も|って|まで|だけ|すら|さえ)"
    passing = "^の[ぁ-ん一-龥]{1,6}(?:が|は)[^。、「]{0,8}?{}|^[、 ]?{}"
    felt = ("trouble", "praise")
    return (
        (5.0, ABOUT),
        (4.5, read_pattern("ja", "trouble", subject + "{}")),
        (4.5, read_pattern("ja", "praise", subject + "{}")),
        (4.0, read_pattern("ja", "marked", "^に(?:は|も)?[^。、]{0,4}{}")),
        *((4.0, read_pattern("ja", name, subject + "[^。、「]{0,10}?{}")) for name in felt),
        (4.0, QUESTION),
        (4.0, read_pattern("ja", "wish", "^を[^。、]{0,6}{}")),
        *((3.5, read_pattern("ja", name, passing)) for name in felt),
    )


def _read_en(sentence: str) -> Iterator[Phrase]:
    tokens = [(one.start(), one[0]) for one in TOKENS.finditer(sentence)]
    # A capital inside a sentence is a name's.
    is_shouted = sentence.isupper()
    words = [
        word.casefold() if is_shouted or not place or word.islower() or len(word) == 1 else CUT
        for place, (_at, word) in enumerate(tokens)
    ]
    for first, last in _runs_en(words):
        phrase = _phrase_en(sentence, tokens, words, first, last)
        if phrase:
            yield phrase


def _runs_en(words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each run of listed words that ends in a noun and is whole."""
    listed, heads = _words("en", "nouns", "vague", "before"), _words("en", "nouns", "vague")
    place = 0
    while place < len(words):
        if words[place] not in listed:
            place += 1
            continue
        first = place
        while (
            place < len(words)
            and words[place] in listed
            and not (place > first and words[place] in _words("en", "closers") and words[place - 1] in heads)
        ):
            place += 1
        behind = words[place] if place < len(words) else "."
        is_whole = behind in _words("en", "closers") or (not behind[0].isalnum() and behind not in {"-", CUT, "/"})
        if words[place - 1] in heads and is_whole and place - first <= MOST_ENGLISH_WORDS:
            yield first, place - 1


def _phrase_en(sentence: str, tokens: list[tuple[int, str]], words: list[str], first: int, last: int) -> Phrase | None:
    if first == last and words[last] in _words("en", "vague"):
        return None
    determiner = words[first - 1] if first else ""
    is_determined = determiner in OWNERS or determiner in DETERMINERS
    left = sentence[: tokens[first - 1 if is_determined else first][0]]
    if any(read_pattern("en", "elsewhere").search(before) for before in (left, sentence[: tokens[first][0]])):
        return None
    is_subject = last + 1 < len(words) and words[last + 1] in _words("en", "after")
    is_object = bool(left.strip()) and bool(read_pattern("en", "ahead").search(left))
    # "bread is great" begins a sentence, or it is said in passing.
    is_alone = is_determined and not left.strip()
    if not (is_alone or is_object or (is_subject and (is_determined or not left.strip() or last > first))):
        return None
    if not is_object and read_pattern("en", "passing").search(left):
        return None
    # "I bought socks" is said in passing, "I bought the socks" is not.
    is_bare = not is_subject and not is_determined and first == last
    score = 4.0 + 0.5 * (is_object and is_subject) + 0.5 * (not left.strip()) - 0.5 * (not is_subject) - 0.5 * is_bare
    score += (1.0 if last > first else 0.0) + (0.5 if determiner in OWNERS else 0.0)
    owner = "your" if determiner == "your" and words[last] in THEIRS else OWNERS.get(determiner, "the")
    return Phrase(f"{owner} {' '.join(words[first : last + 1])}", score)
