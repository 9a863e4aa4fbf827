"""The settings of one home: ``kikite.toml``, then the environment (``KIKITE_MAIL__HOST``), then ``*_FILE`` secrets.

Every setting is documented where it is defined; ``docs/reference/settings.md`` is generated from here.
Loading and error reporting are in ``config/loading.py``; the environment in ``config/environment.py``.
"""

from datetime import time
from pathlib import Path
from typing import Final, Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator

from config.chat_settings import SecondOpinionSettings
from config.drafter_settings import DrafterSettings
from config.follow_up_settings import FollowUpSettings
from config.hours_settings import HoursSettings
from config.label_map import read_meaning
from config.section import LocalTime, Name, Section
from config.shop_settings import Shops

HYPOTHESIS: Final[dict[Literal["ja", "en"], str]] = {"ja": "この投稿は{}です。", "en": "This post is {}."}


class WorkspaceSettings(Section):
    """Who we are."""

    name: str = Field("My shop", description="Shown in the desk's header and in mails.", min_length=1, max_length=80)
    language: Literal["ja", "en"] = Field("ja", description="Language of the desk and of mails until a reader chooses.")
    time_zone: str = Field("Asia/Tokyo", description="IANA name; days and digest hours are counted in it.")

    @field_validator("time_zone")
    @classmethod
    def _know_time_zone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = "must be an IANA time zone such as Asia/Tokyo."
            raise ValueError(msg)
        return value


class StorageSettings(Section):
    """Where rows are kept."""

    url: str = Field(
        "",
        description="SQLAlchemy URL. Empty: SQLite in the home. `postgresql://…` uses psycopg 3 (extra `postgres`).",
        repr=False,  # it may carry a password
    )

    @field_validator("url")
    @classmethod
    def _know_database(cls, value: str) -> str:
        if value and ("://" not in value or not value.startswith(("sqlite", "postgresql"))):
            msg = "must begin with postgresql:// or sqlite://."
            raise ValueError(msg)
        return value


class DeskSettings(Section):
    """The web desk."""

    host: str = Field("127.0.0.1", description="Address to listen on. Put a TLS proxy in front before opening it up.")
    port: int = Field(8321, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field("", description="Address people use, for links in mails. Empty: http://host:port.")
    hold_seconds: int = Field(10, ge=0, le=60, description="How long an approved reply can still be taken back.")
    session_hours: int = Field(12, ge=1, le=720, description="How long a sign-in lasts.")

    @field_validator("public_url")
    @classmethod
    def _know_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            msg = "must begin with https:// or http://."
            raise ValueError(msg)
        return value


class MailSettings(Section):
    """Outgoing mail (SMTP). Without a host, digests are stored and shown but not mailed."""

    host: str = Field("", description="SMTP server; empty switches mail off.")
    port: int = Field(587, ge=1, le=65535, description="SMTP port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="`none` only on loopback.")
    username: str = Field("", description="SMTP user; empty: no sign-in.")
    password: SecretStr = Field(SecretStr(""), description='SMTP password. Better: `password_file = "secrets/mail"`.')
    from_address: str = Field("", description="Sender of digests, e.g. `Kikite <desk@example.com>`.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")


class DigestReader(Section):
    """One reader of digests."""

    address: str = Field(description="Mail address.", pattern=r"^[^@\s]+@[^@\s]+$")
    language: Literal["ja", "en"] = Field("ja", description="Language of this reader's mail.")


class DigestSettings(Section):
    """The daily mail."""

    readers: tuple[DigestReader, ...] = Field((), description="Who gets it.")
    daily_at: LocalTime = Field(time(18, 0), description="Local time of the daily digest.")


class TargetSettings(Section):
    """Minutes until a first reply is due, by urgency."""

    critical: int = Field(10, ge=1, description="Health, safety, exposed data, legal threats.")
    high: int = Field(30, ge=1, description="Money taken, parcel missing, broken promises, outages.")
    normal: int = Field(60, ge=1, description="Other open problems and questions.")
    low: int = Field(480, ge=1, description="Praise, wishes, opinions.")


class GatheringSettings(Section):
    """Posts that repeat another's words become one case with a count."""

    window_hours: int = Field(
        48,
        ge=0,
        le=168,
        description="How far apart posts that say the same may be; 0: every post is a case of its own.",
    )
    least_characters: int = Field(
        40,
        ge=20,
        description="Shorter texts are never taken for one case, unless one person says the very same again. A Chinese, Japanese or Korean character counts two.",
    )


class ClockSettings(Section):
    """How often stages wake."""

    poll_seconds: int = Field(
        60, ge=5, description="Between two polls of one account unless the channel says otherwise."
    )
    step_seconds: float = Field(
        1, gt=0, le=60, description="Between two looks for mentions to classify, draft or send."
    )
    polls_at_once: int = Field(8, ge=1, le=64, description="Accounts read side by side at most.")
    polls_at_once_per_kind: int = Field(
        4, ge=1, le=64, description="Of these, accounts of one platform: a slow one leaves the others their turn."
    )
    leaving_check_minutes: int = Field(
        10, ge=1, description="Between two checks whether a post still exists whose reply has not left."
    )
    deletion_check_minutes: int = Field(30, ge=1, description="Between two checks whether waiting posts still exist.")
    closed_check_hours: int = Field(
        23,
        ge=0,
        description="Between two checks whether any other post still exists; 0: never. 23: within a day, the round itself included.",
    )
    silent_days: int = Field(7, ge=0, le=365, description="Tell of a rare source after so many silent days; 0: never.")


class ClassifierSettings(Section):
    """Understanding."""

    backend: Literal["model", "keyword", "transformers"] = Field(
        "model",
        description="`model`: the one that ships. `keyword`: word lists and rules. `transformers`: any hub model (extra `torch`).",
    )
    model: str = Field(
        "",
        description="Folder of the model; for `transformers` a folder or a hub name. Empty: the home's promoted one (`kikite models`), else what ships.",
    )
    threads: int = Field(0, ge=0, le=256, description="Cores the model may use; 0: all.")
    batch_size: int = Field(32, ge=1, le=512, description="Mentions claimed and classified at once.")
    revision: str = Field("", description="Branch, tag or commit of a hub model; empty: its main branch.")
    allow_download: bool = Field(
        False,
        description="`transformers`: fetch a hub model that is not on this machine yet. `HF_HUB_OFFLINE` still forbids.",
    )
    label_map: dict[str, str] = Field(
        default_factory=dict,
        description="`transformers`: what each label of the model means, as `head:class`, e.g. `sentiment:negative`, or `ignore`. Zero-shot: the candidates.",
    )
    hypothesis: dict[Literal["ja", "en"], str] = Field(
        default_factory=lambda: dict(HYPOTHESIS),
        description="Zero-shot: the sentence a candidate is put into, by language; `{}` is its place.",
    )
    second_opinion: SecondOpinionSettings = SecondOpinionSettings()

    @field_validator("label_map")
    @classmethod
    def _know_labels(cls, value: dict[str, str]) -> dict[str, str]:
        for written in value.values():
            read_meaning(written)
        return value

    @field_validator("hypothesis")
    @classmethod
    def _keep_place(cls, value: dict[Literal["ja", "en"], str]) -> dict[Literal["ja", "en"], str]:
        for sentence in value.values():
            if sentence.count("{}") != 1 or sentence.count("{") != 1 or sentence.count("}") != 1:
                msg = "needs {} once, where the candidate stands."
                raise ValueError(msg)
        return {**HYPOTHESIS, **value}


class ChannelSettings(Section):
    """One connected account. ``options`` are checked by the channel itself."""

    name: Name = Field(description="Your name for this account; used by `--channel` and shown in the desk.")
    kind: Name = Field(description="Platform: `bluesky`, `import`, `sandbox`, or one that an installed package adds.")
    brand: Name = Field("default", description="Folder under `brands/` whose voice and FAQ are used.")
    poll_seconds: int | None = Field(None, ge=5, description="Overrides clock.poll_seconds.")
    quiet_poll_seconds: int = Field(
        0, ge=0, description="While polls bring nothing new, the pause doubles up to this; 0: it stays the same."
    )
    retention_days: int = Field(
        0, ge=0, description="Blank the texts of closed cases after so many days; 0: keep them."
    )
    daily_budget_usd: float = Field(0, ge=0, description="Stop reading for the day at this cost; 0: no cap.")
    max_pages_per_poll: int = Field(20, ge=1, le=1000, description="Pages taken in one poll before others get a turn.")
    options: dict[str, str | int | float | bool | list[str]] = Field(
        default_factory=dict, description="What this platform needs; see its page under docs/how-to/."
    )
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict, description="Passwords and tokens; a key ending in `_file` names a file to read."
    )


class LogSettings(Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level written.")
    format: Literal["console", "json"] = Field("console", description="`json` for log collectors.")


class Settings(Section):
    """All settings of one home."""

    home: Path = Field(description="The folder itself; never in the file.", exclude=True)
    workspace: WorkspaceSettings = WorkspaceSettings()
    storage: StorageSettings = StorageSettings()
    desk: DeskSettings = DeskSettings()
    mail: MailSettings = MailSettings()
    digest: DigestSettings = DigestSettings()
    targets: TargetSettings = TargetSettings()
    gathering: GatheringSettings = GatheringSettings()
    clock: ClockSettings = ClockSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    drafter: DrafterSettings = DrafterSettings()
    hours: HoursSettings = HoursSettings()
    follow_up: FollowUpSettings = FollowUpSettings()
    log: LogSettings = LogSettings()
    channel: tuple[ChannelSettings, ...] = Field((), description="One `[[channel]]` table per connected account.")
    shop: Shops = Field((), description="One `[[shop]]` table per shop whose orders are read.")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.storage.url or f"sqlite:///{self.home / 'kikite.db'}"

    @property
    def desk_url(self) -> str:
        """Address that people's links use, without a slash at the end."""
        return (self.desk.public_url or f"http://{self.desk.host}:{self.desk.port}").rstrip("/")
