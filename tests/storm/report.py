"""What a voyage through a storm brought home, against what there was."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.storm.voyage import Voyage


@dataclass(frozen=True, kw_only=True)
class Served:
    """What the platform counted."""

    requests: int
    faults: int
    """Requests that failed or whose answer was torn."""
    refused: int
    """Answers 429."""
    asked_while_closed: int
    billed: int = 0
    """Posts and messages charged, each once in a UTC day; 0 where nothing is charged."""
    bill_usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """One platform's figures."""

    platform: str
    posts: int
    """That anybody could have read."""
    unique: int
    """Of those, stored."""
    missing: tuple[str, ...]
    doubled: int
    strange: tuple[str, ...]
    """Stored, though nobody but us wrote them, or nobody did."""
    stale: tuple[str, ...]
    """Stored with words that were edited since."""
    out_of_reach: int
    """Deleted before their list was shown to anybody, as in the outage."""
    served: Served
    metered_usd: float
    polls: int
    restarts: int
    kills: int
    gaps: tuple[str, ...]
    filled: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """Billed reads for each post stored."""
        return self.served.billed / self.unique if self.unique else 0.0


def compare(
    voyage: Voyage, *, platform: str, texts: Mapping[str, str], out_of_reach: frozenset[str], served: Served
) -> Report:
    """Return the report: ``texts`` by external id is what there was."""
    stored = voyage.stored()
    reachable = texts.keys() - out_of_reach
    return Report(
        platform=platform,
        posts=len(reachable),
        unique=len(stored.keys() & reachable),
        missing=tuple(sorted(reachable - stored.keys())),
        doubled=voyage.count_rows() - len(stored),
        strange=tuple(sorted(stored.keys() - texts.keys())),
        stale=tuple(sorted(one for one in stored.keys() & texts.keys() if stored[one] not in {texts[one], ""})),
        out_of_reach=len(out_of_reach),
        metered_usd=voyage.cost_usd(),
        polls=voyage.log.polls,
        restarts=voyage.log.restarts,
        kills=voyage.log.kills,
        gaps=tuple(voyage.records("gap")),
        filled=tuple(voyage.records("filled")),
        served=served,
    )
