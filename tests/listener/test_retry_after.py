"""What a server may write into ``Retry-After``."""

from datetime import UTC, datetime

import pytest

from listener.retry_after import LONGEST_WAIT, SHORTEST_WAIT, read_retry_after

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("90", 90),
        ("0.5", SHORTEST_WAIT),
        ("-5", SHORTEST_WAIT),
        ("99999999", LONGEST_WAIT),
        ("inf", LONGEST_WAIT),
        ("Fri, 20 Nov 2026 03:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 03:02:00 -0000", 120),
        ("Fri, 20 Nov 2026 12:02:00 +0900", 120),
        ("Thu, 01 Jan 1970 00:00:00 GMT", SHORTEST_WAIT),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Fri, 20 Nov 2026 03:02:00 +99999999999999999999", None),
    ],
)
def test_seconds_and_dates_are_read_and_what_is_neither_says_nothing(asked: str, seconds: float | None) -> None:
    assert read_retry_after(asked, now=NOW) == seconds
