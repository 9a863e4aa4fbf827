"""An earlier case, answered and approved, for tests of what may be told again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from domain.cases import Case, Drafter
from domain.lifecycle import DeliveryState
from domain.replies import ProposedDraft
from domain.understanding import Prediction
from domain.words import Language, Visibility
from responder.approved import ApprovedDrafter, Memory, Recall
from responder.knowledge import Shelf
from storage.database import Database, Transaction
from storage.models import Classification, Delivery, Reply, User
from tests.cast import OURS
from tests.responder.composing import BOTH, COMPLAINT, TODAY, composer, demo_book, make_case, playbooks
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was answered and approved."""

    thread: Thread
    delivery: Delivery
    reply: Reply


def answer(  # noqa: PLR0913 - a post, its answer, and who
    tx: Transaction,
    post: str,
    text: str,
    *,
    by: User,
    prediction: Prediction = COMPLAINT,
    language: Language = Language.EN,
    name: str = "",
    drafted: ProposedDraft | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    brand: str = "default",
    state: DeliveryState = DeliveryState.SENT,
) -> Answered:
    """Store an approved answer to a post; ``drafted`` is what the drafter had proposed, else the text itself."""
    thread = make_conversation_with_mention(
        tx, text=post, account=make_account(tx, brand=brand), author={"display_name": name, "handle": ""}
    )
    tx.session.add(_label(thread, prediction, language, tx))
    proposed = drafted.text if drafted else text
    columns: dict[str, object] = {"language": language, "visibility": visibility}
    if drafted:
        columns |= {
            "wordings": list(drafted.wordings),
            "facts_used": list(drafted.facts_used),
            "citations": [{"kind": c.kind, "reference": c.reference, "title": c.title} for c in drafted.citations],
        }
    draft = make_draft(tx, mention=thread.mention, text=text, **columns)
    edited = 0 if text == proposed else 10
    yesterday = tx.now - timedelta(days=1)
    delivery = make_delivery(tx, draft=draft, approved_by=by, edit_distance=edited, state=state, sent_at=yesterday)
    reply = tx.session.get_one(Reply, delivery.reply_id)
    return Answered(thread=thread, delivery=delivery, reply=reply)


def _label(thread: Thread, prediction: Prediction, language: Language, tx: Transaction) -> Classification:
    return Classification(
        mention_id=thread.mention.id,
        source="model",
        model_id="test",
        language=language,
        sentiment=prediction.sentiment,
        intent=prediction.intent,
        constructive=prediction.constructive,
        suggestion=prediction.suggestion,
        abuse=prediction.abuse,
        topic=prediction.topic,
        urgency=prediction.urgency,
        needs_reply=prediction.needs_reply,
        needs_dm=prediction.needs_dm,
        band="high",
        created_at=tx.now,
    )


def remember(database: Database) -> Memory:
    """Return a memory of everything that was approved so far."""
    memory = Memory()
    with database.snapshot(OURS) as tx:
        assert memory.refresh(tx) == 0
    return memory


class SaysNothing(Drafter):
    """A drafter beneath that has no option of its own."""

    @property
    def drafter_id(self) -> str:
        return "nothing"

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        assert case.text
        return [], "no_playbook"


SHELF = Shelf()


def make_approved_drafter(
    database: Database, memory: Memory | None = None, *, inner: Drafter | None = None
) -> ApprovedDrafter:
    recall = Recall(memory=memory or remember(database), database=database, workspace_id=OURS, brand="default")
    return ApprovedDrafter(
        inner or SaysNothing(), recall=recall, book=demo_book(), playbooks=playbooks(), today=TODAY, shelf=SHELF
    )


@cache
def compose(post: str, language: Language, *, name: str = "", prediction: Prediction = COMPLAINT) -> ProposedDraft:
    """Return the composer's first option."""
    options, reason = composer().draft(make_case(post, prediction, language=language, name=name, seed=7))
    assert options, reason
    return options[0]


def ask(
    database: Database,
    post: str,
    *,
    language: Language,
    name: str = "",
    prediction: Prediction = COMPLAINT,
    visibilities: tuple[Visibility, ...] = BOTH,
    drafter: ApprovedDrafter | None = None,
) -> Sequence[ProposedDraft]:
    case: Case = replace(
        make_case(post, prediction, language=language, name=name, seed=10_000), visibilities=visibilities
    )
    options, _ = (drafter or make_approved_drafter(database)).draft(case)
    return options


def is_approved(option: ProposedDraft) -> bool:
    return option.drafter_id.startswith("approved-")
