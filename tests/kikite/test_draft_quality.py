"""``kikite draft --quality``: figures for scripts, without anybody's name or text."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.loading import load_settings
from domain.clock import FixedClock
from domain.words import Role
from kikite.cli import app
from kikite.product import open_database
from storage.models import User
from storage.workspaces import ensure_workspace
from tests.cast import NOON
from tests.rows import make_conversation_with_mention, make_delivery, make_draft


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "brands").mkdir(parents=True)
    (folder / "kikite.toml").write_text('[workspace]\nname = "Shop"\n', encoding="utf-8")
    settings = load_settings(folder)
    database = open_database(settings, FixedClock(NOON))
    with database.transaction(ensure_workspace(database, "Shop")) as tx:
        ben = User(login="ben", display_name="Ben Secret", password_hash="!", role=Role.APPROVER, created_at=tx.now)
        tx.session.add(ben)
        tx.session.flush()
        for distance in (0, 0, 5):
            draft = make_draft(tx, mention=make_conversation_with_mention(tx).mention, text="Secret words.")
            make_delivery(tx, draft=draft, approved_by=ben, edit_distance=distance)
    database.close()
    return folder


def test_figures_are_printed_for_people_and_for_scripts(home: Path) -> None:
    told = CliRunner().invoke(app, ["draft", "--home", str(home), "--quality"])
    assert told.exit_code == 0, told.output
    assert "3 decisions, 67% unchanged, 1 edited, 0 rejected, median edit 0" in told.output

    found = CliRunner().invoke(app, ["draft", "--home", str(home), "--quality", "--json"])
    values = json.loads(found.stdout)
    assert values["decisions"] == 3
    assert values["by"]["language"][0]["unchanged"] == 2
    assert "Secret" not in told.output + found.output
