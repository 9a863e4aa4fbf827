"""Correcting a label: the list, the options and the drafter follow what the person said."""

from sqlalchemy import select

from domain.lifecycle import DraftState, MentionState
from domain.words import Risk, UrgencyRank
from storage.database import Database
from storage.models import Classification, Conversation, Draft, Mention, User
from storage.understanding import newest_classification
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

SAME = {"intent": "complaint", "topic": "product", "urgency": "high", "constructive": "yes"}
QUESTION = {"intent": "question", "topic": "delivery", "urgency": "normal"}
AS_A_PART = {"HX-Request": "true", "HX-Target": "div#work"}


def drafted(database: Database, scene: Scene, *, risks: tuple[Risk, ...] = ()) -> None:
    """Bring the coat to where its options were written, under a lease that somebody may still hold."""
    with database.transaction(OURS) as tx:
        tx.session.get_one(Mention, scene.coat.mention.id).state = MentionState.DRAFTED
        label = newest_classification(tx, scene.coat.mention.id)
        assert label is not None
        said = {column.key: getattr(label, column.key) for column in Classification.__table__.columns}
        tx.session.delete(label)  # what was said cannot be said otherwise afterwards
        tx.session.flush()
        tx.session.add(Classification(**said | {"id": None, "risks": list(risks)}))


def states(database: Database, scene: Scene) -> list[str]:
    with database.snapshot(OURS) as tx:
        return [tx.session.get_one(Draft, draft.id).state for draft in scene.coat_drafts]


def test_the_options_give_way_and_the_drafter_is_asked_again(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    desk = open_desk(aoi)
    mine = "違うお色のコートをお届けし、申し訳ございません。DMでご連絡ください。"
    desk.post("/drafts/save", data={"draft": scene.coat_drafts[1].id, "revision": 1, "text": mine})
    answer = desk.post(f"/conversations/{scene.coat.conversation.id}/label", data=QUESTION)
    assert states(database, scene) == [DraftState.SUPERSEDED, DraftState.PROPOSED, DraftState.SUPERSEDED]
    assert mine in desk.get(answer.headers["location"]).text
    with database.snapshot(OURS) as tx:
        mention = tx.session.get_one(Mention, scene.coat.mention.id)
        case = tx.session.get_one(Conversation, scene.coat.conversation.id)
        assert (mention.state, mention.attempts, mention.claim_token) == (MentionState.UNDERSTOOD, 0, None)
        assert (case.intent, case.urgency_rank) == ("question", UrgencyRank.NORMAL)


def test_a_draft_on_its_way_for_the_earlier_label_is_not_recorded(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    with database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, scene.coat.mention.id)
        mention.state, mention.claim_token = MentionState.UNDERSTOOD, "of a drafter"
    open_desk(aoi).post(f"/conversations/{scene.coat.conversation.id}/label", data=QUESTION)
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, scene.coat.mention.id).claim_token is None


def test_the_same_label_said_again_costs_no_draft(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    open_desk(aoi).post(f"/conversations/{scene.coat.conversation.id}/label", data=SAME)
    assert states(database, scene) == [DraftState.PROPOSED] * 3
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, scene.coat.mention.id).state == MentionState.DRAFTED


def test_a_case_that_nobody_waits_for_is_only_labelled(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"})
    desk.post(f"/conversations/{case}/label", data=QUESTION)
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, scene.coat.mention.id).state == MentionState.DRAFTED
        assert tx.session.get_one(Conversation, case).intent == "question"


def test_the_row_in_the_list_is_sent_along_with_its_new_label(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    answer = desk.post(f"/conversations/{case}/label", data=QUESTION)
    part = desk.get(answer.headers["location"], headers=AS_A_PART).text
    row = part.split(f'<li id="row-{case}"')[1].split("</li>")[0]
    assert 'hx-swap-oob="true"' in row
    assert "Question" in row
    assert "Complaint" not in row
    assert "no draft" in row
    assert "A draft is being written" in part
    assert f'<li id="row-{case}"' not in desk.get(f"/inbox/{case}", headers=AS_A_PART).text


def test_risks_are_ticked_as_they_stand_and_can_be_cleared(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene, risks=(Risk.LEGAL, Risk.PRESS))
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    page = desk.get(f"/inbox/{case}").text
    assert page.count('name="risks"') == len(Risk)
    ticked = [line.split('"')[0] for line in page.split('name="risks" value="')[1:] if " checked" in line.split(">")[0]]
    assert ticked == [Risk.LEGAL, Risk.PRESS]
    desk.post(f"/conversations/{case}/label", data=SAME | {"risks_shown": "yes", "risks": ["press", "safety"]})
    desk.post(f"/conversations/{case}/label", data=SAME)
    desk.post(f"/conversations/{case}/label", data=SAME | {"risks_shown": "yes"})
    assert desk.post(f"/conversations/{case}/label", data=SAME | {"risks": "made up"}).status_code == 422
    with database.snapshot(OURS) as tx:
        mine = select(Classification.risks).where(Classification.mention_id == scene.coat.mention.id)
        said = list(tx.session.scalars(mine.order_by(Classification.id)))
        assert said == [["legal", "press"], ["press", "safety"], ["press", "safety"], []]
        assert tx.session.get_one(Mention, scene.coat.mention.id).state == MentionState.UNDERSTOOD


def test_each_label_of_the_form_can_be_corrected_and_says_who_did(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    for change in (
        {"intent": "question"},
        {"sentiment": "neutral"},
        {"topic": "price"},
        {"urgency": "critical"},
        {"constructive": "no"},
    ):
        desk.post(f"/conversations/{case}/label", data=SAME | {"sentiment": "negative"} | change)
        with database.snapshot(OURS) as tx:
            newest = newest_classification(tx, scene.coat.mention.id)
            assert newest is not None
            (head, word), *_ = change.items()
            said = getattr(newest, head)
            assert {True: "yes", False: "no"}.get(said, said) == word
            assert (newest.source, newest.user_id, newest.trainable) == ("human", aoi.id, True)
    page = desk.get(f"/inbox/{case}").text
    assert '<select name="sentiment">' in page
    assert desk.post(f"/conversations/{case}/label", data=SAME | {"sentiment": "sad"}).status_code == 422


def test_a_polarity_that_nobody_touched_follows_the_intent(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    drafted(database, scene)
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    for sent, kept in (
        ({**SAME, "sentiment": "negative"}, "negative"),
        ({**SAME, "intent": "praise", "sentiment": "negative"}, "positive"),
        ({**SAME, "intent": "praise", "sentiment": "neutral"}, "neutral"),
    ):
        desk.post(f"/conversations/{case}/label", data=sent)
        with database.snapshot(OURS) as tx:
            newest = newest_classification(tx, scene.coat.mention.id)
            assert newest is not None
            assert newest.sentiment == kept
