"""Making a home and its first user; adding people; one-time links."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from config.home_writer import write_home
from config.loading import SETTINGS_FILE, load_settings
from config.reference import Shop
from domain.errors import ConfigError, NotFoundError, Place
from domain.ids import UserId, WorkspaceId
from domain.words import Language, Role
from kikite.product import open_database
from storage.database import Database
from storage.people import create_user, list_users, make_sign_in_link, normalise_login
from storage.workspaces import ensure_workspace

PASSWORD_BYTES = 9


@dataclass(frozen=True, kw_only=True)
class MadeHome:
    """What ``kikite init`` made. ``password`` is empty when there were users already."""

    home: Path
    login: str
    password: str


def make_home(home: Path, *, demo: bool, login: str, shop: Shop | None = None) -> MadeHome:
    """Write the home's files, make its database and, if nobody is in it yet, one admin."""
    home = home.expanduser().absolute()
    write_home(home, demo=demo, shop=shop)
    settings = load_settings(home)
    database = open_database(settings)
    try:
        workspace_id = ensure_workspace(database, settings.workspace.name)
        with database.snapshot(workspace_id) as tx:
            has_users = bool(list_users(tx))
        language = Language(settings.workspace.language)
        password = "" if has_users else _add(database, workspace_id, login, login, Role.ADMIN, language)
    finally:
        database.close()
    return MadeHome(home=home, login=login, password=password)


def add_person(home: Path, *, login: str, name: str, role: Role, language: Language) -> str:
    """Add a user and return the password made for them."""
    settings = load_settings(home)
    database = open_database(settings)
    try:
        return _add(database, ensure_workspace(database, settings.workspace.name), login, name, role, language)
    finally:
        database.close()


def make_link(home: Path, *, login: str, desk_url: str = "") -> str:
    """Return an address that signs ``login`` in once; ``desk_url`` where the desk really listens, if it differs."""
    settings = load_settings(home)
    if not (desk_url or settings.desk.public_url or settings.desk.port):
        raise ConfigError(
            "The desk takes any free port, so its address is not known here.",
            place=Place(file=SETTINGS_FILE, field="desk.port"),
            remedy="Set desk.port or desk.public_url in kikite.toml.",
        )
    database = open_database(settings)
    try:
        with database.transaction(ensure_workspace(database, settings.workspace.name)) as tx:
            user = next((user for user in list_users(tx) if user.login == normalise_login(login)), None)
            if user is None:
                raise NotFoundError(f"There is no user '{login}'.", remedy="Add one: kikite people add.")
            token = make_sign_in_link(tx, user_id=UserId(user.id))
    finally:
        database.close()
    return f"{desk_url or settings.desk_url}/sign-in/link/{token}"


def _add(database: Database, workspace_id: WorkspaceId, login: str, name: str, role: Role, language: Language) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with database.transaction(workspace_id) as tx:
        create_user(tx, login=login, display_name=name, password=password, role=role, language=language)
    return password
