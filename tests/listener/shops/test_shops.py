"""Orders of connected shops: each comes once and changes, whatever the shop does meanwhile; its limits are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import select
from starlette.responses import JSONResponse, Response

from config.buyer_keys import find_buyer_key, load_buyer_key, make_buyer_key
from config.shop_settings import ShopSettings
from domain.clock import FixedClock
from domain.errors import ConfigError
from kikite.findings import Health
from kikite.shop_checks import check_shops
from listener.shops import Shop, make_shop
from listener.shops.poller import MOST_PAGES, read_due_shops
from listener.shops.shopify import VERSION
from storage.database import Database
from storage.models import Alert, Purchase, ShopAccount
from tests.cast import NOON, OURS
from tests.partners.loopback_app import serve
from tests.partners.shop_orders import KEY, SECRET, TOKEN, ShopifyOrders, WooOrders, shopify_app, woo_app

BUYERS = make_buyer_key("k" * 64)
Connected = tuple[ShopSettings, Shop]


def woo_settings(address: str, **more: object) -> ShopSettings:
    secrets = {"consumer_key": SecretStr(KEY), "consumer_secret": SecretStr(SECRET)}
    given = {"name": "woo", "kind": "woocommerce", "url": address, "consent_field": "support_ok", "secrets": secrets}
    return ShopSettings.model_validate(given | more)


def shopify_settings(address: str) -> ShopSettings:
    secrets = {"access_token": SecretStr(TOKEN)}
    given = {"name": "shopify", "kind": "shopify", "url": address, "consent_field": "support_ok", "secrets": secrets}
    return ShopSettings.model_validate(given)


@pytest.fixture(scope="module")
def woo_served() -> Iterator[tuple[WooOrders, str]]:
    shop = WooOrders()
    with serve(woo_app(shop)) as address:
        yield shop, address


@pytest.fixture(scope="module")
def shopify_served() -> Iterator[tuple[ShopifyOrders, str]]:
    shop = ShopifyOrders()
    with serve(shopify_app(shop, version=VERSION)) as address:
        yield shop, address


@pytest.fixture
def woo(woo_served: tuple[WooOrders, str], clock: FixedClock) -> Iterator[tuple[WooOrders, Connected]]:
    shop, address = woo_served
    shop.__init__()  # type: ignore[misc]  # as new
    settings = woo_settings(address)
    made = make_shop(settings, clock=clock)
    yield shop, (settings, made)
    made.close()


@pytest.fixture
def shopify(shopify_served: tuple[ShopifyOrders, str], clock: FixedClock) -> Iterator[tuple[ShopifyOrders, Connected]]:
    shop, address = shopify_served
    shop.__init__()  # type: ignore[misc]  # as new
    settings = shopify_settings(address)
    made = make_shop(settings, clock=clock)
    yield shop, (settings, made)
    made.close()


def read(database: Database, connected: Connected) -> int:
    return read_due_shops(database, OURS, shops={connected[0].name: connected}, buyer_key=BUYERS)


def rows(database: Database) -> dict[str, Purchase]:
    with database.snapshot(OURS) as tx:
        found = {row.external_id: row for row in tx.session.scalars(select(Purchase))}
        tx.session.expunge_all()
    return found


def account(database: Database) -> ShopAccount:
    with database.snapshot(OURS) as tx:
        found = tx.session.scalars(select(ShopAccount)).one()
        tx.session.expunge_all()
    return found


def test_orders_of_woocommerce_come_with_what_is_used_and_nothing_more(
    any_database: Database, woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    shop.add(1, changed=NOON - timedelta(days=2), meta_data=[{"key": "support_ok", "value": "yes"}])
    shop.add(2, changed=NOON - timedelta(days=1), status="completed", date_completed_gmt="2026-11-19T03:00:00")
    shop.add(3, changed=NOON - timedelta(days=1), status="checkout-draft")
    assert read(any_database, connected) == 2
    found = rows(any_database)
    assert sorted(found) == ["1", "2"]
    first, second = found["1"], found["2"]
    assert (first.status, first.total, first.currency, first.consented) == ("paid", "9800", "JPY", True)
    assert first.items == [{"name": "緑の冬コート", "quantity": 1, "variant": "M"}]
    assert first.ordered_at == NOON - timedelta(days=2)
    assert (second.status, second.consented) == ("shipped", False)
    assert second.shipped_at == datetime(2026, 11, 19, 3, tzinfo=UTC)
    assert first.buyer_key == second.buyer_key == BUYERS("mika@example.com")
    assert "billing.email" in shop.asked[0]["_fields"]
    assert "shipping" not in shop.asked[0]["_fields"]


def test_a_shop_rests_between_looks_and_then_tells_only_changes(
    database: Database, clock: FixedClock, woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    shop.add(1, changed=NOON - timedelta(days=2))
    assert read(database, connected) == 1
    assert read(database, connected) == 0
    assert len(shop.asked) == 1
    clock.advance(timedelta(minutes=15))
    shop.orders[0] |= {"status": "completed", "date_modified_gmt": "2026-11-20T03:10:00"}
    assert read(database, connected) == 1
    assert rows(database)["1"].status == "shipped"
    assert len(shop.asked) == 2


def test_no_order_is_missed_while_others_change_between_the_pages(
    database: Database, clock: FixedClock, woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    for number in range(250):
        shop.add(number, changed=NOON - timedelta(days=3, seconds=-number))

    def change_one() -> None:
        shop.orders[0] |= {"status": "cancelled", "date_modified_gmt": "2026-11-20T02:59:00"}

    shop.after_page = change_one
    assert read(database, connected) >= 250
    assert len(rows(database)) == 250
    assert rows(database)["0"].status == "cancelled"
    clock.advance(timedelta(minutes=15))


def test_many_orders_changed_in_one_second_are_all_read(database: Database, woo: tuple[WooOrders, Connected]) -> None:
    shop, connected = woo
    for number in range(230):
        shop.add(number, changed=NOON - timedelta(days=3))
    assert read(database, connected) == 230


def test_a_long_list_goes_on_soon_after_so_many_pages(
    database: Database, clock: FixedClock, shopify: tuple[ShopifyOrders, Connected]
) -> None:
    shop, connected = shopify
    shop.page_size = 1
    for number in range(MOST_PAGES + 5):
        shop.add(number, changed=NOON - timedelta(days=3, minutes=-number))
    assert read(database, connected) == MOST_PAGES
    clock.advance(timedelta(seconds=10))
    assert read(database, connected) == 5


def test_orders_of_shopify_come_with_their_parcels(
    any_database: Database, shopify: tuple[ShopifyOrders, Connected]
) -> None:
    shop, connected = shopify
    parcel = {
        "createdAt": "2026-11-18T01:00:00Z",
        "inTransitAt": "2026-11-18T05:00:00Z",
        "estimatedDeliveryAt": "2026-11-21T05:00:00Z",
        "deliveredAt": None,
    }
    shop.add(1001, changed=NOON - timedelta(days=2), customAttributes=[{"key": "support_ok", "value": "on"}])
    shop.add(1002, changed=NOON - timedelta(days=1), displayFulfillmentStatus="FULFILLED", fulfillments=[parcel])
    arrived = parcel | {"deliveredAt": "2026-11-19T05:00:00Z"}
    shop.add(1003, changed=NOON - timedelta(hours=1), displayFulfillmentStatus="FULFILLED", fulfillments=[arrived])
    shop.add(1004, changed=NOON - timedelta(hours=1), cancelledAt="2026-11-19T05:00:00Z")
    assert read(any_database, connected) == 4
    found = rows(any_database)
    assert [found[n].status for n in ("1001", "1002", "1003", "1004")] == ["paid", "shipped", "delivered", "cancelled"]
    assert (found["1001"].number, found["1001"].consented, found["1002"].consented) == ("#1001", True, False)
    assert found["1002"].shipped_at == datetime(2026, 11, 18, 5, tzinfo=UTC)
    assert found["1002"].expected_at == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert found["1003"].delivered_at == datetime(2026, 11, 19, 5, tzinfo=UTC)
    assert found["1001"].items == [{"name": "Winter coat", "quantity": 1, "variant": "M"}]


def test_an_app_that_may_not_see_mail_addresses_still_reads_orders(
    database: Database, shopify: tuple[ShopifyOrders, Connected]
) -> None:
    shop, connected = shopify
    shop.hides_mail = True
    shop.add(1001, changed=NOON - timedelta(days=2))
    assert read(database, connected) == 1
    assert rows(database)["1001"].buyer_key == ""


def test_the_bucket_of_points_is_never_drained(
    database: Database, clock: FixedClock, shopify: tuple[ShopifyOrders, Connected]
) -> None:
    shop, connected = shopify
    shop.available = 0.0
    for number in range(3):
        shop.add(number, changed=NOON - timedelta(days=3, minutes=-number))
    assert read(database, connected) == 2
    assert read(database, connected) == 0
    assert len(shop.asked) == 1
    assert account(database).next_poll_at == NOON + timedelta(seconds=5)
    clock.advance(timedelta(seconds=5))
    assert read(database, connected) == 1


THROTTLED = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}


@pytest.mark.parametrize(
    ("answer", "wait", "calls"),
    [
        (Response("slow down", status_code=429, headers={"Retry-After": "42"}), timedelta(seconds=42), False),
        (JSONResponse(THROTTLED), timedelta(minutes=15), False),
        (Response("<h1>503</h1>", status_code=503), timedelta(minutes=15), False),
        (Response("{", status_code=200), timedelta(minutes=15), False),
        (JSONResponse({"data": None}), timedelta(minutes=15), False),
        (Response("{}", status_code=401), timedelta(minutes=15), True),
        (Response("{}", status_code=402), timedelta(minutes=15), True),
        (Response("{}", status_code=404), timedelta(minutes=15), True),
        (JSONResponse({"errors": [{"extensions": {"code": "ACCESS_DENIED"}}]}), timedelta(minutes=15), True),
    ],
)
def test_trouble_is_waited_out_or_told_and_over_when_it_is_over(
    database: Database,
    clock: FixedClock,
    shopify: tuple[ShopifyOrders, Connected],
    answer: Response,
    wait: timedelta,
    calls: bool,  # noqa: FBT001 - one of the table's columns
) -> None:
    shop, connected = shopify
    shop.add(1001, changed=NOON - timedelta(days=2))
    shop.once = [answer]
    assert read(database, connected) == 0
    row = account(database)
    assert (row.next_poll_at, row.failing_since) == (NOON + wait, NOON)
    assert TOKEN not in row.last_error
    with database.snapshot(OURS) as tx:
        assert [alert.kind for alert in tx.session.scalars(select(Alert))] == ["shop_failing"] * calls
    clock.advance(wait)
    assert read(database, connected) == 1
    assert account(database).failing_since is None
    with database.snapshot(OURS) as tx:
        assert {alert.state for alert in tx.session.scalars(select(Alert))} <= {"acknowledged"}


def test_one_shop_in_trouble_leaves_the_others_alone(
    database: Database, clock: FixedClock, woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    shop.add(1, changed=NOON - timedelta(days=2))
    dead = shopify_settings("http://127.0.0.1:9")
    shops = {"woo": connected, "shopify": (dead, make_shop(dead, clock=clock))}
    assert read_due_shops(database, OURS, shops=shops, buyer_key=BUYERS) == 1


def test_orders_that_are_none_are_left_out_and_the_rest_come(
    any_database: Database, woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    shop.add(1, changed=NOON - timedelta(days=2), date_created_gmt="yesterday")
    shop.add(2, changed=NOON - timedelta(days=2), line_items="x", billing=None, meta_data={"a": 1}, total=12)
    shop.add(3, changed=NOON - timedelta(days=2), line_items=[None, {"name": "\x00 coat", "quantity": 10**30}])
    assert read(any_database, connected) == 2
    assert sorted(rows(any_database)) == ["2", "3"]


def test_another_shop_under_the_same_name_begins_anew(
    database: Database, clock: FixedClock, woo_served: tuple[WooOrders, str], woo: tuple[WooOrders, Connected]
) -> None:
    shop, connected = woo
    shop.add(1, changed=NOON - timedelta(days=2))
    read(database, connected)
    clock.advance(timedelta(minutes=15))
    moved = woo_settings(woo_served[1].replace("127.0.0.1", "localhost"))
    made = make_shop(moved, clock=clock)
    read(database, (moved, made))
    made.close()
    first, second = (one["modified_after"] for one in shop.asked)
    assert second == "2026-09-21T03:14:59"
    assert first == "2026-09-21T02:59:59"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://shop.example"},
        {"url": "https://user:pw@shop.example"},
        {"url": "shop.example"},
        {"name": "file"},
        {"secrets": {}},
        {"secrets": {"consumer_key": SecretStr("a"), "consumer_secret": SecretStr("b"), "more": SecretStr("c")}},
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {
        "name": "woo",
        "kind": "woocommerce",
        "url": "https://shop.example",
        "secrets": {"consumer_key": SecretStr("ck_1"), "consumer_secret": SecretStr("cs_1")},
    }
    with pytest.raises(ValidationError):
        ShopSettings.model_validate(given | wrong)


def test_the_doctor_says_which_shop_does_not_let_us_in_and_which_has_no_consent(
    clock: FixedClock, tmp_path: Path, woo_served: tuple[WooOrders, str], woo: tuple[WooOrders, Connected]
) -> None:
    assert woo
    address = woo_served[1]
    bad = {"consumer_key": SecretStr("ck_wrong"), "consumer_secret": SecretStr(SECRET)}
    shops = (woo_settings(address), woo_settings(address, consent_field=""), woo_settings(address, secrets=bad))
    found = list(check_shops(shops, tmp_path, clock=clock))
    assert [one.health for one in found] == [Health.GOOD, Health.WARNING, Health.BAD]
    assert "consent" in found[1].remedy
    assert found[2].remedy
    (tmp_path / "secrets" / "buyer_key").write_text("short")
    assert [one.what for one in check_shops(shops[:1], tmp_path, clock=clock)] == ["shop woo", "buyer_key"]


def test_the_key_for_addresses_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    assert find_buyer_key(tmp_path)("mika@example.com") == ""
    first = load_buyer_key(tmp_path)
    file = tmp_path / "secrets" / "buyer_key"
    assert file.stat().st_mode & 0o077 == 0
    assert [one.name for one in file.parent.iterdir()] == ["buyer_key"]
    assert first("Mika@Example.com ") == load_buyer_key(tmp_path)("mika@example.com") != ""
    assert find_buyer_key(tmp_path)("mika@example.com") == first("mika@example.com")
    assert first("no address") == ""
    file.write_text("short")
    with pytest.raises(ConfigError):
        load_buyer_key(tmp_path)
