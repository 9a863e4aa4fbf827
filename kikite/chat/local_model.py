"""A language model on this machine, by transformers (extra ``torch``): a folder, or one GGUF file. Nothing is ever downloaded."""

import time
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Lock
from typing import Any, Final

from config.drafter_settings import DrafterSettings
from domain.chat import Answer, ChatQuestion, ChatTrouble, NoAnswerError, UnfitAnswerError
from domain.errors import KikiteError
from kikite.chat.watch import Watch

EXTRA: Final = 'Install the extra: pip install "kikite[torch]"; or set drafter.backend = "composer".'
UNTEMPLATED: Final = "{instructions}\n\n{data}\n\n"
"""For models without a chat template of their own."""
LEAST_ROOM: Final = 16
"""Tokens that must be left for an answer."""
USUAL_LIMIT: Final = 2048


class LocalModel:
    """A ``ChatModel``. One answer at a time: two would only slow each other down."""

    def __init__(self, model: Any, tokenizer: Any, *, settings: DrafterSettings, watch: Watch) -> None:  # noqa: ANN401 - transformers' types, imported lazily
        self._model = model
        self._tokenizer = tokenizer
        self._seconds = settings.timeout_seconds
        self._watch = watch
        self._name = Path(settings.model).name
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Name of the folder or file."""
        return self._name

    def ask(self, question: ChatQuestion, *, read: Callable[[str], Answer]) -> Answer:
        """Return what ``read`` makes of the answer. Raises ``NoAnswerError``, also when time runs out before the answer's end."""
        try:
            self._watch.allow()
            answer = self._answer(question, read)
        except NoAnswerError as error:
            self._watch.failed(error)
            raise
        self._watch.succeeded()
        return answer

    def listen(self, question: ChatQuestion) -> Generator[str, None, None]:
        """Yield the answer as one piece: it is written in one go. Raises as ``ask``."""
        yield self.ask(question, read=str)

    def _answer(self, question: ChatQuestion, read: Callable[[str], Answer]) -> Answer:
        until = time.monotonic() + self._seconds
        if not self._lock.acquire(timeout=self._seconds):
            raise NoAnswerError("busy with another text", trouble=ChatTrouble.SLOW)
        try:
            said, finished = self._write(question, until=until)
        finally:
            self._lock.release()
        if not finished and time.monotonic() >= until:
            raise NoAnswerError("too slow", trouble=ChatTrouble.SLOW)
        try:
            return read(said)
        except UnfitAnswerError as error:
            raise NoAnswerError(f"unfit answer: {error}", trouble=ChatTrouble.UNFIT) from error

    def _write(self, question: ChatQuestion, *, until: float) -> tuple[str, bool]:
        """Return the text and whether the model came to its end."""
        inputs = self._tokenizer(self._prompt(question), return_tensors="pt", add_special_tokens=True)
        asked = int(inputs["input_ids"].shape[1])
        room = min(question.most_tokens, self._limit() - asked)
        if room < LEAST_ROOM:
            raise NoAnswerError("the question is longer than the model can read", trouble=ChatTrouble.UNFIT)
        written = self._model.generate(
            **inputs,
            max_new_tokens=room,
            max_time=max(until - time.monotonic(), 0.1),
            do_sample=False,
            pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id or 0,
        )[0][asked:]
        self._watch.spend(asked + len(written))
        return str(self._tokenizer.decode(written, skip_special_tokens=True)), len(written) < room

    def _prompt(self, question: ChatQuestion) -> str:
        if not self._tokenizer.chat_template:
            return UNTEMPLATED.format(instructions=question.instructions, data=question.data)
        messages = [
            {"role": "system", "content": question.instructions},
            {"role": "user", "content": question.data},
        ]
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _limit(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", 0) or USUAL_LIMIT)


def open_local_model(settings: DrafterSettings, *, watch: Watch) -> LocalModel:
    """Load ``drafter.model``. Raises ``KikiteError`` with the remedy for whatever is missing. Code that comes with a model is never run."""
    place = Path(settings.model).expanduser()
    if not place.exists():
        raise KikiteError(
            f"There is no model at {place}.",
            remedy="Set drafter.model to a model's folder or GGUF file on this machine.",
        )
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - gigabytes, and an extra
    except ImportError as error:
        raise KikiteError("transformers is not installed.", remedy=EXTRA) from error
    folder, more = (place.parent, {"gguf_file": place.name}) if place.is_file() else (place, {})
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **more)
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **more)
    except (OSError, ValueError, ImportError, KeyError) as error:
        said = str(error).partition("\n")[0]
        raise KikiteError(
            f"The model at {place} cannot be loaded: {said}",
            remedy="A GGUF file needs the packages gguf and accelerate; a folder needs config.json, weights and tokenizer.",
        ) from error
    model.eval()
    return LocalModel(model, tokenizer, settings=settings, watch=watch)
