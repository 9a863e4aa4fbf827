"""The stage every other test stands on."""

import socket

import pytest

from domain.lifecycle import DeliveryState
from storage.database import Database
from storage.models import Mention, User
from tests.cast import OURS, THEIRS
from tests.rows import make_conversation_with_mention, make_delivery, make_draft


def test_a_whole_case_from_mention_to_delivery_can_be_made(any_database: Database, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(tx)
        draft = make_draft(tx, mention=thread.mention)
        delivery = make_delivery(tx, draft=draft, approved_by=ben, state=DeliveryState.QUEUED)
    with any_database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, thread.mention.id).text == thread.mention.text
        assert delivery.waiting_since_before == thread.mention.created_at


def test_the_cast_is_hired_where_it_belongs(any_database: Database, aoi: User, ben: User, chika: User) -> None:
    assert (aoi.workspace_id, ben.workspace_id, chika.workspace_id) == (OURS, OURS, THEIRS)
    assert any_database.url


def test_two_tests_never_share_a_database_first(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        assert tx.session.query(Mention).count() == 0
        make_conversation_with_mention(tx)


def test_two_tests_never_share_a_database_second(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        assert tx.session.query(Mention).count() == 0
        make_conversation_with_mention(tx)


@pytest.mark.filterwarnings("ignore:A test tried")
def test_no_test_connects_to_another_machine() -> None:
    with pytest.raises(RuntimeError, match="A test tried to use"), socket.socket() as plug:
        plug.connect(("192.0.2.1", 80))


def test_no_test_asks_a_name_server() -> None:
    with pytest.raises(pytest.fail.Exception, match="tests use no network"):
        socket.getaddrinfo("example.com", 80)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("shop.invalid", 80)


def test_loopback_and_unix_sockets_stay_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]) as plug:
        assert plug.getpeername() == server.getsockname()
    left, right = socket.socketpair(socket.AF_UNIX)
    left.close()
    right.close()
