"""Rewording on demand: only the typed text leaves, what comes back is checked, and nothing is stored."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from desk.context import DeskContext
from domain.chat import ChatTrouble, NoAnswerError
from responder.drafters.model_drafter import Wording
from storage.database import Database
from storage.models import DraftRevision, Mention, User
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene
from tests.responder.attempts import Told, read_data

TYPED = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
SOFTER = (
    "違うお色のコートが届いてしまい、本当に申し訳ございません。お手数ですが、DMでお知らせいただけますと助かります。"
)


def with_model(desk: TestClient, write: Callable[[str], str]) -> Told:
    model = Told(write)
    context: DeskContext = desk.app.state.context  # type: ignore[attr-defined]  # the application behind the client
    desk.app.state.context = replace(context, wording=Wording(chat=model))  # type: ignore[attr-defined]  # the same
    return model


def order(scene: Scene, **more: object) -> dict[str, object]:
    return {"draft": scene.coat_drafts[0].id, "wish": "softer", "text": TYPED} | more


def events(body: str) -> list[tuple[str, str]]:
    told = []
    for block in body.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            told.append((lines["event"], json.loads(lines["data"])["text"]))
    return told


def test_what_is_typed_comes_back_reworded_and_nothing_is_stored(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    model = with_model(desk, lambda _text: SOFTER)
    with database.snapshot(OURS) as tx:
        before = tx.session.scalar(select(func.count()).select_from(DraftRevision))

    answer = desk.post("/drafts/rewrite", data=order(scene))

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer.text) == [("piece", SOFTER), ("done", SOFTER)]
    with database.snapshot(OURS) as tx:
        assert tx.session.scalar(select(func.count()).select_from(DraftRevision)) == before
    (question,) = model.questions
    assert read_data(question)["text"] == TYPED
    assert scene.coat.mention.text not in question.data + question.instructions


def test_names_and_numbers_are_hidden_from_the_model_and_stand_in_what_comes_back(
    open_desk: OpenDesk, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    model = with_model(desk, lambda text: text.replace("すみません", "申し訳ございません"))
    name = scene.coat.author.display_name
    text = f"{name}さん、すみません。ご注文 A-1002345 の件で sato@example.com までご連絡します。"

    answer = desk.post("/drafts/rewrite", data=order(scene, text=text))

    assert events(answer.text)[-1] == ("done", text.replace("すみません", "申し訳ございません"))
    sent = model.questions[0].data
    assert name not in sent
    assert "1002345" not in sent
    assert "sato@example.com" not in sent


@pytest.mark.parametrize(
    ("wish", "written", "said"),
    [
        ("softer", f"{TYPED}クーポンを差し上げます。", "changed a number, a link or a promise"),
        ("shorter", "申し訳ございません。https://evil.example をご覧ください。", "link or address"),
        ("softer", "We are so sorry about the wrong coat, please write to us.", "another language"),
        ("other_language", TYPED, "another language"),
        ("formal", "", "length"),
        ("formal", "**申し訳ございません。**", "signs"),
        ("softer", f"{TYPED}明日お届けします。", "may not use"),
    ],
)
def test_a_rewording_that_says_more_than_was_typed_is_not_shown_as_done(
    open_desk: OpenDesk, scene: Scene, aoi: User, wish: str, written: str, said: str
) -> None:
    desk = open_desk(aoi)
    with_model(desk, lambda _text: written)

    kind, why = events(desk.post("/drafts/rewrite", data=order(scene, wish=wish)).text)[-1]

    assert kind == "failed"
    assert said in why


def test_the_other_language_is_the_one_that_the_draft_is_not_in(open_desk: OpenDesk, scene: Scene, aoi: User) -> None:
    desk = open_desk(aoi)
    english = "We are so sorry that the coat came in the wrong colour. Could you please send us a DM?"
    model = with_model(desk, lambda _text: english)

    answer = desk.post("/drafts/rewrite", data=order(scene, wish="other_language"))

    assert events(answer.text)[-1] == ("done", english)
    assert "English" in str(read_data(model.questions[0])["wish"])


def test_a_model_that_fails_is_told_in_the_readers_language(open_desk: OpenDesk, scene: Scene, aoi: User) -> None:
    desk = open_desk(aoi)

    def fail(_text: str) -> str:
        raise NoAnswerError("too slow", trouble=ChatTrouble.SLOW)

    with_model(desk, fail)

    assert events(desk.post("/drafts/rewrite", data=order(scene)).text) == [
        ("failed", "The language model’s text was not used: it did not answer in time.")
    ]


def test_buttons_are_there_only_where_a_model_is_and_only_for_who_may_write(
    open_desk: OpenDesk, scene: Scene, aoi: User, dana: User
) -> None:
    page = f"/inbox/{scene.coat.conversation.id}"
    alone, reader, desk = open_desk(aoi), open_desk(dana), open_desk(aoi)
    with_model(reader, str)
    with_model(desk, str)

    shown = desk.get(page).text
    assert all(f'data-wish="{wish}"' in shown for wish in ("shorter", "softer", "formal", "other_language"))
    assert "In English" in shown
    assert "data-wish" not in alone.get(page).text
    assert "data-wish" not in reader.get(page).text


def test_nobody_else_may_have_a_text_reworded(
    open_desk: OpenDesk, scene: Scene, aoi: User, dana: User, chika: User
) -> None:
    reader, stranger, alone = open_desk(dana), open_desk(chika), open_desk(aoi)
    models = [with_model(reader, str), with_model(stranger, str)]

    assert reader.post("/drafts/rewrite", data=order(scene)).status_code == 403
    assert stranger.post("/drafts/rewrite", data=order(scene)).status_code == 404
    assert alone.post("/drafts/rewrite", data=order(scene)).status_code == 404
    assert [model.questions for model in models] == [[], []]


def test_where_only_a_persons_own_words_may_stand_no_model_touches_them(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    model = with_model(desk, str)
    with database.transaction(OURS) as tx:
        tx.session.get_one(Mention, scene.coat.mention.id).problem = "own_words"

    assert desk.post("/drafts/rewrite", data=order(scene)).status_code == 403
    assert "data-wish" not in desk.get(f"/inbox/{scene.coat.conversation.id}").text
    assert model.questions == []


@pytest.mark.parametrize("bad", [{"wish": "rude"}, {"text": ""}, {"text": "x" * 10_001}, {"draft": 0}])
def test_an_order_that_makes_no_sense_is_refused_before_anybody_is_asked(
    open_desk: OpenDesk, scene: Scene, aoi: User, bad: dict[str, object]
) -> None:
    desk = open_desk(aoi)
    model = with_model(desk, str)

    assert 400 <= desk.post("/drafts/rewrite", data=order(scene, **bad)).status_code < 500
    assert model.questions == []
