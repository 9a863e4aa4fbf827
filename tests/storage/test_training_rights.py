"""X-origin never teaches: told by the platform, the account's name and every address of a post, twice."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.training_rights import is_column_of_x, is_made_when_x_says, may_train, tells_of_x


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


@pytest.mark.parametrize(
    "address",
    [
        "https://xcancel.com/chie/status/1",
        "https://fixvx.com/chie/status/1",
        "https://nitter.poast.org/chie",
        "https://nitter.example",
        "https://mynitter-1.example/chie",
        "https://twilog.togetter.com/chie",
        "https://bird.makeup/users/chie",
    ],
)
def test_a_mirror_of_x_never_teaches(address: str) -> None:
    assert not may_train(kind="mastodon", account="shop", addresses=(address,))


@pytest.mark.parametrize(
    "text",
    [
        "届きません https://t.co/abc",
        "これ見てhttps://x.com/chie/status/1です",
        "これを見てx.com/chie/status/1、ひどい",
        "写真 pic.twitter.com/AbC",
        "（ＨＴＴＰＳ：／／ｘ．ｃｏｍ／ｃｈｉｅ）",
        "see https%3A%2F%2Fx.com%2Fchie",
    ],
)
def test_a_link_to_x_among_the_words_never_teaches(text: str) -> None:
    assert not may_train(kind="email", account="inbox", addresses=(), texts=(text,))


@pytest.mark.parametrize(
    "text",
    [
        "Twitterでも言ったけど、まだ届かない",
        "I told you on Twitter and on X.",
        "X: the worst of all sizes",
        "netflix.com, max.com and vox.com",
        "mail me at ann@t.community or b.t.com",
        "https://x.com.shop.example/help",
        "https://not-x.com/a",
        "50% off at jitter.com",
        "",
    ],
)
def test_the_word_alone_may_teach(text: str) -> None:
    assert may_train(kind="email", account="inbox", addresses=(), texts=(text,))


@pytest.mark.parametrize(
    "name", ["Tweet permalink", "tweet_id", "tweetId", "Retweets", "Twitter handle", "ツイート本文", "X post link", "x_id", "Xアカウント", "X ポストID"]
)  # fmt: skip
def test_a_column_of_x_is_known_by_its_name(name: str) -> None:
    assert is_column_of_x(name)


@pytest.mark.parametrize("name", ["x", "x-axis", "id", "text", "max_id", "post id", "xs", "X線", "source", ""])
def test_other_columns_are_not(name: str) -> None:
    assert not is_column_of_x(name)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("source", "Twitter for iPhone"),
        ("Source", "X"),
        ("source", "X Web App"),
        ("投稿元", "X（旧Twitter）"),
        ("媒体", "エックス"),
        ("client", "TweetDeck"),
        ("anything", "https://x.com/chie"),
    ],
)
def test_a_cell_tells_of_x(column: str, cell: str) -> None:
    assert tells_of_x(column, cell)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("source", "email"),
        ("source", "X-ray lab"),
        ("app", "Xcode"),
        ("comment", "Twitter"),
        ("size", "X"),
        ("source", ""),
    ],
)
def test_other_cells_do_not(column: str, cell: str) -> None:
    assert not tells_of_x(column, cell)


def test_an_id_of_x_tells_when_it_was_made() -> None:
    made = datetime(2026, 11, 20, 2, 34, tzinfo=UTC)
    snowflake = (int(made.timestamp() * 1000) - 1_288_834_974_657) << 22
    assert is_made_when_x_says(str(snowflake), made)
    assert is_made_when_x_says(str(snowflake), made + timedelta(hours=9))
    assert not is_made_when_x_says(str(snowflake), made + timedelta(days=3))
    assert not is_made_when_x_says("20261120113400001", made)
    assert not is_made_when_x_says("99999999999999999999", made)
    assert not is_made_when_x_says("１７", made)
