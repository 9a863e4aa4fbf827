"""The accounts of a home: where each stands, and the settings of a new one."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from config.channel_block import ChannelBlock, make_block
from config.environment import environment_name
from config.hidden_secrets import hide_secrets
from config.loading import SETTINGS_FILE, UnfilledSettings, load_unfilled
from config.settings import ChannelSettings, Settings
from config.settings_writer import append_to_settings, make_secret_files
from config.setup import setup_of
from config.validation import suggest
from domain.clock import SystemClock
from domain.errors import KikiteError
from domain.ports import Channel
from domain.replies import Capabilities
from kikite.logs import set_up_logging
from kikite.product import open_database
from listener.accounts import IMPORT
from listener.registry import ChannelContext, known_kinds, make_channel, options_of
from storage.channel_history import Gap, read_gaps
from storage.channel_standing import AccountState, Standing, list_standings
from storage.workspaces import ensure_workspace

Said = TypeVar("Said")


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the home, as its settings, its channel and its rows tell it. None: not known."""

    name: str
    kind: str
    brand: str
    active: bool
    """False: no longer in the settings."""
    capabilities: Capabilities | None
    """None where the channel cannot be made; ``problem`` says why."""
    problem: str
    remedy: str
    standing: Standing | None
    """None: Kikite has not run with it yet."""
    daily_budget_usd: float
    """0: no cap."""
    gaps: tuple[Gap, ...] = ()
    """Of the last 30 days, the latest first."""

    @property
    def state(self) -> AccountState:
        """How it does."""
        return self.standing.state if self.standing else AccountState.NEVER

    @property
    def next_poll_at(self) -> datetime | None:
        """When it is read next; never for one that is not polled."""
        polled = self.active and self.capabilities is not None and self.capabilities.reads_by_poll
        return self.standing.next_poll_at if polled and self.standing else None


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What ``kikite channels new`` wrote, and what a person has to do now."""

    name: str
    kind: str
    file: Path
    line: int
    """Where the block begins."""
    block: ChannelBlock
    to_fill: tuple[str, ...]
    """Files of required secrets that are empty, within the home."""
    steps: tuple[str, ...]
    """At the platform, in the workspace's language."""
    language: str


def list_accounts(home: Path) -> tuple[list[Account], Settings]:
    """Return every account, those of the settings first and in their order, then the others; and the settings.

    Nothing is asked of a platform. An account that cannot be made tells why. Raises ``KikiteError`` when the settings or the
    database cannot be read.
    """
    loaded = _open(home)
    standings, gaps = _read_standings(loaded.settings)
    accounts = [
        _look_at(channel, loaded, standings.pop(channel.name, None)) for channel in named_accounts(loaded.settings)
    ]
    accounts += [_retired(standing) for standing in standings.values()]
    return [replace(account, gaps=gaps.get(account.name, ())) for account in accounts], loaded.settings


def add_account(home: Path, kind: str, *, name: str, brand: str) -> NewAccount:
    """Write the block of a new account at the end of the home's settings, and make the files of its secrets.

    Raises ``KikiteError`` for an unknown kind or brand, a name that is taken, settings that do not load as they are, and a home
    that cannot be written; the settings are then as they were.
    """
    loaded = load_unfilled(home)
    if kind not in known_kinds():
        known = ", ".join(known_kinds())
        raise KikiteError(
            f"There is no kind of channel '{kind}'.", remedy=f"Known: {known}.{suggest(kind, known_kinds())}"
        )
    _refuse_taken(name, loaded.settings)
    _require_brand(home, brand)
    language = loaded.settings.workspace.language
    setup = setup_of(kind, language)
    block = make_block(name=name, kind=kind, brand=brand, options=options_of(kind), setup=setup, language=language)
    to_fill: list[str] = []

    def verify(draft: Path) -> None:
        load_unfilled(home, draft=draft)
        if block.secrets:
            # Only now: a block that is refused leaves no files behind.
            to_fill.extend(make_secret_files(home, [secret.file for secret in block.secrets if secret.required]))

    line = append_to_settings(home, block.lines, verify=verify)
    return NewAccount(
        name=name,
        kind=kind,
        file=home / SETTINGS_FILE,
        line=line,
        block=block,
        to_fill=tuple(to_fill),
        steps=setup.steps,
        language=language,
    )


def _open(home: Path) -> UnfilledSettings:
    loaded = load_unfilled(home)
    set_up_logging(loaded.settings.log)  # warnings go to stderr: standard output is for results
    return loaded


def named_accounts(settings: Settings) -> list[ChannelSettings]:
    """Return the accounts of the settings and the one for files, which every home has."""
    channels = list(settings.channel)
    if not any(channel.name == IMPORT for channel in channels):
        channels.append(ChannelSettings(name=IMPORT, kind=IMPORT))
    return channels


def _read_standings(settings: Settings) -> tuple[dict[str, Standing], Mapping[str, tuple[Gap, ...]]]:
    """Return where each account stands, and the gaps of those that have any, by name."""
    database = open_database(settings)
    try:
        with database.snapshot(ensure_workspace(database, settings.workspace.name)) as tx:
            standings = list_standings(tx, settings)
            gaps = read_gaps(tx, standings)
    finally:
        database.close()
    return (
        {standing.name: standing for standing in standings},
        {standing.name: gaps.get(standing.account_id, ()) for standing in standings},
    )


def _look_at(channel: ChannelSettings, loaded: UnfilledSettings, standing: Standing | None) -> Account:
    capabilities, problem, remedy = None, "", ""
    try:
        capabilities = _capabilities_of(channel, loaded)
    except Exception as error:  # noqa: BLE001 - the row's edge: one account's mistake must not hide the others
        problem, remedy = explain(error, channel)
    return Account(
        name=channel.name,
        kind=channel.kind,
        brand=channel.brand,
        active=True,
        capabilities=capabilities,
        problem=problem,
        remedy=remedy,
        standing=standing and (standing if capabilities is None or capabilities.reads_by_poll else standing.unpolled()),
        daily_budget_usd=channel.daily_budget_usd,
    )


def _capabilities_of(channel: ChannelSettings, loaded: UnfilledSettings) -> Capabilities:
    if channel.name in loaded.unfilled:
        raise loaded.unfilled[channel.name]
    return with_channel(channel, loaded.settings.home, lambda made: made.capabilities)


def _retired(standing: Standing) -> Account:
    return Account(
        name=standing.name,
        kind=standing.kind,
        brand=standing.brand,
        active=False,
        capabilities=None,
        problem="",
        remedy="",
        standing=standing,
        daily_budget_usd=0.0,
    )


def with_channel(channel: ChannelSettings, home: Path, ask: Callable[[Channel], Said]) -> Said:
    """Make the channel of an account of ``home``, ask it, and close it whatever happens."""
    made = make_channel(channel, ChannelContext(state_dir=home / "state", clock=SystemClock()))
    try:
        return ask(made)
    finally:
        with suppress(Exception):  # what it said counts; a connection that will not close is the platform's loss
            made.close()


def explain(error: Exception, channel: ChannelSettings) -> tuple[str, str]:
    """Return what is wrong and the remedy, a line each, without any of the account's secrets."""
    if not isinstance(error, KikiteError):
        # An unexpected error's words may carry anything, a token in an address too: its name must do.
        said = f"Unexpected {type(error).__name__}."
        return said, "Write to whoever made this channel, or see whether a newer Kikite is out."
    remedy = error.remedy or f"Compare its settings with docs/how-to/{channel.kind}.md."
    return hide_secrets(error.message, channel), hide_secrets(remedy, channel)


def _refuse_taken(name: str, settings: Settings) -> None:
    taken: Mapping[str, str] = {environment_name(channel.name): channel.name for channel in named_accounts(settings)}
    if environment_name(name) in taken:
        there = taken[environment_name(name)]
        raise KikiteError(f"There is a channel named '{there}' already.", remedy="Give another one: --name NAME.")


def _require_brand(home: Path, brand: str) -> None:
    known = sorted(file.parent.name for file in (home / "brands").glob("*/brand.toml"))
    if brand not in known:
        remedy = f"Make the folder brands/{brand}, or name one of: {', '.join(known) or 'none'}.{suggest(brand, known)}"
        raise KikiteError(f"There is no brand '{brand}'.", remedy=remedy)
