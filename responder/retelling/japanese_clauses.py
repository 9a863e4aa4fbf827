"""Clauses of a Japanese sentence: where one may be cut out, whether it is sound, and the particles that casual speech leaves out."""

from collections.abc import Iterator, Sequence
from typing import Final

import regex

from responder.retelling.japanese_words import Word, is_ours, listed, particle

ENDS: Final = regex.compile(
    r"[。!?！？\n…♪★☆~〜〓]+|\.{2,}|・{2,}|\p{Extended_Pictographic}+|\(笑\)|笑+(?=$|[\s。!])|[wｗ]+(?=$|[\s。!])"
)
APART: Final = frozenset({"が", "けど", "けれど", "けれども", "けども", "し", "から", "ので", "ですが"})
"""What joins two clauses either of which may stand alone."""
WITHIN: Final = frozenset({"て", "で", "ても", "でも", "のに", "と", "たら"})
PARTICLES: Final = frozenset(
    [
        "が",
        "を",
        "に",
        "へ",
        "と",
        "で",
        "から",
        "まで",
        "より",
        "の",
        "も",
        "は",
        "だけ",
        "しか",
        "や",
        "て",
        "ても",
        "でも",
        "のに",
        "ずつ",
        "ばかり",
        "すら",
        "さえ",
        "ほど",
        "くらい",
        "ぐらい",
        "か",
        "たり",
        "ながら",
    ]
)
AUXILIARIES: Final = frozenset({"た", "ない", "れる", "られる", "だ"})
SUPPORTING: Final = frozenset({"いる", "くる", "しまう", "くださる", "くれる"})
BEGINNINGS: Final = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "連体詞", "代名詞"})
SIZES: Final = frozenset({"S", "M", "L", "LL", "XL", "XS", "XXL", "3L"})
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち"})
PREFIXES: Final = frozenset({"お", "ご", "御", "再", "新", "全", "未", "不"})
ASKING: Final = frozenset(
    {"何", "いつ", "どこ", "どれ", "どちら", "どう", "なぜ", "誰", "いくら", "いくつ", "どの", "どんな"}
)
MOST_DIGITS: Final = 2
MOST_NOUNS: Final = 3
STANDING: Final = frozenset({"終止形", "連体形", ""})


def split_sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence with the marks behind it."""
    at = 0
    for mark in ENDS.finditer(text):
        yield text[at : mark.start()].strip(), mark[0]
        at = mark.end()
    yield text[at:].strip(), ""


def cut_segments(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the parts of a sentence that may stand alone, without what joins them."""
    part: list[Word] = []
    for word in words:
        before = part[-1] if part else None
        joins = word.finer == "接続助詞" and word.base in APART
        runs_on = word.kind in {"補助記号", "空白"} and before is not None and ends_clause(before)
        if joins or runs_on:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def ends_clause(word: Word) -> bool:
    """Whether a clause may end with ``word``: a predicate in its plain form."""
    return word.inflects and word.form.partition("-")[0] in STANDING and word.said not in {"な", "で"}


def cut_clauses(segment: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the whole segment, then what is behind each of its joints, longest first."""
    yield list(segment)
    for place in range(1, len(segment)):
        before = segment[place - 1]
        if (before.finer == "接続助詞" and before.said in WITHIN) or before.said == "、":
            yield list(segment[place:])


def is_sound(words: Sequence[Word], *, asking: bool = False) -> bool:
    """Whether every word is ours, and every function word one that we know how to say."""
    if not words or words[0].kind not in BEGINNINGS or words[0].base in SUPPORTING:
        return False
    padded = [*words, None]
    return all(
        (asking and words[place].base in ASKING) or _is_known(words, place, padded[place + 1])
        for place in range(len(words))
    )


def _is_known(words: Sequence[Word], place: int, after: Word | None) -> bool:
    word = words[place]
    checks = {
        "助詞": lambda: word.said in PARTICLES and (word.finer != "終助詞"),
        "助動詞": lambda: (
            word.base in AUXILIARIES and word.said != "なら" and word.form not in {"仮定形-一般", "意志推量形"}
        ),
        "補助記号": lambda: word.said == "、" and after is not None,
        "接頭辞": lambda: word.base in PREFIXES and after is not None and after.kind == "名詞",
        "代名詞": lambda: word.base in listed("shop"),
    }
    check = checks.get(word.kind)
    if check:
        return check()
    if word.finer == "数詞":
        return _is_number(words, place)
    if word.kind == "接尾辞" and word.base in TITLES:
        return place > 0 and words[place - 1].base in listed("persons")
    if word.form.startswith(("命令形", "意志推量形", "仮定形")):
        return False
    return word.said in SIZES or is_ours(word)


def _is_number(words: Sequence[Word], place: int) -> bool:
    """Return whether it is a small number of days, times, pieces; never a sum."""
    digits = 0
    for word in words[place:]:
        if word.finer != "数詞":
            return digits <= MOST_DIGITS and (word.base in listed("counters"))
        digits += len(word.said)
    return False


def supply_particles(words: Sequence[Word]) -> list[Word] | None:
    """Return ``words`` with が and を where they were left out; None where it is not certain which."""
    supplied: list[Word] = []
    nouns = 0
    for place, word in enumerate(words):
        supplied.append(word)
        nouns = nouns + 1 if word.is_noun else 0
        after = words[place + 1] if place + 1 < len(words) else None
        if nouns > MOST_NOUNS:
            return None
        if after is None or not _lacks_particle(word, after):
            continue
        case = _case(words, place + 1)
        if not case:
            return None
        supplied.append(particle(case, "格助詞"))
    return supplied


def _lacks_particle(word: Word, after: Word) -> bool:
    if not word.is_noun or word.third in {"副詞可能", "助数詞可能"} or word.finer == "数詞" or word.third == "助数詞":
        return False
    if after.is_verb and after.base in {"する", "できる"}:
        return word.third not in {"サ変可能", "サ変形状詞可能"}
    if word.base in listed("times") or word.base in listed("counters") or word.third == "副詞可能":
        return False
    return after.kind in {"動詞", "形容詞", "副詞", "形状詞", "連体詞"}


def _case(words: Sequence[Word], place: int) -> str:
    """Return the particle before the predicate at ``place``, one adverb further at most."""
    if words[place].kind == "副詞":
        place += 1
    if place >= len(words):
        return ""
    word = words[place]
    voice = words[place + 1].base if place + 1 < len(words) else ""
    if word.kind == "形容詞":
        return "が" if word.base == "ない" or word.base in listed("bad") or word.base in listed("good") else ""
    if not word.is_verb or voice in {"れる", "られる", "せる", "させる"}:
        return ""
    if word.base in listed("transitive"):
        return "を"
    return "が" if word.base in listed("broken") or word.base in listed("hoped") else ""
