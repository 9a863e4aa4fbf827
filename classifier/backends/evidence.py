"""Collecting evidence: which cues stand in a text, which of them are negated, and how much each group weighs."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from classifier.backends.lexicon import WEIGHTS, Entry, Lexicon, build_lexicon
from classifier.backends.pairs import HINTS, NEAR, SILENCED, find_pairs
from classifier.backends.spelling import mask, spell_english, spell_english_cue, spell_japanese, spell_sign
from domain.words import Language

NEGATABLE: Final = frozenset(
    {"positive", "negative", "shortfall", "harm", "insult", "thanks", "data_exposed", "takeover"}
    | {f"{name}.hint" for name in ("harm", "harm.food", "harm.allergy", "data_exposed", "takeover")}
)
STOCK_PRAISE: Final = "stock_praise"
"""Praise in set words, most of it by double negation ("can't fault", 「文句なし」)."""
STOCK_PRAISE_GROUPS: Final = frozenset(
    {STOCK_PRAISE, f"{STOCK_PRAISE}.after", f"{STOCK_PRAISE}.spoiled", f"{STOCK_PRAISE}.never"}
)
PLACED: Final = STOCK_PRAISE_GROUPS
"""Groups of which it matters where in the text they stand (``plain.py``)."""
COVERS: Final = SILENCED | {
    STOCK_PRAISE: ("negative", "shortfall", "positive", "irony", "insult", "price_opinion", "wish", "question"),
    f"{STOCK_PRAISE}.never": (STOCK_PRAISE,),
    "trouble.mocked": ("trouble.eased",),
    "staff_act": ("insult", "staff_act.slur"),
}
"""Within a cue of the one group no cue of the others is found: 「文句のつけようがない」 holds no 「文句」, thanks for ruining a day ease nothing,
and what staff called a customer is no insult of the writer's."""
CONTRAST_GROUPS: Final = frozenset({"ordered", "came", "colour"})
"""Words that a wrong item is told by: ordered in one colour, come in another."""
SLIGHT: Final = WEIGHTS["slight"]
CLEAR: Final = WEIGHTS["clear"]
ENGLISH_GAP: Final = 36
JAPANESE_GAP: Final = 14
"""Characters that ``…`` may bridge."""

# 「良く+ない」「満足+できません」「安く+は+なかった」: what may stand between a word and its negation, then the negation.
# ない before か/? only asks for assent, and しかない, たまらない are praise.
_DENIED = re.compile(
    r"(?:し|さ|く|で|じゃ|では|には|は|も|が|の|こと|され|でき|れ|られ|り|だと思わ|と思え|とは言え|とは思え|感が?){0,3}"
    r"(?:ないです(?!か)|ない(?![か?で]|でしょう)|ません(?!か)|なかった|なく(?!な)|ずに)"
)
_ENGLISH_DENIAL: Final = frozenset(
    {"not", "never", "no", "without", "hardly", "neither", "nor", "nothing", "isnt", "zero"}
)
_DENIAL_ENDS: Final = frozenset({".", "!", "?", "but", "because", "wait", "stop", "only", "just"})
_DENIAL_REACHES: Final = 3
"""Words between an English negation and what it negates."""
_LATIN_PHRASE = re.compile(r"[a-z]{3,}\s+[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Hit:
    """One cue found."""

    entry: Entry
    denied: bool


@dataclass(slots=True)
class Evidence:
    """What a text gives: weight per group (each cue counts once) and the hits behind it."""

    totals: dict[str, float] = field(default_factory=dict)
    slights: dict[str, float] = field(default_factory=dict)
    """The part of ``totals`` that weak cues gave."""
    hits: list[Hit] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    contrast: str = ""
    """Both colours, where one was ordered and another came."""
    hints: dict[str, list[tuple[int, Entry]]] = field(default_factory=dict)
    """Where words stand that say something grave only beside another, by the name of the pair."""
    near: dict[str, list[int]] = field(default_factory=dict)
    """Where those others stand."""
    hinted: set[str] = field(default_factory=set)
    """Names of the pairs of which at least one half of the first kind was found, whether or not the other stood near."""
    everyday: set[str] = field(default_factory=set)
    """Groups of figures of speech and everyday uses that were found (``[*.never]``)."""
    places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Where the cues of ``PLACED`` groups begin and end."""

    def __getitem__(self, group: str) -> float:
        """Weight of a group; 0 when nothing of it was found."""
        return self.totals.get(group, 0.0)

    def slight(self, group: str) -> float:
        """Weight of a group's weak cues."""
        return self.slights.get(group, 0.0)

    def firm(self, group: str) -> float:
        """Weight of a group without its weak cues."""
        return self[group] - self.slight(group)

    def note(self, entry: Entry, *, at: int, end: int, denied: bool) -> None:
        """Count the cue found from ``at`` to ``end``; half of a pair waits for its other half."""
        group = entry.group
        if group in PLACED:
            self.places.setdefault(group, []).append((at, end))
        if group == STOCK_PRAISE:
            self.add(entry, denied=False)
        elif group in PLACED:
            return
        elif group in HINTS:
            self.hinted.add(HINTS[group].name)
            if not denied:
                self.hints.setdefault(HINTS[group].name, []).append((at, entry))
        elif group in NEAR:
            self.near.setdefault(NEAR[group].name, []).append(at)
        elif group in SILENCED:
            self.everyday.add(group)
        else:
            self.add(entry, denied=denied)

    def settle(self, *, text: str, stop: str, language: Language) -> None:
        """Count the hints that have their other half nearby, then forget the rest."""
        if not self.hints:
            self.near = {}
            return
        for pair, entry in find_pairs(self.hints, self.near, text=text, stop=stop, language=language):
            weight = max(entry.weight, WEIGHTS["strong"])
            self.add(Entry(parts=(), group=pair.counts_as, weight=weight, word=entry.word), denied=False)
        self.hints, self.near = {}, {}

    def add(self, entry: Entry, *, denied: bool) -> None:
        """Count a cue; a repeat of the same one changes nothing. A denied cue turns over or falls away."""
        if (entry.group, entry.word) in self.seen:
            return
        self.seen.add((entry.group, entry.word))
        self.hits.append(Hit(entry=entry, denied=denied))
        group, weight = entry.group, entry.weight
        if denied:
            if group == "positive":
                group, weight = "negative", max(weight, CLEAR) * 0.8  # "not good" says more than "good"
            elif group == "negative":
                group, weight = "positive", weight * 0.4
            else:
                return
        self.totals[group] = self.totals.get(group, 0.0) + weight
        if entry.weight <= SLIGHT:
            self.slights[group] = self.slights.get(group, 0.0) + weight


def collect(
    text: str, *, language: Language, hide: re.Pattern[str] | None = None, groups: frozenset[str] | None = None
) -> Evidence:
    """Return the evidence in ``text``; one in a language that is not served is read by both lists.

    ``hide`` finds names that carry no meaning here (the brand's own).
    ``groups``: only these groups of the lists are looked for; emoji and kaomoji belong to none of them then.
    """
    masked = mask(text)
    if hide is not None:
        masked = hide.sub(" ", masked)
    evidence = Evidence()
    if groups is None:
        _find_anywhere(masked, lexicon=_signs(), evidence=evidence, gap=0)
    unserved = language is Language.OTHER
    if unserved or language is Language.JA:
        spelled = spell_japanese(masked)
        _find_anywhere(spelled, lexicon=_japanese(groups), evidence=evidence, gap=JAPANESE_GAP)
        evidence.settle(text=spelled, stop="。", language=Language.JA)
    if unserved or language is Language.EN or _LATIN_PHRASE.search(masked):
        spelled = spell_english(masked)
        _find_words(spelled, lexicon=_english(groups), evidence=evidence)
        evidence.settle(text=spelled, stop=" . ", language=Language.EN)
    _notice_contrast(evidence)
    return evidence


def _notice_contrast(evidence: Evidence) -> None:
    """Ordered in one colour, arrived in another: a wrong item, whatever words tell it."""
    if "ordered" in evidence.totals and evidence["came"]:
        colours = [hit.entry.word for hit in evidence.hits if hit.entry.group == "colour"]
        if len(colours) > 1:
            evidence.contrast = f"{colours[0]} / {colours[1]}"
            for group in ("shortfall", "topic.product"):
                entry = Entry(parts=(), group=group, weight=WEIGHTS["strong"], word=evidence.contrast)
                evidence.add(entry, denied=False)


def _find_anywhere(text: str, *, lexicon: Lexicon, evidence: Evidence, gap: int) -> None:
    """Look for cues anywhere: Japanese has no spaces, emoji need none."""
    covered: dict[str, int] = {}
    for at, entry in lexicon.find(text):
        end = _end(text, entry, at=at, gap=gap, stop="。")
        if end and entry.group == "shortfall" and text.startswith("か", end) and entry.word.endswith("ません"):
            continue  # 「もらえませんか」 asks, it does not complain
        if end and covered.get(entry.group, 0) <= at:
            _cover(covered, entry, end)
            denied = entry.group in NEGATABLE and gap > 0 and _DENIED.match(text, end) is not None
            evidence.note(entry, at=at, end=end, denied=denied)


def _find_words(text: str, *, lexicon: Lexicon, evidence: Evidence) -> None:
    """Look for whole words; ``text`` and the cues have single spaces around each."""
    covered: dict[str, int] = {}
    for at, entry in lexicon.find(text):
        end = _end(text, entry, at=at, gap=ENGLISH_GAP, stop=" . ")
        if end and covered.get(entry.group, 0) <= at:
            _cover(covered, entry, end - 1)
            denied = entry.group in NEGATABLE and _is_denied(text, at=at)
            evidence.note(entry, at=at, end=end - 1, denied=denied)


def _cover(covered: dict[str, int], entry: Entry, end: int) -> None:
    """Remember how far a group has been read; inside a figure of speech nothing is grave."""
    covered[entry.group] = end
    for group in COVERS.get(entry.group, ()):
        covered[group] = max(end, covered.get(group, 0))


def _end(text: str, entry: Entry, *, at: int, gap: int, stop: str) -> int:
    """Return where the cue ends whose first part stands at ``at``; 0 when its other parts do not follow."""
    parts = entry.parts
    end = at + len(parts[0])
    for part in parts[1:]:
        # In English the space that ends one part may begin the next.
        begin = end - 1 if part[0] == " " else end
        found = text.find(part, begin, end + gap + len(part))
        if found < 0 or stop in text[end:found]:
            return 0
        end = found + len(part)
    return end


def _is_denied(text: str, *, at: int) -> bool:
    """Tell whether one of the few words before says no."""
    before = text[max(0, at - 30) : at].rsplit(" ", _DENIAL_REACHES)[-_DENIAL_REACHES:]
    for word in reversed(before):
        if word in _DENIAL_ENDS:
            return False
        if word in _ENGLISH_DENIAL:
            return True
    return False


@cache
def _japanese(groups: frozenset[str] | None) -> Lexicon:
    return build_lexicon("ja.toml", prepare=lambda cue: spell_japanese(mask(cue)), groups=groups)


@cache
def _english(groups: frozenset[str] | None) -> Lexicon:
    return build_lexicon("en.toml", prepare=spell_english_cue, groups=groups)


@cache
def _signs() -> Lexicon:
    return build_lexicon("emoji.toml", prepare=spell_sign)
