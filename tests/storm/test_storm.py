"""A short storm: an outage, a burst beyond what a list holds, limits, torn answers, restarts and deaths; every post is read once.

``bench/storm.py`` does the same with fifty thousand posts over a day.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cast import NOON
from tests.storm.reddit_storm import reddit_storm
from tests.storm.report import Report
from tests.storm.weather import Burst, Weather
from tests.storm.x_storm import x_storm

HOUR = Weather(
    posts=1_500,
    seed=3,
    begin=NOON,
    lasts=timedelta(minutes=40),
    bursts=(Burst(after=timedelta(minutes=14, seconds=30), lasts=timedelta(seconds=50), share=0.8),),
    outage=(timedelta(minutes=14), timedelta(minutes=17)),
    restart_every=timedelta(minutes=9),
    kill_share=0.02,
    fault_share=0.03,
    settles=timedelta(minutes=15),
)
STORMS = {"x": x_storm, "reddit": reddit_storm}


@pytest.fixture(params=["x", "reddit"])
def report(request: pytest.FixtureRequest, tmp_path: Path) -> Report:
    with STORMS[request.param](HOUR, tmp_path) as (voyage, tell):
        voyage.sail()
        return tell()


@pytest.mark.partner
def test_every_post_is_there_once_nothing_is_paid_twice_and_nobody_is_asked_while_closed(report: Report) -> None:
    assert report.missing == ()
    assert report.doubled == 0
    assert report.strange == ()
    assert report.stale == ()
    assert report.served.asked_while_closed == 0
    assert report.ratio <= 1.05
    assert report.filled, "the burst was to overrun a list"
    assert report.kills >= 2
    assert report.restarts >= 4
    assert report.served.faults >= 5
    assert report.served.refused >= 1
    assert report.posts >= 1_450
