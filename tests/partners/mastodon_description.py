"""The published description of Mastodon's API, to hold a client's questions and a fake's answers against. Never copied here."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.partners.mastodon_fake import Exchange

FILE = Path(__file__).parents[3] / "shared" / "data" / "openapi" / "mastodon-4.7.0.json.gz"
IS_THERE = FILE.is_file()


@cache
def _description() -> Any:  # noqa: ANN401 - somebody else's JSON
    with gzip.open(FILE) as file:
        description = json.load(file)
    # Both kinds of quote ask for a state and no more: a quote is always of both, and "exactly one" never holds.
    quote = description["components"]["schemas"]["Status"]["properties"]["quote"]
    quote["anyOf"] = quote.pop("oneOf")
    return description


def find_faults(exchange: Exchange) -> list[str]:
    """Return what in a question or its answer the description does not know, each as a line."""
    path = exchange.route.rstrip("/")
    operation = _description()["paths"].get(path, {}).get(exchange.method.lower())
    if operation is None:
        return [f"{exchange.method} {path}: no such call"]
    faults = [f"{exchange.method} {path}: no parameter {name}" for name in _unknown_names(operation, exchange)]
    response = operation["responses"].get(str(exchange.status))
    if response is None:
        return [*faults, f"{exchange.method} {path}: no answer {exchange.status}"]
    schema = response["content"]["application/json"]["schema"]
    validator = OAS31Validator({**schema, "components": _description()["components"]})
    told = [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(exchange.body)]
    return [*faults, *(f"{exchange.method} {path} {exchange.status} {line}" for line in told)]


def _unknown_names(operation: Any, exchange: Exchange) -> set[str]:  # noqa: ANN401 - somebody else's JSON
    known = {one["name"] for one in operation.get("parameters", [])}
    asked = {name.removesuffix("[]") for name, _ in exchange.query}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields: set[str] = set()
    for one in body.get("oneOf", [body]):
        fields |= _fields(one)
    return (asked - known) | ({name.removesuffix("[]") for name, _ in exchange.form} - fields)


def _fields(schema: Any) -> set[str]:  # noqa: ANN401 - somebody else's JSON
    if reference := schema.get("$ref"):
        schema = _description()["components"]["schemas"][reference.rsplit("/", 1)[1]]
    found = set(schema.get("properties", {}))
    for one in schema.get("allOf", []):
        found |= _fields(one)
    return found
