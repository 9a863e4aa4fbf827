"""Who and when of a post: the day or event they need it for, who of theirs is concerned, which of our staff they praise.

Days, events and relatives are said in words of our own lists (``things.toml``). Staff's names are the one thing taken as it
is written, where the words around it say that it is staff's, and it looks like a name.
"""

import re
from collections.abc import Mapping
from functools import cache

from domain.words import Language
from responder.names import address
from responder.thing import CUT, QUOTED, is_attempt, read_pattern
from responder.wordlists import read_words

SENTENCES = re.compile(r"[^。.!?！？\n]+[。.!?！？\n]*")


def find_circumstances(text: str, language: Language) -> Mapping[str, str]:
    """Return ``deadline``, ``whose`` and ``staff`` of ``text`` (NFKC, untrusted), only those that are plain."""
    said = "ja" if language is Language.JA else "en"
    if is_attempt(text, said):
        return {}
    bare = QUOTED.sub(CUT, text.replace("’", "'"))
    if said == "ja":
        found = {"deadline": _deadline_ja(bare), "whose": _whose_ja(bare), "staff": _staff_ja(bare)}
    else:
        found = {"deadline": _deadline_en(bare), "whose": _whose_en(bare), "staff": _staff_en(bare)}
    return {name: value for name, value in found.items() if value}


def _one(found: set[str]) -> str:
    """Return the only one found; with two it is not plain who or when is meant."""
    return found.pop() if len(found) == 1 else ""


@cache
def _list(said: str, name: str) -> str:
    words = sorted(read_words("things")[said][name], key=len, reverse=True)
    return "|".join(re.escape(word) for word in words)


@cache
def _events_ja() -> tuple[re.Pattern[str], re.Pattern[str]]:
    days = f"(?P<day>{_list('ja', 'days')}|(?:今度の|次の|来週の?|今週の?)?[月火水木金土日]曜日?)"
    event = f"(?P<event>{_list('ja', 'events')})(?!ト|先|した|して|の写真|祝|中止)"
    dated = f"(?:{days}(?:[のにはがも、]|が)?(?:[^。、\\d]{{0,7}}の)?{event}|{event.replace('event', 'event2')}(?:が|は|まで)?(?:もう)?{days.replace('day', 'day2')})"
    ahead = read_words("things")["ja"]["ahead"]
    bare = f"{event}[^。]{{0,12}}?(?:{ahead})"
    return re.compile(dated), re.compile(bare)


def _deadline_ja(text: str) -> str:
    found: set[str] = set()
    if read_pattern("ja", "over").search(text):
        return ""
    dated, bare = _events_ja()
    for sentence in SENTENCES.findall(text):
        match = dated.search(sentence)
        if match:
            day = re.sub("^(?:今度の|次の|今週の?)", "", match["day"] or match["day2"])
            found.add(f"{day}の{match['event'] or match['event2']}")
        elif match := bare.search(sentence):
            found.add(match["event"])
    return _one({one for one in found if not any(one != other and one in other for other in found)})


@cache
def _families_ja() -> tuple[tuple[re.Pattern[str], str], ...]:
    concerned = read_words("things")["ja"]["concerned"]
    own = "(?<![一-龥ァ-ヶぁ-ん])|(?<=[、。 のとがはにで])(?<!方の)(?<!んの)(?<!様の)(?<!店の)(?<!員の)(?<!客の)(?<!隣の)(?<!者の)(?<!人の)|(?<=うちの)|(?<=ちの)"
    return tuple(
        (re.compile(f"(?:{own}){re.escape(word)}(?:たち)?(?:{concerned})"), said)
        for word, said in read_words("things")["ja"]["families"]
    )


def _whose_ja(text: str) -> str:
    return _one({said for pattern, said in _families_ja() if pattern.search(text)})


@cache
def _named_ja() -> re.Pattern[str]:
    return re.compile(f"(?P<name>{_list('ja', 'surnames')})(?:さん|様|氏)")


def _staff_ja(text: str) -> str:
    return _one(
        {
            match["name"]
            for match in _named_ja().finditer(text)
            if read_pattern("ja", "staff_before").search(text[: match.start()])
            or read_pattern("ja", "staff_after").search(text[match.end() :])
        }
    )


@cache
def _events_en() -> tuple[re.Pattern[str], ...]:
    day, event = f"(?P<day>{_list('en', 'days')})", f"(?P<event>{_list('en', 'events')})(?![\\w-])"
    owner = f"(?P<owner>my|our) (?:(?P<whom>{_list('en', 'family')})(?:'s|s) )?"
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            f"\\b{day}'s (?:\\w+ )?{event}",
            f"\\b(?<!bank )(?:{owner}|the )?{event}(?:'s| is|,)? (?:is )?(?:on |this |coming )?{day}\\b(?!')",
            f"\\b(?:for|before|by|until|in time for) (?:{owner}|a |the )(?:school |family |big |own )?{event}(?! gift| present| card| cake)",
            f"\\b(?:need|needed|need it|must have|here|arrive|get here|ready|delivered|make it)\\b[^.!?\\n]{{0,25}}\\b(?:by|before|for) {day}\\b(?!')",
        )
    )


def _deadline_en(text: str) -> str:
    if read_pattern("en", "over").search(text) or read_pattern("en", "money").search(text):
        return ""
    for pattern in _events_en():
        match = pattern.search(text)
        if match:
            return _say_deadline(match.groupdict(""))
    return ""


def _say_deadline(parts: dict[str, str]) -> str:
    day = parts.get("day", "").casefold()
    day = day.capitalize() if day.endswith("day") else day
    event = parts.get("event", "").casefold()
    event = event.capitalize() if event in {"christmas", "easter", "eid", "diwali"} else event
    if not event or event[0].isupper():
        return event or day
    if day:
        return f"{day}'s {event}"
    whom = f"{parts['whom'].casefold()}'s " if parts.get("whom") else ""
    return f"your {whom}{event}" if parts.get("owner") else f"the {event}"


@cache
def _families_en() -> re.Pattern[str]:
    family, concerned = _list("en", "family"), read_words("things")["en"]["concerned"]
    age = r"(?:(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)[- ](?:year|yr|month|week)s?[- ]old |little |elderly |poor |own |youngest |eldest )?"
    return re.compile(
        f"\\b(?:my|our) {age}(?P<one>{family})(?:'s (?!(?:an?|the|is|been|in|not)\\b)|,? (?:who )?(?:{concerned})\\b(?! (?:an?|the|says?|said|asked?|told|thinks?|reckons?|joked?|laughed?)\\b))"
        f"|\\b(?:for|gave|fitted|hurt|burned|burnt|bit|injured) (?:my|our) {age}(?P<two>{family})(?![\\w'-])",
        re.IGNORECASE,
    )


def _whose_en(text: str) -> str:
    return _one({f"your {(match['one'] or match['two']).casefold()}" for match in _families_en().finditer(text)})


@cache
def _staff_en_patterns() -> tuple[re.Pattern[str], ...]:
    roles, desks = _list("en", "roles"), _list("en", "desks")
    name = "(?P<name>[A-Z][a-zé]{1,12})"
    praised = "[Tt]hanks to|[Tt]hank you to|[Ss]hout ?out to|[Kk]udos to|[Ss]erved by|[Hh]elped by|[Bb]less"
    return tuple(
        re.compile(pattern)
        for pattern in (
            f"\\b(?:{roles})\\s*(?:,|called|named|\\()\\s*{name}\\b",
            f"\\b{name} (?:on|at|in|from|behind) (?:the |your )?(?:[A-Z]\\w+ )?(?:{desks})\\b",
            f"\\b{name},? your (?:{roles})\\b",
            f"\\byour (?:{roles}) {name}\\b",
            f"\\b(?:{praised}) {name} (?:at|in|on|from)\\b",
            f"\\b{name} (?:helped|sorted|fixed|served|talked me through|walked me through|went above|looked after|explained)\\b",
        )
    )


def _staff_en(text: str) -> str:
    found = {match["name"] for one in _staff_en_patterns() if (match := one.search(text))}
    names = {address(name, language=Language.EN) for name in found - set(read_words("things")["en"]["not_staff"])}
    return _one(names - {""})
