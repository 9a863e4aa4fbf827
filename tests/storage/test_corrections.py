"""What people said, read back: origin asked twice, what is gone or edited left out, Chika sees nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.clock import FixedClock
from domain.understanding import Prediction, Understanding
from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency
from storage.corrections import HumanLabel, LeftOut, list_human_labels
from storage.database import Database
from storage.edits import EditedText, mark_gone, store_edits
from storage.models import Classification
from storage.understanding import correct_classification, record_classification
from tests.cast import OURS, THEIRS
from tests.rows import make_account, make_conversation_with_mention

AOI = 7
BEN = 8
SAID = Understanding(
    language=Language.EN,
    prediction=Prediction(
        sentiment=Sentiment.POSITIVE,
        intent=Intent.PRAISE,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.PRODUCT,
        urgency=Urgency.LOW,
        risks=frozenset({Risk.PRESS}),
        needs_reply=False,
        needs_dm=False,
        scores={"intent": 0.9},
    ),
    band=Band.SURE,
    model_id="model-1",
)


def post(database: Database, *, kind: str = "sandbox", account: str = "", **mention: Any) -> int:  # noqa: ANN401 - columns by name
    """Store a post that the model has read."""
    with database.transaction(OURS) as tx:
        place = make_account(tx, name=account, kind=kind)
        made = make_conversation_with_mention(tx, account=place, **mention)
        record_classification(tx, mention_id=made.mention.id, understanding=SAID)
        return made.mention.id


def correct(database: Database, mention_id: int, *, trainable: bool = True, intent: Intent = Intent.COMPLAINT) -> bool:
    """Correct it as Aoi; return whether the row says that it teaches."""
    with database.transaction(OURS) as tx:
        row = correct_classification(tx, mention_id=mention_id, user_id=AOI, intent=intent, trainable=trainable)
        return row.trainable


def read(database: Database) -> list[HumanLabel]:
    with database.snapshot(OURS) as tx:
        return list_human_labels(tx)


def test_a_label_comes_with_its_text_its_author_and_what_it_corrected(any_database: Database) -> None:
    one = post(any_database, text="The seat was wet.")
    correct(any_database, one)
    (label,) = read(any_database)
    assert (label.text, label.user_id, label.corrected_model, label.left_out) == (
        "The seat was wet.",
        AOI,
        "model-1",
        None,
    )
    assert label.before is not None
    assert (label.before["intent"], label.labels["intent"], label.labels["sentiment"]) == (
        "praise",
        "complaint",
        "negative",
    )
    assert label.labels["risks"] == ["press"]
    assert label.channel == "sandbox"


def test_the_newest_label_counts_and_is_set_against_what_the_model_said(any_database: Database) -> None:
    one = post(any_database)
    correct(any_database, one)
    with any_database.transaction(OURS) as tx:
        correct_classification(tx, mention_id=one, user_id=BEN, topic=Topic.REFUND, trainable=True)
    (label,) = read(any_database)
    assert label.user_id == BEN
    assert label.before is not None
    assert (label.labels["intent"], label.labels["topic"], label.before["topic"]) == ("complaint", "refund", "product")


def test_many_labels_are_read_in_parts_and_in_order(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.corrections.ROWS_AT_ONCE", 2)
    posts = [post(any_database, text=f"post {number}") for number in range(5)]
    for one in posts:
        correct(any_database, one)
    assert [label.mention_id for label in read(any_database)] == posts


def test_chikas_workspace_reads_none_of_ours(any_database: Database) -> None:
    correct(any_database, post(any_database))
    with any_database.snapshot(THEIRS) as tx:
        assert list_human_labels(tx) == []


X_ORIGINS: tuple[Mapping[str, Any], ...] = (
    {"kind": "x"},
    {"kind": "twitter"},
    {"kind": "import", "account": "x-export"},
    {"kind": "import", "url": "https://x.com/chie/status/1"},
    {"kind": "import", "external_id": "https://twitter.com/chie/status/1"},
    {"kind": "import", "author": {"url": "https://x.com/chie"}},
    {"kind": "sandbox", "platform_data": {"platform": "twitter"}},
)


@pytest.mark.parametrize("origin", X_ORIGINS)
def test_x_origin_is_refused_when_it_is_recorded_and_again_when_it_is_read(
    any_database: Database, origin: Mapping[str, Any]
) -> None:
    one = post(any_database, **origin)
    fine = post(any_database)
    assert not correct(any_database, one)
    assert correct(any_database, fine)
    with any_database.transaction(OURS) as tx:  # a row that claims the right, however it came to be
        rows = select(Classification).where(Classification.mention_id == one).order_by(Classification.id)
        said = tx.session.scalars(rows).all()[-1]
        copied = {column.name: getattr(said, column.name) for column in Classification.__table__.columns}
        tx.session.add(Classification(**{**copied, "id": None, "trainable": True}))
    taken, refused = read(any_database)
    assert (refused.mention_id, refused.left_out, refused.text) == (one, LeftOut.ORIGIN, "")
    assert taken.left_out is None


def test_a_channel_that_forbids_training_is_left_out(any_database: Database) -> None:
    assert not correct(any_database, post(any_database), trainable=False)
    assert [label.left_out for label in read(any_database)] == [LeftOut.ORIGIN]


def test_what_its_author_took_away_teaches_nothing(any_database: Database) -> None:
    one = post(any_database)
    correct(any_database, one)
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [one])
    assert [(label.left_out, label.text) for label in read(any_database)] == [(LeftOut.GONE, "")]


def test_a_label_of_an_earlier_text_teaches_nothing_until_it_is_given_anew(
    database: Database, clock: FixedClock
) -> None:
    one = post(database)
    correct(database, one)
    clock.advance(timedelta(minutes=1))
    with database.transaction(OURS) as tx:
        store_edits(
            tx,
            [
                EditedText(
                    mention_id=one,
                    conversation_id=1,
                    text="All good now!",
                    text_original="All good now!",
                    kind="post",
                    engagement="mentioned",
                    platform_data={},
                )
            ],
        )
    assert [label.left_out for label in read(database)] == [LeftOut.EDITED]
    clock.advance(timedelta(minutes=1))
    correct(database, one, intent=Intent.PRAISE)
    assert [(label.left_out, label.text) for label in read(database)] == [(None, "All good now!")]
