"""Dispatch: what people approved leaves the outbox, once.

A delivery is claimed while still ``queued``, its eligibility asked again, and only then marked ``sending`` in a committed
transaction of its own; the call follows. A crash before that mark has sent nothing, a crash after it leaves a doubt that
``responder/reconcile.py`` settles with the platform. Nothing here ever repeats a call blindly. See docs/explanation/sending.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum

import structlog

from config.brand_book import BrandBook
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from domain.replies import Eligibility, PlatformFacts, SentPost
from domain.words import DeliveryProblem, Visibility
from responder.checks import TextContext, blocks, check_text
from responder.checks.surroundings import find_book, find_grounds
from responder.eligibility import EligibilityInput, PlatformRule, decide, load_rules
from responder.reconcile import reconcile_uncertain
from responder.waits import MOST_TRIES, BackOff
from storage.claimed_deliveries import Claimed
from storage.database import Database, Transaction
from storage.opt_outs import is_opted_out
from storage.outbox import is_sending_paused
from storage.send_records import record_gone, record_refused, record_retry, record_sent, record_uncertain
from storage.sending import Begin, begin_sending, claim_queued, is_anything_due, park_without_channel, release_holds

__all__ = ["DispatchSummary", "dispatch_due", "reconcile_uncertain"]

LOOK_LEASE = timedelta(minutes=2)
"""For asking the platform before the call."""
SEND_LEASE = timedelta(minutes=5)
"""Longer than any channel's own timeouts together: who comes back later finds the row doubtful."""
BACK_OFF = BackOff(first=timedelta(seconds=10), longest=timedelta(minutes=15))

log = structlog.get_logger()


class Outcome(StrEnum):
    """How one claimed delivery ended in this pass."""

    SENT = "sent"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    UNCERTAIN = "uncertain"
    LOST = "lost"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchSummary:
    """What one pass did, in numbers of deliveries."""

    queued: int = 0
    handed_off: int = 0
    sent: int = 0
    refused: int = 0
    cancelled: int = 0
    postponed: int = 0
    uncertain: int = 0
    lost: int = 0
    """Somebody else took the row meanwhile; nothing was recorded."""
    without_channel: int = 0
    paused: bool = False
    """The kill switch is on."""

    @property
    def moved(self) -> int:
        """How many deliveries took a step."""
        steps = (self.queued, self.handed_off, self.sent, self.refused, self.cancelled, self.postponed, self.uncertain)
        return sum(steps)

    def as_dict(self) -> dict[str, int | bool]:
        """Return the numbers for ``--json``."""
        return asdict(self)

    def __str__(self) -> str:
        """One line for the command line."""
        if self.paused:
            return "Sending is paused."
        numbers = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "paused"]
        said = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in numbers if number)
        return f"{said}." if said else "Nothing was due."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gate:
    """What a delivery is asked again right before the call."""

    rules: Sequence[PlatformRule]
    books: Mapping[str, BrandBook]


def dispatch_due(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: Mapping[ChannelAccountId, Channel],
    books: Mapping[str, BrandBook] | None = None,
    limit: int = 20,
    rules: Sequence[PlatformRule] | None = None,
) -> DispatchSummary:
    """Release holds that are over, then send up to ``limit`` deliveries, one after the other.

    ``books`` say how each brand speaks: a text that its checks stop now is not sent. ``rules`` are those of the home, else the
    shipped ones. An account whose platform said "later" rests until the next pass.
    """
    with database.snapshot(workspace_id) as tx:
        if is_sending_paused(tx):
            return DispatchSummary(paused=True)
        if not is_anything_due(tx):
            return DispatchSummary()
    with database.transaction(workspace_id) as tx:
        queued, handed_off = release_holds(tx)
        without_channel = park_without_channel(tx, account_ids=list(channels))
    gate = _Gate(rules=load_rules() if rules is None else rules, books=books or {})
    outcomes = _send_claimed(database, workspace_id, channels=dict(channels), limit=limit, gate=gate)
    counted = {outcome.value: outcomes.count(outcome) for outcome in Outcome if outcome is not Outcome.PAUSED}
    return DispatchSummary(
        queued=queued,
        handed_off=handed_off,
        without_channel=without_channel,
        paused=Outcome.PAUSED in outcomes,
        **counted,
    )


def _send_claimed(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    channels: dict[ChannelAccountId, Channel],
    limit: int,
    gate: _Gate,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    while channels and len(outcomes) < limit and Outcome.PAUSED not in outcomes:
        with database.transaction(workspace_id) as tx:
            claimed = claim_queued(tx, account_ids=list(channels), lease=LOOK_LEASE)
        if claimed is None:
            break
        account_id = ChannelAccountId(claimed.account_id)
        sender = _Sender(database, workspace_id, channel=channels[account_id], claimed=claimed, gate=gate)
        outcome = sender.run()
        if outcome is Outcome.POSTPONED:
            del channels[account_id]
        outcomes.append(outcome)
    return outcomes


class _Sender:
    """Takes one claimed delivery through: look, begin, call, record."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        *,
        channel: Channel,
        claimed: Claimed,
        gate: _Gate,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._channel = channel
        self._claimed = claimed
        self._gate = gate
        self._log = log.bind(delivery=claimed.delivery_id, account=claimed.account_name)

    def run(self) -> Outcome:
        """Return how it ended; never raises for what a platform does."""
        try:
            facts = self._channel.eligibility(self._claimed.request.target)
        except PermanentError as error:
            return self._refuse(DeliveryProblem.PLATFORM_REFUSED, _words(error), error=error)
        except Exception as error:  # noqa: BLE001 - a step's edge: nothing has been sent yet, so later is safe
            return self._postpone(error, began=False)
        if self._claimed.gone or facts.exists is False:
            with self._database.transaction(self._workspace_id) as tx:
                return _or_lost(Outcome.CANCELLED, kept=record_gone(tx, self._claimed))
        stopped = self._find_blocks()
        with self._database.transaction(self._workspace_id) as tx:
            problem, detail = self._find_change(tx, facts, stopped)
            if problem:
                return _or_lost(Outcome.REFUSED, kept=record_refused(tx, self._claimed, problem=problem, detail=detail))
            begin = begin_sending(tx, self._claimed, lease=SEND_LEASE)
        if begin is not Begin.BEGUN:
            return {Begin.PAUSED: Outcome.PAUSED, Begin.TEXT_CHANGED: Outcome.REFUSED}.get(begin, Outcome.LOST)
        return self._call()

    def _find_change(
        self, tx: Transaction, facts: PlatformFacts, stopped: tuple[str, ...]
    ) -> tuple[DeliveryProblem | None, str]:
        """Return what no longer holds of the approval, with its detail. In the transaction that begins the sending: who asks to be
        left alone until then is.
        """
        opted_out = is_opted_out(tx, self._claimed.author_id)
        decision = self._decide(facts, opted_out=opted_out)
        if decision.route is not self._claimed.route:
            problem = DeliveryProblem.OPTED_OUT if opted_out else DeliveryProblem.ROUTE_CHANGED
            return problem, f"{decision.reason_code} ({decision.rule_id})"
        return (DeliveryProblem.CHECKS_FAILED, ", ".join(stopped)) if stopped else (None, "")

    def _decide(self, facts: PlatformFacts, *, opted_out: bool) -> Eligibility:
        claimed = self._claimed
        given = EligibilityInput(
            kind=claimed.channel_kind,
            engagement=claimed.engagement,
            visibility=claimed.visibility,
            capabilities=self._channel.capabilities,
            facts=facts,
            created_at=claimed.posted_at,
            now=self._database.clock.now(),
            risks=claimed.risks,
            gone=claimed.gone or facts.exists is False,
            opted_out=opted_out,
            already_answered=False,
            has_url=claimed.has_url,
        )
        return decide(given, self._gate.rules)

    def _find_blocks(self) -> tuple[str, ...]:
        """Return the checks that stop the text now. What only warns was accepted by the person who approved it."""
        claimed = self._claimed
        text, language = claimed.request.text, claimed.request.language
        book = find_book(self._gate.books, claimed.brand)
        grounds = tuple(find_grounds(book, claimed.citations, language)) if book else ()
        found = check_text(
            text,
            visibility=claimed.visibility,
            language=language,
            measure=self._channel.measure(text, claimed.visibility),
            voice=book.voice if book else None,
            context=TextContext(grounds=grounds),
        )
        return blocks(found)

    def _call(self) -> Outcome:
        """Make the one call. From here on only a clear answer is taken for one."""
        try:
            post = self._send()
        except PermanentError as error:
            return self._refuse(DeliveryProblem.PLATFORM_REFUSED, _words(error), error=error)
        except RetryableError as error:
            return self._postpone(error, began=True)
        except SendUncertainError as error:
            return self._doubt(_words(error))
        except Exception as error:  # noqa: BLE001 - a step's edge: a fault of ours in mid-call is a doubt, never a resend
            self._log.exception("send_failed_midway")
            return self._doubt(type(error).__name__)
        with self._database.transaction(self._workspace_id) as tx:
            kept = record_sent(tx, self._claimed, post)
        if not kept:
            self._log.warning("claim_lost_while_sending", external_id=post.external_id)
        return _or_lost(Outcome.SENT, kept=kept)

    def _send(self) -> SentPost:
        if self._claimed.visibility is Visibility.DM:
            return self._channel.direct_message(self._claimed.request)
        return self._channel.reply(self._claimed.request)

    def _refuse(self, problem: DeliveryProblem, detail: str, *, error: PermanentError | None = None) -> Outcome:
        access_lost = str(error) if error is not None and error.ends_access else ""
        with self._database.transaction(self._workspace_id) as tx:
            kept = record_refused(tx, self._claimed, problem=problem, detail=detail, access_lost=access_lost)
        return _or_lost(Outcome.REFUSED, kept=kept)

    def _doubt(self, detail: str) -> Outcome:
        with self._database.transaction(self._workspace_id) as tx:
            kept = record_uncertain(tx, self._claimed, problem=DeliveryProblem.NO_ANSWER, detail=detail)
        return _or_lost(Outcome.UNCERTAIN, kept=kept)

    def _postpone(self, error: Exception, *, began: bool) -> Outcome:
        if not isinstance(error, ChannelError):
            self._log.error("eligibility_failed", error=type(error).__name__, exc_info=error)
        if self._claimed.attempts >= MOST_TRIES:
            return self._refuse(DeliveryProblem.GAVE_UP, _words(error))
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        delay = BACK_OFF.wait(self._claimed.attempts, asked)
        with self._database.transaction(self._workspace_id) as tx:
            kept = record_retry(tx, self._claimed, delay=delay, detail=_words(error), began=began)
        return _or_lost(Outcome.POSTPONED, kept=kept)


def _words(error: Exception) -> str:
    return f"{error.code}: {error.message}" if isinstance(error, ChannelError) else type(error).__name__


def _or_lost(outcome: Outcome, *, kept: bool) -> Outcome:
    return outcome if kept else Outcome.LOST
