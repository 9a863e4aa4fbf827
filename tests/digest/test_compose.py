"""The mail as its reader gets it: when it is composed, what both parts say in both languages, and what never gets in."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.brand_book import Bilingual, BrandBook, Voice
from config.locale import catalogue
from config.settings import DigestReader, Settings
from digest.compose import RenderedDigest, compose_digests, render_preview, why_nothing
from digest.lines import split_hundred
from domain.clock import FixedClock
from domain.lifecycle import DigestState
from domain.words import AlertSeverity, Intent, Period, Topic, Urgency
from storage.alerts import raise_alert
from storage.database import Database
from storage.digests import blank_digests_quoting, list_digests
from storage.models import Digest, User
from tests.cast import OURS, THEIRS
from tests.digest.news import AOI, BEN, DESK, Newsroom, make_settings, open_newsroom

HOUR = timedelta(hours=1)
AT_SIX = timedelta(hours=6)
"""From noon in Tokyo to the hour of the digest."""
PRAISE = {"intent": Intent.PRAISE, "constructive": None, "sentiment": "positive"}


@pytest.fixture
def news(any_database: Database, clock: FixedClock) -> Newsroom:
    return open_newsroom(any_database, clock)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, AOI, BEN)


def compose(news: Newsroom, home: Settings, *, books: dict[str, BrandBook] | None = None) -> int:
    return compose_digests(news.database, OURS, settings=home, period=Period.DAILY, books=books or {})


def stored(news: Newsroom) -> list[Digest]:
    """Digests in the order they were composed."""
    with news.database.snapshot(OURS) as tx:
        rows = list(reversed(list_digests(tx)))
        tx.session.expunge_all()
    return rows


def preview(news: Newsroom, home: Settings, language: str = "ja") -> RenderedDigest:
    return render_preview(news.database, OURS, settings=home, period=Period.DAILY, language=language)


class _Visible(HTMLParser):
    """What a person sees of an HTML part, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.languages: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_attributes = dict(attrs)
        self._hidden += tag in ("style", "title")
        if tag == "a":
            self.links.append(given_attributes.get("href") or "")
        if "lang" in given_attributes:
            self.languages.append(given_attributes["lang"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def see(html: str) -> _Visible:
    parser = _Visible()
    parser.feed(html)
    return parser


def busy_day(news: Newsroom, ben: User) -> None:
    """A day with something in every part of the mail."""
    news.post("緑のコートを頼んだのに青が届きました", ago=5 * HOUR, waiting=True, overdue=True, labels={})
    news.post("Where is my parcel?", ago=2 * HOUR, waiting=True, labels={"intent": Intent.QUESTION, "language": "en"})
    news.post("店員さんが親切でした", labels=PRAISE)
    news.post("最悪", labels={"constructive": False})
    news.answer(news.post("q", ago=3 * HOUR, labels={"intent": Intent.QUESTION}), ben, after=timedelta(minutes=12))
    with news.database.transaction(OURS) as tx:
        raise_alert(
            tx,
            "delivery_uncertain",
            dedupe_key="k",
            severity=AlertSeverity.CRITICAL,
            values={"channel": "shop"},
            conversation_id=1,
        )


def test_nothing_is_composed_for_a_day_before_we_began(news: Newsroom, home: Settings) -> None:
    assert compose(news, home) == 0


def test_every_reader_gets_one_digest_in_their_language_when_the_day_ends(news: Newsroom, home: Settings) -> None:
    news.clock.advance(AT_SIX - timedelta(seconds=1))
    assert compose(news, home) == 0
    news.clock.advance(timedelta(seconds=1))
    assert compose(news, home) == 2
    rows = stored(news)
    assert [(row.reader_address, row.language, row.state) for row in rows] == [
        ("aoi@example.com", "ja", "composed"),
        ("ben@example.com", "en", "composed"),
    ]
    assert rows[0].window_to == news.clock.now()
    assert rows[0].dedupe_key == "daily:2026-11-20T09:00+00:00:aoi@example.com"
    assert rows[0].message_id != rows[1].message_id
    assert re.fullmatch(r"<digest\.[0-9a-f]{32}@example\.com>", rows[0].message_id)


def test_a_second_run_composes_none(news: Newsroom, home: Settings) -> None:
    news.clock.advance(AT_SIX)
    assert [compose(news, home), compose(news, home)] == [2, 0]
    news.clock.advance(23 * HOUR)
    assert compose(news, home) == 0
    news.clock.advance(HOUR)
    assert compose(news, home) == 2


def test_many_workers_at_once_compose_one_digest_a_reader(news: Newsroom, home: Settings) -> None:
    news.clock.advance(AT_SIX)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: compose(news, home), range(4)))
    assert sum(made) == 2
    assert len(stored(news)) == 2


def test_days_missed_are_caught_up_once_for_the_last_only(news: Newsroom, home: Settings) -> None:
    news.clock.advance(AT_SIX + timedelta(days=5, hours=10))
    assert compose(news, home) == 2
    assert {row.window_to for row in stored(news)} == {news.clock.now() - 10 * HOUR}


def test_a_reader_who_is_added_later_gets_the_last_day_too(news: Newsroom, tmp_path: Path) -> None:
    news.clock.advance(AT_SIX)
    compose(news, make_settings(tmp_path, AOI))
    assert compose(news, make_settings(tmp_path, AOI, BEN)) == 1


def test_a_reader_named_twice_gets_one_mail(news: Newsroom, tmp_path: Path) -> None:
    news.clock.advance(AT_SIX)
    twice = DigestReader(address="AOI@example.com", language="en")
    assert compose(news, make_settings(tmp_path, AOI, twice)) == 1


def test_an_address_as_long_as_mail_allows_fits(news: Newsroom, tmp_path: Path) -> None:
    news.clock.advance(AT_SIX)
    long = DigestReader(address="a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example", language="ja")
    assert compose(news, make_settings(tmp_path, long)) == 1


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("ja", "【青い山の洋品店】新着5件・返信待ち2件・期限超過1件"),
        ("en", "青い山の洋品店: 5 new, 2 waiting, 1 overdue"),
    ],
)
def test_the_subject_carries_the_three_numbers(
    news: Newsroom, home: Settings, ben: User, language: str, subject: str
) -> None:
    busy_day(news, ben)
    rendered = preview(news, home, language)
    assert rendered.subject == subject


@pytest.mark.parametrize("language", ["ja", "en"])
def test_both_parts_say_the_same_and_lead_to_the_same_places(
    news: Newsroom, home: Settings, ben: User, language: str
) -> None:
    busy_day(news, ben)
    rendered = preview(news, home, language)
    page = see(rendered.html)
    seen = " ".join(page.words)
    assert set(page.links) == set(re.findall(r"https?://\S+", rendered.text))
    assert f"{DESK}/inbox/1" in page.links
    words = catalogue("digest")
    headings = ("alerts", "waiting", "labels", "praise", "constructive", "times")
    places = [rendered.text.index(f"== {words[f'{name}.heading'][language]} ==") for name in headings]
    assert places == sorted(places)
    for said in (*(words[f"{name}.heading"][language] for name in headings), "緑のコートを頼んだのに青が届きました"):
        assert said in seen
        assert said in rendered.text
    for number in ("12分" if language == "ja" else "12 min", "100%"):
        assert number in seen
        assert number in rendered.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_mail_says_its_language_and_that_of_each_quote(
    news: Newsroom, home: Settings, ben: User, language: str
) -> None:
    busy_day(news, ben)
    languages = see(preview(news, home, language).html).languages
    assert languages[0] == language
    assert {"ja", "en"} <= set(languages[1:])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "新しい声は届いていません。お待たせしている方もいません。"),
        ("en", "Nothing new came in, and nobody is waiting."),
    ],
)
def test_an_empty_day_says_so(news: Newsroom, home: Settings, language: str, said: str) -> None:
    rendered = preview(news, home, language)
    assert said in rendered.text
    assert said in rendered.html
    assert catalogue("digest")["waiting.heading"][language] not in rendered.text


def test_a_quiet_day_with_people_waiting_does_not_say_that_nobody_waits(news: Newsroom, home: Settings) -> None:
    news.post("old", ago=30 * HOUR, waiting=True, labels={})
    rendered = preview(news, home, "en")
    assert "Nothing new came in." in rendered.text
    assert "nobody is waiting" not in rendered.text
    assert "waiting 30 hr" in rendered.text


def test_the_words_of_a_direct_message_are_not_in_the_mail(news: Newsroom, home: Settings) -> None:
    news.post("my card is 4111", waiting=True, labels={}, kind="message", engagement="wrote_dm")
    rendered = preview(news, home)
    assert "4111" not in rendered.html + rendered.text
    assert "DM（本文はメールに載せません）" in rendered.text


def test_contact_details_in_a_post_are_not_in_the_mail(news: Newsroom, home: Settings) -> None:
    news.post("電話 090-1234-5678 か taro@example.org まで", waiting=True, labels={})
    rendered = preview(news, home)
    for part in (rendered.html, rendered.text):
        assert "5678" not in part
        assert "taro" not in part


def test_neither_names_nor_handles_of_customers_are_in_the_mail(news: Newsroom, home: Settings) -> None:
    news.post(
        "broken",
        waiting=True,
        labels={},
        author={"external_id": "u1", "handle": "hanako77", "display_name": "山田花子"},
    )
    rendered = preview(news, home)
    for part in (rendered.html, rendered.text):
        assert "hanako77" not in part
        assert "山田花子" not in part


def test_a_hostile_post_is_only_words(news: Newsroom, home: Settings) -> None:
    hostile = "</td><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %} \"' & \u202e evil"
    news.post(hostile, waiting=True, labels={}, text_original=hostile)
    with news.database.transaction(OURS) as tx:
        raise_alert(
            tx,
            "delivery_refused",
            dedupe_key="k",
            severity=AlertSeverity.WARNING,
            values={"channel": "<b>shop</b>{0}", "detail": "<i>{detail}</i> https://evil.example"},
        )
    rendered = preview(news, home, "en")
    page = see(rendered.html)
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert "<b>shop" not in rendered.html
    assert "evil.example" not in rendered.html
    assert "\u202e" not in rendered.html
    assert any("<script>alert(1)</script>" in words for words in page.words)
    assert all(link.startswith(DESK) for link in page.links)


@pytest.fixture
def hours() -> Iterator[int]:
    """One, two, three ... hours ago: who is posted later has waited longer and is quoted."""
    return count(1)


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_post_can_be_quoted(
    database: Database, clock: FixedClock, tmp_path: Path, hours: Iterator[int], text: str
) -> None:
    hour = next(hours)
    news = open_newsroom(database, clock, name=f"shop-{hour}")
    thread = news.post(text, ago=hour * HOUR, waiting=True, labels={})
    rendered = preview(news, make_settings(tmp_path), "en")
    assert f"{DESK}/inbox/{thread.conversation.id}" in rendered.text
    assert see(rendered.html).links
    rendered.text.encode()


def test_an_alert_of_a_kind_nobody_described_does_not_stop_the_mail(news: Newsroom, home: Settings) -> None:
    with news.database.transaction(OURS) as tx:
        raise_alert(tx, "of_a_plugin", dedupe_key="a", severity=AlertSeverity.INFO, values={})
        raise_alert(tx, "delivery_refused", dedupe_key="b", severity=AlertSeverity.INFO, values={"other": "x"})
    rendered = preview(news, home)
    assert "of_a_plugin" in rendered.text
    assert "delivery_refused" in rendered.text


def test_more_alerts_than_fit_are_counted(news: Newsroom, home: Settings) -> None:
    with news.database.transaction(OURS) as tx:
        for number in range(8):
            values = {"channel": f"c{number}", "detail": "-"}
            raise_alert(tx, "delivery_refused", dedupe_key=str(number), severity=AlertSeverity.WARNING, values=values)
    assert "3 more alerts" in preview(news, home, "en").text
    assert "ほか3件のアラート" in preview(news, home, "ja").text


BLUE_HILL = Bilingual(ja="青い山", en="Blue Hill")
RED_SEA = Bilingual(ja="赤い海", en="Red Sea")


def books_of(names: dict[str, Bilingual]) -> dict[str, BrandBook]:
    return {
        name: BrandBook(voice=Voice(id=name, name=words, sign_off=words, contact_dm=words))
        for name, words in names.items()
    }


def test_two_brands_are_told_apart(news: Newsroom, home: Settings) -> None:
    news.post("broken", ago=timedelta(0), waiting=True, labels={})
    news.clock.advance(AT_SIX)
    compose(news, home, books=books_of({"default": BLUE_HILL, "other": RED_SEA}))
    ja, en = stored(news)
    assert "青い山 · shop-bluesky" in ja.text
    assert "Blue Hill · shop-bluesky" in en.text
    assert en.subject.startswith("青い山の洋品店: ")  # neither brand is the shop


def test_a_shop_of_one_brand_is_called_by_its_name_in_the_readers_language(news: Newsroom, home: Settings) -> None:
    news.clock.advance(AT_SIX)
    compose(news, home, books=books_of({"default": BLUE_HILL}))
    ja, en = stored(news)
    assert ja.subject.startswith("【青い山】")
    assert en.subject.startswith("Blue Hill: ")
    assert "青い山" not in en.text + en.html


@pytest.mark.parametrize(
    ("waited", "ja", "en"),
    [
        (timedelta(minutes=59), "59分", "59 min"),
        (timedelta(hours=47, minutes=59), "47時間", "47 hr"),
        (timedelta(hours=48), "2日", "2 days"),
        (timedelta(days=10), "10日", "10 days"),
        (timedelta(days=12), "12日", "12 days"),
        (timedelta(days=59), "59日", "59 days"),
        (timedelta(days=60), "2か月", "2 mths"),
    ],
)
def test_people_who_wait_differently_long_are_told_apart(
    news: Newsroom, home: Settings, waited: timedelta, ja: str, en: str
) -> None:
    news.post("old", ago=waited, waiting=True, labels={})
    assert f"{ja}経過" in preview(news, home, "ja").text
    assert f"waiting {en}\n" in preview(news, home, "en").text.replace(" / overdue", "")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_labels_are_the_words_of_the_desk(news: Newsroom, home: Settings, ben: User, language: str) -> None:
    busy_day(news, ben)
    labels = {key: words[language] for key, words in catalogue("labels").items()}
    said = preview(news, home, language).text
    for share in ("constructive.constructive", "constructive.venting", "intent.praise", "intent.question"):
        assert f"* {labels[share]}: " in said
    assert re.search(
        rf"{labels['urgency.critical']} 10.+{labels['urgency.high']} 30.+{labels['urgency.low']} 480", said
    )


def test_who_gets_no_digest_is_told_why(news: Newsroom, home: Settings, tmp_path: Path) -> None:
    def why(settings: Settings) -> tuple[str, ...]:
        return why_nothing(news.database, OURS, settings=settings, period=Period.DAILY)

    today = "Today's is not due yet: it is composed at 18:00 (Asia/Tokyo)."
    assert why(make_settings(tmp_path)) == ("Nobody is set to read it: name readers under [digest] in the settings.",)
    early = "The day that ended 2026-11-19 18:00 (Asia/Tokyo) was over before this home began."
    assert why(home) == (early, today)
    news.clock.advance(AT_SIX)
    assert why(home) == ()
    compose(news, make_settings(tmp_path, AOI))
    assert why(home) == ()  # Ben still has none
    compose(news, home)
    done = "The day that ended 2026-11-20 18:00 (Asia/Tokyo) is composed already for aoi@example.com, ben@example.com."
    assert why(home) == (done,)
    news.clock.advance(23 * HOUR)
    assert why(home) == (done, today)


def test_an_own_topic_of_a_brand_is_named_as_it_is(news: Newsroom, home: Settings) -> None:
    news.post("x", labels={"topic": "gift_wrap"})
    assert "gift_wrap：0件 → 1件" in preview(news, home).text


def test_every_topic_and_kind_of_alert_is_told_in_both_languages() -> None:
    words = catalogue("labels")
    assert {f"topic.{topic}" for topic in Topic} <= set(words)
    assert {f"urgency.{urgency}" for urgency in Urgency} <= set(words)
    alerts = catalogue("alerts")
    kinds = {key.rpartition(".")[0] for key in alerts}
    assert {f"{kind}.{part}" for kind in kinds for part in ("title", "remedy")} == set(alerts)


def test_the_html_needs_nothing_from_elsewhere_and_fits_mail_programs(
    news: Newsroom, home: Settings, ben: User
) -> None:
    busy_day(news, ben)
    html = preview(news, home).html
    assert 'width="600"' in html
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<(link|img|script|svg|iframe)\b", html)
    assert "url(" not in html
    assert len(html.encode()) < 100_000
    assert sum(map(int, re.findall(r'<td class="slice[^>]* width="(\d+)%"', html))) == 100


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_a_bar_is_always_whole(numbers: list[int]) -> None:
    parts = split_hundred(numbers)
    assert sum(parts) == 100
    assert min(parts) >= 1


def test_a_deleted_post_takes_its_words_out_of_stored_digests(news: Newsroom, home: Settings) -> None:
    thread = news.post("delete me", ago=timedelta(0), waiting=True, labels={})
    news.clock.advance(AT_SIX)
    compose(news, home)
    sent, waiting = stored(news)
    with news.database.transaction(OURS) as tx:
        tx.session.merge(sent).state = DigestState.SENT
    with news.database.transaction(THEIRS) as tx:
        assert blank_digests_quoting(tx, [thread.mention.id]) == 0
    with news.database.transaction(OURS) as tx:
        assert blank_digests_quoting(tx, [thread.mention.id]) == 2
        assert blank_digests_quoting(tx, [thread.mention.id]) == 0
    (left,) = stored(news)
    assert (left.id, left.html, left.text) == (sent.id, "", "")
    with news.database.transaction(OURS) as tx:
        tx.session.merge(thread.mention).state = "gone"
    assert compose(news, home) == 1  # the one that was not sent yet, now without those words
    assert waiting.id != stored(news)[1].id
    assert "delete me" not in stored(news)[1].text


def test_a_preview_stores_nothing(news: Newsroom, home: Settings) -> None:
    preview(news, home)
    assert stored(news) == []
