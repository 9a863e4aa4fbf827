"""What a language model is told: our rules as its instructions, everything else as data within marks that nobody can know."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from config.brand_book import Voice
from domain.chat import ChatQuestion
from domain.words import Language, Visibility

TOKENS_A_TEXT: Final = 700
MOST_POST: Final = 4_000
"""Characters of a post that are shown; nobody writes a reply from the rest."""

Prompt = Literal["draft", "rewrite"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One reply to reword, hidden already."""

    text: str
    visibility: Visibility
    moves: Sequence[str]
    most: int
    """Characters; 0: no limit."""


@cache
def read_prompt(prompt: Prompt, language: Language) -> str:
    """Return the instructions in ``language``."""
    name = f"{prompt}_{'ja' if language is Language.JA else 'en'}.md"
    return (files("config") / "prompts" / name).read_text("utf-8").strip()


def ask_for_texts(post: str, outlines: Sequence[Outline], *, voice: Voice, language: Language) -> ChatQuestion:
    """Return the question for one case. ``post`` is hidden already."""
    given: dict[str, object] = {
        "shop": voice.name.say(language),
        "never": list(voice.forbidden_words),
        "drafts": [
            {
                "place": "private" if outline.visibility is Visibility.DM else "public",
                "most": outline.most,
                "moves": list(outline.moves),
                "outline": outline.text,
            }
            for outline in outlines
        ],
        "post": post[:MOST_POST],
    }
    return ChatQuestion(
        instructions=read_prompt("draft", language),
        data=_fence(given),
        most_tokens=TOKENS_A_TEXT * len(outlines),
        schema=_schema(len(outlines)),
    )


def ask_for_rewording(text: str, wish: str, *, language: Language) -> ChatQuestion:
    """Return the question for one text that somebody types. ``wish`` is ours, ``text`` hidden already."""
    return ChatQuestion(
        instructions=read_prompt("rewrite", language),
        data=_fence({"wish": wish, "text": text}),
        most_tokens=TOKENS_A_TEXT * 2,
    )


def _schema(count: int) -> Mapping[str, object]:
    texts = {"type": "array", "items": {"type": "string"}, "minItems": count, "maxItems": count}
    return {"type": "object", "properties": {"texts": texts}, "required": ["texts"], "additionalProperties": False}


def _fence(given: Mapping[str, object]) -> str:
    mark = secrets.token_hex(8)
    return f"<data-{mark}>\n{json.dumps(given, ensure_ascii=False)}\n</data-{mark}>"
