"""X's batch compliance as documented: one job of a kind at a time, a list by PUT within 15 minutes, a result for a week."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from domain.clock import Clock
from tests.partners.x_world import RefusedError, XWorld

UPLOAD = timedelta(minutes=15)
DOWNLOAD = timedelta(days=7)


@dataclass
class Job:
    id: str
    created_at: datetime
    listed: list[str] | None = None
    """None: no list was put yet."""
    ended: str = ""
    """``failed`` where the test says so."""


@dataclass
class ComplianceDesk:
    """Keeps jobs. Its store, where lists and results lie, asks for no token: the addresses are signed."""

    world: XWorld
    clock: Clock
    public_url: str
    jobs: list[Job] = field(default_factory=list)
    works_for: timedelta = timedelta(minutes=20)
    """How long X takes over a job."""
    credentials_seen: list[str] = field(default_factory=list)
    """What came along to the store and should not have."""
    extra_lines: str = ""
    """Put in front of every result."""
    link: Callable[[str], str] = lambda link: link
    """What becomes of the addresses that are given out."""

    def status(self, job: Job) -> str:
        now = self.clock.now()
        if job.ended:
            return job.ended
        if job.listed is None:
            return "created" if now < job.created_at + UPLOAD else "expired"
        if now > job.created_at + DOWNLOAD:
            return "expired"
        return "complete" if now >= job.created_at + self.works_for else "in_progress"

    def show(self, job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "type": "tweets",
            "name": "kikite",
            "resumable": False,
            "status": self.status(job),
            "created_at": _iso(job.created_at),
            "upload_url": self.link(f"{self.public_url}/store/{job.id}/in?signature=s3cret"),
            "upload_expires_at": _iso(job.created_at + UPLOAD),
            "download_url": self.link(f"{self.public_url}/store/{job.id}/out?signature=s3cret"),
            "download_expires_at": _iso(job.created_at + DOWNLOAD),
        }

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("type") != "tweets":
            raise RefusedError(400, "invalid-request", "type is not one of [tweets, users]")
        if any(self.status(job) in {"created", "in_progress"} for job in self.jobs):
            raise RefusedError(409, "concurrent-job", "You already have a job of this type in progress")
        job = Job(id=str(1_400_000_000_000_000_000 + len(self.jobs)), created_at=self.clock.now())
        self.jobs.append(job)
        return {"data": self.show(job)}

    def list_jobs(self) -> dict[str, Any]:
        return {"data": [self.show(job) for job in self.jobs], "meta": {"result_count": len(self.jobs)}}

    def tell(self, job_id: str) -> dict[str, Any]:
        return {"data": self.show(self._find(job_id))}

    async def store(self, request: Request) -> Response:
        """Take a list, or give a result."""
        self.credentials_seen += [name for name in request.headers if name in {"authorization", "cookie"}]
        job = self._find(request.path_params["id"])
        if request.query_params.get("signature") != "s3cret":
            return Response("<Error>SignatureDoesNotMatch</Error>", status_code=403)
        if request.method == "PUT":
            if self.status(job) != "created" or request.headers.get("content-type") != "text/plain":
                return Response("<Error/>", status_code=400)
            job.listed = (await request.body()).decode().splitlines()
            return Response()
        if self.status(job) != "complete":
            return Response("<Error>NoSuchKey</Error>", status_code=404)
        return Response(self.extra_lines + self._result(job), media_type="application/json")

    def _result(self, job: Job) -> str:
        lines = []
        for one in job.listed or []:
            if self.world.find(one) is None:
                reason = "protected" if one in self.world.posts else "deleted"
                told = {"id": one, "action": "delete", "created_at": _iso(job.created_at), "reason": reason}
                lines.append(json.dumps(told | {"redacted_at": _iso(job.created_at)}))
        return "".join(f"{line}\n" for line in lines)

    def _find(self, job_id: str) -> Job:
        for job in self.jobs:
            if job.id == job_id:
                return job
        raise RefusedError(404, "resource-not-found", "no such job")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
