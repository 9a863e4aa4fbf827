"""An entry of Reddit's public feeds, as the fake Reddit writes it."""

from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from tests.partners.reddit_state import Thing, as_read


def as_entry(thing: Thing, title: str) -> str:
    moment = datetime.fromtimestamp(thing.created, UTC).isoformat()
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in as_read(thing.body).split("\n\n"))
    markup = f'<!-- SC_OFF --><div class="md">{paragraphs}</div><!-- SC_ON -->' if thing.body else ""
    if thing.kind == "t3":
        markup += (
            f' &#32; submitted by &#32; <a href="https://www.reddit.com/user/{thing.author}"> /u/{thing.author} </a>'
        )
    named = title if thing.kind == "t3" else f"/u/{thing.author} on {title}"
    return (
        f"<entry><author><name>/u/{thing.author}</name></author>"
        f'<content type="html">{escape(markup)}</content><id>{thing.name}</id>'
        f'<link href="https://www.reddit.com{quote(thing.path)}"/><updated>{moment}</updated>'
        f"<title>{escape(named)}</title></entry>"
    )
