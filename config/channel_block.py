"""The ``[[channel]]`` block of a new account: every option with what it does and its default, and the files of its secrets."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.locale import text
from config.section import Section
from config.settings import ChannelSettings, ClockSettings
from config.setup import Setup

COMMON = {
    "poll_seconds": ClockSettings.model_fields["poll_seconds"],
    "quiet_poll_seconds": ChannelSettings.model_fields["quiet_poll_seconds"],
    "retention_days": ChannelSettings.model_fields["retention_days"],
    "daily_budget_usd": ChannelSettings.model_fields["daily_budget_usd"],
    "max_pages_per_poll": ChannelSettings.model_fields["max_pages_per_poll"],
}
"""What every account may say besides its name, kind and brand; the first is the clock's where it does not."""
EMPTY = {int: "0", float: "0.0", bool: "false"}
"""What stands for a value that has no default; any other type is an empty list or text."""
LISTS = (list, tuple, set, frozenset)


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretFile:
    """A file of the home that is to hold one secret, nothing else."""

    key: str
    file: str
    """Within the home."""
    about: str
    required: bool
    """False: the block names it in a remark only, for those who need it."""
    groups: str = ""
    """Names of the groups of ``ChannelBlock.choice`` that it is in; empty: it stands for itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelBlock:
    """A block ready to stand at the end of ``kikite.toml``."""

    lines: tuple[str, ...]
    """Without line ends."""
    required: tuple[str, ...]
    """Options that a person has to write, whatever else."""
    choice: tuple[str, ...]
    """What to choose, and then a line for each group of options and secrets that belong together; empty where there is no choice."""
    secrets: tuple[SecretFile, ...]


def make_block(
    *, name: str, kind: str, brand: str, options: type[Section] | None, setup: Setup, language: str
) -> ChannelBlock:
    """Return the block of an account. ``options`` describes options and secrets together; None: nothing is known of them.

    Required is what has no default, and what ``setup`` uses. Of what ``setup`` says to belong together, a group is written whole.
    """
    fields = {field.alias or key: field for key, field in (options.model_fields if options else {}).items()}
    about = {key: _one_line(setup.options.get(key) or field.description or "") for key, field in fields.items()}
    required = {key for key, field in fields.items() if field.is_required() or key in setup.uses}
    groups = {key: ", ".join(way.name for way in setup.ways if key in way.keys) for key in fields}
    secrets = tuple(
        # No account has a dot in its name, so that two never share a file.
        SecretFile(
            key=key, file=f"secrets/{name}.{key}", about=about[key], required=key in required, groups=groups[key]
        )
        for key, field in fields.items()
        if _is_secret(field)
    )
    lines = ["[[channel]]", f'name = "{name}"', f'kind = "{kind}"', f'brand = "{brand}"']
    for key, field in COMMON.items():
        lines += _option_lines(key, field, text(f"settings.channel.{key}", language), mark="")
    plain = {key: field for key, field in fields.items() if not _is_secret(field)}
    choice = tuple(_choice(setup, language))
    lines += ["", *(f"# {line}" for line in choice)] if choice else []
    if plain:
        lines += ["", "[channel.options]"]
    for key, field in plain.items():
        mark = text("channels.block.required", language) if key in required else ""
        lines += _option_lines(key, field, about[key], mark=_group_mark(groups[key], language) or mark)
    if secrets:
        lines += ["", "[channel.secrets]", *_secret_lines(secrets, language)]
    return ChannelBlock(
        lines=tuple(lines),
        required=tuple(key for key in plain if key in required and not groups[key]),
        choice=choice,
        secrets=secrets,
    )


def _choice(setup: Setup, language: str) -> Iterator[str]:
    """Say which options and secrets belong together, and what a person has to choose."""
    if not setup.ways:
        return
    may_be_none = "one_or_none" if len(setup.ways) > 1 else "all_or_none"
    yield text(f"channels.block.{may_be_none if setup.without else 'one'}", language)
    for way in setup.ways:
        yield f"{_group_mark(way.name, language)} {way.about}: {', '.join(way.keys)}"
    if setup.without:
        yield text("channels.block.without", language, about=setup.without)


def _group_mark(names: str, language: str) -> str:
    return text("channels.block.group", language, names=names) if names else ""


def _option_lines(key: str, field: FieldInfo, about: str, *, mark: str) -> Iterator[str]:
    if about or mark:
        yield f"# {' '.join(part for part in (mark, about) if part)}"
    yield f"# {key} = {_default(field)}"


def _secret_lines(secrets: Collection[SecretFile], language: str) -> Iterator[str]:
    for secret in secrets:
        if about := " ".join(filter(None, (_group_mark(secret.groups, language), secret.about))):
            yield f"# {about}"
        yield f'{"" if secret.required else "# "}{secret.key}_file = "{secret.file}"'


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in {field.annotation, *get_args(field.annotation)}


def _default(field: FieldInfo) -> str:
    """Return the default as it would stand in the file; without one, something of its type to write over."""
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        if get_origin(field.annotation) in LISTS:
            return "[]"
        kinds = {field.annotation, *get_args(field.annotation)}
        return next((said for kind, said in EMPTY.items() if kind in kinds), '""')
    return _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, Enum):
        return _toml(value.value)
    if isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, frozenset | set):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(str(value), ensure_ascii=False)


def _one_line(said: str) -> str:
    """Return ``said`` as a remark can hold it: on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
