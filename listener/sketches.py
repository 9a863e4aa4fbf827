"""How texts that repeat one another are found: brought to what they say, looked up by a hash of it, then compared for real.

Whoever stands under another's case is not answered, so only a copy counts as a repeat: the same letters, but for what carries
nothing at the ends. Two hashes find it, one of the whole wording and one of its beginning, for a copy that was cut off.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

OWN_REPEAT_WEIGHT: Final = 10
"""From here on a person's own words, said again to the letter, are the same case; shorter is small talk ("still waiting")."""
KEPT_BY_CUT: Final = 0.75
"""Share of the letters that a copy cut off at the end must still have."""
REACTIONS: Final = frozenset(
    {
        "this",
        "thisthis",
        "exactlythis",
        "same",
        "sosame",
        "please",
        "pleaseshare",
        "plsshare",
        "pleasert",
        "plsrt",
        "pleaserepost",
        "rtplease",
        "sharethis",
        "signalboost",
        "拡散希望",
        "拡散お願いします",
        "拡散してください",
        "拡散",
        "rt願い",
        "rtお願いします",
        "rt希望",
        "シェア希望",
        "シェアお願いします",
        "これ",
        "ほんとこれ",
        "ほんとにこれ",
        "ほんこれ",
        "まさにこれ",
        "まじこれ",
        "それな",
    }
)
"""What people put before or after words that they pass on, saying nothing of their own. Letters alone, lower case."""

_PIECE = re.compile(
    r"(?P<repost>(?<!\w)(?:rt|mt)\s{0,3}@[a-z0-9_.-]+(?:@[a-z0-9.-]+)?)"
    r"|(?P<address>(?:https?://|(?<![a-z0-9])www\.)[!-~]+)"
    r"|(?P<handle>(?<![a-z0-9_.])@[a-z0-9_][a-z0-9_.-]*(?:@[a-z0-9.-]+)?)"
    r"|(?P<tag>(?<!\w)\#\w+)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"(?:[^\w\s]|_)+")
_CODE = re.compile(r"\d|\A#[A-Z]{4,}\Z")
_FIGURE = re.compile(
    r"\d+"
    r"|[〇一二三四五六七八九十百千万億]{1,12}(?=[年月日時分秒回度着番号個枚台本箱袋足点件名人円通週歳階])"
    r"|(?:\b[Nn][Oo]\.|番号[はが:\s]{0,4}|\#)\s{0,3}([A-Z]{4,})"
)
_TRACKING = re.compile(r"(?:utm_\w*|\w*clid|igshi?d?|mc_[ce]id|ref_src|ref_url|si)=")
_OWN_PICTURE = re.compile(r"(?:x|twitter)\.com/\w+/status/\d+/(?:photo|video)/\d")
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_SAYING_MARKS = frozenset("%+○◯×△◎")
_AFTER_A_CUT = " \n\t\"')]」』"


@dataclass(frozen=True)
class Wording:
    """What a text says, to be compared: no case, spaces, marks or emoji, and without what carries nothing at its ends."""

    letters: str
    figures: tuple[str, ...]
    """In order: runs of digits, Japanese numerals before a counter, codes of capitals. They keep "1 23" from "12 3"."""
    named: tuple[str, ...]
    """Addresses and handles within the text, and what stands at its end with a figure in it."""
    extras: frozenset[str]
    """Further tags, handles and addresses at the end."""
    is_cut: bool
    """Whether it ends in "…"."""

    @cached_property
    def weight(self) -> int:
        """How much it says: characters, those of Chinese, Japanese and Korean twice."""
        return len(self.letters) + len(_WIDE.findall(self.letters))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """The numbers of a text, each 63 bits: what later repeats find it by, and what it looks for. The first is of the whole text."""

    kept: tuple[int, ...] = ()
    sought: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    """"words", or the name of a group of ``_PIECE``."""
    text: str

    @property
    def segments(self) -> list[str]:
        """Its words between marks and line breaks, lower case; a mark that says something stays."""
        plain = _MARKS.sub(lambda run: "".join(_or_break(mark) for mark in run[0]), self.text.casefold())
        return [segment for line in plain.split("\n") if (segment := " ".join(line.split()))]

    @property
    def says_nothing(self) -> bool:
        """Whether it is only marks and reactions."""
        return self.kind in {"words", "tag"} and all(_letters(segment) in REACTIONS for segment in self.segments)


def read_wording(text: str) -> Wording:
    """Return what ``text`` says. Any text; the cost is linear in its length."""
    plain = unicodedata.normalize("NFKC", text)
    pieces = list(_cut_up(plain))
    start = next(
        (
            place
            for place, piece in enumerate(pieces)
            if piece.kind not in {"repost", "handle"} and not piece.says_nothing
        ),
        len(pieces),
    )
    end = len(pieces)
    while end > start and (pieces[end - 1].kind in {"address", "handle", "tag"} or pieces[end - 1].says_nothing):
        end -= 1
    body, tail = pieces[start:end], [piece for piece in pieces[end:] if not piece.says_nothing]
    said = [piece for piece in body if piece.kind in {"words", "tag"}]
    after = [mark for piece in tail if (mark := _name_of(piece))]
    within = [_name_of(piece) for piece in body if piece.kind not in {"words", "tag"}]
    return Wording(
        letters="".join(_letters(segment) for segment in _trim([one for piece in said for one in piece.segments])),
        figures=tuple(match[1] or match[0] for piece in said for match in _FIGURE.finditer(piece.text)),
        named=(*within, *(mark for mark in after if _has_figure(mark))),
        extras=frozenset(mark.casefold() for mark in after if not _has_figure(mark)),
        is_cut=_is_cut(plain) or (bool(said) and _is_cut(said[-1].text)),
    )


def is_repeat(lead: Wording, later: Wording) -> bool:
    """Tell whether ``later`` is a copy of ``lead``: to the letter, or to where it was cut off; every figure and name the same.

    Further tags, handles and addresses at the end may be only on one side.
    """
    if (lead.figures, lead.named) != (later.figures, later.named):
        return False
    if not (lead.extras <= later.extras or later.extras <= lead.extras):
        return False
    if lead.letters == later.letters:
        return True
    long_enough = len(later.letters) >= KEPT_BY_CUT * len(lead.letters)
    return later.is_cut and long_enough and lead.letters.startswith(later.letters)


def sketch_wording(wording: Wording, *, brand: str, author: str, least_weight: int) -> Sketch:
    """Return the numbers under which repeats of a text are found.

    Figures, names and ``brand`` are part of every number, so that a form letter with another order number shares none. A text
    below ``least_weight`` has only one, with ``author`` (an id) in it: nobody else repeats it. Below ``OWN_REPEAT_WEIGHT`` none.
    """
    if wording.weight < OWN_REPEAT_WEIGHT:
        return Sketch()
    letters, common = wording.letters, (brand, *wording.figures, "", *wording.named)
    if wording.weight < least_weight:
        own = (_number("own", author, letters, *common),)
        return Sketch(kept=own, sought=own)
    whole = _number("whole", letters, *common)

    def of_beginning(size: int) -> int:
        return _number("beginning", letters[:size], *common)

    # A copy may be anything between the least share and all of the letters: its own power of two or the one below.
    kept = _power_of_two(int(KEPT_BY_CUT * len(letters)))
    own_size = _power_of_two(len(letters))
    beginnings = (of_beginning(own_size), of_beginning(own_size // 2)) if wording.is_cut else ()
    return Sketch(kept=(whole, of_beginning(kept)), sought=(whole, *beginnings))


def _cut_up(plain: str) -> Iterator[_Piece]:
    """Yield addresses, handles, tags and repost marks, and the words between."""
    begin = 0
    for match in _PIECE.finditer(plain):
        if begin < match.start():
            yield _Piece("words", plain[begin : match.start()])
        yield _Piece(match.lastgroup or "words", match[0])
        begin = match.end()
    if begin < len(plain):
        yield _Piece("words", plain[begin:])


def _name_of(piece: _Piece) -> str:
    """Return what is compared of an address, a handle or a tag; nothing for what a cut left of an address, or its own picture."""
    if piece.kind != "address":
        return piece.text if piece.kind == "tag" else piece.text.casefold().rstrip(".-")
    if piece.text.endswith("...") and not _CODE.search(piece.text):
        return ""
    address = re.sub(r"\A(?:https?://)?(?:www\.)?", "", piece.text.rstrip(".,;:!?)]}>\"'"), flags=re.IGNORECASE)
    if _OWN_PICTURE.match(address):
        return ""
    place, _, query = address.partition("?")
    asked = "&".join(part for part in query.split("&") if part and not _TRACKING.match(part))
    host, slash, path = place.partition("/")
    return f"{host.casefold()}{slash}{path}".rstrip("/") + (f"?{asked}" if asked else "")


def _has_figure(name: str) -> bool:
    """Whether a tag has a code, or an address a path or query with a digit."""
    return bool(_CODE.search(name if name.startswith("#") else name.partition("/")[2] + name.partition("?")[2]))


def _is_cut(text: str) -> bool:
    return text.rstrip(_AFTER_A_CUT).endswith("...")


def _trim(segments: list[str]) -> list[str]:
    """Take reactions away from both ends, unless nothing else is said."""
    start, end = 0, len(segments)
    while start < end and _letters(segments[start]) in REACTIONS:
        start += 1
    while end > start and _letters(segments[end - 1]) in REACTIONS:
        end -= 1
    kept = segments[start:end]
    if kept:
        kept[0] = _without_reaction(kept[0], place=0)
        kept[-1] = _without_reaction(kept[-1], place=-1)
    return kept


def _without_reaction(segment: str, *, place: int) -> str:
    """Take a Japanese reaction away that only a space sets apart; an English one may be a word of the sentence."""
    words = segment.split(" ")
    if len(words) > 1 and words[place] in REACTIONS and _WIDE.search(words[place]):
        del words[place]
    return " ".join(words)


def _letters(segment: str) -> str:
    return segment.replace(" ", "")


@lru_cache(maxsize=2_048)
def _or_break(mark: str) -> str:
    """Return a mark that says something: of money, of yes and no, or part of a letter; a line break for any other."""
    if mark in _SAYING_MARKS:
        return mark
    kind = unicodedata.category(mark)
    is_selector = "\ufe00" <= mark <= "\ufe0f" or mark >= "\U000e0100"
    return mark if kind == "Sc" or (kind in {"Mn", "Mc"} and not is_selector) else "\n"


def _power_of_two(limit: int) -> int:
    """Return the greatest one that is not above ``limit``, which is 1 or more."""
    return 1 << (limit.bit_length() - 1)


def _number(*parts: object) -> int:
    """Return a hash that is the same in every process and on every machine, as both databases keep it: 63 bits."""
    said = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()) >> 1
