"""Any Hugging Face text-classification or zero-shot model, on torch; what it does not say is read from the word lists.

Loaded from a folder, always: a hub name is first resolved to its snapshot on this machine, so that nothing is fetched while
texts are classified. Code that comes with a model is never run.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from classifier.artefact import ModelError, hash_file
from classifier.backends.hub_labels import Found, check_labels, heads_of, read_label_map, read_scores
from classifier.backends.hub_reading import combine
from classifier.preparation import prepare_text
from config.label_map import Meaning
from config.settings import ClassifierSettings
from domain.ports import ClassifierBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Language

EXTRA: Final = 'Install the extra: pip install "kikite[torch]"; or set classifier.backend = "model".'
BATCH: Final = 16
WEIGHTS: Final = ("*.safetensors", "*.bin")
FETCHED: Final = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What a download takes: settings, vocabulary, weights in the safe format."""
RESERVED_POSITIONS: Final = 2
"""Models of the RoBERTa kind count positions from 2 on."""
USUAL_LIMIT: Final = 512
COMMIT_CHARACTERS: Final = 12
ENTAILS: Final = "entail"
"""Beginning of the label by which a zero-shot model is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """Where the model lies and what it is called."""

    folder: Path
    model_id: str


class HubBackend:
    """A ``ClassifierBackend`` over a transformers pipeline."""

    def __init__(
        self,
        pipe: Any,  # noqa: ANN401 - transformers' type, imported lazily
        *,
        model_id: str,
        meanings: Mapping[str, Meaning | None],
        hypothesis: Mapping[Literal["ja", "en"], str],
    ) -> None:
        self._pipe = pipe
        self._model_id = model_id
        self._meanings = meanings
        self._hypothesis = hypothesis
        self._lock = Lock()
        """Tokenizers change their settings while they work: one batch at a time."""
        config = pipe.model.config
        self._apart = config.problem_type == "multi_label_classification" or config.num_labels == 1
        self._zero_shot = _is_zero_shot(config)

    @property
    def model_id(self) -> str:
        """The model's name and the commit or hash of its weights."""
        return self._model_id

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        """Return one prediction per text, in order; sorted by length within, cut at the model's own limit."""
        prepared = [prepare_text(given.text) if given.language is not Language.OTHER else "" for given in texts]
        order = sorted((at for at, text in enumerate(prepared) if text), key=lambda at: -len(prepared[at]))
        found: dict[int, Found] = {}
        with self._lock:
            if self._zero_shot:
                for language in (Language.JA, Language.EN):
                    places = [at for at in order if texts[at].language is language]
                    found |= self._ask_candidates(places, prepared, language)
            else:
                found |= self._ask_labels(order, prepared)
        return [combine(given, found.get(at)) for at, given in enumerate(texts)]

    def _ask_labels(self, places: Sequence[int], prepared: Sequence[str]) -> dict[int, Found]:
        if not places:
            return {}
        answers = self._pipe(
            [prepared[at] for at in places], top_k=None, truncation=True, batch_size=min(BATCH, len(places))
        )
        return {
            at: read_scores({one["label"]: one["score"] for one in answer}, self._meanings, apart=self._apart)
            for at, answer in zip(places, answers, strict=True)
        }

    def _ask_candidates(self, places: Sequence[int], prepared: Sequence[str], language: Language) -> dict[int, Found]:
        found = {at: Found(labels={}, risks={}) for at in places}
        for head, candidates in heads_of(self._meanings, language).items() if places else ():
            apart = head == "risks" or len(candidates) == 1
            answers = self._pipe(
                [prepared[at] for at in places],
                candidate_labels=list(candidates),
                hypothesis_template=self._hypothesis["ja" if language is Language.JA else "en"],
                multi_label=apart,
                batch_size=BATCH,
            )
            for at, answer in zip(places, answers, strict=True):
                scores = dict(zip(answer["labels"], answer["scores"], strict=True))
                said = read_scores(scores, candidates, apart=apart)
                found[at] = Found(labels={**found[at].labels, **said.labels}, risks={**found[at].risks, **said.risks})
        return found


def make_hub_backend(settings: ClassifierSettings) -> ClassifierBackend:
    """Load ``classifier.model``, a folder or a hub name. Raises ``ModelError`` with the remedy for whatever is missing."""
    if not settings.model:
        raise ModelError(
            'classifier.backend is "transformers", and no model is named.',
            remedy="Set classifier.model to a folder or to a hub name such as owner/model.",
        )
    meanings = read_label_map(settings.label_map)
    transformers = _import_transformers()
    source = _find(settings)
    pipe = _load(transformers, source)
    if not _is_zero_shot(pipe.model.config):
        check_labels(meanings, [str(label) for label in pipe.model.config.id2label.values()])
    _set_threads(settings.threads)
    return HubBackend(pipe, model_id=source.model_id, meanings=meanings, hypothesis=settings.hypothesis)


def _import_transformers() -> Any:  # noqa: ANN401 - a module
    try:
        import torch  # noqa: F401, PLC0415 - gigabytes: only here, only when asked for
        import transformers  # noqa: PLC0415 - the same
    except ImportError as error:
        raise ModelError('classifier.backend "transformers" needs torch and transformers.', remedy=EXTRA) from error
    return transformers


def _set_threads(threads: int) -> None:
    import torch  # noqa: PLC0415 - see above

    if threads:
        torch.set_num_threads(threads)


def _find(settings: ClassifierSettings) -> _Source:
    folder = Path(settings.model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelError(
                f"{folder} is no Hugging Face model: it has no config.json.",
                remedy='Check classifier.model; for a folder that `kikite train` made, set classifier.backend = "model".',
            )
        return _Source(folder=folder, model_id=f"{folder.resolve().name}@{_hash_weights(folder)}")
    snapshot = _find_snapshot(settings)
    return _Source(folder=snapshot, model_id=f"{settings.model}@{snapshot.name[:COMMIT_CHARACTERS]}")


def _find_snapshot(settings: ClassifierSettings) -> Path:
    """Return the folder of a hub model on this machine; fetched only where the settings allow it."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - comes with transformers

    try:
        found = snapshot_download(
            settings.model,
            revision=settings.revision or None,
            local_files_only=not settings.allow_download,
            allow_patterns=list(FETCHED),
        )
    except (
        Exception
    ) as error:  # the hub's errors have no common base: bad name, no network, no such model, not fetched yet
        remedy = "Check name and network (HF_HUB_OFFLINE forbids fetching), or name a folder."
        if not settings.allow_download:
            remedy = (
                f"Fetch it once (hf download {settings.model}), set classifier.allow_download = true, or name a folder."
            )
        raise ModelError(
            f"The model '{settings.model}' is not on this machine ({type(error).__name__}).", remedy=remedy
        ) from error
    return Path(found)


def _hash_weights(folder: Path) -> str:
    """Return a short hash over the files that decide what the model says."""
    hashes = [hash_file(file) for pattern in WEIGHTS for file in sorted(folder.glob(pattern))]
    hashes.append(hash_file(folder / "config.json"))
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:COMMIT_CHARACTERS]


def _load(transformers: Any, source: _Source) -> Any:  # noqa: ANN401 - transformers' own
    from transformers.utils import logging  # noqa: PLC0415 - see above

    logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source.folder, local_files_only=True)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(source.folder, local_files_only=True)
        task = "zero-shot-classification" if _is_zero_shot(model.config) else "text-classification"
        tokenizer.model_max_length = _limit(tokenizer, model.config)
        pipe = transformers.pipeline(task, model=model.eval(), tokenizer=tokenizer, device=-1)
    except Exception as error:  # whatever a broken or foreign folder sets off
        raise ModelError(
            f"The model in {source.folder} cannot be loaded: {type(error).__name__}: {str(error)[:200]}",
            remedy="It must be a text-classification or zero-shot model with config, tokenizer and weights.",
        ) from error
    return pipe


def _limit(tokenizer: Any, config: Any) -> int:  # noqa: ANN401 - transformers' own
    """Return how many tokens the model can read; a tokenizer that was not told says an absurd number."""
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int) or positions <= RESERVED_POSITIONS:
        return min(int(tokenizer.model_max_length), USUAL_LIMIT)
    return min(int(tokenizer.model_max_length), positions - RESERVED_POSITIONS)


def _is_zero_shot(config: Any) -> bool:  # noqa: ANN401 - transformers' own
    return any(str(label).lower().startswith(ENTAILS) for label in config.id2label.values())
