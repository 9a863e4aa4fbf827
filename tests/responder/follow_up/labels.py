"""A case as the classifier would label it: a constructive complaint about a refund, unless told otherwise."""

from typing import Any

from domain.understanding import Prediction, Understanding
from domain.words import Band, Intent, Language, Sentiment, Topic, Urgency
from storage.database import Transaction
from storage.understanding import record_classification
from tests.rows import Thread

NOTHING_WRONG = Prediction(
    sentiment=Sentiment.NEGATIVE,
    intent=Intent.COMPLAINT,
    constructive=True,
    suggestion=False,
    abuse=False,
    topic=Topic.REFUND,
    urgency=Urgency.NORMAL,
    risks=frozenset(),
    needs_reply=True,
    needs_dm=False,
    scores={},
)


def read_as(tx: Transaction, thread: Thread, **said: Any) -> None:  # noqa: ANN401 - passed through
    values = {name: getattr(NOTHING_WRONG, name) for name in NOTHING_WRONG.__slots__} | said
    understanding = Understanding(
        language=Language.EN,
        prediction=Prediction(**values),
        band=Band.SURE,
        model_id="test-1",
    )
    record_classification(tx, mention_id=thread.mention.id, understanding=understanding)
