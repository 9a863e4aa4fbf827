"""What is asked of a language model, and how it can fail. Whoever asks decides what an answer may look like."""

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")

_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
"""What some models write to themselves before they answer."""
_FENCED = re.compile(r"\s*```(?:json|JSON)?[ \t]*\r?\n([^`]*)```\s*")
"""Local models put JSON into a block of Markdown, whatever they were asked for."""


class ChatTrouble(StrEnum):
    """Why there is no answer."""

    SPENT = "spent"
    """The day's budget is used up, or cannot be kept."""
    RESTING = "resting"
    """It failed before and is left alone for a while."""
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """A status other than 200, or nothing that is a chat completion."""
    UNFIT = "unfit"
    """An answer in another form than the one asked for."""


class NoAnswerError(Exception):
    """The model gave no answer that can be used."""

    def __init__(
        self, why: str, *, trouble: ChatTrouble, rest: timedelta | None = None, pointless: bool = False
    ) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.rest = rest
        """What the server asked for."""
        self.pointless = pointless
        """Asking again soon cannot help."""

    @property
    def stops(self) -> bool:
        """True when nobody was asked, and asking about the next text would end the same."""
        return self.trouble in {ChatTrouble.SPENT, ChatTrouble.RESTING}


class UnfitAnswerError(Exception):
    """An answer does not fit what was asked for. Its text never repeats the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatQuestion:
    """One question without history. Nothing secret belongs into it: it may leave the house."""

    instructions: str
    """Ours: the role ``system``."""
    data: str
    """The role ``user``; what others wrote stands in it as data."""
    most_tokens: int
    """Of the answer."""
    schema: Mapping[str, object] | None = None
    """JSON schema of the answer; None: plain text. A hint to the server and no promise: answers are read strictly."""


class ChatModel(Protocol):
    """A language model, with its time, budget and rest already watched over. Thread-safe; network: never within a transaction."""

    @property
    def name(self) -> str:
        """The model's name, as stored beside what it wrote."""
        ...

    def ask(self, question: ChatQuestion, *, read: Callable[[str], Answer]) -> Answer:
        """Return what ``read`` makes of the answer; ``read`` raises ``UnfitAnswerError``. Raises ``NoAnswerError``."""
        ...

    def listen(self, question: ChatQuestion) -> Generator[str, None, None]:
        """Yield the answer piece by piece as it is written; closing it hangs up. Raises ``NoAnswerError``, also between two pieces."""
        ...


def unwrap(content: str) -> str:
    """Return an answer without the model's thoughts before it and without the code block around it."""
    said = _THOUGHT.sub("", content, count=1) if content.lstrip().startswith("<think>") else content
    fenced = _FENCED.fullmatch(said)
    return fenced[1] if fenced else said
