"""The drafter that offers an approved reply again, and never anything of the case it was approved for.

Every value of the earlier case gives way to this case's own; a sentence that is not ours word for word may carry only words that say
nothing of anybody. Whatever is in doubt is not offered: the composer's options follow in any case.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from config.brand_book import BrandBook
from config.playbook import Playbook
from domain.cases import Case, Drafter
from domain.replies import Citation, ProposedDraft
from domain.words import DraftKind, Language, Purpose, Visibility
from responder.approved.memory import EarlierCase, Recall
from responder.approved.own_words import own_words_of, sentences_of
from responder.approved.sameness import CaseFacts, is_same, read_facts
from responder.approved.slots import Slotted, fill_slots, leave_greeting_out, names_any, take_facts_out
from responder.approved.strangeness import carries_anything
from responder.assembly import SAYS_DM
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.composer import find_refusal
from responder.hours import say_when
from responder.knowledge import Shelf
from responder.names import address
from responder.notes import note
from storage.approved_replies import ApprovedReply

DRAFTER_ID: Final = "approved-ja-en-1"
TOLD: Final = "fact.approved"
TIMES: Final = "fact.approved_times"


class ApprovedDrafter(Drafter):
    """Puts what was approved for a nearly identical case before the options of ``inner``. Thread-safe."""

    def __init__(
        self,
        inner: Drafter,
        *,
        recall: Recall,
        book: BrandBook,
        playbooks: Sequence[Playbook],
        today: date,
        shelf: Shelf,
    ) -> None:
        self._inner = inner
        self._recall = recall
        self._book = book
        self._today = today
        self._shelf = shelf
        self._own = {language: own_words_of(book, playbooks, language) for language in (Language.JA, Language.EN)}

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every reply told again."""
        return DRAFTER_ID

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return the approved text first where one may be told again, then the options of the drafter beneath."""
        options, reason = self._inner.draft(case)
        if case.purpose is not Purpose.ANSWER or find_refusal(case, thanks=self._book.voice.thank_for_praise):
            return options, reason
        approved = self._find(case)
        if approved is None:
            return options, reason
        return [approved, *(one for one in options if one.text != approved.text)], ""

    def _find(self, case: Case) -> ProposedDraft | None:
        visibility = case.visibilities[0]
        earlier = self._recall.find(case.text, language=case.language, visibility=visibility, but=case.seed)
        asked = [one for one in earlier if one.reply.intent == case.prediction.intent.value]
        if not asked:
            return None
        here = self._read(case, case.text)
        return next((option for one in asked if (option := self._retell(case, one, here, visibility))), None)

    def _retell(
        self, case: Case, earlier: EarlierCase, here: CaseFacts, visibility: Visibility
    ) -> ProposedDraft | None:
        reply = earlier.reply
        there = self._read(case, reply.post)
        if not is_same(here, there, self._recall):
            return None
        standing = self._find_standing(reply)
        if standing is None:
            return None
        text = self._say_again(case, reply, here=here, there=there, standing=standing)
        if not text or (SAYS_DM.search(text) and Visibility.DM not in case.visibilities):
            return None
        option = self._offer(case, earlier, text, visibility)
        return option if self._passes(case, option) else None

    def _read(self, case: Case, text: str) -> CaseFacts:
        product = self._shelf.name_product(self._book, text, case.language)
        return read_facts(text, case.language, case.prediction, product=product)

    def _find_standing(self, reply: ApprovedReply) -> tuple[str, ...] | None:
        """Return the statements that a reply rests on, longest first; None when one no longer holds, or was for one person only."""
        statements = []
        for cited in reply.citations:
            found = self._statements(cited, Language(reply.language))
            if found is None:
                return None
            statements += [one for one in found if one in reply.text]
            if cited.kind != "playbook" and not any(one in reply.text for one in found):
                return None
        return tuple(sorted(statements, key=len, reverse=True))

    def _statements(self, cited: Citation, language: Language) -> list[str] | None:
        if cited.kind == "playbook":
            return []
        for entry in self._book.faq:
            if (cited.kind, cited.reference) == ("faq", entry.id) and entry.is_valid(self._today) and not entry.review:
                return [said for said in (entry.answer.say(language).strip(), entry.url) if said]
        for policy in self._book.policies:
            if (cited.kind, cited.reference) == ("policy", policy.id) and policy.is_valid(self._today):
                return None if policy.offer else [policy.statement.say(language).strip()]
        for issue in self._book.known_issues:
            if (cited.kind, cited.reference) == ("known_issue", issue.id) and issue.is_open(self._today):
                return [issue.statement.say(language).strip()]
        return None

    def _say_again(
        self, case: Case, reply: ApprovedReply, *, here: CaseFacts, there: CaseFacts, standing: tuple[str, ...]
    ) -> str:
        """Return the approved text with this case's own facts in the place of the earlier one's; nothing when any would stay."""
        name = self._find_name(case)
        slotted = take_facts_out(reply, there.values, standing=standing, own_names=self._own_names())
        filled = fill_slots(slotted, self._values(case, here, name), language=case.language, statements=standing)
        if filled is None:
            return ""
        own = self._own[case.language]
        playbooks = [cited.reference for cited in reply.citations if cited.kind == "playbook"]
        for sentence in sentences_of(leave_greeting_out(slotted, case.language)):
            if carries_anything(sentence, reply, here, own=own, playbooks=playbooks):
                return ""
        return "" if self._names_them(filled, slotted, case.language, name=name) else filled

    def _values(self, case: Case, here: CaseFacts, name: str) -> Mapping[str, str]:
        values = dict(here.values) | {"when": say_when(case.desk, case.language, their_zone=case.person.time_zone)}
        return {key: value for key, value in ({**values, "name": name}).items() if value}

    def _find_name(self, case: Case) -> str:
        called = case.person.called
        asked = address(called, language=case.language, brand_words=self._own_names()) if called else ""
        return asked or address(case.author_name, language=case.language, brand_words=self._own_names())

    def _own_names(self) -> tuple[str, ...]:
        voice = self._book.voice
        return (*voice.words, voice.name.ja, voice.name.en)

    def _names_them(self, text: str, slotted: Slotted, language: Language, *, name: str) -> bool:
        """Whether any part of the earlier person's names still stands there; a word that we say to everybody names nobody."""
        ours = " ".join((*self._own_names(), name)).casefold()
        nobody = self._own[language].words_about(())
        parts = (part for part in slotted.name_parts if part.casefold() not in nobody and part.casefold() not in ours)
        return names_any(text, parts)

    def _offer(self, case: Case, earlier: EarlierCase, text: str, visibility: Visibility) -> ProposedDraft:
        reply = earlier.reply
        facts = [note(TOLD, f"{reply.approved_by}, {reply.approved_at.date().isoformat()}, {reply.reply_id}")]
        if earlier.times:
            facts.append(note(TIMES, str(earlier.times)))
        return ProposedDraft(
            kind=DraftKind.FULL,
            visibility=visibility,
            language=case.language,
            text=text,
            citations=reply.citations,
            facts_used=tuple(facts),
            open_questions=(note("question.approved_before"),),
            wordings=reply.wordings if reply.unchanged else (),
            drafter_id=DRAFTER_ID,
        )

    def _passes(self, case: Case, option: ProposedDraft) -> bool:
        measure = case.measure(option.text, option.visibility)
        found = check_text(
            option.text,
            visibility=option.visibility,
            language=option.language,
            measure=measure,
            voice=self._book.voice,
            context=make_draft_context(case, option, book=self._book),
        )
        return measure.fits and not blocks(found)
