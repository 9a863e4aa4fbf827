"""X-origin never teaches: told by the platform, the account's name and every address of a post, twice."""

import pytest

from domain.training_rights import may_train


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("x", "shop"),
        ("twitter", "shop"),
        ("X", "shop"),
        ("import", "x"),
        ("import", "x-export"),
        ("sandbox", "old_twitter_2024"),
        ("import", "ツイッター"),
        ("import", "Ｘ"),
        ("import", "xexport"),
        ("import", "tweets-2024"),
        ("import", "TwitterArchive"),
        ("import", "tweets2026"),
        ("import", "エックス"),
    ],
)
def test_a_platform_or_an_account_named_for_x_never_teaches(kind: str, account: str) -> None:
    assert not may_train(kind=kind, account=account, addresses=())


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/chie/status/1",
        "http://www.twitter.com/chie",
        "https://mobile.twitter.com/chie/status/1?s=20",
        "x.com/chie",
        "HTTPS://X.COM/chie",
        "https://ｘ.com/chie",
        "https://x.com./chie",
        "https://x.com:443/chie",
        "https://user@x.com/chie",
        "https://pbs.twimg.com/media/1.jpg",
        "https://t.co/abc",
        "twitter:12345",
        "https://fxtwitter.com/chie/status/1",
        "https://nitter.net/chie/status/1",
        "https://r.example/?to=//x.com%2Fchie",
        " https://x.com",
        "https%3A%2F%2Fx.com%2Fchie%2Fstatus%2F1",
    ],
)
def test_an_address_on_x_never_teaches(address: str) -> None:
    assert not may_train(kind="import", account="import", addresses=("", address))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://netflix.com/x",
        "https://bsky.app/profile/x",
        "at://did:plc:x/app.bsky.feed.post/3k",
        "https://max.com/a",
        "17",
        "xylophone:1",
    ],
)
def test_other_addresses_may_teach(address: str) -> None:
    assert may_train(kind="import", account="import", addresses=(address,))
    assert may_train(kind="bluesky", account="xmas-shop", addresses=(address,))
