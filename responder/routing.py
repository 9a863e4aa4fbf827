"""Whether and how we may write to somebody: the platform is asked what it allows, then the rules decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import regex
import structlog

from domain.errors import ChannelError
from domain.ports import Channel
from domain.replies import Capabilities, Eligibility, Measure, PlatformFacts
from domain.words import Visibility
from responder.eligibility import EligibilityInput, PlatformRule, decide
from storage.drafts import UnderstoodMention

NO_API: Final = Capabilities(can_reply=False, can_direct_message=False)
"""What an account without a connection can do."""
UNKNOWN: Final = PlatformFacts()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What a platform says of answering one mention."""

    capabilities: Capabilities = NO_API
    facts: PlatformFacts = UNKNOWN


def ask_platform(channel: Channel | None, mention: UnderstoodMention) -> Standing:
    """Return what the platform allows right now; without an answer the rules decide on what is known. Network, never raises."""
    if channel is None:
        return Standing()
    capabilities = NO_API
    try:
        capabilities = channel.capabilities
        return Standing(capabilities=capabilities, facts=channel.eligibility(mention.target))
    except ChannelError as error:
        log.info("platform facts unknown", mention=mention.mention_id, code=error.code)
    except Exception as error:  # noqa: BLE001 - the step's edge: without facts the rules still decide
        log.warning("platform facts unknown", mention=mention.mention_id, error=type(error).__name__)
    return Standing(capabilities=capabilities)


def find_route(
    mention: UnderstoodMention,
    standing: Standing,
    visibility: Visibility,
    *,
    now: datetime,
    opted_out: bool,
    rules: Sequence[PlatformRule],
) -> Eligibility:
    """Return whether and how a reply of this visibility may leave."""
    given = EligibilityInput(
        kind=mention.channel_kind,
        engagement=mention.engagement,
        visibility=visibility,
        capabilities=standing.capabilities,
        facts=standing.facts,
        created_at=mention.posted_at,
        now=now,
        risks=mention.understanding.prediction.risks if mention.understanding else frozenset(),
        gone=standing.facts.exists is False,
        opted_out=opted_out,
        already_answered=visibility in mention.answered,
        has_url=bool(mention.target.url),
    )
    return decide(given, rules)


def measure_text(channel: Channel | None, text: str, visibility: Visibility) -> Measure:
    """Return the length by the platform's counting; in graphemes and without a limit where there is no connection."""
    if channel is not None:
        return channel.measure(text, visibility)
    return Measure(length=len(regex.findall(r"\X", text)), limit=0)
