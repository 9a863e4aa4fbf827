"""What people approved leaves once: every way a send can end, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import make_transient

from domain.cleaning import ID_LIMIT, clean_id
from domain.clock import FixedClock
from domain.lifecycle import DeliveryState, DraftState
from domain.replies import SentPost
from domain.words import DeliveryProblem, Route, Visibility
from listener.channels.sandbox import FaultKind, SandboxCall
from responder.dispatch import DispatchSummary, dispatch_due
from responder.waits import MOST_TRIES
from storage.database import Database
from storage.models import Conversation, Delivery, Reply, Review, User
from storage.outbox import set_sending_paused
from tests.cast import NOON, OURS, THEIRS
from tests.responder.outbox_stage import HOLD, KilledError, Stage, set_stage
from tests.rows import APOLOGY


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(any_database, clock, tmp_path, ben)


def test_an_approved_reply_is_on_the_platform_once_after_its_hold(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    assert stage.dispatch() == DispatchSummary(queued=1, sent=1)
    assert stage.dispatch() == DispatchSummary()
    sent = stage.platform.sent_posts()
    assert [(post.text, post.target_external_id) for post in sent] == [(APOLOGY, "post-1")]
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.external_id, delivery.sent_at) == ("sent", sent[0].external_id, NOON + HOLD)
    assert stage.conversation().first_reply_at == NOON + HOLD
    assert stage.verbs() == ["delivery_queued", "delivery_sending", "delivery_sent"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/\x00", "https://a.example/" + "x" * 3000, "\ud83d"]
)
def test_what_a_platform_calls_our_reply_is_cleaned_before_it_is_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    told = SentPost(external_id="\ud83d\x00" + "x" * 600, url=url)
    monkeypatch.setattr(stage.channel, "reply", lambda _request: told)
    delivery_id = stage.approve_due()
    assert stage.dispatch().sent == 1
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.url) == ("sent", "")
    assert delivery.external_id == clean_id(told.external_id)
    assert len(delivery.external_id) == ID_LIMIT


def test_a_direct_message_goes_by_direct_message(stage: Stage) -> None:
    stage.approve_due(visibility=Visibility.DM)
    stage.dispatch()
    assert [post.visibility for post in stage.platform.sent_posts()] == [Visibility.DM]


def test_nothing_leaves_within_the_hold(stage: Stage) -> None:
    delivery_id = stage.approve()
    stage.clock.advance(HOLD - timedelta(milliseconds=1))
    assert stage.dispatch() == DispatchSummary()
    assert stage.state(delivery_id) is DeliveryState.HELD


def test_a_reply_for_hand_posting_is_handed_off_and_never_sent(stage: Stage) -> None:
    delivery_id = stage.approve_due(route=Route.MANUAL)
    assert stage.dispatch() == DispatchSummary(handed_off=1)
    assert stage.state(delivery_id) is DeliveryState.HANDED_OFF
    assert stage.on_platform() == 0


def test_a_second_reply_does_not_move_the_time_of_the_first(stage: Stage) -> None:
    stage.approve_due()
    stage.dispatch()
    with stage.database.transaction(OURS) as tx:
        tx.session.get_one(Conversation, stage.ids["conversation"]).first_reply_at = NOON
    second = stage.approve_due(number=2)
    with stage.database.transaction(OURS) as tx:
        tx.session.get_one(Conversation, stage.ids["conversation"]).first_reply_at = NOON - timedelta(days=1)
    stage.dispatch()
    assert stage.state(second) is DeliveryState.SENT
    assert stage.conversation().first_reply_at == NOON - timedelta(days=1)


def test_a_refusal_brings_the_case_back_with_its_old_clock(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.PERMANENT, code="forbidden")
    assert stage.dispatch().refused == 1
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.problem) == ("refused", DeliveryProblem.PLATFORM_REFUSED)
    assert delivery.problem_detail.startswith("forbidden: ")
    conversation = stage.conversation()
    assert (conversation.waiting, conversation.waiting_since) == (True, NOON - timedelta(hours=1))
    assert stage.draft().state == DraftState.PROPOSED
    assert stage.alerts() == [("delivery_refused", 1)]
    assert stage.dispatch() == DispatchSummary()


def test_a_busy_platform_is_asked_again_after_its_own_delay(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, retry_after_seconds=90.0)
    assert stage.dispatch().postponed == 1
    assert stage.delivery(delivery_id).not_before == stage.clock.now() + timedelta(seconds=90)
    stage.clock.advance(timedelta(seconds=89))
    assert stage.dispatch() == DispatchSummary()
    stage.clock.advance(timedelta(seconds=1))
    assert stage.dispatch().sent == 1
    assert stage.on_platform() == 1


def test_a_platform_that_never_has_time_is_given_up_after_eight_tries(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, times=None)
    waits = []
    for _ in range(MOST_TRIES - 1):
        assert stage.dispatch().postponed == 1
        waits.append((stage.delivery(delivery_id).not_before or NOON) - stage.clock.now())
        stage.clock.advance(waits[-1])
    assert waits == sorted(waits)
    assert waits[0] > timedelta(0)
    assert stage.dispatch().refused == 1
    assert stage.delivery(delivery_id).problem == DeliveryProblem.GAVE_UP
    assert stage.conversation().waiting
    assert stage.alerts() == [("delivery_refused", 1)]


def test_an_account_told_to_wait_rests_while_others_go_on(stage: Stage) -> None:
    first, second = stage.approve(), stage.approve(number=2)
    stage.clock.advance(HOLD)
    stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, retry_after_seconds=60.0)
    assert stage.dispatch() == DispatchSummary(queued=2, postponed=1)
    assert [stage.state(first), stage.state(second)] == ["queued", "queued"]
    assert stage.dispatch().sent == 1
    assert stage.state(second) is DeliveryState.SENT


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.AMBIGUOUS])
def test_no_clear_answer_is_a_doubt_and_is_never_sent_again_by_dispatch(stage: Stage, kind: FaultKind) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, kind)
    assert stage.dispatch().uncertain == 1
    before = stage.on_platform()
    stage.clock.advance(timedelta(days=2))
    assert stage.dispatch() == DispatchSummary()
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN
    assert stage.on_platform() == before
    assert stage.alerts() == [("delivery_uncertain", 1)]
    assert not stage.conversation().waiting


def test_a_fault_of_our_own_in_the_middle_of_the_call_is_a_doubt(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    def stumble() -> None:
        raise ZeroDivisionError

    stage.channel.after_send = stumble
    assert stage.dispatch().uncertain == 1
    assert stage.delivery(delivery_id).problem_detail == "ZeroDivisionError"
    assert stage.on_platform() == 1


def test_a_post_deleted_since_the_approval_is_not_answered(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.platform.delete_post("post-1")
    assert stage.dispatch().cancelled == 1
    assert stage.delivery(delivery_id).problem == DeliveryProblem.POST_GONE
    assert stage.draft().state == DraftState.VOIDED
    assert stage.conversation().waiting
    assert stage.alerts() == [("delivery_cancelled", 1)]
    assert stage.on_platform() == 0


def test_a_reply_the_author_no_longer_allows_is_refused_with_the_reason(stage: Stage) -> None:
    delivery_id = stage.approve_due(visibility=Visibility.DM)
    stage.channel._can_direct_message = False
    assert stage.dispatch().refused == 1
    delivery = stage.delivery(delivery_id)
    assert delivery.problem == DeliveryProblem.ROUTE_CHANGED
    assert delivery.problem_detail
    assert stage.conversation().waiting
    assert stage.on_platform() == 0


def test_a_platform_that_cannot_be_asked_before_sending_is_asked_later(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.ELIGIBILITY, FaultKind.RETRYABLE, retry_after_seconds=5.0)
    assert stage.dispatch().postponed == 1
    assert stage.state(delivery_id) is DeliveryState.QUEUED
    assert stage.on_platform() == 0
    stage.clock.advance(timedelta(seconds=5))
    assert stage.dispatch().sent == 1


def test_refused_credentials_before_sending_are_a_refusal(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.ELIGIBILITY, FaultKind.PERMANENT, code="credentials")
    assert stage.dispatch().refused == 1
    assert stage.delivery(delivery_id).problem_detail.startswith("credentials")


@pytest.mark.parametrize("call", [SandboxCall.REPLY, SandboxCall.ELIGIBILITY])
def test_a_way_in_that_is_taken_away_is_told_as_the_polls_tell_it_until_a_reply_is_sent(
    stage: Stage, call: SandboxCall
) -> None:
    stage.approve_due()
    stage.fault(call, FaultKind.PERMANENT, code="token_refused")
    assert stage.dispatch().refused == 1
    assert stage.alerts() == [("delivery_refused", 1), ("channel_refused", 1)]
    stage.approve_due(number=2)
    assert stage.dispatch().sent == 1
    assert stage.alerts() == [("delivery_refused", 1)]


def test_a_fault_of_our_own_before_the_call_sends_nothing_and_tries_later(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    def stumble() -> None:
        raise ZeroDivisionError

    stage.channel.before_look = stumble
    assert stage.dispatch().postponed == 1
    assert stage.state(delivery_id) is DeliveryState.QUEUED


@pytest.mark.parametrize("changed", ["reply", "both hashes", "review", "verdict"])
def test_a_text_that_nobody_approved_never_leaves(stage: Stage, changed: str) -> None:
    delivery_id = stage.approve_due()
    with stage.database.transaction(OURS) as tx:
        reply = tx.session.get_one(Reply, tx.session.get_one(Delivery, delivery_id).reply_id)
        review = tx.session.get_one(Review, reply.review_id)
        if changed in ("reply", "both hashes"):
            reply.text = "Buy now!"
        if changed == "both hashes":
            reply.text_hash = "0" * 64
        if changed in ("review", "verdict"):
            # A review cannot be changed: the database refuses. Whoever forges one puts another in its place.
            tx.session.delete(review)
            tx.session.flush()
            make_transient(review)
            review.text_hash = "0" * 64 if changed == "review" else review.text_hash
            review.verdict = "rejected" if changed == "verdict" else review.verdict
            tx.session.add(review)
    assert stage.dispatch().refused == 1
    assert stage.delivery(delivery_id).problem == DeliveryProblem.TEXT_CHANGED
    assert stage.alerts() == [("delivery_unapproved", 1)]
    assert stage.on_platform() == 0


def test_a_text_changed_while_the_platform_is_asked_never_leaves(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    def tamper() -> None:
        with stage.database.transaction(OURS) as tx:
            tx.session.get_one(Reply, tx.session.get_one(Delivery, delivery_id).reply_id).text = "Buy now!"

    stage.channel.before_look = tamper
    assert stage.dispatch().refused == 1
    assert stage.on_platform() == 0


def test_nothing_leaves_while_sending_is_paused(stage: Stage, ben: User) -> None:
    delivery_id = stage.approve_due()
    with stage.database.transaction(OURS) as tx:
        set_sending_paused(tx, paused=True, user_id=ben.id, actor="Ben")
    assert stage.dispatch() == DispatchSummary(paused=True)
    assert stage.state(delivery_id) is DeliveryState.HELD
    with stage.database.transaction(OURS) as tx:
        set_sending_paused(tx, paused=False, user_id=ben.id, actor="Ben")
    assert stage.dispatch().sent == 1
    assert stage.verbs()[:2] == ["sending_paused", "sending_resumed"]


def test_the_kill_switch_is_seen_at_the_last_moment(stage: Stage, ben: User) -> None:
    first, second = stage.approve(), stage.approve(number=2)
    stage.clock.advance(HOLD)

    def pull() -> None:
        with stage.database.transaction(OURS) as tx:
            set_sending_paused(tx, paused=True, user_id=ben.id, actor="Ben")

    stage.channel.before_look = pull
    assert stage.dispatch() == DispatchSummary(queued=2, paused=True)
    assert [stage.state(first), stage.state(second)] == ["queued", "queued"]
    row = stage.delivery(first)
    assert (row.claim_token, row.attempts) == (None, 0)
    assert stage.on_platform() == 0


def test_the_other_workspaces_switch_and_outbox_are_not_ours(stage: Stage, chika: User) -> None:
    stage.approve_due()
    with stage.database.transaction(THEIRS) as tx:
        set_sending_paused(tx, paused=True, user_id=chika.id, actor="Chika")
    theirs = dispatch_due(stage.database, THEIRS, channels={stage.account_id: stage.channel})
    assert theirs == DispatchSummary(paused=True)
    assert stage.dispatch().sent == 1


def test_replies_of_an_account_that_is_not_connected_wait_and_an_alert_says_so(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    summary = dispatch_due(stage.database, OURS, channels={})
    assert (summary.queued, summary.without_channel) == (1, 1)
    assert stage.alerts() == [("delivery_no_channel", 1)]
    assert dispatch_due(stage.database, OURS, channels={}) == DispatchSummary()
    stage.clock.advance(timedelta(minutes=10))
    assert stage.dispatch().sent == 1
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_a_worker_killed_before_the_mark_has_sent_nothing_and_the_next_one_sends(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    def kill() -> None:
        raise KilledError

    stage.channel.before_look = kill
    with pytest.raises(KilledError):
        stage.dispatch()
    assert stage.state(delivery_id) is DeliveryState.QUEUED
    stage.channel.before_look = lambda: None
    assert stage.dispatch() == DispatchSummary()  # the dead worker's lease still runs
    stage.clock.advance(timedelta(minutes=3))
    assert stage.dispatch().sent == 1
    assert stage.on_platform() == 1


def test_a_clock_that_jumps_back_never_shortens_the_hold(stage: Stage) -> None:
    delivery_id = stage.approve()
    stage.clock.advance(timedelta(hours=-1))
    assert stage.dispatch() == DispatchSummary()
    stage.clock.advance(timedelta(hours=1))
    assert stage.dispatch() == DispatchSummary()
    assert stage.state(delivery_id) is DeliveryState.HELD
    stage.clock.advance(HOLD)
    assert stage.dispatch().sent == 1


def test_a_clock_that_jumps_back_between_tries_neither_waits_negatively_nor_sends_twice(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.RETRYABLE, retry_after_seconds=-30.0)
    stage.dispatch()
    due = stage.delivery(delivery_id).not_before
    assert due is not None
    assert due >= stage.clock.now()
    stage.clock.advance(timedelta(seconds=-5))
    assert stage.dispatch() == DispatchSummary()
    stage.clock.advance(timedelta(seconds=5))
    assert stage.dispatch().sent == 1
    assert stage.on_platform() == 1


def test_one_pass_sends_no_more_than_its_limit(stage: Stage) -> None:
    for number in (1, 2, 3):
        stage.approve(number=number)
    stage.clock.advance(HOLD)
    assert stage.dispatch(limit=2).sent == 2
    assert stage.dispatch(limit=2).sent == 1
    assert stage.on_platform() == 3


def test_a_summary_says_in_words_what_was_done() -> None:
    assert str(DispatchSummary()) == "Nothing was due."
    assert str(DispatchSummary(paused=True)) == "Sending is paused."
    assert str(DispatchSummary(queued=2, sent=1, handed_off=1)) == "2 queued, 1 handed off, 1 sent."
    assert DispatchSummary(sent=2).as_dict()["sent"] == 2
    assert DispatchSummary(queued=2, sent=1).moved == 3
