"""Wordings that people edit away again and again: which, how often, by whom, and what they write instead."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from config.playbook import Playbook
from domain.words import Verdict
from responder.approved.own_words import VARIABLE, plain_sentence, sentences_of
from storage.draft_quality import JudgedDraft

LAST_USES: Final = 10
OFTEN: Final = 3
"""Uses among the last ``LAST_USES`` in which it was edited away."""
EXAMPLES: Final = 3
RELATED: Final = 0.3
"""From here on a new sentence is taken for what stands in an old one's place."""

Written = tuple[str, str, str]
"""Language, id and text of a wording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One use in which the wording did not survive."""

    before: str
    after: str
    """What stands in its place; empty where it was left out."""
    by: str
    conversation_id: int
    draft_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EditedAway:
    """A wording and what became of it in its last uses."""

    wording_id: str
    text: str
    """As its file has it, variables in braces."""
    language: str
    uses: int
    edited: int
    people: tuple[tuple[str, int], ...]
    """Who edited it, most often first."""
    examples: tuple[Edit, ...]


def find_edited_away(judged: Iterable[JudgedDraft], playbooks: Sequence[Playbook]) -> list[EditedAway]:
    """Return the wordings that were missing in at least ``OFTEN`` of their last ``LAST_USES`` approvals, the most frequent first.

    ``judged``: the latest first. A wording no longer in any playbook, or whose words changed since, is not counted.
    """
    texts = _texts(playbooks)
    uses: dict[Written, list[Edit | None]] = {}
    for one in judged:
        if one.verdict == Verdict.REJECTED or not (one.proposed and one.approved):
            continue
        for wording_id in one.wordings:
            written, said = _find_written(texts.get((one.language, wording_id), ()), one.proposed)
            seen = uses.setdefault((one.language, wording_id, written), [])
            if said and len(seen) < LAST_USES:
                seen.append(None if one.is_unchanged else _find_edit(said, one))
    found = []
    for place, seen in uses.items():
        edits = [edit for edit in seen if edit is not None]
        if len(edits) >= OFTEN:
            found.append(_tell(place, uses=len(seen), edits=edits))
    return sorted(found, key=lambda one: (-one.edited / one.uses, -one.edited, one.wording_id))


def _tell(place: Written, *, uses: int, edits: Sequence[Edit]) -> EditedAway:
    language, wording_id, text = place
    people = Counter(edit.by for edit in edits)
    return EditedAway(
        wording_id=wording_id,
        text=text,
        language=language,
        uses=uses,
        edited=len(edits),
        people=tuple(sorted(people.items(), key=lambda one: (-one[1], one[0]))),
        examples=tuple(edits[:EXAMPLES]),
    )


def _texts(playbooks: Sequence[Playbook]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return by language and id what wordings say: several files may have a set of the same name."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for playbook in playbooks:
        for move in playbook.moves:
            for wording in move.wordings:
                found.setdefault((playbook.language, wording.id), {})[wording.text] = None
    return {place: tuple(texts) for place, texts in found.items()}


def _find_written(texts: Iterable[str], proposed: str) -> tuple[str, str]:
    """Return which of the texts the draft was written from, and what it says there."""
    found = ((written, _find_said(written, proposed)) for written in texts)
    return max(found, key=lambda one: len(one[1]), default=("", ""))


def _find_said(written: str, proposed: str) -> str:
    """Return what the wording says within the draft, its variables filled; nothing where it is not found."""
    parts = (re.escape(part).replace(r"\ ", r"\s+") for part in VARIABLE.split(written.strip()))
    found = re.search("(?s:.{1,200}?)".join(parts), proposed, re.IGNORECASE)
    return found.group() if found else ""


def _find_edit(said: str, one: JudgedDraft) -> Edit | None:
    """Return what became of ``said``; None where it still stands there, spaces and punctuation aside."""
    if plain_sentence(said) in plain_sentence(one.approved):
        return None
    old = plain_sentence(one.proposed)
    new = [sentence.strip() for sentence in sentences_of(one.approved) if plain_sentence(sentence) not in old]
    nearest = max(((_likeness(said, sentence), sentence) for sentence in new), default=(0.0, ""))
    return Edit(
        before=said,
        after=nearest[1] if nearest[0] >= RELATED else "",
        by=one.by,
        conversation_id=one.conversation_id,
        draft_id=one.draft_id,
    )


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
