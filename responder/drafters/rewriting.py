"""Rewording a text that a person is typing, on their wish. Only that text leaves: no post, no history, nothing of the case."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.chat import NoAnswerError
from domain.words import Language
from responder.drafters.guards import Given, find_rewording_fault
from responder.drafters.masking import Mask, marks_in
from responder.drafters.model_drafter import Wording
from responder.drafters.prompts import ask_for_rewording, read_prompt


class Wish(StrEnum):
    """What a person may ask for."""

    SHORTER = "shorter"
    SOFTER = "softer"
    FORMAL = "formal"
    OTHER_LANGUAGE = "other_language"


_WISHES: Final = {
    Language.JA: {
        Wish.SHORTER: "意味を変えずに、もっと短く。",
        Wish.SOFTER: "もっと柔らかく、温かい言い方に。",
        Wish.FORMAL: "もっと丁寧で改まった言い方に。",
        Wish.OTHER_LANGUAGE: "お店の返信として自然な日本語（です・ます調の敬語）に。",
    },
    Language.EN: {
        Wish.SHORTER: "Make it shorter without changing what it says.",
        Wish.SOFTER: "Make it softer and warmer.",
        Wish.FORMAL: "Make it more formal.",
        Wish.OTHER_LANGUAGE: "Say it in natural, warm English, as a shop would.",
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A text as it stands in somebody's field."""

    text: str
    language: Language
    names: tuple[str, ...] = ()
    """Of the customer, to be hidden."""


class UnusableRewordingError(Exception):
    """There is no rewording to show. ``code`` is a key under ``fallback`` in ``config/locale/drafting.toml``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def reword(typed: Typed, wish: Wish, *, wording: Wording) -> Generator[str, None, str]:
    """Yield the whole text so far, each time more of it is written; return it when it may be used.

    Raises ``UnusableRewordingError`` otherwise. Closing it hangs up. Network: never within a transaction.
    """
    language = _target(typed.language, wish)
    mask = Mask(typed.names, active=wording.mask)
    hidden = mask.hide_post(typed.text)
    allowed = marks_in(hidden)
    question = ask_for_rewording(hidden, _WISHES[language][wish], language=language)
    said = ""
    try:
        for piece in wording.chat.listen(question):
            said += piece
            yield mask.show(said, allowed=allowed)
    except NoAnswerError as error:
        raise UnusableRewordingError(error.trouble) from error
    text = mask.restore(_bare(said), allowed=allowed)
    if text is None:
        raise UnusableRewordingError("marks")
    given = Given(facts=typed.text, language=language, instructions=read_prompt("rewrite", language))
    fault = find_rewording_fault(text, given, may_lose=wish is Wish.SHORTER, translated=wish is Wish.OTHER_LANGUAGE)
    if fault:
        raise UnusableRewordingError(fault)
    return text


def _target(language: Language, wish: Wish) -> Language:
    if wish is not Wish.OTHER_LANGUAGE:
        return Language.EN if language is Language.EN else Language.JA
    return Language.JA if language is Language.EN else Language.EN


def _bare(said: str) -> str:
    """Return the text without the quotation marks that some models put around it."""
    text = said.strip()
    for opening, closing in _QUOTES:
        if text.startswith(opening) and text.endswith(closing) and text.count(opening) == 1:
            return text[1:-1].strip()
    return text


_QUOTES: Final[Iterable[tuple[str, str]]] = (("「", "」"), ("“", "”"))
