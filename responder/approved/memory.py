"""What was approved, kept in mind: every workspace's own, brought up to date a little at a time, looked up again before it is used."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog

from domain.errors import KikiteError
from domain.ids import WorkspaceId
from domain.words import Language, Visibility
from responder.approved.index import LONGEST_POST, Indexed, Near, PostIndex, Vectors
from responder.embedder import Embedder
from responder.knowledge.terms import find_terms
from storage.approved_replies import READ_AT_ONCE, ApprovedReply, list_approved, read_approved
from storage.database import Database, Transaction

LOOKED_AGAIN: Final = timedelta(seconds=60)
"""How long a new approval may wait before it is found. What is deleted is never shown, whatever stands here."""
TAKEN_IN: Final = 2_000
"""New replies at one time at most; the rest follow the next time."""
UNDERSTOOD_AT_ONCE: Final = 64
"""Posts whose meaning is worked out at one time."""
MOST_SHOWN: Final = 3
LOOKED_AT: Final = 5
"""Cases from which one is chosen to be told again."""
ALIKE: Final = 0.3
"""From here on two cases are called similar by their words."""
ALIKE_IN_MEANING: Final = 0.8
"""And from here on by what they mean, where they share at least ``SOME_WORDS``."""
SOME_WORDS: Final = 0.12

log = structlog.get_logger(__name__)
Place = tuple[str, Language]


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierCase:
    """A case like this one, and what was approved for it."""

    reply: ApprovedReply
    likeness: float
    nearness: float | None
    times: int
    """How often the same was approved unchanged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What similar cases are looked for."""

    brand: str
    text: str
    language: Language
    visibility: Visibility
    mention_id: int = 0
    """Not this one itself."""


@dataclass(slots=True)
class _Workspace:
    indexes: dict[Place, PostIndex] = field(default_factory=dict)
    where: dict[int, Place] = field(default_factory=dict)
    """Index of each reply."""
    looked_at: datetime | None = None


class Memory:
    """Thread-safe. ``embedder`` is asked once; where it gives none, words alone count. Holds no text."""

    def __init__(self, embedder: Callable[[], Embedder | None] | None = None) -> None:
        self._find_embedder = embedder
        self._embedder: Embedder | None = None
        self._lock = Lock()
        self._workspaces: dict[WorkspaceId, _Workspace] = {}

    def count(self, workspace_id: WorkspaceId) -> int:
        """Return how many replies are kept in mind."""
        return len(self._workspaces[workspace_id].where) if workspace_id in self._workspaces else 0

    def is_complete(self, workspace_id: WorkspaceId) -> bool:
        """Whether nothing was left for the next time, neither replies nor the meaning of posts."""
        return workspace_id in self._workspaces and self._workspaces[workspace_id].looked_at is not None

    def refresh(self, tx: Transaction, *, most: int = TAKEN_IN) -> int:
        """Take in what was approved since, let go of what is no longer there; returns how many replies are still to be taken in.

        Does nothing when it was done within ``LOOKED_AGAIN``.
        """
        with self._lock:
            kept = self._workspaces.setdefault(tx.workspace_id, _Workspace())
            if kept.looked_at is not None and abs(tx.now - kept.looked_at) < LOOKED_AGAIN:
                return 0
            present = list_approved(tx)
            new = [reply_id for reply_id in present if reply_id not in kept.where]
            self._change(kept, _read_all(tx, new[:most]), dropped=frozenset(kept.where) - frozenset(present))
            unread = self._understand(tx, kept)
            left = len(new[most:])
            kept.looked_at = None if left or unread else tx.now
            return left

    def find(
        self, tx: Transaction, asked: Asked, *, most: int = MOST_SHOWN, alike: float = ALIKE, by_words: bool = False
    ) -> list[EarlierCase]:
        """Return similar cases, the most alike first; each is still there and still ours to show.

        ``by_words``: the meaning is not asked for, which costs most; what is all but the same has the same words.
        """
        meaning = None if by_words else self._embed([asked.text[:LONGEST_POST]])
        with self._lock:
            kept = self._workspaces.get(tx.workspace_id)
            index = kept.indexes.get((asked.brand, asked.language)) if kept else None
            if index is None:
                return []
            near = index.search(
                asked.text,
                visibility=asked.visibility.value,
                but=asked.mention_id,
                meaning=None if meaning is None else meaning[0],
            )
            similar = {one.reply_id: one for one in near if _is_similar(one, alike)}
        cases: list[EarlierCase] = []
        for reply in read_approved(tx, list(similar)):
            # What was gathered into memory may have changed hands since: the rows decide.
            if (reply.brand, reply.language, reply.visibility) != (asked.brand, asked.language, asked.visibility):
                continue
            if len(cases) < most and reply.text not in {one.reply.text for one in cases}:
                cases.append(self._tell(reply, similar[reply.reply_id], index))
        return cases

    def liken(self, workspace_id: WorkspaceId, place: Place, one: frozenset[str], other: frozenset[str]) -> float:
        """Return how much two sets of terms say the same, 0 to 1; what is rare among earlier posts weighs more."""
        with self._lock:
            kept = self._workspaces.get(workspace_id)
            index = kept.indexes.get(place) if kept else None
            return index.liken(one, other) if index else 0.0

    def _tell(self, reply: ApprovedReply, near: Near, index: PostIndex) -> EarlierCase:
        with self._lock:
            times = index.count_unchanged(_template(reply))
        return EarlierCase(reply=reply, likeness=near.likeness, nearness=near.nearness, times=times)

    def _change(self, kept: _Workspace, new: Sequence[ApprovedReply], *, dropped: frozenset[int]) -> None:
        added: dict[Place, list[Indexed]] = {}
        gone: dict[Place, set[int]] = {}
        for reply_id in dropped:
            gone.setdefault(kept.where.pop(reply_id), set()).add(reply_id)
        for reply in new:
            place = reply.brand, Language(reply.language)
            kept.where[reply.reply_id] = place
            added.setdefault(place, []).append(_index(reply))
        for place in added.keys() | gone.keys():
            index = kept.indexes.setdefault(place, PostIndex(language=place[1]))
            index.change(added=added.get(place, ()), dropped=frozenset(gone.get(place, ())))

    def _understand(self, tx: Transaction, kept: _Workspace) -> bool:
        """Work out the meaning of some posts that have none yet; returns whether any are left."""
        left = False
        for index in kept.indexes.values():
            missing = index.without_vectors()[-UNDERSTOOD_AT_ONCE:]
            posts = _read_all(tx, missing)
            rows = self._embed([one.post[:LONGEST_POST] for one in posts]) if posts else None
            if rows is not None:
                index.give_vectors([one.reply_id for one in posts], rows)
                left = left or bool(index.without_vectors())
        return left

    def _embed(self, texts: Sequence[str]) -> Vectors | None:
        if self._find_embedder is not None:
            self._embedder, self._find_embedder = self._find_embedder(), None
        if self._embedder is None:
            return None
        try:
            return self._embedder.embed(texts)
        except KikiteError as error:
            log.warning("searching by words alone", problem=error.message)
            self._embedder = None
            return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recall:
    """The memory of one brand, for whoever drafts outside of any transaction."""

    memory: Memory
    database: Database
    workspace_id: WorkspaceId
    brand: str

    def find(self, text: str, *, language: Language, visibility: Visibility, but: int) -> list[EarlierCase]:
        """Return cases to be looked at closely, the most alike first; ``but`` is the mention that asks."""
        asked = Asked(brand=self.brand, text=text, language=language, visibility=visibility, mention_id=but)
        with self.database.snapshot(self.workspace_id) as tx:
            return self.memory.find(tx, asked, most=LOOKED_AT, alike=SOME_WORDS, by_words=True)

    def liken(self, one: frozenset[str], other: frozenset[str], *, language: Language) -> float:
        """Return how much two sets of terms say the same, 0 to 1."""
        return self.memory.liken(self.workspace_id, (self.brand, language), one, other)


def _is_similar(near: Near, alike: float) -> bool:
    return near.likeness >= alike or (near.likeness >= SOME_WORDS and (near.nearness or 0) >= ALIKE_IN_MEANING)


def _read_all(tx: Transaction, reply_ids: Sequence[int]) -> list[ApprovedReply]:
    found: list[ApprovedReply] = []
    for start in range(0, len(reply_ids), READ_AT_ONCE):
        found += read_approved(tx, reply_ids[start : start + READ_AT_ONCE])
    return found


def _index(reply: ApprovedReply) -> Indexed:
    return Indexed(
        reply_id=reply.reply_id,
        mention_id=reply.mention_id,
        # Interned: twenty thousand posts use the same few thousand terms.
        terms=tuple(map(sys.intern, find_terms(reply.post[:LONGEST_POST], Language(reply.language)))),
        visibility=reply.visibility,
        template=_template(reply),
        unchanged=reply.unchanged,
    )


def _template(reply: ApprovedReply) -> str:
    """Return what is the same for replies that say the same, whatever they echo."""
    return " ".join(reply.wordings) if reply.wordings and reply.unchanged else reply.text_hash
