"""What a brand says of itself: the shapes of the prose files under ``brands/NAME/``. Loaded by ``config/prose.py``."""

from datetime import date
from typing import Literal

from pydantic import Field

from config.settings import Name, Section
from domain.words import Intent, Language, Topic, Visibility


class Bilingual(Section):
    """The same thing said natively in both languages."""

    ja: str = Field(min_length=1, description="Japanese.")
    en: str = Field(min_length=1, description="English.")

    def say(self, language: Language) -> str:
        """Return the Japanese for ja, else the English."""
        return self.ja if language is Language.JA else self.en


class Voice(Section):
    """``brand.toml``: how the brand speaks."""

    id: Name = Field(description="Folder name.")
    name: Bilingual = Field(description="As customers know it.")
    words: tuple[str, ...] = Field((), description="Names and spellings that mean this brand.")
    anti_words: tuple[str, ...] = Field((), description="Words that show a homonym.")
    languages: tuple[Literal["ja", "en"], ...] = Field(("ja", "en"), description="First one is the default.")
    sign_off: Bilingual = Field(description="Closes a reply, e.g. the desk's name.")
    contact_dm: Bilingual = Field(description="Sentence that invites to DM.")
    forbidden_words: tuple[str, ...] = Field((), description="Never in a reply; matched without case, NFKC.")


class FaqEntry(Section):
    """``faq/*.md``: one question with its answers. ``answer`` is the file's body, a part per language."""

    id: Name
    topic: Topic
    question: Bilingual
    answer: Bilingual
    keywords_ja: tuple[str, ...] = ()
    keywords_en: tuple[str, ...] = ()
    url: str = ""


class Policy(Section):
    """``policies/*.md``: what we may promise; ``statement`` may be cited in a reply."""

    id: Name
    topic: Topic
    title: Bilingual
    statement: Bilingual
    offer: bool = False
    """True: a goodwill offer (coupon, replacement): DM only, and flagged to the approver."""
    visibilities: tuple[Visibility, ...] = (Visibility.PUBLIC, Visibility.DM)


class KnownIssue(Section):
    """``issues/*.md``: a fault we know of, with its one approved statement."""

    id: Name
    topic: Topic
    title: Bilingual
    statement: Bilingual
    keywords_ja: tuple[str, ...] = ()
    keywords_en: tuple[str, ...] = ()
    since: date
    until: date | None = None


class BrandBook(Section):
    """Everything one brand says of itself."""

    voice: Voice
    faq: tuple[FaqEntry, ...] = ()
    policies: tuple[Policy, ...] = ()
    known_issues: tuple[KnownIssue, ...] = ()


class Wording(Section):
    """One way to say one move; ``{name}`` style variables are filled by the composer."""

    text: str = Field(min_length=1)
    needs: tuple[str, ...] = ()
    """Variables without which this wording cannot be used."""


class Move(Section):
    """One step of a reply (greet, thank, echo, apologise, own, explain, next_step, to_dm, offer, close, sign)."""

    move: str
    optional: bool = False
    wordings: tuple[Wording, ...] = Field(min_length=1)


class Playbook(Section):
    """``config/playbooks/*.toml``: the moves for one kind of case in one language and place."""

    id: Name
    language: Literal["ja", "en"]
    visibility: Visibility
    intent: Intent
    topics: tuple[Topic, ...] = ()
    """Empty: any topic."""
    scenario: str = ""
    """Finer than topic, e.g. ``wrong_item``; set by rules over the text. Empty: any."""
    constructive: bool | None = None
    """None: either."""
    moves: tuple[Move, ...]
