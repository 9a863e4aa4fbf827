"""Templates: an environment that escapes always, and what every page may call in its reader's language."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from classifier.reasons import say_reason
from config.locale import day, moment, text
from desk.words import check_words, say, say_done
from domain.words import Risk
from responder.notes import say_note

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES = ("ja", "en")


@cache
def environment() -> Environment:
    """Return the one template environment."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    made.globals["risk_names"] = [risk.value for risk in Risk]
    made.globals["safe_link"] = safe_link
    made.globals["post_language"] = post_language
    return made


def render(template: str, *, language: str, now: datetime, time_zone: str, values: Mapping[str, object]) -> str:
    """Render a template in one language. In it, ``t`` speaks ``desk.toml``, ``say`` any catalogue.

    ``isolated`` is ``t`` with every value fenced off in ``<bdi>``: names from outside cannot turn a sentence around.
    """
    return (
        environment()
        .get_template(template)
        .render(
            language=language,
            now=now,
            t=lambda key, **filled: text(f"desk.{key}", language, **filled),
            isolated=lambda key, **filled: _isolate(text(f"desk.{key}", language), filled),
            say=lambda code, **filled: say(code, language, **filled),
            check_words=lambda code, filled: check_words(code, language, filled),
            say_reason=lambda stored: say_reason(stored, language),
            say_note=lambda stored: say_note(stored, language),
            say_done=lambda code: say_done(code, language),
            short_span=partial(short_span, language=language),
            ago=lambda then: said_ago(then, now, language),
            moment=lambda then, form="medium": moment(then, language, time_zone, form),
            day=lambda one: day(one, language),
            **values,
        )
    )


def _isolate(sentence: str, values: Mapping[str, object]) -> Markup:
    fenced = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
    return Markup(escape(sentence)).format(**fenced)  # noqa: S704 - the sentence is escaped just here


@cache
def asset(path: str) -> str:
    """Return the address of a static file with its content's mark, so that browsers may keep it for ever."""
    content = (STATIC / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


def safe_link(url: str) -> str:
    """Return a link from outside if it is plain http(s) with a host, else nothing: never ``javascript:`` and the like."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def post_language(tag: str, fallback: str = "") -> str:
    """Return a language tag fit for a ``lang`` attribute; ``und`` when nobody knows."""
    for candidate in (tag, fallback):
        first = candidate.split("-")[0].lower()
        if first.isascii() and first.isalpha() and 2 <= len(first) <= 3:  # noqa: PLR2004 - ISO 639 codes
            return first
    return "und"


def short_span(length: timedelta, *, language: str) -> str:
    """Return a length of time in one unit: "3分", "2 h"."""
    minutes = max(0, int(length.total_seconds() // 60))
    for key, size in (("days", 24 * 60), ("hours", 60)):
        if minutes >= size:
            return text(f"desk.span.{key}", language, count=minutes // size)
    return text("desk.span.minutes", language, count=minutes)


def said_ago(then: datetime, now: datetime, language: str) -> str:
    """Return how long ago: "12分前"; "たった今" within a minute."""
    passed = now - then
    if passed < timedelta(minutes=1):
        return text("desk.span.just_now", language)
    return text("desk.span.ago", language, span=short_span(passed, language=language))
