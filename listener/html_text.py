"""HTML as people read it: the text of a post, a mail or a feed's entry that arrives as markup. Nothing is loaded, nothing runs."""

import re
from collections.abc import Iterator
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

UNREAD: Final = ("script", "style", "head", "template", "noscript", "iframe", "object", "svg")
PARAGRAPHS: Final = ("p", "blockquote", "pre", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6")
LINES: Final = ("div", "li", "tr", "dt", "dd", "section", "article", "hr")
PARAGRAPH, LINE = "\x1d", "\x1e"
"""Stand for the ends of paragraphs and lines until neighbours are known: many ends in a row are one."""
LIMIT: Final = 400_000
"""Characters of markup that are read: a mail may be megabytes, and care needs its beginning."""


def read_html(markup: str) -> str:
    """Return the text of ``markup``: entities resolved, a line for each line, an empty one between paragraphs. Never raises."""
    try:
        tree = BeautifulSoup(re.sub(f"[{PARAGRAPH}{LINE}]", "", markup[:LIMIT]), "html.parser")
    except (ParserRejectedMarkup, RecursionError, ValueError):
        return markup
    return re.sub(r"\s+", _settle_space, "".join(_pieces(tree))).strip()


def _settle_space(run: re.Match[str]) -> str:
    """Return what stands between two words: both marks are white space to a pattern, so a run holds all of its marks."""
    if PARAGRAPH in run[0]:
        return "\n\n"
    lines = re.sub(rf"(?<![ {LINE}])[ {LINE}]*{LINE}[ {LINE}]*", "\n", run[0]) if LINE in run[0] else run[0]
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?<! ) +\n", "\n", lines))


def _pieces(tree: Tag) -> Iterator[str]:
    """Yield texts and marks in their order. One walk: asking each text for its parents would take the square of a long page."""
    waiting: list[tuple[PageElement | str, bool]] = [(tree, False)]
    while waiting:
        node, keeps_spaces = waiting.pop()
        if isinstance(node, Tag):
            if node.name == "br":
                yield "\n"
            elif node.name not in UNREAD:
                mark = PARAGRAPH if node.name in PARAGRAPHS else LINE if node.name in LINES else ""
                inside = keeps_spaces or node.name == "pre"
                waiting.append((mark, True))
                waiting.extend((child, inside) for child in reversed(node.contents))
                waiting.append((mark, True))
        elif isinstance(node, str) and not isinstance(node, PreformattedString):  # neither comment nor doctype
            yield str(node) if keeps_spaces else re.sub(r"[ \t\r\n]+", " ", node)
