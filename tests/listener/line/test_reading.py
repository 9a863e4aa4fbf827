"""What a message says, whom it turns to, and what hangs on it."""

from typing import Any

import pytest

from domain.words import Engagement
from listener.channels.line import LineChannel
from listener.channels.line.reading import describe
from tests.listener.channel_contract import read_all
from tests.listener.line.stage import OpenChannel, Stage, mention_of, named
from tests.partners.line_api import group_id, user_id

CONTENT = {"type": "line"}


def emoji(index: int, length: int) -> dict[str, Any]:
    return {"index": index, "length": length, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "image", "contentProvider": CONTENT}, "[image]"),
        ({"type": "image", "imageSet": {"id": "E0", "index": 2, "total": 3}}, "[image: 2/3]"),
        ({"type": "video", "duration": 60400}, "[video: 60 s]"),
        ({"type": "audio", "duration": 200}, "[audio: 1 s]"),
        ({"type": "audio", "duration": 10**400}, f"[audio: 1{'0' * 397} s]"),
        ({"type": "audio"}, "[audio]"),
        ({"type": "file", "fileName": "領収書.pdf", "fileSize": 2138}, "[file: 領収書.pdf]"),
        (
            {"type": "location", "title": "お店", "address": "東京都千代田区1-3", "latitude": 35.6, "longitude": 139.7},
            "[location: お店, 東京都千代田区1-3]",
        ),
        ({"type": "location", "latitude": 35.6, "longitude": 139.7}, "[location: 35.6, 139.7]"),
        (
            {"type": "sticker", "keywords": ["cry", "sad", "sorry", "泣く", "tears", "sixth"]},
            "[sticker: cry, sad, sorry, 泣く, tears]",
        ),
        (
            {"type": "sticker", "stickerResourceType": "MESSAGE", "text": "ありがとう", "keywords": ["x"]},
            "[sticker: ありがとう]",
        ),
        ({"type": "sticker"}, "[sticker]"),
        ({"type": "sticker", "keywords": [5, None, "ok"]}, "[sticker: ok]"),
        ({"type": "flex"}, "[flex]"),
        ({"type": "<b>\n"}, "[message]"),
        ({}, "[message]"),
        ({"type": "text"}, ""),
    ],
)
def test_what_is_no_text_is_told_in_its_own_words(message: dict[str, Any], text: str) -> None:
    assert describe(message) == text


@pytest.mark.parametrize(
    ("text", "emojis", "expected"),
    [
        ("Good morning (love)", [emoji(13, 6)], "Good morning (love)"),
        ("$ hello $", [emoji(0, 1), emoji(8, 1)], "(emoji) hello (emoji)"),
        ("😀$", [emoji(2, 1)], "😀(emoji)"),
        ("costs $5", [], "costs $5"),
        ("costs $5 $", [emoji(9, 1)], "costs $5 (emoji)"),
        ("\U001000b1 nice", [emoji(0, 2)], "(emoji) nice"),
        ("short", [emoji(99, 1), emoji(-1, 1), emoji(0, 0), {"index": "0", "length": 1}, None, "x"], "short"),
        ("😀", [emoji(1, 1)], "😀"),
    ],
)
def test_line_s_own_emojis_become_words(text: str, emojis: list[Any], expected: str) -> None:
    assert describe({"type": "text", "text": text, "emojis": emojis}) == expected


def test_attachments_are_listed_and_never_fetched(stage: Stage, channel: LineChannel) -> None:
    file = stage.say({"type": "file", "fileName": "bill.pdf", "fileSize": 2138})
    image = stage.say(
        {"type": "image", "contentProvider": {"type": "external", "originalContentUrl": "https://a.test/i.jpg"}}
    )
    sticker = stage.say({"type": "sticker", "packageId": "446", "stickerId": "1988"})
    by_id = {one.external_id: one.platform_data.get("attachment") for one in read_all(channel)[0]}
    assert by_id[file] == f"file {file} bill.pdf 2138 bytes"
    assert by_id[image] == f"image {image} https://a.test/i.jpg"
    assert by_id[sticker] == "sticker 446/1988"
    assert stage.proxy.count("/content") == 0


def test_a_message_arrives_with_its_person_chat_and_moment(stage: Stage, channel: LineChannel) -> None:
    event = stage.api.message("緑のコートが青でした")
    stage.bring(event)
    (mention,) = channel.poll(None).mentions
    assert mention.author.external_id == mention.thread_external_id == user_id("aya")
    assert (mention.author.display_name, mention.language_hint) == ("aya", "ja")
    assert int(mention.created_at.timestamp() * 1000) == event["timestamp"]
    assert mention.engagement is Engagement.WROTE_DM
    assert mention.url == f"https://chat.line.biz/{channel.own_author_id}/chat/{user_id('aya')}"
    assert "quote_token" not in mention.platform_data


def test_a_quoted_message_is_the_parent(stage: Stage, channel: LineChannel) -> None:
    root = stage.say("first")
    later = stage.say({"type": "text", "text": "second", "quotedMessageId": root})
    assert mention_of(channel, later).parent_external_id == root


def test_in_a_group_only_what_names_us_comes_in(stage: Stage, channel: LineChannel) -> None:
    stage.say("lunch?", chat="friends")
    stage.say(named("@mina lunch?", is_self=False), chat="friends")
    stage.say(
        {"type": "text", "text": "@All hi", "mention": {"mentionees": [{"type": "all", "index": 0, "length": 4}]}},
        chat="friends",
    )
    ours = stage.say(named("@shop where is my coat?"), chat="friends", author="emi")
    (mention,) = channel.poll(None).mentions
    assert mention.external_id == ours
    assert (mention.thread_external_id, mention.author.external_id) == (group_id("friends"), user_id("emi"))
    assert (mention.author.display_name, mention.engagement) == ("emi", Engagement.MENTIONED)
    assert mention.platform_data["quote_token"].startswith("q3Plx")


def test_all_of_a_group_can_be_read_and_what_is_not_to_us_is_only_overheard(
    stage: Stage, open_channel: OpenChannel
) -> None:
    stage.say("lunch?", chat="friends")
    stage.say(named("@shop hi"), chat="friends")
    found = open_channel(group_messages="all").poll(None).mentions
    assert [one.engagement for one in found] == [Engagement.POSTED, Engagement.MENTIONED]


def test_groups_can_be_left_alone(stage: Stage, open_channel: OpenChannel) -> None:
    stage.say(named("@shop hi"), chat="friends")
    page = open_channel(group_messages="none").poll(None)
    assert (page.mentions, page.gap) == ((), "")


def test_a_room_is_a_chat_of_its_own(stage: Stage, open_channel: OpenChannel) -> None:
    event = stage.api.message("hi")
    room = f"R{'1' * 32}"
    stage.bring({**event, "source": {"type": "room", "roomId": room, "userId": user_id("aya")}})
    (mention,) = open_channel(group_messages="all").poll(None).mentions
    assert (mention.thread_external_id, mention.platform_data["source"]) == (room, "room")


def test_somebody_in_a_group_whom_line_does_not_tell_has_no_name(stage: Stage, channel: LineChannel) -> None:
    event = stage.api.message(named("@shop hi"), chat="friends")
    del event["source"]["userId"]
    stage.bring(event)
    (mention,) = channel.poll(None).mentions
    assert mention.author.external_id == f"unknown:{group_id('friends')}"
    assert mention.author.display_name == ""
