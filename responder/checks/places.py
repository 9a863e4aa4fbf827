"""Checks of where a text goes: links, a private way that does not exist, what we said before."""

from collections.abc import Iterator

import regex

from responder.checks.finding import Finding, found
from responder.checks.written import URL, Written
from responder.likeness import find_likeness, list_grams

HOST = regex.compile(r"^(?:https?://)?(?:[^@/\s]*@)?(?:www\.)?(?P<host>[^/:?#\s]+)", regex.IGNORECASE)
SHORTENERS = frozenset(
    [
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "s.id",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "x.gd",
    ]
)
BARE_SHORTENER = regex.compile(
    r"\b(?:bit\.ly|buff\.ly|cutt\.ly|goo\.gl|is\.gd|ow\.ly|tinyurl\.com|x\.gd|t\.ly)/\w+", regex.IGNORECASE
)
LINKS_COST = frozenset(["x"])
"""Platforms that charge for a post with a link."""
DM_NAMED = regex.compile(
    r"DM|ダイレクト\s?メッセージ|(?:個別|個人|非公開|プライベート)の?メッセージ|メッセージ(?:で|を|にて)お(?:送り|知らせ|聞かせ|寄せ)|\bdirect message"
    r"|\bprivate(?:ly)? message|\bmessage us\b|\bsend us a message\b|\bour inbox\b|\binbox us\b|\bin private\b|\b(?:pm|write to) us privately\b|\bprivate chat\b",
    regex.IGNORECASE,
)
SAME_TO_PERSON = 0.8
SAME_TODAY = 0.85
FEWEST_GRAMS = 10
"""Of a text; a shorter one (a word of thanks) may be said again."""
SIMILAR_LENGTH = 0.7
MOST_TODAY = 3
"""As many near-identical texts of one day are enough."""


def find_place_faults(written: Written) -> Iterator[Finding]:
    """Yield what does not fit the place the text goes to."""
    yield from _find_links(written)
    if not written.context.dm_possible and written.is_public:
        named = DM_NAMED.search(written.plain)
        if named:
            yield found("dm_unavailable", named.group())
    yield from _find_repeats(written)


def _find_links(written: Written) -> Iterator[Finding]:
    links = [match.group() for match in URL.finditer(written.plain)]
    bare = BARE_SHORTENER.search(URL.sub(" ", written.plain))
    if bare:
        yield found("shortened_link", bare.group())
    if (links or bare) and written.context.channel_kind in LINKS_COST:
        yield found("link_costs", (links or [bare.group() if bare else ""])[0])
    for link in links:
        match = HOST.match(link)
        host = match["host"].casefold() if match else ""
        if host in SHORTENERS:
            yield found("shortened_link", link)
        elif not _is_own(host, written):
            yield found("unknown_link", link)


def _is_own(host: str, written: Written) -> bool:
    own = {*written.context.hosts, *(written.voice.checks.domains if written.voice else ())}
    return any(host == one or host.endswith(f".{one}") for one in own)


def _find_repeats(written: Written) -> Iterator[Finding]:
    context = written.context
    if not context.said_to_person and not context.said_today:
        return
    cited = frozenset(context.grounds)
    own = list_grams(written.text, cited)
    if len(own) < FEWEST_GRAMS:
        return
    if any(_likeness(own, list_grams(said, cited)) >= SAME_TO_PERSON for said in context.said_to_person):
        yield Finding(code="repeats_person")
    same = sum(_likeness(own, list_grams(said, cited)) >= SAME_TODAY for said in context.said_today)
    if same >= MOST_TODAY:
        yield Finding(code="repeats_today", values={"count": str(same)})


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two texts of about one length are; 0 for texts of other lengths."""
    shorter, longer = sorted((len(one), len(other)))
    return find_likeness(one, other) if shorter >= SIMILAR_LENGTH * longer else 0.0
