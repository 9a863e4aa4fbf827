"""Settings from the environment, and secrets from the environment and from files.

``KIKITE_MAIL__HOST`` sets ``host`` of ``[mail]``; ``KIKITE_MAIL__PASSWORD_FILE`` names a file that holds the value;
``KIKITE_CHANNEL_SHOP_APP_PASSWORD`` (or ``…_FILE``) sets the secret ``app_password`` of the channel ``shop``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from config.document import ENVIRONMENT, Document, tables_of
from config.problems import Problem
from config.settings import Settings
from config.toml_text import KeyPath
from config.validation import model_at, suggest
from domain.errors import Place

PREFIX = "KIKITE_"
CHANNEL_PREFIX = "KIKITE_CHANNEL_"
FILE_SUFFIX = "_FILE"

SECTIONS = tuple(name for name in Settings.model_fields if name not in {"home", "channel", "shop"})


def _tables(path: KeyPath) -> Iterator[KeyPath]:
    """Give a table and those within it: ``[classifier]``, ``[classifier.second_opinion]``."""
    model = model_at(Settings, path)
    if model is None:
        return
    yield path
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _tables((*path, key))


TABLES = tuple(table for section in SECTIONS for table in _tables((section,)))
"""Every table of the settings file but the channels', a section before those within it."""


class UnreadableSecretError(Exception):
    """A file that should hold a secret does not. Carries what is wrong and the remedy, never content."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(said)
        self.said = said
        self.remedy = remedy


def read_secret(file: Path) -> str:
    """Return the file's text without one newline at its end. Raises ``UnreadableSecretError``."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UnreadableSecretError("does not exist", f"Create {file} with the secret in it.") from None
    except OSError as error:
        said = f"cannot be read ({error.strerror or 'unknown reason'})"
        raise UnreadableSecretError(said, f"Check owner and rights of {file}.") from None
    except UnicodeDecodeError:
        raise UnreadableSecretError("is not UTF-8", f"Save {file} as UTF-8.") from None
    except ValueError:  # a null byte in the name
        raise UnreadableSecretError("cannot exist", "Correct the file's name.") from None
    secret = text.removesuffix("\n")
    if not secret.strip():
        raise UnreadableSecretError("is empty", f"Write the secret into {file}.")
    return secret


class Environment:
    """The ``KIKITE_…`` variables, laid over a document."""

    def __init__(self, environ: Mapping[str, str], *, home: Path, document: Document) -> None:
        self._variables = {name: environ[name] for name in sorted(environ) if name.startswith(PREFIX)}
        self._home = home
        self._document = document

    def lay_settings(self) -> None:
        """Take every ``KIKITE_<SECTION>__<KEY>[_FILE]``."""
        for variable in self._variables:
            section, double, key = variable.removeprefix(PREFIX).lower().partition("__")
            if not double:
                self._notice_single_underscore(variable)
            elif section == "channel":
                remedy = (
                    "Channels are set up in kikite.toml; only their secrets come from KIKITE_CHANNEL_<NAME>_<SECRET>."
                )
                self._complain(variable, "no channel can be set up here.", remedy)
            elif section not in SECTIONS:
                self._complain(variable, f"there is no section '{section}'.", suggest(section, SECTIONS))
            else:
                self._take(variable, section, key)

    def lay_channel_secrets(self) -> None:
        """Take every ``KIKITE_CHANNEL_<NAME>_<SECRET>[_FILE]``; the longest channel name that fits is meant."""
        channels = tables_of(self._document.data.get("channel"))
        names = {environment_name(str(channel.get("name"))): number for number, channel in enumerate(channels)}
        for variable in self._variables:
            if not variable.startswith(CHANNEL_PREFIX) or "__" in variable:
                continue
            rest = variable.removeprefix(CHANNEL_PREFIX)
            name = max((name for name in names if rest.startswith(f"{name}_")), key=len, default=None)
            if name is None:
                remedy = f"Channels here: {', '.join(sorted(names)) or 'none'}."
                self._complain(variable, "no channel of that name is set up.", remedy)
                continue
            value = self._value_of(variable)
            secrets = channels[names[name]].setdefault("secrets", {})
            if value is not None and isinstance(secrets, dict):
                secret = rest.removeprefix(f"{name}_").removesuffix(FILE_SUFFIX).lower()
                secrets[secret] = value
                secrets.pop(f"{secret}_file", None)  # the environment wins over the settings file
                self._document.variables["channel", names[name], "secrets", secret] = variable

    def _take(self, variable: str, section: str, key: str) -> None:
        value = self._value_of(variable)
        if value is None:
            return
        key = key.removesuffix(FILE_SUFFIX.lower())
        source = EnvSettingsSource(cast("type[BaseSettings]", Settings), env_prefix=PREFIX, env_nested_delimiter="__")
        source.env_vars = {f"{PREFIX}{section}__{key}".lower(): value}
        try:
            given = source()[section]
        except SettingsError:
            self._complain(variable, "is not valid JSON.", "Lists are written as JSON: '[{…}, {…}]'.")
            return
        table = self._document.data.setdefault(section, {})
        if isinstance(table, dict):
            *within, last = key.split("__")
            _lay(table, given)
            _table_at(table, within).pop(f"{last}_file", None)  # the environment wins over the settings file
            self._document.variables[section, *within, last] = variable

    def _value_of(self, variable: str) -> str | None:
        """Return the value meant: the variable's own, or the content of the file that a ``…_FILE`` names. None: a problem."""
        value = self._variables[variable]
        if f"{variable}{FILE_SUFFIX}" in self._variables:
            self._complain(variable, f"is set beside {variable}{FILE_SUFFIX}.", "Unset one of the two.")
            return None
        if not variable.endswith(FILE_SUFFIX):
            return value
        try:
            return read_secret(self._home / value)
        except UnreadableSecretError as error:
            self._complain(variable, f"names a file that {error.said}.", error.remedy)
            return None

    def _notice_single_underscore(self, variable: str) -> None:
        """``KIKITE_MAIL_HOST`` would be overlooked without a word: say how it is spelled."""
        for section in SECTIONS:
            key = variable.removeprefix(f"{PREFIX}{section.upper()}_").removesuffix(FILE_SUFFIX).lower()
            model = model_at(Settings, (section,))
            if key != variable.lower() and model and key in model.model_fields:
                remedy = f"Two underscores stand after the section: {setting_variable(section, key)}."
                self._complain(variable, "no setting has this name.", remedy)

    def _complain(self, variable: str, message: str, remedy: str) -> None:
        place = Place(file=ENVIRONMENT, field=variable)
        remedy = remedy.strip() or "Correct the variable's name, or unset it."
        self._document.problems.append(Problem(place=place, message=message, remedy=remedy))


def _lay(table: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Put ``given`` over ``table``, a table within a table key by key."""
    for key, value in given.items():
        if isinstance(value, Mapping) and isinstance(table.get(key), dict):
            _lay(table[key], value)
        else:
            table[key] = value


def _table_at(table: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """Return the table that ``path`` leads to; an empty one where there is none."""
    for key in path:
        inner = table.get(key)
        table = inner if isinstance(inner, dict) else {}
    return table


def environment_name(name: str) -> str:
    """Return a name as it stands within a variable: ``shop-eu`` is ``SHOP_EU``."""
    return name.upper().replace("-", "_")


def setting_variable(section: str, key: str) -> str:
    """Return the variable that sets ``key`` of ``section``; a table within one has a dot in its name."""
    return f"{PREFIX}{section.replace('.', '__')}__{key}".upper()


def lay_secret_files(document: Document, *, home: Path) -> None:
    """Replace ``password_file = "secrets/mail"`` by the file's content wherever a secret is expected."""
    for path in TABLES:
        table: Any = document.data
        for key in path:
            table = table.get(key) if isinstance(table, dict) else None
        _read_files(document, path, table, home=home, only=_secret_keys(model_at(Settings, path)))
    for kind in ("channel", "shop"):
        for number, listed in enumerate(tables_of(document.data.get(kind))):
            _read_files(document, (kind, number, "secrets"), listed.get("secrets"), home=home, only=None)


def _secret_keys(model: type[BaseModel] | None) -> frozenset[str]:
    fields = model.model_fields if model else {}
    return frozenset(key for key, field in fields.items() if field.annotation is SecretStr)


def _read_files(document: Document, path: KeyPath, table: Any, *, home: Path, only: frozenset[str] | None) -> None:  # noqa: ANN401 - whatever the file holds there
    """``only``: the secrets that this table knows; None: any name."""
    if not isinstance(table, dict):
        return
    for key in [key for key in table if key.endswith("_file")]:
        secret, named = key.removesuffix("_file"), table[key]
        if (only is not None and secret not in only) or not isinstance(named, str):
            continue
        del table[key]
        if secret in table:
            document.add_problem((*path, key), f"'{key}' stands beside '{secret}'.", "Keep one of the two.")
            continue
        try:
            table[secret] = read_secret(home / named)
            document.secret_files[*path, secret] = home / named
        except UnreadableSecretError as error:
            document.add_problem((*path, key), f"'{key}' names a file that {error.said}.", error.remedy)
