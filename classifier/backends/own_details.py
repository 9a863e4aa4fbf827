"""Details a writer gives of themselves: a phone number, a mail address, a postal address. The desk hides such a post.

A shop's own number or address stands in posts too. So a mobile number speaks for itself, and everything else needs a word
beside it that says whose it is. What was found is named by its kind only: a reason must not repeat it.
"""

import re
import unicodedata
from typing import Final

from classifier.backends.spelling import cut

PHONE: Final = "phone number"
MAIL: Final = "mail address"
HOME: Final = "postal address"
BESIDE: Final = 40
"""Characters before and after a detail in which a word may say whose it is."""

_NUMBER_OR_MAIL = re.compile(r"[\d@＠〒]")  # each of the kinds has one of these
_START, _END = r"(?<![0-9A-Za-z\-])", r"(?![0-9A-Za-z]|-[0-9])"
_MOBILE = re.compile(
    rf"{_START}(?:0[789]0[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}|(?:\+44 ?|0)7[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{3}}|\+81[- ]?[789]0[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}){_END}"
)
_LANDLINE = re.compile(
    rf"{_START}(?:0[1-9][0-9]{{0,3}}-[0-9]{{1,4}}-[0-9]{{4}}|\(?[2-9][0-9]{{2}}\)?[-. ][0-9]{{3}}[-. ][0-9]{{4}}|0[12][0-9]{{2,3}} [0-9]{{3}} ?[0-9]{{3,4}}){_END}"
)
_FREE = re.compile(r"^(?:0120|0800|0570|800|888|877)")
_MAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9._+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})")
_PRIVATE_MAIL = re.compile(
    r"^(?:gmail|icloud|outlook|hotmail|yahoo|docomo|ezweb|softbank|au|me|proton|protonmail|aol|live)\.", re.IGNORECASE
)
_HOME = re.compile(
    r"〒 ?[0-9]{3}-?[0-9]{4}|[都道府県][^\s。、都道府県]{1,8}[市区町村郡][^\s。、]{0,12}?[0-9]{1,4}(?:-[0-9]|丁目|番)"
    r"|(?<![0-9A-Za-z])[0-9]{1,5} (?:[A-Z][a-z]{1,20} ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Way|Terrace)(?![a-z])"
)
_MINE = re.compile(
    r"私の|わたしの|僕の|自分の|うちの|当方|こちらの番号|連絡先|携帯|折り返し|電話番号は|番号は|電話ください|アドレスは|アドレスです|メアド"
    r"|まで連絡|までご連絡|に連絡くだ|に連絡して|へ連絡|住所は|住所です|自宅|実家|引っ越し|住んで|届け先は|に送って|宛に|宛て"
    r"|(?<![a-z])(?:my|me|mine|i live|i'm at|i am at|our house|our address|our home|send it to|deliver it to|ship it to)(?![a-z])",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"偽|詐欺|不審|怪しい|名乗|から(?:メール|電話|sms)|(?<![a-z])(?:scam|phish|fake|dodgy|claiming|pretending)",
    re.IGNORECASE,
)


def find_own_details(text: str) -> tuple[str, ...]:
    """Return the kinds of the writer's own details in ``text``, each once. A warning about fraud quotes another's."""
    if not _NUMBER_OR_MAIL.search(text):
        return ()
    plain = unicodedata.normalize("NFKC", cut(text))
    plain = re.sub(r"(?<=[0-9])[‐‑–—−ー](?=[0-9])", "-", plain)
    if _THEIRS.search(plain):
        return ()
    landline = any(_is_mine(plain, found) and not _FREE.match(found[0]) for found in _LANDLINE.finditer(plain))
    kinds = {
        PHONE: landline or _MOBILE.search(plain) is not None,
        MAIL: any(_PRIVATE_MAIL.match(found[1]) or _is_mine(plain, found) for found in _MAIL.finditer(plain)),
        HOME: any(_is_mine(plain, found) for found in _HOME.finditer(plain)),
    }
    return tuple(kind for kind, there in kinds.items() if there)


def _is_mine(text: str, found: re.Match[str]) -> bool:
    around = text[max(0, found.start() - BESIDE) : found.start()] + " " + text[found.end() : found.end() + BESIDE]
    return _MINE.search(around) is not None
