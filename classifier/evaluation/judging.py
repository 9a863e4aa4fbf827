"""Asking a backend of labelled texts, and putting its answers beside the labels, head by head."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from classifier.evaluation.labelled import CLASSES, LANGUAGE, SEVERAL, LabelledText
from classifier.evaluation.length_match import Complaint, match_by_length
from classifier.evaluation.measures import Answers, Flags, Places, draw_weights, mean_right, score_head
from classifier.evaluation.scores import ALL, BandScores, HeadScores, LengthMatched, Scores
from classifier.files import as_fields
from classifier.language import identify_language
from classifier.service import Ready, understand_each
from domain.ports import ClassifierBackend
from domain.understanding import Understanding

TEXTS_AT_ONCE: Final = 512
FAILED: Final = "failed"
"""Band of a text the model could not read."""
READ_SO: Final = ", read as complaint"
"""Ending of the slice that leaves out complaints taken for something else."""

Answer = Understanding | Exception
Progress = Callable[[int, int], None]
"""Called with texts done and texts in all."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def ask_backend(
    backend: ClassifierBackend, texts: Sequence[LabelledText], *, progress: Progress = no_progress
) -> list[Answer]:
    """Return the backend's answer to each text, in order, or the error it raised."""
    answers: list[Answer] = []
    for begin in range(0, len(texts), TEXTS_AT_ONCE):
        group = texts[begin : begin + TEXTS_AT_ONCE]
        answers += understand_each(
            backend, [Ready(text=one.text, language=one.language, wants_reasons=False) for one in group]
        )
        progress(len(answers), len(texts))
    return answers


def score_answers(
    texts: Sequence[LabelledText],
    answers: Sequence[Answer],
    *,
    model_id: str,
    source: str,
    rejected: tuple[tuple[int, str], ...] = (),
) -> Scores:
    """Return all figures. A text the backend failed on counts as wrong."""
    families = _families(texts)
    asked = {head: found for head in CLASSES if len((found := put_side_by_side(head, texts, answers)).places)}
    weights = draw_weights(int(families.max()) + 1) if texts else np.zeros((1, 0), dtype=np.float32)
    slices: dict[str, dict[str, HeadScores]] = {}
    bands: dict[str, Mapping[str, BandScores]] = {}
    by_length: dict[str, LengthMatched] = {}
    for name, wanted in _slices(texts).items():
        detailed = name == ALL or name.startswith("language:")
        chosen = {head: found.choose(wanted) for head, found in asked.items()}
        slices[name] = {
            head: score_head(found, families=families, weights=weights, detailed=detailed)
            for head, found in chosen.items()
            if len(found.places)
        }
        if detailed:
            bands[name] = _bands(answers, asked, wanted)
            by_length |= _by_length(name, list(_complaints(texts, answers, wanted)))
    return Scores(
        model_id=model_id,
        source=source,
        lines=len(texts),
        families=weights.shape[1],
        rejected=rejected,
        bands=bands,
        slices=slices,
        by_length=by_length,
    )


def put_side_by_side(head: str, texts: Sequence[LabelledText], answers: Sequence[Answer]) -> Answers:
    """Return labels and answers of one head, for the texts that carry its label."""
    names = CLASSES[head]
    places = [at for at, one in enumerate(texts) if labels_of(head, one) is not None]
    given, answered = (np.zeros((len(places), len(names)), dtype=np.bool_) for _ in range(2))
    scores = np.full(len(places), np.nan)
    for row, at in enumerate(places):
        for flags, said in ((given, labels_of(head, texts[at])), (answered, answer_of(head, texts[at], answers[at]))):
            for name in said or ():
                flags[row, names.index(name)] = True
        scores[row] = score_of(head, answers[at])
    return Answers(
        head=head,
        classes=names,
        several=head in SEVERAL,
        places=np.array(places, dtype=np.int64),
        given=given,
        answered=answered,
        scores=scores,
    )


def labels_of(head: str, text: LabelledText) -> frozenset[str] | None:
    """Return the classes a text was given; None when the head was not labelled."""
    if head in SEVERAL:
        return text.risks
    return frozenset({text.labels[head]}) if head in text.labels else None


def answer_of(head: str, text: LabelledText, answer: Answer) -> frozenset[str]:
    """Return the classes that were answered; none where the model failed, or had nothing to say."""
    if head == LANGUAGE:  # the language a line states is used for its text, so the identifier is asked apart
        return frozenset({identify_language(text.text).value})
    if not isinstance(answer, Understanding):
        return frozenset()
    said = as_fields(answer)[head]
    if isinstance(said, list):
        return frozenset(str(name) for name in said)
    if said is None:
        return frozenset()
    return frozenset({str(said).lower() if isinstance(said, bool) else str(said)})


def score_of(head: str, answer: Answer) -> float:
    """Return the probability of the answer; NaN where none is given. A failure is answered with no sureness at all."""
    if not isinstance(answer, Understanding):
        return 0.0
    return float(answer.prediction.scores.get(head, np.nan))


def band_name(answer: Answer) -> str:
    """Return the band of an answer."""
    return answer.band.value if isinstance(answer, Understanding) else FAILED


def _families(texts: Sequence[LabelledText]) -> Places:
    """Return a number for each text's family; a text without one is its own."""
    numbers: dict[tuple[str, int], int] = {}
    keys = ((one.family, -1) if one.family else ("", at) for at, one in enumerate(texts))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _slices(texts: Sequence[LabelledText]) -> dict[str, Flags]:
    """Return a flag per text for each slice that occurs: all, languages, channels, slices by name."""
    members: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(texts):
        members[ALL].append(at)
        members[f"language:{one.language.value}"].append(at)
        if one.channel:
            members[f"channel:{one.channel}"].append(at)
        for name in one.slices:
            members[f"slice:{name}"].append(at)
    flags = {}
    for name in sorted(members, key=_order):
        flags[name] = np.zeros(len(texts), dtype=np.bool_)
        flags[name][members[name]] = True
    return flags


def _order(name: str) -> tuple[int, str]:
    kinds = (ALL, "language", "channel", "slice")
    return kinds.index(name.partition(":")[0]), name


def _bands(answers: Sequence[Answer], asked: Mapping[str, Answers], wanted: Flags) -> dict[str, BandScores]:
    names = np.array([band_name(answer) for answer in answers])
    total = int(wanted.sum())
    told = {}
    for name in ("sure", "check", "unknown", FAILED):
        here = wanted & (names == name)
        if here.any():
            count = int(here.sum())
            told[name] = BandScores(count=count, share=round(count / total, 4), accuracy=mean_right(asked, here))
    return told


def _by_length(name: str, complaints: Sequence[Complaint]) -> dict[str, LengthMatched]:
    read = [one for one in complaints if one.answer is not None]
    matched = {name: match_by_length(complaints), f"{name}{READ_SO}": match_by_length(read)}
    return {key: found for key, found in matched.items() if found}


def _complaints(texts: Sequence[LabelledText], answers: Sequence[Answer], wanted: Flags) -> Iterable[Complaint]:
    for at in np.flatnonzero(wanted).tolist():
        label = texts[at].labels.get("constructive")
        if label is not None:
            answer = answers[at]
            said = answer.prediction.constructive if isinstance(answer, Understanding) else None
            yield Complaint(length=len(texts[at].text), constructive=label == "true", answer=said)
