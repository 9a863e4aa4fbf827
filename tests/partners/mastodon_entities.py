"""The fake Mastodon server's answers: entities in the shape of its API (docs.joinmastodon.org/entities, 4.7)."""

from typing import Any

from tests.partners.mastodon_world import HOME, Notice, Post, Someone, World, iso

Json = dict[str, Any]
PICTURE = f"https://{HOME}/missing.png"


def account(someone: Someone) -> Json:
    """``Account``."""
    written: Json = {
        "id": someone.id,
        "username": someone.name,
        "acct": someone.acct,
        "display_name": someone.name.title(),
        "locked": False,
        "bot": False,
        "group": False,
        "discoverable": True,
        "indexable": False,
        "created_at": "2024-01-01T00:00:00.000Z",
        "note": "<p></p>",
        "url": someone.url,
        "uri": someone.url,
        "avatar": PICTURE,
        "avatar_static": PICTURE,
        "header": PICTURE,
        "header_static": PICTURE,
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 1,
        "last_status_at": "2026-11-20",
        "emojis": [],
        "fields": [],
    }
    if someone.is_limited:
        written["limited"] = True
    if someone.is_suspended:
        written["suspended"] = True
    return written


def own_account(someone: Someone) -> Json:
    """``CredentialAccount``."""
    source = {
        "privacy": "public",
        "sensitive": False,
        "language": "ja",
        "note": "",
        "fields": [],
        "follow_requests_count": 0,
        "attribution_domains": [],
        "discoverable": True,
        "hide_collections": False,
        "indexable": False,
        "quote_policy": "public",
    }
    role = {
        "id": "-99",
        "name": "",
        "permissions": "0",
        "color": "",
        "highlighted": False,
        "collection_limit": 10,
    }
    return {**account(someone), "source": source, "role": role}


def status(post: Post, world: World, content: str) -> Json:
    """``Status``."""
    return {
        "id": post.id,
        "created_at": iso(post.created_at),
        "edited_at": iso(post.edited_at) if post.edited_at else None,
        # The server forgets a deleted post's id, but not whose it was.
        "in_reply_to_id": post.parent.id if post.parent and post.parent.id in world.posts else None,
        "in_reply_to_account_id": post.parent.author.id if post.parent else None,
        "sensitive": bool(post.warning),
        "spoiler_text": post.warning,
        "visibility": post.visibility,
        "language": post.language,
        "uri": f"https://{post.author.domain or HOME}/users/{post.author.name}/statuses/{post.id}",
        "url": f"{post.author.url}/{post.id}",
        "content": content,
        "account": account(post.author),
        "mentions": [
            {"id": one.id, "username": one.name, "acct": one.acct, "url": one.url} for one in world.named(post)
        ],
        "tags": [],
        "emojis": [],
        "media_attachments": [],
        "reblog": status(post.boosted, world, content) if post.boosted else None,
        "quote": {"state": "accepted", "quoted_status": status(post.quoted, world, "<p></p>")} if post.quoted else None,
        "card": None,
        "poll": None,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
    }


def notification(notice: Notice, written: Json) -> Json:
    """``Notification``."""
    return {
        "id": notice.id,
        "type": notice.kind,
        "group_key": f"ungrouped-{notice.id}",
        "created_at": iso(notice.created_at),
        "account": account(notice.post.author),
        "status": written,
    }


def relationship(me: Someone, them: Someone) -> Json:
    """``Relationship``."""
    return {
        "id": them.id,
        "following": them.id in me.follows,
        "followed_by": me.id in them.follows,
        "blocking": them.id in me.blocks,
        "blocked_by": me.id in them.blocks,
        "showing_reblogs": True,
        "notifying": False,
        "languages": None,
        "muting": False,
        "muting_notifications": False,
        "requested": False,
        "requested_by": False,
        "domain_blocking": False,
        "endorsed": False,
        "note": "",
    }


def instance(*, max_characters: int) -> Json:
    """``Instance`` (v2)."""
    return {
        "domain": HOME,
        "title": "Mastodon",
        "version": "4.7.0",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "",
        "usage": {"users": {"active_month": 1}},
        "thumbnail": {"url": PICTURE},
        "icon": [],
        "languages": ["ja"],
        "configuration": {
            "urls": {"streaming": f"wss://{HOME}"},
            "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
            "statuses": {
                "max_characters": max_characters,
                "max_media_attachments": 4,
                "characters_reserved_per_url": 23,
            },
            "media_attachments": {
                "supported_mime_types": ["image/png"],
                "description_limit": 1500,
                "image_size_limit": 1,
                "image_matrix_limit": 1,
                "video_size_limit": 1,
                "video_frame_rate_limit": 1,
                "video_matrix_limit": 1,
            },
            "polls": {
                "max_options": 4,
                "max_characters_per_option": 50,
                "min_expiration": 300,
                "max_expiration": 2629746,
            },
            "translation": {"enabled": False},
            "timelines_access": {
                "live_feeds": {"local": "public", "remote": "authenticated"},
                "hashtag_feeds": {"local": "public", "remote": "authenticated"},
                "trending_link_feeds": {"local": "public", "remote": "authenticated"},
            },
        },
        "registrations": {"enabled": False, "approval_required": False, "reason_required": False, "message": None},
        "api_versions": {"mastodon": 11},
        "contact": {"email": f"staff@{HOME}", "account": None},
        "rules": [],
    }


def application(scopes: list[str]) -> Json:
    """``Application``, with the scopes it was made with."""
    return {
        "id": "1",
        "name": "Kikite",
        "website": None,
        "scopes": scopes,
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
        "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"],
        "vapid_key": "",
    }
