"""The block of a new account says all there is to say, and every line of it may be taken as it is."""

import tomllib
from enum import StrEnum

import pytest
from pydantic import Field, SecretStr

from config.channel_block import ChannelBlock, make_block
from config.section import Section
from config.setup import Setup, Way, setup_of

KINDS = (
    "app_store", "bluesky", "email", "etsy", "facebook", "feed", "google_play", "hackernews", "instagram",
    "line", "mastodon", "reddit", "webhook", "woocommerce", "x", "youtube",
)  # fmt: skip


class Colour(StrEnum):
    """Some."""

    RED = "red"


class Everything(Section):
    """An option of every shape."""

    host: str = Field(description="Where\n  it is.")
    depth: int = Field(description="")
    terms: tuple[int, ...] = Field(description="Terms.")
    token: SecretStr = Field(description="The token.")
    second: SecretStr = Field(SecretStr(""), description="Another.")
    third: SecretStr | None = Field(None, description="A third.")
    words: tuple[str, ...] = Field(("a", "ミ"), description="Some.")
    names: frozenset[str] = Field(frozenset({"y", "x"}), description="Names.")
    colour: Colour = Field(Colour.RED, description="A colour.")
    deep: bool = Field(True, description="Deep.")
    share: float = Field(0.5, description="Share.")
    limit: int | None = Field(None, description="A limit.")


def block(options: type[Section] | None = Everything, setup: Setup | None = None, language: str = "en") -> ChannelBlock:
    return make_block(
        name="shop", kind="any", brand="default", options=options, setup=setup or Setup(), language=language
    )


def test_every_option_stands_there_with_what_it_does_and_its_default() -> None:
    lines = block().lines
    assert lines[:4] == ("[[channel]]", 'name = "shop"', 'kind = "any"', 'brand = "default"')
    shown = "\n".join(lines)
    for pair in (
        '# Required: Where it is.\n# host = ""',
        "# Required:\n# depth = 0",
        "# Required: Terms.\n# terms = []",
        '# Some.\n# words = ["a", "ミ"]',
        '# Names.\n# names = ["x", "y"]',
        '# A colour.\n# colour = "red"',
        "# Deep.\n# deep = true",
        "# Share.\n# share = 0.5",
        "# A limit.\n# limit = 0",
        '# The token.\ntoken_file = "secrets/shop.token"',
        '# Another.\n# second_file = "secrets/shop.second"',
        '# A third.\n# third_file = "secrets/shop.third"',
        "# Overrides clock.poll_seconds.\n# poll_seconds = 60",
    ):
        assert pair in shown, pair


def test_every_line_may_lose_its_mark_and_still_be_toml() -> None:
    taken = "\n".join(line.removeprefix("# ") if " = " in line else line for line in block().lines)
    (table,) = tomllib.loads(taken)["channel"]
    assert set(table["options"]) | {key.removesuffix("_file") for key in table["secrets"]} == set(
        Everything.model_fields
    )
    assert Everything.model_validate({**table["options"], "token": "t"}).words == ("a", "ミ")


def test_what_a_setup_ends_with_is_required_though_the_channel_could_do_without() -> None:
    made = block(setup=Setup(uses=("second", "share")))
    assert made.required == ("host", "depth", "terms", "share")
    assert [secret.key for secret in made.secrets if secret.required] == ["token", "second"]
    assert 'second_file = "secrets/shop.second"' in made.lines


WAYS = (
    Way(name="A", about="By key", keys=("host", "second")),
    Way(name="B", about="By name", keys=("host", "third", "colour")),
)


def test_what_belongs_together_is_told_as_a_group_and_not_as_required() -> None:
    made = block(setup=Setup(uses=("second",), ways=WAYS))
    assert made.choice == (
        "Choose one of these groups and write everything in it; put a # before what only the others have.",
        "Group A: By key: host, second",
        "Group B: By name: host, third, colour",
    )
    shown = "\n".join(made.lines)
    for part in (
        "\n".join(f"# {line}" for line in made.choice) + "\n\n[channel.options]",
        '# Group A, B: Where it is.\n# host = ""',
        "# Required:\n# depth = 0",
        '# Group B: A colour.\n# colour = "red"',
        '# Group A: Another.\nsecond_file = "secrets/shop.second"',
        '# Group B: A third.\n# third_file = "secrets/shop.third"',
        '# The token.\ntoken_file = "secrets/shop.token"',
    ):
        assert part in shown, part
    assert made.required == ("depth", "terms")
    assert {secret.key: secret.groups for secret in made.secrets} == {"token": "", "second": "A", "third": "B"}
    assert tomllib.loads(shown)


@pytest.mark.parametrize(
    ("ways", "says"),
    [
        (WAYS, "すべて書くか、どの組も書かずに"),
        (WAYS[:1], "すべて書くか、どれも書かずに"),
    ],
)
def test_what_holds_without_any_group_is_told(ways: tuple[Way, ...], says: str) -> None:
    made = block(setup=Setup(ways=ways, without="読むだけ"), language="ja")
    assert says in made.choice[0]
    assert made.choice[1] == "【A】 By key: host, second"
    assert made.choice[-1] == "書かないとき: 読むだけ。"


def test_a_kind_that_describes_nothing_gets_a_block_without_options() -> None:
    made = block(options=None)
    assert (made.required, made.secrets) == ((), ())
    assert "[channel.options]" not in made.lines
    assert tomllib.loads("\n".join(made.lines))["channel"] == [{"name": "shop", "kind": "any", "brand": "default"}]


def test_a_japanese_workspace_reads_what_the_setup_says_of_an_option() -> None:
    shown = "\n".join(block(setup=Setup(options={"host": "場所。"}), language="ja").lines)
    assert '# 【必須】 場所。\n# host = ""' in shown
    assert "# Deep.\n# deep = true" in shown


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_way_into_a_platform_is_told_in_both_languages(kind: str, language: str) -> None:
    steps = setup_of(kind, language).steps
    assert len(steps) >= 3
    written_in_japanese = [any("ぁ" <= letter <= "ヿ" for letter in step) for step in steps]
    assert all(written_in_japanese) if language == "ja" else not any(written_in_japanese)


def test_of_an_unknown_kind_nothing_is_known() -> None:
    assert setup_of("nowhere", "en") == Setup()
