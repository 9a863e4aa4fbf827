"""``kikite draft --quality``: how drafts fare with those who approve them, as the desk's page has it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from config.loading import load_settings
from config.prose import load_playbooks
from config.wording_places import WordingPlaces
from kikite.previewing import Preview
from kikite.product import open_database
from responder.edited_away import EditedAway, find_edited_away
from storage.draft_quality import JudgedDraft, Quality, read_judged, sum_up
from storage.workspaces import ensure_workspace


def read_quality(home: Path) -> Preview:
    """Return the figures of the latest decisions and the wordings that are edited away; nobody's name, no text of a case."""
    settings = load_settings(home)
    database = open_database(settings)
    try:
        with database.snapshot(ensure_workspace(database, settings.workspace.name)) as tx:
            judged = read_judged(tx)
    finally:
        database.close()
    wordings = find_edited_away(judged, load_playbooks(home))
    places = WordingPlaces(home)
    values = {
        "decisions": len(judged),
        "by": {name: [asdict(one) for one in figures] for name, figures in _parts(judged).items()},
        "edited_away": [_as_values(one, places) for one in wordings],
    }
    return Preview(lines=list(_lines(judged, wordings, places)), values=values)


def _parts(judged: Sequence[JudgedDraft]) -> dict[str, list[Quality]]:
    return {
        "playbook": sum_up(judged, lambda one: one.playbook),
        "language": sum_up(judged, lambda one: one.language),
        "channel": sum_up(judged, lambda one: one.channel_kind),
        "drafter": sum_up(judged, lambda one: one.drafter_id),
    }


def _as_values(one: EditedAway, places: WordingPlaces) -> dict[str, object]:
    return {
        "wording": one.wording_id,
        "text": one.text,
        "language": one.language,
        "uses": one.uses,
        "edited": one.edited,
        "place": str(places.find(one.text) or ""),
    }


def _lines(judged: Sequence[JudgedDraft], wordings: Sequence[EditedAway], places: WordingPlaces) -> Sequence[str]:
    if not judged:
        return ["Nothing was decided yet."]
    lines = []
    for name, figures in _parts(judged).items():
        lines.append(f"By {name}:")
        lines += [
            f"  {one.name or '-'}: {one.count} decisions, {one.unchanged_share:.0%} unchanged, {one.edited} edited, "
            f"{one.rejected} rejected, median edit {one.median_edit:g}"
            for one in figures
        ]
    lines.append(f"Wordings edited away: {len(wordings)}")
    for one in wordings:
        place = places.find(one.text)
        lines.append(f"  {place or one.wording_id}: {one.edited} of {one.uses}: {one.text}")
    return lines
