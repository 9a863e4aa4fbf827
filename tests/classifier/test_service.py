"""The step: claim, predict outside any transaction, record. Killed, poisoned, overtaken."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from classifier.backends import make_backend
from classifier.backends.keyword import KeywordBackend
from classifier.service import LEASE, MOST_ATTEMPTS, NOT_UNDERSTOOD, classify_pending, understand_texts
from config.brand_book import BrandBook, Voice
from config.settings import ClassifierSettings, TargetSettings
from domain.clock import FixedClock
from domain.errors import NotFoundError
from domain.ids import WorkspaceId
from domain.lifecycle import MentionState
from domain.ports import ClassifierBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Band, Engagement, Intent, Language, Sentiment, Topic, Urgency, UrgencyRank
from storage.database import Database
from storage.models import Author, ChannelAccount, Classification, Conversation, LiveEvent, Mention
from storage.understanding import correct_classification, newest_classification
from tests.conftest import NOON, OURS, THEIRS

TARGETS = TargetSettings()
AOI = 7
LATE = "10日に注文したのにまだ届きません"


def store_post(
    database: Database,
    text: str,
    *,
    name: str = "a",
    workspace: WorkspaceId = OURS,
    anew: bool = True,
    hint: str = "",
    engagement: Engagement = Engagement.MENTIONED,
) -> int:
    """Store a post as intake would; ``anew`` False adds it to the newest thread and makes it the lead."""
    with database.transaction(workspace) as tx:
        account = tx.session.scalars(select(ChannelAccount)).first() or ChannelAccount(
            name="shop", kind="sandbox", brand="default"
        )
        tx.session.add(account)
        tx.session.flush()
        author = Author(
            channel_account_id=account.id, external_id=f"author-{name}", handle="chie", first_seen_at=tx.now
        )
        tx.session.add(author)
        tx.session.flush()
        thread = tx.session.scalars(select(Conversation).order_by(Conversation.id.desc())).first()
        if anew or thread is None:
            thread = Conversation(
                channel_account_id=account.id,
                thread_external_id=f"thread-{name}",
                author_id=author.id,
                waiting_since=tx.now,
                created_at=tx.now,
                updated_at=tx.now,
            )
            tx.session.add(thread)
            tx.session.flush()
        post = Mention(
            channel_account_id=account.id,
            conversation_id=thread.id,
            author_id=author.id,
            external_id=f"post-{name}",
            kind="post",
            engagement=engagement.value,
            text=text,
            text_original=text,
            language_hint=hint,
            created_at=tx.now,
            collected_at=tx.now,
        )
        tx.session.add(post)
        tx.session.flush()
        thread.lead_mention_id = post.id
        return post.id


def mention(database: Database, mention_id: int) -> Mention:
    with database.transaction(OURS) as tx:
        return tx.session.get_one(Mention, mention_id)


def conversation(database: Database, mention_id: int) -> Conversation:
    with database.transaction(OURS) as tx:
        row = tx.session.get_one(Mention, mention_id)
        return tx.session.get_one(Conversation, row.conversation_id)


def classify(
    database: Database,
    backend: ClassifierBackend | None = None,
    *,
    limit: int = 32,
    books: dict[str, BrandBook] | None = None,
) -> int:
    return classify_pending(
        database, OURS, backend=backend or KeywordBackend(), targets=TARGETS, books=books or {}, limit=limit
    )


@dataclass
class Brittle:
    """Fails on every text that holds ``poison``; otherwise the keyword backend. Remembers what it was given."""

    poison: str = "\0never"
    batches: list[list[str]] = field(default_factory=list)

    @property
    def model_id(self) -> str:
        return "brittle-1"

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        self.batches.append([text.text for text in texts])
        if any(self.poison in text.text for text in texts):
            raise RuntimeError("cannot read this")
        return KeywordBackend().classify(texts)


@dataclass
class Overtaken:
    """Lets something happen to the database while the model is at work."""

    meanwhile: object

    @property
    def model_id(self) -> str:
        return "slow-1"

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        assert callable(self.meanwhile)
        self.meanwhile()
        return KeywordBackend().classify(texts)


def test_a_collected_post_is_labelled_and_the_queue_knows(database: Database) -> None:
    post = store_post(database, LATE)
    assert classify(database) == 1
    with database.transaction(OURS) as tx:
        row = newest_classification(tx, post)
        events = [(event.kind, event.conversation_id) for event in tx.session.scalars(select(LiveEvent))]
    case = conversation(database, post)
    assert row is not None
    assert (row.intent, row.topic, row.urgency, row.source) == ("complaint", "delivery", "normal", "model")
    assert (row.model_id, row.language, row.constructive, row.needs_dm) == ("keyword-ja-en-1", "ja", True, True)
    assert (case.intent, case.topic, case.band, case.urgency_rank) == ("complaint", "delivery", "sure", 2)
    assert case.due_at == NOON + timedelta(minutes=TARGETS.normal)
    assert mention(database, post).state == MentionState.UNDERSTOOD
    assert ("understood", case.id) in events
    assert classify(database) == 0


def test_the_due_time_counts_from_when_the_person_began_to_wait(database: Database, clock: FixedClock) -> None:
    post = store_post(database, "充電中に本体から煙が出ました")
    clock.advance(timedelta(minutes=8))
    classify(database)
    case = conversation(database, post)
    assert case.urgency_rank == UrgencyRank.CRITICAL
    assert case.due_at == NOON + timedelta(minutes=TARGETS.critical)


def test_what_no_cue_speaks_for_waits_for_a_person_ahead_of_low_cases(database: Database) -> None:
    unknown = store_post(database, "esto no lo entiendo nada", name="a")
    low = store_post(database, "このジャケット最高です！大満足。ありがとうございます", name="b")
    classify(database)
    assert conversation(database, unknown).band == Band.UNKNOWN
    assert conversation(database, unknown).urgency_rank == UrgencyRank.NORMAL
    assert conversation(database, low).urgency_rank == UrgencyRank.LOW


def test_only_the_newest_post_of_a_thread_labels_it(database: Database) -> None:
    first = store_post(database, LATE, name="a")
    store_post(database, "届きました！ありがとうございます。大満足です", name="b", anew=False)
    classify(database)
    assert conversation(database, first).intent == Intent.PRAISE
    with database.transaction(OURS) as tx:
        row = newest_classification(tx, first)
    assert row is not None
    assert row.intent == Intent.COMPLAINT


def test_at_most_the_limit_is_claimed_and_the_rest_is_left(database: Database) -> None:
    for number in range(5):
        store_post(database, LATE, name=str(number))
    assert [classify(database, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_chikas_posts_are_not_touched(database: Database) -> None:
    store_post(database, LATE, workspace=THEIRS)
    assert classify(database) == 0
    with database.transaction(THEIRS) as tx:
        assert tx.session.scalars(select(Mention)).one().state == MentionState.COLLECTED


def test_one_poisonous_post_does_not_hold_up_the_others(database: Database) -> None:
    bad = store_post(database, "poison", name="a")
    good = store_post(database, LATE, name="b")
    for number in range(20):
        store_post(database, LATE, name=f"more-{number}")
    brittle = Brittle(poison="poison")
    classify(database, brittle)
    assert len(brittle.batches) < 12  # by halves, not each of them alone
    assert mention(database, good).state == MentionState.UNDERSTOOD
    assert mention(database, bad).state == MentionState.COLLECTED
    assert mention(database, bad).not_before == NOON + timedelta(minutes=1)
    assert classify(database, Brittle(poison="poison")) == 0


def test_after_five_tries_a_person_gets_the_post(database: Database, clock: FixedClock) -> None:
    bad = store_post(database, "poison")
    for _ in range(MOST_ATTEMPTS):
        assert classify(database, Brittle(poison="poison")) == 1
        clock.advance(timedelta(hours=1))
    row, case = mention(database, bad), conversation(database, bad)
    assert (row.state, row.problem) == (MentionState.HANDED_OVER, NOT_UNDERSTOOD)
    assert (case.band, case.urgency_rank) == (Band.UNKNOWN, UrgencyRank.NORMAL)
    assert case.due_at == NOON + timedelta(minutes=TARGETS.normal)
    assert classify(database) == 0


def test_a_post_that_kills_the_process_every_time_is_handed_over_unread(database: Database) -> None:
    bad = store_post(database, LATE)
    with database.transaction(OURS) as tx:
        tx.session.get_one(Mention, bad).attempts = MOST_ATTEMPTS
    backend = Brittle()
    classify(database, backend)
    assert mention(database, bad).state == MentionState.HANDED_OVER
    assert backend.batches == []


def test_a_worker_that_died_leaves_its_posts_to_the_next_one(database: Database, clock: FixedClock) -> None:
    post = store_post(database, LATE)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify(database, Overtaken(die))
    assert classify(database) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert classify(database) == 1
    assert mention(database, post).state == MentionState.UNDERSTOOD


def test_a_result_for_an_edited_post_is_dropped_and_the_new_text_is_read(database: Database) -> None:
    post = store_post(database, LATE)

    def edit() -> None:
        with database.transaction(OURS) as tx:
            row = tx.session.get_one(Mention, post)
            row.text, row.claim_token, row.claimed_until = "届きました！大満足です", None, None

    classify(database, Overtaken(edit))
    with database.transaction(OURS) as tx:
        assert newest_classification(tx, post) is None
    classify(database)
    assert conversation(database, post).intent == Intent.PRAISE


def test_a_slow_worker_whose_claim_ran_out_adds_nothing(database: Database, clock: FixedClock) -> None:
    post = store_post(database, LATE)

    def overtake() -> None:
        clock.advance(LEASE + timedelta(seconds=1))
        assert classify(database) == 1

    classify(database, Overtaken(overtake))
    with database.transaction(OURS) as tx:
        rows = tx.session.scalars(select(Classification).where(Classification.mention_id == post)).all()
    assert [row.model_id for row in rows] == ["keyword-ja-en-1"]


def test_the_model_works_outside_any_transaction(database: Database) -> None:
    store_post(database, LATE)
    written: list[int] = []

    def write_elsewhere() -> None:
        written.append(store_post(database, "別の投稿", name="b"))

    classify(database, Overtaken(write_elsewhere))
    assert written


def test_the_brand_decides_the_prior_and_its_homonyms_are_no_case(database: Database) -> None:
    voice = Voice.model_validate(
        {
            "id": "default",
            "name": {"ja": "きき", "en": "Kiki"},
            "words": ["Happy Kiki"],
            "anti_words": ["魔女"],
            "languages": ["en", "ja"],
            "sign_off": {"ja": "きき", "en": "Kiki"},
            "contact_dm": {"ja": "DMへ", "en": "DM us"},
        }
    )
    signs = store_post(database, "😡😡😡", name="a")
    text = "魔女の宅急便のキキが最高に可愛い"
    homonym = store_post(database, text, name="b", engagement=Engagement.POSTED)
    told_us = store_post(database, text, name="c", engagement=Engagement.MENTIONED)
    classify(database, books={"default": BrandBook(voice=voice)})
    assert conversation(database, signs).language == Language.EN
    assert conversation(database, homonym).intent == Intent.OTHER
    assert conversation(database, told_us).intent == Intent.PRAISE


def test_texts_keep_their_order_and_the_backend_gets_them_in_few_large_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.service.MOST_AT_ONCE", 8)
    backend = Brittle()
    texts = [f"{'あ' * length} 最高です" for length in (30, 1, 20, 5, 40, 2, 7, 9, 11, 3)]
    said = understand_texts(backend, [(text, "") for text in texts], prior=Language.JA)
    assert len(said) == len(texts)
    assert backend.batches == [texts[:8], texts[8:]]
    mixed = [("届きません", ""), ("Love it, thank you so much!", ""), ("", "")]
    assert [answer.language for answer in understand_texts(KeywordBackend(), mixed, prior=Language.JA)] == [
        "ja",
        "en",
        "other",
    ]


def test_a_failing_backend_is_heard_of_where_texts_are_asked_for_directly() -> None:
    with pytest.raises(RuntimeError, match="cannot read"):
        understand_texts(Brittle(poison="x"), [("x", "")], prior=Language.EN)


def test_the_backend_is_the_one_that_the_settings_name() -> None:
    backend = make_backend(ClassifierSettings(backend="keyword"))
    assert isinstance(backend, KeywordBackend)
    assert backend.model_id == "keyword-ja-en-1"


def test_aois_correction_is_a_new_row_and_the_queue_follows_it(database: Database) -> None:
    post = store_post(database, "このジャケット最高です！大満足")
    classify(database)
    with database.transaction(OURS) as tx:
        row = correct_classification(
            tx,
            mention_id=post,
            user_id=AOI,
            intent=Intent.COMPLAINT,
            topic=Topic.STAFF,
            urgency=Urgency.HIGH,
            trainable=True,
        )
        assert (row.source, row.user_id, row.trainable, row.model_id) == ("human", AOI, True, "human")
        assert (row.intent, row.sentiment, row.constructive) == ("complaint", "negative", True)
    with database.transaction(OURS) as tx:
        count = len(tx.session.scalars(select(Classification).where(Classification.mention_id == post)).all())
    case = conversation(database, post)
    assert count == 2
    assert (case.intent, case.topic, case.band, case.urgency_rank) == ("complaint", "staff", "sure", UrgencyRank.HIGH)
    assert case.due_at == NOON + timedelta(minutes=TARGETS.high)


def test_a_correction_away_from_complaint_forgets_whether_it_was_constructive(database: Database) -> None:
    post = store_post(database, LATE)
    classify(database)
    with database.transaction(OURS) as tx:
        row = correct_classification(
            tx, mention_id=post, user_id=AOI, intent=Intent.OTHER, constructive=True, trainable=False
        )
        assert row.constructive is None
        assert row.trainable is False
        assert row.sentiment == Sentiment.NEGATIVE


def test_labels_by_a_person_bring_a_handed_over_post_back(database: Database) -> None:
    post = store_post(database, "poison", hint="en-US")
    with database.transaction(OURS) as tx:
        row = tx.session.get_one(Mention, post)
        row.state, row.problem = MentionState.HANDED_OVER.value, NOT_UNDERSTOOD
    with database.transaction(OURS) as tx:
        said = correct_classification(tx, mention_id=post, user_id=AOI, intent=Intent.QUESTION, trainable=True)
        assert (said.language, said.intent, said.needs_reply) == ("en", "question", True)
    assert mention(database, post).state == MentionState.UNDERSTOOD
    assert mention(database, post).problem == ""


def test_chika_cannot_correct_our_labels(database: Database) -> None:
    post = store_post(database, LATE)
    with pytest.raises(NotFoundError), database.transaction(THEIRS) as tx:
        correct_classification(tx, mention_id=post, user_id=9, intent=Intent.OTHER, trainable=True)


def test_stored_scores_and_reasons_are_plain_json(database: Database) -> None:
    post = store_post(database, LATE)
    classify(database)
    with database.transaction(OURS) as tx:
        row = newest_classification(tx, post)
    assert row is not None
    assert json.loads(json.dumps([row.scores, row.reasons, row.risks])) == [row.scores, row.reasons, row.risks]
    assert all(0 <= score <= 1 for score in row.scores.values())
