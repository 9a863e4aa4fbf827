"""Which known issue a post tells of."""

from collections.abc import Iterable, Sequence

from config.brand_book import KnownIssue
from domain.words import Language, Topic
from responder.knowledge.terms import find_carried, plain_text
from responder.wordlists import read_words


def find_issue(
    text: str, issues: Iterable[KnownIssue], *, language: Language, topic: Topic, is_open: Sequence[str]
) -> KnownIssue | None:
    """Return the known issue whose topic it is and one of whose keywords the text carries; ``is_open`` names those in force.

    Words that merely name the topic ("app", "update") do not count without one that tells.
    """
    plain = plain_text(text)
    for issue in issues:
        if issue.id not in is_open or issue.topic is not topic:
            continue
        words = issue.keywords_ja if language is Language.JA else issue.keywords_en
        carried = find_carried(plain, words, language)
        if any(word.casefold() not in read_words("retrieval")["broad"] for word in carried):
            return issue
    return None
