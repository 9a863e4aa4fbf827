"""Reddit's markup both ways: a body as the text people read, and our text as a body that people read exactly as approved.

Only marks that Reddit shows as something else are taken away; whatever merely looks like one (``2 * 3``, ``snake_case``) stays.
Every pattern is bounded, so that no body, however hostile, takes long.
"""

import html
import re
from collections.abc import Callable
from typing import Final

LONGEST_SPAN: Final = 1_000
"""Characters between two marks of emphasis."""

KEPT = re.compile("\x00([0-9]+)\x00")
VERBATIM = re.compile(
    r"""
    ^(?P<fence>`{3,}|~{3,})[^\n`]{0,40}\n(?P<block>(?:(?!(?P=fence))[^\n]*\n)*)(?P=fence)[ \t]*$
    | \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?<!`)(?P<ticks>`{1,2})(?!`)(?P<code>[^`\n]{1,1000})(?P=ticks)(?!`)
    | !?\[(?P<words>(?:\\.|[^\[\]\\\n]){0,500})\]
      \((?P<target><?[^\s()<>]{1,2000}(?:\([^\s()]{0,200}\))?[^\s()<>]{0,200}>?)(?:\ "[^"\n]{0,200}")?\)
    | (?P<address>https?://[!-~]{0,2000}[A-Za-z0-9/=&%\#+])
    """,
    re.MULTILINE | re.VERBOSE,
)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
SPOILER = re.compile(rf">!([^\n]{{1,{LONGEST_SPAN}}}?)!<")
STARS = re.compile(rf"(?<!\*)(\*{{1,3}})(?=[^\s*])([^*\n]{{1,{LONGEST_SPAN}}}?)(?<=[^\s*])\1(?!\*)")
UNDERSCORES = re.compile(
    rf"(?<![\w_])(_{{1,3}})(?=[^\s_])((?:[^_\n]|(?<=\w)_(?=\w)){{1,{LONGEST_SPAN}}}?)(?<=[^\s_])\1(?![\w_])"
)
STRUCK = re.compile(rf"~~(?=\S)([^~\n]{{1,{LONGEST_SPAN}}}?)(?<=\S)~~")
RAISED = re.compile(r"(?<!\S)\^(?:\(([^()\n]{1,300})\)|([A-Za-z0-9]{1,100})(?=\s|$))")
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*?)[ \t]*#*$", re.MULTILINE)
HARD_BREAK = re.compile(r"(?: {2,}|\\)$", re.MULTILINE)

ADDRESS = re.compile(r"https?://[!-~]+")
INLINE = re.compile(r"[\\`*_^\[\]|~]|&(?=#?\w{1,32};)|<(?=[A-Za-z/!?])|(?<=>)!|!(?=<)")
LINE_START = re.compile(r"^( {0,3})([#>+=-]|[0-9]{1,9}(?=[.)](?:\s|$)))")
INDENT = re.compile(r"^[ \t]{4,}")


def read_markdown(body: str) -> str:
    """Return ``body`` as people read it. Links are written out whole behind their words."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\x00{len(kept) - 1}\x00"

    text = body.replace("\x00", "\ufffd").replace("\r\n", "\n")
    text = VERBATIM.sub(lambda found: _read_verbatim(found, keep), text)
    text = HARD_BREAK.sub("", text)
    text = HEADING.sub(r"\1", text)
    text = SPOILER.sub(r"\1", text)
    for _ in range(2):  # bold within italics, and the other way round
        text = STARS.sub(r"\2", text)
        text = UNDERSCORES.sub(r"\2", text)
    text = STRUCK.sub(r"\1", text)
    text = RAISED.sub(lambda found: found[1] or found[2], text)
    return KEPT.sub(lambda found: kept[int(found[1])], _resolve_entities(text))


def _read_verbatim(found: re.Match[str], keep: Callable[[str], str]) -> str:
    """Return what holds no marks of its own: code, escaped signs, addresses; a link is its words and its address."""
    if (address := found["address"]) is not None:
        return keep(_resolve_entities(ESCAPED.sub(r"\1", address)))
    if (block := found["block"]) is not None:
        return keep(block.removesuffix("\n"))
    if found["target"] is None:
        return keep(found["escaped"] or found["code"])
    words = ESCAPED.sub(lambda sign: keep(sign[1]), found["words"])
    target = _resolve_entities(ESCAPED.sub(r"\1", found["target"].strip("<>")))
    if not target.startswith(("https://", "http://")):
        return words  # a path within Reddit, a picture's id
    return keep(target) if ESCAPED.sub(r"\1", found["words"]) in {"", target} else f"{words} ({keep(target)})"


def _resolve_entities(text: str) -> str:
    return ENTITY.sub(lambda found: html.unescape(found[0]), text)


def write_markdown(text: str) -> str:
    """Return the body that shows ``text`` character by character, line by line. Addresses stay as they are and become links."""
    lines = [_write_line(line) for line in text.replace("\r\n", "\n").split("\n")]
    body = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        # One line end alone is shown as a space; two spaces before it make it a line's end.
        body.append(f"{line}  " if line.strip() and following.strip() else line)
    return "\n".join(body)


def _write_line(line: str) -> str:
    line = INDENT.sub("   ", line)  # four spaces would make it a block of code
    pieces: list[str] = []
    position = 0
    for address in ADDRESS.finditer(line):
        pieces += [_escape(line[position : address.start()]), address[0]]
        position = address.end()
    pieces.append(_escape(line[position:]))
    return LINE_START.sub(_escape_start, "".join(pieces))


def _escape(text: str) -> str:
    return INLINE.sub(lambda found: f"\\{found[0]}", text)


def _escape_start(found: re.Match[str]) -> str:
    indent, mark = found[1], found[2]
    return f"{indent}{mark}\\" if mark.isdigit() else f"{indent}\\{mark}"
