"""One question to X through tweepy: sent once, with a timeout, its failure told as one of our errors.

A client lives for one request. A send then never goes out on a connection that the other side closed meanwhile, which would
look like a doubt; and threads share nothing.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from domain.clock import Clock
from domain.errors import ChannelError, RetryableError, SendUncertainError
from listener.channels.x import answers
from listener.channels.x.limits import Limits
from listener.channels.x.options import XOptions
from listener.channels.x.refusals import Refusal, TokenRefusedError, explain_refusal
from listener.rotating_tokens import Platform, TokenFile, Tokens

if TYPE_CHECKING:
    from listener.channels.x.transport import RefusedError, Transport

PLATFORM: Final = Platform(kind="x", name="X", usual=timedelta(hours=2))


class XClient:
    """Asks X as our account. Thread-safe; imports the SDK at its first request."""

    def __init__(self, options: XOptions, *, file: TokenFile, limits: Limits, clock: Clock) -> None:
        self._options = options
        self._limits = limits
        self._clock = clock
        self._tokens = Tokens(
            file,
            platform=PLATFORM,
            first_refresh_token=options.refresh_token.get_secret_value(),
            refresh=self._refresh,
            clock=clock,
        )

    @property
    def can_count(self) -> bool:
        """True when there are keys that X's counting takes: OAuth 2.0, or the app's own."""
        return not self._options.signs_requests or bool(self._options.bearer_token.get_secret_value())

    def read(self, call: str, *given: Any, **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Return the answer of tweepy's ``call``. Raises ``PermanentError`` or ``RetryableError``."""
        return self._ask(call, *given, sends=False, user_auth=self._options.signs_requests, **params)

    def read_list(self, call: str, *given: Any, **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Return one page of a list. Raises as ``read``, also for an answer that is no list: it is not an empty one."""
        return _need_list(self.read(call, *given, **params))

    def look_up(self, posts: Sequence[str], **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Return the posts of these ids. Raises as ``read``, also for an answer that speaks of none of them."""
        answer = self.read("get_tweets", list(posts), **params)
        told = [answers.part(answer, name) for name in ("data", "errors")]
        if any(not isinstance(one, list | None) for one in told) or not any(told):
            raise _no_answer(sends=False)
        return answer

    def count(self, rule: str, **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Ask how many recent posts ``rule`` finds; ``can_count`` tells whether we may. Raises as ``read_list``."""
        return _need_list(self._ask("get_recent_tweets_count", rule, sends=False, **params))

    def ask_as_app(self, call: str, *given: Any, **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Ask with the app's own token, as X wants it where no account is concerned. Raises as ``read``; safe to repeat."""
        token = self._options.bearer_token.get_secret_value()
        return self._ask_once(call, *given, token=token, sends=False, **params)

    def send(self, call: str, **params: Any) -> object:  # noqa: ANN401 - passed through to tweepy
        """Write. Also raises ``SendUncertainError``; an expired token is renewed before, as it was refused."""
        return self._ask(call, sends=True, user_auth=self._options.signs_requests, **params)

    def _ask(self, call: str, *given: Any, sends: bool, **params: Any) -> object:  # noqa: ANN401 - as above
        if self._options.signs_requests:
            return self._ask_once(call, *given, token="", sends=sends, **params)
        token = self._tokens.access_token()
        try:
            return self._ask_once(call, *given, token=token, sends=sends, **params)
        except TokenRefusedError:
            renewed = self._tokens.renew(token)
        return self._ask_once(call, *given, token=renewed, sends=sends, **params)

    def _ask_once(self, call: str, *given: Any, token: str, sends: bool, **params: Any) -> object:  # noqa: ANN401 - as above
        import requests  # noqa: PLC0415 - the SDK and its HTTP library load in the worker, not at start
        import tweepy  # noqa: PLC0415 - as above

        transport = self._open()
        client = tweepy.Client(**self._keys(token), return_type=requests.Response, wait_on_rate_limit=False)
        client.session.close()
        client.session = transport
        return self._tell(lambda: getattr(client, call)(*given, **params), transport, sends=sends)

    def _refresh(self, refresh_token: str) -> object:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._options.client_id}
        secret = self._options.client_secret.get_secret_value()
        auth = (self._options.client_id, secret) if secret else None
        transport = self._open()
        return self._tell(lambda: transport.request("POST", "/2/oauth2/token", data=form, auth=auth), transport)

    def _tell(self, ask: Any, transport: "Transport", *, sends: bool = False) -> object:  # noqa: ANN401 - untyped SDK
        """Return the answer's JSON, or raise what happened as one of our errors, without a word of the request."""
        import requests  # noqa: PLC0415 - as above

        from listener.channels.x.transport import RefusedError, surely_unsent  # noqa: PLC0415 - as above

        try:
            answer: object = ask().json()
        except RefusedError as refused:
            raise self._refused(refused, sends=sends) from None
        except requests.RequestException as error:
            if surely_unsent(error):
                raise _unreachable(self._options.service) from None
            raise _no_answer(sends=sends) from None
        except ValueError:
            raise _no_answer(sends=sends) from None
        finally:
            transport.close()
        if not isinstance(answer, dict):
            raise _no_answer(sends=sends)
        return answer

    def _open(self) -> "Transport":
        import requests  # noqa: PLC0415 - as above

        from listener.channels.x.transport import Transport  # noqa: PLC0415 - as above

        for talkative in ("tweepy", "requests_oauthlib", "oauthlib"):
            logging.getLogger(talkative).setLevel(logging.WARNING)  # at DEBUG they write tokens
        return Transport(
            requests.Session(),
            service=self._options.service,
            timeout_seconds=self._options.timeout_seconds,
            limits=self._limits,
            post_fields=self._options.post_fields,
        )

    def _keys(self, token: str) -> dict[str, str]:
        options = self._options
        if not options.signs_requests:
            return {"bearer_token": token}
        return {
            "bearer_token": options.bearer_token.get_secret_value(),
            "consumer_key": options.api_key.get_secret_value(),
            "consumer_secret": options.api_key_secret.get_secret_value(),
            "access_token": options.access_token.get_secret_value(),
            "access_token_secret": options.access_token_secret.get_secret_value(),
        }

    def _refused(self, refused: "RefusedError", *, sends: bool) -> ChannelError:
        refusal = Refusal(status=refused.status, body=refused.body, headers=refused.headers)
        return explain_refusal(refusal, sends=sends, now=self._clock.now())


def _need_list(answer: object) -> object:
    """Return ``answer``; raise unless it is a page as X describes it. An empty page has no ``data``, but its ``meta``."""
    if isinstance(answer, dict) and isinstance(answer.get("meta"), dict) and isinstance(answer.get("data", []), list):
        return answer
    raise _no_answer(sends=False)


def _unreachable(service: str) -> ChannelError:
    return RetryableError(f"{service} cannot be reached.", code="unreachable", remedy="Check the network.")


def _no_answer(*, sends: bool) -> ChannelError:
    if sends:
        return SendUncertainError("X gave no whole answer to a send.", code="no_answer")
    return RetryableError("X gave no whole answer.", code="no_answer")
