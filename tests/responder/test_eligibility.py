"""The truth table of eligibility, row by row."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.locale import catalogue
from domain.errors import ConfigError
from domain.replies import Capabilities, PlatformFacts
from domain.words import Engagement, Risk, Route, Visibility
from responder.eligibility import EligibilityInput, decide, load_rules, read_rules

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ABLE = Capabilities(can_reply=True, can_direct_message=True)
READ_ONLY = Capabilities(can_reply=False, can_direct_message=False)

OPEN = EligibilityInput(
    kind="bluesky",
    engagement=Engagement.MENTIONED,
    visibility=Visibility.PUBLIC,
    capabilities=ABLE,
    facts=PlatformFacts(exists=True, replies_allowed=True, dm_allowed=True),
    created_at=NOW - timedelta(minutes=5),
    now=NOW,
    risks=frozenset(),
    gone=False,
    opted_out=False,
    already_answered=False,
)

DM: dict[str, Any] = {"visibility": Visibility.DM}
WROTE: dict[str, Any] = {"engagement": Engagement.WROTE_DM}
POSTED: dict[str, Any] = {"engagement": Engagement.POSTED}
SILENT: dict[str, Any] = {"facts": PlatformFacts()}
CLOSED: dict[str, Any] = {"facts": PlatformFacts(exists=True, replies_allowed=False, dm_allowed=False)}
AWAY: dict[str, Any] = {"facts": PlatformFacts(exists=False)}
MUTE: dict[str, Any] = {"capabilities": READ_ONLY}
MASTODON: dict[str, Any] = {"kind": "mastodon"}
MAIL: dict[str, Any] = {"kind": "email", "engagement": Engagement.WROTE_DM}
HOOK: dict[str, Any] = {"kind": "webhook"}
HACKER_NEWS: dict[str, Any] = {"kind": "hackernews", "engagement": Engagement.POSTED, "capabilities": READ_ONLY}
YOUTUBE: dict[str, Any] = {"kind": "youtube", "capabilities": Capabilities(can_reply=True, can_direct_message=False)}
FEED: dict[str, Any] = {"kind": "feed", "engagement": Engagement.POSTED, "capabilities": READ_ONLY}
ETSY: dict[str, Any] = {"kind": "etsy", "engagement": Engagement.REVIEWED, "capabilities": READ_ONLY}
WOOCOMMERCE: dict[str, Any] = {"kind": "woocommerce", "engagement": Engagement.REVIEWED}
APP_STORE: dict[str, Any] = {"kind": "app_store", "engagement": Engagement.REVIEWED}
GOOGLE_PLAY: dict[str, Any] = {"kind": "google_play", "engagement": Engagement.REVIEWED}
REPLIED: dict[str, Any] = {"engagement": Engagement.REPLIED}
UNLISTED: dict[str, Any] = {"facts": PlatformFacts(replies_allowed=False, dm_allowed=False)}

FACEBOOK: dict[str, Any] = {"kind": "facebook"}
INSTAGRAM: dict[str, Any] = {"kind": "instagram"}
LAST_WEEK: dict[str, Any] = {"created_at": NOW - timedelta(days=7, minutes=1)}
LINE: dict[str, Any] = {
    "kind": "line",
    "engagement": Engagement.WROTE_DM,
    "capabilities": ABLE,
}
IN_GROUP: dict[str, Any] = LINE | {"engagement": Engagement.MENTIONED}
MONTH_IS_FULL: dict[str, Any] = {"facts": PlatformFacts(replies_allowed=False, dm_allowed=True)}

TABLE: list[tuple[str, dict[str, Any], Route, str]] = [
    # Bluesky, public
    ("a mention is answered in public", {}, Route.API_PUBLIC, "reply_open"),
    ("so is a reply", {"engagement": Engagement.REPLIED}, Route.API_PUBLIC, "reply_open"),
    ("so is a quote", {"engagement": Engagement.QUOTED}, Route.API_PUBLIC, "reply_open"),
    ("a found post too, with a word of care", POSTED, Route.API_PUBLIC, "found_by_search"),
    ("unknown facts do not stop a reply", SILENT, Route.API_PUBLIC, "reply_open"),
    ("a closed thread does", CLOSED, Route.FORBIDDEN, "replies_closed"),
    ("a found post in a closed thread too", POSTED | CLOSED, Route.FORBIDDEN, "replies_closed"),
    ("a read-only account posts by hand", MUTE, Route.MANUAL, "no_api"),
    ("without an address there is no way", MUTE | {"has_url": False}, Route.FORBIDDEN, "no_way"),
    ("a deleted post is left alone", {"gone": True}, Route.FORBIDDEN, "gone"),
    ("also when only the platform knows", AWAY, Route.FORBIDDEN, "gone"),
    ("who opted out is left alone", {"opted_out": True}, Route.FORBIDDEN, "opted_out"),
    ("one reply to one post", {"already_answered": True}, Route.FORBIDDEN, "already_answered"),
    ("a private message is never answered in public", WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("not even by hand", WROTE | MUTE, Route.FORBIDDEN, "wrote_in_private"),
    # Bluesky, private
    ("a private message is answered in private", WROTE | DM, Route.API_DM, "dm_answer"),
    ("also when the platform is silent", WROTE | DM | SILENT, Route.API_DM, "dm_answer"),
    ("unless messages were closed since", WROTE | DM | CLOSED, Route.FORBIDDEN, "dm_closed"),
    ("by hand where the account cannot", WROTE | DM | MUTE, Route.MANUAL, "no_api"),
    ("who mentioned us may be messaged", DM, Route.API_DM, "dm_open"),
    ("to be confirmed when the platform is silent", DM | SILENT, Route.API_DM, "dm_unconfirmed"),
    ("who accepts no messages gets none", DM | CLOSED, Route.FORBIDDEN, "dm_closed"),
    ("who only posted is not messaged", DM | POSTED, Route.FORBIDDEN, "dm_unasked"),
    ("who opted out is not messaged", DM | {"opted_out": True}, Route.FORBIDDEN, "opted_out"),
    ("nor is who deleted the post", DM | {"gone": True}, Route.FORBIDDEN, "gone"),
    ("nor twice", DM | {"already_answered": True}, Route.FORBIDDEN, "already_answered"),
    # Cautions keep the route
    ("self-harm calls a person", {"risks": {Risk.SELF_HARM}}, Route.API_PUBLIC, "caution_self_harm"),
    ("in private too", DM | {"risks": {Risk.SELF_HARM}}, Route.API_DM, "caution_self_harm"),
    ("safety calls a person", {"risks": {Risk.SAFETY}}, Route.API_PUBLIC, "caution_safety"),
    ("the law calls a person", {"risks": {Risk.LEGAL}}, Route.API_PUBLIC, "caution_legal"),
    ("the press calls a person", {"risks": {Risk.PRESS}}, Route.API_PUBLIC, "caution_press"),
    ("personal data calls a person", {"risks": {Risk.PERSONAL_DATA}}, Route.API_PUBLIC, "caution_personal_data"),
    ("discrimination calls a person", {"risks": {Risk.DISCRIMINATION}}, Route.API_PUBLIC, "caution_discrimination"),
    ("phishing calls a person", {"risks": {Risk.PHISHING}}, Route.API_PUBLIC, "caution_phishing"),
    ("the gravest comes first", {"risks": {Risk.PRESS, Risk.SELF_HARM}}, Route.API_PUBLIC, "caution_self_harm"),
    ("a risk opens no closed door", CLOSED | {"risks": {Risk.LEGAL}}, Route.FORBIDDEN, "replies_closed"),
    ("an old post asks for thought", {"created_at": NOW - timedelta(days=15)}, Route.API_PUBLIC, "caution_old"),
    ("two weeks to the hour are not old", {"created_at": NOW - timedelta(days=14)}, Route.API_PUBLIC, "reply_open"),
    # import
    ("an imported post is answered by hand", {"kind": "import"}, Route.MANUAL, "imported"),
    ("also without an address", {"kind": "import", "has_url": False}, Route.MANUAL, "imported"),
    ("also in private", {"kind": "import"} | DM, Route.MANUAL, "imported"),
    ("an imported message stays private", {"kind": "import"} | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    (
        "an imported post can have its reply",
        {"kind": "import", "already_answered": True},
        Route.FORBIDDEN,
        "already_answered",
    ),
    # sandbox
    ("the sandbox answers", {"kind": "sandbox"}, Route.API_PUBLIC, "sandbox"),
    ("in private too", {"kind": "sandbox"} | DM, Route.API_DM, "sandbox"),
    ("it plays closed threads", {"kind": "sandbox"} | CLOSED, Route.FORBIDDEN, "replies_closed"),
    ("it plays closed messages", {"kind": "sandbox"} | DM | CLOSED, Route.FORBIDDEN, "dm_closed"),
    ("it plays read-only accounts", {"kind": "sandbox"} | MUTE, Route.MANUAL, "no_api"),
    # email
    ("a mail is answered by mail", MAIL | DM, Route.API_DM, "mail_answer"),
    ("also when it was filed meanwhile", MAIL | DM | SILENT, Route.API_DM, "mail_answer"),
    ("never in public", MAIL, Route.FORBIDDEN, "wrote_in_private"),
    ("nor where nobody reads", MAIL | DM | CLOSED, Route.FORBIDDEN, "mail_no_address"),
    ("by hand where the mailbox is only read", MAIL | DM | MUTE, Route.MANUAL, "mail_by_hand"),
    ("also without a webmail's address", MAIL | DM | MUTE | {"has_url": False}, Route.MANUAL, "mail_by_hand"),
    ("a mail is answered once", MAIL | DM | {"already_answered": True}, Route.FORBIDDEN, "already_answered"),
    # X
    ("X: who mentioned us is answered", {"kind": "x"}, Route.API_PUBLIC, "x_summoned"),
    ("X: who quoted us too", {"kind": "x", "engagement": Engagement.QUOTED}, Route.API_PUBLIC, "x_summoned"),
    ("X: unknown facts do not stop a reply", {"kind": "x"} | SILENT, Route.API_PUBLIC, "x_summoned"),
    (
        "X: a reply to us may be refused",
        {"kind": "x", "engagement": Engagement.REPLIED},
        Route.API_PUBLIC,
        "x_answered_us",
    ),
    ("X: a found post by hand", {"kind": "x"} | POSTED, Route.MANUAL, "x_not_summoned"),
    ("X: also where nothing is approved", {"kind": "x"} | POSTED | MUTE, Route.MANUAL, "x_not_summoned"),
    ("X: by hand until X approves", {"kind": "x"} | MUTE, Route.MANUAL, "x_not_approved"),
    ("X: not at all without an address", {"kind": "x", "has_url": False} | MUTE, Route.FORBIDDEN, "no_way"),
    ("X: a closed thread stays closed", {"kind": "x"} | CLOSED, Route.FORBIDDEN, "replies_closed"),
    ("X: a deleted post is left alone", {"kind": "x"} | AWAY, Route.FORBIDDEN, "gone"),
    ("X: a message is answered", {"kind": "x"} | DM | WROTE | SILENT, Route.API_DM, "dm_answer"),
    ("X: never in public", {"kind": "x"} | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("X: closed messages stay closed", {"kind": "x"} | DM | CLOSED, Route.FORBIDDEN, "dm_closed"),
    ("X: who only posted is not messaged", {"kind": "x"} | DM | POSTED, Route.FORBIDDEN, "dm_unasked"),
    ("X: nobody is messaged first", {"kind": "x"} | DM, Route.MANUAL, "x_dm_not_begun"),
    # Reddit
    ("Reddit: who named us is answered", {"kind": "reddit"}, Route.API_PUBLIC, "reply_open"),
    (
        "Reddit: who answered us too",
        {"kind": "reddit", "engagement": Engagement.REPLIED},
        Route.API_PUBLIC,
        "reply_open",
    ),
    ("Reddit: unknown facts do not stop a reply", {"kind": "reddit"} | SILENT, Route.API_PUBLIC, "reply_open"),
    ("Reddit: a locked thread does", {"kind": "reddit"} | CLOSED, Route.FORBIDDEN, "reddit_thread_closed"),
    ("Reddit: for found posts too", {"kind": "reddit"} | POSTED | CLOSED, Route.FORBIDDEN, "reddit_thread_closed"),
    ("Reddit: a found post by hand", {"kind": "reddit"} | POSTED, Route.MANUAL, "reddit_found"),
    ("Reddit: by hand where only feeds are read", {"kind": "reddit"} | MUTE | SILENT, Route.MANUAL, "no_api"),
    ("Reddit: a deleted post is left alone", {"kind": "reddit"} | AWAY, Route.FORBIDDEN, "gone"),
    ("Reddit: a message is answered", {"kind": "reddit"} | DM | WROTE, Route.API_DM, "dm_answer"),
    ("Reddit: by hand where messages are off", {"kind": "reddit"} | DM | WROTE | MUTE | SILENT, Route.MANUAL, "no_api"),
    ("Reddit: never in public", {"kind": "reddit"} | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("Reddit: who wrote before may be messaged", {"kind": "reddit"} | DM, Route.API_DM, "reddit_dm_known"),
    ("Reddit: nobody else is", {"kind": "reddit"} | DM | CLOSED, Route.FORBIDDEN, "reddit_dm_not_begun"),
    ("Reddit: least of all a found author", {"kind": "reddit"} | DM | POSTED | SILENT, Route.FORBIDDEN, "dm_unasked"),
    # Hacker News and feeds: read only
    ("Hacker News is answered by hand, in one's own words", HACKER_NEWS, Route.MANUAL, "hackernews_by_hand"),
    ("who turned to us there too", HACKER_NEWS | REPLIED, Route.MANUAL, "hackernews_by_hand"),
    ("also when nobody says whether the thread is open", HACKER_NEWS | SILENT, Route.MANUAL, "hackernews_by_hand"),
    ("a deleted comment there not at all", HACKER_NEWS | AWAY, Route.FORBIDDEN, "gone"),
    ("it has no messages", HACKER_NEWS | DM, Route.FORBIDDEN, "no_messages_there"),
    ("an entry of a feed is answered by hand", FEED | SILENT, Route.MANUAL, "feed_by_hand"),
    ("one without an address not at all", FEED | {"has_url": False}, Route.FORBIDDEN, "no_way"),
    ("its author is not messaged", FEED | DM | SILENT, Route.FORBIDDEN, "no_messages_there"),
    # Mastodon
    ("Mastodon: a mention is answered in public", MASTODON, Route.API_PUBLIC, "reply_open"),
    ("Mastodon: a found post too, with a word of care", MASTODON | POSTED, Route.API_PUBLIC, "found_by_search"),
    ("Mastodon: not across a block", MASTODON | CLOSED, Route.FORBIDDEN, "mastodon_blocked"),
    ("Mastodon: not in private either", MASTODON | DM | CLOSED, Route.FORBIDDEN, "mastodon_blocked"),
    ("Mastodon: a private mention is answered in private", MASTODON | DM | WROTE, Route.API_DM, "dm_answer"),
    ("Mastodon: never in public", MASTODON | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("Mastodon: who follows us gets messages", MASTODON | DM, Route.API_DM, "dm_open"),
    ("Mastodon: others may not see them", MASTODON | DM | SILENT, Route.API_DM, "mastodon_dm_filtered"),
    ("Mastodon: a found author is not messaged", MASTODON | DM | POSTED, Route.FORBIDDEN, "dm_unasked"),
    ("Mastodon: by hand where messages are switched off", MASTODON | DM | MUTE, Route.MANUAL, "no_api"),
    # YouTube
    ("YouTube: a comment on our video is answered", YOUTUBE, Route.API_PUBLIC, "reply_open"),
    ("YouTube: also when it does not say more", YOUTUBE | SILENT, Route.API_PUBLIC, "reply_open"),
    ("YouTube: not where comments are closed", YOUTUBE | CLOSED, Route.FORBIDDEN, "youtube_closed"),
    ("YouTube: a deleted comment is left alone", YOUTUBE | AWAY, Route.FORBIDDEN, "gone"),
    ("YouTube: on others' videos by hand", YOUTUBE | POSTED, Route.MANUAL, "youtube_found"),
    ("YouTube: by hand with an API key", YOUTUBE | POSTED | MUTE | SILENT, Route.MANUAL, "youtube_read_only"),
    ("YouTube: it has no messages", YOUTUBE | DM, Route.FORBIDDEN, "no_messages_there"),
    # App Store and Google Play: one answer that a later one replaces
    ("App Store: a review is answered in public", APP_STORE, Route.API_PUBLIC, "review_reply"),
    ("App Store: a changed one again", APP_STORE | REPLIED, Route.API_PUBLIC, "review_reply"),
    ("App Store: unknown facts do not stop it", APP_STORE | SILENT, Route.API_PUBLIC, "review_reply"),
    ("App Store: nobody's answer is overwritten", APP_STORE | CLOSED, Route.MANUAL, "review_answered"),
    ("App Store: a review taken away is left alone", APP_STORE | AWAY, Route.FORBIDDEN, "gone"),
    ("App Store: there are no messages", APP_STORE | DM, Route.FORBIDDEN, "no_messages_there"),
    ("Google Play: a review is answered in public", GOOGLE_PLAY, Route.API_PUBLIC, "review_reply"),
    ("Google Play: a changed one again", GOOGLE_PLAY | REPLIED, Route.API_PUBLIC, "review_reply"),
    ("Google Play: unknown facts do not stop it", GOOGLE_PLAY | SILENT, Route.API_PUBLIC, "review_reply"),
    ("Google Play: nobody's answer is overwritten", GOOGLE_PLAY | CLOSED, Route.MANUAL, "review_answered"),
    ("Google Play: by hand after its week", GOOGLE_PLAY | UNLISTED, Route.MANUAL, "google_play_not_listed"),
    ("Google Play: a review taken away is left alone", GOOGLE_PLAY | AWAY, Route.FORBIDDEN, "gone"),
    ("Google Play: there are no messages", GOOGLE_PLAY | DM, Route.FORBIDDEN, "no_messages_there"),
    # Etsy and WooCommerce: reviews
    ("Etsy: a review is answered by hand", ETSY, Route.MANUAL, "etsy_by_hand"),
    ("Etsy: also when its stars are not known", ETSY | SILENT, Route.MANUAL, "etsy_by_hand"),
    ("Etsy: praise takes no response", ETSY | CLOSED, Route.FORBIDDEN, "etsy_good_review"),
    ("Etsy: messages are written by hand", ETSY | DM | SILENT, Route.MANUAL, "etsy_message_by_hand"),
    ("Etsy: a review taken away is left alone", ETSY | AWAY, Route.FORBIDDEN, "gone"),
    ("WooCommerce: a review is answered below it", WOOCOMMERCE, Route.API_PUBLIC, "woocommerce_reply"),
    ("WooCommerce: also when the shop is silent", WOOCOMMERCE | SILENT, Route.API_PUBLIC, "woocommerce_reply"),
    (
        "WooCommerce: so is an answer to our answer",
        WOOCOMMERCE | {"engagement": Engagement.REPLIED},
        Route.API_PUBLIC,
        "woocommerce_reply",
    ),
    ("WooCommerce: by hand without a user to answer as", WOOCOMMERCE | MUTE, Route.MANUAL, "woocommerce_by_hand"),
    ("WooCommerce: by hand while it is not published", WOOCOMMERCE | CLOSED, Route.MANUAL, "woocommerce_not_open"),
    ("WooCommerce: a deleted review is left alone", WOOCOMMERCE | AWAY, Route.FORBIDDEN, "gone"),
    ("WooCommerce: nobody is written to", WOOCOMMERCE | DM | SILENT, Route.FORBIDDEN, "no_messages_there"),
    # Facebook and Instagram
    ("Facebook: a comment is answered in public", FACEBOOK, Route.API_PUBLIC, "reply_open"),
    ("Facebook: an answer too", FACEBOOK | {"engagement": Engagement.REPLIED}, Route.API_PUBLIC, "reply_open"),
    ("Facebook: not where it takes none", FACEBOOK | CLOSED, Route.FORBIDDEN, "facebook_closed"),
    ("Facebook: once in private", FACEBOOK | DM, Route.API_DM, "meta_private_reply"),
    ("Facebook: also when it does not tell", FACEBOOK | DM | SILENT, Route.API_DM, "meta_private_reply"),
    ("Facebook: not twice", FACEBOOK | DM | CLOSED, Route.FORBIDDEN, "meta_no_private_reply"),
    ("Facebook: not after a week", FACEBOOK | DM | LAST_WEEK, Route.FORBIDDEN, "meta_private_reply_late"),
    ("Facebook: in public even then", FACEBOOK | LAST_WEEK, Route.API_PUBLIC, "reply_open"),
    ("Facebook: a message is answered in private", FACEBOOK | DM | WROTE, Route.API_DM, "meta_message_answer"),
    ("Facebook: by hand when it is too old", FACEBOOK | DM | WROTE | CLOSED, Route.MANUAL, "meta_window_closed"),
    ("Facebook: never in public", FACEBOOK | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("Facebook: by hand where messages are switched off", FACEBOOK | DM | MUTE | SILENT, Route.MANUAL, "no_api"),
    ("Facebook: what is gone is left alone", FACEBOOK | DM | AWAY, Route.FORBIDDEN, "gone"),
    ("Instagram: a comment is answered in public", INSTAGRAM, Route.API_PUBLIC, "reply_open"),
    ("Instagram: by hand where it is hidden or a tag", INSTAGRAM | CLOSED, Route.MANUAL, "instagram_by_hand"),
    ("Instagram: once in private", INSTAGRAM | DM | SILENT, Route.API_DM, "meta_private_reply"),
    ("Instagram: not after a week", INSTAGRAM | DM | LAST_WEEK, Route.FORBIDDEN, "meta_private_reply_late"),
    (
        "Instagram: an old thread of messages is open",
        INSTAGRAM | DM | WROTE | LAST_WEEK,
        Route.API_DM,
        "meta_message_answer",
    ),
    ("Instagram: by hand when it is too old", INSTAGRAM | DM | WROTE | CLOSED, Route.MANUAL, "meta_window_closed"),
    # LINE
    ("LINE: who wrote is answered in the chat", LINE | DM, Route.API_DM, "line_answer"),
    ("LINE: also when it does not tell more", LINE | DM | SILENT, Route.API_DM, "line_answer"),
    ("LINE: not across a block", LINE | DM | CLOSED, Route.FORBIDDEN, "line_unreachable"),
    ("LINE: by hand when the month is full", LINE | DM | MONTH_IS_FULL, Route.MANUAL, "line_month_is_full"),
    ("LINE: what was taken back is left alone", LINE | DM | AWAY, Route.FORBIDDEN, "gone"),
    ("LINE: never in public", LINE, Route.FORBIDDEN, "wrote_in_private"),
    ("LINE: nor by hand", LINE | MONTH_IS_FULL, Route.FORBIDDEN, "wrote_in_private"),
    ("LINE: who names us in a group is answered before everybody", IN_GROUP, Route.API_PUBLIC, "line_group_answer"),
    ("LINE: who answers us there too", IN_GROUP | REPLIED | SILENT, Route.API_PUBLIC, "line_group_answer"),
    ("LINE: never as if it were private", IN_GROUP | DM, Route.FORBIDDEN, "line_asked_in_group"),
    ("LINE: not even by hand", IN_GROUP | DM | MONTH_IS_FULL, Route.FORBIDDEN, "line_asked_in_group"),
    ("LINE: a group by hand when the month is full", IN_GROUP | MONTH_IS_FULL, Route.MANUAL, "line_month_is_full"),
    ("LINE: a group by hand when we keep out of it", IN_GROUP | MUTE, Route.MANUAL, "no_api"),
    ("LINE: who left the group is not called back", IN_GROUP | CLOSED, Route.FORBIDDEN, "line_unreachable"),
    (
        "LINE: personal data in a group calls a person",
        IN_GROUP | {"risks": {Risk.PERSONAL_DATA}},
        Route.API_PUBLIC,
        "caution_personal_data",
    ),
    ("LINE: what a group says among itself is not answered", LINE | POSTED, Route.FORBIDDEN, "line_overheard"),
    ("LINE: and in no chat", LINE | POSTED | DM, Route.FORBIDDEN, "line_overheard"),
    # Webhooks
    (
        "what a webhook's sender calls private is not answered in public",
        HOOK | CLOSED,
        Route.FORBIDDEN,
        "webhook_private",
    ),
    ("not by hand either", HOOK | CLOSED | MUTE, Route.FORBIDDEN, "webhook_private"),
    ("nor as a review", HOOK | CLOSED | {"engagement": Engagement.REVIEWED}, Route.FORBIDDEN, "webhook_private"),
    ("a webhook's message is answered in public", HOOK | SILENT, Route.API_PUBLIC, "reply_open"),
    ("its review too", HOOK | {"engagement": Engagement.REVIEWED}, Route.API_PUBLIC, "reply_open"),
    ("its author in private, where the sender says so", HOOK | DM, Route.API_DM, "dm_open"),
    ("by hand where it does not say", HOOK | DM | SILENT, Route.MANUAL, "no_api"),
    ("not where it says no", HOOK | DM | CLOSED, Route.FORBIDDEN, "webhook_no_dm"),
    ("a private message is answered in private", HOOK | DM | WROTE | SILENT, Route.API_DM, "dm_answer"),
    ("never in public", HOOK | WROTE, Route.FORBIDDEN, "wrote_in_private"),
    ("not at all where there is no way back", HOOK | DM | WROTE | CLOSED, Route.FORBIDDEN, "webhook_no_dm"),
    ("by hand without an address", HOOK | MUTE | {"has_url": False}, Route.MANUAL, "webhook_by_hand"),
    ("a private one too", HOOK | DM | WROTE | MUTE | {"has_url": False}, Route.MANUAL, "webhook_by_hand"),
    ("a message that was taken away not at all", HOOK | AWAY, Route.FORBIDDEN, "gone"),
    # a platform without rules of its own
    ("who turned to us is answered", {"kind": "newcomer"}, Route.API_PUBLIC, "reply_open"),
    ("a review too", {"kind": "newcomer", "engagement": Engagement.REVIEWED}, Route.API_PUBLIC, "reply_open"),
    ("a found post by hand", {"kind": "newcomer"} | POSTED, Route.MANUAL, "found_by_search_manual"),
    (
        "a found post without address not at all",
        {"kind": "newcomer", "has_url": False} | POSTED,
        Route.FORBIDDEN,
        "no_way",
    ),
    ("messages only when surely open", {"kind": "newcomer"} | DM, Route.API_DM, "dm_open"),
    ("else by hand", {"kind": "newcomer"} | DM | SILENT, Route.MANUAL, "no_api"),
    ("a message is answered", {"kind": "newcomer"} | DM | WROTE, Route.API_DM, "dm_answer"),
    ("a found author is not messaged", {"kind": "newcomer"} | DM | POSTED, Route.FORBIDDEN, "dm_unasked"),
    ("a closed thread stays closed", {"kind": "newcomer"} | CLOSED, Route.FORBIDDEN, "replies_closed"),
]


@pytest.mark.parametrize(("change", "route", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table_decides(change: dict[str, Any], route: Route, reason: str) -> None:
    given = change | ({"risks": frozenset(change["risks"])} if "risks" in change else {})

    decided = decide(replace(OPEN, **given), load_rules())

    assert (decided.route, decided.reason_code) == (route, reason)
    assert decided.rule_id
    assert decided.rule_date.startswith("2026-")


def test_every_reason_can_be_said_in_both_languages() -> None:
    said = catalogue("eligibility")

    assert {rule.reason for rule in load_rules()} | {"no_rule"} == set(said)


def test_every_rule_can_be_the_one_that_decides() -> None:
    """A rule that no input reaches is hidden by one above it: a mistake in the table."""
    rules = load_rules()
    reached = set()
    for change in [row[1] for row in TABLE] + [
        {"kind": kind} | more for kind in ("sandbox", "newcomer") for more in (DM | CLOSED, DM | POSTED, DM | WROTE)
    ]:
        given = change | ({"risks": frozenset(change["risks"])} if "risks" in change else {})
        reached.add(decide(replace(OPEN, **given), rules).rule_id)

    assert {rule.id for rule in rules} - reached == set()


def test_without_a_rule_nothing_leaves() -> None:
    assert decide(OPEN, ()).route is Route.FORBIDDEN
    assert decide(OPEN, ()).reason_code == "no_rule"


def test_a_home_brings_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "rules.toml").write_text(
        '[[rule]]\nid="mine"\nroute="manual"\nreason="no_api"\ndate=2026-12-01\nsource="us"\n', encoding="utf-8"
    )

    decided = decide(OPEN, load_rules(tmp_path))

    assert (decided.route, decided.rule_id, decided.rule_date) == (Route.MANUAL, "mine", "2026-12-01")


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[[rule]", "not TOML"),
        ('[[rule]]\nid="a"\nreason="gone"\ndate=2026-12-01\nsource="us"\n', "a caution has no route"),
        ('[[rule]]\nid="a"\nroute="api_dm"\nreason="gone"\ndate=2026-12-01\nsource="us"\n', "visibility"),
        ('[[rule]]\nid="a"\nroute="manual"\nreason="gone"\ndate=2026-12-01\nsource="us"\ncolor=1\n', "rule.0.color"),
        (2 * '[[rule]]\nid="a"\nroute="manual"\nreason="gone"\ndate=2026-12-01\nsource="us"\n', "two rules"),
    ],
)
def test_a_broken_table_names_file_and_place(toml: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape("rules.toml")) as caught:
        read_rules(toml, "rules.toml")

    assert says in str(caught.value)


@pytest.mark.parametrize("kind", ["hackernews", "reddit", "feed", "x"])
def test_only_hacker_news_takes_nothing_but_a_persons_own_words(kind: str) -> None:
    given = replace(OPEN, **HACKER_NEWS | {"kind": kind})
    decided = decide(given, load_rules())
    assert (decided.route, decided.own_words) == (Route.MANUAL, kind == "hackernews")


def test_own_words_belong_to_what_is_posted_by_hand() -> None:
    wrong = (
        '[[rule]]\nid = "a"\nvisibility = "public"\nroute = "api_public"\nreason = "r"\ndate = 2026-11-22\nsource = "s"\n'
        "own_words = true\n"
    )
    with pytest.raises(ConfigError, match="by hand"):
        read_rules(wrong, "rules.toml")
