"""What a playbook is: moves in order, each with several wordings. Loaded by ``config/prose.py``."""

from collections.abc import Iterator, Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from config.playbook_words import MOVES, is_known, list_variables
from config.section import Name, Section
from config.toml_text import KeyPath
from domain.words import Intent, Purpose, Topic, Visibility


def _know_conditions(value: tuple[str, ...]) -> tuple[str, ...]:
    if strange := [name for name in value if not is_known(name)]:
        msg = f"there is no condition '{strange[0]}'; docs/how-to/brand-voice.md lists them."
        raise ValueError(msg)
    return value


class Wording(Section):
    """One way to say one move; ``{item}`` style variables are filled by the composer. In TOML a plain string will do."""

    text: str = Field(min_length=1)
    needs: tuple[str, ...] = ()
    """Variables and flags without which this wording cannot be used; those named in the text are added."""
    id: str = ""
    """``set/move/number`` or ``playbook/move/number``; given when the file is resolved."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if isinstance(given, str):
            given = {"text": given}
        if isinstance(given, dict) and isinstance(given.get("text"), str):
            named = list_variables(given["text"])
            given = given | {"needs": tuple(dict.fromkeys([*given.get("needs", ()), *named]))}
        return given

    @field_validator("needs")
    @classmethod
    def _know_needs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _know_conditions(value)


class Move(Section):
    """One step of a reply: one of ``MOVES``."""

    move: str
    optional: bool = False
    """True: left out of short options, and when the platform's length is reached."""
    when: tuple[str, ...] = ()
    """Flags and variables without which the move is left out: ``public``, ``dm``, ``needs_dm``, ``!again`` ..."""
    draw: str = ""
    """Name of a set under ``[wordings]`` of the same file, or of those shared by its language, instead of ``wordings``."""
    wordings: tuple[Wording, ...] = ()

    @field_validator("move")
    @classmethod
    def _know_move(cls, value: str) -> str:
        if value not in MOVES:
            msg = f"there is no move '{value}'; a move is one of: {', '.join(sorted(MOVES))}"
            raise ValueError(msg)
        return value

    @field_validator("when")
    @classmethod
    def _know_when(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _know_conditions(value)


class Playbook(Section):
    """The moves for one kind of case in one language."""

    id: Name
    language: Literal["ja", "en"]
    visibility: Visibility | None = None
    """None: public and DM; moves that differ say so in ``when``."""
    purpose: Purpose = Purpose.ANSWER
    """Why we write: an answer, or what comes after one (follow_up, survey, fixed, testimonial)."""
    intent: Intent | None = None
    """None: any. An answer always says which."""
    topics: tuple[Topic, ...] = ()
    """Empty: any topic."""
    scenario: str = ""
    """Finer than topic, e.g. ``wrong_item``; set by rules over the text. Empty: any."""
    constructive: bool | None = None
    """None: either."""
    when: tuple[str, ...] = ()
    """Flags that must hold, e.g. ``fan``: a playbook with more of them is preferred."""
    moves: tuple[Move, ...] = Field(min_length=1)

    @field_validator("when")
    @classmethod
    def _know_when(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _know_conditions(value)

    @model_validator(mode="after")
    def _give_intent(self) -> Self:
        if self.purpose is Purpose.ANSWER and self.intent is None:
            msg = "an answer needs 'intent': complaint, praise, question or other."
            raise ValueError(msg)
        return self


WordingSets = Mapping[str, tuple[Wording, ...]]


class SharedWordings(Section):
    """``config/playbooks/shared/LANGUAGE.toml``: sets that the playbooks of every file of that language may draw on."""

    wordings: dict[str, tuple[Wording, ...]] = Field(min_length=1)


class PlaybookFile(Section):
    """``config/playbooks/*.toml``: sets of wordings, and the playbooks that draw on them.

    ``load_playbooks`` gives ``resolved()`` of each file, in the order of their names. ``shared``: the sets of each language that
    serve where the file has none of that name.
    """

    wordings: dict[str, tuple[Wording, ...]] = Field(default_factory=dict)
    playbook: tuple[Playbook, ...] = Field(min_length=1)

    def find_draw_faults(self, shared: Mapping[str, WordingSets]) -> Iterator[tuple[KeyPath, str]]:
        """Yield where a move draws on no set or says its wordings twice, and what is wrong there."""
        for number, playbook in enumerate(self.playbook):
            for place, move in enumerate(playbook.moves):
                path = ("playbook", number, "moves", place)
                if bool(move.draw) == bool(move.wordings):
                    yield path, f"{playbook.id}/{move.move}: give either `draw` or `wordings`."
                elif move.draw and not self._sets_for(playbook, shared).get(move.draw):
                    yield (
                        (*path, "draw"),
                        f"{playbook.id}/{move.move}: no wordings named `{move.draw}` in this file, or shared by its language.",
                    )

    def resolved(self, shared: Mapping[str, WordingSets]) -> tuple[Playbook, ...]:
        """Return the playbooks, which have no draw faults, with every drawn set filled in and every wording numbered."""
        return tuple(
            playbook.model_copy(
                update={
                    "moves": tuple(
                        _resolve(move, playbook.id, self._sets_for(playbook, shared)) for move in playbook.moves
                    )
                }
            )
            for playbook in self.playbook
        )

    def _sets_for(self, playbook: Playbook, shared: Mapping[str, WordingSets]) -> WordingSets:
        return {**shared.get(playbook.language, {}), **self.wordings}


def _resolve(move: Move, playbook_id: str, sets: WordingSets) -> Move:
    source = move.draw or playbook_id
    numbered = enumerate(sets[move.draw] if move.draw else move.wordings, start=1)
    given = tuple(wording.model_copy(update={"id": f"{source}/{move.move}/{number}"}) for number, wording in numbered)
    return move.model_copy(update={"wordings": given, "draw": ""})
