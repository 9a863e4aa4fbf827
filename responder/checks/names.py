"""Checks of names: the right person, an honorific that fits, nobody else pulled in."""

import unicodedata
from collections.abc import Iterator

import regex

from responder.checks.finding import Finding, found
from responder.checks.written import URL, Written

NAMED_JA = regex.compile(
    r"(?:^|(?<=[。、!?\s「]))(?P<name>[^\s、。!?「」]{1,24}?)(?P<honorific>さん|様|さま)(?=[、。!?\sのにへがはもを])"
)
NOBODY = regex.compile(
    r"(?:お客|お客さま|皆|みな|みなさま|各位|お得意|お子|ご家族|お母|お父|お嬢|奥|ご主人|お連れ|神|何|王|お取引先|担当者|店員|店長|スタッフ"
    r"|業者|配送|運転手|お母さ|お父さ|お兄|お姉|おばあ|おじい|お孫|赤ちゃん|娘|息子|たく|お医者|お疲れ|ご苦労|同)$"
)
NAMED_EN = regex.compile(
    r"^\W{0,3}(?:(?:Hi|Hello|Dear|Hey|Good (?:morning|afternoon|evening))[ ,]+(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\.? )?(?P<name>\p{Lu}[\p{L}'-]+)"
    r"|(?:Thanks|Thank you|Sorry|So sorry|Cheers|Welcome|Congratulations)(?: so much| very much| again| back)?, "
    r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\.? )?(?P<called>\p{Lu}\p{Ll}+)(?=[,.!]))"
)
ANYBODY_EN = frozenset(
    [
        "there",
        "all",
        "everyone",
        "team",
        "folks",
        "friend",
        "friends",
        "sir",
        "madam",
        "customer",
        "guest",
        "both",
        "again",
    ]
)
SYMBOLS = regex.compile(r"[\p{S}\p{N}_@.★☆♪♡♥|/\\]")
MENTIONED = regex.compile(r"(?<![\w.@/])@(?P<handle>[\w][\w.-]*\w|\w)")


def find_name_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the names in the text."""
    known = {_fold(name) for name in written.context.names if name}
    honorifics: dict[str, set[str]] = {}
    for match in NAMED_JA.finditer(written.plain):
        name, honorific = match["name"].lstrip("@"), match["honorific"].replace("さま", "様")
        if NOBODY.search(name):
            continue
        honorifics.setdefault(name, set()).add(honorific)
        if honorific == "様" and SYMBOLS.search(name):
            yield found("sama_on_handle", match.group())
        if match.start() == 0 and _is_wrong(name, known):
            yield found("wrong_name", match.group())
    mixed = next((name for name, used in honorifics.items() if len(used) > 1), "")
    if mixed:
        yield found("mixed_honorific", f"{mixed}様 / {mixed}さん")
    greeted = NAMED_EN.search(written.plain)
    called = (greeted["name"] or greeted["called"]) if greeted else ""
    if greeted and not _is_anybody(called, written) and _is_wrong(called, known):
        yield found("wrong_name", greeted.group())
    yield from _find_others(written, known)


def _is_anybody(name: str, written: Written) -> bool:
    """Return whether it is no name of a customer: "there", "everyone", or the brand that introduces itself."""
    own = (written.voice.name.en, *written.voice.words) if written.voice else ()
    return name.casefold() in ANYBODY_EN or any(_fold(name) in _fold(one) for one in own)


def _is_wrong(name: str, known: set[str]) -> bool:
    """Return whether somebody is addressed by a name that is not theirs. A part of it will do; unknown names never tell."""
    folded = _fold(name)
    return bool(known) and not any(folded in one or one in folded for one in known)


def _find_others(written: Written, known: set[str]) -> Iterator[Finding]:
    own = {_fold(word) for word in written.voice.words} if written.voice else set()
    for match in MENTIONED.finditer(URL.sub(" ", written.plain)):
        handle = _fold(match["handle"])
        if handle not in own and not any(handle in one or one in handle for one in known):
            yield found("names_others", match.group())


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().lstrip("@").split())
