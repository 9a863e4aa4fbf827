"""Who may ask X, and how often: OAuth 1.0a signatures checked as X does, OAuth 2.0 tokens that end, limits in windows."""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request

from domain.clock import Clock
from tests.partners.x_world import RefusedError

WINDOW_SECONDS = 900


@dataclass
class Keys:
    """What our app and account sign with."""

    api_key: str = "app-key-1"
    api_key_secret: str = "app-secret-1"
    access_token: str = "7000-token-1"
    access_token_secret: str = "token-secret-1"
    client_id: str = "client-1"
    client_secret: str = ""
    refresh_token: str = "refresh-0"
    bearer_token: str = "bearer-1"

    def secrets(self) -> tuple[str, ...]:
        return (
            self.api_key_secret, self.access_token, self.access_token_secret, self.refresh_token, self.bearer_token,
        )  # fmt: skip


@dataclass
class Door:
    """Lets requests in, or refuses them."""

    clock: Clock
    public_url: str
    """Address that clients sign."""
    keys: Keys = field(default_factory=Keys)
    access_tokens: dict[str, Any] = field(default_factory=dict)
    """When each OAuth 2.0 token ends."""
    refreshed: int = 0
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    """Until when ``close`` shut a route, in seconds since 1970."""
    told: dict[str, int] = field(default_factory=dict)
    """Until when clients were told that a route is closed."""
    unheard: bool = False
    """The next answer will not arrive whole: nobody is told what it says."""
    refused: int = 0
    """Answers 429."""
    asked_while_closed: int = 0
    """Requests to a route before the time that an answer had told: what a polite client never makes."""

    def close(self, route: str, how_long: timedelta) -> None:
        """Refuse everything on ``route`` (``GET /2/…``) for a while, as when another app used up the window."""
        self.closed[route] = int((self.clock.now() + how_long).timestamp())

    def admit(self, request: Request) -> None:
        """Raise ``RefusedError`` unless the request is signed by our account (counting: by OAuth 2.0 or the app)."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if "/compliance/" in request.url.path:
            if (scheme, given) == ("Bearer", self.keys.bearer_token):
                return
            raise RefusedError(403, "unsupported-authentication", "This endpoint takes OAuth 2.0 Application-Only")
        counting = request.url.path.endswith("/counts/recent")
        if scheme == "OAuth" and not counting and self._is_signed(request, given):
            return
        ends = self.access_tokens.get(given)
        if scheme == "Bearer" and ends is not None and ends > self.clock.now():
            return
        if scheme == "Bearer" and counting and given == self.keys.bearer_token:
            return
        raise RefusedError(401, "about:blank", "Unauthorized")

    def count(self, request: Request, route: str) -> dict[str, str]:
        """Count one request to ``route``; return the limit's headers. Raises ``RefusedError`` (429) over the limit."""
        name, now = f"{request.method} {route}", self.clock.now().timestamp()
        window = int(now) // WINDOW_SECONDS
        key = name, window
        self.counts[key] = self.counts.get(key, 0) + 1
        self.asked_while_closed += now < self.told.get(name, 0)
        limit = 15 if "dm_events" in route and request.method == "GET" else 300
        is_closed = now < self.closed.get(name, 0)
        left = 0 if is_closed else max(0, limit - self.counts[key])
        reset = self.closed[name] if is_closed else (window + 1) * WINDOW_SECONDS
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(reset),
        }
        if not left and not self.unheard:
            self.told[name] = reset
        self.unheard = False
        if is_closed or self.counts[key] > limit:
            self.refused += 1
            raise RefusedError(429, "about:blank", "Too Many Requests", headers=headers)
        return headers

    def refresh(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """Exchange a refresh token, once, for a new pair."""
        keys = self.keys
        if form.get("client_id") != keys.client_id or (keys.client_secret and not authorization.startswith("Basic ")):
            raise RefusedError(401, "invalid_client", "Missing valid authorization header")
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != keys.refresh_token:
            raise RefusedError(400, "invalid_request", "Value passed for the token was invalid.")
        self.refreshed += 1
        access = f"access-{self.refreshed}-{secrets.token_hex(4)}"
        self.access_tokens = {access: self.clock.now() + timedelta(hours=2)}
        keys.refresh_token = f"refresh-{self.refreshed}"
        return {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": access,
            "refresh_token": keys.refresh_token,
            "scope": "tweet.read tweet.write users.read dm.read dm.write offline.access",
        }

    def revoke(self) -> None:
        """Let the account take every right away."""
        self.access_tokens = {}
        self.keys = Keys(api_key="other", access_token="other", refresh_token="other", bearer_token="other")

    def _is_signed(self, request: Request, given: str) -> bool:
        parts = dict(part.strip().split("=", 1) for part in given.split(","))
        oauth = {name: unquote(value.strip('"')) for name, value in parts.items()}
        known = (
            oauth.get("oauth_consumer_key") == self.keys.api_key and oauth.get("oauth_token") == self.keys.access_token
        )
        signed = oauth.pop("oauth_signature", "")
        params = [*oauth.items(), *parse_qsl(request.url.query, keep_blank_values=True)]
        uri = f"{self.public_url}{request.url.path}"
        return known and hmac.compare_digest(signed, self._sign(request.method, uri, params))

    def _sign(self, method: str, uri: str, params: list[tuple[str, str]]) -> str:
        """Return the signature of RFC 5849, section 3.4: HMAC-SHA1 over method, address and every parameter."""
        pairs = sorted((_quote(name), _quote(value)) for name, value in params)
        listed = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join((method, _quote(uri), _quote(listed)))
        key = f"{_quote(self.keys.api_key_secret)}&{_quote(self.keys.access_token_secret)}"
        return base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()


def _quote(text: str) -> str:
    return quote(text, safe="-._~")
