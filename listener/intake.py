"""From incoming mentions to rows: cleaned once, own posts dropped, deduped, threaded, edits noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from config.settings import GatheringSettings
from domain.cleaning import ID_LIMIT, clean_address, clean_id, clean_original
from domain.ids import ChannelAccountId
from domain.mentions import IncomingMention
from listener.cleaning import clean_moment, clean_name, clean_text
from listener.gathering import gather_repeats, settle_edits
from listener.threads import ROOT_AUTHOR, Threads
from storage.authors import AuthorToStore, store_authors
from storage.database import Transaction
from storage.early_deletions import find_early_deletions
from storage.edits import EditedText, store_edits, store_ratings
from storage.gatherings import set_free
from storage.known_threads import find_own_posts
from storage.mentions import KnownMention, MentionToStore, find_known, store_new_mentions

__all__ = ["DEFAULT_GATHERING", "ROOT_AUTHOR", "Stored", "store_mentions"]

log = structlog.get_logger(__name__)

AUTHOR_ID_LIMIT = 255
HINT_LIMIT = 16
RATINGS = range(1, 6)
DEFAULT_GATHERING: Final = GatheringSettings()
EVENTS_LIMIT = 50
"""More touched conversations than this are told to open desks as one event: they reload the list anyway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What became of one page."""

    new: int = 0
    seen: int = 0
    """There already, twice in the page, or told to be deleted before it came."""
    revised: int = 0
    own: int = 0
    """Our own posts: never mentions."""
    history: int = 0
    """Of the new ones: too old to make anybody wait."""


def store_mentions(
    tx: Transaction,
    *,
    account_id: ChannelAccountId,
    own_external_id: str,
    mentions: Sequence[IncomingMention],
    revise: bool = True,
    history_before: datetime | None = None,
    gathering: GatheringSettings = DEFAULT_GATHERING,
) -> Stored:
    """Store one page of one account. Storing the same page again changes nothing.

    A known post whose text differs is an edit: the earlier text becomes a revision, the mention is understood again, its drafts
    are voided; a known id in another author's hand is only counted as seen. With ``revise`` False (files, which may hold an id twice) a known id is only counted as seen. New posts from before
    ``history_before`` (files again) are history: they put no case into the queue. A new case that says what an earlier one says
    stands under that one; a gathered case that somebody adds to is a case of its own again.
    """
    own = [mention for mention in mentions if own_external_id and mention.author.external_id == own_external_id]
    outside = [mention for mention in mentions if not own_external_id or mention.author.external_id != own_external_id]
    by_id: dict[str, IncomingMention] = {}
    for mention in outside:
        external_id = clean_id(mention.external_id, ID_LIMIT)
        if revise or external_id not in by_id:
            by_id[external_id] = mention
    known = find_known(tx, account_id, list(by_id))
    fresh = [external_id for external_id in by_id if external_id not in known]
    # What a delivery became is ours whoever stands as its author. A review's id is not: some platforms have one id for it and our answer.
    sent = find_own_posts(tx, account_id, fresh)
    own += [by_id.pop(external_id) for external_id in sent]
    deleted = find_early_deletions(tx, account_id, fresh)
    new = {one: by_id[one] for one in fresh if one in by_id and one not in deleted}
    changed = _changed(by_id, known) if revise else []
    edits = [_edit(by_id[row.external_id], row) for row in changed if _is_reworded(by_id[row.external_id], row)]
    # A post whose text was taken away brings back neither its words nor its author's name.
    spoken = [mention for external_id, mention in by_id.items() if not _is_blank(known.get(external_id))]
    authors = store_authors(tx, account_id, _profiles(spoken))
    threads = Threads(tx, account_id, own_external_id=own_external_id, arriving=new, own=own)
    rows = [_row(tx, external_id, mention, threads.of(mention)) for external_id, mention in new.items()]
    page = store_new_mentions(tx, account_id, rows, authors, history_before=history_before)
    touched = [*page.touched, *set_free(tx, page.continued)]
    touched += gather_repeats(tx, account_id, page.begun, rows=rows, settings=gathering)
    touched += store_edits(tx, edits)
    touched += settle_edits(tx, edits, settings=gathering)
    store_ratings(tx, {row.id: _rating(by_id[row.external_id]) for row in changed})
    _tell(tx, touched)
    seen = len(outside) - len(sent) - len(new) - len(edits)
    history = sum(row.created_at < history_before for row in rows) if history_before else 0
    return Stored(new=len(new), seen=seen, revised=len(edits), own=len(own), history=history)


def _is_blank(row: KnownMention | None) -> bool:
    return row is not None and row.is_blank


def _changed(by_id: Mapping[str, IncomingMention], known: Mapping[str, KnownMention]) -> list[KnownMention]:
    """Return the known posts whose own author changed them, in words or stars."""
    changed = []
    for external_id, row in known.items():
        mention = by_id[external_id]
        if row.is_blank:
            continue  # its author may be forgotten, too
        if clean_id(mention.author.external_id, AUTHOR_ID_LIMIT) != row.author:
            # Where senders name their posts themselves (mail, webhooks), nobody rewrites another's words by repeating a name.
            log.warning("known_id_of_another_author", mention_id=row.id)
        elif (clean_original(mention.text), _rating(mention)) != (row.text_original, row.rating):
            changed.append(row)
    return changed


def _is_reworded(mention: IncomingMention, row: KnownMention) -> bool:
    return clean_original(mention.text) != row.text_original


def _edit(mention: IncomingMention, row: KnownMention) -> EditedText:
    original = clean_original(mention.text)
    return EditedText(
        mention_id=row.id,
        conversation_id=row.conversation_id,
        text=clean_text(original),
        text_original=original,
        kind=mention.kind.value,
        engagement=mention.engagement.value,
        platform_data=_platform_data(mention),
    )


def _rating(mention: IncomingMention) -> int | None:
    return mention.rating if mention.rating in RATINGS else None


def _platform_data(mention: IncomingMention) -> dict[str, str]:
    return {clean_original(key): clean_original(value) for key, value in mention.platform_data.items()}


def _profiles(mentions: Sequence[IncomingMention]) -> list[AuthorToStore]:
    """Return each author once, as the newest of ``mentions`` knows them."""
    profiles: dict[str, AuthorToStore] = {}
    for mention in mentions:
        author = mention.author
        external_id = clean_id(author.external_id, AUTHOR_ID_LIMIT)
        profiles[external_id] = AuthorToStore(
            external_id=external_id,
            handle=clean_name(author.handle),
            display_name=clean_name(author.display_name),
            url=clean_address(author.url),
        )
    return list(profiles.values())


def _row(tx: Transaction, external_id: str, mention: IncomingMention, thread: str) -> MentionToStore:
    original = clean_original(mention.text)
    return MentionToStore(
        external_id=external_id,
        author_external_id=clean_id(mention.author.external_id, AUTHOR_ID_LIMIT),
        thread=thread,
        kind=mention.kind.value,
        engagement=mention.engagement.value,
        text=clean_text(original),
        text_original=original,
        language_hint=clean_name(mention.language_hint)[:HINT_LIMIT],
        created_at=clean_moment(mention.created_at, now=tx.now),
        url=clean_address(mention.url),
        parent_external_id=clean_id(mention.parent_external_id, ID_LIMIT),
        quoted_external_id=clean_id(mention.quoted_external_id, ID_LIMIT),
        rating=_rating(mention),
        platform_data=_platform_data(mention),
    )


def _tell(tx: Transaction, conversation_ids: Sequence[int]) -> None:
    touched = list(dict.fromkeys(conversation_ids))
    if len(touched) > EVENTS_LIMIT:
        tx.emit("mention")
        return
    for conversation_id in touched:
        tx.emit("mention", conversation_id=conversation_id)
