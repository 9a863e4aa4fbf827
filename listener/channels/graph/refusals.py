"""What the Graph API's errors mean, told as ours with a remedy. By Meta's pages on error handling, Pages and messaging."""

from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener import wire
from listener.channels.graph.usage import read_wait
from listener.json_http import JsonAnswer

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500
LONGEST_QUOTE: Final = 200
"""Characters of Meta's own words that are repeated."""

RATE_CODES: Final = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})
TRANSIENT_CODES: Final = frozenset({-1, 1, 2, 1200})
TOKEN_CODES: Final = frozenset({102, 190})
PERMISSION_CODES: Final = frozenset({3, 10, *range(200, 300)})
GONE: Final = frozenset({(100, 33), (803, None), (21, None)})
WINDOW_CLOSED: Final = frozenset({2_018_278, 2_534_022, 2_018_065})
"""Subcodes of code 10: the person's last message is too old."""
UNREACHABLE_SUBCODES: Final = frozenset({1_545_041, 2_018_001, 2_018_108, 2_534_014})
TOO_LARGE: Final = "reduce the amount of data"
"""In the words of an error of code 1."""
UNREACHABLE: Final = 551
KNOWN: Final = {
    UNREACHABLE: (
        "not_reachable",
        "This person cannot be reached by message.",
        "Answer in public, or leave it: they blocked us, left, or take no messages.",
    ),
    368: (
        "blocked",
        "Meta blocked this: it takes us for spam, or the action for abuse.",
        "Look at the support inbox of the Page at Meta; do not send the same text again and again.",
    ),
    506: ("duplicate", "Meta refuses the same text twice in a row.", "Say it in other words."),
    10_900: (
        "already_replied",
        "This comment already had its one private reply.",
        "Answer in public, or wait until the person writes.",
    ),
}
TOKEN_TROUBLE: Final = {
    458: ("our app was removed by the person who connected it", "Connect it again and make a new token"),
    459: ("the person who connected the app must sign in to Facebook first", "Sign in at facebook.com, then try again"),
    460: ("the password of the person who connected it was changed", "Make a new token"),
    463: ("it has expired", "Make a new one"),
    464: ("the person who connected the app is not confirmed", "Sign in at facebook.com, then try again"),
    467: ("it was revoked", "Make a new one"),
    492: ("the person who connected it has no role on the Page any more", "Let somebody with a role make a new token"),
}


def explain_refusal(answer: JsonAnswer, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error that ``answer``, no success, stands for. ``sends``: it answers a request that makes something appear."""
    error = wire.part(answer.body, "error")
    code, subcode = wire.whole(error, "code"), wire.whole(error, "error_subcode")
    if code in RATE_CODES or answer.status == TOO_MANY:
        return RetryableError(
            "Meta asks us to wait: too many requests.",
            code="rate_limited",
            retry_after_seconds=read_wait(answer.headers, now=now),
        )
    if not sends and TOO_LARGE in wire.text(error, "message"):
        return PermanentError(
            "Meta finds our question too large.", code="too_large", remedy="Make options.page_size smaller, 20 say."
        )
    is_passing = wire.part(error, "is_transient") is True or code in TRANSIENT_CODES
    if is_passing or answer.status == REQUEST_TIMEOUT or _says_nothing(answer, code, subcode):
        return _passing(answer, code, sends=sends)
    if code in TOKEN_CODES:
        return _token(subcode)
    return _explain_no(answer, code, subcode)


def _says_nothing(answer: JsonAnswer, code: int | None, subcode: int | None) -> bool:
    """Tell whether a failure, or an odd success, has no number that we know: then it is no clear no."""
    if code is None:
        return answer.is_success or answer.status >= SERVER_ERRORS
    is_known = code in TOKEN_CODES | PERMISSION_CODES | KNOWN.keys() or subcode in WINDOW_CLOSED | UNREACHABLE_SUBCODES
    return answer.status >= SERVER_ERRORS and not (is_known or {(code, subcode), (code, None)} & GONE)


def _passing(answer: JsonAnswer, code: int | None, *, sends: bool) -> ChannelError:
    said = f"code {code}" if code is not None else f"status {answer.status}"
    if sends:
        # Meta answers so to comments that stand there afterwards.
        return SendUncertainError(f"Meta failed during a send ({said}).", code="server_error")
    return RetryableError(f"Meta has trouble ({said}).", code="server_error")


def _token(subcode: int | None) -> PermanentError:
    why, remedy = TOKEN_TROUBLE.get(subcode or 0, ("it is wrong or was revoked", "Make a new one"))
    return PermanentError(
        f"Meta does not take our access token: {why}.",
        code="token_refused",
        remedy=f"{remedy}; save it as access_token.",
    )


def _explain_no(answer: JsonAnswer, code: int | None, subcode: int | None) -> PermanentError:
    said = _quote(answer)
    if (code, subcode) in GONE or (code, None) in GONE:
        return PermanentError("It is not there, or not for us.", code="gone", remedy="Look at it on the platform.")
    if subcode in WINDOW_CLOSED:
        return window_closed()
    if subcode in UNREACHABLE_SUBCODES:
        code = UNREACHABLE
    if code in KNOWN:
        name, message, remedy = KNOWN[code]
        return PermanentError(message, code=name, remedy=remedy)
    if code in PERMISSION_CODES:
        return PermanentError(
            f"Meta says that we have no right to this: {said}",
            code="no_right",
            remedy="Compare the token's permissions with the guide in docs/how-to; App Review may be missing.",
        )
    return PermanentError(f"Meta refuses: {said}", code="refused", remedy="Read what Meta says; check options.version.")


def window_closed() -> PermanentError:
    """Return the error for a message that comes too late."""
    return PermanentError(
        "The person's last message is too old to answer.",
        code="window_closed",
        remedy="Meta lets us write within 24 hours, with Human Agent (options.human_agent) within 7 days.",
    )


def _quote(answer: JsonAnswer) -> str:
    """Return Meta's own words, short and on one line, with its numbers."""
    error = wire.part(answer.body, "error")
    said = " ".join((wire.text(error, "error_user_msg") or wire.text(error, "message")).split())[:LONGEST_QUOTE]
    numbers = "/".join(str(one) for one in (wire.whole(error, "code"), wire.whole(error, "error_subcode")) if one)
    return f"{said or f'status {answer.status}'} ({numbers})" if numbers else said or f"status {answer.status}"
