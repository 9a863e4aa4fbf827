"""A language model on this machine and one behind a server, both real and tiny: the path from a question to a draft."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.drafter_settings import DrafterSettings
from config.settings import Settings
from domain.chat import ChatQuestion, ChatTrouble, NoAnswerError, UnfitAnswerError
from domain.clock import FixedClock
from domain.errors import KikiteError
from domain.words import Language
from kikite.chat.local_model import LocalModel, open_local_model
from kikite.chat.opening import DRAFTER, open_server, open_wording, watch_over
from responder.drafters.model_drafter import ModelDrafter, Wording
from tests.partners.model_server import Writer, serve_model
from tests.responder.attempts import ATTEMPTS
from tests.responder.composing import composer, demo_book, playbooks

pytestmark = pytest.mark.torch
WORDS = [
    "<unk>",
    "<s>",
    "</s>",
    "{",
    "}",
    '"',
    "texts",
    ":",
    "[",
    "]",
    "申",
    "し",
    "訳",
    "sorry",
    "we",
    "are",
    "refund",
    "free",
    "DM",
]
TEMPLATE = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
QUESTION = ChatQuestion(instructions="sorry", data="we are", most_tokens=20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a random model of a few thousand weights, made here."""
    import torch  # noqa: PLC0415 - only where torch is
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415 - with transformers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415 - the same

    place = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(7)
    plain = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="<unk>", bos_token="<s>", eos_token="</s>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(place)
    config = LlamaConfig(
        vocab_size=len(WORDS), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=4096, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(place)
    return place


def opened(folder: Path, state: Path, **said: object) -> LocalModel:
    settings = DrafterSettings.model_validate({"backend": "transformers", "model": str(folder), **said})
    clock = FixedClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    return open_local_model(settings, watch=watch_over(settings, state=state, purpose=DRAFTER, clock=clock))


def test_a_local_model_writes_and_its_tokens_are_counted(folder: Path, tmp_path: Path) -> None:
    chat = opened(folder, tmp_path, daily_tokens=5)

    said = chat.ask(QUESTION, read=str)

    assert set(said.split()) <= set(WORDS)
    assert chat.name == folder.name
    with pytest.raises(NoAnswerError) as spent:
        chat.ask(QUESTION, read=str)
    assert spent.value.trouble is ChatTrouble.SPENT


def test_a_local_model_that_writes_nonsense_is_unfit_and_rests_after_three(folder: Path, tmp_path: Path) -> None:
    def refuse(_said: str) -> str:
        raise UnfitAnswerError("no")

    chat = opened(folder, tmp_path)
    troubles = []
    for _ in range(4):
        with pytest.raises(NoAnswerError) as refused:
            chat.ask(QUESTION, read=refuse)
        troubles.append(refused.value.trouble)

    assert troubles == [ChatTrouble.UNFIT] * 3 + [ChatTrouble.RESTING]


def test_a_local_model_is_stopped_when_time_is_over(folder: Path, tmp_path: Path) -> None:
    endless = ChatQuestion(instructions="sorry", data="we", most_tokens=4_000)
    began = time.monotonic()

    with pytest.raises(NoAnswerError):
        opened(folder, tmp_path, timeout_seconds=0.3).ask(endless, read=_never)

    assert time.monotonic() - began < 10


def _never(_said: str) -> str:
    raise UnfitAnswerError("never fits")


def test_a_question_longer_than_the_model_reads_is_not_cut(folder: Path, tmp_path: Path) -> None:
    long = ChatQuestion(instructions="sorry " * 5_000, data="we", most_tokens=20)

    with pytest.raises(NoAnswerError, match="longer than"):
        opened(folder, tmp_path).ask(long, read=str)


def test_a_missing_or_broken_model_says_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    for place, said in ((tmp_path / "none", "There is no model"), (broken, "cannot be loaded")):
        with pytest.raises(KikiteError, match=said) as refused:
            opened(place, tmp_path)
        assert refused.value.remedy


def test_the_settings_put_a_local_model_on_top_of_the_composer(folder: Path, tmp_path: Path) -> None:
    drafter = DrafterSettings(backend="transformers", model=str(folder))

    wording = open_wording(Settings(home=tmp_path, drafter=drafter))

    assert wording is not None
    assert wording.chat.name == folder.name


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_a_real_model_behind_a_server_never_steers_a_draft(folder: Path, tmp_path: Path, language: Language) -> None:
    alone = composer()
    attempts = [one for one in ATTEMPTS if one.language is language][::6]
    with serve_model(Writer(folder, most_tokens=24)) as address:
        settings = DrafterSettings(backend="server", base_url=address, model="tiny", timeout_seconds=60)
        chat = open_server(settings, state=tmp_path, purpose=DRAFTER)
        drafter = ModelDrafter(alone, wording=Wording(chat=chat), book=demo_book(), playbooks=playbooks())
        for attempt in attempts:
            expected, _ = alone.draft(attempt.case())
            options, _ = drafter.draft(attempt.case())
            assert [one.text for one in options] == [one.text for one in expected]
            codes = {
                fact.removeprefix("fallback.") for one in options for fact in one.facts_used if "fallback." in fact
            }
            # The guards judged the model's own words: it did answer, in the form it was asked for.
            assert codes
            assert not codes & {*ChatTrouble}


def test_the_partner_streams_what_it_writes(folder: Path, tmp_path: Path) -> None:
    with serve_model(Writer(folder, most_tokens=12)) as address:
        settings = DrafterSettings(backend="server", base_url=address, model="tiny", timeout_seconds=60)
        pieces = list(open_server(settings, state=tmp_path, purpose=DRAFTER).listen(QUESTION))

    assert json.dumps(pieces)
    assert all(isinstance(piece, str) for piece in pieces)
