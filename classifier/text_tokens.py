"""Texts to token ids by the model's own tokenizer file. transformers is not needed for it, and would load ten times slower."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from classifier.preparation import prepare_text

MOST_TOKENS: Final = 192
TAIL_TOKENS: Final = 48
"""Of a longer text, kept from its end."""


class TextTokens:
    """Thread-safe. Raises what ``tokenizers`` raises when the file is not a tokenizer."""

    def __init__(self, file: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text with begin and end marks, at most ``MOST_TOKENS``; a long one keeps both ends."""
        prepared = [prepare_text(text) for text in texts]
        return [_cut(found.ids) for found in self._tokenizer.encode_batch_fast(prepared)]


def _cut(ids: list[int]) -> list[int]:
    if len(ids) <= MOST_TOKENS:
        return ids
    return ids[: MOST_TOKENS - TAIL_TOKENS] + ids[-TAIL_TOKENS:]
