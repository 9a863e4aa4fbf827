"""Orders from a file: as often as you like, bad rows named by line, no address kept, seen only with consent."""

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from config.buyer_keys import make_buyer_key
from domain.errors import ImportFileError
from kikite.cli import app
from listener.shops.orders_file import OrdersSummary, import_orders
from storage.database import Database
from storage.models import Purchase
from tests.cast import OURS

BUYERS = make_buyer_key("k" * 64)
EXPORT = """注文番号,メール,注文日,状態,商品,数量,同意
1001,mika@example.com,2026/11/17 12:00,発送済み,緑の冬コート,1,はい
1001,mika@example.com,2026/11/17 12:00,発送済み,マフラー,2,はい
1002,ken@example.com,2026-11-18,入金済み,青いコート,1,
,x@example.com,2026-11-18,入金済み,帽子,1,はい
1004,no-address,2026-11-18,入金済み,帽子,1,はい
1005,x@example.com,いつか,入金済み,帽子,1,はい
1006,x@example.com,2026-11-18,入金済み,帽子,たくさん,はい
"""
MAP = {
    "id": "注文番号",
    "email": "メール",
    "ordered_at": "注文日",
    "status": "状態",
    "item": "商品",
    "quantity": "数量",
}


def bring_in(database: Database, path: Path, **more: object) -> OrdersSummary:
    given = {
        "mapping": MAP,
        "consent_column": "同意",
        "rejects": None,
        "buyer_key": BUYERS,
        "time_zone": "Asia/Tokyo",
        "progress": lambda _done, _total: None,
    }
    return import_orders(database, OURS, path=path, **given | more)  # type: ignore[arg-type]  # each by its name


@pytest.fixture(params=["utf-8", "cp932"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "orders.csv"
    file.write_text(EXPORT, encoding=request.param)
    return file


def test_a_file_comes_in_once_and_its_bad_rows_are_named_by_line(any_database: Database, export: Path) -> None:
    first = bring_in(any_database, export)
    assert (first.rows, first.new, first.changed, first.same, first.consented, first.rejected) == (7, 2, 0, 0, 1, 4)
    assert [problem.line for problem in first.problems] == [5, 6, 7, 8]
    assert first.rejects_file == export.with_name("orders.rejects.csv")
    again = bring_in(any_database, export)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    with any_database.snapshot(OURS) as tx:
        rows = {row.external_id: row for row in tx.session.scalars(select(Purchase))}
        coat = rows["1001"]
        assert (coat.source, coat.status, coat.consented) == ("file", "shipped", True)
        assert [(item["name"], item["quantity"]) for item in coat.items] == [("緑の冬コート", 1), ("マフラー", 2)]
        assert coat.ordered_at.isoformat() == "2026-11-17T03:00:00+00:00"
        assert (rows["1002"].status, rows["1002"].consented) == ("paid", False)
        assert "mika" not in f"{vars(coat)}"


def test_mended_rejects_come_in(database: Database, export: Path) -> None:
    rejects = bring_in(database, export).rejects_file
    assert rejects is not None
    encoding = "utf-8" if "注文" in rejects.read_bytes().decode("utf-8", "ignore") else "cp932"
    mended = rejects.read_text(encoding=encoding).replace("no-address", "y@example.com").replace("いつか", "2026-11-18")
    rejects.write_text(mended, encoding=encoding)
    summary = bring_in(database, rejects, rejects=rejects.with_name("again.csv"))
    assert (summary.new, summary.rejected) == (2, 2)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mapping": {"colour": "x"}}, "colour"),
        ({"mapping": {}}, "id"),
        ({"consent_column": "Consent?"}, "Consent?"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole(
    database: Database, export: Path, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ImportFileError, match=said.replace("?", r"\?")):
        bring_in(database, export, **more)
    with database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Purchase)).all() == []


def test_the_command_says_what_came_in(tmp_path: Path) -> None:
    runner, home = CliRunner(), tmp_path / "home"
    assert runner.invoke(app, ["init", "--yes", "--demo", "--home", str(home)]).exit_code == 0
    file = tmp_path / "orders.csv"
    file.write_text("id,email,ordered_at,ok\n1,mika@example.com,2026-11-18,yes\n2,mika@example.com,never,yes\n")
    command = ["customers", "orders", "import", str(file), "--consent-column", "ok", "--home", str(home)]
    said = runner.invoke(app, command)
    assert said.exit_code == 0, said.output
    assert "1 orders new" in said.output
    assert "line 3:" in said.output
    assert "1 as before" in runner.invoke(app, command).output
    assert runner.invoke(app, command[:4]).exit_code == 2
    stored = (
        (home / "kikite.db").read_bytes() + (home / "kikite.db-wal").read_bytes()
        if (home / "kikite.db-wal").exists()
        else (home / "kikite.db").read_bytes()
    )
    assert b"mika@example.com" not in stored
