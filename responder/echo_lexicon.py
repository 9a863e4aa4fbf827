"""The patterns by which goods, places and times waited are found in a post, made of our lists (``echo.toml``)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from responder.wordlists import read_words


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns of one language."""

    goods: re.Pattern[str]
    place: re.Pattern[str]
    waited: re.Pattern[str]
    before: tuple[tuple[str, re.Pattern[str]], ...]
    after: tuple[tuple[str, re.Pattern[str]], ...]


def _any(words: Mapping[str, str] | list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def read_lexicon(said: str) -> Lexicon:
    """Return the patterns of ``said``, ja or en."""
    return _lexicon_ja() if said == "ja" else _lexicon_en()


def _lexicon_ja() -> Lexicon:
    words = read_words("echo")["ja"]
    size = "(?:(?P<size>[SML]|LL|XL|XS|\\d{2}(?:\\.5)?cm)(?:サイズ)?(?:の)?)?"
    katakana = "[ァ-ヶー]"
    item = f"(?P<item>(?<!車)(?:{_any(words['prefixes'])})?(?:{_any(words['items'])})(?!{katakana}))"
    colour = f"(?<![面ァ-ヶー])(?P<colour>{_any(words['colours'])})(?:色)?(?:い|の)?"
    follow = "(?=が|を|だ(?!け)|で(?!き)|なのに|じゃ|やつ|方が|方は|はず|もの|、|。|$)"
    goods = re.compile(
        f"(?<!{katakana}){size}(?:{colour})?{item}"
        f"|(?<![A-Za-z0-9]){size.replace('size', 'size2')}{colour.replace('colour', 'colour2')}"
        f"{follow}|(?<![A-Za-z0-9])(?P<size3>[SML]|LL|XL|XS|\\d{{2}}(?:\\.5)?cm)(?:サイズ)?(?:の)?{follow}"
    )
    before = (
        ("ordered", re.compile("(?:注文した|頼んだ|買った|選んだ|購入した|欲しかった)の(?:は|が)$")),
        ("received", re.compile("(?:届いた|来た|きた|入っていた|入ってた|送られてきた)の(?:は|が)$")),
    )
    after = (
        (
            "ordered",
            re.compile(
                "^(?:を)?(?:[^。、\\n]{0,6})(?:注文|頼ん|頼み|買っ|購入|ポチ|予約|選ん|オーダー)|^(?:の)?(?:はず|つもり)|^(?:じゃな|ではな)"
            ),
        ),
        (
            "received",
            re.compile(
                "^(?:が|の方が|のが|を)?[^。、\\n]{0,8}(?:届|来た|来て|来る|来ま|きた|きて|きま|入って|送られ|到着|送って)|^(?:だった|でした)"
            ),
        ),
    )
    place = re.compile(
        f"(?:(?P<place>{_any(words['places'])})(?:駅前|本|駅)?(?:の)?|(?<![一-龠々])(?P<branch>{_any(words['branches'])}))(?:店|ショップ|お店)(?![員長頭舗])"
    )
    waited = re.compile(
        "(?<![月\\d/])(?P<number>\\d{1,2}|数|半)(?P<unit>日|週間|[ヶケかカヵ]月)(?:間)?"
        "(?=も|以上|経|た[っち]|待|届か|過ぎ|ほど|くらい|ぐらい|[、,]?音沙汰)"
    )
    return Lexicon(goods=goods, place=place, waited=waited, before=before, after=after)


def _lexicon_en() -> Lexicon:
    words = read_words("echo")["en"]
    size = "(?:(?:a |in )?size (?P<size>\\d{1,2}(?:\\.5)?|X{0,2}[SL]|M|small|medium|large) )?"
    prefix = f"(?:(?:{_any(words['prefixes'])})\\s+)*"
    item = (
        f"(?:(?P<item>{prefix}(?:{_any(words['items'])}))|(?P<plural>{prefix}(?:{_any(words['plurals'])})))(?![\\w-])"
    )
    colour = f"(?P<colour>{_any(words['colours'])})"
    goods = re.compile(
        f"(?<![\\w-])(?:{size}(?:{colour}\\s+)?{item}(?:\\s+in\\s+{colour.replace('colour', 'colour3')}(?![\\w-]))?"
        f"|{size.replace('size>', 'size2>')}{colour.replace('colour', 'colour2')}(?![\\w-])(?:\\s+(?P<ones>ones?))?"
        "|size (?P<size3>\\d{1,2}(?:\\.5)?|X{0,2}[SL]|M|small|medium|large)(?![\\w-]))",
        re.IGNORECASE,
    )
    before = (
        (
            "ordered",
            re.compile(
                "\\b(?:order(?:ed|ing)?|bought|buy|purchased|paid for|asked for|chose|picked|wanted|expect(?:ed|ing)|supposed to (?:be|get)|instead of|rather than|in place of|not)\\b[^.!?\\n]{0,18}$",
                re.IGNORECASE,
            ),
        ),
        (
            "received",
            re.compile(
                "\\b(?:got|get|received?|came|arrived|sent|delivered|turned up|shipped|gave|opened|found)\\b[^.!?\\n]{0,18}$",
                re.IGNORECASE,
            ),
        ),
    )
    after = (
        (
            "received",
            re.compile(
                "^[^.!?,\\n]{0,14}\\b(?:came(?! (?:off|apart|undone|loose|away|out))|arrived|turned up|showed up|was sent|was delivered|in the (?:box|parcel|package))\\b",
                re.IGNORECASE,
            ),
        ),
        (
            "ordered",
            re.compile(
                "^\\s*(?:that )?I (?:had )?(?:ordered|bought|chose|picked|asked for|paid for)\\b", re.IGNORECASE
            ),
        ),
    )
    place = re.compile(
        f"\\b(?:(?P<place>{_any(words['places'])})(?:['’]s)?|(?P<branch>(?-i:{_any(words['branches'])})))\\s+(?:store|shop|branch|location)\\b",
        re.IGNORECASE,
    )
    number = "\\d{1,2}|a|one|two|three|four|five|six|seven|eight|nine|ten|several"
    waited = re.compile(
        f"\\b(?:wait(?:ed|ing)?(?: for)?(?: [\\w']+){{0,4}}|for|been|after|over|nearly|almost|already) (?P<number>{number}) (?P<unit>days?|weeks?|months?)\\b",
        re.IGNORECASE,
    )
    return Lexicon(goods=goods, place=place, waited=waited, before=before, after=after)
