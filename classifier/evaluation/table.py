"""An evaluation for a terminal: languages head by head, then channels and slices in one table."""

from collections.abc import Iterator
from typing import Final

from classifier.evaluation.scores import HeadScores, Scores

SHOWN_REJECTED: Final = 5
COLUMNS: Final = ("intent", "sentiment", "constructive", "topic", "urgency", "needs_dm", "needs_reply")
"""Heads shown per channel and slice."""
PARTS: Final = ("channel:", "slice:")


def as_table(scores: Scores) -> str:
    """Return figures for people."""
    return "\n".join(
        [
            *_heading(scores),
            "",
            *_heads(scores),
            *_grave(scores),
            *_bands(scores),
            *_by_length(scores),
            *_slices(scores),
        ]
    )


def _heading(scores: Scores) -> Iterator[str]:
    told = f"{scores.lines} texts of {scores.families} families, {len(scores.rejected)} rejected"
    yield f"{scores.model_id} on {scores.source}: {told}"
    for line, reason in scores.rejected[:SHOWN_REJECTED]:
        yield f"  line {line}: {reason}"
    if len(scores.rejected) > SHOWN_REJECTED:
        yield f"  and {len(scores.rejected) - SHOWN_REJECTED} more"


def _heads(scores: Scores) -> Iterator[str]:
    yield f"{'slice':<24}{'head':<14}{'n':>6}{'macro-F1':>10}  {'95 % interval':<15}{'accuracy':>10}{'ECE':>7}"
    for name, heads in scores.slices.items():
        if name.startswith(PARTS):
            continue
        for head, scored in heads.items():
            ece = "" if scored.ece is None else f"{scored.ece:.3f}"
            figures = f"{scored.count:>6}{scored.macro_f1:>10.3f}  {_span(scored.interval):<15}{scored.accuracy:>10.3f}"
            yield f"{name:<24}{head:<14}{figures}{ece:>7}"


def _grave(scores: Scores) -> Iterator[str]:
    rows = []
    for name, heads in scores.slices.items():
        if name.startswith(PARTS):
            continue
        if "urgency" in heads and (critical := heads["urgency"].classes.get("critical")):
            rows.append((name, "urgency critical", critical))
        if "risks" in heads:
            rows += [(name, f"risk {risk}", scored) for risk, scored in heads["risks"].classes.items()]
    if rows:
        yield ""
        yield f"{'grave cases':<24}{'':<22}{'n':>6}{'recall':>8}  {'95 % interval':<15}{'precision':>10}"
        for name, what, one in rows:
            recall = f"{one.recall:>8.3f}" if one.support else f"{'-':>8}"
            yield f"{name:<24}{what:<22}{one.support:>6}{recall}  {_span(one.recall_interval):<15}{one.precision:>10.3f}"


def _bands(scores: Scores) -> Iterator[str]:
    yield ""
    yield f"{'bands':<24}{'band':<14}{'n':>6}{'share':>8}  right, per head"
    for name, bands in scores.bands.items():
        for band, scored in bands.items():
            right = "  ".join(f"{head} {share:.3f}" for head, share in scored.accuracy.items() if head in COLUMNS)
            yield f"{name:<24}{band:<14}{scored.count:>6}{scored.share:>8.3f}  {right}"


def _by_length(scores: Scores) -> Iterator[str]:
    if scores.by_length:
        yield ""
        yield f"{'constructive, matched by length':<38}{'n':>11}{'accuracy':>10}{'macro-F1':>10}{'length alone':>14}"
    for name, one in scores.by_length.items():
        count = f"{one.constructive}+{one.venting}"
        yield f"{name:<38}{count:>11}{one.accuracy:>10.3f}{one.macro_f1:>10.3f}{one.length_alone:>14.3f}"


def _slices(scores: Scores) -> Iterator[str]:
    named = {name: heads for name, heads in scores.slices.items() if name.startswith(PARTS)}
    if named:
        yield ""
        yield f"{'accuracy':<32}{'n':>6}" + "".join(f"{head:>14}" for head in COLUMNS)
    for name, heads in named.items():
        count = max((scored.count for scored in heads.values()), default=0)
        cells = "".join(f"{_accuracy(heads.get(head)):>14}" for head in COLUMNS)
        yield f"{name:<32}{count:>6}{cells}"


def _accuracy(scored: HeadScores | None) -> str:
    return "" if scored is None else f"{scored.accuracy:.3f}"


def _span(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f} - {interval[1]:.3f}"
