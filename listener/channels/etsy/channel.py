"""The Etsy channel: what the port promises of reviews that can only be read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import regex

from domain.errors import PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.etsy.client import Client
from listener.channels.etsy.options import EtsyOptions
from listener.channels.etsy.polling import Poller
from listener.channels.etsy.reading import CREATED, RATING, address_of
from listener.registry import ChannelContext
from listener.rotating_tokens import TokenFile
from listener.wire import text, whole

QUESTION_PAGES: Final = 10
"""Pages read to find reviews by their number; what is not found in them counts as there."""
LARGEST_PAGE: Final = 100
ANSWERABLE: Final = range(1, 4)
"""Stars of reviews that a shop can answer in public (help.etsy.com, How reviews work)."""


class EtsyChannel:
    """One shop's reviews. Thread-safe; makes no request before it must."""

    def __init__(self, options: EtsyOptions, *, context: ChannelContext, name: str) -> None:
        self._options = options
        file = TokenFile(
            context.state_dir / f"{name}.etsy.json",
            client_id=options.client_id,
            first_refresh_token=options.refresh_token.get_secret_value(),
        )
        self._client = Client(options, clock=context.clock, file=file)
        self._poller = Poller(options, client=self._client, clock=context.clock)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"EtsyChannel({self._options.shop_id})"

    @property
    def kind(self) -> str:
        """Always ``etsy``."""
        return "etsy"

    @property
    def own_author_id(self) -> str:
        """The shop. It writes no reviews of itself, so that nothing is ever dropped for this."""
        return f"shop:{self._options.shop_id}"

    @property
    def capabilities(self) -> Capabilities:
        """Reading: the interface takes neither answers to reviews nor messages.

        The reviews train no model, as long as nobody has read that Etsy's terms of its API (etsy.com/legal/api) allow it.
        """
        return Capabilities(
            can_reply=False,
            can_direct_message=False,
            tells_deletions=True,
            asked_at_once=QUESTION_PAGES * LARGEST_PAGE,
            trains_models=False,
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next page of reviews."""
        return self._poller.poll(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse: there is no interface for it."""
        raise self._no_sending(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: there is no interface for it."""
        raise self._no_sending(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Nothing was ever sent from here."""
        del request, visibility
        return None

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return the reviews that stand. Those not found among the shop's first thousand count as there.

        What is not there loses its text. So a list that moved or is shorter than Etsy counts proves nothing: ``RetryableError``.
        """
        missing = set(external_ids)
        offset, before = 0, frozenset[str]()
        for _ in range(QUESTION_PAGES if missing else 0):
            answer = self._poller.read(0, offset=offset, size=LARGEST_PAGE)
            shown = frozenset(one.id for one in answer.reviews).union(answer.unreadable)
            missing -= shown
            if not missing:
                break
            is_last = answer.count < LARGEST_PAGE
            has_moved = bool(before) and before.isdisjoint(shown)
            if has_moved or (is_last and answer.total != offset + answer.count):
                raise RetryableError("Etsy does not tell which reviews stand.", code="no_answer")
            if is_last:
                return frozenset(external_ids) - missing
            offset, before = offset + answer.count - 1, shown
        return frozenset(external_ids)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Tell whether the review stands, and whether Etsy lets a shop answer it by hand: up to three stars."""
        stars = target.platform_data.get(RATING, "")
        is_answerable = int(stars) in ANSWERABLE if stars.isascii() and stars.isdecimal() else None
        return PlatformFacts(exists=self._stands(target), replies_allowed=is_answerable)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes; Etsy names no limit for what is written by hand."""
        del visibility
        return Measure(length=len(regex.findall(r"\X", text)), limit=0)

    def probe(self) -> str:
        """Ask for the shop and for one of its reviews; say in one line which shop it is."""
        shop = self._client.get(f"/shops/{self._options.shop_id}")
        answer = self._poller.read(0, size=1)
        name = text(shop, "shop_name")
        count = answer.total or whole(shop, "review_count") or 0
        said = [f"Etsy: {name or 'a shop without a name'} ({self._options.shop_id})", f"{count} reviews", "read only"]
        if name and self._options.shop_name.lower() != name.lower():
            said.append(f"set options.shop_name = {name!r} for links to the shop's reviews")
        return " ".join("; ".join(said).split())

    @property
    def access_expires_at(self) -> datetime | None:
        """When the sign-in ends unless it is renewed before, which every hour of reading does."""
        return self._client.sign_in_ends_at

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _stands(self, target: SendTarget) -> bool:
        created = target.platform_data.get(CREATED, "")
        if created.isascii() and created.isdecimal():
            answer = self._poller.read(int(created), until=int(created), size=LARGEST_PAGE)
            if target.external_id in {*(one.id for one in answer.reviews), *answer.unreadable}:
                return True
        return target.external_id in self.still_there([target.external_id])

    def _no_sending(self, request: SendRequest) -> PermanentError:
        address = request.target.url or address_of(None, shop_name=self._options.shop_name)
        return PermanentError(
            "Etsy's interface takes no answers and no messages.",
            code="read_only",
            remedy=f"Answer by hand at {address}, signed in as the shop.",
        )
