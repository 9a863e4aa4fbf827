"""The state table of deliveries: every pair of states tried, and the picture in the docs drawn from it."""

from itertools import product
from pathlib import Path

import pytest

from config.locale import catalogue
from domain.clock import FixedClock
from domain.lifecycle import DELIVERY, DeliveryState
from domain.words import DeliveryProblem
from storage.database import Database
from storage.delivery_steps import step_delivery
from storage.models import Delivery, User
from storage.outbox import LIVE
from tests.cast import OURS
from tests.responder.outbox_stage import set_stage

DOCS = Path(__file__).parents[2] / "docs" / "explanation"
PAGES = ("sending.md", "sending.ja.md")


def drawing() -> str:
    """The state table as a mermaid diagram, arrows in the table's order."""
    arrows = [f"    {state} --> {to}" for state, following in DELIVERY.items() for to in sorted(following)]
    ends = [f"    {state} --> [*]" for state, following in DELIVERY.items() if not following]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {DeliveryState.HELD}", *arrows, *ends])


def test_a_delivery_moves_along_the_arrows_and_nowhere_else(
    any_database: Database, clock: FixedClock, tmp_path: Path, ben: User
) -> None:
    delivery_id = set_stage(any_database, clock, tmp_path, ben).approve()
    for current, to in product(DeliveryState, repeat=2):
        with any_database.transaction(OURS) as tx:
            tx.session.get_one(Delivery, delivery_id).state = current
        with any_database.transaction(OURS) as tx:
            assert step_delivery(tx, delivery_id, to) is (to in DELIVERY[current]), (current, to)
        with any_database.transaction(OURS) as tx:
            stands = tx.session.get_one(Delivery, delivery_id).state
        assert stands == (to if to in DELIVERY[current] else current)


def test_what_is_over_never_comes_alive_again() -> None:
    for state in set(DeliveryState) - set(LIVE):
        assert not DELIVERY[state] & set(LIVE), state


def test_nothing_is_sent_by_a_program_once_a_person_may_have_posted_it() -> None:
    assert DELIVERY[DeliveryState.HANDED_OFF] == {DeliveryState.SENT, DeliveryState.CANCELLED}


@pytest.mark.parametrize("page", PAGES)
def test_the_docs_show_the_states_as_they_are(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    assert f"```mermaid\n{drawing()}\n```" in written
    for state in DeliveryState:
        assert f"| `{state}` |" in written


def test_every_state_and_problem_is_told_in_both_languages() -> None:
    words = catalogue("delivery")
    assert {key.removeprefix("state.") for key in words if key.startswith("state.")} == set(DeliveryState)
    assert {key.removeprefix("problem.") for key in words if key.startswith("problem.")} == set(DeliveryProblem)
