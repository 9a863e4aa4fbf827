"""Replies that must pass or be caught by a named rule, and how well the rules tell them apart.

``ja.toml`` and ``en.toml`` grew with the rules. ``unseen_*`` were written after the rules' names and reasons alone: what
the rules are mended by (``tune``), and what is scored once at the end and never read before (``held``).
"""

import hashlib
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.brand_book import Bilingual, Voice
from config.check_rules import CheckSettings
from domain.replies import CheckResult, Measure
from domain.words import Language, Visibility
from responder.checks import TextContext, check_text

HELD_OUT_OF = 3
"""One text in so many is held out: rules are never tuned on it."""
VOICE = Voice(
    id="morino",
    name=Bilingual(ja="森の衣料店", en="Morino Clothing"),
    sign_off=Bilingual(ja="森の衣料店 お客様係", en="Morino customer care"),
    contact_dm=Bilingual(ja="恐れ入りますが、DMでお聞かせください。", en="Please message us."),
    words=("morino",),
    forbidden_words=("激安", "Cheap"),
    checks=CheckSettings(domains=("shop.example",)),
)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One reply. ``catch`` empty: it must pass without a word."""

    text: str
    language: Language
    visibility: Visibility
    catch: str
    also: frozenset[str]
    """Other rules that may speak as well."""
    limit: int
    context: TextContext

    @property
    def held_out(self) -> bool:
        """Whether the rules were never tuned on it."""
        return hashlib.sha256(self.text.encode()).digest()[0] % HELD_OUT_OF == 0

    def check(self) -> tuple[CheckResult, ...]:
        """Return what the rules say."""
        return check_text(
            self.text,
            visibility=self.visibility,
            language=self.language,
            measure=Measure(length=len(self.text), limit=self.limit),
            voice=VOICE,
            context=self.context,
        )

    @property
    def found(self) -> frozenset[str]:
        """Codes of what the rules say."""
        return frozenset(result.code for result in self.check())


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one rule did: rightly found, wrongly found, missed."""

    code: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of its findings that are right; 1 for none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what it must find that it finds; 1 for nothing to find."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@cache
def load_examples(language: Language, part: str = "") -> tuple[Example, ...]:
    """Return every example of a language: the rules' own, or a part of those written before the patterns were read."""
    name = f"unseen_{language}_{part}" if part else language
    file = Path(__file__).parent / f"{name}.toml"
    groups = tomllib.loads(file.read_text(encoding="utf-8"))["group"]
    return tuple(
        Example(
            text=text,
            language=language,
            visibility=Visibility(group.get("visibility", "public")),
            catch=group["catch"],
            also=frozenset(group.get("also", ())),
            limit=group.get("limit", 0),
            context=TextContext(
                complaint=group.get("complaint", False),
                grave=group.get("grave", False),
                names=tuple(unicodedata.normalize("NFKC", name) for name in group.get("names", ())),
                channel_kind=group.get("channel", ""),
                dm_possible=group.get("can_dm", True),
                grounds=tuple(group.get("grounds", ())),
                said_to_person=tuple(group.get("said_to_person", ())),
                said_today=tuple(group.get("said_today", ())),
            ),
        )
        for group in groups
        for text in group["texts"]
    )


def score(examples: Iterable[Example]) -> tuple[Score, ...]:
    """Return each rule's score, and that of all together last (``all``)."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for example in examples:
        found = example.found
        if example.catch:
            (right if example.catch in found else missed)[example.catch] += 1
        wrong.update(found - {example.catch} - example.also)
    each = tuple(
        Score(code=code, right=right[code], wrong=wrong[code], missed=missed[code])
        for code in sorted({*right, *wrong, *missed})
    )
    return (*each, Score(code="all", right=right.total(), wrong=wrong.total(), missed=missed.total()))
