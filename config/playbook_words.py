"""What a wording may name: variables in braces, and conditions in ``when`` and ``needs``. docs/how-to/brand-voice.md explains them.

A name that stands in neither list could never be used, so it is an error with its file and line; so are a brace that
stands about no name, and a move that no reply knows.
"""

import re

FROM_TEXT = {
    # From the customer's text, put together from our own lists (responder/echo.py).
    "ordered": "what they ordered, with size and colour",
    "received": "what came instead",
    "item": "the bare thing",
    "place": "the shop they were in",
    "waited": "how long they have waited",
    "matter": "what went wrong, from our list: お電話がつながらない, nobody answers the phone",
    "subject": "what is asked about, from our list: 駐車場, parking",
    "detail": "what they liked or disliked of it",
    "feature": "the part of the app or site",
    "fee": "the cost they name",
    "procedure": "returning, cancelling, exchanging",
    "unheard": "how we failed to answer, beside or as the trouble: nobody has answered your emails",
    "idea": "what they suggest: a filter for inside leg",
    "nth": "that it happened before: a third time; ends a sentence",
    "harm": "what it did to somebody: the rash",
    "contents": "what they ask about the stuff of it: what it's made and treated with",
    "joy": "their good news, from our list: your new job; only in answer to praise",
    "device": "the device they named: your Android phone; then it is not asked for",
    "found": "what of somebody else's was in the parcel: someone else's invoice",
    # From the customer's text, cut out of it and filtered hard (responder/thing.py).
    "thing": "what the post is about, in their noun: バッグの持ち手, the changing rooms, our size guide; one or many",
    "deadline": "the day or event they need it for: 土曜の発表会, Saturday's recital",
    "whose": "who of theirs is concerned: お子さま, your daughter",
    "occasion": "a day of theirs, past or to come: お母さまの還暦, your sister's wedding",
    "staff": "the bare name of staff they praise: 佐藤, Devika; only in answer to praise",
    # The customer's clause in our own words (responder/retelling); ``matter`` too, where one could be retold.
    "told": "what they liked, as a clause: she carried your bags to the car",
    "asked": "what they ask, as a clause: 店舗でも返品できるか, whether you can return it in a shop",
    # From the customer's text, from our list (responder/wishes.py).
    "wish": "what they want done: ご注文の取り消し, a refund; stands before をご希望とのこと or behind you'd like",
}
"""What a reply says back of a post; the approver is told of each."""

VARIABLES = FROM_TEXT | {
    # From their profile.
    "name": "the bare name",
    "name_san": "with さん",
    "name_sama": "with 様",
    # From the brand's files.
    "shop": "the brand's name",
    "sign_off": "the persona's closing, else the brand's",
    "persona": "name of the person's persona, where the brand has them",
    "contact_dm": "the brand's invitation to DM; only where a DM can be had",
    "contact_other": "the brand's other contact; only where no DM can be had",
    "statement": "approved statement of the known issue",
    "policy": "the policy that fits; by DM only",
    "offer": "the goodwill offer; by DM only, and never one they were given lately",
    "answer": "the FAQ's answer",
    "answer_too": "what answers another question of the same post",
    "uncovered": "what the answer leaves open, from our list: セール品, sale items; stands before については, behind about",
    "help": "the FAQ's answer that solves what they complain of; only for calm complaints with a sure answer",
    "url": "the FAQ's link",
    # From the clock.
    "when": "when somebody of ours can look: 本日中に / 明日の午前中に / 月曜日に, today / tomorrow morning / on Monday",
    # From their orders, known with their consent; by DM only.
    "bought": "what they bought, as the shop calls it",
    "shipped_on": "the day it left",
    "expected_on": "the day it is expected",
    # Given by what comes after an answer.
    "link": "the one-click link of a survey or of a consent",
    "fixed": "what was mended, in the brand's words",
}
"""Every variable with its meaning. One that is not known makes its wording unusable."""

FLAGS = {
    "public": "the reply can be read by all",
    "dm": "the reply is private",
    "posted": "they wrote in public",
    "numbered": "they gave an order number already: it is not asked for again",
    "exposed_own": "they wrote a number, phone or mail address of theirs in public: they are asked to take it down",
    "goods": "it is about goods, or a thing is named",
    "needs_dm": "solving it takes a DM, and one can be had",
    "no_dm": "solving it takes no private details",
    "needs_contact": "solving it takes private details, but no DM can be had: never say DM",
    "has_dm": "a DM can be had",
    "no_dm_route": "the platform or the person allows no DM",
    "paired": "the public half of a pair: a DM of ours goes with it",
    "praised": "what they praise is named",
    "missed": "the day it was for is over, or was when it came",
    "eaten": "it is about something to eat or drink: nobody is told not to use it",
    "suggested": "praise that comes with an idea of theirs",
    "placed": "the shop they were in is named",
    "unsigned": "the shop has not been named yet in this reply",
    "unreported": "no wording has said yet that we come back to them",
    "severity_1": "a small matter: ご不便",
    "severity_2": "trouble: ご迷惑",
    "severity_3": "worry or hurt: ご心配, ご不快",
    "severity_4": "grave: 深くお詫び",
    "casual": "they write casually",
    "formal": "they write formally",
    "again": "they wrote about this topic before, and had to ask again",
    "fan": "they praised us before",
    "first_time": "we have no earlier case of theirs",
    "shipped": "their order is on its way",
    "delivered": "their order was delivered",
}
"""Every condition with its meaning. ``!again`` holds where ``again`` does not."""

PREFERRED = frozenset(
    [
        "severity_1",
        "severity_2",
        "severity_3",
        "severity_4",
        "casual",
        "formal",
        "again",
        "fan",
        "first_time",
        "link",
    ]
)
"""A wording that needs one of these wins over those that need none, where it holds."""

NOT = "!"

MOVES = frozenset(
    [
        *("greet", "thank", "apologise", "empathy", "own", "care", "cheer", "echo", "joy", "occasion", "deadline"),
        *("unheard", "wish", "suggestion", "answer", "open", "statement", "policy", "offer", "next_step", "follow"),
        *("to_dm", "ask", "privacy", "exposure", "link", "close", "sign"),
    ]
)
"""What a step of a reply may be called: what is left out, kept and set apart goes by these names."""

_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"\{[^{}\s]*\}?|\}|[｛｝]")


def list_variables(text: str) -> tuple[str, ...]:
    """Return the variables that a wording names, each once. Raises ``ValueError``: unknown, or a brace about none."""
    if strange := _BRACE.search(_VARIABLE.sub("", text)):
        msg = (
            f"a brace stands here about no variable: '{strange.group()}'; write it like {{name}}, in half-width braces"
        )
        raise ValueError(msg)
    named = tuple(dict.fromkeys(_VARIABLE.findall(text)))
    if unknown := [name for name in named if name not in VARIABLES]:
        msg = f"there is no variable '{unknown[0]}'; wordings may name: {', '.join(sorted(VARIABLES))}"
        raise ValueError(msg)
    return named


def is_known(condition: str) -> bool:
    """Return whether ``condition`` (with or without ``!``) may stand in ``when`` or ``needs``."""
    name = condition.removeprefix(NOT)
    return name in VARIABLES or name in FLAGS


def all_hold(conditions: tuple[str, ...], known: frozenset[str] | set[str]) -> bool:
    """Return whether each condition is met by the names of ``known``; ``!name`` is met when it is not there."""
    return all((one.removeprefix(NOT) in known) is not one.startswith(NOT) for one in conditions)
