"""Loading of a home's settings: ``kikite.toml``, then secret files, then the environment; every mistake named at once."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.document import Document, open_document, tables_of
from config.environment import Environment, environment_name, lay_secret_files
from config.problems import Problem, join_problems, raise_problems
from config.settings import Settings
from config.toml_text import KeyPath
from config.validation import find_problems
from domain.errors import ConfigError, Place

SETTINGS_FILE = "kikite.toml"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LOOKS_SECRET = ("password", "token", "secret", "api_key")
SECRET_FILE = re.compile(r"channel\.(\d+)\.secrets\.\w+_file")
"""Where an account's secret is named that should stand in a file."""
HANDED_IN = Path("/run")
"""Container managers put secrets there, readable by all within the container; nobody else is in it."""


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """A file with a secret in it that others on this machine can read."""

    file: Path
    mode: int
    path: KeyPath
    """Of the secret."""


@dataclass(frozen=True, kw_only=True)
class UnfilledSettings:
    """Settings that are good but for secrets of accounts whose files are not filled in yet."""

    settings: Settings
    """Without those secrets."""
    unfilled: Mapping[str, ConfigError]
    """By the account's name: its first file that is missing, empty or not readable."""


@dataclass(frozen=True, kw_only=True)
class SoundSettings:
    """Settings as far as they are good, and everything that is wrong with them."""

    settings: Settings
    """Without what is wrong: an account is left out, a section is as if nothing stood in it."""
    problems: tuple[Problem, ...]
    """In the order of the file."""
    names: tuple[str, ...]
    """Of all accounts that the file has, by their number in a problem's path; empty where an account has none."""
    open_files: tuple[OpenFile, ...]

    def problems_of(self, account: str) -> tuple[Problem, ...]:
        """Return what is wrong with the account of that name."""
        return tuple(one for one in self.problems if self.account_of(one.path) == account)

    def account_of(self, path: KeyPath) -> str:
        """Return the account that ``path`` lies in; empty: in none that has a name."""
        match path:
            case ("channel", int(number), *_) if number < len(self.names):
                return self.names[number]
        return ""


def load_settings(home: Path, *, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the home. ``environ`` stands in for the process's environment.

    Raises one ``ConfigError`` with a line per mistake: file, line, field, remedy. No message holds a value.
    """
    document, settings = _read(home, environ)
    raise_problems(document.problems)
    return _require(settings, document)


def load_unfilled(
    home: Path, *, environ: Mapping[str, str] | None = None, draft: Path | None = None
) -> UnfilledSettings:
    """Return the settings as ``load_settings`` does, but without the accounts' secrets that no file holds yet.

    ``draft``: a file to read in the place of the home's ``kikite.toml``, before it becomes that.
    """
    document, settings = _read(home, environ, draft=draft)
    names = [str(channel.get("name")) for channel in tables_of(document.data.get("channel"))]
    others: list[Problem] = []
    unfilled: dict[str, ConfigError] = {}
    for problem in document.problems:
        found = SECRET_FILE.fullmatch(problem.place.field)
        if found is None:
            others.append(problem)
        else:
            error = ConfigError(problem.message, place=problem.place, remedy=problem.remedy)
            unfilled.setdefault(names[int(found[1])], error)
    raise_problems(others)
    return UnfilledSettings(settings=_require(settings, document), unfilled=unfilled)


def load_sound(home: Path, *, environ: Mapping[str, str] | None = None) -> SoundSettings:
    """Return what is good of the settings beside everything that is wrong: for those who look at what is, not for those who run it.

    Raises ``ConfigError`` where nothing can be read: there is no home, no file, or it is no TOML.
    """
    document, settings = _read(home, environ)
    problems = sorted(document.problems, key=lambda problem: (problem.place.file, problem.place.line))
    if problems:
        try:
            settings = Settings.model_validate({**_sound(document), "home": home.expanduser().absolute()})
        except ValidationError:  # what is left makes no sense together either
            raise join_problems(problems) from None
    names = tuple(str(channel.get("name", "")) for channel in tables_of(document.data.get("channel")))
    return SoundSettings(
        settings=_require(settings, document),
        problems=tuple(problems),
        names=names,
        open_files=tuple(_open_files(document)),
    )


def _sound(document: Document) -> dict[str, Any]:
    """Return the data without the accounts and the sections that something is wrong with."""
    paths = [problem.path for problem in document.problems]
    wrong = {path[1] for path in paths if path[:1] == ("channel",) and len(path) > 1}
    sections = {path[0] for path in paths if path and path[0] != "channel"}
    data = {key: value for key, value in document.data.items() if key not in sections}
    listed = data.pop("channel", None)
    tables = tables_of(listed)
    is_whole = isinstance(listed, list) and len(tables) == len(listed)  # else no number tells which one it is
    channels = [one for number, one in enumerate(tables) if number not in wrong] if is_whole else []
    return {**data, "channel": channels}


def _open_files(document: Document) -> Iterator[OpenFile]:
    if os.name != "posix":  # elsewhere a file's mode tells nothing of who may read it
        return
    for path, file in document.secret_files.items():
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError:  # gone since it was read
            continue
        if mode & stat.S_IROTH and not file.resolve().is_relative_to(HANDED_IN):
            yield OpenFile(file=file, mode=mode, path=path)


def _read(
    home: Path, environ: Mapping[str, str] | None, *, draft: Path | None = None
) -> tuple[Document, Settings | None]:
    home = home.expanduser().absolute()
    make = f"Run `kikite init --home {home}`."
    if not home.is_dir():
        raise ConfigError("there is no such home.", place=Place(file=str(home)), remedy=make)
    document = open_document(draft or home / SETTINGS_FILE, missing=make)
    document.file = str(home / SETTINGS_FILE)
    laid = Environment(os.environ if environ is None else environ, home=home, document=document)
    laid.lay_settings()
    laid.lay_channel_secrets()
    lay_secret_files(document, home=home)
    _check_channels(document)
    _check_mail(document)
    return document, _validate(document, home)


def _require(settings: Settings | None, document: Document) -> Settings:
    if settings is None:  # pragma: no cover - a failed validation always left a problem
        raise ConfigError(
            "not valid.", place=Place(file=document.file), remedy="Compare with docs/reference/settings.md."
        )
    return settings


def _validate(document: Document, home: Path) -> Settings | None:
    if "home" in document.data:
        document.add_problem(("home",), "'home' cannot be set here.", "Use --home or KIKITE_HOME.")
    data: dict[str, Any] = {**document.data, "home": home}
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        document.problems += find_problems(error, model=Settings, data=data, place_of=document.place_of)
        return None


def _check_channels(document: Document) -> None:
    """Names that cannot be told apart, and secrets written where they would be shown."""
    taken: dict[str, str] = {}
    for number, channel in enumerate(tables_of(document.data.get("channel"))):
        name, place = str(channel.get("name", "")), ("channel", number, "name")
        if name and environment_name(name) in taken:
            known = taken[environment_name(name)]
            document.add_problem(place, f"the name '{name}' is taken by '{known}'.", "Choose another name.")
        taken.setdefault(environment_name(name), name)
        if name == "import" and channel.get("kind") != "import":
            document.add_problem(place, "the name 'import' is kept for `kikite import`.", "Choose another name.")
        options = channel.get("options")
        for key in options if isinstance(options, dict) else ():
            if key.endswith(LOOKS_SECRET):
                document.add_problem(
                    ("channel", number, "options", key),
                    f"'{key}' looks like a secret, and options are shown to people.",
                    "Move it to [channel.secrets].",
                )


def _check_mail(document: Document) -> None:
    mail = document.data.get("mail")
    if not isinstance(mail, dict) or not mail.get("host") or not isinstance(mail["host"], str):
        return
    if not mail.get("from_address"):
        document.add_problem(("mail", "host"), "mail has a host but no 'from_address'.", "Add from_address to [mail].")
    if mail.get("security") == "none" and mail["host"] not in LOOPBACK:
        document.add_problem(
            ("mail", "security"), "'none' would send the password in the clear.", 'Use "starttls" or "tls".'
        )
