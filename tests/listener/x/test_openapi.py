"""What the channel asks and what our made-up X answers is as X describes it, under the new names it uses there."""

import pytest

from domain.words import Visibility
from tests.listener.channel_contract import request_for
from tests.listener.x.stage import Stage, read_mentions, read_pages
from tests.partners import x_openapi
from tests.partners.x_server import Exchange
from tests.partners.x_views import POSTS, Views
from tests.tiers import NOT_OURS

ABSENT = f"{NOT_OURS}X's description, {x_openapi.DESCRIPTION.name}, is not beside the project"
pytestmark = pytest.mark.skipif(not x_openapi.is_here(), reason=ABSENT)

CALLS = {
    ("GET", "/2/users/me"),
    ("GET", "/2/users/{id}/mentions"),
    ("GET", "/2/users/{id}/tweets"),
    ("GET", "/2/tweets/search/recent"),
    ("GET", "/2/tweets/counts/recent"),
    ("GET", "/2/tweets"),
    ("POST", "/2/tweets"),
    ("GET", "/2/dm_events"),
    ("GET", "/2/dm_conversations/with/{participant_id}/dm_events"),
    ("POST", "/2/dm_conversations/with/{participant_id}/messages"),
    ("POST", "/2/compliance/jobs"),
    ("GET", "/2/compliance/jobs"),
    ("GET", "/2/compliance/jobs/{id}"),
}


def play_everything(stage: Stage) -> None:
    """Ask everything that the channel can ask."""
    world = stage.world
    app = {"bearer_token": stage.server.door.keys.bearer_token}
    search = ["coat", "ミズナラ OR mizunara"]
    channel = stage.open(oauth2=True, post_fields=True, search=search, page_size=5, compliance_jobs=True, secrets=app)
    root = world.post("Look at this coat", author="kei", mention=False)
    middle = world.post("@kei wow", author="emi", mention=False, reply_to=root.id)
    world.post("@emi @kei @shop is this yours? https://example.com/写真", reply_to=middle.id)
    ours = world.post("New coats!", author="shop", mention=False)
    world.post("blue? <no> & green", mention=False, quotes=ours.id)
    for number in range(12):
        world.post(f"coat {number} " + "ミズナラ" * 80 * (number % 2), author=f"person{number % 3}")
    world.say("hello", sender="aya", to="shop")
    channel.probe()
    mentions = read_mentions(channel)
    read_pages(channel, read_pages(channel)[-1].cursor)
    gone = world.post("soon gone").id
    world.delete(gone)
    channel.still_there([gone, mentions[0].external_id])
    channel.read_deletions(channel.ask_deletions([gone]))
    post = next(one for one in mentions if one.text.startswith("coat 2"))
    channel.eligibility(request_for(post).target)
    channel.reply(request_for(post))
    channel.find_reply(request_for(post), Visibility.PUBLIC)
    channel.direct_message(request_for(post))
    channel.find_reply(request_for(post), Visibility.DM)


def test_every_request_and_answer_is_as_x_describes_it(stage: Stage) -> None:
    stage.server.names, stage.server.views = POSTS, Views(stage.world, POSTS)
    play_everything(stage)

    assert {(one.method, one.route) for one in stage.server.exchanges} == CALLS
    assert [one for one in stage.server.exchanges if one.status >= 300] == []
    assert [fault for one in stage.server.exchanges for fault in x_openapi.find_faults(one)] == []


def test_the_check_sees_what_is_wrong() -> None:
    query = {"tweet.fields": "id", "max_results": "3", "since_id": "x", "post.fields": "id,nonsense"}
    answer = {"data": [{"id": 5, "referenced_tweets": []}], "meta": {"result_count": "1"}}
    exchange = Exchange("GET", "/2/users/{id}/mentions", query, None, 200, answer)

    said = " ".join(x_openapi.find_faults(exchange))

    for fault in (
        "unknown parameter tweet.fields",
        "max_results",
        "since_id",
        "nonsense",
        "$.data[0].id",
        "result_count",
    ):
        assert fault in said
    assert "unknown field referenced_tweets" in said


def test_a_body_that_is_wrong_is_seen() -> None:
    exchange = Exchange("POST", "/2/tweets", {}, {"text": "x", "reply": {"in_reply_to_post_id": "1"}}, 403, {})

    assert x_openapi.find_faults(exchange)
