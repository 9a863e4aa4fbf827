"""Naming the thing the customer named: item, colour, size, place, time waited, what they liked.

Everything returned is put together from our own lists (``echo.toml``), so nothing else of a post ever reaches a reply.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from domain.words import Language
from responder.echo_lexicon import Lexicon, read_lexicon
from responder.thing import CUT
from responder.wordlists import read_words

MOST_SAID = {"ja": 44, "en": 80}
WORD = re.compile(r"[一-鿿]{1,2}|[ァ-ヶー]{2,}|[a-z']{5,}")
SENTENCE_END = re.compile(r"[。．.!?！？\n]")
PRONOUN = re.compile(r"^it(?= )|(?<=\bin )it\b(?!')|(?<=\bwash )it\b")
DENIED = {
    "ja": re.compile(
        r"(?:二重|2重|ダブル)(?:に)?(?:請求|決済|引き落とし|課金|会計)?(?:では|じゃ)(?:なく|ない|ありません)"
        r"|色(?:移り|落ち)(?:して(?:い)?(?:ません|ない|なく|へん)|しま(?:せん)|し(?:ない|なく|なかった|ませんでした)|(?:は|も|が)?(?:なし|ない|なく|ありません))"
        r"|(?:壊れ|破れ|割れ|汚れ|折れ|欠け|濡れ|取れ|ほつれ|外れ|剥がれ|はがれ|色褪せ)(?:て(?:は)?(?:い)?(?:ません|ない|なく)|た(?:わけ|の)?(?:では|じゃ)(?:なく|ない|ありません))"
    ),
    "en": re.compile(
        r"\b(?:(?:is|was|are|were|has|have|did|do|does)(?:n['’]?t| not)|not|never) (?:even |actually |just |really |been |exactly )?"
        r"(?:broken?|break|torn|ripped|ruined|damaged|cracked|faulty|split|dirty|stained|snapped|scratched|shrunk|double[- ]charged|charged twice)\b",
        re.IGNORECASE,
    ),
}
"""What the post says is not so: no list may find it."""
WHOM = "{whom}"
ONE_THING = re.compile(r"^it (?:has|looks|is|was)\b")
LISTS = (
    *("matter", "subject", "detail", "feature", "fee", "procedure"),
    *("unheard", "idea", "nth", "harm", "contents", "found", "joy", "device"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goods:
    """One thing named in the text, and what the text says of it."""

    size: str = ""
    colour: str = ""
    item: str = ""
    plural: bool = False
    role: str = ""
    """``ordered``, ``received`` or nothing."""


def find_echo(text: str, language: Language) -> Mapping[str, str]:
    """Return what may be named back, by variable: ``ordered, received, item, place, waited, matter, subject, detail,
    feature, fee, procedure, unheard, idea, nth, harm, contents, found, joy, device``; only those that were found. ``text`` is NFKC and untrusted.
    """
    said = "ja" if language is Language.JA else "en"
    lexicon = read_lexicon(said)
    found = dict(_listed(text, said))
    found |= _say_goods(_with_roles(text, lexicon), _say_ja if said == "ja" else _say_en)
    place = lexicon.place.search(text)
    if place:
        named = _as_listed(place, said)
        found["place"] = f"{named}店" if said == "ja" else f"our {named} store"
    waited = lexicon.waited.search(text)
    if waited:
        found["waited"] = _span_ja(waited) if said == "ja" else _span_en(waited)
    return found if said == "ja" else found | _name_it(found)


def _as_listed(place: re.Match[str], said: str) -> str:
    """Return the shop as our list spells it."""
    words, named = read_words("echo")[said], (place["place"] or place["branch"]).casefold()
    return next(str(one) for one in (*words["places"], *words["branches"]) if one.casefold() == named)


def _name_it(found: Mapping[str, str]) -> dict[str, str]:
    """Return trouble and subject with the thing named where our list says "it": a reply is read without the post."""
    item = found.get("item", "")
    told = {name: found[name] for name in ("matter", "subject") if item and name in found and item not in found[name]}
    plurals = tuple(read_words("echo")["en"]["plurals"])
    return {
        name: PRONOUN.sub(f"the {item}", said, count=1)
        for name, said in told.items()
        if not (item.endswith(plurals) and ONE_THING.search(said))
    }


def _listed(text: str, said: str) -> Iterator[tuple[str, str]]:
    text = DENIED[said].sub(CUT, text)
    for variable in LISTS:
        found = [
            (match, _name_whom(say, match))
            for pattern, say in _list_patterns(said, variable)
            if (match := pattern.search(text))
        ]
        if found:
            yield variable, _say_troubles(text, found, said) if variable == "matter" else found[0][1]


def _name_whom(say: str, match: re.Match[str]) -> str:
    """Return ``say`` with them, or the one of theirs, to whom it was done: our list has "our staff sighed at {whom}"."""
    if WHOM not in say:
        return say
    family = (match.groupdict().get("family") or "").casefold()
    return say.replace(WHOM, f"your {family}" if family in read_words("things")["en"]["family"] else "you")


def _say_troubles(text: str, found: list[tuple[re.Match[str], str]], said: str) -> str:
    """Return what went wrong; both where two troubles were told in sentences of their own. Our list has the graver ones first."""
    first, one = found[0]
    for match, other in found[1:]:
        both = f"{one}うえ、{other}" if said == "ja" else f"{one} and that {other}"
        if len(both) <= MOST_SAID[said] and _are_told_apart(text, first, match) and not share_words(one, other):
            return both
    return one


def _are_told_apart(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Within one sentence it is more likely one trouble that two patterns know."""
    first, second = sorted((one, other), key=lambda match: match.start())
    return first.end() <= second.start() and SENTENCE_END.search(text, first.end(), second.start()) is not None


def tells_all(matter: str, language: Language) -> bool:
    """Return whether our list marks ``matter`` as told of the harm itself: no clause of the post says more."""
    said = "ja" if language is Language.JA else "en"
    whole = (entry["say"] for entry in read_words("echo")[said]["matter"] if entry.get("whole"))
    # What our list calls "it" may be said by its name by now.
    return any(matter == say or (say.startswith("it ") and matter.endswith(say[2:])) for say in whole)


def share_words(one: str, other: str) -> bool:
    """Return whether both name the same thing: a word of some length that stands in both."""
    return bool(set(WORD.findall(one.casefold())) & set(WORD.findall(other.casefold())))


@cache
def _list_patterns(said: str, variable: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    entries = read_words("echo")[said].get(variable, ())
    return tuple((re.compile(entry["pattern"], re.IGNORECASE), entry["say"]) for entry in entries)


def _with_roles(text: str, lexicon: Lexicon) -> list[Goods]:
    """Return the goods of the text in order, each with the role that the words around it give."""
    found: list[Goods] = []
    matches = list(lexicon.goods.finditer(text))
    for number, match in enumerate(matches):
        left = text[matches[number - 1].end() if number else 0 : match.start()][-40:]
        right = text[match.end() : matches[number + 1].start() if number + 1 < len(matches) else None][:24]
        parts = match.groupdict("")
        item = re.sub(r"\s+", " ", parts["item"] or parts.get("plural", "")).strip()
        item = item.lower() if item.isascii() else item
        goods = Goods(
            size=_tidy_size(parts["size"] or parts["size2"] or parts["size3"]),
            colour=parts["colour"] or parts["colour2"] or parts.get("colour3", ""),
            item=item,
            plural=bool(parts.get("plural")) or parts.get("ones", "").casefold() == "ones",
            role=_role(left, right, lexicon),
        )
        found.append(goods)
    return found


def _tidy_size(size: str) -> str:
    return size.casefold() if size[:1].isdigit() or len(size) > 3 else size.upper()  # noqa: PLR2004 - XXL, or a word


def _role(left: str, right: str, lexicon: Lexicon) -> str:
    ahead = [(match.start(), role) for role, pattern in lexicon.before for match in pattern.finditer(left)]
    if ahead:
        return max(ahead)[1]
    behind = [(match.start(), role) for role, pattern in lexicon.after if (match := pattern.search(right))]
    return min(behind)[1] if behind else ""


def _say_goods(goods: list[Goods], say: Callable[[Goods, Goods | None], str]) -> dict[str, str]:
    came = [one for one in goods if one.role == "received"]
    received = next((one for one in came if one.colour or one.size), came[0] if came else None)
    ordered = next((one for one in goods if one.role == "ordered"), None)
    if received and not ordered:
        ordered = next((one for one in goods if not one.role and one.item), None)
    if ordered and received:
        named = next((one for one in goods if one.item), received)
        thing = ordered.item or received.item or named.item
        plural = ordered.plural or received.plural or (named.plural and not ordered.item)
        wanted = replace(ordered, item=ordered.item or thing, plural=plural)
        got = replace(received, plural=plural)
        told = bool(got.colour or got.size or (ordered.item and got.item and got.item != ordered.item))
        differs = (wanted.colour, wanted.size, wanted.item) != (got.colour, got.size, got.item or wanted.item)
        if thing and told and differs:
            return {"ordered": say(wanted, None), "received": say(got, wanted), "item": say_item(wanted)}
    chosen = ordered or next((one for one in goods if one.item and one.role != "received"), None)
    if chosen is None:
        chosen = next((one for one in goods if one.item), None)
    return {"item": say_item(chosen)} if chosen and chosen.item else {}


def say_item(goods: Goods) -> str:
    """Return the bare thing, without article, colour or size."""
    return goods.item


def _say_ja(goods: Goods, other: Goods | None) -> str:
    colour = read_words("echo")["ja"]["colours"].get(goods.colour, "")
    size = f"{goods.size}サイズの" if goods.size else ""
    item = goods.item or (other.item if other else "")
    return f"{size}{colour}{item}" if item else f"{size}{colour}お品"


def _say_en(goods: Goods, other: Goods | None) -> str:
    size = f"size {goods.size} " if goods.size else ""
    if other and (not goods.item or goods.item.casefold() == other.item.casefold()):
        words = f"{size}{goods.colour}".strip()
        return f"{words} ones" if goods.plural else f"{_article(words)} {words} one"
    words = re.sub(r"\s+", " ", f"{size}{goods.colour} {goods.item}").strip()
    return words if goods.plural else f"{_article(words)} {words}"


def _article(words: str) -> str:
    return "an" if words[:1].casefold() in "aeio" or words.casefold().startswith("umbrella") else "a"


def _span_ja(match: re.Match[str]) -> str:
    unit = {"日": "日間", "週間": "週間"}.get(match["unit"], "か月")
    number = match["number"]
    return f"半{unit}" if number == "半" else f"{number}{unit}"


def _span_en(match: re.Match[str]) -> str:
    number, unit = match["number"].casefold(), match["unit"].casefold()
    if number in {"a", "one", "1"}:
        return f"a {unit.rstrip('s')}"
    return f"{number} {unit.rstrip('s')}s"
