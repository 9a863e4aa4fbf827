"""``kikite channels list`` and ``kikite doctor`` tell from outside what the desk's page tells: how far all was read."""

import json

import pytest

from tests.bad_input.conftest import home, logs_as_found, made_home
from tests.bad_input.homes import Home

__all__ = ["home", "logs_as_found", "made_home"]

LONG_AGO, NOW = "2026-11-21 01:00:00.000000", "2036-01-01 00:00:00.000000"


@pytest.fixture(autouse=True)
def no_home_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIKITE_HOME", raising=False)


def listed(home: Home, name: str = "sandbox") -> dict[str, object]:
    rows = {row["name"]: row for row in json.loads(home.run("channels", "list", "--json").out)["channels"]}
    return dict(rows[name])


def doctor_says(home: Home) -> dict[str, str]:
    findings = json.loads(home.run("doctor", "--json").out)["findings"]
    found = [one for one in findings if one["what"] == "completeness"]
    assert len(found) <= 1
    return dict(found[0]) if found else {}


def add_gap(home: Home, at: str, *, reason: str = "the cursor was lost", filled: str = "") -> None:
    columns = "workspace_id, channel_account_id, started_at, gap_from, gap, filled, pages, new_count, seen_count"
    home.write(
        f"INSERT INTO poll_record ({columns}, requests, cost_usd, outcome, error)"
        f" SELECT workspace_id, id, '{at}', '{LONG_AGO}', '{reason}', '{filled}', 0, 0, 0, 0, 0, 'done', ''"
        " FROM channel_account WHERE name = 'sandbox'"
    )


def test_an_account_says_how_it_does(home: Home) -> None:
    assert listed(home)["state"] == "never"
    assert listed(home, "import")["state"] in {"never", "by_file"}
    assert home.run("listen", "--once").code == 0
    row = listed(home)
    assert (row["state"], row["gaps"], row["access_expires_at"]) == ("well", [], None)
    assert listed(home, "import")["state"] == "by_file"
    home.run("channels", "list").prints("well", "by file")


def test_what_is_not_polled_is_never_called_overdue(home: Home) -> None:
    assert home.run("listen", "--once").code == 0
    home.write(f"UPDATE channel_account SET next_poll_at = '{LONG_AGO}'")
    assert listed(home)["state"] == "overdue"
    assert listed(home, "import")["state"] == "by_file"


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ("last_outcome = 'permanent', last_code = 'token_refused'", "refused"),
        ("last_outcome = 'retryable', last_code = 'server_error'", "failing"),
        ("last_outcome = 'retryable', last_code = 'rate_limited'", "limited"),
    ],
)
def test_a_failure_has_its_kind_its_beginning_and_its_words(home: Home, columns: str, state: str) -> None:
    assert home.run("listen", "--once").code == 0
    failing = f"failing_since = '{LONG_AGO}', last_error = 'No. Make a new token.'"
    home.write(f"UPDATE channel_account SET {failing}, {columns} WHERE name = 'sandbox'")
    assert listed(home)["state"] == state
    home.run("channels", "list").prints("Make a new token. (failing since 2026-11-21 10:00)")


def test_gaps_are_listed_with_their_time_their_reason_and_what_filled_them(home: Home) -> None:
    assert home.run("listen", "--once").code == 0
    for day in range(1, 6):
        add_gap(home, f"2036-01-0{day} 00:00:00.000000", reason=f"reason {day}")
    add_gap(home, "2036-01-03 01:00:00.000000", reason="", filled="read by search")
    gaps = listed(home)["gaps"]
    assert isinstance(gaps, list)
    assert [gap["reason"] for gap in gaps] == ["reason 5", "reason 4", "", "reason 3", "reason 2", "reason 1"]
    assert [gap["filled"] for gap in gaps] == ["", "", "read by search", "", "", ""]
    assert (gaps[0]["from"], gaps[0]["to"]) == ("2026-11-21T01:00:00+00:00", "2036-01-05T00:00:00+00:00")
    shown = home.run("channels", "list")
    shown.prints(
        "gap: 2026-11-21 10:00 to 2036-01-05 09:00: reason 5",
        "filled at 2036-01-03 10:00: read by search",
        "3 more gaps",
    )
    assert "reason 2" not in shown.out


def test_the_day_our_way_in_ends_is_told(home: Home) -> None:
    home.run("channels", "list")
    assert home.run("listen", "--once").code == 0
    home.write(f"UPDATE channel_account SET access_expires_at = '{NOW}' WHERE name = 'sandbox'")
    assert listed(home)["access_expires_at"] == "2036-01-01T00:00:00+00:00"
    home.run("channels", "list").prints("access ends on 2036-01-01 09:00")


def test_the_doctor_says_in_one_line_who_fails_and_who_has_gaps(home: Home) -> None:
    assert home.run("listen", "--once").code == 0
    assert doctor_says(home)["health"] == "good"
    refused = f"failing_since = '{LONG_AGO}', last_outcome = 'permanent'"
    home.write(f"UPDATE channel_account SET {refused} WHERE name = 'sandbox'")
    add_gap(home, "2036-01-01 00:00:00.000000")
    said = doctor_says(home)
    assert said["health"] == "warning"
    assert said["says"] == "sandbox is refused since 2026-11-21 10:00 and has 1 gap in the last 30 days."
    assert "kikite channels list" in said["remedy"]


def test_the_doctor_is_quiet_of_gaps_that_were_filled_and_of_accounts_that_left(home: Home) -> None:
    assert home.run("listen", "--once").code == 0
    add_gap(home, "2036-01-02 00:00:00.000000", reason="", filled="read by search")
    assert doctor_says(home)["health"] == "good"
    home.write(f"UPDATE channel_account SET failing_since = '{LONG_AGO}', active = 0 WHERE name = 'sandbox'")
    assert doctor_says(home)["health"] == "good"
