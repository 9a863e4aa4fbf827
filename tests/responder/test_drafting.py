"""The drafting step: from an understood mention to options a person can decide on."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.hours_settings import WEEKDAYS, HoursSettings, Weekday
from config.locale import text
from config.playbook import Playbook
from domain.clock import FixedClock
from domain.errors import ImportFileError, NotFoundError, RetryableError
from domain.ids import ChannelAccountId, DraftId, MentionId
from domain.lifecycle import DraftState, MentionState
from domain.mentions import Page
from domain.ports import Channel
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.understanding import Prediction, Understanding
from domain.words import Band, Engagement, Language, Route, Visibility
from responder.drafting import draft_file, draft_pending
from responder.likeness import find_likeness, list_grams
from storage.claims import release
from storage.database import Database
from storage.drafts import claim_understood, get_draft, list_drafts, record_drafts
from storage.models import Conversation, Draft, DraftRevision, LiveEvent, Mention, User
from storage.said_lately import recent_wordings, texts_said_lately
from storage.understanding import record_classification
from tests.cast import OURS, THEIRS
from tests.responder.composing import COMPLAINT, demo_book, measure, playbooks
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

COAT = "緑のコートを頼んだのに青いコートが届いた"


class FakeChannel:
    """A platform that says what it is told to say."""

    kind = "bluesky"
    own_author_id = "us"

    def __init__(self) -> None:
        self.capabilities = Capabilities(can_reply=True, can_direct_message=True)
        self.facts = PlatformFacts(exists=True, replies_allowed=True, dm_allowed=True)
        self.error: Exception | None = None
        self.asked: list[SendTarget] = []

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        self.asked.append(target)
        if self.error:
            raise self.error
        return self.facts

    def measure(self, text: str, visibility: Visibility) -> Measure:
        return measure(text, visibility)

    def poll(self, cursor: str | None) -> Page:
        raise NotImplementedError(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        raise NotImplementedError(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        raise NotImplementedError(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        raise NotImplementedError(request, visibility)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(external_ids)

    def probe(self) -> str:
        return "fake"

    def close(self) -> None:
        """Nothing to give back."""


def understanding(
    prediction: Prediction = COMPLAINT, *, band: Band = Band.SURE, language: Language = Language.JA
) -> Understanding:
    return Understanding(language=language, prediction=prediction, band=band, model_id="test-1")


def understood(
    database: Database,
    text: str = COAT,
    *,
    said: Understanding | None = None,
    channel_kind: str = "bluesky",
    engagement: Engagement = Engagement.MENTIONED,
) -> Thread:
    """Add a mention that is understood and waits for its drafts."""
    with database.transaction(OURS) as tx:
        account = make_account(tx, kind=channel_kind)
        thread = make_conversation_with_mention(
            tx,
            text=text,
            account=account,
            author={"display_name": "ゆき", "external_id": f"a{account.id}"},
            state=MentionState.UNDERSTOOD,
            url="https://sandbox.example/1",
            engagement=engagement,
        )
        record_classification(tx, mention_id=thread.mention.id, understanding=said or understanding())
    return thread


def run(database: Database, channel: FakeChannel | None = None, *, account_id: int = 1, limit: int = 8) -> int:
    channels: dict[ChannelAccountId, Channel] = {ChannelAccountId(account_id): channel} if channel else {}
    return draft_pending(
        database, OURS, channels=channels, books={"default": demo_book()}, playbooks=playbooks(), limit=limit
    )


def stored(database: Database, thread: Thread) -> tuple[Mention, list[Draft], list[str]]:
    with database.snapshot(OURS) as tx:
        mention = tx.session.get_one(Mention, thread.mention.id)
        drafts = list_drafts(tx, MentionId(mention.id))
        texts = [get_draft(tx, DraftId(draft.id))[1].text for draft in drafts]
        tx.session.expunge_all()  # to be read after the snapshot
    return mention, drafts, texts


def test_a_draft_waits_with_its_route_its_reason_and_its_checks(any_database: Database) -> None:
    thread, channel = understood(any_database), FakeChannel()

    assert run(any_database, channel, account_id=thread.account.id) == 1

    mention, drafts, texts = stored(any_database, thread)
    assert (mention.state, mention.problem, mention.claim_token) == (MentionState.DRAFTED, "", None)
    assert [(draft.kind, draft.visibility, draft.route) for draft in drafts] == [
        ("full", "public", Route.API_PUBLIC),
        ("dm_first", "dm", Route.API_DM),
        ("dm_first", "public", Route.API_PUBLIC),
        ("short", "public", Route.API_PUBLIC),
    ]
    assert all("緑のコート" in text for text in texts)
    assert drafts[0].rule_id == "bluesky.reply"
    assert drafts[0].rule_date
    assert drafts[1].open_questions[0] == "question.offer_approver_decides"
    assert drafts[0].wordings
    assert channel.asked[0].external_id == thread.mention.external_id
    with any_database.snapshot(OURS) as tx:
        found = get_draft(tx, DraftId(drafts[1].id))[1].checks
        events = [event.kind for event in tx.session.scalars(select(LiveEvent))]
    assert [one["code"] for one in found] == ["offer"]
    assert "drafted" in events


def test_nothing_is_drafted_twice(database: Database) -> None:
    thread = understood(database)
    run(database, FakeChannel(), account_id=thread.account.id)

    assert run(database, FakeChannel(), account_id=thread.account.id) == 0
    assert len(stored(database, thread)[1]) == 4


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (understanding(band=Band.UNKNOWN), "unknown_band"),
        (understanding(replace(COMPLAINT, abuse=True)), "abuse"),
        (understanding(replace(COMPLAINT, needs_reply=False, constructive=False)), "no_reply_needed"),
    ],
)
def test_where_nothing_is_drafted_a_person_finds_an_empty_option_and_why(
    database: Database, said: Understanding, problem: str
) -> None:
    thread = understood(database, said=said)

    run(database, FakeChannel(), account_id=thread.account.id)

    mention, drafts, texts = stored(database, thread)
    assert (mention.state, mention.problem) == (MentionState.UNDRAFTED, problem)
    assert [(draft.kind, draft.visibility) for draft in drafts] == [("blank", "public"), ("blank", "dm")]
    assert texts == ["", ""]


def test_imported_history_gets_no_draft_and_says_why(any_database: Database) -> None:
    thread, waiting = understood(any_database), understood(any_database)
    with any_database.transaction(OURS) as tx:
        case = tx.session.get_one(Conversation, thread.mention.conversation_id)
        case.waiting, case.waiting_since, case.state, case.resolved_reason = False, None, "resolved", "history"

    assert run(any_database) == 1

    mention, drafts, _texts = stored(any_database, thread)
    assert (mention.state, mention.problem, drafts) == (MentionState.UNDRAFTED, "history", [])
    assert stored(any_database, waiting)[0].state == MentionState.DRAFTED
    assert text("drafting.history", Language.JA) != text("drafting.history", Language.EN)


def test_where_no_reply_may_leave_the_empty_option_says_why(database: Database) -> None:
    thread, channel = understood(database), FakeChannel()
    channel.facts = PlatformFacts(exists=False)

    run(database, channel, account_id=thread.account.id)

    mention, drafts, _texts = stored(database, thread)
    assert mention.problem == "no_route"
    assert [(draft.kind, draft.route, draft.reason_code) for draft in drafts] == [("blank", Route.FORBIDDEN, "gone")]


def test_a_private_message_gets_private_options_only(database: Database) -> None:
    thread = understood(database, engagement=Engagement.WROTE_DM)

    run(database, FakeChannel(), account_id=thread.account.id)

    assert {draft.visibility for draft in stored(database, thread)[1]} == {"dm"}


def test_for_hacker_news_nothing_is_composed_and_a_person_writes_in_their_own_words(any_database: Database) -> None:
    thread = understood(any_database, channel_kind="hackernews", engagement=Engagement.POSTED)

    run(any_database, FakeChannel(), account_id=thread.account.id)

    mention, drafts, texts = stored(any_database, thread)
    assert mention.problem == "own_words"
    assert [(draft.kind, draft.visibility, draft.route, draft.reason_code) for draft in drafts] == [
        ("blank", "public", Route.MANUAL, "hackernews_by_hand")
    ]
    assert texts == [""]
    assert all(text("drafting.own_words", language) for language in ("ja", "en"))


def test_a_line_group_gets_public_options_only(database: Database) -> None:
    """However much the case needs the customer's details: there every member reads along."""
    thread = understood(database, channel_kind="line", said=understanding(replace(COMPLAINT, needs_dm=True)))

    run(database, FakeChannel(), account_id=thread.account.id)

    drafts = stored(database, thread)[1]
    assert {(draft.visibility, draft.reason_code) for draft in drafts} == {("public", "line_group_answer")}


@pytest.mark.parametrize("error", [RetryableError("later", code="rate_limited"), RuntimeError("torn")])
def test_a_platform_that_does_not_answer_does_not_stop_the_draft(database: Database, error: Exception) -> None:
    thread, channel = understood(database), FakeChannel()
    channel.error = error

    run(database, channel, account_id=thread.account.id)

    assert [draft.reason_code for draft in stored(database, thread)[1]] == [
        "reply_open",
        "dm_unconfirmed",
        "reply_open",
        "reply_open",
    ]


def test_an_account_without_a_connection_is_answered_by_hand(database: Database) -> None:
    thread = understood(database, channel_kind="import")

    run(database)

    assert {draft.route for draft in stored(database, thread)[1]} == {Route.MANUAL}


def test_a_post_that_has_its_reply_gets_no_second_one(database: Database, ben: User) -> None:
    thread = understood(database)
    with database.transaction(OURS) as tx:
        make_delivery(tx, draft=make_draft(tx, mention=thread.mention), approved_by=ben)

    run(database, FakeChannel(), account_id=thread.account.id)

    new = [draft for draft in stored(database, thread)[1] if draft.drafter_id != "test-1"]
    assert {draft.visibility for draft in new} == {"dm"}


def test_a_brand_that_speaks_one_language_answers_in_it(database: Database) -> None:
    thread = understood(database, said=understanding(language=Language.OTHER))

    run(database, FakeChannel(), account_id=thread.account.id)

    assert {draft.language for draft in stored(database, thread)[1]} == {"ja"}


def test_an_unknown_brand_is_said_and_not_guessed(database: Database) -> None:
    thread = understood(database)

    draft_pending(database, OURS, channels={}, books={}, playbooks=playbooks(), limit=5)

    assert stored(database, thread)[0].problem == "no_brand"


def test_an_edit_meanwhile_drops_the_drafts(database: Database) -> None:
    thread = understood(database)
    with database.transaction(OURS) as tx:
        [mention] = claim_understood(tx, limit=1, lease=timedelta(minutes=5))
    with database.transaction(OURS) as tx:
        post = tx.session.get_one(Mention, thread.mention.id)
        post.claim_token, post.state = None, MentionState.COLLECTED
    with database.transaction(OURS) as tx:
        assert not record_drafts(tx, mention, [], problem="abuse")

    assert stored(database, thread)[0].state == MentionState.COLLECTED


def test_a_worker_that_dies_leaves_its_mention_to_the_next(database: Database, clock: FixedClock) -> None:
    thread = understood(database)
    with database.transaction(OURS) as tx:
        claim_understood(tx, limit=1, lease=timedelta(minutes=5))

    assert run(database, FakeChannel(), account_id=thread.account.id) == 0
    clock.advance(timedelta(minutes=6))
    assert run(database, FakeChannel(), account_id=thread.account.id) == 1


def test_a_text_that_fails_again_and_again_goes_to_a_person(
    database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, healthy = understood(database, text="break"), understood(database)

    def stumble(_self: object, case: object) -> object:
        if getattr(case, "text", "") == "break":
            raise RuntimeError("a fault of our own")
        return [], "no_playbook"

    monkeypatch.setattr("responder.composer.Composer.draft", stumble)
    for _attempt in range(3):
        run(database)
        clock.advance(timedelta(minutes=10))

    mention, drafts, _texts = stored(database, thread)
    assert (mention.state, mention.problem) == (MentionState.UNDRAFTED, "drafting_failed")
    assert {draft.kind for draft in drafts} == {"blank"}
    assert stored(database, healthy)[0].problem == "no_playbook"


def test_new_options_replace_those_nobody_touched(database: Database) -> None:
    thread = understood(database, said=understanding(band=Band.UNKNOWN))
    run(database, FakeChannel(), account_id=thread.account.id)
    with database.transaction(OURS) as tx:
        typed = tx.session.scalars(select(Draft).where(Draft.visibility == "dm")).one()
        typed.revision = 2
        tx.session.add(DraftRevision(draft_id=typed.id, number=2, text="書きかけ", created_at=tx.now))
        tx.session.get_one(Mention, thread.mention.id).state = MentionState.UNDERSTOOD
        record_classification(tx, mention_id=thread.mention.id, understanding=understanding())

    run(database, FakeChannel(), account_id=thread.account.id)

    states = [(draft.kind, draft.visibility, draft.state) for draft in stored(database, thread)[1]]
    assert ("blank", "public", DraftState.SUPERSEDED) in states
    assert ("blank", "dm", DraftState.PROPOSED) in states
    assert ("full", "public", DraftState.PROPOSED) in states


def test_two_people_with_one_problem_are_not_told_the_same_words(database: Database) -> None:
    threads = [understood(database) for _number in range(3)]

    run(database)

    texts = [stored(database, thread)[2][0] for thread in threads]
    assert len(set(texts)) == 3
    first, second, third = (list_grams(text) for text in texts)
    assert max(find_likeness(first, second), find_likeness(first, third), find_likeness(second, third)) <= 0.6


def test_chika_sees_nothing_of_it(database: Database) -> None:
    thread = understood(database)
    run(database, FakeChannel(), account_id=thread.account.id)

    with database.transaction(THEIRS) as tx:
        assert claim_understood(tx, limit=5, lease=timedelta(minutes=1)) == []
        assert list_drafts(tx, MentionId(thread.mention.id)) == []
        with pytest.raises(NotFoundError):
            get_draft(tx, DraftId(1))


def test_a_claim_that_was_released_records_nothing(database: Database) -> None:
    understood(database)
    with database.transaction(OURS) as tx:
        [mention] = claim_understood(tx, limit=1, lease=timedelta(minutes=5))
        release(tx, mention.claimed)
        assert not record_drafts(tx, mention, [], problem="abuse")


# ---- files ----


def understand(text: str) -> Understanding:
    if "?" in text:
        return understanding(band=Band.UNKNOWN)
    return understanding(language=Language.EN if text.isascii() else Language.JA)


def draft_lines(
    tmp_path: Path, content: bytes
) -> tuple[list[dict[str, object]], list[tuple[int, str]], list[tuple[int, int]]]:
    source, target, told = tmp_path / "in.jsonl", tmp_path / "out.jsonl", []
    source.write_bytes(content)
    summary = draft_file(
        demo_book(),
        playbooks(),
        source,
        target,
        understand=understand,
        progress=lambda done, total: told.append((done, total)),
    )
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").split("\n")[:-1]]
    assert summary.lines == len(lines)
    return lines, list(summary.rejected), told


def test_a_file_is_drafted_line_for_line(tmp_path: Path) -> None:
    given = [
        {"id": 7, "text": COAT, "author": "ゆき"},
        {"id": "b", "text": "wrong coat arrived"},
        {"id": "c", "text": "what?"},
    ]

    lines, rejected, told = draft_lines(tmp_path, "\n".join(json.dumps(one) for one in given).encode())

    assert [line["id"] for line in lines] == [7, "b", "c"]
    assert all(set(line) == {"id", "route", "reason", "drafts"} for line in lines)
    first = lines[0]["drafts"]
    assert isinstance(first, list)
    assert [(one["kind"], one["visibility"], one["language"]) for one in first] == [
        ("full", "public", "ja"),
        ("dm_first", "dm", "ja"),
        ("dm_first", "public", "ja"),
        ("short", "public", "ja"),
    ]
    assert first[0]["text"].startswith("ゆきさん、")
    assert set(first[0]) == {"kind", "visibility", "language", "text", "citations", "checks"}
    assert (lines[0]["route"], lines[0]["reason"]) == ("manual", "imported")
    assert (lines[2]["reason"], lines[2]["drafts"]) == ("unknown_band", [])
    assert rejected == []
    assert told[-1][0] == told[-1][1]


def test_bad_lines_are_named_by_number_and_keep_their_place(tmp_path: Path) -> None:
    content = b'{"id":1}\nnonsense\n\n{"id":2,"text":"late"}\n[1]\n\xff\n{"text":5}\n{"id":"\\ud800","text":"late"}\n'

    lines, rejected, _told = draft_lines(tmp_path, content)

    assert [number for number, _why in rejected] == [1, 2, 3, 5, 6, 7]
    assert [line.get("line") for line in lines] == [1, 2, 3, None, 5, 6, 7, None]


def test_a_file_drafts_the_same_twice(tmp_path: Path) -> None:
    content = json.dumps({"id": 1, "text": COAT}).encode()

    assert draft_lines(tmp_path, content)[0] == draft_lines(tmp_path, content)[0]


def test_a_file_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id":1,"text":"late"}\n', encoding="utf-8")
    target.write_text("before", encoding="utf-8")

    def fail(_text: str) -> Understanding:
        raise RuntimeError("the model is gone")

    with pytest.raises(RuntimeError):
        draft_file(demo_book(), playbooks(), source, target, understand=fail, progress=lambda _done, _total: None)
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
    with pytest.raises(ImportFileError, match="cannot be read"):
        draft_file(demo_book(), playbooks(), tmp_path / "none", target, understand=fail, progress=lambda _d, _t: None)


def test_a_promise_by_the_clock_is_made_only_with_hours_set_and_told_to_the_approver(database: Database) -> None:
    promise = (
        Playbook.model_validate(
            {
                "id": "late",
                "language": "ja",
                "intent": "complaint",
                "moves": [
                    {"move": "apologise", "wordings": ["申し訳ございません。"]},
                    {"move": "next_step", "optional": True, "wordings": ["担当者が{when}確認いたします。"]},
                ],
            }
        ),
    )
    texts: dict[tuple[Weekday, ...], str] = {}
    asked: dict[tuple[Weekday, ...], list[str]] = {}
    choices: tuple[tuple[Weekday, ...], ...] = ((), WEEKDAYS)
    for days in choices:
        thread = understood(database)
        hours = HoursSettings(days=days, opens=time(0, 0), closes=time(0, 0))
        draft_pending(
            database,
            OURS,
            channels={},
            books={"default": demo_book()},
            playbooks=promise,
            limit=1,
            hours=hours,
            time_zone="Asia/Tokyo",
        )
        _mention, drafts, said = stored(database, thread)
        texts[days], asked[days] = said[0], drafts[0].open_questions

    assert "確認いたします" not in texts[()]
    assert re.search("(?:本日中に|明日の午前中に|明日中に)確認いたします", texts[WEEKDAYS])
    assert any(str(one).startswith("question.promise_by_clock|") for one in asked[WEEKDAYS])


def test_a_draft_is_held_against_those_that_were_stored_before(database: Database) -> None:
    first, second = understood(database), understood(database)
    run(database, limit=1)
    with database.snapshot(OURS) as tx:
        said = recent_wordings(tx)
    mention, _drafts, texts = stored(database, first)

    assert texts_said_lately("product", Language.JA, said)[0] in texts
    assert texts_said_lately("staff", Language.JA, said) == ()
    assert texts_said_lately("product", Language.EN, said) == ()
    run(database, limit=1)
    _mention, _drafts, others = stored(database, second)
    assert find_likeness(list_grams(texts[0]), list_grams(others[0])) < 0.6
    assert mention.id != second.mention.id
