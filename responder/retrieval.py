"""Finding the FAQ entry or policy that answers a question: character bigrams for Japanese, word stems for English.

The score is the share, by weight, of the entry's own words that the question carries, plus a bonus for its keywords; rare
words weigh more (inverse document frequency over the brand's entries). ``THRESHOLD`` was measured on the paraphrases in
``tests/responder/paraphrases.py``.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.brand_book import BrandBook, FaqEntry, KnownIssue, Policy
from domain.words import Language, Topic, Visibility
from responder.wordlists import read_words

THRESHOLD = 0.3
"""Below this, nothing is claimed and a person answers."""
WEAK_KEYWORD = 0.2
STRONG_KEYWORD = 0.34
MOST_KEYWORDS = 3
TOPIC_BONUS = 0.06

# Grammar, not subject: bigrams of these signs only are left out.
JAPANESE_STOP = re.compile(r"^[ぁ-んー、。!?\s]{2}$")
# The brand's own handle ("@our_shop") is in most posts and says nothing of the subject.
NAMES_AND_LINKS = re.compile(r"@[\w.-]+|https?://\S+")
WORD = re.compile(r"[a-z0-9']+")
JAPANESE_RUN = re.compile(r"[ぁ-んァ-ヶー一-龥々a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One entry with how well it fits."""

    entry: FaqEntry | Policy
    score: float
    """0 (nothing in common) to 1."""

    @property
    def kind(self) -> str:
        """``faq`` or ``policy``, as in a citation."""
        return "faq" if isinstance(self.entry, FaqEntry) else "policy"


def tokenize(text: str, language: Language) -> frozenset[str]:
    """Return what a text is compared by: bigrams with at least one kanji, katakana or Latin sign, or word stems."""
    plain = _plain(text)
    if language is Language.JA:
        runs = JAPANESE_RUN.findall(plain)
        pairs = {run[start : start + 2] for run in runs for start in range(len(run) - 1)}
        return frozenset(pair for pair in pairs if not JAPANESE_STOP.match(pair))
    words = (word.replace("'", "") for word in WORD.findall(plain))
    return frozenset(
        _stem(word) for word in words if word not in read_words("retrieval")["english_stop"] and len(word) > 1
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", NAMES_AND_LINKS.sub(" ", text)).casefold()


def _stem(word: str) -> str:
    """Cut the commonest endings; crude, and the same on both sides."""
    for ending, keep in (
        ("ies", "y"),
        ("ied", "y"),
        ("ing", ""),
        ("ment", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
        ("e", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - shorter stems say nothing
            return word[: -len(ending)] + keep
    return word


class Retriever:
    """The answers of one brand in one language."""

    def __init__(self, book: BrandBook, language: Language) -> None:
        self._language = language
        self._entries: list[FaqEntry | Policy] = [*book.faq, *(policy for policy in book.policies if not policy.offer)]
        self._tokens = [self._own_tokens(entry) for entry in self._entries]
        count = len(self._entries)
        frequency: dict[str, int] = {}
        for tokens in self._tokens:
            for token in tokens:
                frequency[token] = frequency.get(token, 0) + 1
        # One common word alone must not make a whole question: count at least as much as two rare ones.
        self._least = 2 * math.log(1 + max(1, count))
        self._weight = {token: math.log(1 + count / seen) for token, seen in frequency.items()}

    def search(self, text: str, *, topic: Topic | None = None, visibility: Visibility = Visibility.PUBLIC) -> list[Hit]:
        """Return every entry that shares something with ``text``, best first, whatever its score."""
        asked = tokenize(text, self._language)
        scored = [
            (self._score(asked, text, number, topic), entry)
            for number, entry in enumerate(self._entries)
            if isinstance(entry, FaqEntry) or visibility in entry.visibilities
        ]
        best_first = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])
        return [Hit(entry=entry, score=round(min(1.0, score), 3)) for score, entry in best_first]

    def _own_tokens(self, entry: FaqEntry | Policy) -> frozenset[str]:
        if isinstance(entry, FaqEntry):
            return tokenize(entry.question.say(self._language), self._language)
        return tokenize(entry.title.say(self._language), self._language)

    def _score(self, asked: frozenset[str], text: str, number: int, topic: Topic | None) -> float:
        entry, own = self._entries[number], self._tokens[number]
        shared = sum(self._weight[token] for token in own & asked)
        score = shared / max(self._least, sum(self._weight[token] for token in own))
        if isinstance(entry, FaqEntry):
            words = entry.keywords_ja if self._language is Language.JA else entry.keywords_en
            carried = _carried(text, words, self._language)[:MOST_KEYWORDS]
            score += sum(STRONG_KEYWORD if _is_telling(word) else WEAK_KEYWORD for word in carried)
        if score and topic is not None and entry.topic is topic:
            score += TOPIC_BONUS
        return score


def find_issue(
    text: str, issues: Iterable[KnownIssue], *, language: Language, topic: Topic, is_open: Sequence[str]
) -> KnownIssue | None:
    """Return the known issue whose topic it is and one of whose keywords the text carries; ``is_open`` names those in force.

    A word that merely names the topic ("app") counts only together with another keyword.
    """
    for issue in issues:
        words = issue.keywords_ja if language is Language.JA else issue.keywords_en
        if issue.id not in is_open or issue.topic is not topic:
            continue
        carried = _carried(text, words, language)
        if len(carried) > 1 or (carried and carried[0].casefold() not in read_words("retrieval")["broad"]):
            return issue
    return None


def _is_telling(word: str) -> bool:
    """Two kanji, or four signs of kana, or five Latin letters say a subject; shorter ones occur anywhere."""
    return len(word) >= 5 or re.search(r"[一-龥]{2}|[ぁ-んァ-ヶー一-龥]{4}", word) is not None  # noqa: PLR2004 - as said


def _carried(text: str, words: Sequence[str], language: Language) -> list[str]:
    plain = _plain(text)
    found = []
    for word in words:
        wanted = unicodedata.normalize("NFKC", word).casefold().strip()
        if not wanted:
            continue
        if language is Language.JA:
            carried = wanted in plain
        else:
            carried = re.search(rf"(?<![a-z0-9]){re.escape(wanted)}", plain) is not None
        if carried:
            found.append(word)
    return found
