"""While a text is typed it is read with what it answers: who wrote, what is cited, what we said before."""

from sqlalchemy import select

from storage.database import Database
from storage.models import Author, Draft, User
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene


def measure(open_desk: OpenDesk, user: User, draft_id: int, text: str) -> str:
    return open_desk(user).post("/measure", data={"draft": draft_id, "text": text}).text


def test_the_wrong_name_is_told_while_typing(open_desk: OpenDesk, database: Database, scene: Scene, aoi: User) -> None:
    with database.transaction(OURS) as tx:
        tx.session.get_one(Author, scene.coat.author.id).display_name = "ゆき"
    draft = scene.coat_drafts[0].id
    said = "さん、お待たせして申し訳ございません。"

    assert "does not seem to be the customer" in measure(open_desk, aoi, draft, f"けんた{said}")
    assert "does not seem to be the customer" not in measure(open_desk, aoi, draft, f"ゆき{said}")


def test_an_unhappy_customer_who_gets_no_apology_is_told_while_typing(
    open_desk: OpenDesk, scene: Scene, aoi: User
) -> None:
    draft = scene.coat_drafts[0].id

    assert "nothing here says sorry" in measure(open_desk, aoi, draft, "ご連絡ありがとうございます。確認いたします。")
    assert "nothing here says sorry" not in measure(open_desk, aoi, draft, "違うお品が届き、申し訳ございません。")


def test_a_promise_is_told_while_typing_and_an_unknown_citation_excuses_nothing(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    promise = "お待たせして申し訳ございません。明日までに必ずお届けいたします。"
    draft = scene.coat_drafts[0].id

    assert "This promises a date" in measure(open_desk, aoi, draft, promise)
    with database.transaction(OURS) as tx:
        row = tx.session.scalars(select(Draft).where(Draft.id == draft)).one()
        row.citations = [{"kind": "faq", "reference": "no such entry", "title": "x"}]
    assert "This promises a date" in measure(open_desk, aoi, draft, promise)
