"""Copy-paste storms: one case with a count, nothing lost, nothing urgent hidden, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from config.settings import GatheringSettings, TargetSettings
from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, MentionState
from domain.mentions import IncomingMention
from domain.understanding import Prediction, Understanding
from domain.words import (
    Band,
    Engagement,
    IgnoreReason,
    Intent,
    Language,
    MentionKind,
    Sentiment,
    Topic,
    Urgency,
    UrgencyRank,
)
from listener.gathering import SHARED_BY_MOST
from listener.intake import Stored, store_mentions
from storage.alerts import open_alerts
from storage.database import Database, Transaction
from storage.drafts import claim_understood
from storage.edits import mark_gone
from storage.gatherings import set_free
from storage.mention_sketches import KEPT, prune_sketches
from storage.models import Alert, Conversation, Mention, MentionSketch
from storage.understanding import correct_classification, record_classification
from tests.cast import NOON, OURS, THEIRS
from tests.listener.posts import AYA, at, load_case, load_mention, make_post
from tests.listener.test_intake import count_statements
from tests.rows import make_account

CALL = "緑の冬コートを注文したのに青いコートが届いた人、私だけじゃないはず。お店は返事をくれません。みんなで声をあげましょう。"
OTHER = "アプリを更新してから、起動のたびにログアウトされます。何度入れ直しても直りません。いつ直りますか。"


@pytest.fixture
def account_id(any_database: Database) -> ChannelAccountId:
    with any_database.transaction(OURS) as tx:
        return ChannelAccountId(make_account(tx).id)


def say(name: str, text: str = CALL, *, minutes_ago: float = 60, **fields: Any) -> IncomingMention:  # noqa: ANN401 - any field of a post
    """A post of a person of its own."""
    author = replace(AYA, external_id=f"{name}-id", handle=name, display_name=name)
    return make_post(name, text, **({"author": author, "created_at": at(minutes_ago)} | fields))


def take_in(
    database: Database,
    account_id: ChannelAccountId,
    *posts: IncomingMention,
    gathering: GatheringSettings | None = None,
) -> Stored:
    with database.transaction(OURS) as tx:
        return store_mentions(
            tx,
            account_id=account_id,
            own_external_id="us",
            mentions=posts,
            gathering=gathering or GatheringSettings(),
        )


def names_under(database: Database, lead: str) -> list[str]:
    with database.snapshot(OURS) as tx:
        case = load_case(tx, lead)
        under = (
            select(Mention.external_id)
            .join(Conversation, Conversation.id == Mention.conversation_id)
            .where(Conversation.gathered_under_id == case.id)
            .order_by(Mention.id)
        )
        names = list(tx.session.scalars(under))
        assert case.gathered_count == len(names)
        return names


def names_waiting(database: Database) -> list[str]:
    with database.snapshot(OURS) as tx:
        waiting = (
            select(Mention.external_id)
            .join(Conversation, Conversation.lead_mention_id == Mention.id)
            .where(Conversation.waiting.is_(True))
            .order_by(Mention.id)
        )
        return list(tx.session.scalars(waiting))


def label(tx: Transaction, name: str, urgency: Urgency) -> None:
    said = Prediction(
        sentiment=Sentiment.NEGATIVE,
        intent=Intent.COMPLAINT,
        constructive=True,
        suggestion=False,
        abuse=False,
        topic=Topic.PRODUCT,
        urgency=urgency,
        risks=frozenset(),
        needs_reply=True,
        needs_dm=False,
        scores={},
    )
    mention = load_mention(tx, name)
    understanding = Understanding(language=Language.JA, prediction=said, band=Band.SURE, model_id="test-1")
    record_classification(tx, mention_id=mention.id, understanding=understanding, targets=TargetSettings())
    mention.state = MentionState.UNDERSTOOD
    tx.session.flush()


def test_a_storm_is_one_case_with_a_count_and_every_post_is_kept(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    first = [say(f"p{number}", minutes_ago=60 - number) for number in range(5)]
    later = [say(f"q{number}", f"RT @p0: {CALL} 😡", minutes_ago=10) for number in range(3)]
    assert take_in(any_database, account_id, *reversed(first)).new == 5
    assert take_in(any_database, account_id, *later, say("app", OTHER)).new == 4
    assert names_waiting(any_database) == ["p0", "app"]
    assert names_under(any_database, "p0") == ["p1", "p2", "p3", "p4", "q0", "q1", "q2"]
    with any_database.snapshot(OURS) as tx:
        gathered = load_case(tx, "q1")
        assert (gathered.state, gathered.resolved_reason) == (ConversationState.RESOLVED, "gathered")
        assert gathered.waiting_since == at(10)
        assert load_mention(tx, "q1").text.startswith("RT @p0")
        assert tx.session.scalar(select(func.count()).select_from(Mention)) == 9


def test_storing_the_storm_again_changes_nothing(any_database: Database, account_id: ChannelAccountId) -> None:
    posts = [say(f"p{number}") for number in range(4)]
    take_in(any_database, account_id, *posts)
    assert take_in(any_database, account_id, *posts) == Stored(seen=4)
    assert names_under(any_database, "p0") == ["p1", "p2", "p3"]


def test_accounts_of_one_brand_share_their_storms_and_other_brands_do_not(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    with any_database.transaction(OURS) as tx:
        same = ChannelAccountId(make_account(tx).id)
        other = ChannelAccountId(make_account(tx, brand="aoyama").id)
    take_in(any_database, account_id, say("p0"))
    take_in(any_database, same, say("p1"))
    take_in(any_database, other, say("p2"))
    assert names_under(any_database, "p0") == ["p1"]
    assert names_waiting(any_database) == ["p0", "p2"]


def test_chikas_workspace_never_stands_under_ours(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"))
    with any_database.transaction(THEIRS) as tx:
        theirs = ChannelAccountId(make_account(tx).id)
        store_mentions(tx, account_id=theirs, own_external_id="us", mentions=[say("p1")])
        assert load_case(tx, "p1").waiting
        assert tx.session.scalars(select(MentionSketch.number)).all() != []
    assert names_under(any_database, "p0") == []


@pytest.mark.parametrize(
    ("hours", "gathered"),
    [(47, True), (49, False)],
)
def test_only_posts_within_the_window_are_gathered(
    any_database: Database, account_id: ChannelAccountId, hours: int, *, gathered: bool
) -> None:
    take_in(any_database, account_id, say("p0", minutes_ago=60 * hours))
    take_in(any_database, account_id, say("p1", minutes_ago=0))
    assert names_under(any_database, "p0") == (["p1"] if gathered else [])


def test_a_window_of_nothing_switches_gathering_off(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"), say("p1"), gathering=GatheringSettings(window_hours=0))
    assert names_waiting(any_database) == ["p0", "p1"]
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(MentionSketch.id)).all() == []


def test_messages_answers_and_short_words_are_never_gathered(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    private: dict[str, Any] = {"kind": MentionKind.MESSAGE, "engagement": Engagement.WROTE_DM}
    take_in(any_database, account_id, say("p0"), say("dm", **private), say("app", OTHER))
    take_in(any_database, account_id, say("answer", parent_external_id="app"), say("s1", "まだ届きません"), say("s2", "まだ届きません"))  # fmt: skip
    assert names_waiting(any_database) == ["dm", "p0", "answer", "s1", "s2"]


def test_a_person_who_says_the_very_same_again_stands_under_their_first(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0", "まだ届きません"), say("p1", "まだ届きません！"))
    again = say("p0").author
    take_in(any_database, account_id, say("p2", "まだ届きません 😢", author=again), say("p3", "草", author=again), say("p4", "草", author=again))  # fmt: skip
    assert names_under(any_database, "p0") == ["p2"]
    assert names_waiting(any_database) == ["p0", "p1", "p3", "p4"]


def test_who_says_it_again_to_us_is_never_put_away(any_database: Database, account_id: ChannelAccountId) -> None:
    to_us: dict[str, Any] = {"engagement": Engagement.REPLIED, "author": say("p0").author}
    take_in(any_database, account_id, say("p0"), say("short", "まだ届きません", author=say("p0").author))
    take_in(any_database, account_id, say("p1", **to_us), say("p2", "まだ届きません", **to_us))
    assert names_waiting(any_database) == ["p0", "short", "p1", "p2"]


def test_what_the_same_person_says_again_while_the_first_still_waits_has_no_window(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0", minutes_ago=60 * 80))
    take_in(any_database, account_id, say("p1", minutes_ago=0, author=say("p0").author), say("p2", minutes_ago=0))
    assert names_under(any_database, "p0") == ["p1"]


def test_repeats_gather_under_an_answered_case_without_bringing_it_back(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"))
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p0")
        case.waiting, case.waiting_since, case.state = False, None, ConversationState.RESOLVED
    take_in(any_database, account_id, say("p1", minutes_ago=5))
    assert names_under(any_database, "p0") == ["p1"]
    assert names_waiting(any_database) == []


@pytest.mark.parametrize("reason", [reason for reason in IgnoreReason if reason != IgnoreReason.SPAM])
def test_what_repeats_an_ignored_case_is_a_case_of_its_own_and_leads_later_ones(
    any_database: Database, account_id: ChannelAccountId, reason: IgnoreReason
) -> None:
    take_in(any_database, account_id, say("p0"))
    close(any_database, "p0", reason)
    take_in(any_database, account_id, say("p1", minutes_ago=5))
    take_in(any_database, account_id, say("p2", minutes_ago=4))
    assert names_waiting(any_database) == ["p1"]
    assert names_under(any_database, "p1") == ["p2"]
    assert names_under(any_database, "p0") == []


def test_repeats_of_spam_stay_under_it(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"))
    close(any_database, "p0", IgnoreReason.SPAM)
    take_in(any_database, account_id, say("p1", minutes_ago=5))
    assert names_under(any_database, "p0") == ["p1"]
    assert names_waiting(any_database) == []


def close(database: Database, name: str, reason: str) -> None:
    with database.transaction(OURS) as tx:
        case = load_case(tx, name)
        case.waiting, case.waiting_since, case.state = False, None, ConversationState.RESOLVED
        case.resolved_reason = reason


def test_other_figures_words_and_addresses_wait_by_themselves_and_a_cut_copy_does_not(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    ordered = f"{CALL} https://shop.example/orders/"
    take_in(any_database, account_id, say("p0", ordered + "98765"), say("cut", CALL[:-12] + "…", minutes_ago=59))
    take_in(any_database, account_id, say("p1", ordered + "11111"), say("whole"), say("blue", CALL.replace("緑", "赤")))
    take_in(
        any_database, account_id, say("later", f"RT @p0: {CALL[:-8]}…"), say("tail", ordered + "98765?utm_source=x")
    )
    assert sorted(names_waiting(any_database)) == ["blue", "cut", "p0", "p1", "whole"]
    assert names_under(any_database, "whole") == ["later"]
    assert names_under(any_database, "p0") == ["tail"]


def test_a_text_that_comes_back_every_few_days_is_gathered_every_time(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    for day in range(SHARED_BY_MOST + 2):
        posts = [say(f"{day}-{number}", minutes_ago=(12 - day) * 1_440) for number in range(2)]
        take_in(any_database, account_id, *posts, gathering=GatheringSettings(window_hours=2))
    assert len(names_waiting(any_database)) == SHARED_BY_MOST + 2


def test_history_is_neither_gathered_nor_a_lead(any_database: Database, account_id: ChannelAccountId) -> None:
    old = [say(f"old{number}", minutes_ago=300) for number in range(2)]
    with any_database.transaction(OURS) as tx:
        store_mentions(
            tx,
            account_id=account_id,
            own_external_id="us",
            mentions=[*old, say("p0")],
            revise=False,
            history_before=at(200),
        )
    assert names_waiting(any_database) == ["p0"]
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "old1").resolved_reason == "history"


# -- the alert ---------------------------------------------------------------------------------------------------------------


def test_each_doubling_from_ten_on_is_told_once(any_database: Database, account_id: ChannelAccountId) -> None:
    def told() -> list[tuple[str, str]]:
        with any_database.snapshot(OURS) as tx:
            alerts = tx.session.scalars(select(Alert).order_by(Alert.id))
            return [(alert.dedupe_key.rpartition(":")[2], str(alert.values["count"])) for alert in alerts]

    take_in(any_database, account_id, *(say(f"p{number}") for number in range(10)))
    assert told() == []
    take_in(any_database, account_id, say("p10"), say("p11"))
    assert told() == [("10", "11")]
    with any_database.transaction(OURS) as tx:
        set_free(tx, [load_case(tx, name).id for name in ("p9", "p10")])
        (alert,) = open_alerts(tx)
        assert (alert.kind, alert.conversation_id) == ("storm", load_case(tx, "p0").id)
    take_in(any_database, account_id, say("p12"), say("p13"))
    assert told() == [("10", "11")]
    take_in(any_database, account_id, *(say(f"q{number}") for number in range(40)))
    assert told() == [("10", "11"), ("40", "51")]


# -- out of the gathering --------------------------------------------------------------------------------------------------


def test_a_case_that_is_set_free_waits_since_its_own_post_and_is_drafted_for(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1", minutes_ago=30))
    with any_database.transaction(OURS) as tx:
        label(tx, "p0", Urgency.NORMAL)
        label(tx, "p1", Urgency.NORMAL)
        assert [one.claimed.external_id for one in claim_understood(tx, limit=9, lease=timedelta(minutes=1))] == ["p0"]
        mention = load_mention(tx, "p1")
        assert (mention.state, mention.problem) == (MentionState.UNDRAFTED, "gathered")
    with any_database.transaction(OURS) as tx:
        touched = set_free(tx, [load_case(tx, "p1").id, load_case(tx, "p0").id])
        assert touched == sorted([load_case(tx, "p0").id, load_case(tx, "p1").id])
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p1")
        assert (case.waiting, case.waiting_since, case.due_at) == (True, at(30), NOON + timedelta(minutes=30))
        assert (case.state, case.resolved_reason) == (ConversationState.OPEN, "")
        assert [one.claimed.external_id for one in claim_understood(tx, limit=9, lease=timedelta(minutes=1))] == ["p1"]
    assert names_under(any_database, "p0") == []


def test_a_new_post_in_a_gathered_case_sets_it_free_with_its_old_clock(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1", minutes_ago=30))
    take_in(any_database, account_id, say("more", "注文番号は88です", parent_external_id="p1", minutes_ago=1))
    assert names_under(any_database, "p0") == []
    with any_database.snapshot(OURS) as tx:
        case = load_case(tx, "p1")
        assert (case.waiting, case.waiting_since, case.state) == (True, at(30), ConversationState.OPEN)


def test_a_gathered_case_whose_words_become_its_own_waits_by_itself(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1"), say("p2"))
    take_in(any_database, account_id, say("p1", OTHER), say("p2", CALL + "！！"))
    assert names_under(any_database, "p0") == ["p2"]
    assert names_waiting(any_database) == ["p0", "p1"]


def test_a_lead_that_says_something_else_now_hands_over_to_the_oldest_of_the_rest(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1", minutes_ago=50), say("p2", minutes_ago=40))
    take_in(any_database, account_id, say("p0", OTHER))
    assert names_under(any_database, "p1") == ["p2"]
    assert names_under(any_database, "p0") == []
    take_in(any_database, account_id, say("p3"), say("app", OTHER))
    assert names_under(any_database, "p1") == ["p2", "p3"]
    assert names_under(any_database, "p0") == ["app"]


def test_when_the_lead_is_deleted_the_oldest_of_the_rest_leads_and_waits(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, *(say(f"p{number}", minutes_ago=60 - number) for number in range(4)))
    with any_database.transaction(OURS) as tx:
        assert mark_gone(tx, [load_mention(tx, "p0").id, load_mention(tx, "p1").id]) == 2
    assert names_under(any_database, "p2") == ["p3"]
    assert names_waiting(any_database) == ["p2"]
    take_in(any_database, account_id, say("p4"))
    assert names_under(any_database, "p2") == ["p3", "p4"]
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "p0").gathered_count == 0
        assert load_case(tx, "p2").waiting_since == at(58)


def test_what_was_dealt_with_stays_so_when_its_post_is_deleted(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1"), say("p2"))
    with any_database.transaction(OURS) as tx:
        case = load_case(tx, "p0")
        case.waiting, case.waiting_since, case.state, case.resolved_reason = False, None, "resolved", "spam"
        tx.session.flush()
        mark_gone(tx, [load_mention(tx, "p0").id])
    assert names_under(any_database, "p1") == ["p2"]
    assert names_waiting(any_database) == []
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "p1").resolved_reason == "spam"


def test_a_deleted_repeat_is_no_longer_counted(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"), say("p1"), say("p2"))
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [load_mention(tx, "p1").id])
    assert names_under(any_database, "p0") == ["p2"]
    assert names_waiting(any_database) == ["p0"]


def test_the_sketch_of_a_deleted_text_is_forgotten(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"))
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [load_mention(tx, "p0").id])
        assert tx.session.scalars(select(MentionSketch.id)).all() == []


def test_the_words_of_a_deleted_post_go_from_those_that_quote_it_too(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    words = {"quoted_text": CALL, "quoted_author": "p0", "cid": "1"}
    take_in(any_database, account_id, say("p0"), say("q", "みて", quoted_external_id="p0", platform_data=words))
    with any_database.transaction(OURS) as tx:
        mark_gone(tx, [load_mention(tx, "p0").id])
    with any_database.snapshot(OURS) as tx:
        assert load_mention(tx, "q").platform_data == {"cid": "1"}


# -- urgency ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["p0", "p1"])
def test_a_repeat_more_urgent_than_its_lead_is_not_hidden(
    any_database: Database, account_id: ChannelAccountId, first: str
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1", CALL + " #やけどした"), say("p2"))
    urgency = {"p0": Urgency.NORMAL, "p1": Urgency.CRITICAL}
    with any_database.transaction(OURS) as tx:
        for name in sorted(urgency, key=lambda name: name != first):
            label(tx, name, urgency[name])
    assert names_under(any_database, "p0") == ["p2"]
    assert names_waiting(any_database) == ["p0", "p1"]
    with any_database.snapshot(OURS) as tx:
        assert load_case(tx, "p1").urgency_rank == UrgencyRank.CRITICAL


def test_under_a_critical_lead_critical_repeats_stay(any_database: Database, account_id: ChannelAccountId) -> None:
    take_in(any_database, account_id, say("p0"), say("p1", CALL + " #やけど"))
    with any_database.transaction(OURS) as tx:
        label(tx, "p1", Urgency.CRITICAL)
        label(tx, "p0", Urgency.CRITICAL)
    assert names_waiting(any_database) == ["p0"]


def test_a_persons_word_on_the_lead_holds_for_the_very_same_words(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"), say("p1"))
    with any_database.transaction(OURS) as tx:
        label(tx, "p0", Urgency.CRITICAL)
        correct_classification(
            tx, mention_id=load_mention(tx, "p0").id, user_id=1, urgency=Urgency.NORMAL, trainable=False
        )
        label(tx, "p1", Urgency.CRITICAL)
    assert names_waiting(any_database) == ["p0"]


# -- cost and concurrency ----------------------------------------------------------------------------------------------------


def test_gathering_costs_a_page_a_fixed_number_of_statements(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    def storm(prefix: str, size: int) -> list[IncomingMention]:
        return [say(f"{prefix}{number}", f"{CALL}{chr(0x4E00 + number % 25) * 30}") for number in range(size)]

    take_in(any_database, account_id, *storm("known", 25))
    with count_statements(any_database) as for_few:
        take_in(any_database, account_id, *storm("few", 8))
    with count_statements(any_database) as for_many:
        take_in(any_database, account_id, *storm("many", 100))
    with count_statements(any_database) as without:
        take_in(any_database, account_id, *storm("off", 100), gathering=GatheringSettings(window_hours=0))
    assert len(for_many) <= len(for_few) + 2  # the rows of an insert may be split in two
    tells = sum("live_event" in statement for statement in for_few)  # one each, up to a limit
    assert len(for_few) - tells <= len(without) + 6


def test_form_letters_with_a_line_of_their_own_do_not_pile_up_and_their_copies_are_found(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    letters = [f"{CALL}{chr(0x4E00 + number) * 12}" for number in range(40)]
    take_in(any_database, account_id, *(say(f"p{number}", letter) for number, letter in enumerate(letters)))
    with any_database.snapshot(OURS) as tx:
        shared = select(func.count()).select_from(MentionSketch).group_by(MentionSketch.number)
        assert max(tx.session.scalars(shared)) == SHARED_BY_MOST
    take_in(any_database, account_id, say("copy", letters[39], minutes_ago=5))
    assert names_under(any_database, "p39") == ["copy"]


def test_sketches_are_forgotten_in_time_and_not_before(
    any_database: Database, account_id: ChannelAccountId, clock: FixedClock
) -> None:
    take_in(any_database, account_id, say("p0", minutes_ago=0), say("app", OTHER, minutes_ago=60))
    clock.advance(KEPT)
    with any_database.transaction(OURS) as tx:
        assert prune_sketches(tx) == 2
    with any_database.snapshot(OURS) as tx:
        kept = set(tx.session.scalars(select(MentionSketch.mention_id)))
        assert kept == {load_mention(tx, "p0").id}


def test_two_pollers_that_meet_may_both_lead_and_the_next_stands_under_the_older(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    with any_database.transaction(OURS) as tx:
        other = ChannelAccountId(make_account(tx).id)
    if any_database.url.startswith("sqlite"):
        # One writes at a time there: what PostgreSQL lets happen is put as it would stand.
        take_in(any_database, account_id, say("p0", minutes_ago=50))
        take_in(any_database, other, say("p1", minutes_ago=40), gathering=GatheringSettings(window_hours=0))
        with any_database.transaction(OURS) as tx:
            second = load_mention(tx, "p1").id
            for sketch in tx.session.scalars(select(MentionSketch)).all():
                tx.session.add(MentionSketch(mention_id=second, number=sketch.number, made_at=at(40)))
    else:
        with any_database.transaction(OURS) as tx:
            store_mentions(tx, account_id=account_id, own_external_id="us", mentions=[say("p0", minutes_ago=50)])
            take_in(any_database, other, say("p1", minutes_ago=40))
    assert sorted(names_waiting(any_database)) == ["p0", "p1"]
    take_in(any_database, other, say("p2", minutes_ago=30))
    assert names_under(any_database, "p0") == ["p2"]
    assert names_under(any_database, "p1") == []


def test_pollers_of_two_accounts_lose_no_count_under_one_lead(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"))
    with any_database.transaction(OURS) as tx:
        accounts = [ChannelAccountId(make_account(tx).id) for _ in range(3)]

    def poll(account: ChannelAccountId) -> None:
        for page in range(5):
            take_in(any_database, account, *(say(f"a{account}-{page}-{number}") for number in range(3)))

    with ThreadPoolExecutor(len(accounts)) as pollers:
        list(pollers.map(poll, accounts))
    assert len(names_under(any_database, "p0")) == 45
    assert names_waiting(any_database) == ["p0"]


def test_a_page_that_is_killed_leaves_neither_case_nor_count(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, say("p0"))
    page = [say("p1"), say("app", OTHER)]

    def be_killed() -> None:
        with any_database.transaction(OURS) as tx:
            store_mentions(tx, account_id=account_id, own_external_id="us", mentions=page)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_killed()
    assert names_under(any_database, "p0") == []
    assert take_in(any_database, account_id, *page).new == 2
    assert names_under(any_database, "p0") == ["p1"]


def test_taking_out_while_the_lead_is_deleted_ends_with_a_right_count(
    any_database: Database, account_id: ChannelAccountId
) -> None:
    take_in(any_database, account_id, *(say(f"p{number}", minutes_ago=60 - number) for number in range(9)))
    with any_database.snapshot(OURS) as tx:
        lead, case = load_mention(tx, "p0").id, load_case(tx, "p5").id

    def delete() -> None:
        with any_database.transaction(OURS) as tx:
            mark_gone(tx, [lead])

    def take_out() -> None:
        with any_database.transaction(OURS) as tx:
            set_free(tx, [case])

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(delete), both.submit(take_out)]:
            done.result()
    assert names_under(any_database, "p1") == ["p2", "p3", "p4", "p6", "p7", "p8"]
    assert sorted(names_waiting(any_database)) == ["p1", "p5"]
