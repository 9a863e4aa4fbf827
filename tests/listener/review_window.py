"""What a shop's reviews must pass where they are read by windows in time: pauses, clocks that ran ahead, pages that fail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import pytest
from starlette.responses import Response

from domain.clock import FixedClock
from domain.errors import RetryableError
from domain.ports import Channel
from tests.listener.channel_contract import read_all
from tests.listener.review_stage import texts

DAY = 86_400
OpenAny = Callable[..., Channel]


class ReviewSite(Protocol):
    """A shop's site of ours."""

    once: list[Response]
    """What it answers next, instead of what is so."""

    def review(self, text: str, *, age_seconds: int = 0) -> str:
        """Let somebody review something."""
        ...


class WindowContract:
    """Subclass it where the fixtures ``site``, ``open_channel`` and ``clock`` are the shop's."""

    def test_a_pause_of_weeks_loses_nothing(self, site: ReviewSite, open_channel: OpenAny, clock: FixedClock) -> None:
        channel = open_channel(reread_days=1, reread_hours=720)
        _, cursor, _ = read_all(channel)
        site.review("in the meantime")
        clock.advance(timedelta(days=21))
        assert texts(channel, cursor) == ["in the meantime"]

    @pytest.mark.parametrize("is_first", [True, False])
    def test_a_poll_by_a_clock_that_ran_ahead_hides_no_review(
        self, site: ReviewSite, open_channel: OpenAny, clock: FixedClock, *, is_first: bool
    ) -> None:
        channel = open_channel()
        cursor = None if is_first else read_all(channel)[1]
        clock.advance(timedelta(days=3650))
        _, cursor, _ = read_all(channel, cursor)
        clock.advance(timedelta(days=-3650))
        site.review("written while the clock was wrong", age_seconds=10 * DAY)
        site.review("now")
        assert texts(channel, cursor) == ["written while the clock was wrong", "now"]

    def test_a_page_that_always_fails_keeps_newer_reviews_out_for_a_day_at_most(
        self, site: ReviewSite, open_channel: OpenAny, clock: FixedClock
    ) -> None:
        for number in range(8):
            site.review(f"{number}", age_seconds=number)
        channel = open_channel(page_size=5)
        page = channel.poll(None)
        site.review("new")
        site.once.append(Response(status_code=500))
        with pytest.raises(RetryableError):
            channel.poll(page.cursor)
        clock.advance(timedelta(days=1, seconds=1))
        assert "new" in [one.text for one in channel.poll(page.cursor).mentions]
