"""What pydantic found wrong, in words for the person who wrote the file. Never shows the value: it may be a secret."""

import difflib
from collections.abc import Callable, Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.problems import Problem
from config.toml_text import KeyPath
from domain.errors import Place

_SAID = {
    "int_parsing": "must be a whole number.",
    "int_type": "must be a whole number.",
    "int_from_float": "must be a whole number.",
    "float_parsing": "must be a number.",
    "float_type": "must be a number.",
    "finite_number": "must be a number.",
    "bool_parsing": "must be true or false.",
    "bool_type": "must be true or false.",
    "string_type": "must be text in quotes.",
    "string_unicode": "must be UTF-8 text.",
    "greater_than": "must be more than {gt:g}.",
    "greater_than_equal": "must be at least {ge:g}.",
    "less_than": "must be less than {lt:g}.",
    "less_than_equal": "must be at most {le:g}.",
    "string_too_short": "must not be empty.",
    "string_too_long": "must have at most {max_length} characters.",
    "too_short": "must not be empty.",
    "literal_error": "must be one of {expected}.",
    "enum": "must be one of {expected}.",
    "tuple_type": "must be a list: [ … ].",
    "list_type": "must be a list: [ … ].",
    "dict_type": "must be a table.",
    "model_type": "must be a table.",
    "model_attributes_type": "must be a table.",
    "time_type": 'must be a time such as "18:00".',
    "time_parsing": 'must be a time such as "18:00".',
    "date_type": "must be a date such as 2026-11-20.",
    "date_parsing": "must be a date such as 2026-11-20.",
    "date_from_datetime_parsing": "must be a date such as 2026-11-20.",
    "date_from_datetime_inexact": "must be a date such as 2026-11-20.",
}
_PATTERNS = {
    "a-z": "must be small letters, digits, - and _, beginning with a letter, at most 40.",
    "@": "must be a mail address.",
}
_SEVERAL = "must be text, a number, true, false or a list of texts."


def find_problems(
    error: ValidationError, *, model: type[BaseModel], data: object, place_of: Callable[[KeyPath], Place]
) -> list[Problem]:
    """Return a problem per wrong key of ``data``, which was validated as ``model``.

    ``place_of`` tells where a key was written.
    """
    by_path: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        by_path.setdefault(_written_path(detail, data), []).append(detail)
    problems = []
    for path, details in by_path.items():
        if details[0]["type"] == "too_short" and any(other[: len(path)] == path != other for other in by_path):
            continue  # pydantic counts only the valid ones: the others are told already
        message, remedy = _explain(details, path, model)
        problems.append(Problem(place=place_of(path), message=message, remedy=remedy, path=path))
    return problems


def suggest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of ``known``, or an empty string."""
    near = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """Return the model that a table at ``path`` of a ``model`` document is, if it is one."""
    current: type[BaseModel] | None = model
    for step in path:
        if current is None:
            return None
        if isinstance(step, int):
            continue
        field = current.model_fields.get(step)
        current = _model_in(field.annotation) if field else None
    return current


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, list, Union, UnionType}:
        return next((found for found in map(_model_in, get_args(annotation)) if found), None)
    return None


def _written_path(detail: ErrorDetails, data: object) -> KeyPath:
    """Cut what pydantic adds to the path (names of union members); a missing key stays."""
    path: KeyPath = ()
    current: Any = data
    for step in detail["loc"]:
        try:
            current = current[step]
        except (LookupError, TypeError):  # a name that pydantic added, or a key that is not there
            return (*path, step) if detail["type"] == "missing" else path
        path = (*path, step)
    return path


def _explain(details: list[ErrorDetails], path: KeyPath, model: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and the remedy."""
    kind, context = details[0]["type"], details[0].get("ctx", {})
    key = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        table = model_at(model, path[:-1])
        known = [name for name in table.model_fields if name not in {"home", "id"}] if table else []
        return f"unknown key '{key}'.", (suggest(key, known) or " Delete it, or move it where it belongs.").strip()
    if kind == "missing":
        return f"'{key}' is missing.", "Add it."
    if len(details) > 1:
        said = _SEVERAL
    elif kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        said = next((words for sign, words in _PATTERNS.items() if sign in pattern), "has the wrong form.")
    elif kind in _SAID:
        said = _SAID[kind].format(**context)
    else:
        said = f"{details[0]['msg'].removeprefix('Value error, ').rstrip('.')}."
    return said, "Correct the value."
