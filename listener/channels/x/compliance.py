"""Batch compliance: X takes a list of post ids, and names later those that must go (docs.x.com, x-api/compliance/batch-compliance).

Asked by the app alone. Of one kind X runs one job at a time; the list is put within 15 minutes, the result lies there for a week.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener.channels.x import answers
from listener.channels.x.client import XClient
from listener.channels.x.given_links import GivenLinks

log = structlog.get_logger(__name__)

KIND: Final = "tweets"
NAME: Final = "kikite"
RUNNING: Final = frozenset({"created", "in_progress"})
OVER: Final = frozenset({"failed", "expired"})
UPLOAD: Final = timedelta(minutes=15)
"""How long X waits for a list. A job that never got one is over then."""
STAYS: Final = "scrub_geo"
"""A reason that takes the place from a post, and not the post; we keep no places."""
LOOK_AGAIN_SECONDS: Final = 900.0


class ComplianceJobs:
    """Puts questions and reads answers. Keeps no state: the ticket is the job's id. Thread-safe."""

    def __init__(self, client: XClient, links: GivenLinks, *, clock: Clock) -> None:
        self._client = client
        self._links = links
        self._clock = clock

    def ask(self, external_ids: Sequence[str]) -> str:
        """Begin a job about those of ``external_ids`` that are posts; return its id, empty when none is."""
        posts = [one for one in external_ids if answers.is_id(one)]
        if not posts:
            return ""
        self._require_none_running()
        answer = self._client.ask_as_app("create_compliance_job", KIND, name=NAME, resumable=False)
        job_id, upload_url = answers.text(answer, "data", "id"), answers.text(answer, "data", "upload_url")
        if not answers.is_id(job_id) or not upload_url:
            raise RetryableError("X does not say where the list of posts goes.", code="no_answer")
        self._links.put(upload_url, "".join(f"{post}\n" for post in posts))
        return job_id

    def read(self, ticket: str) -> frozenset[str] | None:
        """Return the posts that must go; None while X works. ``PermanentError``: the job is over without a result."""
        answer = self._client.ask_as_app("get_compliance_job", ticket)
        status = answers.text(answer, "data", "status")
        if status in OVER:
            raise PermanentError(f"X's compliance job ended as '{status}'.", code="job_over")
        if status != "complete":
            return None
        return frozenset(_read_gone(self._links.fetch(answers.text(answer, "data", "download_url"))))

    def _require_none_running(self) -> None:
        """Raise ``RetryableError`` while a job runs: another app's part of it, or one of ours whose ticket was lost."""
        answer = self._client.ask_as_app("get_compliance_jobs", KIND)
        for job in answers.items(answer, "data"):
            begun = answers.moment(job, "created_at")
            waits = answers.text(job, "status") == "created"
            if waits and begun is not None and begun + UPLOAD < self._clock.now():
                continue
            if answers.text(job, "status") in RUNNING:
                raise RetryableError(
                    "X still runs another compliance job.", code="job_running", retry_after_seconds=LOOK_AGAIN_SECONDS
                )


def _read_gone(result: str) -> Iterator[str]:
    """Yield the posts that ``result`` names, one JSON object a line. A line that is none is passed over.

    Raises ``RetryableError`` when the end is missing: what stands there may name more.
    """
    lines = result.split("\n")
    unreadable = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        told = _parse(line)
        if told is None and number == len(lines):
            raise RetryableError("X's list of posts that must go breaks off.", code="no_answer")
        post = answers.text(told, "id")
        if not answers.is_id(post):
            unreadable += 1
        elif answers.text(told, "action") == "delete" and answers.text(told, "reason") != STAYS:
            yield post
    if unreadable:
        log.warning("x_compliance_lines_unreadable", lines=unreadable)


def _parse(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
