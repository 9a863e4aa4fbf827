"""What guards every request: security headers on all answers, and no unsafe request from another site.

Plain ASGI, so that live events stream through.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {sources}" for name, sources in DIRECTIVES.items())
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
REFUSED = """This request came from another site and was refused.
別のサイトからの操作だったため、受け付けませんでした。
"""
"""In both languages: a request of another site is not asked which one it reads."""
HOOKS = "/hooks/"
"""Platforms call here, with signatures instead of a browser's headers."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Add the headers of ``HEADERS`` to every answer; pages are never stored by a browser or proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap ``send``."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOriginGuard:
    """Refuse unsafe methods unless the browser says that the request comes from our own pages.

    ``Sec-Fetch-Site`` decides where it is sent (every current browser); otherwise ``Origin`` must name this host.
    A request with neither header is refused: browsers send at least one with every POST.
    """

    def __init__(self, app: ASGIApp, *, own_hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.own_hosts = frozenset(own_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass or answer 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not scope["path"].startswith(HOOKS):
            headers = Headers(scope=scope)
            if not self._is_same_origin(headers):
                refusal = PlainTextResponse(REFUSED, status_code=403)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_same_origin(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if not origin or origin == "null":
            return False
        return urlsplit(origin).netloc in {headers.get("host", ""), *self.own_hosts}
