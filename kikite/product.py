"""Wiring: one home opened as a whole product. The only module that knows which implementation stands behind each port."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from classifier.backends import MODELS, BackendInForce
from config.brand_book import BrandBook
from config.loading import load_settings
from config.playbook import Playbook
from config.prose import load_books, load_playbooks
from config.settings import ChannelSettings, Settings
from digest.mail import ConsoleNotifier, SmtpNotifier
from domain.clock import Clock, SystemClock
from domain.errors import KikiteError
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel, ClassifierBackend, Notifier
from kikite.chat.opening import open_second_opinion, open_wording
from kikite.embedding import open_shelf
from kikite.logs import set_up_logging
from listener.accounts import sync_accounts
from listener.registry import ChannelContext, make_channel
from listener.shops import Shop, make_shop
from responder.approved import Memory
from responder.drafters.model_drafter import Wording
from responder.eligibility import PlatformRule, load_rules
from responder.knowledge import Shelf
from storage.database import Database
from storage.migrate import upgrade
from storage.parcels import StoredInbox
from storage.workspaces import ensure_workspace


@dataclass(frozen=True, kw_only=True)
class Product:
    """Everything the steps, the desk and the commands work with."""

    settings: Settings
    database: Database
    workspace_id: WorkspaceId
    accounts: Mapping[str, ChannelAccountId]
    """Id of each connected account by its name in the settings."""
    channels: Mapping[ChannelAccountId, Channel]
    books: Mapping[str, BrandBook]
    playbooks: tuple[Playbook, ...]
    shops: Mapping[str, Shop]
    """Connected shops by their name in the settings."""
    rules: tuple[PlatformRule, ...]
    """When a reply may leave; the home's own table where it has one."""
    notifier: Notifier

    @property
    def backend(self) -> ClassifierBackend:
        """The classifier for the next batch; made on first use, so that the desk need not wait for it."""
        return self._in_force.get()

    @cached_property
    def _in_force(self) -> BackendInForce:
        return BackendInForce(self.settings.classifier, self.settings.home / MODELS, open_second_opinion(self.settings))

    @cached_property
    def shelf(self) -> Shelf:
        """The brands' books, searchable; the embeddings are loaded by the first search."""
        return open_shelf(self.settings)

    @cached_property
    def memory(self) -> Memory:
        """What was approved, searchable; filled a little at a time by ``steps.remember``."""
        return Memory(self.shelf.embedder)

    @cached_property
    def wording(self) -> Wording | None:
        """The language model on top of the composer, made on first use; None where there is none."""
        return open_wording(self.settings)

    def account(self, name: str) -> ChannelAccountId:
        """Return the account that the settings call ``name``; raise ``KikiteError`` naming those there are."""
        if name not in self.accounts:
            known = ", ".join(sorted(self.accounts))
            raise KikiteError(f"There is no channel named '{name}'.", remedy=f"Choose one of: {known}.")
        return self.accounts[name]

    def channel_settings(self, account_id: ChannelAccountId) -> ChannelSettings:
        """Return the settings of one account; the built-in ``import`` account has the defaults."""
        name = next(name for name, known in self.accounts.items() if known == account_id)
        for channel in self.settings.channel:
            if channel.name == name:
                return channel
        return ChannelSettings(name=name, kind=name)


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    """Open the home's database and bring it to this version's revision."""
    database = Database(settings.database_url, clock=clock)
    upgrade(database)
    return database


@contextmanager
def open_product(
    home: Path, *, clock: Clock | None = None, port: int | None = None, log_level: str | None = None
) -> Iterator[Product]:
    """Open the home as a product and close it at the end. ``port`` overrides ``desk.port``, ``log_level`` ``log.level``.

    Logging goes to stderr from here on: standard output is for results.
    Raises ``KikiteError`` with a remedy for whatever is wrong.
    """
    settings = load_settings(home)
    set_up_logging(settings.log if log_level is None else settings.log.model_copy(update={"level": log_level}))
    if port is not None:
        settings = settings.model_copy(update={"desk": settings.desk.model_copy(update={"port": port})})
    books = load_books(home)
    playbooks = load_playbooks(home)
    rules = tuple(load_rules(home))
    database = open_database(settings, clock)
    channels: dict[ChannelAccountId, Channel] = {}
    shops: dict[str, Shop] = {}
    try:
        workspace_id = ensure_workspace(database, settings.workspace.name)
        with database.transaction(workspace_id) as tx:
            accounts = sync_accounts(tx, settings.channel)
        for channel in (*settings.channel, ChannelSettings(name="import", kind="import")):
            if channel.name in accounts and accounts[channel.name] not in channels:
                account_id = accounts[channel.name]
                context = ChannelContext(
                    state_dir=home / "state",
                    clock=clock or SystemClock(),
                    inbox=StoredInbox(database, workspace_id, account_id),
                )
                channels[account_id] = make_channel(channel, context)
        for shop in settings.shop:
            shops[shop.name] = make_shop(shop, clock=clock or SystemClock())
        yield Product(
            settings=settings,
            database=database,
            workspace_id=workspace_id,
            accounts=accounts,
            channels=channels,
            books=books,
            playbooks=playbooks,
            shops=shops,
            rules=rules,
            notifier=SmtpNotifier(settings.mail, desk_url=settings.desk_url)
            if settings.mail.host
            else ConsoleNotifier(),
        )
    finally:
        for made in channels.values():
            made.close()
        for opened in shops.values():
            opened.close()
        database.close()
