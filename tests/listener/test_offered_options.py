"""What a channel's package tells of its options, so that a block for it can be written."""

import sys
from importlib.metadata import EntryPoint
from importlib.resources import files
from importlib.util import find_spec
from types import ModuleType

import pytest

from config.section import Section
from config.setup import setup_of
from domain.errors import ConfigError
from listener import registry
from listener.registry import options_of

DESCRIBED = [file.name.removesuffix(".toml") for file in files("config.setup").iterdir() if file.name.endswith(".toml")]
SHIPPED = sorted(kind for kind in DESCRIBED if find_spec(f"listener.channels.{kind}"))


class Named(Section):
    """What a package offers by name."""

    token: str = ""


class Small(Section):
    """Part of the options."""


class Large(Section):
    """The options."""

    first: str = ""


def offer(monkeypatch: pytest.MonkeyPatch, **modules: dict[str, object]) -> None:
    """Let a package ``offered`` be the channel ``any``; each of ``modules`` (its own name, or a part's) has these names in it."""
    for name, content in modules.items():
        full = "offered" if name == "offered" else f"offered.{name}"
        module = ModuleType(full)
        if name == "offered":
            module.__path__ = []
        for attribute, value in content.items():
            if isinstance(value, type):
                monkeypatch.setattr(value, "__module__", full)
            setattr(module, attribute, value)
        monkeypatch.setitem(sys.modules, full, module)
    point = EntryPoint(name="any", value="offered:make_channel", group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])


def test_a_package_offers_its_options_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, offered={"OPTIONS": Named}, options={"Large": Large})
    assert options_of("any") is Named


def test_without_that_name_the_largest_section_of_its_options_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, offered={}, options={"Small": Small, "Large": Large})
    assert options_of("any") is Large


def test_a_package_may_describe_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, offered={})
    assert options_of("any") is None


def test_a_channel_of_one_file_may_describe_nothing_either() -> None:
    assert options_of("import") is None


def test_options_that_need_what_is_not_installed_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="any", value="not_there_at_all:make_channel", group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    with pytest.raises(ConfigError, match=r"needs 'not_there_at_all', which is not installed.*kikite\[any\]"):
        options_of("any")


@pytest.mark.parametrize("kind", SHIPPED)
def test_what_a_setup_says_of_options_is_of_those_there_are_and_of_all_of_them(kind: str) -> None:
    options = options_of(kind)
    assert options is not None
    said = setup_of(kind, "ja")
    assert set(said.options) == set(options.model_fields), f"config/setup/{kind}.toml, [options]"
    assert {key for way in said.ways for key in way.keys} <= set(options.model_fields), (
        f"config/setup/{kind}.toml, [[way]]"
    )
    assert set(said.uses) <= set(options.model_fields), f"config/setup/{kind}.toml, uses"
