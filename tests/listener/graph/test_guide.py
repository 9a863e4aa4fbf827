"""The guides say what the channels do: their blocks work, and they name every option with its default, in both languages."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from listener.channels import facebook, instagram
from listener.channels.graph.options import SECRETS
from listener.registry import ChannelContext

CHANNELS = {"facebook": facebook, "instagram": instagram}


@pytest.fixture(params=["", ".ja"])
def guide(request: pytest.FixtureRequest, kind: str) -> str:
    return Path(f"docs/how-to/{kind}{request.param}.md").read_text(encoding="utf-8")


def test_every_option_stands_in_the_table_with_its_default(guide: str, kind: str) -> None:
    fields = CHANNELS[kind].OPTIONS.model_fields
    named: set[str] = set()
    options = re.split(r"^## ", guide, flags=re.MULTILINE)[4]
    for names, shown in re.findall(r"^\| (`\w+`(?:[,、] ?`\w+`)?) \| ([^|]*?) ?\|", options, re.MULTILINE):
        for name in re.findall(r"\w+", names):
            named.add(name)
            default = fields[name].default
            if shown and name != "max_pages":
                assert shown.strip("`") == str(default).lower()
    assert named == set(fields) - set(SECRETS)


def test_the_block_of_the_guide_is_taken(guide: str, kind: str, tmp_path: Path, clock: FixedClock) -> None:
    (written,) = tomllib.loads(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[0])["channel"]
    secrets = {name.removesuffix("_file"): SecretStr("a-secret") for name in written.pop("secrets")}
    settings = ChannelSettings(**written, secrets=secrets)
    channel = CHANNELS[kind].make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert channel.kind == kind


def test_the_guide_says_what_was_never_tried(guide: str) -> None:
    assert "/hooks/" in guide
    assert "not tried" in guide or "試していない" in guide
