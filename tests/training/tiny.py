"""A tiny encoder in the packages' own formats: what the real one is, with 32 hidden values instead of 384."""

import json
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 32, 4, 4, 64, 256
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = [
    "▁", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w",
    "x", "y", "z", ",", ".", "!", "?", "返", "金", "届", "か", "な", "い", "ま", "せ", "ん", "ありがとう", "▁refund", "▁late", "▁thanks", "▁love",
    "▁where", "▁angry", "▁face", "▁pile", "▁of", "▁poo", "▁the", "▁is", "▁my", "▁parcel", "です", "の", "に", "を", "は",
]  # fmt: skip
PIECES = [*SPECIAL, *WORDS]

Floats = npt.NDArray[np.float32]


def write_packages(folder: Path) -> tuple[Path, Path]:
    """Write a packed encoder and its tokenizer; return both files."""
    folder.mkdir(parents=True, exist_ok=True)
    packed, tokenizer = folder / "tiny.bin", folder / "tokenizer.json"
    packed.write_bytes(pack(PIECES))
    tokenizer.write_text(json.dumps(_tokenizer(), ensure_ascii=False), "utf-8")
    return packed, tokenizer


def pack(pieces: list[str]) -> bytes:
    """Return the bytes of a packed file, as the format is documented."""
    chance = np.random.default_rng(7)
    vocabulary = len(pieces) + 1  # <mask> has a row and no piece
    tensors: dict[str, bytes] = {
        "emb.word": four_bits(chance.normal(0, 0.5, (vocabulary, HIDDEN)).astype(np.float32)),
        "emb.pos": _flat(chance.normal(0, 0.02, (POSITIONS, HIDDEN))),
        "emb.type": _flat(np.zeros((2, HIDDEN))),
        "emb.ln.w": _flat(np.ones(HIDDEN)),
        "emb.ln.b": _flat(np.zeros(HIDDEN)),
    }
    for layer in range(LAYERS):
        for name, rows, columns in (
            ("q", HIDDEN, HIDDEN), ("k", HIDDEN, HIDDEN), ("v", HIDDEN, HIDDEN), ("ao", HIDDEN, HIDDEN),
            ("fi", FEED_FORWARD, HIDDEN), ("fo", HIDDEN, FEED_FORWARD),
        ):  # fmt: skip
            tensors[f"l{layer}.{name}.w"] = four_bits(chance.normal(0, 0.15, (rows, columns)).astype(np.float32))
            tensors[f"l{layer}.{name}.b"] = _flat(np.zeros(rows))
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = _flat(np.ones(HIDDEN))
            tensors[f"l{layer}.{name}.b"] = _flat(np.zeros(HIDDEN))
    return _join(pieces, vocabulary, tensors)


def four_bits(rows: Floats) -> bytes:
    """Quantise in blocks of 32 values: a half-precision scale, then low and high halves."""
    blocks = rows.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    values = np.clip(np.round(blocks / scales.astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    return np.concatenate([scales.view(np.uint8), values[:, :16] | (values[:, 16:] << 4)], axis=1).tobytes()


def _flat(values: npt.NDArray[np.float64]) -> bytes:
    return values.astype("<f4").tobytes()


def _join(pieces: list[str], vocabulary: int, tensors: dict[str, bytes]) -> bytes:
    text = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, text)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, FEED_FORWARD, vocabulary, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(ends[-1]))
    head += ends.tobytes() + np.zeros(len(pieces), "<f4").tobytes() + b"".join(text)
    head += struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    begin = len(head) + sum(2 + len(name) + 1 + 4 + 16 for name in tensors)
    directory, body = b"", b""
    for name, raw in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BI", 0, len(raw))
        directory += struct.pack("<QQ", begin + len(body), len(raw))
        body += raw
    return head + directory + body


def _tokenizer() -> dict[str, object]:
    def special(name: str, at: int) -> dict[str, object]:
        shape = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        return {"id": at, "content": name, **shape}

    mask = len(PIECES)
    around = {name: {"id": name, "ids": [at], "tokens": [name]} for at, name in ((0, "<s>"), (2, "</s>"))}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [*(special(name, at) for at, name in enumerate(SPECIAL)), special("<mask>", mask)],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": around,
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": 3,
            "vocab": [[piece, -float(at) / 10] for at, piece in enumerate(PIECES)],
        },
    }
