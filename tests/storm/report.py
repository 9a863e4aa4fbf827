"""What a voyage through a storm brought home, against what there was."""

from dataclasses import dataclass

from tests.storm.truth import Truth
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
    """Not stored, though they stand there still."""
    missed_deleted: tuple[str, ...]
    """Not stored, and deleted since: a list that held them was shown once, but they had dropped off its end."""
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


def compare(voyage: Voyage, *, platform: str, truth: Truth, served: Served) -> Report:
    """Return the report on what there was in ``truth``."""
    stored, texts = voyage.stored(), truth.texts
    reachable = texts.keys() - truth.out_of_reach
    missing = sorted(reachable - stored.keys())
    return Report(
        platform=platform,
        posts=len(reachable),
        unique=len(stored.keys() & reachable),
        missing=tuple(one for one in missing if one not in truth.deleted),
        missed_deleted=tuple(f"{one}, deleted {truth.deleted[one]:%H:%M}" for one in missing if one in truth.deleted),
        doubled=voyage.count_rows() - len(stored),
        strange=tuple(sorted(stored.keys() - texts.keys())),
        stale=tuple(sorted(one for one in stored.keys() & texts.keys() if stored[one] not in {texts[one], ""})),
        out_of_reach=len(truth.out_of_reach),
        metered_usd=voyage.cost_usd(),
        polls=voyage.log.polls,
        restarts=voyage.log.restarts,
        kills=voyage.log.kills,
        gaps=tuple(voyage.records("gap")),
        filled=tuple(voyage.records("filled")),
        served=served,
    )
