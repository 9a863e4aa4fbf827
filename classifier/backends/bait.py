"""The message of a swindler, posted as it is: an alarm or a gift in somebody's name, a link, and a hurry to type something in.

The link carries no meaning for the word lists, which read texts without it; here it is half of the sign.
"""

import re
import unicodedata
from typing import Final

from classifier.backends.spelling import cut

BAIT: Final = "link that asks to confirm"
"""What people are told: never the link."""

_DOT = re.compile(r"[a-z0-9]\.[a-z]", re.IGNORECASE)  # every link has one
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s、。「」()]+|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|jp|uk|co|xyz|top|shop|site|online|link|example)(?![a-z])",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"ご?確認(?:くだ|を|いただ|のうえ|の上|→|は|へ)|ご?入力|ご?更新|再登録|お?手続き|本人確認|ログイン|解除は|お受け取り|カード|暗証番号|口座|パスワード|こちら(?:へ|から|で|まで|→|:)|下記"
    r"|confirm|verify|verif|log ?in|sign in|update|enter|claim|pay |payment|card|password|bank|click|redeem|unlock|release|settle",
    re.IGNORECASE,
)
_ALARM = re.compile(
    r"重要|至急|本日|時間以内|分以内|不正|検知|停止|失効|凍結|制限|保留|差し止め|未払い|未納|未完了|未了|失敗し|誤りがあ|問題があ|確認できませ|返送|不備|お預かりして|再配達|関税|還付"
    r"|suspended|on hold|expire|void|frozen|locked|closes|unusual|final notice|returns? to sender|not be released|can(?:not|'t) be (?:released|delivered)|customs|refund|deposit|"
    r"postage|you'?ve been (?:picked|selected|chosen)|within \d+ ?h|in \d+ ?h|in \d+ hrs?|today|tonight|first \d+|fee\b|lose your",
    re.IGNORECASE,
)
_TOLD = re.compile(r"\b(?:i|i'[a-z]+|my|me|we|our)\b|私|うちの|のですが|んですが|ですか|ますか|られまし", re.IGNORECASE)
"""A customer who tells of a link says "I" or asks; a lure says "you"."""


def is_bait(text: str) -> bool:
    """Tell whether ``text`` itself lures: a link, something to type in, and an alarm or a gift."""
    if not _DOT.search(text):
        return False
    plain = unicodedata.normalize("NFKC", cut(text))
    if not _LINK.search(plain):
        return False
    words = _LINK.sub(" ", plain)
    if _TOLD.search(words):
        return False
    return _ASKED.search(words) is not None and _ALARM.search(words) is not None
