"""Comments as they were meant, whatever YouTube or a stranger put into the answer."""

import pytest

from domain.words import MentionKind
from listener.channels.youtube import YouTubeChannel
from listener.channels.youtube.account import Me
from listener.channels.youtube.reading import Thread, names_us, read_comment
from tests.listener.channel_contract import HARD_TEXTS, read_all
from tests.listener.youtube.stage import JSON, THREADS
from tests.partners.faulty_proxy import Answer, FaultyProxy
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Person, Video

US = Me(id="UCshop", handle="shop")


def test_a_comment_carries_what_an_answer_needs(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    reply = fake.world.add(fake.world.person("emi"), "@mina mine too", video=video, parent=top)
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    assert by_id[top.id].url == f"https://www.youtube.com/watch?v={video.id}&lc={top.id}"
    assert by_id[top.id].kind is MentionKind.COMMENT
    assert by_id[top.id].thread_external_id == top.id
    assert "address" not in by_id[top.id].platform_data
    assert by_id[reply.id].platform_data["address"] == "@emi"
    assert by_id[reply.id].platform_data["root_author"] == mina.id
    author = by_id[top.id].author
    assert (author.external_id, author.handle, author.display_name) == (mina.id, "mina", "")
    assert author.url == f"https://www.youtube.com/channel/{mina.id}"


def test_a_very_long_comment_with_lines_arrives_whole(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    text = "\n\n".join([*HARD_TEXTS, "<br> & &lt; https://youtu.be/x 😢"]) + "長" * 9_000
    fake.world.add(mina, text, video=video)
    assert read_all(channel)[0][0].text == text


def test_the_original_text_is_taken_where_youtube_tells_it() -> None:
    comment = {
        "id": "Ugx1",
        "snippet": {
            "textOriginal": "see https://youtu.be/abc",
            "textDisplay": "see Our new coat",
            "authorChannelId": {"value": "UCmina"},
            "publishedAt": "2026-11-20T03:00:00Z",
        },
    }
    mention = read_comment(comment, Thread(id="Ugx1"), me=US, is_signed_in=True)
    assert mention is not None
    assert mention.text == "see https://youtu.be/abc"


@pytest.mark.parametrize(
    ("status", "is_read"), [("published", True), ("heldForReview", False), ("likelySpam", False), ("rejected", False)]
)
def test_to_the_owner_youtube_may_show_what_is_not_public_and_it_is_left_out(status: str, *, is_read: bool) -> None:
    comment = {"id": "Ugx1", "snippet": {"textDisplay": "x", "moderationStatus": status}}
    assert (read_comment(comment, Thread(id="Ugx1"), me=US, is_signed_in=True) is not None) is is_read


def test_an_author_without_a_channel_is_nobody_else(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    comments = [fake.world.add(mina, f"number {number}", video=video) for number in range(2)]
    for comment in comments:
        comment.has_author = False
    found = read_all(channel)[0]
    assert len({one.author.external_id for one in found}) == 2
    assert {one.author.url for one in found} == {""}


def test_an_old_display_name_is_not_taken_for_a_handle(
    channel: YouTubeChannel, fake: YouTubeFake, video: Video
) -> None:
    old = Person(id="UC" + "o" * 22, handle="", title="Old Name")
    top = fake.world.add(old, "hello", video=video)
    fake.world.add(old, "hello?", video=video, parent=top)
    found = read_all(channel)[0]
    assert {(one.author.handle, one.author.display_name) for one in found} == {("Old Name", "Old Name")}
    assert not [one for one in found if "address" in one.platform_data]


def test_our_handle_is_ours_alone() -> None:
    assert names_us("hi @Shop!", US)
    assert names_us("@shop、青です", US)
    assert not names_us("@shop.outlet @shop-2 @shopping", US)
    assert not names_us("@", Me(id="UCshop"))


def test_hostile_answers_are_passed_over_or_read_without_harm(channel: YouTubeChannel, proxy: FaultyProxy) -> None:
    assert channel.own_author_id
    body = (
        b'{"kind": "youtube#commentThreadListResponse", "nextPageToken": 7, "items": [5, {}, null, {"id": []}, '
        b'{"snippet": {"topLevelComment": {"id": "Ugx9", "snippet": {"textDisplay": 7, "authorChannelId": "x", '
        b'"publishedAt": "2026-11-20T03:00:00Z", "likeCount": "many"}}, "totalReplyCount": true}, "replies": []}, '
        b'{"snippet": {"topLevelComment": {"id": "Ugx8", "snippet": {"publishedAt": "9999-99-99"}}}}]}'
    )
    proxy.fail_next(THREADS, Answer(200, body, JSON))
    (mention,) = channel.poll(None).mentions
    assert (mention.external_id, mention.text, mention.author.external_id) == ("Ugx9", "", "unknown:Ugx9")


def test_half_signs_in_ids_names_and_places_break_no_poll(channel: YouTubeChannel, proxy: FaultyProxy) -> None:
    assert channel.own_author_id
    body = (
        rb'{"kind": "youtube#commentThreadListResponse", "nextPageToken": "p\ud83d", "items": [{"snippet": {"videoId": "\udc00",'
        rb' "totalReplyCount": 9, "topLevelComment": {"id": "Ugx\ud83d", "snippet": {"textDisplay": "a\ud83d", '
        rb'"authorDisplayName": "@\ud83d", "authorChannelId": {"value": "UC\ud83d"}, "publishedAt": "2026-11-20T03:00:00Z"}}}}]}'
    )
    proxy.fail_next(THREADS, Answer(200, body, JSON))
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == ["Ugx\ufffd"]
    assert (page.cursor or "").encode()
    assert channel.poll(page.cursor).cursor


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("@emi", "@emi"),
        ("@みずなら", "@みずなら"),
        ("@a.b-c_d·1", "@a.b-c_d·1"),
        ("@win money at evil.example", None),
        ("@https://evil.example", None),
        ("@" + "h" * 31, None),
        ("@a\u202eb", None),
        ("@", None),
    ],
)
def test_only_a_handle_is_ever_put_in_front_of_our_words(name: str, address: str | None) -> None:
    comment = {"id": "Ugx1.2", "snippet": {"textDisplay": "x", "authorDisplayName": name}}
    mention = read_comment(comment, Thread(id="Ugx1"), me=US, is_signed_in=True)
    assert mention is not None
    assert mention.platform_data.get("address") == address
