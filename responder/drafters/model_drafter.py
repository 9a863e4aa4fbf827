"""A language model on top of the composer: same refusals, same knowledge, same places; only the wording may be the model's.

Whatever goes wrong, and whatever a text says beyond what it was given, the composer's own text stands, with the reason beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from config.brand_book import BrandBook
from config.playbook import Playbook
from domain.cases import Case, Drafter
from domain.chat import ChatModel, NoAnswerError, UnfitAnswerError, unwrap
from domain.replies import ProposedDraft
from responder.checks import TextContext, check_text
from responder.checks.surroundings import find_grounds
from responder.drafters.guards import Given, find_stray, words_of
from responder.drafters.masking import Mask, links_in, marks_in
from responder.drafters.prompts import Outline, ask_for_texts, read_prompt
from responder.names import address
from responder.notes import note

FALLBACK: Final = "fallback"
WORDED_BY: Final = "worded_by"
LONGEST_ID: Final = 80
"""Characters of ``Draft.drafter_id``."""

log = structlog.get_logger(__name__)


class _Texts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    texts: list[str]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Who words drafts, and whether what tells of persons is hidden from them."""

    chat: ChatModel
    mask: bool = True


class ModelDrafter(Drafter):
    """Rewords what ``composer`` proposes. Thread-safe; keeps nothing between cases. Network: never within a transaction."""

    def __init__(self, composer: Drafter, *, wording: Wording, book: BrandBook, playbooks: Sequence[Playbook]) -> None:
        self._composer = composer
        self._chat = wording.chat
        self._mask = wording.mask
        self._book = book
        self._moves = {one.id: tuple(move.move for move in one.moves) for one in playbooks}
        self._playbooks = playbooks

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every draft that the model worded."""
        return f"{self._composer.drafter_id}+llm:{self._chat.name}"[:LONGEST_ID]

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return words_of(said.text for one in self._playbooks for move in one.moves for said in move.wordings)

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return the composer's options, each in the model's words where they may be used; or none and why."""
        options, reason = self._composer.draft(case)
        if not options:
            return options, reason
        mask = self._hide(case)
        post = mask.hide_post(case.text)
        outlines = [self._outline(case, option, mask) for option in options]
        question = ask_for_texts(post, outlines, voice=self._book.voice, language=case.language)
        try:
            texts = self._chat.ask(question, read=lambda content: _read(content, len(options)))
        except NoAnswerError as error:
            return [_keep(option, error.trouble) for option in options], reason
        return [
            self._take(case, option, outline, text=text, mask=mask)
            for option, outline, text in zip(options, outlines, texts, strict=True)
        ], reason

    def _hide(self, case: Case) -> Mask:
        bare = address(case.author_name, language=case.language)
        return Mask((case.author_name, bare, case.author_handle, case.person.called), active=self._mask)

    def _outline(self, case: Case, option: ProposedDraft, mask: Mask) -> Outline:
        cited = [self._moves.get(one.reference, ()) for one in option.citations if one.kind == "playbook"]
        return Outline(
            text=mask.hide_own(option.text),
            visibility=option.visibility,
            moves=cited[0] if cited else (),
            most=case.measure(option.text, option.visibility).limit,
        )

    def _take(self, case: Case, option: ProposedDraft, outline: Outline, *, text: str, mask: Mask) -> ProposedDraft:
        """Return ``option`` in the words of ``text``, or as it was with the reason."""
        said = mask.restore(text.strip(), allowed=marks_in(outline.text))
        code = "marks" if said is None else self._find_fault(case, option, said)
        if links_in(outline.text) - links_in(text):
            code = code or "missing"
        if said is None or code:
            log.info("language model: a text was not used", code=code, model=self._chat.name)
            return _keep(option, code)
        told = (*option.facts_used, note(WORDED_BY, self._chat.name))
        return replace(option, text=said, wordings=(), facts_used=told, drafter_id=self.drafter_id)

    def _find_fault(self, case: Case, option: ProposedDraft, said: str) -> str:
        given = Given(
            facts=option.text,
            language=option.language,
            post=case.text,
            instructions=read_prompt("draft", case.language),
            vocabulary=self._vocabulary,
        )
        return find_stray(said, given) or ("checks" if self._worsens(case, option, said) else "")

    def _worsens(self, case: Case, option: ProposedDraft, said: str) -> bool:
        """Tell whether the checks find anything on ``said`` that they do not find on the composer's text."""
        book = self._book
        context = TextContext(
            names=(case.author_name, case.author_handle, case.person.called),
            grounds=tuple(find_grounds(book, option.citations, option.language)),
            hosts=book.hosts,
        )
        found = [
            {
                check.code
                for check in check_text(
                    text,
                    visibility=option.visibility,
                    language=option.language,
                    measure=case.measure(text, option.visibility),
                    voice=book.voice,
                    context=context,
                )
            }
            for text in (said, option.text)
        ]
        return bool(found[0] - found[1])


def make_drafter(
    composer: Drafter, wording: Wording | None, *, book: BrandBook, playbooks: Sequence[Playbook]
) -> Drafter:
    """Return ``composer``, with a language model on top where there is one."""
    return ModelDrafter(composer, wording=wording, book=book, playbooks=playbooks) if wording else composer


def _keep(option: ProposedDraft, code: str) -> ProposedDraft:
    """Return the composer's option with the reason why the model's was not used."""
    return replace(option, facts_used=(*option.facts_used, note(f"{FALLBACK}.{code}")))


def _read(content: str, count: int) -> list[str]:
    """Return exactly ``count`` texts. Raises ``UnfitAnswerError`` for anything else."""
    try:
        texts = _Texts.model_validate_json(unwrap(content)).texts
    except ValidationError as error:
        raise UnfitAnswerError(f"{error.error_count()} values do not fit") from None
    if len(texts) != count:
        raise UnfitAnswerError(f"{len(texts)} texts instead of {count}")
    return texts
