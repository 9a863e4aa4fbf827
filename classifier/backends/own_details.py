"""Details a writer gives of themselves: a phone number, an address, a card, an account, a birth date. The desk hides such a post.

A shop's own number or address stands in posts too. So what a shop hardly has (a mobile number, a card, a birth date) speaks for itself,
and everything else needs a word beside it that says whose it is. What was found is named by its kind only: a reason must not repeat it.
What leaves the house is asked more strictly: there, details count whoever's they are, and what remains of numbers is masked.
"""

import re
import unicodedata
from typing import Final

from classifier.backends.detail_shapes import (
    ACCOUNT,
    BIRTH,
    CARD,
    HOME,
    IDENTITY,
    LANDLINE,
    MOBILE,
    OLD_DATE,
    PHONES,
    PLACES,
)
from classifier.backends.spelling import cut

PHONE: Final = "phone number"
MAIL: Final = "mail address"
ADDRESS: Final = "postal address"
PAYMENT: Final = "card or account"
PERSON: Final = "birth date or official number"
BESIDE: Final = 40
"""Characters before and after a detail in which a word may say whose it is."""

_NUMBER_OR_MAIL = re.compile(r"[\d@＠〒]|[〇一二三四五六七八九十百](?:丁目|番)")  # each of the kinds has one of these
_DIGITS: Final = "0123456789"
_FEWEST: Final = {PHONE: 7, PAYMENT: 6, PERSON: 4}
"""Digits of the shortest of a kind: most posts name a price or a day and are spared the search."""
_FREE = re.compile(r"^(?:0120|0800|0570|800|888|877)")
_MAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9._+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})")
_PRIVATE_MAIL = re.compile(
    r"^(?:gmail|icloud|outlook|hotmail|yahoo|docomo|ezweb|softbank|au|me|proton|protonmail|aol|live)\.", re.IGNORECASE
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


_NUMBER = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,4}[0-9](?:[ \-()]?[0-9]){3,}")
_HANDLE = re.compile(r"@[A-Za-z0-9_](?:[\w.\-]*\w)?", re.ASCII)
_ACCOUNT_NAME = re.compile(
    r"((?<![a-z])(?:line|kakao|whatsapp|telegram|discord|skype|insta(?:gram)?)|ライン|カカオ|インスタ)"
    r"([ の]?(?:id|アカウント|account|name)?(?:は| is|[:：=])\s*)[\w.\-]{4,40}",
    re.IGNORECASE,
)


def find_own_details(text: str) -> tuple[str, ...]:
    """Return the kinds of the writer's own details in ``text``, each once. A warning about fraud quotes another's."""
    plain = _plain(text)
    if not plain:
        return ()
    digits = sum(map(plain.count, _DIGITS))
    kinds = {
        PHONE: digits >= _FEWEST[PHONE] and _has_own_phone(plain),
        MAIL: "@" in plain
        and any(_PRIVATE_MAIL.match(found[1]) or _is_mine(plain, found) for found in _MAIL.finditer(plain)),
        ADDRESS: any(_is_mine(plain, found) for found in HOME.finditer(plain)),
        PAYMENT: digits >= _FEWEST[PAYMENT] and (_has_card(plain) or ACCOUNT.search(plain) is not None),
        # A year of an era may be written without a digit (昭和元年), its month and day hardly.
        PERSON: (digits >= _FEWEST[PERSON] or "年" in plain) and BIRTH.search(plain) is not None,
    }
    found = tuple(kind for kind, there in kinds.items() if there)
    return () if found and _THEIRS.search(plain) else found


def find_details(text: str) -> tuple[str, ...]:
    """Return the kinds of details of a person in ``text``, whoever's they are: for what is about to leave the house.

    Mail addresses count where they are the writer's own; others are masked by ``classifier.preparation``.
    """
    plain = _plain(text)
    if not plain:
        return ()
    kinds = dict.fromkeys(find_own_details(text))
    strict = {
        PHONE: any(not _FREE.match(found[0]) for found in PHONES.finditer(plain)),
        ADDRESS: HOME.search(plain) is not None or PLACES.search(plain) is not None,
        PAYMENT: _has_card(plain) or ACCOUNT.search(plain) is not None,
        PERSON: any(shape.search(plain) for shape in (BIRTH, OLD_DATE, IDENTITY)),
    }
    return tuple(kinds | {kind: None for kind, there in strict.items() if there})


def mask_rest(prepared: str) -> str:
    """Return a text of ``classifier.preparation`` without numbers of four digits and more and without names of accounts.

    There a handle counts only where a word begins, as the model was trained; Japanese puts no space before it.
    """
    return _NUMBER.sub("NUMBER", _ACCOUNT_NAME.sub(r"\1\2NAME", _HANDLE.sub("NAME", prepared)))


def _plain(text: str) -> str:
    """Return ``text`` in NFKC with one kind of hyphen between figures; nothing where there can be no detail."""
    if not _NUMBER_OR_MAIL.search(text):
        return ""
    plain = unicodedata.normalize("NFKC", cut(text))
    return re.sub(r"(?<=[0-9]) ?[‐‑‒–—―−ーｰ－] ?(?=[0-9])", "-", plain)


def _has_card(plain: str) -> bool:
    return any(_passes_luhn(re.sub(r"\D", "", found[0])) for found in CARD.finditer(plain))


def _passes_luhn(digits: str) -> bool:
    """Tell whether the last figure is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004 - the digits' sum


def _has_own_phone(plain: str) -> bool:
    landline = any(_is_mine(plain, found) and not _FREE.match(found[0]) for found in LANDLINE.finditer(plain))
    return landline or MOBILE.search(plain) is not None


def _is_mine(text: str, found: re.Match[str]) -> bool:
    around = text[max(0, found.start() - BESIDE) : found.start()] + " " + text[found.end() : found.end() + BESIDE]
    return _MINE.search(around) is not None
