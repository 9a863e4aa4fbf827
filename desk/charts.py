"""Where the lines of a picture go: geometry in the picture's own units, drawn by ``templates/parts/charts.html``.

No plotting library and no styles here: colours come from the style sheet, words from the template's reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from classifier.evaluation.scores import Confusion, HeadScores, Interval, ReliabilityPoint
from storage.draft_quality import Quality

LEFT, TOP = 34.0, 10.0
SQUARE: Final = 200.0
SMALLEST_DOT, LARGEST_DOT = 3.0, 9.0
BAR_LEFT, BAR_LENGTH, BAR_HEIGHT = 132.0, 190.0, 13.0
BAR_GAP, GROUP_GAP = 3.0, 11.0
BAR_TOP: Final = 8.0
CELL_WIDTH, CELL_HEIGHT = 42.0, 30.0
LONG_NAMES: Final = frozenset({"topic"})
"""Heads whose classes have long names."""
DEEPEST: Final = 0.5
"""Opacity of a cell that is its whole row: deeper, its number could not be read any more."""
DAY_WIDTH, DAY_GAP, DAYS_HEIGHT = 9, 3, 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A point of a reliability curve."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityChart:
    """How sure against how often right; on the diagonal both agree."""

    head: str
    dots: tuple[Dot, ...]
    points: tuple[ReliabilityPoint, ...]
    ece: float

    @property
    def path(self) -> str:
        """The line through the dots."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of a confusion matrix."""

    x: float
    y: float
    count: int
    depth: float
    """Opacity: the share of its row, times ``DEEPEST``."""
    is_right: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfusionChart:
    """Labels downwards, answers to the right."""

    head: str
    confusion: Confusion
    left: float
    """Where the cells begin; names stand before and above them."""
    top: float
    width: float
    height: float
    rows: tuple[tuple[str, float], ...]
    """Label and the middle of its row."""
    columns: tuple[tuple[str, float], ...]
    """Answer and the middle of its column."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One language's macro-F1 of one head."""

    language: str
    y: float
    length: float
    value: float
    interval: Interval | None
    whisker: tuple[float, float] | None
    """From and to, along the bar."""
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BarGroup:
    """The bars of one head."""

    head: str
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BarChart:
    """Macro-F1 per head and language."""

    height: float
    groups: tuple[BarGroup, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChart:
    """A bar for each day, in one stroke; a day without any has a dot's height."""

    path: str
    width: int
    first: date
    last: date
    total: int
    top: date
    """The day of most."""
    most: int


def draw_days(days: Sequence[tuple[date, int]]) -> DayChart:
    """Return the bars of ``days``, at least one, the earliest first."""
    top, most = max(days, key=lambda one: one[1])
    bars = []
    for at, (_, count) in enumerate(days):
        height = max(1, round(DAYS_HEIGHT * count / most)) if count else 1
        bars.append(f"M{at * (DAY_WIDTH + DAY_GAP)} {DAYS_HEIGHT}v-{height}h{DAY_WIDTH}v{height}z")
    return DayChart(
        path="".join(bars),
        width=len(days) * (DAY_WIDTH + DAY_GAP) - DAY_GAP,
        first=days[0][0],
        last=days[-1][0],
        total=sum(count for _, count in days),
        top=top,
        most=most,
    )


def draw_reliability(head: str, scored: HeadScores) -> ReliabilityChart | None:
    """Return the curve of a head; None when its answers came without scores."""
    if not scored.reliability or scored.ece is None:
        return None
    most = max(point.count for point in scored.reliability)
    dots = tuple(
        Dot(
            x=round(LEFT + SQUARE * point.confidence, 1),
            y=round(TOP + SQUARE * (1 - point.accuracy), 1),
            radius=round(max(SMALLEST_DOT, LARGEST_DOT * (point.count / most) ** 0.5), 1),
        )
        for point in scored.reliability
    )
    return ReliabilityChart(head=head, dots=dots, points=tuple(scored.reliability), ece=scored.ece)


def draw_confusion(head: str, scored: HeadScores) -> ConfusionChart | None:
    """Return the matrix of a head; None for heads whose classes may hold together."""
    confusion = scored.confusion
    if confusion is None or not confusion.labels:
        return None
    left, top = (128.0, 96.0) if head in LONG_NAMES else (98.0, 70.0)
    cells = []
    for row, label in enumerate(confusion.labels):
        counts = confusion.counts[row]
        for column, answer in enumerate(confusion.answers):
            share = counts[column] / sum(counts)
            cells.append(
                Cell(
                    x=left + column * CELL_WIDTH,
                    y=top + row * CELL_HEIGHT,
                    count=counts[column],
                    depth=round(DEEPEST * share, 3),
                    is_right=label == answer,
                )
            )
    return ConfusionChart(
        head=head,
        confusion=confusion,
        left=left,
        top=top,
        # The last answer's name leans out to the right of its column.
        width=left + CELL_WIDTH * len(confusion.answers) + 56,
        height=top + CELL_HEIGHT * len(confusion.labels) + 4,
        rows=tuple((label, top + CELL_HEIGHT * (at + 0.5)) for at, label in enumerate(confusion.labels)),
        columns=tuple((name, left + CELL_WIDTH * (at + 0.5)) for at, name in enumerate(confusion.answers)),
        cells=tuple(cells),
    )


def draw_bars(languages: Mapping[str, Mapping[str, HeadScores]], heads: Sequence[str]) -> BarChart:
    """Return the bars of ``heads`` for each language that has them."""
    groups = []
    top = BAR_TOP
    for head in heads:
        asked = [(language, scored[head]) for language, scored in languages.items() if head in scored]
        if not asked:
            continue
        bars = []
        for at, (language, scored) in enumerate(asked):
            bars.append(_bar(language, scored, y=top + at * (BAR_HEIGHT + BAR_GAP)))
        height = len(bars) * BAR_HEIGHT + (len(bars) - 1) * BAR_GAP
        groups.append(BarGroup(head=head, middle=top + height / 2, bars=tuple(bars)))
        top += height + GROUP_GAP
    return BarChart(height=top - GROUP_GAP + 22 if groups else 0, groups=tuple(groups))


def _bar(language: str, scored: HeadScores, *, y: float) -> Bar:
    ends = scored.interval
    return Bar(
        language=language,
        y=y,
        length=round(BAR_LENGTH * scored.macro_f1, 1),
        value=scored.macro_f1,
        interval=ends,
        whisker=(round(BAR_LEFT + BAR_LENGTH * ends[0], 1), round(BAR_LEFT + BAR_LENGTH * ends[1], 1))
        if ends
        else None,
        count=scored.count,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareBar:
    """One bar of 100 %, cut in three: approved as drafted, changed, rejected."""

    quality: Quality
    y: float
    cuts: tuple[float, float]
    """Where the second and the third part begin."""
    end: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareChart:
    """What became of drafts, a bar for each name."""

    height: float
    bars: tuple[ShareBar, ...]


def draw_shares(figures: Sequence[Quality]) -> ShareChart:
    """Return a bar for each of ``figures``, in their order."""
    bars = []
    for at, one in enumerate(figures):
        lengths = [round(BAR_LENGTH * part / one.count, 1) for part in (one.unchanged, one.unchanged + one.edited)]
        cuts = (BAR_LEFT + lengths[0], BAR_LEFT + lengths[1])
        y = BAR_TOP + at * (BAR_HEIGHT + GROUP_GAP)
        bars.append(ShareBar(quality=one, y=y, cuts=cuts, end=BAR_LEFT + BAR_LENGTH))
    return ShareChart(height=BAR_TOP + len(bars) * (BAR_HEIGHT + GROUP_GAP), bars=tuple(bars))
