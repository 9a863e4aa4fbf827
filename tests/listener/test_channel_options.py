"""Addresses that a password goes to."""

import pytest

from listener.channel_options import safe_address


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        (" https://pds.example/ ", "https://pds.example"),
        ("https://pds.example:8443", "https://pds.example:8443"),
        ("http://127.0.0.1:2583", "http://127.0.0.1:2583"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_tls_and_this_very_machine_are_taken(written: str, taken: str) -> None:
    assert safe_address(written) == taken


@pytest.mark.parametrize(
    "written",
    [
        "", "pds.example", "http://pds.example", "https://pds.example/path", "ftp://pds.example", "https://", "https://pds.example:abc",
        "https://pds.example:99999", "https://pds.example:0", "https://ben:hunter2@pds.example", "https://[::1",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        safe_address(written)
