"""The person behind profiles: made, linked, described and erased by people at the desk, each step in the audit trail.

Nothing here guesses. What may be one person is suggested by ``storage/customer_suggestions.py``; a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, or_, select, update

from domain.errors import NotFoundError
from domain.words import Language
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, Customer, CustomerLink, CustomerNote, Purchase
from storage.people import SignedInUser

GIVEN: Final = "given"
REFUSED: Final = "refused"
LONGEST_NAME: Final = 80
LONGEST_NOTE: Final = 4000
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerDetails:
    """What a person at the desk writes down about a customer."""

    display_name: str
    """As they want to be called; empty: as each profile says."""
    language: Language | None
    """They asked to be answered in it."""
    time_zone: str
    """IANA name; empty: not known."""
    persona: str
    tags: tuple[str, ...]


def load_customer(tx: Transaction, customer_id: int, *, lock: bool = False) -> Customer:
    """Return a customer; with ``lock`` nobody else can change it until this transaction ends. Raises ``NotFoundError``."""
    wanted = select(Customer).where(Customer.id == customer_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    customer = tx.session.scalar(wanted)
    if customer is None:
        raise NotFoundError("There is no such customer.", remedy="Go back to the inbox.")
    return customer


def find_profiles(tx: Transaction, author_id: int) -> tuple[int, ...]:
    """Return the ids of every profile that is linked with this one, itself included."""
    customer_id = tx.session.scalar(select(Author.customer_id).where(Author.id == author_id))
    if customer_id is None:
        return (author_id,)
    linked = select(Author.id).where(Author.customer_id == customer_id).order_by(Author.id)
    return tuple(tx.session.scalars(of_ours(linked)))


def keep_customer(tx: Transaction, author_id: int, *, user: SignedInUser) -> Customer:
    """Return the customer behind a profile; made with this profile alone if there is none. Raises ``NotFoundError``."""
    author = _lock_author(tx, author_id)
    if author.customer_id is not None:
        return load_customer(tx, author.customer_id)
    customer = Customer(display_name="", created_at=tx.now)
    tx.session.add(customer)
    tx.session.flush()
    _note(tx, "customer_created", customer.id, user=user)
    _link(tx, author, customer, user=user)
    return customer


def link_profile(tx: Transaction, customer_id: int, author_id: int, *, user: SignedInUser) -> None:
    """Say that a profile belongs to a customer; doing it twice is doing it once. Raises ``NotFoundError``.

    A profile of another customer brings that one along when it was their last: notes, orders, tags and what was told of them.
    """
    customer = load_customer(tx, customer_id, lock=True)
    author = _lock_author(tx, author_id)
    if author.customer_id == customer.id:
        return
    before = author.customer_id
    if before is not None:
        _unlink(tx, author, user=user)
    _link(tx, author, customer, user=user)
    if before is not None and not count_profiles(tx, before):
        _take_over(tx, load_customer(tx, before, lock=True), customer, user=user)


def unlink_profile(tx: Transaction, customer_id: int, author_id: int, *, user: SignedInUser) -> None:
    """Take a profile off a customer; it is not suggested for them again. Doing it twice is doing it once. Raises ``NotFoundError``."""
    load_customer(tx, customer_id, lock=True)
    author = _lock_author(tx, author_id)
    if author.customer_id == customer_id:
        _unlink(tx, author, user=user)


def decline_link(tx: Transaction, customer_id: int, author_id: int, *, user: SignedInUser) -> None:
    """Keep that a profile is not this customer's: it is not suggested again. Raises ``NotFoundError``."""
    load_customer(tx, customer_id, lock=True)
    author = _lock_author(tx, author_id)
    if author.customer_id == customer_id:
        return
    _record(tx, author_id=author.id, customer_id=customer_id, linked=False, user=user)
    _note(tx, "customer_link_declined", customer_id, user=user, author=author.id)


def describe_customer(tx: Transaction, customer_id: int, details: CustomerDetails, *, user: SignedInUser) -> None:
    """Keep what is told of a customer. Raises ``NotFoundError``."""
    customer = load_customer(tx, customer_id, lock=True)
    customer.display_name = details.display_name.strip()[:LONGEST_NAME]
    customer.language = str(details.language) if details.language else ""
    customer.time_zone = details.time_zone
    customer.persona = details.persona
    customer.tags = _tidy_tags(details.tags)
    tx.session.flush()
    _note(tx, "customer_described", customer.id, user=user)


def say_consent(tx: Transaction, customer_id: int, *, consent: str, user: SignedInUser) -> None:
    """Keep what a customer said about the use of their orders: ``GIVEN``, ``REFUSED``, or empty to take it back."""
    if consent not in ("", GIVEN, REFUSED):
        msg = f"no consent: {consent}"
        raise ValueError(msg)
    customer = load_customer(tx, customer_id, lock=True)
    if customer.purchases_consent == consent:
        return
    customer.purchases_consent = consent
    customer.purchases_consented_at = tx.now if consent else None
    tx.session.flush()
    tx.audit(
        "customer_consent",
        actor=user.display_name,
        user_id=user.user_id,
        subject=f"customer:{customer.id}",
        detail={"consent": consent or "as_ordered"},
    )


def add_note(tx: Transaction, customer_id: int, text: str, *, user: SignedInUser) -> None:
    """Write something down about a customer; nothing for an empty text. Raises ``NotFoundError``."""
    customer = load_customer(tx, customer_id)
    if not text.strip():
        return
    note = CustomerNote(
        customer_id=customer.id, user_id=user.user_id, text=text.strip()[:LONGEST_NOTE], created_at=tx.now
    )
    tx.session.add(note)
    tx.session.flush()
    _note(tx, "customer_noted", customer.id, user=user)


def remove_note(tx: Transaction, customer_id: int, note_id: int, *, user: SignedInUser) -> None:
    """Take a note off. Raises ``NotFoundError``."""
    note = tx.session.scalar(
        select(CustomerNote).where(CustomerNote.id == note_id, CustomerNote.customer_id == customer_id)
    )
    if note is None:
        raise NotFoundError("There is no such note.", remedy="Reload the page.")
    tx.session.delete(note)
    tx.session.flush()
    _note(tx, "customer_note_removed", customer_id, user=user)


def erase_customer(tx: Transaction, customer_id: int, *, user: SignedInUser) -> None:
    """Remove a customer with notes and links. Profiles stay with their posts, orders stay without a person. Raises ``NotFoundError``.

    Who asked to be left alone stays so: that is kept by profile.
    """
    customer = load_customer(tx, customer_id, lock=True)
    _set_free(tx, customer.id)
    # The database takes notes and links along (ON DELETE CASCADE).
    tx.session.execute(delete(Customer).where(Customer.id == customer.id).execution_options(synchronize_session=False))
    tx.session.expunge(customer)
    _note(tx, "customer_erased", customer_id, user=user)


def count_profiles(tx: Transaction, customer_id: int) -> int:
    """Return how many profiles are linked to a customer."""
    counted = select(func.count()).select_from(Author).where(Author.customer_id == customer_id)
    return tx.session.scalar(of_ours(counted)) or 0


def forget_names(tx: Transaction, forgotten: Sequence[Author]) -> None:
    """Take the name off customers all of whose profiles are blank now; ``forgotten`` were blanked in this transaction.

    What the team wrote itself (notes, tags) stays until somebody removes it or the customer.
    """
    customers = {author.customer_id for author in forgotten if author.customer_id is not None}
    for customer_id in sorted(customers):
        named = (
            select(Author.id)
            .where(Author.customer_id == customer_id, or_(Author.handle != "", Author.display_name != ""))
            .limit(1)
        )
        if tx.session.scalar(of_ours(named)) is None:
            blank = update(Customer).where(Customer.id == customer_id).values(display_name="")
            tx.session.execute(blank.execution_options(synchronize_session=False))


def _tidy_tags(given: Sequence[str]) -> list[str]:
    tidy = dict.fromkeys(" ".join(tag.split())[:LONGEST_TAG] for tag in given)
    return [tag for tag in tidy if tag][:MOST_TAGS]


def _lock_author(tx: Transaction, author_id: int) -> Author:
    wanted = select(Author).where(Author.id == author_id).with_for_update()
    author = tx.session.scalar(wanted.execution_options(populate_existing=True))
    if author is None:
        raise NotFoundError("There is no such profile.", remedy="Go back to the inbox.")
    return author


def _link(tx: Transaction, author: Author, customer: Customer, *, user: SignedInUser) -> None:
    author.customer_id = customer.id
    _record(tx, author_id=author.id, customer_id=customer.id, linked=True, user=user)
    _note(tx, "customer_linked", customer.id, user=user, author=author.id)


def _unlink(tx: Transaction, author: Author, *, user: SignedInUser) -> None:
    customer_id = author.customer_id
    if customer_id is None:
        return
    author.customer_id = None
    _record(tx, author_id=author.id, customer_id=customer_id, linked=False, user=user)
    _note(tx, "customer_unlinked", customer_id, user=user, author=author.id)


def _take_over(tx: Transaction, old: Customer, new: Customer, *, user: SignedInUser) -> None:
    """Bring what is known of a customer without a profile to the one it turned out to be; a refusal of consent wins."""
    for model in (CustomerNote, Purchase):
        moved = update(model).where(model.customer_id == old.id).values(customer_id=new.id)
        tx.session.execute(moved.execution_options(synchronize_session=False))
    new.display_name = new.display_name or old.display_name
    new.language = new.language or old.language
    new.time_zone = new.time_zone or old.time_zone
    new.persona = new.persona or old.persona
    new.tags = _tidy_tags([*new.tags, *old.tags])
    if old.purchases_consent == REFUSED or not new.purchases_consent:
        new.purchases_consent, new.purchases_consented_at = old.purchases_consent, old.purchases_consented_at
    tx.session.flush()
    erase_customer(tx, old.id, user=user)


def _set_free(tx: Transaction, customer_id: int) -> None:
    for model in (Author, Purchase):
        free = update(model).where(model.customer_id == customer_id).values(customer_id=None)
        tx.session.execute(free.execution_options(synchronize_session="fetch"))


def _record(tx: Transaction, *, author_id: int, customer_id: int, linked: bool, user: SignedInUser) -> None:
    row = CustomerLink(
        author_id=author_id, customer_id=customer_id, linked=linked, user_id=user.user_id, created_at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()


def _note(tx: Transaction, verb: str, customer_id: int, *, user: SignedInUser, author: int | None = None) -> None:
    """Put a step into the audit trail: ids only, names would outlive the profile."""
    tx.audit(
        verb,
        actor=user.display_name,
        user_id=user.user_id,
        subject=f"customer:{customer_id}",
        detail={"author": str(author)} if author else None,
    )
