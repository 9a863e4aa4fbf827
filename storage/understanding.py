"""What a model or a person says of a mention: classification rows, and the labels a conversation carries in the queue."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update

from config.settings import TargetSettings
from domain.errors import NotFoundError
from domain.lifecycle import MENTION, DraftState, MentionState, advance
from domain.understanding import Understanding
from domain.words import Band, ClassificationSource, Intent, Language, Risk, Sentiment, Topic, Urgency, UrgencyRank
from storage.database import Transaction
from storage.gatherings import let_urgent_out
from storage.known_rows import of_ours
from storage.models import ChannelAccount, Classification, Conversation, Draft, Mention
from storage.training_origin import may_teach

HUMAN: Final = "human"
"""``model_id`` of a person's labels."""
DEFAULT_TARGETS: Final = TargetSettings()


def brands_of(tx: Transaction, account_ids: Sequence[int]) -> dict[int, str]:
    """Return the brand folder of each channel account."""
    rows = tx.session.execute(select(ChannelAccount.id, ChannelAccount.brand).where(ChannelAccount.id.in_(account_ids)))
    return {row.id: row.brand for row in rows}


def newest_classification(tx: Transaction, mention_id: int) -> Classification | None:
    """Return the row that counts for a mention: the newest, whoever wrote it."""
    newest = select(Classification).where(Classification.mention_id == mention_id).order_by(Classification.id.desc())
    return tx.session.scalars(newest.limit(1)).first()


def record_classification(
    tx: Transaction, *, mention_id: int, understanding: Understanding, targets: TargetSettings = DEFAULT_TARGETS
) -> Classification:
    """Add a model's answer and label the conversation with it if the mention leads it. Emits ``understood``."""
    said = understanding.prediction
    row = Classification(
        mention_id=mention_id,
        source=ClassificationSource.MODEL.value,
        user_id=None,
        model_id=understanding.model_id,
        language=understanding.language.value,
        sentiment=said.sentiment.value,
        intent=said.intent.value,
        constructive=said.constructive,
        suggestion=said.suggestion,
        abuse=said.abuse,
        topic=said.topic.value,
        urgency=said.urgency.value,
        risks=sorted(risk.value for risk in said.risks),
        needs_reply=said.needs_reply,
        needs_dm=said.needs_dm,
        band=understanding.band.value,
        scores=dict(said.scores),
        reasons=list(said.reasons),
        created_at=tx.now,
    )
    return _store(tx, row, targets=targets)


def correct_classification(  # noqa: PLR0913 - one keyword per label a person may correct
    tx: Transaction,
    *,
    mention_id: int,
    user_id: int,
    intent: Intent | None = None,
    sentiment: Sentiment | None = None,
    topic: Topic | None = None,
    urgency: Urgency | None = None,
    constructive: bool | None = None,
    risks: frozenset[Risk] | None = None,
    trainable: bool,
    targets: TargetSettings = DEFAULT_TARGETS,
) -> Classification:
    """Add a person's labels on top of what was said before; what is not given stays. The band becomes ``sure``.

    ``constructive`` is kept for complaints only; a complaint of which nobody said it counts as constructive (it gets an
    answer). A polarity that the new intent rules out follows it. A mention that was handed over or not drafted for goes back
    to the drafter; so does one that still waits and whose label changed: the options that nobody edited give way, a person's
    own text stays. ``trainable``: the channel allows training on its texts; the post's origin must allow it too
    (``domain.training_rights``), or the row does not teach. Raises ``NotFoundError``.
    """
    mention = _mention(tx, mention_id)
    before = newest_classification(tx, mention_id) or _nothing_said(mention)
    intent = intent or Intent(before.intent)
    row = Classification(
        mention_id=mention_id,
        source=ClassificationSource.HUMAN.value,
        user_id=user_id,
        model_id=HUMAN,
        language=before.language,
        sentiment=_sentiment(intent, given=sentiment, before=Sentiment(before.sentiment)).value,
        intent=intent.value,
        constructive=_constructive(intent, given=constructive, before=before.constructive),
        suggestion=before.suggestion,
        abuse=before.abuse,
        topic=(topic or Topic(before.topic)).value,
        urgency=(urgency or Urgency(before.urgency)).value,
        risks=list(before.risks) if risks is None else sorted(risk.value for risk in risks),
        needs_reply=before.needs_reply or intent in {Intent.COMPLAINT, Intent.QUESTION},
        needs_dm=before.needs_dm,
        band=Band.SURE.value,
        scores={},
        reasons=[],
        trainable=trainable and may_teach(tx, mention),
        created_at=tx.now,
    )
    unread = mention.state in {MentionState.HANDED_OVER, MentionState.UNDRAFTED}
    if unread or (_is_awaited(tx, mention) and _reads_otherwise(before, row)):
        _write_again(tx, mention)
    return _store(tx, row, targets=targets)


def hand_over(tx: Transaction, mention_id: int, *, targets: TargetSettings = DEFAULT_TARGETS) -> None:
    """Put the conversation of a mention that no model could read before a person, ahead of what merely is low."""
    mention = _mention(tx, mention_id)
    conversation = _led_by(tx, mention)
    if conversation is not None:
        conversation.band = Band.UNKNOWN.value
        _set_clock(conversation, rank=UrgencyRank.NORMAL, urgency=Urgency.NORMAL, targets=targets)
        conversation.updated_at = tx.now
    tx.emit("understood", conversation_id=mention.conversation_id)


def _is_awaited(tx: Transaction, mention: Mention) -> bool:
    """Tell whether somebody waits for an answer to a mention that was drafted for, or is about to be."""
    conversation = tx.session.get_one(Conversation, mention.conversation_id)
    written_for = mention.state in {MentionState.UNDERSTOOD, MentionState.DRAFTED}
    return written_for and conversation.waiting and conversation.lead_mention_id == mention.id


def _reads_otherwise(before: Classification, after: Classification) -> bool:
    """Tell whether a drafter would write something else."""
    heads = ("intent", "sentiment", "topic", "urgency", "constructive", "needs_reply")
    said = any(getattr(before, head) != getattr(after, head) for head in heads)
    return said or set(before.risks) != set(after.risks)


def _write_again(tx: Transaction, mention: Mention) -> None:
    """Give a mention back to the drafter; what is being written for its earlier label will not be recorded."""
    if mention.state != MentionState.UNDERSTOOD:
        mention.state = advance(MENTION, MentionState(mention.state), MentionState.UNDERSTOOD)
    mention.problem, mention.attempts = "", 0
    mention.claim_token = mention.claimed_until = mention.not_before = None
    untouched = (Draft.mention_id == mention.id, Draft.state == DraftState.PROPOSED, Draft.revision == 1)
    ids = list(tx.session.scalars(of_ours(select(Draft.id).where(*untouched))))
    tx.session.execute(
        update(Draft)
        .where(*untouched, Draft.id.in_(ids))
        .values(state=DraftState.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def _store(tx: Transaction, row: Classification, *, targets: TargetSettings) -> Classification:
    tx.session.add(row)
    tx.session.flush()
    mention = _mention(tx, row.mention_id)
    conversation = _led_by(tx, mention)
    if conversation is not None:
        _label(conversation, row, targets=targets)
        conversation.updated_at = tx.now
    tx.session.flush()
    if conversation is not None and row.source == ClassificationSource.MODEL:
        let_urgent_out(tx, conversation)
    tx.emit("understood", conversation_id=mention.conversation_id)
    return row


def _mention(tx: Transaction, mention_id: int) -> Mention:
    mention = tx.session.scalars(select(Mention).where(Mention.id == mention_id)).first()
    if mention is None:
        raise NotFoundError("There is no such post.", remedy="Reload the list.")
    return mention


def _led_by(tx: Transaction, mention: Mention) -> Conversation | None:
    """Return the mention's conversation, locked, if the mention is the one being answered there."""
    wanted = select(Conversation).where(
        Conversation.id == mention.conversation_id, Conversation.lead_mention_id == mention.id
    )
    return tx.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).first()


def _label(conversation: Conversation, row: Classification, *, targets: TargetSettings) -> None:
    conversation.intent = row.intent
    conversation.sentiment = row.sentiment
    conversation.topic = row.topic
    conversation.constructive = row.constructive
    conversation.language = row.language
    conversation.band = row.band
    urgency = Urgency(row.urgency)
    rank = UrgencyRank[urgency.name]
    if row.band == Band.UNKNOWN:
        # What nobody understood may be urgent: it never sinks below ordinary open problems.
        rank = min(rank, UrgencyRank.NORMAL)
        urgency = Urgency.NORMAL if urgency is Urgency.LOW else urgency
    _set_clock(conversation, rank=rank, urgency=urgency, targets=targets)


def _set_clock(conversation: Conversation, *, rank: UrgencyRank, urgency: Urgency, targets: TargetSettings) -> None:
    minutes: int = getattr(targets, urgency.value)
    since = conversation.waiting_since
    conversation.urgency_rank = rank.value
    conversation.due_at = since + timedelta(minutes=minutes) if since else None


def _constructive(intent: Intent, *, given: bool | None, before: bool | None) -> bool | None:
    if intent is not Intent.COMPLAINT:
        return None
    if given is not None:
        return given
    return True if before is None else before


def _sentiment(intent: Intent, *, given: Sentiment | None, before: Sentiment) -> Sentiment:
    """Take the given polarity if it is another one: a form sends it along whether or not it was touched."""
    return _follow(before, intent) if given is None or given is before else given


def _follow(sentiment: Sentiment, intent: Intent) -> Sentiment:
    if intent is Intent.COMPLAINT and sentiment is Sentiment.POSITIVE:
        return Sentiment.NEGATIVE
    if intent is Intent.PRAISE and sentiment is Sentiment.NEGATIVE:
        return Sentiment.POSITIVE
    return sentiment


def _nothing_said(mention: Mention) -> Classification:
    """Return the labels of a mention that no model ever read; never stored."""
    tag = mention.language_hint[:2].lower()
    language = Language(tag) if tag in {Language.JA.value, Language.EN.value} else Language.OTHER
    return Classification(
        mention_id=mention.id,
        language=language.value,
        sentiment=Sentiment.NEUTRAL.value,
        intent=Intent.OTHER.value,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.OTHER.value,
        urgency=Urgency.NORMAL.value,
        risks=[],
        needs_reply=True,
        needs_dm=False,
    )
