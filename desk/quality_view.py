"""What ``/knowledge/drafts`` shows: how many drafts leave as they are, where they do not, and which wordings are edited away."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.playbook import Playbook
from config.wording_places import WordingPlaces
from desk.charts import ShareChart, draw_shares
from desk.differences import Stretch, compare
from responder.edited_away import Edit, EditedAway, find_edited_away
from storage.draft_quality import JudgedDraft, Quality, sum_up

ROWS: Final = 30
DRAWN: Final = 12
WORDINGS: Final = 25
ALL: Final = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One edit, as a difference."""

    edit: Edit
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownWording:
    """A wording to be put otherwise."""

    wording: EditedAway
    place: str
    """``file:line``; empty where nobody can tell."""
    examples: tuple[Example, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityPage:
    """Everything of the page."""

    whole: Quality | None
    """None: nothing was decided yet."""
    parts: Sequence[tuple[str, Sequence[Quality]]]
    """Figures by playbook, language, channel, drafter."""
    chart: ShareChart
    wordings: Sequence[ShownWording]
    further: int
    """Wordings that are not shown."""


def lay_out_quality(judged: Sequence[JudgedDraft], playbooks: Sequence[Playbook], home: Path) -> QualityPage:
    """Return what the page shows of ``judged``, the latest first."""
    by_playbook = sum_up(judged, lambda one: one.playbook)
    parts = (
        ("playbook", by_playbook[:ROWS]),
        ("language", sum_up(judged, lambda one: one.language)),
        ("channel", sum_up(judged, lambda one: one.channel_kind)[:ROWS]),
        ("drafter", sum_up(judged, lambda one: one.drafter_id)[:ROWS]),
    )
    found = find_edited_away(judged, playbooks)
    places = WordingPlaces(home) if found else None
    return QualityPage(
        whole=next(iter(sum_up(judged, lambda _: ALL)), None),
        parts=parts,
        chart=draw_shares(by_playbook[:DRAWN]),
        wordings=[_show(one, places) for one in found[:WORDINGS] if places],
        further=max(0, len(found) - WORDINGS),
    )


def _show(wording: EditedAway, places: WordingPlaces) -> ShownWording:
    place = places.find(wording.text)
    return ShownWording(
        wording=wording,
        place=str(place) if place else "",
        examples=tuple(Example(edit=edit, stretches=compare(edit.before, edit.after)) for edit in wording.examples),
    )
