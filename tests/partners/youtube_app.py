"""A fake YouTube Data API v3 over real HTTP: it signs in, counts units, pages, moderates and refuses as the reference says."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import FixedClock
from tests.partners.youtube_views import refuse, show_channel, show_comment, show_list, show_thread, show_video
from tests.partners.youtube_world import Comment, Person, Video, World

FORCE_SSL: Final = "https://www.googleapis.com/auth/youtube.force-ssl"
CALIFORNIA: Final = ZoneInfo("America/Los_Angeles")
COSTS: Final = {"GET": 1, "POST": 50}
LONGEST_TEXT: Final = 10_000
MOST_IDS: Final = 50
Answerer = Callable[[Request, Person | None], Response]
Handler = Callable[[Request], Awaitable[Response]]
FILTERS: Final = ("allThreadsRelatedToChannelId", "videoId", "id", "parentId")


@dataclass
class Grant:
    """What a refresh token stands for."""

    person: Person
    scopes: tuple[str, ...] = (FORCE_SSL,)


@dataclass
class Access:
    """What an access token stands for."""

    grant: Grant
    ends_at: datetime


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, response: JSONResponse) -> None:
        super().__init__()
        self.response = response


@dataclass
class YouTubeFake:
    """The platform. Tests change its fields to make it refuse."""

    clock: FixedClock
    client_id: str = "client-of-the-shop"
    client_secret: str = "secret-of-the-client"
    api_keys: set[str] = field(default_factory=set)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, Access] = field(default_factory=dict)
    units_a_day: int = 10_000
    units: dict[date, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Methods, resources and filters of all requests that came this far."""
    replies_shown: int = 5
    """Replies that come along with a thread at most: a limited number, says the reference."""
    shows_oldest: bool = False
    """Which of them: it says nothing about that."""
    finds_replies_by_id: bool = True
    """The reference does not say that it does."""
    page_secret: str = "a"
    """Another one makes all page tokens given out so far invalid."""

    def __post_init__(self) -> None:
        self.world = World(self.clock)

    def sign_in(self, person: Person, refresh_token: str, *scopes: str) -> None:
        """Let ``refresh_token`` stand for ``person``."""
        self.refresh_tokens[refresh_token] = Grant(person, scopes or (FORCE_SSL,))

    def app(self) -> Starlette:
        """Return the server."""
        get, post = ["GET"], ["POST"]
        return Starlette(
            routes=[
                Route("/token", self._token, methods=post),
                Route("/youtube/v3/channels", self._guarded(self._channels), methods=get),
                Route("/youtube/v3/videos", self._guarded(self._videos), methods=get),
                Route("/youtube/v3/commentThreads", self._guarded(self._threads), methods=get),
                Route("/youtube/v3/comments", self._guarded(self._comments), methods=get),
                Route("/youtube/v3/comments", self._guarded_insert, methods=post),
            ]
        )

    # -- signing in and counting ---------------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "Unauthorized"}, status_code=401)
        grant = self.refresh_tokens.get(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or grant is None:
            said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return JSONResponse(said, status_code=400)
        token = f"ya29.access-{len(self.access_tokens)}"
        self.access_tokens[token] = Access(grant, self.clock.now() + timedelta(seconds=3599))
        said_scopes = " ".join(grant.scopes)
        return JSONResponse({"access_token": token, "expires_in": 3599, "scope": said_scopes, "token_type": "Bearer"})

    def _viewer(self, request: Request) -> Person | None:
        """Return who asks; None for an API key."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind == "Bearer":
            access = self.access_tokens.get(token)
            if access is None or access.ends_at <= self.clock.now():
                raise RefusedError(refuse(401, "authError", "Invalid Credentials"))
            if access.grant.person.is_closed:
                raise RefusedError(refuse(403, "authenticatedUserAccountClosed"))
            if FORCE_SSL not in access.grant.scopes and "/comment" in request.url.path:
                raise RefusedError(refuse(403, "insufficientPermissions", "Insufficient Permission"))
            return access.grant.person
        if request.headers.get("x-goog-api-key", "") not in self.api_keys:
            said = "API key not valid. Please pass a valid API key."
            raise RefusedError(refuse(400, "badRequest", said, reason="API_KEY_INVALID", domain="googleapis.com"))
        return None

    def _charge(self, request: Request) -> None:
        day, cost = self.clock.now().astimezone(CALIFORNIA).date(), COSTS[request.method]
        used = self.units.get(day, 0)
        if used + cost > self.units_a_day:
            said = 'The request cannot be completed because you have exceeded your <a href="/q">quota</a>.'
            raise RefusedError(refuse(403, "quotaExceeded", said))
        self.units[day] = used + cost

    def _guarded(self, answer: Answerer) -> Handler:
        async def guarded(request: Request) -> Response:
            filters = [name for name in FILTERS if name in request.query_params]
            self.asked.append(f"{request.url.path.rpartition('/')[2]} {' '.join(filters)}".strip())
            try:
                viewer = self._viewer(request)
                self._charge(request)
                response: Response = answer(request, viewer)
            except RefusedError as refused:
                return refused.response
            return response

        return guarded

    async def _guarded_insert(self, request: Request) -> Response:
        self.asked.append("insert")
        try:
            viewer = self._viewer(request)
            if viewer is None:
                return refuse(401, "required", "Login Required.")
            self._charge(request)
            return self._insert(await request.json(), viewer)
        except RefusedError as refused:
            return refused.response

    # -- resources -----------------------------------------------------------------------------------------------------

    def _channels(self, request: Request, viewer: Person | None) -> Response:
        if request.query_params.get("mine") == "true":
            if viewer is None:
                return refuse(401, "required", "Login Required.")
            if not viewer.has_channel:
                return JSONResponse({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}})
            return show_list("channel", [show_channel(viewer)])
        wanted = request.query_params.get("id", "").split(",")
        return show_list("channel", [show_channel(one) for one in self.world.people.values() if one.id in wanted])

    def _videos(self, request: Request, _viewer: Person | None) -> Response:
        wanted = _ids(request)
        return show_list("video", [show_video(one) for one in self.world.videos.values() if one.id in wanted])

    def _threads(self, request: Request, viewer: Person | None) -> Response:
        query = request.query_params
        is_plain = query.get("textFormat") == "plainText"
        if "id" in query:
            found = [self.world.comments[one] for one in _ids(request) if one in self.world.comments]
            return show_list(
                "commentThread",
                [self._show(one, viewer, is_plain=is_plain) for one in found if not one.parent],
            )
        if query.get("order", "time") != "time":
            raise RefusedError(refuse(400, "invalidFilters"))
        threads = self.world.threads(self._videos_asked(request))
        if term := query.get("searchTerms"):
            threads = [one for one in threads if self._mentions(one, term)]
        page, token = self._page(request, threads)
        shown = [self._show(one, viewer, is_plain=is_plain) for one in page]
        return show_list("commentThread", shown, token)

    def _show(self, top: Comment, viewer: Person | None, *, is_plain: bool) -> dict[str, object]:
        replies = self.world.replies(top)
        along = (replies[::-1] if self.shows_oldest else replies)[: self.replies_shown]
        return show_thread(top, along, total=len(replies), viewer=viewer, is_plain=is_plain)

    def _comments(self, request: Request, viewer: Person | None) -> Response:
        query = request.query_params
        is_plain = query.get("textFormat") == "plainText"
        if "id" in query:
            found = [self.world.comments[one] for one in _ids(request) if one in self.world.comments]
            there = [one for one in found if not one.is_held and one.video.has_comments]
            there = [one for one in there if self.finds_replies_by_id or not one.parent]
            return show_list("comment", [show_comment(one, viewer=viewer, is_plain=is_plain) for one in there])
        top = self.world.comments.get(query.get("parentId", ""))
        if top is None or top.parent is not None:
            raise RefusedError(refuse(404, "commentNotFound"))
        page, token = self._page(request, self.world.replies(top))
        return show_list("comment", [show_comment(one, viewer=viewer, is_plain=is_plain) for one in page], token)

    def _insert(self, body: object, viewer: Person) -> Response:
        snippet = body.get("snippet", {}) if isinstance(body, dict) else {}
        text, parent_id = snippet.get("textOriginal", ""), snippet.get("parentId", "")
        top = self.world.comments.get(parent_id)
        if top is None or top.parent is not None or top.is_held:
            return refuse(404, "parentCommentNotFound")
        wrongs = (
            (not viewer.has_channel, 403, "ineligibleAccount"),
            (not text.strip(), 400, "commentTextRequired"),
            (len(text) > LONGEST_TEXT, 400, "commentTextTooLong"),
            (not top.video.has_comments, 403, "commentsDisabled"),
            (not top.takes_replies, 400, "operationNotSupported"),
        )
        for is_wrong, status, reason in wrongs:
            if is_wrong:
                return refuse(status, reason)
        made = self.world.add(viewer, text, video=top.video, parent=top)
        return JSONResponse(show_comment(made, viewer=viewer, is_plain=False))

    # -- lists ---------------------------------------------------------------------------------------------------------

    def _videos_asked(self, request: Request) -> list[Video]:
        if channel_id := request.query_params.get("allThreadsRelatedToChannelId"):
            if channel_id not in {one.id for one in self.world.people.values()}:
                raise RefusedError(refuse(404, "channelNotFound"))
            return [one for one in self.world.videos.values() if one.owner.id == channel_id]
        video = self.world.videos.get(request.query_params.get("videoId", ""))
        if video is None:
            raise RefusedError(refuse(404, "videoNotFound"))
        if not video.has_comments:
            raise RefusedError(refuse(403, "commentsDisabled"))
        return [video]

    def _mentions(self, top: Comment, term: str) -> bool:
        return any(term.lower() in one.text.lower() for one in (top, *self.world.replies(top)))

    def _page(self, request: Request, found: list[Comment]) -> tuple[list[Comment], str]:
        """Return one page. A token names the last comment shown, so that new ones do not shift the pages."""
        size = int(request.query_params.get("maxResults", "20"))
        if not 1 <= size <= 100:
            raise RefusedError(refuse(400, "badRequest"))
        start = 0
        if token := request.query_params.get("pageToken"):
            secret, last, moment = urlsafe_b64decode(token).decode().split(" ", 2)
            if secret != self.page_secret:
                raise RefusedError(refuse(400, "invalidPageToken"))
            start = _place_after(found, last, datetime.fromisoformat(moment))
        page = found[start : start + size]
        if start + size >= len(found):
            return page, ""
        token = f"{self.page_secret} {page[-1].id} {page[-1].published_at.isoformat()}"
        return page, urlsafe_b64encode(token.encode()).decode()


def _place_after(found: list[Comment], last: str, moment: datetime) -> int:
    """Return where the list goes on after comment ``last``, which may be deleted by now."""
    for at, comment in enumerate(found):
        if comment.id == last:
            return at + 1
    return next((at for at, comment in enumerate(found) if comment.published_at < moment), len(found))


def _ids(request: Request) -> list[str]:
    ids = request.query_params.get("id", "").split(",")
    if len(ids) > MOST_IDS:
        raise RefusedError(refuse(400, "badRequest", "Too many ids."))
    if {"maxResults", "pageToken", "order"} & set(request.query_params):
        raise RefusedError(refuse(400, "incompatibleParameters"))
    return ids
