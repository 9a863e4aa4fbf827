"""LINE's published descriptions of its API and of its calls, to hold requests, answers and events against. Never copied here."""

import gzip
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.partners.line_api import Exchange

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "openapi"
MESSAGING, WEBHOOK = FOLDER / "line-messaging.yml.gz", FOLDER / "line-webhook.yml.gz"
IS_THERE = MESSAGING.is_file() and WEBHOOK.is_file()
PATHS = {"/v2/bot/{kind:str}/{chat:str}/member/{user:str}": "/v2/bot/group/{groupId}/member/{userId}"}
PATHS |= {"/v2/bot/{kind:str}/{chat:str}/members/count": "/v2/bot/group/{groupId}/members/count"}
PATHS |= {"/v2/bot/profile/{user:str}": "/v2/bot/profile/{userId}"}


def find_faults(exchange: Exchange) -> list[str]:
    """Return what in a request, or in its answer, is not as LINE describes it."""
    where = f"{exchange.method} {exchange.route}"
    operation = _read(MESSAGING)["paths"][PATHS.get(exchange.route, exchange.route)][exchange.method.lower()]
    faults = [f"{where}: {fault}" for fault in _header_faults(operation, exchange.headers)]
    if exchange.body is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        faults += [f"{where}: body {fault}" for fault in _schema_faults(MESSAGING, schema, exchange.body)]
        messages = exchange.body.get("messages", [])
        faults += [f"{where}: {fault}" for one in messages for fault in _kind_faults(MESSAGING, "Message", one)]
    response = operation["responses"].get(str(exchange.status))
    if response is not None:
        schema = response["content"]["application/json"]["schema"]
        faults += [f"{where}: answer {fault}" for fault in _schema_faults(MESSAGING, schema, exchange.answer)]
    elif exchange.status < 400:
        faults.append(f"{where}: no answer {exchange.status}")
    return faults


def find_event_faults(event: dict[str, Any]) -> list[str]:
    """Return what in an event is not as LINE describes it."""
    faults = _kind_faults(WEBHOOK, "Event", event) + _kind_faults(WEBHOOK, "Source", event["source"])
    return faults + (_kind_faults(WEBHOOK, "MessageContent", event["message"]) if "message" in event else [])


def find_call_faults(body: dict[str, Any]) -> list[str]:
    """Return what in a call as a whole is not as LINE describes it."""
    return _schema_faults(WEBHOOK, {"$ref": "#/components/schemas/CallbackRequest"}, body)


def _kind_faults(file: Path, base: str, value: dict[str, Any]) -> list[str]:
    """Hold ``value`` against the schema that its type leads to, and its fields against those there are."""
    reference = _read(file)["components"]["schemas"][base]["discriminator"]["mapping"].get(value["type"])
    if reference is None:
        return [f"no {base} {value['type']}"]
    unknown = sorted(value.keys() - _fields(file, {"$ref": reference}))
    return _schema_faults(file, {"$ref": reference}, value) + [f"no field {name}" for name in unknown]


def _header_faults(operation: dict[str, Any], headers: dict[str, str]) -> list[str]:
    known = {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}
    ours = {name for name in headers if name.startswith("x-line")}
    return [f"no header {name}" for name in sorted(ours - known)]


def _schema_faults(file: Path, schema: dict[str, Any], value: object) -> list[str]:
    whole = {"allOf": [schema], "components": _read(file)["components"]}
    return [f"{error.json_path}: {error.message[:200]}" for error in OAS30Validator(whole).iter_errors(value)]


def _fields(file: Path, schema: dict[str, Any]) -> set[str]:
    if reference := schema.get("$ref"):
        schema = _read(file)["components"]["schemas"][reference.rsplit("/", 1)[1]]
    found = set(schema.get("properties", {}))
    for one in schema.get("allOf", []):
        found |= _fields(file, one)
    return found


@cache
def _read(file: Path) -> Any:  # noqa: ANN401 - somebody else's YAML
    yaml: Any = import_module("yaml")  # transformers brings it; without types
    return yaml.safe_load(gzip.decompress(file.read_bytes()))
