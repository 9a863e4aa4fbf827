"""Runs the test tiers one after the other and says plainly what ran and what could not.

On a user's machine a tier whose partner cannot be had is reported loudly, with how to get it. Under CI that is a failure.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NOTHING_RAN = 5
"""pytest's exit code for it."""
MISSING_ALLOWED = "KIKITE_ALLOW_MISSING_PARTNERS"
NOT_OURS = "not ours to ship: "
"""Begins the reason of a test that reads a vendor's description, whose licence keeps it out of the project: told, but no failure of CI."""


@dataclass(frozen=True)
class Tier:
    name: str
    marks: str
    about: str
    workers: int = 2
    """Processes that share the tier; 0: this one alone."""
    needs: str = ""
    """Module without which the tier is left out, loudly."""
    remedy: str = ""


TIERS = (
    Tier(
        "fast",
        "not partner and not browser and not kill and not outer and not torch and not model",
        "no partners, no network",
    ),
    Tier("outer", "outer and not partner and not kill", "bad input through commands, forms and files"),
    Tier("model", "model", "the shipped model learns from corrections, on the whole corpus"),
    Tier(
        "partner",
        "partner and not browser and not kill",
        "PostgreSQL, a whole Bluesky network, SMTP and IMAP on loopback",
    ),
    Tier("kill", "kill", "worker processes killed at seeded points, SQLite and PostgreSQL"),
    Tier("browser", "browser", "headless Chromium with axe"),
    Tier(
        "torch",
        "torch",
        "training and hub models, with torch",
        workers=0,
        needs="torch",
        remedy="torch is not in this environment (it is gigabytes): run `make test-torch`, which makes one of its own",
    ),
)


@dataclass(frozen=True)
class Outcome:
    tier: Tier
    ran: int
    failed: int
    left_out: tuple[str, ...]
    seconds: float
    exit_code: int


def run_tier(tier: Tier, extra: list[str]) -> Outcome:
    """Run one tier with pytest and count from its report."""
    if tier.needs and find_spec(tier.needs) is None:
        return Outcome(tier, 0, 0, (tier.remedy,), 0, NOTHING_RAN)
    print(f"\n=== {tier.name} tier: {tier.about}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        began = time.monotonic()
        environment = os.environ | ({} if os.environ.get("CI") else {MISSING_ALLOWED: "1"})
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            tier.marks,
            f"-n{tier.workers}",
            "--dist=loadgroup",
            f"--junitxml={report}",
            "--durations=5",
            *extra,
        ]
        code = subprocess.run(command, check=False, env=environment).returncode
        seconds = time.monotonic() - began
        if not report.exists():
            return Outcome(tier, 0, 0, (), seconds, code or 1)
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - our own report
    skipped = [case.find("skipped") for case in cases]
    reasons = sorted({found.get("message", "") for found in skipped if found is not None})
    broken = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    return Outcome(tier, len(cases) - sum(s is not None for s in skipped), broken, tuple(reasons), seconds, code)


def main() -> int:
    """Run the tiers named on the command line, or all; exit 0 only when each ran and passed."""
    named = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    extra = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    apart = {"torch"} if os.environ.get("KIKITE_TORCH_APART") else set()  # CI runs `make test-torch` next
    outcomes = [run_tier(tier, extra) for tier in TIERS if tier.name in named or not (named or tier.name in apart)]
    print("\n=== tiers")
    worst = 0
    for outcome in outcomes:
        state = "passed" if outcome.exit_code == 0 and outcome.ran else "FAILED" if outcome.ran else "DID NOT RUN"
        print(f"  {outcome.tier.name:8} {state:12} {outcome.ran} ran, {outcome.failed} failed, {outcome.seconds:.0f} s")
        for reason in outcome.left_out:
            print(f"           !! left out: {reason}")
        if outcome.exit_code not in {0, 5} or outcome.failed or (not outcome.ran and os.environ.get("CI")):
            worst = 1
        if os.environ.get("CI") and any(NOT_OURS not in reason for reason in outcome.left_out):
            worst = 1
    if any(outcome.left_out or not outcome.ran for outcome in outcomes):
        print("\n!! Some tests were LEFT OUT on this machine; the reasons above say how to get what is missing.")
    total = sum(outcome.ran for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"\n{total - failed} passed, {failed} failed")
    return worst


if __name__ == "__main__":
    sys.exit(main())
