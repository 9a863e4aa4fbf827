"""How many requests Reddit takes of one client: a thousand in ten minutes, told with each answer; more are refused."""

from dataclasses import dataclass
from datetime import timedelta

from domain.clock import Clock

SECONDS = 600
ALLOWED = 1_000


@dataclass
class Window:
    """Counts requests, and who asks though told to wait."""

    clock: Clock
    used: int = 0
    began: int = 0
    closed_until: float = 0
    """Set by ``close``, in seconds since 1970."""
    told_until: float = 0
    """Until when the client was told that nothing is left."""
    unheard: bool = False
    """The next answer will not arrive whole: nobody is told what it says."""
    refused: int = 0
    asked_while_closed: int = 0

    def close(self, how_long: timedelta) -> None:
        """Refuse everything for a while, as when another program used up the window."""
        self.closed_until = (self.clock.now() + how_long).timestamp()

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is taken, and the headers of its answer."""
        now = self.clock.now().timestamp()
        if now >= self.began + SECONDS:
            self.began, self.used = int(now) // SECONDS * SECONDS, 0
        self.used += 1
        self.asked_while_closed += now < self.told_until
        is_closed = now < self.closed_until
        left = 0 if is_closed else max(0, ALLOWED - self.used)
        ends = self.closed_until if is_closed else self.began + SECONDS
        if not left and not self.unheard:
            self.told_until = ends
        self.unheard = False
        is_taken = not is_closed and self.used <= ALLOWED
        self.refused += not is_taken
        headers = {"remaining": f"{left}.0", "used": str(self.used), "reset": str(int(ends - now) + 1)}
        return is_taken, {f"x-ratelimit-{name}": value for name, value in headers.items()}
