"""What every channel asks of its settings: options of the right shape, safe addresses, an SDK that is installed."""

from collections.abc import Collection
from importlib.util import find_spec
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.problems import Problem, join_problems
from config.section import Section
from config.settings import ChannelSettings
from config.validation import suggest
from domain.errors import ConfigError, Place

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
Options = TypeVar("Options", bound=Section)


def check_options(model: type[Options], settings: ChannelSettings, *, secrets: Collection[str] = ()) -> Options:
    """Return options and secrets of ``settings`` as ``model``. ``secrets`` names those of its fields that are secrets.

    Raises ``ConfigError`` naming every wrong field, never a value.
    """
    given: dict[str, object] = {**settings.options, **settings.secrets}
    if "max_pages" in model.model_fields:
        given.setdefault("max_pages", settings.max_pages_per_poll)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _explain(error, model=model, settings=settings, secrets=secrets) from None


def _explain(
    error: ValidationError, *, model: type[Section], settings: ChannelSettings, secrets: Collection[str]
) -> ConfigError:
    details = error.errors(include_input=False, include_url=False)
    by_key: dict[str, ErrorDetails] = {}
    for detail in details:
        by_key.setdefault(str(detail["loc"][0]) if detail["loc"] else "", detail)
    # An option's name that is misspelt explains why another one is missing: it is told first.
    ordered = sorted(by_key.items(), key=lambda item: item[1]["type"] != "extra_forbidden")
    return join_problems(
        [_problem(key, detail, model=model, settings=settings, secrets=secrets) for key, detail in ordered]
    )


def _problem(
    key: str, detail: ErrorDetails, *, model: type[Section], settings: ChannelSettings, secrets: Collection[str]
) -> Problem:
    table = "secrets" if key in secrets or key in settings.secrets else "options"
    said = detail["msg"].removeprefix("Value error, ")
    remedy = f"See docs/how-to/{settings.kind}.md."
    if detail["type"] == "extra_forbidden":
        known = [name for name in model.model_fields if name != "max_pages"]
        said, remedy = "there is no such name", f"Known: {', '.join(known)}.{suggest(key, known)}"
    elif detail["type"] == "string_pattern_mismatch" and (field := model.model_fields.get(key)):
        said = f"has the wrong form. It is: {field.description}"
    elif detail["type"] == "too_short" and table == "secrets":
        said = f"must have at least {detail['ctx']['min_length']} characters"
    place = Place(file="kikite.toml", field=f"channel.{settings.name}.{table}.{key}".rstrip("."))
    said = f"{key}: {said}" if key else said
    return Problem(place=place, message=f"{said.rstrip('.')}.", remedy=remedy)


def safe_address(value: str) -> str:
    """Return ``value`` as ``scheme://host[:port]``. Raises ``ValueError`` unless it is TLS or this very machine: passwords go there."""
    url = urlsplit(value.strip().rstrip("/"))
    if url.port == 0 or url.username is not None:  # asking for the port raises for one that is no number
        message = "must name no user, and a port from 1 to 65535"
        raise ValueError(message)
    if url.scheme == "https" and url.hostname and not url.path:
        return f"https://{url.netloc}"
    if url.scheme == "http" and url.hostname in LOOPBACK and not url.path:
        return f"http://{url.netloc}"
    message = "must be https://host (http only on this machine)"
    raise ValueError(message)


def require_sdk(module: str, settings: ChannelSettings) -> None:
    """Raise ``ConfigError`` with the remedy when ``module`` of this channel's extra is not installed. Imports nothing."""
    if find_spec(module) is None:
        raise ConfigError(
            f"channel '{settings.kind}' needs '{module}', which is not installed",
            place=Place(file="kikite.toml", field=f"channel.{settings.name}.kind"),
            remedy=f"Run: pip install 'kikite[{settings.kind}]'",
        )
