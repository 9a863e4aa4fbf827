"""Repeats of a text become one case: of each page's new cases, copies of an earlier text are put under it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.settings import GatheringSettings
from domain.ids import ChannelAccountId
from domain.words import Engagement, MentionKind
from listener.sketches import Sketch, Wording, is_repeat, read_wording, sketch_wording
from storage.database import Transaction
from storage.edits import EditedText
from storage.gatherings import first_mentions, gather, gathered_among, hand_over, set_free
from storage.mention_sketches import SketchedCase, drop_sketches, find_origins, find_sketched, keep_sketches
from storage.mentions import BegunCase, MentionToStore
from storage.understanding import brands_of

PUBLIC: Final = frozenset({MentionKind.POST.value, MentionKind.COMMENT.value, MentionKind.REVIEW.value})
COMPARED_AT_MOST: Final = 5
"""Earlier texts that one text is compared with."""
SHARED_BY_MOST: Final = 8
"""A number that so many cases have (form letters with a line of their own) finds nothing any more; it is not kept again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _NewCase:
    """A case just begun whose text may repeat or be repeated."""

    case: SketchedCase
    """As later ones find it; ``number`` is not used."""
    mention_id: int
    wording: Wording
    sketch: Sketch
    answers_us: bool


class _Known:
    """The cases that a page's texts may repeat: those stored, then those of the page itself."""

    def __init__(self, stored: Sequence[SketchedCase], *, window: timedelta) -> None:
        self._by_number: dict[int, list[SketchedCase]] = defaultdict(list)
        for case in stored:
            self._by_number[case.number].append(case)
        self._wordings: dict[int, Wording] = {}
        self._window = window

    def find_lead(self, new: _NewCase) -> int | None:
        """Return the case whose text ``new`` repeats: one of the very same words, else the earliest that it was cut off. None for none."""
        sought = new.sketch.sought
        same = {case.conversation_id: case for number in sought[:1] for case in self._by_number[number]}
        longer = {case.conversation_id: case for number in sought[1:] for case in self._by_number[number]}
        likely = [*_by_age(same), *_by_age({key: case for key, case in longer.items() if key not in same})]
        for case in [case for case in likely if self._may_lead(case, new)][:COMPARED_AT_MOST]:
            if case.conversation_id not in self._wordings:
                self._wordings[case.conversation_id] = read_wording(case.text)
            if is_repeat(self._wordings[case.conversation_id], new.wording):
                return case.conversation_id
        return None

    def add(self, new: _NewCase) -> list[int]:
        """Let later ones find ``new``; return the numbers to keep of it."""
        kept = [number for number in new.sketch.kept if self._shared_by(number, new) < SHARED_BY_MOST]
        for number in kept:
            self._by_number[number].append(new.case)
        self._wordings[new.case.conversation_id] = new.wording
        return kept

    def _may_lead(self, case: SketchedCase, new: _NewCase) -> bool:
        by_same = case.author_id == new.case.author_id
        if by_same and new.answers_us:
            return False
        return self._in_window(case, new) or (by_same and case.waiting)

    def _shared_by(self, number: int, new: _NewCase) -> int:
        return sum(self._in_window(case, new) for case in self._by_number[number])

    def _in_window(self, case: SketchedCase, new: _NewCase) -> bool:
        return abs(case.made_at - new.case.made_at) <= self._window


def _by_age(cases: Mapping[int, SketchedCase]) -> list[SketchedCase]:
    return sorted(cases.values(), key=lambda case: (case.made_at, case.conversation_id))


def gather_repeats(
    tx: Transaction,
    account_id: ChannelAccountId,
    begun: Sequence[BegunCase],
    *,
    rows: Sequence[MentionToStore],
    settings: GatheringSettings,
) -> list[int]:
    """Put those cases of a page that repeat an earlier text under its case; return the cases that took any.

    Costs a fixed number of statements, whatever the size of the page.
    """
    if not settings.window_hours or not begun:
        return []
    brand = brands_of(tx, [account_id])[account_id]
    by_id = {row.external_id: row for row in rows if row.kind in PUBLIC}
    cases = [
        _read_case(tx, case, by_id[case.external_id], brand=brand, settings=settings)
        for case in begun
        if case.external_id in by_id
    ]
    stored = find_sketched(tx, [number for case in cases for number in {*case.sketch.sought, *case.sketch.kept}])
    known = _Known(stored, window=timedelta(hours=settings.window_hours))
    leads: dict[int, int] = {}
    sketches: dict[int, tuple[datetime, Sequence[int]]] = {}
    for new in cases:
        lead = known.find_lead(new)
        if lead is None:
            sketches[new.mention_id] = (new.case.made_at, known.add(new))
        else:
            leads[new.case.conversation_id] = lead
    keep_sketches(tx, sketches)
    return gather(tx, leads) if leads else []


def _read_case(
    tx: Transaction, case: BegunCase, row: MentionToStore, *, brand: str, settings: GatheringSettings
) -> _NewCase:
    wording = read_wording(row.text)
    answers_us = row.engagement == Engagement.REPLIED
    sketch = sketch_wording(wording, brand=brand, author=str(case.author_id), least_weight=settings.least_characters)
    return _NewCase(
        case=SketchedCase(
            number=0,
            conversation_id=case.conversation_id,
            author_id=case.author_id,
            text=row.text,
            made_at=min(case.created_at, tx.now),
            waiting=True,
        ),
        mention_id=case.mention_id,
        wording=wording,
        # A single number is the author's own: what somebody says to us again under a post of ours is never put away.
        sketch=Sketch() if answers_us and len(sketch.kept) == 1 else sketch,
        answers_us=answers_us,
    )


def settle_edits(tx: Transaction, edits: Sequence[EditedText], *, settings: GatheringSettings) -> list[int]:
    """After authors changed their words: a gathered case that no longer repeats its lead waits by itself, and a lead that no
    longer says what is gathered under it hands that over. Returns the cases touched.
    """
    if not edits:
        return []
    new = {edit.mention_id: edit for edit in edits}
    freed: list[int] = []
    own_words: set[int] = set()
    for pair in gathered_among(tx, sorted({edit.conversation_id for edit in edits})):
        both = {mention.conversation_id: mention for mention in first_mentions(tx, [pair.lead_id, pair.follower_id])}
        lead, follower = both[pair.lead_id], both[pair.follower_id]
        public = lead.kind in PUBLIC and follower.kind in PUBLIC
        if not {lead.id, follower.id} & new.keys() or (
            public and is_repeat(read_wording(lead.text), read_wording(follower.text))
        ):
            continue
        freed += set_free(tx, [pair.follower_id]) if follower.id in new else hand_over(tx, [pair.lead_id])
        own_words |= {lead.id, follower.id} & new.keys()
    _sketch_again(tx, new, also=own_words, settings=settings)
    return freed


def _sketch_again(
    tx: Transaction, new: Mapping[int, EditedText], *, also: set[int], settings: GatheringSettings
) -> None:
    """Let what edited texts say now be found: those that could be found before, and those of ``also``."""
    sketched = drop_sketches(tx, sorted(new)) | also
    sketches: dict[int, tuple[datetime, Sequence[int]]] = {}
    for origin in find_origins(tx, sorted(sketched)) if sketched else ():
        edit = new[origin.mention_id]
        if edit.kind in PUBLIC:
            wording, author = read_wording(edit.text), str(origin.author_id)
            sketch = sketch_wording(wording, brand=origin.brand, author=author, least_weight=settings.least_characters)
            sketches[origin.mention_id] = (origin.made_at, sketch.kept)
    keep_sketches(tx, sketches)
