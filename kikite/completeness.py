"""Whether anything is missing, for ``kikite doctor``: accounts that fail, that nobody polls, or that have gaps, in one line."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.settings import Settings
from kikite.findings import Finding, Health
from storage.channel_history import Gap, read_gaps
from storage.channel_standing import AccountState, Standing, list_standings
from storage.database import Database
from storage.migrate import check_revision, head_revision
from storage.workspaces import ensure_workspace

WHAT = "completeness"
FAILS = (AccountState.REFUSED, AccountState.FAILING)
REMEDY = (
    "Run `kikite channels list`: it tells when and why, with the remedy. A running desk shows it at /settings/channels."
)


def tell_completeness(settings: Settings) -> Iterator[Finding]:
    """Say which accounts are not read completely. Nothing where the tables are not those of this version. Raises ``StorageError``."""
    database = Database(settings.database_url)
    try:
        if check_revision(database) != head_revision():
            return
        with database.snapshot(ensure_workspace(database, settings.workspace.name)) as tx:
            standings = [one for one in list_standings(tx, settings) if one.active]
            gaps = read_gaps(tx, standings)
    finally:
        database.close()
    zone = ZoneInfo(settings.workspace.time_zone)
    troubles = [said for one in standings if (said := _trouble(one, gaps.get(one.account_id, ()), zone))]
    if troubles:
        yield Finding(what=WHAT, health=Health.WARNING, says=f"{'; '.join(troubles)}.", remedy=REMEDY)
        return
    read = sum(one.complete_to is not None for one in standings)
    yield Finding(what=WHAT, health=Health.GOOD, says=f"Nothing is known to be missing; accounts read so far: {read}.")


def _trouble(standing: Standing, gaps: tuple[Gap, ...], zone: ZoneInfo) -> str:
    """Return what is wrong with one account; empty when nothing is."""
    said = []
    if standing.state in FAILS and standing.failing_since is not None:
        verb = "is refused" if standing.state is AccountState.REFUSED else "fails"
        said.append(f"{verb} since {standing.failing_since.astimezone(zone):%Y-%m-%d %H:%M}")
    still_open = sum(bool(gap.reason) for gap in gaps)
    if still_open:
        said.append(f"has {still_open} gap{'s' if still_open > 1 else ''} in the last 30 days")
    return f"{standing.name} {' and '.join(said)}" if said else ""
