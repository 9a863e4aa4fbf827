"""The spend meter agrees with the platform's own bill: each thing once in a UTC day, and nothing is forgotten."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError, SendUncertainError
from domain.words import Visibility
from listener.channels.x.memory import Memory
from listener.channels.x.prices import load_prices, read_prices
from tests.cast import NOON
from tests.listener.channel_contract import request_for
from tests.listener.x.stage import Stage, read_mentions, read_pages
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.x_views import POSTS, Views


def spent(stage: Stage, *, owns_app: bool = True) -> float:
    pages = read_pages(stage.open(search=["coat"], owns_app=owns_app))
    return float(sum(page.cost_usd for page in pages))


def test_the_meter_agrees_with_the_bill(stage: Stage) -> None:
    for number in range(7):
        stage.world.post(f"coat {number}", author=f"person{number % 3}")
    stage.world.post("coat, found", mention=False)
    stage.world.say("hello", sender="aya", to="shop")

    # seven mentions, one found post, five profiles (ours too), one message
    assert spent(stage) == pytest.approx(7 * 0.001 + 0.005 + 5 * 0.010 + 0.010)
    assert stage.server.bill_usd == pytest.approx(7 * 0.001 + 0.005 + 5 * 0.010 + 0.010)


def test_the_meter_agrees_with_the_bill_under_the_new_names(stage: Stage) -> None:
    stage.server.names, stage.server.views = POSTS, Views(stage.world, POSTS)
    ours = stage.world.post("New coats!", author="shop", mention=False)
    stage.world.post("@shop in blue?", reply_to=ours.id)
    stage.world.say("hello", sender="emi", to="shop")
    channel = stage.open(oauth2=True, post_fields=True, search=["coats"])
    channel.probe()
    pages = read_pages(channel)
    mention, message = (one for page in pages for one in page.mentions)
    channel.eligibility(request_for(mention).target)
    channel.find_reply(request_for(mention), Visibility.PUBLIC)
    channel.find_reply(request_for(message), Visibility.DM)
    stage.clock.advance(timedelta(days=1))
    pages += read_pages(channel)

    assert stage.server.bill_usd > 0.05
    assert sum(page.cost_usd for page in pages) == pytest.approx(stage.server.bill_usd)


def test_the_same_post_costs_once_in_a_utc_day(stage: Stage) -> None:
    stage.world.post("coat")
    first = spent(stage)
    stage.clock.advance(timedelta(hours=1))
    again = spent(stage)
    stage.clock.advance(timedelta(hours=24))
    tomorrow = spent(stage)

    assert first > 0
    assert again == 0
    assert tomorrow > 0
    assert stage.server.bill_usd == pytest.approx(first + tomorrow)


def test_what_is_spent_between_polls_comes_with_the_next_page(stage: Stage) -> None:
    channel = stage.open()
    stage.world.post("The coat is blue.")
    (mention,) = read_mentions(channel)
    before = stage.server.bill_usd
    channel.eligibility(request_for(mention).target)
    channel.still_there([mention.external_id])
    channel.reply(request_for(mention, "Thank you!"))
    channel.find_reply(request_for(mention, "Thank you!"), Visibility.PUBLIC)
    channel.direct_message(request_for(mention))

    cost = sum(page.cost_usd for page in read_pages(channel))

    # The post and its author were billed today already; our reply was read, and three things were written or read.
    read_since = stage.server.bill_usd - before
    assert cost == pytest.approx(read_since + 0.010 + 0.015)
    assert sum(page.cost_usd for page in read_pages(channel)) == 0


def test_a_reply_with_an_address_costs_more(stage: Stage) -> None:
    channel = stage.open()
    stage.world.post("Where is the FAQ?")
    (mention,) = read_mentions(channel)
    channel.reply(request_for(mention, "Here: https://shop.example.com/faq"))

    assert channel.poll(None).cost_usd == pytest.approx(0.200)


@pytest.mark.parametrize("fault", [Cut.AFTER, Cut.HALF, Answer(503, b""), Answer(201, b"{}")])
def test_a_doubtful_send_is_charged_as_it_may_stand(stage: Stage, fault: Cut | Answer) -> None:
    channel = stage.open()
    stage.world.post("Where is the FAQ?")
    (mention,) = read_mentions(channel)
    stage.proxy.fail_next("POST /2/tweets", fault)
    stage.proxy.fail_next("/messages", fault)

    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention, "Here: https://shop.example.com/faq"))
    with pytest.raises(SendUncertainError):
        channel.direct_message(request_for(mention))

    assert channel.poll(None).cost_usd == pytest.approx(0.200 + 0.015)


def test_a_refused_send_costs_nothing(stage: Stage) -> None:
    channel = stage.open()
    stage.world.post("Where is the FAQ?")
    (mention,) = read_mentions(channel)
    stage.proxy.fail_next("POST /2/tweets", Answer(403, b"{}"))

    with pytest.raises(PermanentError):
        channel.reply(request_for(mention))

    assert channel.poll(None).cost_usd == 0


def test_what_was_billed_before_a_poll_failed_comes_with_the_next_page(stage: Stage) -> None:
    channel = stage.open(search=["coat"], secrets={"bearer_token": "bearer-1"})
    stage.world.post("The coat is blue.")
    channel.probe()
    stage.server.hides_fields = True
    with pytest.raises(PermanentError):
        channel.poll(None)
    stage.server.hides_fields = False
    stage.proxy.fail_next("/search/recent", Answer(503, b""))

    pages = read_pages(channel)

    assert stage.server.bill_usd > 0.005
    assert sum(page.cost_usd for page in pages) == pytest.approx(stage.server.bill_usd)


def test_an_app_of_somebody_else_pays_the_full_price(stage: Stage) -> None:
    stage.world.post("A torn sleeve")

    assert spent(stage, owns_app=False) == pytest.approx(0.005 + 2 * 0.010)


def test_a_home_brings_its_own_prices(stage: Stage) -> None:
    shipped = Path("config/platforms/x_prices.toml").read_text(encoding="utf-8")
    (stage.home / "platforms").mkdir()
    mine = shipped.replace("usd = 0.010", "usd = 0.5").replace("usd = 0.001", "usd = 0.25")
    (stage.home / "platforms" / "x_prices.toml").write_text(mine, encoding="utf-8")
    stage.world.post("A torn sleeve")

    assert spent(stage) == pytest.approx(0.25 + 2 * 0.5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("usd = 0.200", "usd = -1"), "price.6.usd"),
        (('item = "message"', 'item = "massage"'), "massage"),
        (('item = "count"', 'item = "message"'), "count"),
        (("[[price]]", "[[price"), "not TOML"),
        (("[[price]]", '[[price]]\nitem = "count"\nusd = 1\ndate = 2026-07-01\nsource = "x"\n[[price]]'), "twice"),
    ],
)
def test_a_price_table_that_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    shipped = Path("config/platforms/x_prices.toml").read_text(encoding="utf-8")
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "x_prices.toml").write_text(shipped.replace(*change, 1), encoding="utf-8")

    with pytest.raises(ConfigError, match=says) as caught:
        load_prices(tmp_path)
    assert "x_prices.toml" in str(caught.value)


def test_every_shipped_price_names_its_date_and_source(tmp_path: Path) -> None:
    shipped = Path("config/platforms/x_prices.toml").read_text(encoding="utf-8")

    assert load_prices(tmp_path).post_read == 0.005
    with pytest.raises(ConfigError, match="source"):
        read_prices(shipped.replace("source = ", "# source = ", 1), "x")


def test_a_torn_memory_is_begun_anew_and_stops_nothing(stage: Stage) -> None:
    channel = stage.open()
    stage.world.post("The coat is blue.")
    read_mentions(channel)
    file = stage.home / "state" / "shop.x.db"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(b"this is no database" * 100)

    assert [one.text for one in read_mentions(channel)] == ["The coat is blue."]
    assert [one.text for one in read_mentions(channel)] == ["The coat is blue."]
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM billed").fetchone()[0] > 0
    connection.close()


def test_a_memory_that_cannot_be_written_counts_everything(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be", encoding="utf-8")
    memory = Memory(tmp_path / "state" / "shop.x.db", clock=FixedClock(NOON))

    memory.owe(1)
    assert memory.bill("post", ["1", "2"], price=0.5) == 1.0
    assert memory.bill("post", ["1", "2"], price=0.5) == 1.0
    assert memory.take_owed() == 0
    assert memory.roots(["1"]) == {}


def test_a_torn_memory_that_cannot_be_taken_away_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database" * 100)
    memory = Memory(tmp_path / "x.db", clock=FixedClock(NOON))

    def refuse(*_given: object, **_named: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)

    assert memory.bill("post", ["1"], price=0.5) == 0.5


def test_yesterdays_ids_are_forgotten(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    memory = Memory(tmp_path / "x.db", clock=clock)
    memory.bill("post", (str(number) for number in range(500)), price=1)
    clock.advance(timedelta(days=1))
    memory.bill("post", ["1"], price=1)

    with sqlite3.connect(tmp_path / "x.db") as connection:
        assert connection.execute("SELECT count(*) FROM billed").fetchone()[0] == 1
    connection.close()
