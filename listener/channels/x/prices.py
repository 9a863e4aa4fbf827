"""What X asks for reads and writes: a table that operators edit, as X changes its prices."""

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from config.section import Section
from domain.errors import ConfigError, Place

FILE: Final = "x_prices.toml"


class Prices(Section):
    """US dollars for one of each."""

    own_post_read: float = Field(ge=0, description="A mention of us or a post of ours, read from our own lists.")
    post_read: float = Field(ge=0, description="Any other post: searched or looked up.")
    user_read: float = Field(ge=0, description="A profile that comes along.")
    message_read: float = Field(ge=0, description="A direct message event.")
    count: float = Field(ge=0, description="One question how many posts a search would bring.")
    reply: float = Field(ge=0, description="A reply to somebody who turned to us.")
    reply_with_link: float = Field(ge=0, description="The same with an address in it.")
    message: float = Field(ge=0, description="A direct message of ours.")


class _Price(Section):
    item: str
    usd: float = Field(ge=0)
    date: date
    source: str = Field(min_length=1)


class _PriceFile(Section):
    price: tuple[_Price, ...]


def load_prices(home: Path) -> Prices:
    """Return the table: ``platforms/x_prices.toml`` of ``home`` if there is one, else the shipped one.

    Raises ``ConfigError`` naming the file and what is wrong.
    """
    own = home / "platforms" / FILE
    if own.is_file():
        return read_prices(own.read_text(encoding="utf-8"), str(own))
    shipped = files("config") / "platforms" / FILE
    return read_prices(shipped.read_text(encoding="utf-8"), f"config/platforms/{FILE}")


def read_prices(toml: str, file: str) -> Prices:
    """Return the prices written in ``toml``; raise ``ConfigError`` naming ``file`` and what is wrong."""
    try:
        rows = _PriceFile.model_validate(tomllib.loads(toml)).price
        prices = Prices.model_validate({row.item: row.usd for row in rows})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", place=Place(file=file), remedy="Mend that line.") from error
    except ValidationError as error:
        faults = error.errors()
        told = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
        raise _wrong(told["msg"], file=file, field=".".join(str(step) for step in told["loc"])) from error
    if len(rows) > len(Prices.model_fields):
        raise _wrong("an item is there twice", file=file, field="price")
    return prices


def _wrong(message: str, *, file: str, field: str) -> ConfigError:
    remedy = f"One [[price]] for each of: {', '.join(Prices.model_fields)}."
    return ConfigError(message, place=Place(file=file, field=field), remedy=remedy)
