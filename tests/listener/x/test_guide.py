"""The guide says what the channel does: its block works, and it names every option with its default, in both languages."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from listener.channels.x.options import SECRETS, XOptions, read_options

GUIDES = ("docs/how-to/x.md", "docs/how-to/x.ja.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_option_stands_in_the_table_with_its_default(guide: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", Path(guide).read_text(encoding="utf-8"), re.MULTILINE))

    assert set(rows) == set(XOptions.model_fields) - set(SECRETS)
    for name, shown in rows.items():
        default = XOptions.model_fields[name].default
        if default and name != "max_pages":
            assert shown.strip("`") == str(default).lower()


@pytest.mark.parametrize("guide", GUIDES)
def test_the_block_of_the_guide_is_taken(guide: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", Path(guide).read_text(encoding="utf-8"), re.DOTALL)
    (written,) = tomllib.loads(blocks[0])["channel"]
    secrets = {name.removesuffix("_file"): SecretStr("secret") for name in written.pop("secrets")}

    options = read_options(ChannelSettings(**written, secrets=secrets))

    assert options.signs_requests
    assert len(options.search) == 2
