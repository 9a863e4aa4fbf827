"""Opening the language models that the settings name."""

from pathlib import Path
from typing import Final

from classifier.backends import MODELS, make_backend
from config.chat_settings import ChatServerSettings
from config.settings import Settings
from domain.chat import ChatModel
from domain.clock import Clock, SystemClock
from domain.ports import ClassifierBackend
from kikite.chat.breaker import Breaker
from kikite.chat.budget import DailyBudget
from kikite.chat.server import ChatServer
from kikite.chat.watch import Watch
from responder.drafters.model_drafter import Wording

STATE: Final = "state"
"""Folder of a home with what a restart must not forget."""
SECOND_OPINION: Final = "second_opinion"
DRAFTER: Final = "drafter"


def open_server(settings: ChatServerSettings, *, state: Path, purpose: str, clock: Clock | None = None) -> ChatServer:
    """Return the server of ``settings``. ``state``: the home's folder, where ``purpose`` keeps a budget of its own."""
    known = clock or SystemClock()
    watch = watch_over(settings, state=state, purpose=purpose, clock=known)
    return ChatServer(settings, watch=watch, clock=known)


def watch_over(settings: ChatServerSettings, *, state: Path, purpose: str, clock: Clock) -> Watch:
    """Return budget and breaker of ``settings``."""
    budget = DailyBudget(
        state / f"{purpose}.db", most_calls=settings.daily_calls, most_tokens=settings.daily_tokens, clock=clock
    )
    return Watch(model=settings.model, budget=budget, breaker=Breaker(clock))


def open_second_opinion(settings: Settings) -> ChatModel | None:
    """Return who is asked about doubtful texts; None unless the settings name a server."""
    second = settings.classifier.second_opinion
    if not second.base_url:
        return None
    return open_server(second, state=settings.home / STATE, purpose=SECOND_OPINION)


def open_backend(settings: Settings) -> ClassifierBackend:
    """Return the classifier of a home. Raises ``ModelError`` with the remedy when its model is missing or broken."""
    return make_backend(settings.classifier, models=settings.home / MODELS, second=open_second_opinion(settings))


def open_drafting_model(settings: Settings) -> ChatModel | None:
    """Return who words drafts; None where the composer works alone. Raises ``KikiteError`` when a local model cannot be used."""
    drafter = settings.drafter
    state = settings.home / STATE
    if drafter.backend == "server":
        return open_server(drafter, state=state, purpose=DRAFTER)
    if drafter.backend == "transformers":
        from kikite.chat.local_model import open_local_model  # noqa: PLC0415 - torch is gigabytes

        watch = watch_over(drafter, state=state, purpose=DRAFTER, clock=SystemClock())
        return open_local_model(drafter, watch=watch)
    return None


def open_wording(settings: Settings) -> Wording | None:
    """Return what is laid on top of the composer; None where it works alone. Raises as ``open_drafting_model``."""
    chat = open_drafting_model(settings)
    return Wording(chat=chat, mask=settings.drafter.mask) if chat else None
