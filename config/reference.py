"""Texts made from the settings models, so that they cannot be stale: the reference page and the file of a new home."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.environment import TABLES, setting_variable
from config.locale import text
from config.settings import ChannelSettings, DigestReader, Settings
from config.shop_settings import ShopSettings
from config.validation import model_at

TYPES: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    time: "time of day",
    SecretStr: "secret",
}
LISTED = (
    ("channel", ChannelSettings, "[[channel]]"),
    ("shop", ShopSettings, "[[shop]]"),
    ("reader", DigestReader, "digest.readers"),
)
"""Settings that are lists of tables: section of the page, model of one, how it is written."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row of the reference."""

    section: str
    key: str
    field: FieldInfo
    by_environment: bool = True

    @property
    def name(self) -> str:
        """``mail.host``."""
        return f"{self.section}.{self.key}"

    def description(self, language: str) -> str:
        """Return what the setting does."""
        return text(f"settings.{self.name}", language)


def list_settings() -> Iterator[Setting]:
    """Give every setting in the order of the models; the keys of a channel and of a reader come last."""
    for path in TABLES:
        model = model_at(Settings, path)
        for key, field in (model.model_fields if model else {}).items():
            if (*path, key) not in TABLES:
                yield Setting(section=".".join(map(str, path)), key=key, field=field)
    for section, listed, _ in LISTED:
        for key, field in listed.model_fields.items():
            yield Setting(section=section, key=key, field=field, by_environment=False)


def render_reference(language: str) -> str:
    """Return docs/reference/settings.md (``en``) or settings.ja.md (``ja``)."""
    parts = [f"# {text('settings.page.title', language)}\n", text("settings.page.about", language), ""]
    head = " | ".join(
        text(f"settings.page.{column}", language) for column in ("key", "type", "default", "variable", "does")
    )
    section, written = "", {name: sign for name, _, sign in LISTED}
    for setting in list_settings():
        if setting.section != section:
            section = setting.section
            mark = written.get(section, f"[{section}]")
            parts += [f"\n## `{mark}`\n", text(f"settings.{section}.about", language), ""]
            parts += [f"| {head} |", "| --- | --- | --- | --- | --- |"]
        parts.append(_row(setting, language))
    return "\n".join(parts) + "\n"


def _row(setting: Setting, language: str) -> str:
    variable = f"`{setting_variable(setting.section, setting.key)}`" if setting.by_environment else ""
    if setting.name == "channel.secrets":
        variable = "`KIKITE_CHANNEL_<NAME>_<SECRET>`"
    default = text("settings.page.required", language) if setting.field.is_required() else f"`{_toml(setting.field)}`"
    kind = _type_of(setting.field.annotation, language) + _bounds(setting.field)
    cells = (f"`{setting.key}`", kind, default, variable, setting.description(language))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _type_of(annotation: object, language: str) -> str:
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return _type_of(get_args(annotation)[0], language)
    if get_origin(annotation) in {Union, UnionType}:
        return _type_of(get_args(annotation)[0], language)
    if get_origin(annotation) is tuple:
        return text("settings.page.type_list", language)
    if get_origin(annotation) is dict:
        return text("settings.page.type_table", language)
    said = TYPES.get(annotation, "text")
    return text(f"settings.page.type_{said.replace(' ', '_')}", language)


def _bounds(field: FieldInfo) -> str:
    """Return `` 0-60`` for a bounded number."""
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    least = f"> {limits['gt']:g}" if "gt" in limits else f"≥ {limits['ge']:g}" if "ge" in limits else ""
    most = f"≤ {limits['le']:g}" if "le" in limits else ""
    return f" ({', '.join(part for part in (least, most) if part)})" if least or most else ""


def _toml(field: FieldInfo) -> str:
    """Return the default as it would stand in the file."""
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {json.dumps(said, ensure_ascii=False)}" for key, said in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return "" if value is None or value is PydanticUndefined else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """What a new home is told of the shop; empty parts keep the template's."""

    name: str = ""
    language: Literal["ja", "en", ""] = ""
    time_zone: str = ""


def render_settings_file(*, demo: bool, shop: Shop | None = None) -> str:
    """Return ``kikite.toml`` of a new home: every setting with its default as a remark, what must be said as lines."""
    told = shop or Shop()
    lines = [f"# {line}" for language in ("ja", "en") for line in text("settings.file.about", language).splitlines()]
    section = ""
    said = {
        "workspace.name": told.name or text("settings.file.workspace", "ja" if demo else "en"),
        "workspace.language": told.language,
        "workspace.time_zone": told.time_zone,
    }
    for setting in list_settings():
        if not setting.by_environment:
            continue
        if setting.section != section:
            section = setting.section
            lines += ["", f"[{section}]"]
        lines += [f"# {setting.description(language)}" for language in ("ja", "en")]
        lines.append(_line(setting, said.get(setting.name, "")))
    lines += ["", *(f"# {text('settings.channel.about', language)}" for language in ("ja", "en"))]
    lines += _channel_lines("sandbox") if demo else [f"# {line}" for line in _channel_lines("bluesky")]
    return "\n".join(lines) + "\n"


def _line(setting: Setting, said: str) -> str:
    if said:
        return f"{setting.key} = {json.dumps(said, ensure_ascii=False)}"
    if setting.field.annotation is SecretStr:
        return f'# {setting.key}_file = "secrets/{setting.section.rpartition(".")[2]}"'
    return f"# {setting.key} = {_toml(setting.field)}"


def _channel_lines(kind: str) -> list[str]:
    lines = ["[[channel]]", f'name = "{kind}"', f'kind = "{kind}"', 'brand = "default"']
    if kind == "sandbox":
        lines.append("poll_seconds = 5")
    else:
        lines += ["[channel.options]", 'handle = "shop.example.com"']
        lines += ["[channel.secrets]", 'app_password_file = "secrets/bluesky"']
    return lines


def write_reference(folder: Path) -> None:
    """Write the page in both languages into ``folder`` (docs/reference)."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in (("en", "settings.md"), ("ja", "settings.ja.md")):
        (folder / name).write_text(render_reference(language), encoding="utf-8")
