"""One request through the SDK: sent once, with a timeout, its failure told as one of our errors.

Each request has an SDK object and a connection of its own: nothing is shared between threads, and no send ever rides on a
connection that the other side has just closed.
"""

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.clock import Clock
from domain.errors import ChannelError, RetryableError, SendUncertainError
from listener.channels.mastodon import wire
from listener.channels.mastodon.options import MastodonOptions
from listener.channels.mastodon.refusals import Refusal, explain_refusal

if TYPE_CHECKING:
    from mastodon import Mastodon

KNOWN_VERSION = (4, 3, 0)
"""What the SDK takes the server for. It would ask for the version otherwise, with a request that nobody counts."""
BEFORE_SENDING = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})
"""Errors of the SDK's HTTP library, by name since it is not ours: no byte of the request had left."""
SUCCESS = range(200, 300)


@dataclass
class _Heard:
    """What came back. ``status`` 0: nothing did.

    The body is kept as it came: the SDK fits answers into classes of its own, and makes a list of an object's keys where it
    expects a list, so that an error would look like "nothing there".
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None

    def listen(self, response: Any, *_arguments: object, **_options: object) -> None:  # noqa: ANN401 - its class is not ours
        """Note an answer, and take its rate limit out of the SDK's sight: one it cannot read would undo a success."""
        self.status = int(response.status_code)
        self.headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
        for name in [name for name in response.headers if name.lower().startswith(("x-ratelimit", "deprecation"))]:
            del response.headers[name]
        self.body = None
        with suppress(ValueError, OSError, RecursionError):  # no JSON, or torn: the SDK fails of it presently
            self.body = response.json()


class Client:
    """Asks one server as one account. Thread-safe."""

    def __init__(self, options: MastodonOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._count

    def ask(self, call: "Callable[[Mastodon], object]", *, sends: bool = False) -> dict[str, object]:
        """Return the object that ``call`` is answered with.

        Raises ``PermanentError``, ``RetryableError``, or ``SendUncertainError`` for a send. ``sends``: the request makes
        something appear, so that a lost answer is a doubt.
        """
        body = self._ask(call, sends=sends)
        if not isinstance(body, dict):
            raise self._no_answer(sends=sends)
        return body

    def ask_list(self, call: "Callable[[Mastodon], object]") -> list[object]:
        """Return the list that ``call`` is answered with. Raises as ``ask``."""
        body = self._ask(call, sends=False)
        if not isinstance(body, list):
            raise self._no_answer(sends=False)
        return body

    def _ask(self, call: "Callable[[Mastodon], object]", *, sends: bool) -> object:
        from mastodon.errors import MastodonError  # noqa: PLC0415 - the SDK loads in the worker, not at start

        heard = _Heard()
        api = self._open(heard)
        if sends:
            api.session.max_redirects = 0  # a redirected POST becomes a GET: it would look done
        with self._lock:
            self._count += 1
        try:
            call(api)
        except (MastodonError, ValueError, RecursionError) as error:
            told = self._explain(error, heard, sends=sends)
        else:
            return heard.body
        finally:
            api.session.close()
        raise told  # outside, so that nothing of the request, its token least of all, hangs on it

    def _open(self, heard: _Heard) -> "Mastodon":
        from mastodon import Mastodon  # noqa: PLC0415 - as above

        api = Mastodon(
            api_base_url=self._options.instance,
            ratelimit_method="throw",
            request_timeout=self._options.timeout_seconds,
            version_check_mode="none",
            mastodon_version=".".join(map(str, KNOWN_VERSION)),
            user_agent="kikite",
        )
        api.mastodon_major, api.mastodon_minor, api.mastodon_patch = KNOWN_VERSION
        # Not through the constructor, which would take a token that is also a file's name for that file.
        api.access_token = self._options.access_token.get_secret_value()
        # The SDK would ask for the instance before each hashtag timeline, only to warn.
        api.timeline_is_available = _always  # type: ignore[method-assign]
        api.session.headers["Connection"] = "close"
        api.session.hooks["response"].append(heard.listen)
        return api

    def _explain(self, error: Exception, heard: _Heard, *, sends: bool) -> ChannelError:
        if heard.status and heard.status not in SUCCESS:
            refusal = Refusal(status=heard.status, message=wire.text(heard.body, "error"), headers=heard.headers)
            return explain_refusal(refusal, sends=sends, now=self._clock.now())
        if not heard.status and _never_left(error):
            return RetryableError(
                f"{self._options.instance} cannot be reached.", code="unreachable", remedy="Check the network."
            )
        return self._no_answer(sends=sends)

    def _no_answer(self, *, sends: bool) -> ChannelError:
        if sends:
            return SendUncertainError(f"{self._options.instance} gave no whole answer to a send.", code="no_answer")
        return RetryableError(
            f"{self._options.instance} gave no whole answer.", code="no_answer", remedy="Check options.instance."
        )


def _always(*_arguments: object, **_options: object) -> bool:
    return True


def _never_left(error: BaseException) -> bool:
    """Tell whether the connection failed before a byte of the request was sent."""
    met: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in met:
        met.add(id(cause))
        if type(cause).__name__ in BEFORE_SENDING or isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
