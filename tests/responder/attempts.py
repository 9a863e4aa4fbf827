"""Attempts to steer a reply from inside a post or a name, read from ``injection/*.toml``; and a model that obeys every one of them."""

import json
import tomllib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from domain.cases import Case
from domain.chat import Answer, ChatQuestion, ChatTrouble, NoAnswerError, UnfitAnswerError
from domain.words import Language
from tests.responder.composing import COMPLAINT, make_case

FOLDER = Path(__file__).parent / "injection"
PLAIN = {
    Language.JA: "緑のコートを頼んだのに青いコートが届いた。",
    Language.EN: "I ordered a green coat and got a blue one. ",
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, and what a model would write that does as it is told."""

    language: Language
    harm: str
    text: str
    obeyed: str
    place: str = "text"
    extra: dict[str, str] = field(default_factory=dict)

    def case(self) -> Case:
        """Return a complaint that carries the attempt, in the post or as the writer's name."""
        plain = PLAIN[self.language]
        if self.place == "name":
            return make_case(plain, COMPLAINT, language=self.language, name=self.text)
        return make_case(f"{plain}{self.text}", COMPLAINT, language=self.language)


@cache
def read_attempts(language: Language) -> tuple[Attempt, ...]:
    rows: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))["attempt"]
    return tuple(Attempt(language=language, **row) for row in rows)


ATTEMPTS = (*read_attempts(Language.JA), *read_attempts(Language.EN))
TEXTS = tuple((one.text, one.language) for one in ATTEMPTS if one.place != "name")
NAMES = (
    *(one.text for one in ATTEMPTS if one.place == "name"),
    "https://evil.example",
    "{offer}",
    "@scammer_x",
    "090-1234-5678",
    "<b>Emma</b>",
    "joe@example.com",
    "馬鹿な店員",
)


def read_data(question: ChatQuestion) -> dict[str, Any]:
    """Return what stands between the marks of a question."""
    given: dict[str, Any] = json.loads(question.data.split("\n")[1])
    return given


class Told:
    """A ``ChatModel`` that writes what ``write`` makes of each outline."""

    name = "told"

    def __init__(self, write: Callable[[str], str], extra: dict[str, str] | None = None) -> None:
        self.write = write
        self.extra = extra or {}
        self.questions: list[ChatQuestion] = []

    def ask(self, question: ChatQuestion, *, read: Callable[[str], Answer]) -> Answer:
        self.questions.append(question)
        texts = [self.write(draft["outline"]) for draft in read_data(question)["drafts"]]
        try:
            return read(json.dumps({"texts": texts, **self.extra}))
        except UnfitAnswerError as error:
            raise NoAnswerError(str(error), trouble=ChatTrouble.UNFIT) from error

    def listen(self, question: ChatQuestion) -> Generator[str, None, None]:
        self.questions.append(question)
        yield self.write(str(read_data(question)["text"]))
