"""What to do at a platform before an account can be connected: one file a kind, the steps in both languages.

``[[step]]`` with ``ja`` and ``en``; ``uses`` names the options and secrets that these steps end with, where the channel could
do without; ``access`` names those that hold the way in, for the alert when the platform takes it away;
``[[way]]`` names those that belong together, of which a person writes all or none, and ``[without]`` says what holds where no way is
taken; ``[options]`` says in Japanese what an option does (its English is the channel's own).
Rights and names of pages are the platforms' and change: edit them here, in no code.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import ascii_uppercase

from pydantic import Field

from config.section import Section
from config.toml_text import parse_toml


class Step(Section):
    """One thing to do. Words in backticks are settings; those in ``**`` stand on the platform's page."""

    ja: str
    en: str


class Words(Section):
    """A sentence."""

    ja: str
    en: str


class WrittenWay(Words):
    """Options and secrets that go together."""

    keys: tuple[str, ...] = Field(min_length=2)


class SetupFile(Section):
    """The file of one kind."""

    way: tuple[WrittenWay, ...] = ()
    without: Words | None = None

    uses: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    step: tuple[Step, ...]
    options: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way to connect."""

    name: str
    """A capital letter."""
    about: str
    keys: tuple[str, ...]
    """Options and secrets that it takes, all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What is known of connecting one kind, in one language. Empty where nobody wrote it down."""

    steps: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    """Options and secrets to be written, besides those without a default."""
    access: tuple[str, ...] = ()
    """Options and secrets by which the platform lets us in, as people write them (``secrets.access_token``)."""
    ways: tuple[Way, ...] = ()
    """One of them is taken, or none where ``without`` says something; empty where there is no choice."""
    without: str = ""
    """What holds where no way is taken; empty where one must be."""
    options: dict[str, str] = field(default_factory=dict)
    """What an option does, where it is said otherwise than in the channel's own words."""


def setup_of(kind: str, language: str) -> Setup:
    """Return what to do for ``kind`` in ``language`` ("ja", else English)."""
    written = _read(kind)
    if written is None:
        return Setup()
    ja = language == "ja"
    return Setup(
        steps=tuple(step.ja if ja else step.en for step in written.step),
        uses=written.uses,
        access=written.access,
        ways=tuple(
            Way(name=name, about=way.ja if ja else way.en, keys=way.keys)
            for name, way in zip(ascii_uppercase, written.way, strict=False)
        ),
        without=(written.without.ja if ja else written.without.en) if written.without else "",
        options=dict(written.options) if ja else {},
    )


@cache
def _read(kind: str) -> SetupFile | None:
    file = files("config.setup") / f"{kind}.toml"
    if not file.is_file():
        return None
    return SetupFile.model_validate(parse_toml(file.read_text(encoding="utf-8"), file.name))
