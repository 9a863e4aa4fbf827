"""What wordings are filled with for one option of one case: values, and the conditions that hold."""

from datetime import UTC, date, datetime, tzinfo
from functools import partial

from config.brand_book import KnownIssue, Policy, Voice
from domain.cases import Case, PurchaseFacts
from domain.replies import Measure
from domain.words import DraftKind, Intent, Language, Topic, Visibility
from responder.assembly import GOODS, NUMBERED, UNREPORTED, UNSIGNED, Material
from responder.exposure import EXPOSED, exposes_own
from responder.grounds import Grounds
from responder.hours import find_zone, say_when
from responder.manner import HURT, find_register, grade_severity
from responder.orders import gives_number
from responder.scenarios import ends_within_hours, is_eaten, is_missed
from responder.variation import PAIRED

ABOUT_GOODS = frozenset({Topic.PRODUCT, Topic.DELIVERY, Topic.REFUND})


def gather_material(case: Case, grounds: Grounds, voice: Voice, *, kind: DraftKind, visibility: Visibility) -> Material:
    """Return what the option of that kind and visibility may say."""
    values = dict(grounds.echoed) | _say_names(case, grounds, voice) | _say_entries(case, grounds, visibility)
    if not ends_within_hours(case.text, case.language):
        values |= {"when": say_when(case.desk, case.language, their_zone=case.person.time_zone)}
    values |= dict(case.given)
    if visibility is Visibility.DM:
        values |= _say_purchase(case, grounds)
    flags = _find_flags(case, grounds, voice, visibility)
    if kind is DraftKind.DM_FIRST and visibility is Visibility.PUBLIC:
        flags = (flags - {"needs_dm"}) | {PAIRED}
    return Material(
        values={name: value for name, value in values.items() if value},
        flags=frozenset(flags),
        seed=f"{case.seed}:{kind.value}:{visibility.value}",
        avoid=case.wordings_to_avoid,
        language=case.language,
        visibility=visibility,
        measure=partial(_measure, case, visibility),
    )


def _measure(case: Case, visibility: Visibility, written: str) -> Measure:
    return case.measure(written, visibility)


def _say_names(case: Case, grounds: Grounds, voice: Voice) -> dict[str, str]:
    language = case.language
    persona = voice.find_persona(case.person.persona)
    has_dm = Visibility.DM in case.visibilities
    return {
        "shop": voice.name.say(language),
        "sign_off": (persona or voice).sign_off.say(language),
        "persona": persona.name.say(language) if persona else "",
        "contact_dm": voice.contact_dm.say(language) if has_dm else "",
        "contact_other": voice.contact_other.say(language) if voice.contact_other and not has_dm else "",
        "name": grounds.name,
        "name_san": f"{grounds.name}さん" if grounds.name else "",
        "name_sama": f"{grounds.name}様" if grounds.name else "",
    }


def _say_entries(case: Case, grounds: Grounds, visibility: Visibility) -> dict[str, str]:
    is_private = visibility is Visibility.DM
    values = {
        "statement": say_entry(grounds.issue, case.language),
        "policy": say_entry(grounds.policy, case.language) if is_private else "",
        "offer": say_entry(grounds.offer, case.language) if is_private else "",
    }
    if grounds.hit:
        entry = grounds.hit.entry
        said = entry.statement if isinstance(entry, Policy) else entry.answer
        values["answer"] = said.say(case.language).strip()
        values["uncovered"] = grounds.uncovered
        values["url"] = "" if isinstance(entry, Policy) else entry.url
    if grounds.also:
        values["answer_too"] = grounds.also.said(case.language)
    if grounds.helping:
        values["help"] = grounds.helping.said(case.language)
    return values


def say_entry(entry: KnownIssue | Policy | None, language: Language) -> str:
    """Return the approved statement, or nothing."""
    return entry.statement.say(language).strip() if entry else ""


def _say_purchase(case: Case, grounds: Grounds) -> dict[str, str]:
    """Return what is known of the order with the person's consent; for private replies."""
    order = grounds.purchase
    if order is None:
        return {}
    item = grounds.echoed.get("item", "")
    named = [bought for bought in order.items if item and item.casefold() in bought.casefold()]
    only = order.items[0] if len(order.items) == 1 else ""
    zone = _zone_of(case)
    late = order.expected_at is None or order.expected_at < _now(case)
    return {
        "bought": named[0] if named else only,
        "shipped_on": _say_day(order.shipped_at, zone, case.language),
        # A day that has passed is no news.
        "expected_on": "" if late or order.delivered_at else _say_day(order.expected_at, zone, case.language),
    }


def _now(case: Case) -> datetime:
    return case.desk.now if case.desk else datetime.max.replace(tzinfo=UTC)


def _zone_of(case: Case) -> tzinfo:
    return find_zone(case.person.time_zone) or (case.desk.now.tzinfo if case.desk else None) or UTC


def _say_day(moment: datetime | None, zone: tzinfo, language: Language) -> str:
    if moment is None:
        return ""
    day: date = moment.astimezone(zone).date()
    return f"{day.month}月{day.day}日" if language is Language.JA else f"{day.day} {day:%B}"


def _find_flags(case: Case, grounds: Grounds, voice: Voice, visibility: Visibility) -> set[str]:
    person, has_dm = case.person, Visibility.DM in case.visibilities
    severity = grade_severity(case.prediction, waited=grounds.echoed.get("waited", ""), again=person.same_topic > 0)
    held = {
        f"severity_{severity}": severity > 0,
        _find_manner(case, voice, severity): True,
        "needs_dm": grounds.private and has_dm,
        "needs_contact": grounds.private and not has_dm,
        "no_dm": not grounds.private,
        NUMBERED: gives_number(case.text),
        EXPOSED: exposes_own(case),
        GOODS: bool({"item", "ordered", "received"} & set(grounds.echoed)) or case.prediction.topic in ABOUT_GOODS,
        "has_dm": has_dm,
        "no_dm_route": not has_dm,
        "posted": Visibility.PUBLIC in case.visibilities,
        "suggested": case.prediction.intent is Intent.PRAISE and case.prediction.suggestion,
        "praised": bool({"detail", "item", "place", "told"} & set(grounds.echoed)),
        "placed": "place" in grounds.echoed,
        "missed": is_missed(case.text, case.language),
        "eaten": is_eaten(case.text, case.language),
        "again": person.same_topic > 0,
        "fan": person.praises > 0,
        # A file knows nobody: whoever stands in it may have written a hundred times.
        "first_time": person.cases == 0 and bool(case.channel_kind),
    }
    flags = {visibility.value, UNSIGNED, UNREPORTED}
    return flags | _find_parcel_flags(grounds.purchase) | {name for name, holds in held.items() if holds and name}


def _find_parcel_flags(order: PurchaseFacts | None) -> set[str]:
    if order is None:
        return set()
    if order.delivered_at:
        return {"delivered"}
    return {"shipped"} if order.shipped_at else set()


def _find_manner(case: Case, voice: Voice, severity: int) -> str:
    """Return ``casual``, ``formal`` or nothing; nobody jokes along about something grave."""
    persona = voice.find_persona(case.person.persona)
    manner = (persona.manner if persona else "") or find_register(case.text, case.language)
    return "" if manner == "casual" and severity >= HURT else manner
