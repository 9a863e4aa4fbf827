"""Doubtful sends are settled with the platform, never by sending again blindly."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.lifecycle import DeliveryState
from domain.words import DeliveryProblem
from listener.channels.sandbox import FaultKind, SandboxCall
from responder.dispatch import SEND_LEASE, DispatchSummary, reconcile_uncertain
from responder.waits import MOST_TRIES
from storage.database import Database
from storage.doubts import MOST_QUESTIONS
from storage.models import User
from storage.outbox import settle_uncertain
from tests.cast import OURS
from tests.responder.outbox_stage import KilledError, Stage, set_stage

HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def stage(any_database: Database, clock: FixedClock, tmp_path: Path, ben: User) -> Stage:
    return set_stage(any_database, clock, tmp_path, ben)


def kill() -> None:
    raise KilledError


def doubt(stage: Stage, kind: FaultKind) -> int:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, kind)
    assert stage.dispatch().uncertain == 1
    return delivery_id


def test_a_reply_that_is_there_is_recorded_as_sent(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.AMBIGUOUS)
    assert stage.reconcile() == 1
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.external_id) == ("sent", stage.platform.sent_posts()[0].external_id)
    assert stage.conversation().first_reply_at == stage.clock.now()
    assert stage.alerts() == []
    assert stage.dispatch() == DispatchSummary()
    assert stage.on_platform() == 1


def test_an_absent_reply_is_sent_again_only_after_two_answers_half_a_minute_apart(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.LOST)
    key = stage.delivery(delivery_id).idempotency_key
    assert stage.reconcile() == 0
    assert stage.delivery(delivery_id).absent_since == stage.clock.now()
    stage.clock.advance(HALF_MINUTE - timedelta(seconds=1))
    assert stage.reconcile() == 0
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN
    stage.clock.advance(timedelta(seconds=1))
    assert stage.reconcile() == 1
    assert stage.state(delivery_id) is DeliveryState.QUEUED
    assert stage.alerts() == []
    assert stage.dispatch().sent == 1
    assert [post.idempotency_key for post in stage.platform.sent_posts()] == [key]


def test_a_reply_that_shows_up_late_in_the_platforms_index_is_not_sent_twice(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.AMBIGUOUS)
    stage.channel.finds_nothing = True
    assert stage.reconcile() == 0
    stage.channel.finds_nothing = False
    stage.clock.advance(HALF_MINUTE)
    assert stage.reconcile() == 1
    assert stage.state(delivery_id) is DeliveryState.SENT
    assert stage.on_platform() == 1


def test_an_answer_that_fails_in_between_makes_the_absence_be_asked_anew(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.LOST)
    stage.reconcile()
    stage.clock.advance(HALF_MINUTE)
    stage.fault(SandboxCall.FIND_REPLY, FaultKind.RETRYABLE)
    assert stage.reconcile() == 0
    assert stage.delivery(delivery_id).absent_since is None
    stage.clock.advance(timedelta(hours=1))
    assert stage.reconcile() == 0
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN


@pytest.mark.parametrize("kind", [FaultKind.PERMANENT, FaultKind.RETRYABLE])
def test_a_platform_that_cannot_tell_leaves_it_to_a_person(stage: Stage, kind: FaultKind) -> None:
    delivery_id = doubt(stage, FaultKind.LOST)
    stage.fault(SandboxCall.FIND_REPLY, kind, times=None, retry_after_seconds=float("nan"))
    for _ in range(MOST_QUESTIONS + 3):
        assert stage.reconcile() == 0
        stage.clock.advance(timedelta(days=1))
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.asked_count) == ("uncertain", MOST_QUESTIONS)
    assert delivery.problem == DeliveryProblem.CANNOT_TELL
    assert stage.alerts() == [("delivery_uncertain", 2)]
    assert stage.on_platform() == 0


def test_a_fault_of_our_own_while_asking_leaves_the_doubt(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.AMBIGUOUS)

    def stumble() -> None:
        raise ZeroDivisionError

    stage.channel.before_find = stumble
    assert stage.reconcile() == 0
    assert stage.delivery(delivery_id).problem_detail == "ZeroDivisionError"
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN


@pytest.mark.parametrize("arrived", [False, True])
def test_a_worker_killed_in_its_call_leaves_a_doubt_that_is_settled_with_one_post(
    stage: Stage, *, arrived: bool
) -> None:
    delivery_id = stage.approve_due()
    if arrived:
        stage.channel.after_send = kill
    else:
        stage.channel.before_send = kill
    with pytest.raises(KilledError):
        stage.dispatch()
    stage.channel.before_send = stage.channel.after_send = lambda: None
    assert stage.state(delivery_id) is DeliveryState.SENDING
    assert stage.reconcile() == 0  # its lease still runs: it may yet come back
    assert stage.dispatch() == DispatchSummary()
    stage.clock.advance(SEND_LEASE + timedelta(seconds=1))
    assert stage.reconcile() == (2 if arrived else 1)
    stage.clock.advance(HALF_MINUTE)
    stage.reconcile()
    stage.dispatch()
    assert stage.state(delivery_id) is DeliveryState.SENT
    assert stage.on_platform() == 1


def test_a_worker_that_outlives_its_lease_changes_nothing_and_the_doubt_is_settled(stage: Stage) -> None:
    delivery_id = stage.approve_due()

    def sleep_long() -> None:
        stage.clock.advance(SEND_LEASE + timedelta(seconds=1))
        stage.channel.before_send = lambda: None
        stage.channel.finds_nothing = True
        assert stage.reconcile() == 1

    stage.channel.before_send = sleep_long
    assert stage.dispatch().lost == 1
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN
    stage.channel.finds_nothing = False
    stage.clock.advance(HALF_MINUTE)
    assert stage.reconcile() == 1
    assert stage.state(delivery_id) is DeliveryState.SENT
    assert stage.on_platform() == 1


def test_what_a_person_settles_while_the_platform_is_asked_stands(stage: Stage, ben: User) -> None:
    delivery_id = doubt(stage, FaultKind.AMBIGUOUS)

    def settle() -> None:
        with stage.database.transaction(OURS) as tx:
            settle_uncertain(tx, delivery_id, outcome=DeliveryState.CANCELLED, user_id=ben.id, actor="Ben")

    stage.channel.before_find = settle
    assert stage.reconcile() == 0
    assert stage.state(delivery_id) is DeliveryState.CANCELLED


def test_two_reconcilers_never_ask_about_the_same_doubt_at_once(stage: Stage) -> None:
    doubt(stage, FaultKind.LOST)
    asked = []

    def ask_too() -> None:
        asked.append(1)
        stage.reconcile()

    stage.channel.before_find = ask_too
    stage.reconcile()
    assert len(asked) == 1


def test_a_reconciler_killed_while_asking_leaves_the_doubt_to_the_next(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.AMBIGUOUS)
    stage.channel.before_find = kill
    with pytest.raises(KilledError):
        stage.reconcile()
    stage.channel.before_find = lambda: None
    stage.clock.advance(timedelta(minutes=3))
    assert stage.reconcile() == 1
    assert stage.state(delivery_id) is DeliveryState.SENT


def test_a_reply_that_gets_lost_again_and_again_is_left_to_a_person(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.fault(SandboxCall.REPLY, FaultKind.LOST, times=None)
    for _ in range(4 * MOST_TRIES):
        stage.dispatch()
        stage.reconcile()
        stage.clock.advance(HALF_MINUTE)
    delivery = stage.delivery(delivery_id)
    assert (delivery.state, delivery.attempts) == ("uncertain", MOST_TRIES)
    assert delivery.problem == DeliveryProblem.GAVE_UP
    assert stage.alerts() == [("delivery_uncertain", 2)]


def test_doubts_of_an_account_that_is_not_connected_stay(stage: Stage) -> None:
    delivery_id = doubt(stage, FaultKind.LOST)
    assert reconcile_uncertain(stage.database, OURS, channels={}) == 0
    assert stage.state(delivery_id) is DeliveryState.UNCERTAIN


def test_a_clock_that_jumps_ahead_in_mid_call_makes_a_doubt_and_no_second_post(stage: Stage) -> None:
    delivery_id = stage.approve_due()
    stage.channel.after_send = lambda: stage.clock.advance(timedelta(hours=5))
    assert stage.dispatch().sent == 1  # nobody took the row meanwhile: the claim still holds
    assert stage.reconcile() == 0
    assert (stage.state(delivery_id), stage.on_platform()) == (DeliveryState.SENT, 1)
