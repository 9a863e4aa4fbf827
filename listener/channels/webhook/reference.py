"""The reference of the wire, made from ``schema`` so that it cannot be stale: a JSON Schema, and a page in both languages."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from config.locale import text
from listener.channels.webhook.schema import Accepted, Call, PingCall, ReplyCall, Status

SPOKEN: Final = (Call, ReplyCall, PingCall, Accepted, Status)
ORDER: Final = (
    *("Call", "MessageCreated", "MessageEdited", "MessageDeleted", "Message", "MessageAuthor", "Attachment"),
    *("DeletedMessage", "ReplyCall", "Reply", "ReplyAuthor", "PingCall", "Accepted", "Status"),
)
LIMITS: Final = (
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
    ("minimum", "maximum", "between"),
    ("", "maxProperties", "entries"),
)
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PAGES: Final = (("en", "webhook.md"), ("ja", "webhook.ja.md"))
OTHER: Final = {"en": "日本語: [webhook.ja.md](webhook.ja.md)", "ja": "English: [webhook.md](webhook.md)"}
SCHEMA_FILE: Final = "webhook.schema.json"


def make_schema() -> dict[str, Any]:
    """Return one JSON Schema of everything said over the wire; what comes in is ``Call``, its root."""
    _, schema = models_json_schema([(model, "validation") for model in SPOKEN], ref_template="#/$defs/{model}")
    return {"$schema": DIALECT, "title": "Kikite webhook", "$ref": "#/$defs/Call", "$defs": schema["$defs"]}


def render_schema() -> str:
    """Return the file of the JSON Schema."""
    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def render_page(language: str) -> str:
    """Return the page in ``language``."""
    defined = make_schema()["$defs"]
    lines = [f"# {_say('title', language)}", "", OTHER[language], "", _say("made", language), ""]
    for name in ORDER:
        lines += [f"## {name}", "", _say(f"model.{name}", language), "", _head(language), "|---|---|---|---|"]
        model = defined[name]
        for key, field in model["properties"].items():
            needed = _say("needed" if key in model.get("required", ()) else "may_miss", language)
            meaning = _say(f"field.{name}.{key}", language).replace("|", "\\|")
            lines.append(f"| `{key}` | {_type(field, language)} | {needed} | {meaning} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def write_reference(folder: Path) -> None:
    """Write the schema and the page in both languages into ``folder`` (docs/reference)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCHEMA_FILE).write_text(render_schema(), encoding="utf-8")
    for language, name in PAGES:
        (folder / name).write_text(render_page(language), encoding="utf-8")


def _say(key: str, language: str, **values: object) -> str:
    return text(f"webhook.{key}", language, **values)


def _head(language: str) -> str:
    return f"| {' | '.join(_say(f'head.{column}', language) for column in ('field', 'type', 'needed', 'meaning'))} |"


def _type(field: dict[str, Any], language: str) -> str:
    if "$ref" in field:
        return _link(field["$ref"])
    if "anyOf" in field:
        return " / ".join(_type(one, language) for one in field["anyOf"])
    if "oneOf" in field:
        return " / ".join(_link(one["$ref"]) for one in field["oneOf"])
    if "const" in field or "enum" in field:
        return " / ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    kind = _say(f"type.{'time' if field.get('format') == 'date-time' else field['type']}", language)
    inner = f" ({_type(field['items'], language)})" if "items" in field else ""
    return f"{kind}{inner}{_limits(field, language)}"


def _limits(field: dict[str, Any], language: str) -> str:
    for least, most, unit in LIMITS:
        if most in field:
            return ", " + _say(f"limit.{unit}", language, least=field.get(least, 0), most=field[most])
    return ""


def _link(reference: str) -> str:
    name = reference.rpartition("/")[2]
    return f"[{name}](#{name.lower()})"
