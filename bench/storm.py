"""Is every post read exactly once through a bad day? The product's poller against made-up platforms over loopback HTTP.

    python bench/storm.py [--posts 50000] [--seed 1] [--platform x|reddit|both]

A simulated day of irregular posts: bursts beyond what a list holds, limits that close, 5xx, torn answers, a two-hour outage, restarts
and deaths between a page and its commit. Prints a table, and exits with 1 where a post is missing or a closed list was asked.
"""

import argparse
import logging
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import structlog

from tests.storm.reddit_storm import reddit_storm
from tests.storm.report import Report
from tests.storm.weather import Weather
from tests.storm.x_storm import x_storm

BEGIN = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STORMS = {"x": x_storm, "reddit": reddit_storm}
WIDTH = 30


def show_progress(platform: str, moment: datetime, weather: Weather, began: float) -> None:
    share = min(1.0, (moment - weather.begin) / (weather.lasts + weather.settles))
    bar = "#" * round(share * WIDTH)
    seconds = time.perf_counter() - began
    begin, end = ("\r", "") if sys.stderr.isatty() else ("", "\n")
    line = f"{begin}{platform:8}[{bar:{WIDTH}}] {moment:%d %H:%M} UTC  {seconds:5.0f} s"
    print(line, end=end, file=sys.stderr, flush=True)


def sail(platform: str, weather: Weather) -> tuple[Report, float, datetime]:
    began, told = time.perf_counter(), 0.0
    last = weather.begin

    def tell(moment: datetime) -> None:
        nonlocal told, last
        last = moment
        if time.perf_counter() - told > (0.5 if sys.stderr.isatty() else 30):
            told = time.perf_counter()
            show_progress(platform, moment, weather, began)

    with tempfile.TemporaryDirectory() as folder, STORMS[platform](weather, Path(folder)) as (voyage, report):
        voyage.sail(tell)
        seconds = time.perf_counter() - began
        print(file=sys.stderr)
        return report(), seconds, last


def show(report: Report, seconds: float, simulated: float) -> None:
    rows: list[tuple[str, object]] = [
        ("posts", report.posts),
        ("unique stored", report.unique),
        ("missing", len(report.missing)),
        ("deleted, and missed before", len(report.missed_deleted)),
        ("doubled", report.doubled),
        ("ours or nobody's", len(report.strange)),
        ("with old words", len(report.stale)),
        ("deleted before readable", report.out_of_reach),
        ("requests", report.served.requests),
        ("of them failed or torn", report.served.faults),
        ("billed reads", report.served.billed),
        ("billed / unique", f"{report.ratio:.4f}"),
        ("billed USD", f"{report.served.bill_usd:.2f}"),
        ("metered USD", f"{report.metered_usd:.2f}"),
        ("429s met", report.served.refused),
        ("calls while limited", report.served.asked_while_closed),
        ("polls", report.polls),
        ("restarts", report.restarts),
        ("kills", report.kills),
        ("gap records", len(report.gaps)),
        ("filled records", len(report.filled)),
        ("simulated seconds", round(simulated)),
        ("real seconds", round(seconds, 1)),
        ("posts a real second", round(report.posts / seconds)),
    ]
    print(f"\n{report.platform}")
    for name, value in rows:
        print(f"  {name:28}{value!s:>12}")
    for name in ("gaps", "filled", "missing", "missed_deleted", "strange", "stale"):
        for line in getattr(report, name)[:12]:
            print(f"  {name}: {line}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=50_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--platform", choices=[*STORMS, "both"], default="both")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    is_good = True
    for platform in STORMS if given.platform == "both" else [given.platform]:
        weather = Weather(posts=given.posts, seed=given.seed, begin=BEGIN)
        report, seconds, last = sail(platform, weather)
        show(report, seconds, (last - weather.begin).total_seconds())
        is_good &= not (report.missing or report.doubled or report.strange or report.served.asked_while_closed)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
