"""Gathered cases and quotes on the page: the count, the list, the way out, without any script; nothing of it for Chika."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from domain.ids import ChannelAccountId
from storage.database import Database
from storage.gathered_posts import SHOWN
from storage.gatherings import gather
from storage.models import AuditEvent, Conversation, LiveEvent, Mention, User
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.listener.posts import load_case
from tests.rows import make_account, make_conversation_with_mention

CALL = "緑のコートを注文したのに青が届いた人、私だけじゃないはず。みんなで声をあげましょう。"


@pytest.fixture
def storm(database: Database) -> list[int]:
    """A lead and twenty-three under it: conversation ids."""
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="shop", kind="bluesky")
        threads = [
            make_conversation_with_mention(
                tx,
                text=CALL,
                account=account,
                url=f"https://social.example/{number}",
                author={"display_name": f"客<{number:02}>"},
            )
            for number in range(24)
        ]
        ids = [thread.conversation.id for thread in threads]
        assert gather(tx, dict.fromkeys(ids[1:], ids[0])) == ids[:1]
    return ids


def listed(page: str) -> list[str]:
    return re.findall(r"客&lt;(\d\d)&gt;</bdi></a>\s*<span", page)


def test_the_queue_shows_one_row_with_the_count(
    database: Database, aoi: User, open_desk: OpenDesk, storm: list[int]
) -> None:
    desk = open_desk(aoi)
    page = desk.get("/inbox").text
    assert page.count('<li id="row-') == 1
    assert "23 more posts say the same" in page
    assert f'id="row-{storm[0]}"' in page
    with database.transaction(OURS) as tx:
        tx.session.get_one(User, aoi.id).language = "ja"
    assert "同じ文面 ほか23件" in desk.get("/inbox").text


def test_the_case_lists_those_under_it_twenty_at_a_time(aoi: User, open_desk: OpenDesk, storm: list[int]) -> None:
    desk = open_desk(aoi)
    page = desk.get(f"/inbox/{storm[0]}").text
    assert listed(page) == [f"{number:02}" for number in range(1, SHOWN + 1)]
    assert f'href="/inbox/{storm[1]}"' in page
    assert 'href="https://social.example/1"' in page
    (more,) = re.findall(r'href="(/inbox/\d+\?gathered_after=\d+)#gathered"', page)
    rest = desk.get(more).text
    assert listed(rest) == ["21", "22", "23"]
    assert "gathered_after" not in rest
    assert f'href="/inbox/{storm[0]}#gathered"' in rest


def test_who_is_taken_out_waits_by_itself_and_the_count_falls(
    database: Database, aoi: User, open_desk: OpenDesk, storm: list[int]
) -> None:
    desk = open_desk(aoi)
    answer = desk.post(f"/conversations/{storm[2]}/take-out", data={"back": storm[0]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox/{storm[0]}?said=taken_out")
    page = desk.get(answer.headers["location"]).text
    assert "It is a case of its own now" in page
    assert "22 more posts say the same" in page
    assert page.count('<li id="row-') == 2
    desk.post(f"/conversations/{storm[2]}/take-out")
    with database.snapshot(OURS) as tx:
        case = tx.session.get_one(Conversation, storm[2])
        assert (case.waiting, case.gathered_under_id, case.resolved_reason) == (True, None, "")
        assert tx.session.get_one(Conversation, storm[0]).gathered_count == 22
        lines = tx.session.scalars(select(AuditEvent).where(AuditEvent.verb == "conversation_taken_out")).all()
        assert [(line.actor, line.conversation_id) for line in lines] == [("Aoi", storm[2])]
        told = set(tx.session.scalars(select(LiveEvent.conversation_id)))
        assert {storm[0], storm[2]} <= told


def test_a_gathered_case_says_where_it_stands_and_reopening_takes_it_out(
    database: Database, aoi: User, open_desk: OpenDesk, storm: list[int]
) -> None:
    desk = open_desk(aoi)
    page = desk.get(f"/inbox/{storm[5]}").text
    assert "It says the same as the post by <bdi>客&lt;00&gt;</bdi>" in page
    assert f'href="/inbox/{storm[0]}"' in page
    assert f'formaction="/conversations/{storm[5]}/take-out"' in page
    assert f'formaction="/conversations/{storm[5]}/reopen"' not in page
    desk.post(f"/conversations/{storm[5]}/reopen")
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, storm[5]).waiting
        assert tx.session.get_one(Conversation, storm[0]).gathered_count == 22


def test_who_answers_a_gathered_case_takes_it_out(
    database: Database, aoi: User, open_desk: OpenDesk, storm: list[int]
) -> None:
    desk = open_desk(aoi)
    assert desk.post(f"/conversations/{storm[3]}/write", data={"visibility": "public"}).status_code == 303
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, storm[3]).gathered_under_id is None


def test_a_viewer_sees_the_list_and_no_buttons(dana: User, open_desk: OpenDesk, storm: list[int]) -> None:
    desk = open_desk(dana)
    page = desk.get(f"/inbox/{storm[0]}").text
    assert len(listed(page)) == SHOWN
    assert "take-out" not in page
    assert desk.post(f"/conversations/{storm[1]}/take-out").status_code == 403


def test_chika_can_take_nothing_of_ours_out(
    database: Database, chika: User, open_desk: OpenDesk, storm: list[int]
) -> None:
    desk = open_desk(chika)
    assert desk.get(f"/inbox/{storm[0]}").status_code == 404
    assert desk.post(f"/conversations/{storm[1]}/take-out").status_code == 404
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, storm[0]).gathered_count == 23


def test_another_site_cannot_take_out(aoi: User, open_desk: OpenDesk, storm: list[int]) -> None:
    desk = open_desk(aoi)
    answer = desk.post(f"/conversations/{storm[1]}/take-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# -- quotes ------------------------------------------------------------------------------------------------------------------


def quote(database: Database, *links: str, platform_data: dict[str, str] | None = None) -> None:
    """Store posts ``p0``, ``p1`` … each quoting the one named, the last with ``platform_data``."""
    with database.transaction(OURS) as tx:
        account = make_account(tx, name="shop", kind="bluesky")
        for number, quoted in enumerate(links):
            sent = (platform_data or {}) if number == len(links) - 1 else {}
            make_conversation_with_mention(
                tx,
                text=f"<b>words {number}</b>",
                account=account,
                external_id=f"p{number}",
                quoted_external_id=quoted,
                author={"display_name": f"<i>name {number}</i>"},
                platform_data=sent,
            )


def open_case(database: Database, desk: TestClient, name: str) -> str:
    with database.snapshot(OURS) as tx:
        address = f"/inbox/{load_case(tx, name).id}"
    return desk.get(address, headers={"HX-Request": "true", "HX-Target": "div#work"}).text


def quoted_in(page: str) -> list[str]:
    return re.findall(r'<blockquote class="quoted">.*?(?:words (\d)|not (?:kept)).*?</blockquote>', page, re.DOTALL)


def test_a_quote_stands_above_the_post_that_quotes_and_is_escaped(
    database: Database, aoi: User, open_desk: OpenDesk
) -> None:
    quote(database, "", "p0")
    page = open_case(database, open_desk(aoi), "p1")
    assert "Quotes <bdi>&lt;i&gt;name 0&lt;/i&gt;</bdi>" in page
    assert page.index("&lt;b&gt;words 0") < page.index("&lt;b&gt;words 1")
    assert "<b>words" not in page


def test_a_chain_of_quotes_ends_after_five_and_a_ring_where_it_began(
    database: Database, aoi: User, open_desk: OpenDesk
) -> None:
    quote(database, "", "p0", "p1", "p2", "p3", "p4", "p5", "p6")
    desk = open_desk(aoi)
    assert quoted_in(open_case(database, desk, "p7")) == ["2", "3", "4", "5", "6"]
    with database.transaction(OURS) as tx:
        tx.session.scalars(select(Mention).where(Mention.external_id == "p0")).one().quoted_external_id = "p2"
    assert quoted_in(open_case(database, desk, "p2")) == ["0", "1"]


def test_a_deleted_quote_shows_none_of_its_words(database: Database, aoi: User, open_desk: OpenDesk) -> None:
    quote(database, "", "p0")
    with database.transaction(OURS) as tx:
        tx.session.scalars(select(Mention).where(Mention.external_id == "p0")).one().gone_at = tx.now
    page = open_case(database, open_desk(aoi), "p1")
    assert "The text of the quoted post is not kept." in page
    assert "words 0" not in page


def test_words_that_the_platform_sent_along_are_shown_where_the_post_is_unknown(
    database: Database, aoi: User, open_desk: OpenDesk
) -> None:
    sent = {"quoted_text": "<u>Sold out again</u>", "quoted_author": "Mori"}
    quote(database, "elsewhere", platform_data=sent)
    page = open_case(database, open_desk(aoi), "p0")
    assert "Quotes <bdi>Mori</bdi>" in page
    assert "&lt;u&gt;Sold out again&lt;/u&gt;" in page


def test_a_quote_never_reaches_into_another_account(database: Database, aoi: User, open_desk: OpenDesk) -> None:
    quote(database, "")
    with database.transaction(OURS) as tx:
        other = ChannelAccountId(make_account(tx).id)
        quoting = make_conversation_with_mention(tx, text="Look", quoted_external_id="p0", external_id="q")
        assert quoting.account.id != other
    assert quoted_in(open_case(database, open_desk(aoi), "q")) == []
