"""Whether a sentence of an approved reply could carry anything of the case it was written for."""

import re
from collections.abc import Sequence
from typing import Final

from domain.words import Language
from responder.approved.own_words import HAS_SLOT, OwnWords, words_in
from responder.approved.sameness import CaseFacts
from responder.echo import find_echo
from storage.approved_replies import ApprovedReply

SHARED_SIGNS: Final = 6
"""Signs in a row that a sentence and the earlier post share, and this post has not: in Japanese, where words have no ends."""
_SIGNS: Final = re.compile(r"[0-9０-９@#＠＃/\\<>{}\[\]「」『』“”\"_=|%$€£¥]|https?:", re.IGNORECASE)
_NUMERAL: Final = re.compile(
    r"[〇一二三四五六七八九十百千万数半](?:円|割|日|時|分|か月|ヶ月|カ月|月|個|点|枚|着|足|週|年|回|名|人|階|番|丁目)"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|half|double"
    r"|dozen|percent|first|second|third|once|twice)\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"今日|本日|明日|明後日|昨日|昨夜|今夜|今朝|翌日|先日|先週|来週|今週|先月|来月|今月|週末|月末|年末|年始|午前|午後|夕方|正午|曜"
    r"|\b(?:today|tomorrow|yesterday|tonight|morning|afternoon|evening|weekend|midnight|noon|ago"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:last|next|this) (?:week|month|year)"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(r"[^\s、。,!?！？]{1,12}(?:さん|さま|様|ちゃん|くん|君|氏|先生)")
_EVERYBODY: Final = re.compile(r"(?:お客|皆|みな|お子|奥|お連れ)(?:さん|さま|様)")
_TITLED: Final = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Madam)\b")


def carries_anything(
    sentence: str, reply: ApprovedReply, here: CaseFacts, *, own: OwnWords, playbooks: Sequence[str]
) -> bool:
    """Whether ``sentence``, its known facts taken out, may still say anything of the case of ``reply``.

    A sentence of ours, word for word, does not; unless it is one that we say only to some. Any other may have only words that
    playbooks say everywhere or said here, no value of a case, no number, date, name or thing, and nothing in common with the earlier post alone.
    """
    if own.knows(sentence):
        return False
    if (
        own.is_personal(sentence)
        or HAS_SLOT.search(sentence)
        or _SIGNS.search(sentence)
        or _NUMERAL.search(sentence)
        or _DATE.search(sentence)
    ):
        return True
    if _CALLED.search(_EVERYBODY.sub("", sentence)) or _TITLED.search(sentence):
        return True
    words = frozenset(words_in(sentence, own.language))
    if words - own.words_about(playbooks):
        return True
    if any(here.echoed.get(key) != value for key, value in find_echo(sentence, own.language).items()):
        return True
    return _repeats(sentence, words, reply.post, here.text, own=own)


def _repeats(sentence: str, words: frozenset[str], there: str, here: str, *, own: OwnWords) -> bool:
    """Whether the sentence says what the earlier post says and this one does not."""
    language = own.language
    theirs = frozenset(words_in(there, language)) - frozenset(words_in(here, language))
    if (words & theirs) - own.words_about(()):
        return True
    if language is not Language.JA:
        return False
    runs = (sentence[at : at + SHARED_SIGNS] for at in range(len(sentence) - SHARED_SIGNS + 1))
    return any(run in there and run not in here for run in runs)
