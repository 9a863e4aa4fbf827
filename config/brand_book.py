"""What a brand says of itself: the shapes of the prose files under ``brands/NAME/``. Loaded by ``config/prose.py``."""

from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from config.check_rules import CheckSettings, find_hosts
from config.freshness import Dated
from config.section import Name, Section
from domain.words import Language, Topic, Visibility


class Bilingual(Section):
    """The same thing said natively in both languages."""

    ja: str = Field(min_length=1, description="Japanese.")
    en: str = Field(min_length=1, description="English.")

    def say(self, language: Language) -> str:
        """Return the Japanese for ja, else the English."""
        return self.ja if language is Language.JA else self.en


class Persona(Section):
    """``[[persona]]`` of ``brand.toml``: one voice among several of a brand, given to a person."""

    id: Name = Field(description="Chosen for a person on their page.")
    name: Bilingual = Field(description="As it introduces itself.")
    sign_off: Bilingual = Field(description="Closes its replies.")
    manner: Literal["formal", "casual", ""] = Field("", description="How it speaks; empty: as the customer does.")


class Voice(Section):
    """``brand.toml``: how the brand speaks."""

    id: Name = Field(description="Folder name.")
    name: Bilingual = Field(description="As customers know it.")
    words: tuple[str, ...] = Field((), description="Names and spellings that mean this brand.")
    anti_words: tuple[str, ...] = Field((), description="Words that show a homonym.")
    languages: tuple[Literal["ja", "en"], ...] = Field(("ja", "en"), description="First one is the default.")
    sign_off: Bilingual = Field(description="Closes a reply, e.g. the desk's name.")
    contact_dm: Bilingual = Field(description="Sentence that invites to DM.")
    contact_other: Bilingual | None = Field(
        None, description="Sentence that names another contact, where a platform or a person allows no DM."
    )
    persona: tuple[Persona, ...] = Field((), description="Voices that people may be given.")
    forbidden_words: tuple[str, ...] = Field((), description="Never in a reply; matched without case, NFKC.")
    thank_for_praise: bool = Field(
        True, description="Thanks are drafted for plain praise that asks for no answer, too."
    )
    checks: CheckSettings = Field(default_factory=CheckSettings, description="Own sites, and checks made softer.")

    def find_persona(self, persona_id: str) -> Persona | None:
        """Return the persona of that id, or None."""
        return next((persona for persona in self.persona if persona.id == persona_id), None)


class FaqEntry(Dated):
    """``faq/*.md``: one question with its answers. ``answer`` is the file's body, a part per language."""

    id: Name
    topic: Topic
    question: Bilingual
    answer: Bilingual
    keywords_ja: tuple[str, ...] = ()
    keywords_en: tuple[str, ...] = ()
    not_about_ja: tuple[str, ...] = ()
    not_about_en: tuple[str, ...] = ()
    """Words with which something else is asked: a question that carries one is not answered by this entry."""
    url: str = ""
    review: bool = False
    """True: imported, and read by nobody yet. It is not cited, and a language may be missing."""


class Policy(Dated):
    """``policies/*.md``: what we may promise; ``statement`` may be cited in a reply.

    A cut-off ("order by the 20th") is a policy that is ``valid_until`` its last day.
    """

    id: Name
    topic: Topic
    title: Bilingual
    statement: Bilingual
    offer: bool = False
    """True: a goodwill offer (coupon, replacement): DM only, and flagged to the approver."""
    visibilities: tuple[Visibility, ...] = (Visibility.PUBLIC, Visibility.DM)
    limit_per_person_days: int = Field(0, ge=0, le=3650)
    """Days before the same person may be offered it again; 0: no limit. For offers only."""
    max_value: str = Field("", max_length=80)
    """Most that may be given, in words for the approver ("10 %, at most 3,000 yen"). For offers only."""

    @model_validator(mode="after")
    def _limit_offers_only(self) -> Self:
        if not self.offer and (self.limit_per_person_days or self.max_value):
            msg = "'limit_per_person_days' and 'max_value' need offer = true"
            raise ValueError(msg)
        return self


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
    """Last day on which drafts switch to ``statement``."""
    state: Literal["open", "fixed"] = "open"
    """``fixed``: drafts do not switch to it any more."""
    fixed: Bilingual | None = None
    """Approved statement to those who told us, once it is fixed."""

    def is_open(self, on: date) -> bool:
        """Return whether drafts of that day switch to its statement."""
        return self.state == "open" and self.since <= on and (self.until is None or on <= self.until)


class Product(Section):
    """``products.toml``: one thing we sell, and how people call it."""

    id: Name
    name: Bilingual
    """As replies call it."""
    aliases: tuple[str, ...] = ()
    """Nicknames, short forms and common slips, in either language."""
    category: Bilingual | None = None
    """What kind of thing it is ("coat")."""


class ProductFile(Section):
    """The whole of ``products.toml``."""

    product: tuple[Product, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [product.id for product in self.product]
        if twice := [one for one in ids if ids.count(one) > 1]:
            msg = f"the id '{twice[0]}' is given to two products."
            raise ValueError(msg)
        return self


class BrandBook(Section):
    """Everything one brand says of itself."""

    voice: Voice
    faq: tuple[FaqEntry, ...] = ()
    policies: tuple[Policy, ...] = ()
    known_issues: tuple[KnownIssue, ...] = ()
    products: tuple[Product, ...] = ()

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Sites that its entries link to."""
        said = [(entry.url, entry.answer.ja, entry.answer.en) for entry in self.faq]
        statements = [entry.statement for entry in self.policies] + [entry.statement for entry in self.known_issues]
        said += [(statement.ja, statement.en, "") for statement in statements]
        return find_hosts(text for texts in said for text in texts)
