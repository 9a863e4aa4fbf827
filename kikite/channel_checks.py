"""Whether platforms let us in: every account is asked, whatever is wrong with another."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from config.hidden_secrets import hide_secrets
from config.loading import SoundSettings, load_sound
from config.problems import raise_problems
from config.settings import ChannelSettings
from config.validation import suggest
from domain.errors import ConfigError, KikiteError
from kikite.channels import explain, named_accounts, with_channel
from kikite.findings import Finding, Health, tell_open_files, tell_problems
from kikite.logs import set_up_logging


def check_accounts(
    home: Path, names: Sequence[str] = (), *, begin: Callable[[ChannelSettings], object]
) -> Iterator[Finding]:
    """Ask the platform of each account, or of those called ``names``, who we are there. ``begin`` is called before each.

    Only these channels are made, and one account's mistake does not hide the others. Raises ``KikiteError`` for names that are
    not there, and for what is wrong in the settings beside the accounts.
    """
    sound = load_sound(home)
    raise_problems([problem for problem in sound.problems if not sound.account_of(problem.path)])
    set_up_logging(sound.settings.log)  # warnings go to stderr: standard output is for results
    known = _names(sound)
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        said = ", ".join(f"'{name}'" for name in unknown)
        remedy = f"Choose one of: {', '.join(sorted(known))}.{suggest(unknown[0], known)}"
        raise KikiteError(f"There is no channel named {said}.", remedy=remedy)
    yield from check_sound_accounts(sound, names, begin=begin)


def check_sound_accounts(
    sound: SoundSettings, names: Sequence[str] = (), *, begin: Callable[[ChannelSettings], object] = lambda _: None
) -> Iterator[Finding]:
    """Say of each account, or of those called ``names``, what is wrong in its settings; where nothing is, ask its platform."""
    channels = {channel.name: channel for channel in named_accounts(sound.settings)}
    for name in _names(sound):
        if names and name not in names:
            continue
        what = f"channel {name}"
        yield from tell_problems(what, sound.problems_of(name))
        yield from tell_open_files(what, [one for one in sound.open_files if sound.account_of(one.path) == name])
        if name in channels:
            begin(channels[name])
            yield from _probe(what, channels[name], sound)


def _names(sound: SoundSettings) -> list[str]:
    """Return the accounts' names in the order of the file, the one for files last."""
    return list(dict.fromkeys([*filter(None, sound.names), *(one.name for one in named_accounts(sound.settings))]))


def _probe(what: str, channel: ChannelSettings, sound: SoundSettings) -> Iterator[Finding]:
    try:
        said = with_channel(channel, sound.settings.home, lambda made: made.probe())
    except Exception as error:  # noqa: BLE001 - the account's edge: the next one is asked all the same
        for one in error.each if isinstance(error, ConfigError) else (error,):
            problem, remedy = explain(one, channel)
            yield Finding(what=what, health=Health.BAD, says=problem, remedy=remedy)
    else:
        yield Finding(what=what, health=Health.GOOD, says=hide_secrets(said, channel))
