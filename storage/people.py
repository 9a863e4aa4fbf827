"""People and their sign-ins: users, server-side sessions, one-time links, failed attempts.

Tokens leave this module once, as text for the cookie or the link; the tables keep only their SHA-256.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import CursorResult, delete, func, select, update

from domain.errors import KikiteError
from domain.ids import UserId
from domain.words import Role
from storage.database import Transaction
from storage.isolation import EVERY_WORKSPACE
from storage.models import SignInFailure, SignInLink, User, UserSession

FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=15)
ROLES = tuple(Role)
"""Weakest first; each may do what those before it may."""

_hasher = PasswordHasher()


class LoginTakenError(KikiteError):
    """Another user already has this login."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInUser:
    """Who is at the desk, as every page needs it."""

    user_id: UserId
    login: str
    display_name: str
    role: Role
    language: str
    theme: str
    single_keys: bool

    def carries(self, role: Role) -> bool:
        """Return True when this user may do what ``role`` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginFacts:
    """What a sign-in needs to decide; ``password_hash`` is empty for an unknown or inactive login."""

    user_id: UserId | None
    password_hash: str
    recent_failures: int

    @property
    def locked(self) -> bool:
        """True while this login has failed too often."""
        return self.recent_failures >= FAILURES_ALLOWED


def normalise_login(login: str) -> str:
    """Return the one spelling of a login: NFKC, no case, no blanks around, at most 80 characters."""
    return unicodedata.normalize("NFKC", login).strip().casefold()[:80]


def create_user(tx: Transaction, *, login: str, display_name: str, password: str, role: Role, language: str) -> User:
    """Add a user; raise ``LoginTakenError`` when the login is in use (in any workspace)."""
    spelled = normalise_login(login)
    anywhere = select(User.id).where(User.login == spelled).execution_options(**{EVERY_WORKSPACE: True})
    taken = tx.session.scalar(anywhere)
    if taken:
        raise LoginTakenError(f"There already is a user '{spelled}'.", remedy="Choose another login.")
    user = User(
        login=spelled,
        display_name=display_name.strip() or spelled,
        password_hash=_hasher.hash(password),
        role=Role(role),
        language=language,
        created_at=tx.now,
    )
    tx.session.add(user)
    tx.session.flush()
    return user


def list_users(tx: Transaction) -> list[User]:
    """Return the active users, oldest first."""
    return list(tx.session.scalars(select(User).where(User.active.is_(True)).order_by(User.id)))


def change_password(tx: Transaction, *, user_id: int, password: str) -> None:
    """Set a new password and end every session of this user."""
    tx.session.execute(update(User).where(User.id == user_id).values(password_hash=_hasher.hash(password)))
    tx.session.execute(delete(UserSession).where(UserSession.user_id == user_id))


def change_preferences(tx: Transaction, *, user_id: int, language: str, theme: str, single_keys: bool) -> None:
    """Set how one user sees the desk."""
    tx.session.execute(
        update(User).where(User.id == user_id).values(language=language, theme=theme, single_keys=single_keys)
    )


def read_login(tx: Transaction, login: str) -> LoginFacts:
    """Return what is known of a login, and how often it failed lately."""
    spelled = normalise_login(login)
    failures = tx.session.scalar(
        select(func.count())
        .select_from(SignInFailure)
        .where(SignInFailure.login == spelled, SignInFailure.at > tx.now - FAILURE_WINDOW)
    )
    user = tx.session.scalar(select(User).where(User.login == spelled, User.active.is_(True)))
    return LoginFacts(
        user_id=UserId(user.id) if user else None,
        password_hash=user.password_hash if user else "",
        recent_failures=failures or 0,
    )


def verify_password(password_hash: str, password: str) -> bool:
    """Compare in the same time whether or not the user exists. Slow on purpose: call it outside any transaction."""
    try:
        return _hasher.verify(password_hash or _decoy_hash(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def record_failure(tx: Transaction, login: str) -> None:
    """Count a failed sign-in, and forget those too old to matter."""
    tx.session.execute(delete(SignInFailure).where(SignInFailure.at <= tx.now - FAILURE_WINDOW))
    tx.session.add(SignInFailure(login=normalise_login(login), at=tx.now))


def open_session(tx: Transaction, *, user_id: int, hours: int) -> str:
    """Start a session and return the token for the cookie. Ended sessions of everybody are swept."""
    tx.session.execute(delete(UserSession).where(UserSession.expires_at <= tx.now))
    token = secrets.token_urlsafe(32)
    tx.session.add(
        UserSession(
            token_hash=_hash_token(token),
            user_id=user_id,
            created_at=tx.now,
            expires_at=tx.now + timedelta(hours=hours),
        )
    )
    return token


def find_session(tx: Transaction, token: str) -> SignedInUser | None:
    """Return whose session this is; None when it ended, the user left, or it belongs to another workspace."""
    if not token:
        return None
    user = tx.session.scalar(
        select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_hash == _hash_token(token), UserSession.expires_at > tx.now, User.active.is_(True))
    )
    return _signed_in(user) if user else None


def close_session(tx: Transaction, token: str) -> None:
    """End one session."""
    tx.session.execute(delete(UserSession).where(UserSession.token_hash == _hash_token(token)))


def make_sign_in_link(tx: Transaction, *, user_id: int, minutes: int = 10) -> str:
    """Return a token that signs this user in once, within ``minutes``: the desk serves it at ``/sign-in/link/TOKEN``."""
    token = secrets.token_urlsafe(24)
    tx.session.add(
        SignInLink(token_hash=_hash_token(token), user_id=user_id, expires_at=tx.now + timedelta(minutes=minutes))
    )
    return token


def use_sign_in_link(tx: Transaction, token: str) -> UserId | None:
    """Spend a link: its user, or None when it was spent before, ran out or never was. Two at once: one wins."""
    spent = tx.session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == _hash_token(token), SignInLink.used_at.is_(None), SignInLink.expires_at > tx.now
        )
        .values(used_at=tx.now)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", spent).rowcount != 1:
        return None
    user_id = tx.session.scalar(
        select(SignInLink.user_id)
        .join(User, User.id == SignInLink.user_id)
        .where(SignInLink.token_hash == _hash_token(token), User.active.is_(True))
    )
    return UserId(user_id) if user_id else None


def prune_sign_ins(tx: Transaction) -> int:
    """Drop sessions and links that ran out, and failures too old to count; return how many rows went."""
    gone = (
        delete(UserSession).where(UserSession.expires_at <= tx.now),
        delete(SignInLink).where(SignInLink.expires_at <= tx.now),
        delete(SignInFailure).where(SignInFailure.at <= tx.now - FAILURE_WINDOW),
    )
    results = [tx.session.execute(statement.execution_options(synchronize_session=False)) for statement in gone]
    return sum(cast("CursorResult[Any]", result).rowcount for result in results)


def _signed_in(user: User) -> SignedInUser:
    return SignedInUser(
        user_id=UserId(user.id),
        login=user.login,
        display_name=user.display_name,
        role=Role(user.role),
        language=user.language,
        theme=user.theme,
        single_keys=user.single_keys,
    )


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
