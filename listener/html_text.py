"""HTML as people read it: the text of a post, a mail or a feed's entry that arrives as markup. Nothing is loaded, nothing runs."""

import re
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString
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
    for element in tree.find_all(UNREAD):
        element.decompose()
    for text in list(tree.find_all(string=True)):
        if isinstance(text, PreformattedString):
            text.extract()  # comments, doctypes
        elif text.find_parent("pre") is None:
            text.replace_with(NavigableString(re.sub(r"[ \t\r\n]+", " ", text)))
    for line_break in tree.find_all("br"):
        line_break.replace_with("\n")
    for names, mark in ((LINES, LINE), (PARAGRAPHS, PARAGRAPH)):
        for element in tree.find_all(names):
            element.insert_before(mark)
            element.insert_after(mark)
    read = re.sub(rf"\s*{PARAGRAPH}[\s{PARAGRAPH}{LINE}]*", "\n\n", tree.get_text())
    read = re.sub(rf"[ {LINE}]*{LINE}[ {LINE}]*", "\n", read)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" +\n", "\n", read)).strip()
