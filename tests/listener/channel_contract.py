"""What any channel must pass. A channel's test file subclasses ``ChannelContract`` and gives two fixtures:

``platform``: a ``PlatformDriver``, the other side of the wire: it posts as customers do and shows what arrived.
``channel``: the channel under test, connected to that platform with an account of ours.

See docs/how-to/write-a-channel.md.
"""

import logging
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

import pytest

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.ports import Channel
from domain.replies import SendRequest, SendTarget, SentPost
from domain.words import Engagement, Language, MentionKind, Visibility
from kikite.logs import NOISY
from listener.retry_after import LONGEST_WAIT

APPROVED_AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LONG_TEXT_LENGTH = 2_500
OTHER_SIDE = ("uvicorn", "starlette", "mail", "aiosmtpd")
"""Loggers of the fakes, which run in this process and may say what they like."""
HARD_TEXTS = (
    "先週注文した緑のコートが届いたのですが、箱を開けたら青でした😢 どうなってるんですか？",
    "家族👨‍👩‍👧‍👦で使ってます🇯🇵 か\u3099ぎ\tﾊﾝｶｸ \u2066隔離\u2069 é e\u0301 \"quote\" <b>&amp;</b> \\n 'x'",
)
REPLY_TEXT = (
    "ご連絡ありがとうございます🙇 緑のコートをお送りします。Sorry — “the right coat” is on its way. e\u0301 <b>&amp;"
)


TURNED_TO_US = {Visibility.PUBLIC: Engagement.MENTIONED, Visibility.DM: Engagement.WROTE_DM, None: Engagement.POSTED}
"""How people engage with us by where we answer them. Without an account nobody can turn to us: posts are found."""


def turned_to_us(channel: Channel, mention: IncomingMention) -> Engagement:
    """Return how the author of ``mention`` engages with us. A review of ours turns to us wherever it is answered."""
    return Engagement.REVIEWED if mention.kind is MentionKind.REVIEW else TURNED_TO_US[answers_in(channel)]


class Break(StrEnum):
    """What the driver can make the next call run into."""

    PERMANENT = "permanent"
    """The platform refuses for good (credentials revoked, forbidden)."""
    RETRYABLE = "retryable"
    """The platform is busy and asks to wait 30 seconds; it surely did nothing."""
    LOST = "lost"
    """The request never arrives and no answer comes."""
    AMBIGUOUS = "ambiguous"
    """The platform does it, but the answer never arrives."""
    TORN = "torn"
    """The platform does it, and its answer breaks off in the middle."""
    UNTOLD = "untold"
    """The platform is busy and does not say for how long; it surely did nothing."""
    BROKEN = "broken"
    """The platform is out of order (HTTP 5xx) and says so in words that are not its interface's."""
    EXPIRED = "expired"
    """The platform no longer knows the sign-in that the call came with."""


class PlatformDriver(Protocol):
    """The other side. Implemented once for each platform's test double or partner server."""

    @property
    def page_size(self) -> int:
        """Mentions that the channel takes in one page at most (make it small: the tests post a few more)."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every password or token that the channel was given; empty when there is none."""
        ...

    def post(self, text: str, *, author: str = "aya") -> str:
        """Let customer ``author`` mention us publicly; return the post's external id once it can be polled."""
        ...

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        """Let ``author`` answer post ``to`` (a post of theirs or our reply) in its thread, mentioning us.

        Return "" where nobody but us can answer: there are no threads (reviews of an app store).
        """
        ...

    def post_as_us(self, text: str, *, to: str) -> None:
        """Post from our own account, not through the channel (a colleague with the app), answering ``to``."""
        ...

    def delete(self, external_id: str) -> None:
        """Let the author delete a post."""
        ...

    def edit(self, external_id: str, text: str) -> str:
        """Let the author change a post; return its id from then on, "" where nobody can or nobody is told."""
        ...

    def public_texts(self, *, to: str) -> list[str]:
        """Return the texts of our account's public answers to post ``to``, as anybody reads them."""
        ...

    def private_texts(self, *, author: str = "aya") -> list[str]:
        """Return the texts of our account's private messages to ``author``."""
        ...

    def break_next(self, call: str, how: Break) -> None:
        """Make the channel's next ``poll``, ``reply`` or ``probe`` run into ``how``; later calls work again."""
        ...


def read_all(channel: Channel, cursor: str | None = None) -> tuple[list[IncomingMention], str | None, int]:
    """Poll until nothing waits; return mentions, the last cursor and the number of pages."""
    found: list[IncomingMention] = []
    for number in range(1, 100):
        page = channel.poll(cursor)
        found.extend(page.mentions)
        cursor = page.cursor
        if not page.more:
            return found, cursor, number
    pytest.fail("the channel says 'more' forever")


def from_others(channel: Channel, mentions: list[IncomingMention]) -> list[IncomingMention]:
    """Return what intake would keep: everything but our own posts."""
    return [mention for mention in mentions if mention.author.external_id != channel.own_author_id]


def request_for(mention: IncomingMention, text: str = REPLY_TEXT, *, key: str = "k" * 32) -> SendRequest:
    """Return the request to answer ``mention`` as dispatch builds it."""
    return SendRequest(
        idempotency_key=key,
        approved_at=APPROVED_AT,
        text=text,
        language=Language.JA,
        target=SendTarget(
            external_id=mention.external_id,
            author_external_id=mention.author.external_id,
            author_handle=mention.author.handle,
            thread_external_id=mention.thread_external_id,
            url=mention.url,
            platform_data=mention.platform_data,
        ),
    )


def answers_in(channel: Channel) -> Visibility | None:
    """Return where the channel answers: in public, in private where everything is (mail), or nowhere (it only reads)."""
    if channel.capabilities.can_reply:
        return Visibility.PUBLIC
    return Visibility.DM if channel.capabilities.can_direct_message else None


def answer(channel: Channel, request: SendRequest) -> SentPost:
    """Answer once, where the channel answers."""
    return channel.direct_message(request) if answers_in(channel) is Visibility.DM else channel.reply(request)


def find_answer(channel: Channel, request: SendRequest) -> SentPost | None:
    """Look for our answer, where the channel answers."""
    return channel.find_reply(request, answers_in(channel) or Visibility.PUBLIC)


class ChannelContract:
    """Subclass it, give ``platform`` and ``channel``, and every promise of the port is tested."""

    asks_by = "poll"
    """The call that meets trouble at the platform without sending anything: ``probe`` where the platform brings everything itself."""

    @pytest.fixture(autouse=True)
    def table(self, request: pytest.FixtureRequest) -> None:
        """Let a test note in the table of channels and tests why it does not apply; see tests/contract_table.py."""
        self._noted = request.node.user_properties

    def not_applicable(self, why: str) -> None:
        """Note why this test says little of this channel."""
        self._noted.append(("not_applicable", why))

    def only_reads(self, platform: PlatformDriver, channel: Channel, mention: IncomingMention) -> bool:
        """Tell whether the channel says that it cannot answer. Then it must refuse for good, and nothing may arrive."""
        if answers_in(channel) is not None:
            return False
        before = platform.public_texts(to=mention.external_id)
        with pytest.raises(PermanentError) as caught:
            channel.reply(request_for(mention))
        assert caught.value.remedy
        assert channel.find_reply(request_for(mention), Visibility.PUBLIC) is None
        assert platform.public_texts(to=mention.external_id) == before
        self.not_applicable("it only reads, and refuses to answer")
        return True

    def ask(self, channel: Channel) -> None:
        """Ask the platform something, so that its trouble is met."""
        if self.asks_by == "probe":
            channel.probe()
        else:
            channel.poll(None)

    @pytest.fixture
    def platform(self) -> PlatformDriver:
        raise NotImplementedError

    @pytest.fixture
    def channel(self, platform: PlatformDriver) -> Channel:
        raise NotImplementedError

    @pytest.fixture
    def mention(self, platform: PlatformDriver, channel: Channel) -> IncomingMention:
        """One mention, as polled."""
        external_id = platform.post("The coat is blue, I ordered green.")
        found, _, _ = read_all(channel)
        return next(one for one in found if one.external_id == external_id)

    # -- reading -------------------------------------------------------------------------------------------------------

    def test_it_is_a_channel_with_a_name_and_an_account(self, channel: Channel) -> None:
        assert isinstance(channel, Channel)
        assert channel.kind == channel.kind.lower() != ""
        assert channel.own_author_id
        assert channel.probe().strip()
        assert "\n" not in channel.probe()

    def test_the_first_poll_of_a_silent_platform_is_empty_and_leaves_a_cursor_to_go_on_from(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        found, cursor, _ = read_all(channel)
        assert from_others(channel, found) == []
        external_id = platform.post("Hello")
        later, _, _ = read_all(channel, cursor)
        assert [one.external_id for one in from_others(channel, later)] == [external_id]

    def test_a_mention_arrives_whole(self, platform: PlatformDriver, channel: Channel) -> None:
        external_id = platform.post("The coat is blue.", author="aya")
        mention = from_others(channel, read_all(channel)[0])[0]
        assert mention.external_id == external_id
        assert mention.text == "The coat is blue."
        assert mention.kind in set(MentionKind)
        assert mention.engagement is turned_to_us(channel, mention)
        assert mention.author.external_id
        assert "aya" in mention.author.handle
        assert mention.author.external_id != channel.own_author_id
        assert mention.created_at.tzinfo is not None
        assert mention.url.startswith("https://")

    def test_texts_in_japanese_with_emoji_and_combining_marks_arrive_character_by_character(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        ids = [platform.post(text) for text in HARD_TEXTS]
        by_id = {one.external_id: one.text for one in read_all(channel)[0]}
        assert [by_id[external_id] for external_id in ids] == list(HARD_TEXTS)

    def test_the_same_cursor_gives_at_least_the_same_posts_again(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        before = [platform.post(f"number {number}") for number in range(2)]
        first, _, _ = read_all(channel)
        after = platform.post("a later one")
        again, _, _ = read_all(channel)
        assert {*before} <= {one.external_id for one in first}
        assert {*before, after} <= {one.external_id for one in again}

    def test_new_posts_come_after_the_cursor_and_none_is_lost(self, platform: PlatformDriver, channel: Channel) -> None:
        seen: list[str] = []
        posted: list[str] = []
        cursor: str | None = None
        for number in range(3):
            posted.append(platform.post(f"round {number}"))
            found, cursor, _ = read_all(channel, cursor)
            seen.extend(one.external_id for one in from_others(channel, found))
        assert list(dict.fromkeys(seen)) == posted

    def test_more_posts_than_a_page_holds_come_in_pages_and_none_is_lost(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        _, cursor, _ = read_all(channel)
        posted = {platform.post(f"storm {number}") for number in range(platform.page_size + 2)}
        found, cursor, pages = read_all(channel, cursor)
        assert posted <= {one.external_id for one in found}
        assert pages >= 2
        later = platform.post("after the storm")
        assert later in {one.external_id for one in read_all(channel, cursor)[0]}

    def test_a_poll_cut_after_its_first_page_goes_on_from_that_pages_cursor(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        _, cursor, _ = read_all(channel)
        posted = {platform.post(f"cut {number}") for number in range(platform.page_size + 2)}
        first = channel.poll(cursor)
        rest, _, _ = read_all(channel, first.cursor)
        assert posted <= {one.external_id for one in (*first.mentions, *rest)}

    def test_an_edited_post_is_read_with_its_new_words(self, platform: PlatformDriver, channel: Channel) -> None:
        first = platform.post("The coat is blue.")
        read_all(channel)
        changed = platform.edit(first, "The coat is green after all.")
        texts = {one.external_id: one.text for one in from_others(channel, read_all(channel)[0])}
        if not changed:
            self.not_applicable("nobody can edit, or nobody is told")
            assert texts == {first: "The coat is blue."}
            return
        assert texts[changed] == "The coat is green after all."
        assert "The coat is blue." not in texts.values()

    def test_a_very_long_post_arrives_whole(self, platform: PlatformDriver, channel: Channel) -> None:
        text = ("長い話です。It goes on. " * LONG_TEXT_LENGTH)[: getattr(platform, "longest", LONG_TEXT_LENGTH)].strip()
        external_id = platform.post(text)
        by_id = {one.external_id: one.text for one in read_all(channel)[0]}
        assert by_id[external_id] == text

    def test_an_answer_in_a_thread_names_its_parent_and_its_thread(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        root = platform.post("The coat is blue.")
        later = platform.post_reply("And it is late, too.", to=root)
        if not later:
            self.not_applicable("it has no threads that others answer in")
            assert {one.parent_external_id for one in read_all(channel)[0]} == {""}
            return
        by_id = {one.external_id: one for one in read_all(channel)[0]}
        assert by_id[later].parent_external_id == root
        assert by_id[later].thread_external_id == (by_id[root].thread_external_id or root)
        if channel.capabilities.can_reply:
            assert by_id[later].engagement in {Engagement.REPLIED, Engagement.MENTIONED}
        else:
            assert by_id[later].engagement is turned_to_us(channel, by_id[later])

    def test_our_own_posts_are_left_out_or_carry_our_own_id(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        platform.post_as_us("we answer by hand", to=mention.external_id)
        if not self.only_reads(platform, channel, mention):
            answer(channel, request_for(mention))
        ours = {"we answer by hand", REPLY_TEXT}
        found = from_others(channel, read_all(channel)[0])
        assert mention.external_id in {one.external_id for one in found}
        assert not ours & {one.text for one in found}

    # -- answering -----------------------------------------------------------------------------------------------------

    def test_a_reply_appears_exactly_once_under_the_post_and_character_by_character(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        sent = answer(channel, request_for(mention))
        assert sent.external_id
        assert platform.public_texts(to=mention.external_id) == [REPLY_TEXT]

    def test_a_reply_that_was_sent_is_found(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        request = request_for(mention)
        sent = answer(channel, request)
        found = find_answer(channel, request)
        assert found is not None
        assert found.external_id == sent.external_id

    def test_a_reply_that_was_not_sent_is_not_found(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        other = platform.post("Another post", author="emi")
        by_id = {one.external_id: one for one in read_all(channel)[0]}
        answer(channel, request_for(by_id[other], "Thank you!", key="o" * 32))
        assert find_answer(channel, request_for(mention)) is None

    def test_a_reply_whose_answer_was_torn_is_uncertain_and_then_found(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        request = request_for(mention)
        platform.break_next("reply", Break.AMBIGUOUS)
        with pytest.raises(SendUncertainError):
            answer(channel, request)
        assert find_answer(channel, request) is not None
        assert platform.public_texts(to=mention.external_id) == [REPLY_TEXT]

    def test_a_reply_that_got_lost_is_uncertain_then_surely_absent_and_may_be_sent_again(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        request = request_for(mention)
        platform.break_next("reply", Break.LOST)
        with pytest.raises(SendUncertainError):
            answer(channel, request)
        assert find_answer(channel, request) is None
        answer(channel, request)
        assert platform.public_texts(to=mention.external_id) == [REPLY_TEXT]

    def test_a_busy_platform_is_a_retryable_error_with_its_delay_and_nothing_was_posted(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        if self.only_reads(platform, channel, mention):
            return
        platform.break_next("reply", Break.RETRYABLE)
        with pytest.raises(RetryableError) as caught:
            answer(channel, request_for(mention))
        assert caught.value.retry_after_seconds == pytest.approx(30, abs=2)
        assert platform.public_texts(to=mention.external_id) == []

    def test_an_answer_to_a_deleted_post_is_refused_for_good_or_known_beforehand(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        platform.delete(mention.external_id)
        facts = channel.eligibility(request_for(mention).target)
        if facts.exists is not False:
            with pytest.raises(PermanentError):
                answer(channel, request_for(mention))

    def test_a_direct_message_arrives_once_and_is_found_or_is_refused_for_good(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        request = request_for(mention)
        if channel.capabilities.can_direct_message:
            assert channel.find_reply(request, Visibility.DM) is None
            sent = channel.direct_message(request)
            found = channel.find_reply(request, Visibility.DM)
            assert found is not None
            assert found.external_id == sent.external_id
            assert platform.private_texts() == [REPLY_TEXT]
            if answers_in(channel) is Visibility.DM:
                with pytest.raises(PermanentError):
                    channel.reply(request)
        else:
            self.not_applicable("it has no private messages, and refuses to send one")
            with pytest.raises(PermanentError):
                channel.direct_message(request)
            assert platform.private_texts() == []

    # -- what is allowed -----------------------------------------------------------------------------------------------

    def test_an_open_post_may_be_answered(self, channel: Channel, mention: IncomingMention) -> None:
        facts = channel.eligibility(request_for(mention).target)
        assert facts.exists is not False
        assert facts.replies_allowed is not False

    def test_a_deleted_post_is_no_longer_there(self, platform: PlatformDriver, channel: Channel) -> None:
        kept, deleted = platform.post("stays"), platform.post("goes")
        assert channel.still_there([kept, deleted]) == {kept, deleted}
        platform.delete(deleted)
        assert channel.still_there([kept, deleted]) == {kept}
        assert channel.still_there([]) == frozenset()

    @pytest.mark.parametrize("visibility", list(Visibility))
    def test_length_is_counted_at_the_limit_and_over_it(self, channel: Channel, visibility: Visibility) -> None:
        limit = channel.measure("", visibility).limit
        assert channel.measure("", visibility).length == 0
        assert limit >= 0
        at_limit = channel.measure("a" * limit, visibility)
        over = channel.measure("a" * (limit + 1), visibility)
        assert at_limit.fits
        assert over.length == limit + 1
        assert over.fits is (limit == 0)

    def test_measuring_takes_any_text(self, channel: Channel) -> None:
        for text in (*HARD_TEXTS, "\x00", "\ud800", "e" + "\u0301" * 500, unicodedata.lookup("ZERO WIDTH JOINER")):
            assert channel.measure(text, Visibility.PUBLIC).length >= 0

    # -- trouble -------------------------------------------------------------------------------------------------------

    def test_a_refusal_for_good_is_a_permanent_error_that_says_what_to_do(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        self.ask(channel)
        platform.break_next(self.asks_by, Break.PERMANENT)
        with pytest.raises(PermanentError) as caught:
            self.ask(channel)
        assert caught.value.code
        assert caught.value.remedy

    def test_a_busy_platform_asks_the_poller_to_wait(self, platform: PlatformDriver, channel: Channel) -> None:
        self.ask(channel)
        platform.break_next(self.asks_by, Break.RETRYABLE)
        with pytest.raises(RetryableError) as caught:
            self.ask(channel)
        assert caught.value.retry_after_seconds == pytest.approx(30, abs=2)
        platform.post("still here")
        assert from_others(channel, read_all(channel)[0])

    @pytest.mark.parametrize("how", [Break.UNTOLD, Break.BROKEN, Break.TORN], ids=str)
    def test_trouble_that_passes_is_retryable_and_the_same_cursor_then_brings_everything(
        self, platform: PlatformDriver, channel: Channel, how: Break
    ) -> None:
        """Busy without a time, HTTP 5xx with a web page, an answer that breaks off."""
        _, cursor, _ = read_all(channel)
        self.ask(channel)
        posted = {platform.post(f"number {number}") for number in range(2)}
        platform.break_next(self.asks_by, how)
        with pytest.raises(RetryableError) as caught:
            self.ask(channel)
        asked = caught.value.retry_after_seconds
        assert asked is None or 0 < asked <= LONGEST_WAIT
        assert posted <= {one.external_id for one in read_all(channel, cursor)[0]}

    def test_a_sign_in_that_ran_out_is_renewed_or_told_to_a_person(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        if not platform.secrets:
            self.not_applicable("it signs in nowhere")
            return
        self.ask(channel)
        external_id = platform.post("still here")
        platform.break_next(self.asks_by, Break.EXPIRED)
        remedy = "it signed in anew"
        try:
            self.ask(channel)
        except PermanentError as error:
            remedy = error.remedy
        assert remedy
        assert external_id in {one.external_id for one in read_all(channel)[0]}

    def test_secrets_stand_in_no_log(
        self,
        platform: PlatformDriver,
        channel: Channel,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for noisy in NOISY:
            caplog.set_level(logging.WARNING, logger=noisy)  # as the product does, whatever level it is told
        platform.post("The coat is blue.")
        mention = from_others(channel, read_all(channel)[0])[0]
        channel.probe()
        for how in (Break.BROKEN, Break.TORN, Break.PERMANENT):
            platform.break_next(self.asks_by, how)
            with pytest.raises(ChannelError):
                self.ask(channel)
        if answers_in(channel) is not None:
            platform.break_next("reply", Break.AMBIGUOUS)
            with pytest.raises(SendUncertainError):
                answer(channel, request_for(mention))
        ours = [record for record in caplog.records if not record.name.startswith(OTHER_SIDE)]
        said = "\n".join([*map(logging.Formatter("%(message)s").format, ours), *capfd.readouterr()])
        for secret in platform.secrets:
            assert secret not in said, f"a log says {secret[:4]}..."

    def test_secrets_show_in_neither_repr_nor_errors(self, platform: PlatformDriver, channel: Channel) -> None:
        self.ask(channel)
        said = [repr(channel), str(channel), channel.probe()]
        for how in (Break.PERMANENT, Break.RETRYABLE):
            platform.break_next(self.asks_by, how)
            with pytest.raises(ChannelError) as caught:
                self.ask(channel)
            said += [str(caught.value), repr(caught.value), caught.value.remedy]
        for secret in platform.secrets:
            assert not [line for line in said if secret in line]

    def test_closing_twice_is_harmless(self, channel: Channel) -> None:
        channel.close()
        channel.close()
