"""A customer's words read as an answer: the score of a survey, that all is well, yes or no to a request. Rules only.

Whatever is read is shown to a person, who may correct it. Any text is safe; what is not surely an answer is none.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import regex

from domain.words import SurveyKind

LONGEST_ANSWER: Final = 120
"""Who writes more says something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadScore:
    """A score, and whether the post says nothing beside it that a person should read."""

    score: int
    bare: bool


class Consent(Enum):
    """What somebody says to a request."""

    YES = auto()
    NO = auto()


KANJI_DIGITS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
ENGLISH: Final = {
    name: number
    for number, name in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
MOST: Final = {SurveyKind.CSAT: 5, SurveyKind.NPS: 10}
LEAST: Final = {SurveyKind.CSAT: 1, SurveyKind.NPS: 0}

STARS = regex.compile(r"(?:[⭐🌟★]\ufe0f?\s*)+(?:[☆]\s*)*")
KEYCAP = regex.compile(r"([0-9])\ufe0f?\u20e3")
NAMED = "|".join([*ENGLISH, *KANJI_DIGITS])
OUT_OF = r"(?:\s*(?:/|out of|of|点中|段階中)\s*(?:10|5|ten|five)(?:点)?)?"
UNIT = r"\s*(?:点|つ星|星|stars?|points?|です|でした|だ|でお願いします)*"
LEAD = r"(?:(?:i(?:'d| would)? (?:give|say|rate)(?: (?:it|you|this))?(?: a)?|score|rating|my (?:score|answer)(?: is)?|it'?s(?: a)?|a solid|a|評価は?|点数は?|満足度は?|星|回答は?|答えは?)\s*[::]?\s*)?"
OF_SOMETHING = r"(?!\s*(?:days?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?|times|items?|pm|am|st|nd|rd|th)\b)"
NUMBER = regex.compile(
    rf"^{LEAD}(?P<number>10|[0-9]|{NAMED}){OF_SOMETHING}{OUT_OF}{UNIT}(?=$|[\s、。,.!?…~—ー\p{{So}}\p{{Sk}}])",
    regex.IGNORECASE,
)
PRAISED_OUT_OF = regex.compile(
    r"^(?P<most>10|5|十|五)(?:段階|点満点)(?:中|で)(?:の)?\s*(?P<number>10|[0-9]|[一二三四五六七八九十])"
)

SAID: Final[tuple[tuple[str, int], ...]] = (
    (r"大変不満|とても不満|非常に不満|最悪|very (?:dissatisfied|unhappy|disappointed)|terrible|awful|worst", 1),
    (r"やや不満|少し不満|不満|満足(?:して(?:い)?ません|できません|できなかった|していない|じゃない|ではない)|いまいち|残念でした|(?:not|un)\s*(?:satisfied|happy)|unhappy|dissatisfied|not (?:very |really )?(?:good|great)|poor|disappointed", 2),
    (r"普通(?:です)?|ふつう|どちらとも(?:いえない|言えない)|まあまあ|so-?so|average|neutral|neither|okay-?ish|it was ok(?:ay)?", 3),
    (r"大満足|大変満足|とても満足|非常に満足|最高|満点|文句なし|完璧|very (?:satisfied|happy|pleased)|excellent|perfect|fantastic|amazing|brilliant|couldn'?t be (?:happier|better)", 5),
    (r"やや満足|だいたい満足|満足|よかった(?:です)?|良かった(?:です)?|satisfied|happy|pleased|good", 4),
)  # fmt: skip
WORDS = tuple((regex.compile(pattern, regex.IGNORECASE), score) for pattern, score in SAID)
FACES: Final[tuple[tuple[str, int], ...]] = (
    ("😍🥰🤩🥳💯😻", 5),
    ("😡🤬😠💢👎", 1),
    ("😞😢😭🙁☹😟😕😔", 2),
    ("😐😑🤔😶", 3),
    ("😊🙂😀😃😄😁😆👍👌🙆☺😌🙌👏❤♥💕", 5),
)
DECORATION = regex.compile(
    r"[\p{P}\p{S}\p{M}\p{Cf}\s]|です|でした|ありがとう(?:ございます|ございました)?|お願いします|よろしく|thank(?:s| you)(?: so much| a lot| very much)?|please|cheers",
    regex.IGNORECASE,
)
COMPLAINING = regex.compile(
    r"まだ|いまだ|未だ|けど|けれど|のに|しかし|ただし?、|また壊|再度|still|but|however|not (?:yet|arrived|fixed)|again|broken",
    regex.IGNORECASE,
)
MENTIONS = regex.compile(r"(?<!\w)@[\w.-]+")

THANKS = regex.compile(
    r"ありがとう|有難う|有り難う|感謝|助かりました|助かった|無事(?:に)?(?:届|受け取|解決|使え)|届きました|解決しました|直りました|嬉しい|うれしい"
    r"|thank|thx|cheers|much appreciated|appreciate it|it (?:has )?arrived|all (?:good|sorted|fine)|sorted now|works? (?:now|perfectly|great)|problem solved|love it",
    regex.IGNORECASE,
)
UNSETTLED = regex.compile(
    r"まだ|いまだ|未だ|届(?:いて(?:い)?(?:ない|ません)|きません|かない)|直(?:って(?:い)?(?:ない|ません)|らない|りません)|けど|けれど|のに|ですが|しかし|一方|また(?:違|壊|同じ)|違う|返金|不良|壊れ|いつ|どう(?:なって|すれば)|でしょうか|ますか|[??]"
    r"|\bbut\b|however|\bstill\b|not (?:yet|arrived|fixed|working)|hasn'?t|haven'?t|doesn'?t|didn'?t|no thanks|thanks for nothing|wrong|refund|broken|when will|\bagain\b",
    regex.IGNORECASE,
)
YES = regex.compile(
    r"^(?:はい|ええ|うん|もちろん|ぜひ|是非|どうぞ|いいですよ|大丈夫です|問題(?:ない|ありません)|構いません|かまいません|OK|オッケー|了解|承知)|使っていただいて|載せて(?:いただいて|もらって)?(?:も)?(?:いい|大丈夫|構)|ご自由に"
    r"|^(?:yes|yeah|yep|sure|of course|absolutely|please do|go ahead|ok(?:ay)?|no problem|happy to|feel free|certainly|by all means)\b|you (?:can|may) (?:use|quote|share)",
    regex.IGNORECASE,
)
NO = regex.compile(
    r"いいえ|いえ[、。 ]|遠慮|控え|やめて|止めて|困り|お断り|辞退|載せないで|使わないで|嫌です|いやです|ごめんなさい|ダメ|だめ|大丈夫ですので"
    r"|\b(?:no|nope|not|don'?t|rather not|never|decline|please stop|sorry)\b(?! problem)",
    regex.IGNORECASE,
)


def read_score(text: str, kind: SurveyKind) -> ReadScore | None:
    """Return the score that a post gives in answer to a question of ``kind``, or None when it gives none."""
    plain = _plain(text)
    if not plain or len(plain) > LONGEST_ANSWER:
        return None
    score, rest = _find_number(plain, kind)
    if score is None and kind is SurveyKind.CSAT:
        score, rest = _find_words(plain)
    if score is None or not LEAST[kind] <= score <= MOST[kind]:
        return None
    if COMPLAINING.search(rest) and score > (LEAST[kind] + MOST[kind]) / 2:
        return None if not _leads_with_number(plain) else ReadScore(score=score, bare=False)
    return ReadScore(score=score, bare=not DECORATION.sub("", rest))


def is_content(text: str) -> bool:
    """Tell whether a post thanks or says that it is settled, and asks and regrets nothing beside."""
    plain = _plain(text)
    return THANKS.search(plain) is not None and UNSETTLED.search(plain) is None


def is_unsettled(text: str) -> bool:
    """Tell whether a post leaves something open, however friendly it is."""
    return UNSETTLED.search(_plain(text)) is not None


def read_consent(text: str) -> Consent | None:
    """Return what a post seems to say to a request. A proposal only: a person records it."""
    plain = _plain(text)
    if NO.search(plain):
        return Consent.NO
    return Consent.YES if YES.search(plain) else None


def _plain(text: str) -> str:
    return str(MENTIONS.sub("", unicodedata.normalize("NFKC", text))).strip()


def _leads_with_number(plain: str) -> bool:
    return NUMBER.match(plain) is not None


def _find_number(plain: str, kind: SurveyKind) -> tuple[int | None, str]:
    keyed = KEYCAP.sub(r"\1", plain).replace("🔟", "10").replace("💯点", "")
    stars = STARS.search(keyed)
    if stars and kind is SurveyKind.CSAT:
        return sum(stars.group().count(star) for star in "⭐🌟★"), keyed.replace(stars.group(), "", 1)
    for pattern in (PRAISED_OUT_OF, NUMBER):
        if found := pattern.match(keyed):
            return _value(found["number"]), keyed[found.end() :]
    return None, keyed


def _value(number: str) -> int:
    return int(number) if number.isdecimal() else {**KANJI_DIGITS, **ENGLISH}[number.lower()]


def _find_words(plain: str) -> tuple[int | None, str]:
    for pattern, score in WORDS:
        if found := pattern.search(plain):
            return score, plain.replace(found.group(), "", 1)
    for faces, score in FACES:
        if any(face in plain for face in faces):
            return score, plain.translate({ord(face): None for face in faces})
    return None, plain
