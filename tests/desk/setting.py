"""What a desk needs around it in tests: a channel that only measures, a brand's voice, people and their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.brand_book import Bilingual, BrandBook, Voice
from config.settings import DeskSettings, Settings, WorkspaceSettings
from desk.app import DeskContext
from domain.ids import ChannelAccountId, WorkspaceId
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Role, Visibility
from storage.database import Database, Transaction
from storage.models import ChannelAccount, User
from storage.people import open_session


@dataclass(frozen=True)
class QuietChannel:
    """A channel that only measures: the desk asks nothing else of it."""

    kind: str = "bluesky"
    limit: int = 300
    own_author_id: str = "us"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(can_reply=True, can_direct_message=True, trains_models=True)
    )

    def measure(self, text: str, visibility: Visibility) -> Measure:
        return Measure(length=len(text), limit=self.limit if visibility is Visibility.PUBLIC else 1000)

    def poll(self, cursor: str | None) -> Page:
        raise NotImplementedError(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        raise NotImplementedError(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        raise NotImplementedError(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        raise NotImplementedError(request, visibility)

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        raise NotImplementedError(external_ids)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        raise NotImplementedError(target)

    def probe(self) -> str:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to give back."""


def make_voice() -> Voice:
    return Voice(
        id="default",
        name=Bilingual(ja="ミドリ商店", en="Midori Store"),
        sign_off=Bilingual(ja="ミドリ商店 お客様窓口", en="The Midori team"),
        contact_dm=Bilingual(ja="DMでご連絡ください。", en="Please send us a direct message."),
        forbidden_words=("激安", "guaranteed"),
    )


def make_context(database: Database, workspace_id: WorkspaceId, home: Path, *, hold_seconds: int = 10) -> DeskContext:
    """Return a desk over ``database`` in which every account of the workspace is connected."""
    with database.snapshot(workspace_id) as tx:
        ids = [account.id for account in tx.session.query(ChannelAccount)]
    return DeskContext(
        database=database,
        workspace_id=workspace_id,
        settings=Settings(
            home=home,
            workspace=WorkspaceSettings(name="ミドリ商店"),
            desk=DeskSettings(hold_seconds=hold_seconds),
        ),
        books={"default": BrandBook(voice=make_voice())},
        channels={ChannelAccountId(number): QuietChannel() for number in ids},
    )


def sign_in(database: Database, user: User) -> str:
    """Return a session token of ``user``."""
    with database.transaction(WorkspaceId(user.workspace_id)) as tx:
        return open_session(tx, user_id=user.id, hours=12)


def hire(tx: Transaction, login: str, role: Role, *, display_name: str = "", language: str = "ja") -> User:
    user = User(
        login=login,
        display_name=display_name or login.title(),
        password_hash="!",
        role=role,
        language=language,
        created_at=tx.now,
    )
    tx.session.add(user)
    tx.session.flush()
    return user
