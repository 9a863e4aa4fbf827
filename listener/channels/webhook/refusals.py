"""What an answer that is no success means."""

import json
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.webhook.client import Answer
from listener.channels.webhook.options import SECRETS, WebhookOptions
from listener.cleaning import clean_name
from listener.retry_after import read_retry_after

REDIRECTS: Final = range(300, 400)
SEE_OTHER: Final = 303
"""What was asked is done, and its outcome stands elsewhere (RFC 9110, 15.4.4): the reply may have been taken."""
REFUSALS: Final = range(400, 500)
UNAUTHORISED: Final = frozenset({401, 403})
TIMED_OUT, GONE, TOO_MANY, UNAVAILABLE = 408, 410, 429, 503
REASONS: Final = ("error", "message", "detail", "reason")
"""Where services commonly say why."""


def explain(answer: Answer, *, host: str, options: WebhookOptions, now: datetime) -> ChannelError:
    """Return the error that ``answer`` stands for. 5xx is a doubt: the reply may have been taken before the trouble."""
    status = answer.status
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    if status == TOO_MANY or (status == UNAVAILABLE and wait is not None):
        return RetryableError(f"{host} asks us to wait.", code="rate_limited", retry_after_seconds=wait)
    if status in UNAUTHORISED:
        return PermanentError(
            f"{host} refuses our signature ({status}){_reason(answer, options)}.",
            code="unauthorized",
            remedy="Compare secrets.reply_secret with the receiver's, and both clocks.",
        )
    if status == GONE:
        return PermanentError(
            f"{host} says that the message is gone{_reason(answer, options)}.",
            code="gone",
            remedy="Nothing can be answered there any more.",
        )
    if status in REDIRECTS and status != SEE_OTHER:
        return PermanentError(
            f"{host} sends us elsewhere ({status}); replies follow nobody.",
            code="moved",
            remedy="Write the new address into options.",
        )
    if status in REFUSALS and status != TIMED_OUT:
        return PermanentError(
            f"{host} refuses the call ({status}){_reason(answer, options)}.",
            code="refused",
            remedy="Read the receiver's reason; docs/how-to/webhook.md says what it may answer.",
        )
    return SendUncertainError(f"{host} has trouble ({status}).", code="server_error")


def _reason(answer: Answer, options: WebhookOptions) -> str:
    """Return the receiver's words in one short line, without anything of ours that is secret."""
    said = _said(answer)
    for name in SECRETS:
        secret = getattr(options, name).get_secret_value()
        for part in (secret, secret.removeprefix("whsec_")):
            said = said.replace(part, "…") if part else said
    return f": {line}" if (line := clean_name(said).rstrip(".")) else ""


def _said(answer: Answer) -> str:
    text = answer.body.decode("utf-8", "replace")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        is_text = answer.headers.get("content-type", "").startswith("text/plain")
        return text if is_text else ""
    found = [read[name] for name in REASONS if isinstance(read.get(name), str)] if isinstance(read, dict) else []
    return found[0] if found else ""
