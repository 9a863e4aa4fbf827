import pytest

from kikite.logs import mask, mask_event


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("mail hana@example.com now", "mail <mail> now"),
        ("call +81 90-1234-5678", "call <number>"),
        ("postgresql://desk:hunter2@db/kikite", "postgresql://desk:<secret>@db/kikite"),
        ("at 2026-11-20T03:00:00", "at 2026-11-20T03:00:00"),
    ],
)
def test_personal_data_and_passwords_are_masked(written: str, shown: str) -> None:
    assert mask(written) == shown


def test_fields_named_like_secrets_are_masked_whole_also_inside() -> None:
    event = {"event": "x", "app_password": "abc", "detail": {"session_string": "def", "count": 3}}
    masked = mask_event(None, "info", event)
    assert masked == {"event": "x", "app_password": "<secret>", "detail": {"session_string": "<secret>", "count": 3}}
