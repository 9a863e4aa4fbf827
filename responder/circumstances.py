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

TOGETHER = re.compile(r"\b(?:me|i|myself) and $", re.IGNORECASE)
"""Not they alone: me and my boyfriend."""
DATE_JA = r"(?:\d{1,2}月)?\d{1,2}日(?!間|後|前|以内|ほど|くらい|ぐらい|目|分|も|経|たっ)"
SENTENCES = re.compile(r"[^。.!?！？\n]+[。.!?！？\n]*")


def find_circumstances(text: str, language: Language) -> Mapping[str, str]:
    """Return ``deadline``, ``whose``, ``staff`` and ``occasion`` (a day of theirs, past or to come) of ``text`` (NFKC, untrusted), only those that are plain."""
    said = "ja" if language is Language.JA else "en"
    if is_attempt(text, said):
        return {}
    bare = QUOTED.sub(CUT, text.replace("’", "'"))
    if said == "ja":
        found = {"deadline": _deadline_ja(bare), "whose": _whose_ja(bare), "staff": _staff_ja(bare)}
    else:
        found = {"deadline": _deadline_en(bare), "whose": _whose_en(bare), "staff": _staff_en(bare)}
    found["occasion"] = _occasion_ja(bare) if said == "ja" else _occasion_en(bare)
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
    days = f"(?P<day>(?:今度の|次の|今週の?)?(?:{_list('ja', 'days')})|(?:今度の|次の|来週の?|今週の?)?[月火水木金土日]曜日?|{DATE_JA})"
    event = f"(?P<event>{_list('ja', 'events')})(?!ト|先|した|して|の写真|祝|中止)"
    dated = f"(?:{days}(?:[のにはがも、]|が)?(?:[^。、\\d曜日]{{0,7}}の)?{event}|{event.replace('event', 'event2')}(?:が|は|まで)?(?:もう)?{days.replace('day', 'day2')}(?!の))"
    ahead = read_words("things")["ja"]["ahead"]
    bare = f"{event}[^。]{{0,12}}?(?:{ahead})"
    return re.compile(dated), re.compile(bare)


@cache
def _expiries_ja() -> re.Pattern[str]:
    """Match what runs out on a day: 期限は今日まで, ポイントが今月末で切れる."""
    day = "(?P<day>今日|きょう|本日|今夜|明日|今月末|月末|今月(?=で|い)|今週末|今週(?=で|い))"
    return re.compile(
        f"(?:(?:{read_words('things')['ja']['expiring']})(?:[^。、]{{0,12}}?|[^。]{{0,14}}?、)"
        f"|(?:クーポン|セール|割引)[^。\n]{{0,40}}?(?=(?:今日|本日|今夜|明日)まで)){day}(?:いっぱい)?(?:まで|が期限|で(?:切れ|失効|消え|なくな|終わ|終了))"
    )


@cache
def _only_until_ja() -> re.Pattern[str]:
    """Match a sentence that says no more than until when: 今日までなんですけど."""
    return re.compile(
        "(?:これ|期限|もう|しかも)?(?:は|が)?(?P<day>今日|きょう|本日|今夜|明日|今月末|月末|今週末)"
        "(?:まで(?=です|でし(?!た)|だ|な(?:の|ん)|[。!?、]|$)|で(?:切れ|失効|消え|なくな|終わ))"
    )


@cache
def _expiring_ja() -> re.Pattern[str]:
    return re.compile(read_words("things")["ja"]["expiring"])


def _say_expiry_ja(day: str) -> str:
    return f"{day.replace('今日', '本日').replace('きょう', '本日')}の期限"


@cache
def _occasions_ja() -> re.Pattern[str]:
    owners = "|".join(re.escape(word) for word, _said in read_words("things")["ja"]["families"])
    return re.compile(f"(?<![一-龥ァ-ヶ])(?P<whom>{owners})の(?P<event>{_list('ja', 'occasions')})(?!ト|先|写真)")


def _occasion_ja(text: str) -> str:
    said = dict(read_words("things")["ja"]["families"])
    return _one({f"{said[match['whom']]}の{match['event']}" for match in _occasions_ja().finditer(text)})


def _deadline_ja(text: str) -> str:
    found: set[str] = set()
    dated, bare = _events_ja()
    for sentence in SENTENCES.findall(text):
        if (match := _only_until_ja().match(sentence)) and _expiring_ja().search(text):
            found.add(_say_expiry_ja(match["day"]))
            continue
        match = dated.search(sentence)
        if read_pattern("ja", "over" if match is None else "over_dated").search(sentence):
            continue
        if match:
            day = re.sub("^(?:今度の|次の|今週の?(?!末))", "", match["day"] or match["day2"])
            found.add(f"{day}の{match['event'] or match['event2']}")
        elif match := bare.search(sentence):
            found.add(match["event"])
        elif match := _expiries_ja().search(sentence):
            found.add(_say_expiry_ja(match["day"]))
    return _one({one for one in found if not any(one != other and one in other for other in found)})


@cache
def _families_ja() -> tuple[tuple[re.Pattern[str], str], ...]:
    concerned = read_words("things")["ja"]["concerned"]
    own = "(?<![一-龥ァ-ヶぁ-ん])|(?<=[、。 のとがはにでて])(?<!方の)(?<!んの)(?<!様の)(?<!店の)(?<!員の)(?<!客の)(?<!隣の)(?<!者の)(?<!人の)|(?<=うちの)|(?<=ちの)"
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
    owner = (
        f"(?:(?P<owner>my|our) (?:(?P<whom>{_list('en', 'family')})(?:'s|s) )?|(?P<bare>{_list('en', 'family')})'s )"
    )
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            f"\\b{day}'s (?:\\w+ )?{event}",
            f"\\b(?<!bank )(?:{owner}|the )?{event}(?:'s| is|,)? (?:is )?(?:on |this |coming )?{day}\\b(?!')",
            f"\\b(?:for|before|by|until|in time for) (?:{owner}|a |the )(?:school |family |big |own )?{event}(?! gift| present| card| cake)",
            f"\\b(?:expires?|runs? out|ends?|valid until|only lasts until|deadline is|last day is)(?: at| on| this)? (?:midnight )?(?P<expiry>today|tonight|tomorrow|{_list('en', 'days')})\\b",
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
    if parts.get("expiry"):
        return f"{_capitalise(parts['expiry'].casefold())}'s deadline"
    day = _capitalise(parts.get("day", "").casefold())
    event = parts.get("event", "").casefold()
    event = event.capitalize() if event in {"christmas", "easter", "eid", "diwali"} else event
    if not event or event[0].isupper():
        return event or day
    whom = (parts.get("whom") or parts.get("bare") or "").casefold()
    if whom:
        return f"your {whom}'s {event}" + (f" on {day}" if day[:1].isupper() else f" {day}" if day else "")
    if day:
        return f"{day}'s {event}"
    return f"your {event}" if parts.get("owner") else f"the {event}"


def _capitalise(day: str) -> str:
    return day.capitalize() if day.endswith("day") and day != "today" else day


@cache
def _occasions_en() -> re.Pattern[str]:
    family, event = (
        _list("en", "family"),
        f"(?P<event>{_list('en', 'occasions')})(?![\\w-])(?! (?:gift|present|card|cake|deposit|voucher|money|list)s?)",
    )
    return re.compile(
        f"\\b(?:for|to|at|in time for|before|on) (?:(?:my|our) )?(?P<whom>{family})'?s (?:big |own )?{event}"
        f"|\\b(?:for|to|at|in time for|before|on) (?:my|our) (?:own |big )?{event.replace('event', 'event2', 1)}",
        re.IGNORECASE,
    )


def _occasion_en(text: str) -> str:
    found = _occasions_en().finditer(text)
    said = ((one["whom"] or "", one["event"] or one["event2"]) for one in found)
    return _one(
        {f"your {whom.casefold()}'s {event.casefold()}" if whom else f"your {event.casefold()}" for whom, event in said}
    )


@cache
def _families_en() -> re.Pattern[str]:
    family, concerned = _list("en", "family"), read_words("things")["en"]["concerned"]
    age = r"(?:(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)[- ](?:year|yr|month|week)s?[- ]old |little |elderly |poor |[a-z]+ )?"
    strong, done_to = (read_words("things")["en"][name] for name in ("suffered", "done_to"))
    return re.compile(
        f"\\b(?:my|our) {age}(?P<one>{family})(?:'s (?!(?:an?|the|is|been|in|not)\\b)|,? (?:who )?(?:{concerned})\\b(?! (?:an?|the|says?|said|asked?|told|thinks?|reckons?|joked?|laughed?)\\b))"
        f"|\\b(?:my|our) {age}(?P<three>{family}),? (?:\\w+ )?(?:{strong})\\b"
        f"|(?<!\\bi )(?<!\\bi've )(?<!\\bwe )\\b(?:{done_to}) (?:my|our) {age}(?P<four>{family})(?![\\w'-])"
        f"|\\b(?:for|gave|fitted|hurt|burned|burnt|bit|injured) (?:my|our) {age}(?P<two>{family})(?![\\w'-])",
        re.IGNORECASE,
    )


def _whose_en(text: str) -> str:
    matches = [one for one in _families_en().finditer(text) if not TOGETHER.search(text[: one.start()])]
    return _one({f"your {next(filter(None, match.groups())).casefold()}" for match in matches})


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
