"""A fake of Meta's Graph API over HTTP: tokens with their proof, cursor paging, comments, mentions, messages within their windows."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.partners.graph_world import (
    ACCOUNT,
    APP,
    NAMES,
    PAGE,
    SECRET,
    TOKEN,
    WINDOW,
    WINDOW_HUMAN,
    Message,
    Node,
    World,
)

SCOPES = {
    "facebook": [
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_manage_metadata",
        "pages_messaging",
    ],
    "instagram": [
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_read_engagement",
        "pages_manage_metadata",
        "pages_show_list",
    ],
}
MENTIONED = re.compile(r"mentioned_(media|comment)\.(?:media|comment)_id\((\d+)\)\{([a-z,]+)\}")


class RefusedError(Exception):
    """An answer in Meta's form of errors."""

    def __init__(self, code: int, subcode: int = 0, message: str = "No.", status: int = 400, **more: Any) -> None:  # noqa: ANN401 - fields of any kind
        super().__init__(message)
        error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1"} | more
        self.response = JSONResponse({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


GONE = (100, 33, "Unsupported get request. Object with ID does not exist")


class GraphApp:
    """Serves one ``World``."""

    def __init__(self, world: World) -> None:
        self.world = world

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{version}/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        query = dict(request.query_params)
        path = request.path_params["path"]
        self.world.asked.append((request.method, path, query))
        try:
            self._check_token(request, query, path)
            body = await request.json() if request.method == "POST" else {}
            found = self._post(path, body) if request.method == "POST" else self._get(path, query)
        except RefusedError as error:
            return error.response
        return JSONResponse(found, headers=self.world.headers)

    def _check_token(self, request: Request, query: dict[str, str], path: str) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != (f"{APP}|{SECRET}" if path == "debug_token" else TOKEN) or not self.world.token.get("works", True):
            raise RefusedError(190, self.world.token.get("subcode", 0), "Invalid OAuth access token.", 401)
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if query.get("appsecret_proof") != proof:
            raise RefusedError(100, message="Invalid appsecret_proof provided in the API argument")

    # -- reading -------------------------------------------------------------------------------------------------------

    def _get(self, path: str, query: dict[str, str]) -> Any:  # noqa: ANN401, PLR0911 - answers of many shapes, one line each
        world = self.world
        name, _, edge = path.partition("/")
        if path == "debug_token":
            told = {"app_id": APP, "is_valid": True, "scopes": SCOPES[world.kind], "expires_at": 0}
            return {"data": told | world.token.get("told", {})}
        if edge == "conversations" and name == "me":
            return self._conversations(query)
        if path == "me":
            return {"id": PAGE, "name": NAMES[PAGE]}
        if path == ACCOUNT:
            return self._account(query)
        if edge in {"feed", "media"} and name == world.own:
            posts = [node for node in world.nodes.values() if not node.post and not node.is_deleted]
            return page(newest(posts), query, lambda node: self._post_view(node, query["fields"]))
        if edge in {"tagged", "tags"} and name == world.own:
            return page(newest(list(world.tagged.values())), query, lambda node: self._post_view(node, ""))
        node = self._find(name)
        if edge == "comments":
            is_post = not node.post
            return page(world.below(name) if is_post else world.answers(name), query, self._listed(query))
        if edge == "replies":
            return page(world.answers(name)[::-1], query, self._listed(query))
        return self._view(node)

    def _listed(self, query: dict[str, str]) -> Any:  # noqa: ANN401 - a function
        return lambda node: self._view(node, query.get("fields", ""))

    def _find(self, node_id: str) -> Node:
        others = {} if self.world.kind == "instagram" else self.world.tagged | self.world.elsewhere
        node = (self.world.nodes | others).get(node_id)
        if (
            node is None
            or node.is_deleted
            or (node.post and (post := self.world.nodes.get(node.post)) and post.is_deleted)
        ):
            raise RefusedError(*GONE)
        return node

    def _post_view(self, node: Node, fields: str) -> dict[str, Any]:
        seen = self._view(node)
        limit = re.search(r"comments[^{]*limit\((\d+)\)", fields)
        if limit:
            listed = self.world.below(node.id)
            if self.world.kind == "instagram":
                listed = [one for one in listed if not one.parent]
            comments = page(listed, {"limit": limit[1]}, lambda one: self._view(one, fields))
            seen |= {"comments": comments} if comments["data"] else {}
        return seen

    def _view(self, node: Node, fields: str = "") -> dict[str, Any]:
        world = self.world
        name = world.name_of(node.author)
        is_told = world.names_told or node.author == world.own
        stamp = node.created.strftime("%Y-%m-%dT%H:%M:%S+0000")
        if world.kind == "facebook":
            seen: dict[str, Any] = {
                "id": node.id,
                "created_time": stamp,
                "updated_time": stamp,
                "is_hidden": node.is_hidden,
            }
            seen |= {"message": node.text} if node.text else {}
            seen |= {"from": {"id": node.author, "name": name}} if is_told else {}
            seen |= {"permalink_url": f"https://www.facebook.com/mizunara/posts/{node.id}"}
            if node.post:
                seen |= {"can_comment": True, "can_reply_privately": node.id not in world.private_replies}
                seen |= (
                    {
                        "private_reply_conversation": {
                            "id": "t_1",
                            "messages": self._messages(world.private_replies[node.id]),
                        }
                    }
                    if node.id in world.private_replies
                    else {}
                )
            return seen | ({"parent": {"id": node.parent}} if node.parent else {})
        seen = {
            "id": node.id,
            "timestamp": stamp,
            "username": name,
            "permalink": f"https://www.instagram.com/p/{node.id}/",
        }
        if not node.post:
            return seen | {"caption": node.text}
        seen |= {"text": node.text, "hidden": node.is_hidden} | ({"parent_id": node.parent} if node.parent else {})
        seen |= {"from": {"id": node.author, "username": name}} if is_told else {}
        replies = re.search(r"replies\.limit\((\d+)\)", fields)
        if replies and (answers := world.answers(node.id)[::-1]):
            seen["replies"] = page(answers, {"limit": replies[1]}, self._view)
        return seen

    def _account(self, query: dict[str, str]) -> Any:  # noqa: ANN401 - an answer
        found = MENTIONED.fullmatch(query["fields"])
        if not found:
            return {"id": ACCOUNT, "username": NAMES[ACCOUNT]}
        what, node_id, fields = found.groups()
        node = (self.world.tagged if what == "media" else self.world.elsewhere).get(node_id)
        known = {"id", "caption", "timestamp", "username"} if what == "media" else {"id", "text", "timestamp"}
        if not set(fields.split(",")) <= known:
            raise RefusedError(100, message="Tried accessing nonexisting field")
        if node is None or node.is_deleted:
            raise RefusedError(*GONE)
        seen = {key: value for key, value in self._view(node).items() if key in known}
        return {f"mentioned_{what}": seen, "id": ACCOUNT}

    def _conversations(self, query: dict[str, str]) -> Any:  # noqa: ANN401 - an answer
        if query.get("platform") != ("messenger" if self.world.kind == "facebook" else "instagram"):
            raise RefusedError(100, message="platform")
        people = [person for person in self.world.talks if query.get("user_id", person) == person]
        people.sort(key=lambda person: self.world.talks[person][-1].created, reverse=True)
        return page(people, query, self._talk)

    def _talk(self, person: str) -> dict[str, Any]:
        updated = self.world.talks[person][-1].created.strftime("%Y-%m-%dT%H:%M:%S+0000")
        return {"id": f"t_{person}", "updated_time": updated, "messages": self._messages(person)}

    def _messages(self, person: str) -> dict[str, Any]:
        key = "name" if self.world.kind == "facebook" else "username"
        newest_first = sorted(self.world.talks.get(person, []), key=lambda one: one.created, reverse=True)[:20]
        return {
            "data": [
                {
                    "id": message.id,
                    "message": message.text,
                    "from": {"id": message.author, key: self.world.name_of(message.author)},
                    "created_time": message.created.strftime("%Y-%m-%dT%H:%M:%S+0000"),
                }
                for message in newest_first
            ]
        }

    # -- sending -------------------------------------------------------------------------------------------------------

    def _post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer
        name, _, edge = path.partition("/")
        world = self.world
        if path == "me/messages":
            return self._message(body)
        if path == f"{ACCOUNT}/mentions":
            world.sent.append(body)
            return {"id": "17869999"}
        if edge not in ({"comments"} if world.kind == "facebook" else {"replies"}):
            raise RefusedError(100, message="Unsupported post request")
        node = self._find(name)
        if not body.get("message"):
            raise RefusedError(100, message="message is required")
        if world.kind == "instagram" and node.is_hidden:
            raise RefusedError(10, message="hidden")
        parent = node.id if node.post else ""
        return {"id": world.comment(body["message"], on=node.post or node.id, author="us", parent=parent)}

    def _message(self, body: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer
        world = self.world
        recipient, text = body["recipient"], body["message"]["text"]
        comment_id = recipient.get("comment_id", "")
        if comment_id:
            comment = self._find(comment_id)
            person = comment.author
            if comment_id in world.private_replies:
                raise RefusedError(10900, message="Activity already replied to")
            if world.clock.now() - comment.created >= WINDOW_HUMAN:
                raise RefusedError(10, 2018278, "sent outside of allowed window")
        else:
            person = recipient["id"]
            self._check_window(person, is_human=body.get("tag") == "HUMAN_AGENT")
        if person in world.blocked:
            raise RefusedError(551, 1545041, "This person isn't available right now.")
        world.sent.append(body)
        message_id = world.write(text, author="us", to=person)
        if comment_id:
            world.private_replies[comment_id] = person
        return {"recipient_id": person, "message_id": message_id}

    def _check_window(self, person: str, *, is_human: bool) -> None:
        world = self.world
        if is_human and not world.can_human_agent:
            raise RefusedError(200, message="HUMAN_AGENT not approved")
        said: Sequence[Message] = [one for one in world.talks.get(person, []) if one.author == person]
        window = WINDOW_HUMAN if is_human else WINDOW
        if not said or world.clock.now() - said[-1].created >= window:
            raise RefusedError(10, 2018278, "sent outside of allowed window")


def newest(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: node.created, reverse=True)


def page(listed: Sequence[Any], query: dict[str, str], view: Any) -> dict[str, Any]:  # noqa: ANN401 - a function
    """Return a page with Meta's cursors; a place that is no more is refused."""
    size = int(query.get("limit", "25"))
    keys = [one if isinstance(one, str) else one.id for one in listed]
    start = 0
    if after := query.get("after"):
        try:
            start = keys.index(urlsafe_b64decode(after).decode()) + 1
        except ValueError:
            raise RefusedError(100, message="Invalid cursor") from None
    part, part_keys = listed[start : start + size], keys[start : start + size]
    found: dict[str, Any] = {"data": [view(one) for one in part]}
    if part:
        found["paging"] = {"cursors": {"after": urlsafe_b64encode(part_keys[-1].encode()).decode()}}
        if start + size < len(listed):
            found["paging"]["next"] = "https://graph.facebook.com/next"
    return found
