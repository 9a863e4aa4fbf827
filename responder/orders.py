"""Whether a post gives an order number, and whether it wants something done about one's own order. Rules over the text."""

from typing import Final

import regex

from domain.words import Language

NUMBER: Final = r"[A-Z]{0,4}[-#]?\d(?:[\d-]{2,})\d"
GIVES_NUMBER: Final = regex.compile(
    rf"(?:(?:注文|受注|予約|受付|申込|問い?合わせ)(?:の)?(?:番号|No\.?|ID)|(?:ご注文|注文|オーダー)\s*[#:：]?)[\s:：は#]{{0,4}}{NUMBER}"
    rf"|\b(?:order|booking|reference|ref|confirmation)(?:\s+(?:no|number|id|ref))?\b\.?\s*(?:is|was|:|#)?\s*{NUMBER}"
    r"|(?<![\w#])#\d{4,}(?!\w)|(?<![\w-])[A-Z]{1,4}-\d{4,}(?![\w-])|(?<![\w-])\d{3,5}-\d{3,7}(?![\w-])",
    regex.IGNORECASE,
)
ABOUT_OWN: Final = {
    Language.JA: regex.compile(
        "(?:注文|購入|予約|契約|申し?込)した|頼んだ|買った|お願い(?:でき|します|したい)|して(?:ほしい|下さい|ください|もらえ)"
        "|届(?:か|いてい|いてな|きませ)|まだ(?:です|なん|来|届)|昨日|先日|一昨日|できません|できない|二重|私の|うちの"
    ),
    Language.EN: regex.compile(
        r"\b(?:my|mine|our) (?!question)|\bI(?:['’]ve| have)? (?:\w+ )?(?:ordered|bought|placed|paid|booked|sent|returned)\b|\bplease\b"
        r"|\b(?:haven['’]t|hasn['’]t|still|yesterday|ago|can you|could you|need to)\b",
        regex.IGNORECASE,
    ),
}
ASKS_NUMBER: Final = regex.compile(
    r"(?:注文|予約|受付)(?:の)?番号|\b(?:order|booking|reference) (?:number|no\b|ref|id\b)", regex.IGNORECASE
)


def gives_number(text: str) -> bool:
    """Return whether ``text`` (NFKC) carries what looks like the number of an order. The number itself is never said again."""
    return GIVES_NUMBER.search(text) is not None


def asks_number(wording: str) -> bool:
    """Return whether ``wording`` asks for the number of an order."""
    return ASKS_NUMBER.search(wording) is not None


def is_about_own(text: str, language: Language) -> bool:
    """Return whether ``text`` (NFKC) is about the writer's own order rather than about how things go in general."""
    pattern = ABOUT_OWN.get(language)
    return gives_number(text) or (pattern is not None and pattern.search(text) is not None)
