"""Workspace, users and their sign-ins."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, WorkspaceScoped, reference, row_id


class Workspace(Base):
    """Tenant boundary."""

    __tablename__ = "workspace"
    id: Mapped[int] = row_id()
    name: Mapped[str]
    sending_paused: Mapped[bool] = mapped_column(default=False)
    """The kill switch: nothing leaves while it is on."""
    created_at: Mapped[datetime]


class User(WorkspaceScoped, Base):
    """A person who works at the desk."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("login"),)
    id: Mapped[int] = row_id()
    login: Mapped[str] = mapped_column(String(80))
    display_name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2), default="ja")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    single_keys: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class UserSession(WorkspaceScoped, Base):
    """A sign-in. Only the hash of the cookie's token is kept."""

    __tablename__ = "user_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = reference("user_account.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInLink(WorkspaceScoped, Base):
    """A one-time link that signs a user in (first run, demo)."""

    __tablename__ = "sign_in_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = reference("user_account.id")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed sign-in, for the rate limit; not scoped: the login may not exist."""

    __tablename__ = "sign_in_failure"
    id: Mapped[int] = row_id()
    login: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime]
