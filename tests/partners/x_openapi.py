"""X's published description of its API (OpenAPI 2.167), to check requests and answers against. Kept outside of the project."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.partners.x_server import Exchange

DESCRIPTION = Path(__file__).parents[3] / "shared" / "data" / "openapi" / "x-2.167.json.gz"
INTEGER = re.compile(r"-?[0-9]+")


def is_here() -> bool:
    """Tell whether the description is on this machine."""
    return DESCRIPTION.is_file()


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))
    return found


def find_faults(exchange: Exchange) -> list[str]:
    """Return what in a request, or in its answer of success, is not as X describes it."""
    operation = _read()["paths"][exchange.route][exchange.method.lower()]
    where = f"{exchange.method} {exchange.route}"
    faults = [f"{where}: {fault}" for fault in _query_faults(operation, exchange.query)]
    if exchange.body is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        faults += [f"{where}: body {fault}" for fault in _schema_faults(schema, exchange.body)]
    if exchange.status < 300:
        schema = operation["responses"][str(exchange.status)]["content"]["application/json"]["schema"]
        faults += [f"{where}: answer {fault}" for fault in _schema_faults(schema, exchange.answer)]
        faults += [f"{where}: answer {fault}" for fault in _unknown_fields(exchange.answer)]
    return faults


def _query_faults(operation: dict[str, Any], query: dict[str, str]) -> list[str]:
    described = [_resolve(parameter) for parameter in operation["parameters"]] if query else []
    known = {parameter["name"]: parameter["schema"] for parameter in described if parameter["in"] == "query"}
    faults = [f"unknown parameter {name}" for name in query.keys() - known.keys()]
    for name in query.keys() & known.keys():
        faults += [f"{name}: {fault}" for fault in _schema_faults(known[name], _parse(known[name], query[name]))]
    return faults


def _parse(schema: dict[str, Any], value: str) -> object:
    kind = _resolve(schema).get("type")
    if kind == "array":
        return value.split(",")
    return int(value) if kind == "integer" and INTEGER.fullmatch(value) else value


def _schema_faults(schema: dict[str, Any], value: object) -> list[str]:
    whole = {"allOf": [schema], "components": _read()["components"]}
    return [f"{error.json_path}: {error.message[:200]}" for error in OAS30Validator(whole).iter_errors(value)]


def _unknown_fields(answer: dict[str, Any]) -> list[str]:
    """Return the fields of posts, people and messages that the description does not know: schemas allow any."""
    schemas = _read()["components"]["schemas"]
    data = answer.get("data", [])
    found = [*(data if isinstance(data, list) else [data])]
    found += [one for listed in answer.get("includes", {}).values() for one in listed]
    known = {name for kind in ("Post", "User", "DmEvent", "ComplianceJob") for name in schemas[kind]["properties"]}
    known |= {"dm_event_id", "start", "end", "post_count"}
    return [f"unknown field {name}" for one in found for name in one.keys() - known]


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference points at."""
    found: Any = schema
    while "$ref" in found:
        target, found = found["$ref"], _read()
        for step in target.removeprefix("#/").split("/"):
            found = found[step]
    resolved: dict[str, Any] = found
    return resolved
