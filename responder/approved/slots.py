"""Taking the facts of an earlier case out of its reply, and putting this case's own in their places."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.words import Language
from responder.approved.own_words import FIRST_SLOT
from responder.names import address
from responder.notes import SEPARATOR
from responder.wordlists import read_words
from storage.approved_replies import ApprovedReply

NAME: Final = "name"
STATEMENT: Final = "statement"
LEAST_PART: Final = 2
"""Signs of a part of a name; one sign would be found everywhere."""
_FACT: Final = "fact."
_PARTS: Final = re.compile(r"[\s@_.\-・/|()（）【】「」]+|(?<=[a-z])(?=[A-Z])|\d+")
_HONORIFIC: Final = re.compile(r"(さん|さま|様|ちゃん|くん|君|氏)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slotted:
    """A reply without the facts of its case."""

    text: str
    """One sign of private use stands for each value."""
    slots: Mapping[str, str]
    """Variable of each sign."""
    values: Mapping[str, str]
    """What stood there, by variable."""
    name_parts: tuple[str, ...]
    """Every part of the earlier person's names."""


def take_facts_out(
    reply: ApprovedReply, said: Sequence[tuple[str, str]], *, standing: Iterable[str], own_names: tuple[str, ...]
) -> Slotted:
    """Return the reply with every known value of its case replaced: what its draft noted, what ``said`` back of its post, whom it addresses.

    Of one variable there may be several values: what the draft noted was said in the words of its day.
    """
    language = Language(reply.language)
    known = [*_noted(reply.facts), *said]
    values = dict(known)
    names = list(_called(reply.author_names, language, own_names))
    wanted = [(value, f"{STATEMENT}{number}") for number, value in enumerate(standing)]
    facts = [(value, key) for key, value in known if value and key != NAME]
    wanted += sorted([*facts, *((name, NAME) for name in names)], key=lambda one: -len(one[0]))
    text = unicodedata.normalize("NFKC", reply.text)
    slots: dict[str, str] = {}
    for value, key in wanted:
        sign = chr(FIRST_SLOT + len(slots))
        changed = _pattern(unicodedata.normalize("NFKC", value)).sub(sign, text)
        if changed != text:
            text, slots[sign] = changed, key
    return Slotted(text=text, slots=slots, values=values, name_parts=tuple(_name_parts(reply.author_names)))


def fill_slots(
    slotted: Slotted, values: Mapping[str, str], *, language: Language, statements: tuple[str, ...]
) -> str | None:
    """Return the text with this case's values, or None where one is missing or does not fit in."""
    text = slotted.text
    if NAME in slotted.slots.values() and NAME not in values:
        text = leave_greeting_out(slotted, language)
    for sign, key in slotted.slots.items():
        if sign not in text:
            continue
        value = statements[int(key.removeprefix(STATEMENT))] if key.startswith(STATEMENT) else values.get(key, "")
        if not value or not _agrees(value, slotted.values.get(key, value), language):
            return None
        text = text.replace(sign, value)
    return text[:1].upper() + text[1:] if language is not Language.JA else text


def names_any(text: str, parts: Iterable[str]) -> bool:
    """Whether any of the parts of a name stands in the text; a Latin one only as a word."""
    return any(_pattern(part).search(text) for part in parts)


def _noted(facts: Iterable[str]) -> Iterable[tuple[str, str]]:
    for fact in facts:
        code, _, value = fact.partition(SEPARATOR)
        if code.startswith(_FACT) and value:
            yield code.removeprefix(_FACT), value


def _called(names: Iterable[str], language: Language, own_names: tuple[str, ...]) -> Iterable[str]:
    for name in names:
        yield from (one for one in (address(name, language=language, brand_words=own_names), name) if one)
        bare = _HONORIFIC.sub("", name)
        if len(bare) >= LEAST_PART:
            yield bare


def _name_parts(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        plain = unicodedata.normalize("NFKC", name)
        yield from (_HONORIFIC.sub("", part) for part in _PARTS.split(plain) if len(part) >= LEAST_PART)


def _pattern(value: str) -> re.Pattern[str]:
    """Match a value wherever it stands; a Latin one only as words of their own, in any case."""
    begin = r"(?<![A-Za-z0-9])" if value[:1].isascii() and value[:1].isalnum() else ""
    end = r"(?![A-Za-z0-9])" if value[-1:].isascii() and value[-1:].isalnum() else ""
    return re.compile(f"{begin}{re.escape(value)}{end}", re.IGNORECASE)


def leave_greeting_out(slotted: Slotted, language: Language) -> str:
    """Return the text without the name at its beginning."""
    text = slotted.text
    signs = "".join(sign for sign, key in slotted.slots.items() if key == NAME)
    if not signs:
        return text
    if language is Language.JA:
        return re.sub(f"^[{signs}](?:さん|さま|様)?[、,\\s]*", "", text)
    return re.sub(f"^((?:Hi|Hello|Dear|Hey|Thank you|Thanks)),? [{signs}]", r"\1", text)


def _agrees(value: str, earlier: str, language: Language) -> bool:
    """Whether ``value`` can stand where ``earlier`` stood: in English, one thing where one thing was."""
    return language is Language.JA or _is_plural(value) == _is_plural(earlier)


def _is_plural(value: str) -> bool:
    last = value.casefold().split(" ")[-1]
    return last == "ones" or last in read_words("echo")["en"]["plurals"]
